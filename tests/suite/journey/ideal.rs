//! The ideal user: somebody who makes no mistake, from the mail of the invitation to the verified connection. What they
//! meet is counted - pages, fields that they type into, clicks - and must stay within a budget, so that the way can only
//! become shorter.

use moxi_onboard::simulator::Upload;
use reqwest::Method;

use crate::{
    databases::{Database, Kind},
    world::{Admin, Form, NeedleKind, Page, World, comes_in},
};

/// What the way from the mail to verified may cost, or has cost.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    pages: u32,
    fields: u32,
    clicks: u32,
}

/// A person before the page that they see now.
struct Ideal {
    admin: Admin,
    page: Page,
    tally: Tally,
    /// What was met, for whoever has to find out what became longer.
    way: Vec<String>,
}

impl Ideal {
    /// Presses the link of the invitation's mail.
    async fn opens_the_mail(world: &World<'_>, sample: &str) -> Ideal {
        let admin = world.admin(sample);
        admin.typed(NeedleKind::Setting, "an admin's address", admin.address());
        let (dana, _) = comes_in(&world.staff_site, "Dana Reyes", &world.seen).await;
        let form = dana.opens("/invite").await.form_with("company");
        let office = &admin.sample.brokerage;
        let form = form.with("company", &office.company).with("contact", &office.person);
        dana.sends(&form.with("address", &office.admin_email)).await;
        let letter = admin.mail("Invitation").await;
        let link = letter.text.split_whitespace().find(|word| word.contains("/invitation/")).expect("a link");
        let page = admin.browser.opens(link.strip_prefix(&world.portal).expect("to the portal")).await;
        let mut ideal = Ideal { admin, page: page.clone(), tally: Tally::default(), way: Vec::new() };
        ideal.clicks("the link in the mail");
        ideal.sees(page);
        ideal
    }

    fn clicks(&mut self, what: &str) {
        self.tally.clicks += 1;
        self.way.push(format!("  clicks on {what}"));
    }

    fn sees(&mut self, page: Page) {
        assert_eq!(page.status, 200, "{}: {}", page.url, page.text());
        self.tally.pages += 1;
        self.way.push(format!("page {}: {}", self.tally.pages, page.heading()));
        self.page = page;
    }

    async fn follows(&mut self, link: &str) {
        // The guide's own list of steps has links within the page, which lead nowhere else.
        let links = self.page.html().links();
        let to = links.iter().find(|(to, words)| to.starts_with('/') && words.trim().starts_with(link));
        let (to, _) = to.unwrap_or_else(|| panic!("no link {link:?} on {}: {links:?}", self.page.url));
        let page = self.admin.browser.opens(to).await;
        self.clicks(link);
        self.sees(page);
    }

    /// Types into a field, unless it says so already.
    fn types(&mut self, form: Form, field: &str, text: &str) -> Form {
        if form.value(field) == Some(text) {
            return form;
        }
        self.tally.fields += 1;
        self.way.push(format!("  types {field}"));
        form.with(field, text)
    }

    async fn presses(&mut self, form: &Form, button: &str) {
        let page = self.admin.browser.presses(form, button).await;
        self.clicks(button);
        self.sees(page);
    }

    /// Proves the address; the overview follows.
    async fn signs_in(&mut self) {
        let form = self.page.form_that_says("E-mail me a code");
        self.presses(&form, "E-mail me a code").await;
        let code = self.admin.code().await;
        let form = self.types(self.page.form_with("code"), "code", &code);
        self.presses(&form, "Sign in").await;
    }

    /// Makes the connection and reads the guide; the form follows.
    async fn reads_the_guide(&mut self, world: &World<'_>) {
        self.follows("Start here").await;
        let form = self.page.form_with("external_id");
        let mut form = self.types(form, "name", "Main office");
        if form.value("kind") != Some(self.admin.sample.kind) {
            self.clicks("the mail system");
            form = form.with("kind", self.admin.sample.kind);
        }
        self.presses(&form, "Continue").await;
        // Whoever reads a guide takes longer than a machine that makes a key.
        world.rests().await;
        self.follows("Open the guide").await;
    }

    /// Types what was copied, checks it and submits it; the connection is verified on the page that follows.
    async fn submits(&mut self, typed: &[(&str, &str)]) {
        let mut form = self.page.form_with("test_mailbox");
        for (field, text) in typed {
            form = self.types(form, field, text);
        }
        self.presses(&form, "Continue").await;
        let form = self.page.form_that_says("Submit credentials");
        self.presses(&form, "Submit credentials").await;
        // The page tells by itself how the check goes.
        let status = self.admin.sees_the_end(&self.page).await;
        assert_eq!(self.admin.verdict(&status), "verified", "{}", status.text());
        self.admin.mail("Verified").await;
    }

    fn stays_within(&self, most: Tally) {
        let Tally { pages, fields, clicks } = self.tally;
        println!("{pages} pages, {fields} fields, {clicks} clicks");
        let within = pages <= most.pages && fields <= most.fields && clicks <= most.clicks;
        assert!(within, "{:?} and no more than {most:?}:\n{}", self.tally, self.way.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ideal_user_of_graph_stays_within_the_budget() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let mut ideal = Ideal::opens_the_mail(&world, "certificate-healthy").await;
    ideal.signs_in().await;
    ideal.reads_the_guide(&world).await;
    let sample = ideal.admin.sample.clone();
    let file = ideal.admin.browser.request(Method::GET, &ideal.page.link("Download"));
    let file = file.send().await.expect("an answer").bytes().await.expect("a file");
    ideal.clicks("the certificate");
    assert!(matches!(world.simulator.upload(&sample.client_id, &file), Upload::Taken(_)), "Entra takes it");
    ideal.follows("Enter the details").await;
    let typed = [
        ("tenant", sample.tenant_id.as_str()),
        ("client_id", &sample.client_id),
        ("test_mailbox", &sample.test_mailbox),
    ];
    typed.iter().for_each(|(_, text)| ideal.admin.typed(NeedleKind::Setting, "an answer", text));
    ideal.submits(&typed).await;
    ideal.stays_within(Tally { pages: 9, fields: 8, clicks: 14 });
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ideal_user_of_an_exchange_server_stays_within_the_budget() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let mut ideal = Ideal::opens_the_mail(&world, "exchange-autodiscover").await;
    ideal.signs_in().await;
    ideal.reads_the_guide(&world).await;
    ideal.follows("Enter the details").await;
    // They followed the guide: the names that the form proposes are those that they gave.
    let typed = ideal.admin.credential();
    ideal.admin.will_type(&typed);
    let proposed = ["account_name", "role_group"];
    let answers: Vec<_> =
        typed.all().filter(|(field, text)| !text.is_empty() && !proposed.contains(field)).collect();
    ideal.submits(&answers).await;
    ideal.stays_within(Tally { pages: 10, fields: 8, clicks: 16 });
    world.ends_well().await;
}
