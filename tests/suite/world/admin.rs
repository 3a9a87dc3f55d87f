//! A brokerage's mail administrator: the person the portal is for. Their verbs are what they do in the browser.

use std::time::Duration;

use moxi_onboard::simulator::Sample;

use super::{
    html::Form,
    mailbox::{Letter, Mailbox},
    seen::{NeedleKind, Seen},
    typed::Typed,
    visitor::{Page, Visitor},
};

/// Somebody who looks after a brokerage's mail.
pub struct Admin {
    pub browser: Visitor,
    pub sample: Sample,
    mailbox: Mailbox,
    seen: Seen,
}

/// What the first form asks of a new office.
const PHONE: &str = "+1 312 555 0142";

impl Admin {
    pub fn new(browser: Visitor, sample: Sample, mailbox: Mailbox, seen: Seen) -> Admin {
        Admin { browser, sample, mailbox, seen }
    }

    pub fn address(&self) -> &str {
        &self.sample.brokerage.admin_email
    }

    /// Notes what is typed, to be looked for at the end.
    pub fn typed(&self, kind: NeedleKind, what: &'static str, text: &str) {
        self.seen.typed(kind, what, text);
    }

    /// Waits for a mail to them whose subject has these words.
    pub async fn mail(&self, words: &str) -> Letter {
        self.mailbox.gets(self.address(), words).await
    }

    /// Waits so long for a mail whose subject has any of these words; `None` when none came.
    pub async fn mail_of(&self, any: &[&str], patience: Duration) -> Option<Letter> {
        self.mailbox.gets_one(self.address(), any, patience).await
    }

    /// The code from the newest mail.
    pub async fn code(&self) -> String {
        let code = self.mail("sign-in code").await.code();
        self.typed(NeedleKind::Code, "a sign-in code", &code);
        code
    }

    /// Asks for a code, takes it from the mail and types it. Leads to the first page of the signed-in.
    pub async fn signs_in(&self) -> Page {
        self.seen.typed(NeedleKind::Setting, "an admin's address", self.address());
        let start = self.browser.opens("/sign-in").await;
        let asked = self.browser.sends(&start.form_with("email").with("email", self.address())).await;
        let code = self.code().await;
        self.browser.sends(&asked.form_with("code").with("code", &code)).await
    }

    /// Signs in for the first time and says who the office is.
    pub async fn begins(&self) -> Page {
        let page = self.signs_in().await;
        let mut form = page.form_with("company").with("company", &self.sample.brokerage.company);
        form = form.with("contact", &self.sample.brokerage.person).with("phone", PHONE);
        let page = self.browser.sends(&form).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page
    }

    /// Makes a connection; leads to the page that asks for the credential.
    pub async fn creates_connection(&self, name: &str) -> Page {
        let page = self.browser.opens("/connections/new").await;
        let form = page.form_with("external_id").with("name", name).with("kind", self.sample.kind);
        self.browser.sends(&form).await
    }

    /// What the sample's person types at the first attempt.
    pub fn credential(&self) -> Typed {
        Typed::first(&self.sample)
    }

    /// What they type at the second.
    pub fn second_credential(&self) -> Typed {
        Typed::second(&self.sample).unwrap_or_else(|| panic!("{} has no second credential", self.sample.name))
    }

    /// The credential's form, filled in as a person does.
    pub fn fills(&self, page: &Page, typed: &Typed) -> Form {
        self.will_type(typed);
        typed.filled_into(page.form_with("test_mailbox"))
    }

    /// Notes a credential that is about to be typed.
    pub fn will_type(&self, typed: &Typed) {
        typed.note(&self.seen);
    }

    /// Fills the credential's form in and goes on. Leads to the page where the answers are checked.
    pub async fn enters(&self, page: &Page, typed: &Typed) -> Page {
        self.browser.presses(&self.fills(page, typed), "Continue").await
    }

    /// Submits the answers; leads to the page that shows how the check goes, as far as it has come by itself.
    pub async fn submits(&self, review: &Page) -> Page {
        self.browser.sends(&review.form_with("seen")).await
    }

    /// From nothing to a submitted credential; leads to the page that shows how the check goes.
    pub async fn submits_the_first_attempt(&self) -> Page {
        self.begins().await;
        let form = self.creates_connection("Main office").await;
        let review = self.enters(&form, &self.credential()).await;
        self.submits(&review).await
    }

    /// The first attempt up to its end.
    pub async fn first_attempt(&self) -> Page {
        let status = self.submits_the_first_attempt().await;
        self.sees_the_end(&status).await
    }

    /// Starts the second attempt from the page of a failed one; leads to the form, filled in.
    pub async fn starts_again(&self, failed: &Page) -> Page {
        let form = self.browser.sends(&failed.form_that_says("attempt 2")).await;
        form.must_say("attempt 2");
        form
    }

    /// The second attempt from its form up to its end.
    pub async fn second_attempt(&self, form: &Page) -> Page {
        let review = self.enters(form, &self.second_credential()).await;
        let status = self.submits(&review).await;
        self.sees_the_end(&status).await
    }

    /// Has the same answers checked again, up to the end.
    pub async fn checks_again(&self, failed: &Page) -> Page {
        let status = self.browser.presses(&failed.form_that_says("Check again"), "Check again").await;
        self.sees_the_end(&status).await
    }

    /// Presses the button that tests the answers of this page; leads to the test's page, once it is over.
    pub async fn tests(&self, page: &Page, button: &str) -> Page {
        let mut page = self.browser.presses(&page.form_that_says(button), button).await;
        for _ in 0..300 {
            if !page.says("Check for updates") {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            page = self.browser.opens(&page.url).await;
        }
        panic!("the test does not end: {}", page.text())
    }

    /// Looks at the page of a check until it has ended.
    pub async fn sees_the_end(&self, status: &Page) -> Page {
        self.sees_other_than(status, &["queued", "checking", "waiting"]).await
    }

    /// Looks at the page of a check until nothing is under way any more: it has ended, or something is waited for.
    pub async fn sees_it_rest(&self, status: &Page) -> Page {
        self.sees_other_than(status, &["queued", "checking"]).await
    }

    async fn sees_other_than(&self, status: &Page, states: &[&str]) -> Page {
        let mut page = status.clone();
        for _ in 0..300 {
            if !states.contains(&self.verdict(&page).as_str()) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            page = self.browser.opens(&status.url).await;
        }
        panic!("the check does not end: {}", page.text())
    }

    /// The word of the state that a status page shows.
    pub fn verdict(&self, status: &Page) -> String {
        let marked = status.html().marked("class");
        let tag = marked.iter().find(|(class, _)| class.starts_with("tag"));
        let (_, words) = tag.unwrap_or_else(|| panic!("{} shows no state: {}", status.url, status.text()));
        match words.as_str() {
            "Verified" => "verified",
            "Not connected" => "failed",
            "Waiting for the provider" => "waiting",
            "We are looking at it" => "needs_staff",
            "Queued" => "queued",
            "Being checked" => "checking",
            other => panic!("{} shows a state nobody knows: {other}", status.url),
        }
        .to_owned()
    }
}
