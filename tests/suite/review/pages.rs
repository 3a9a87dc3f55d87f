//! The same through the front door: the queue, the pages of connections and brokerages, and the page of an invitation.

use moxi_onboard::{
    actions::save_answers::Goal,
    clock::Clock,
    domain::{connection::State, scope::Scope, staff::StaffRole},
    notify::{mailer::Mailer, memory::Memory},
};
use reqwest::Method;

use crate::{
    databases::{Database, START, on_both},
    office::{self, good_answers, office, save, typed},
    running::{Portal, Submission},
    staff_site::{StaffSite, portal_of, portal_session},
    verification::lab::Lab,
    world::{Page, free_port, seen::Seen, visitor::Visitor},
};

const HOSTILE: &str = "<script>alert(1)</script>\"'&{{7*7}}\n<img src=x onerror=alert(2)>";

/// A portal whose worker can check, and the staff site beside it.
pub async fn both(database: &Database) -> (Portal, StaffSite, Lab) {
    let lab = Lab::open().await;
    let text = format!("[staff]\nlisten = \"{}\"\n", free_port());
    let mails = Memory::default();
    let app = office::portal_at(database, Clock::standing_at(START), &text, true).await;
    let app = app.with_mailer(Mailer::Memory(mails.clone())).with_verifier(lab.verifier());
    let portal = Portal { app, mails };
    let site = StaffSite::of(portal.app.clone()).await;
    (portal, site, lab)
}

fn page_of(of: &Submission) -> String {
    format!("/connections/{}", of.connection)
}

pub async fn comes_to(portal: &Portal, of: &Submission, state: State) {
    portal
        .until(&format!("the connection is {state:?}"), async || {
            let (connection, _) = portal.standing(of).await;
            (connection.state == state).then_some(())
        })
        .await;
}

/// A page holds nothing that was typed as a secret, and nothing that is sealed.
fn holds_no_secret(page: &Page, secret: &str) {
    assert!(!page.source.contains(secret), "the secret stands on {}", page.url);
    assert!(!page.source.contains("_sealed") && !page.source.contains("sec_"), "{}", page.text());
}

/// The browser of a brokerage's admin at a served portal.
async fn admin(portal: &Portal, scope: &Scope, origin: &str) -> Visitor {
    let admin = Visitor::new(origin, &Seen::default());
    admin.takes_cookie("__Host-portal", &portal_session(&portal.app, scope).await);
    admin
}

on_both! {
    async fn a_reviewer_follows_a_failed_attempt_to_verified(database) {
        let (portal, site, lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens("/").await;
        assert_eq!((page.status.as_u16(), page.url.as_str(), page.heading().as_str()), (200, "/", "Needs a human"));
        page.must_say("Nothing needs you. 0 are being checked.");

        let worker = portal.worker();
        let sample = lab.sample("roles-arrive-later");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        comes_to(&portal, &of, State::Failed).await;
        let failed = dana.opens("/?view=failed").await;
        failed.must_say("roles-arrive-later");
        failed.must_say("Nobody");
        let page = dana.opens(&failed.link("Lakeshore Realty")).await;
        assert_eq!(page.url, page_of(&of));
        for words in ["Failed", "Attempt 1", "Test mailbox", &sample.test_mailbox, &sample.tenant_id, "The server's own words", "Attempt 1 submitted", "Mail \"Not connected: "] {
            page.must_say(words);
        }
        holds_no_secret(&page, &sample.client_secret);

        let page = dana.sends(&page.form_that_says("Take it")).await;
        page.must_say("You have taken it.");
        page.must_say("Dana Reyes (you)");
        dana.opens("/?view=mine").await.must_say("roles-arrive-later");
        let page = dana.sends(&page.form_with("text").with("text", HOSTILE).with("kind", "question")).await;
        page.must_say("A colleague asked something");
        page.must_say("<script>alert(1)</script>\"'&{{7*7}} <img src=x onerror=alert(2)>");
        assert!(!page.source.contains("<script>alert") && !page.source.contains("<img"), "{}", page.source);
        dana.opens("/").await.must_say("A colleague asked something");

        let form = page.form_with("words").with("reason", "look").with("words", "Only looking");
        dana.sends(&form).await.must_say("It is being checked again.");
        portal.until("it failed once more", async || {
            let checks = portal.checks(&of).await;
            (checks.len() == 2 && checks.iter().all(|check| check.verdict.is_some())).then_some(())
        }).await;
        let page = dana.opens(&page_of(&of)).await;
        assert!(!page.says("Failed twice or more"), "a look is no second failure");
        page.must_say("Checked again by Dana Reyes: to see how it stands");

        let served = portal_of(&portal.app).await;
        let ida = admin(&portal, &scope, &served.origin).await;
        ida.opens(&page_of(&of)).await.must_say("Our people had this checked again, to see how it stands.");
        assert!(lab.simulator.heal(&sample.name));
        let form = page.form_with("words").with("reason", "mended").with("words", "Ida called, it is mended");
        dana.sends(&form).await;
        comes_to(&portal, &of, State::Verified).await;
        let theirs = ida.opens(&page_of(&of)).await;
        theirs.must_say("because you told them that it is mended");
        assert!(!theirs.says("Ida called") && !theirs.says("Dana"), "what our people write stays with us");
        let page = dana.opens(&page_of(&of)).await;
        page.must_say("Verified");
        page.must_say("Ida called, it is mended");
        page.must_say("Verdict: passed");
        assert!(!page.says("Failed twice or more"));
        holds_no_secret(&page, &sample.client_secret);
        worker.stop().await;
    }

    async fn who_was_slower_and_who_may_not_are_told_so(database) {
        let (portal, site, lab) = both(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let stale = lee.opens(&page_of(&of)).await.form_that_says("Take it");
        dana.sends(&dana.opens(&page_of(&of)).await.form_that_says("Take it")).await;
        let page = lee.posts(&stale).await;
        assert_eq!(page.status, 409);
        page.must_say("A colleague took this meanwhile");
        page.must_say("for under a minute.");
        page.must_say("Dana Reyes");
        assert!(page.title().starts_with("Error: "), "{}", page.title());

        let page = ada.opens(&page_of(&of)).await;
        for words in ["Take it", "Leave the note", "Check again"] {
            assert!(!page.html().forms().iter().any(|form| form.says(words)), "{words}");
        }
        // The forms as somebody else sees them, sent by her: her own token in a form that was not offered.
        let token = page.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        let dana_sees = dana.opens(&page_of(&of)).await;
        for form in [stale.clone(), dana_sees.form_with("text").with("text", "x")] {
            let page = ada.posts(&form.with("csrf", &token)).await;
            assert_eq!(page.status, 403);
            page.must_say("None of your roles");
        }
        let refused = lee.opens("/invite").await;
        assert_eq!(refused.status, 403);
        refused.must_say("None of your roles invites brokerages");

        let empty = dana.posts(&dana_sees.form_with("text").with("text", " ")).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter your note");
        for unknown in ["/connections/con_00000000000000000000000000", "/connections/x", "/brokerages/brk_00000000000000000000000000", "/brokerages/x", "/?view=x", "/invitations/x"] {
            assert_eq!(dana.opens_once(unknown).await.status, 404, "{unknown}");
        }
        for path in ["/", &page_of(&of), "/invite"] {
            let page = site.visitor().opens_once(path).await;
            assert!(page.status == 303 && page.headers["location"].to_str().expect("text").starts_with("/sign-in"), "{path}");
        }
    }

    async fn searches_of_every_shape_are_answered_calmly(database) {
        let (portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Auditor]).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        portal.connection(&scope, "Harbor & Pine").await;
        let search = dana.opens("/").await.form_with("q");
        dana.sends(&search.clone().with("q", "PINE")).await.must_say("Harbor & Pine");
        for nothing in ["%%%%", "_arbor", "%arbor", "';--", "<script>alert(1)</script>"] {
            let page = dana.sends(&search.clone().with("q", nothing)).await;
            assert_eq!(page.status, 200);
            page.must_say("Nothing begins with that.");
            assert!(!page.source.contains("<script>alert"));
        }
        let page = dana.sends(&search.clone().with("q", &"x".repeat(10 * 1024))).await;
        assert!(page.status == 414 || page.status == 431 || page.says("No name is that long."), "{} {}", page.status, page.text());
        let page = dana.sends(&search.clone().with("q", &"x".repeat(2 * 1024))).await;
        page.must_say("No name is that long.");
        for place in ["x", "con_x.5", "con_00000000000000000000000000.", "con_00000000000000000000000000.99999999999999999999"] {
            assert_eq!(dana.opens(&format!("/?view=all&after={place}")).await.status, 200, "{place}");
        }
        // A NUL behind the searched text is nothing that PostgreSQL would take.
        let place = format!("{}.pine%00", moxi_onboard::domain::ids::ConnectionId::from_random([7; 16]));
        assert_eq!(dana.opens(&format!("/?view=all&q=pine&after={place}")).await.status, 200);
    }

    async fn accepting_lifts_the_rule_of_the_own_domain_for_the_next_check(database) {
        let (portal, site, lab) = both(database).await;
        let sample = lab.sample("healthy");
        // An office of another domain than the mailboxes it wants to check.
        let scope = office(&portal.app, "elsewhere.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let answers = typed(good_answers(&sample.tenant_domain), &sample.client_secret);
        let saved = save(&portal.app, &scope, &connection, answers, Goal::Review).await.expect("saved");
        assert!(saved.errors.iter().any(|error| error.field == "test_mailbox"), "{:?}", saved.errors);

        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let queue = dana.opens("/").await;
        queue.must_say("Its brokerage waits to be accepted");
        let page = dana.opens(&queue.link("Main office")).await;
        page.must_say("One of us finds out who its brokerage is, and accepts it. By the rule \"Its brokerage waits to be accepted\".");
        let page = dana.opens(&page.link("Look at the brokerage")).await;
        page.must_say("Not accepted yet");
        let form = page.form_that_says("Accept Lakeshore Realty");
        let support = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let token = support.opens("/account").await.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(support.posts(&form.clone().with("csrf", &token)).await.status, 403);
        let stale = dana.posts(&form.clone().with("seen", "7")).await;
        assert_eq!(stale.status, 409);
        dana.sends(&form).await.must_say("Accepted. Its people are told by e-mail.");
        dana.opens("/").await.must_say("Nothing needs you.");

        let worker = portal.worker();
        let attempt = portal.submit_to(&scope, &connection, &sample, 1).await;
        let of = Submission { scope, connection, attempt };
        comes_to(&portal, &of, State::Verified).await;
        worker.stop().await;
    }

    async fn an_invitation_is_a_page_and_no_key(database) {
        let (portal, site, _lab) = both(database).await;
        let served = portal_of(&portal.app).await;
        let worker = portal.worker();
        let dana = site.colleague("Dana Reyes", &[StaffRole::AccountManager]).await;
        let invite = dana.opens("/invite").await.form_with("company");
        let wrong = dana.posts(&invite.clone().with("address", "nobody")).await;
        assert_eq!(wrong.status, 422);
        wrong.must_say("in the form name@yourdomain.com");
        let form = invite.with("company", "Harbor & Pine").with("contact", "Ida Larsen").with("address", "ida@harbor.example");
        let page = dana.sends(&form).await;
        page.must_say("Ida Larsen, ida@harbor.example");
        page.must_say("Nobody has come yet.");
        let again = dana.sends(&form).await;
        assert_eq!(again.url, page.url, "the same form again leads to the same brokerage");
        assert_eq!(database.count("invitations").await, 1);

        let mail = async |words: &str, count: usize| portal.until(&format!("a mail with {words}"), async || {
            let sent = portal.mails.sent();
            let fits = |text: &&String| text.contains(words);
            let texts: Vec<String> = sent.iter().map(|mail| String::from_utf8_lossy(&mail.message).into_owned()).collect();
            texts.iter().filter(fits).nth(count - 1).cloned()
        }).await;
        let text = mail("/invitation/", 1).await;
        let path = text.lines().find_map(|line| line.trim().split_once("/invitation/")).expect("a link").1.to_owned();
        let path = format!("/invitation/{path}");
        assert_eq!(path.len(), 55, "{path}");

        let scanner = Visitor::new(&served.origin, &Seen::default());
        for _ in 0..50 {
            let page = scanner.opens_once(&path).await;
            assert_eq!(page.status, 200);
            page.must_say("i…@harbor.example");
            assert!(!page.source.contains("ida@harbor.example"), "the address is masked");
        }
        let head = scanner.request(Method::HEAD, &path).send().await.expect("an answer");
        assert_eq!(head.status(), 200);
        assert_eq!((database.count("people").await, database.count("sign_ins").await, database.count("sessions").await), (0, 0, 0));
        assert_eq!(scanner.opens_once(&format!("/invitation/{}", "A".repeat(43))).await.status, 404);
        assert_eq!(scanner.opens_once("/invitation/x").await.status, 404);

        let ida = Visitor::new(&served.origin, &Seen::default());
        let asked = ida.sends(&ida.opens(&path).await.form_that_says("E-mail me a code")).await;
        assert_eq!(asked.url, "/sign-in/code");
        asked.must_say("i…@harbor.example");
        assert!(!asked.source.contains("ida@harbor.example"), "whoever has the link has not typed the address");
        let code = mail("sign-in code", 1).await;
        let code = code.lines().find(|line| line.len() == 8 && line.bytes().all(|byte| byte.is_ascii_alphanumeric())).expect("a code").to_owned();
        let other = Visitor::new(&served.origin, &Seen::default());
        let elsewhere = other.opens("/sign-in/code").await;
        elsewhere.must_say("This browser has not asked for a code.");
        let home = ida.sends(&asked.form_with("code").with("code", &code)).await;
        assert_eq!(home.url, "/overview");
        home.must_say("Harbor & Pine");
        // Once it is used the link says no more than any other that opens nothing.
        let spent = other.opens(&path).await;
        let never = other.opens(&format!("/invitation/{}", "A".repeat(43))).await;
        let told = |page: &Page| (page.status.as_u16(), page.heading(), page.html().inside("main"));
        assert_eq!(told(&spent), told(&never));
        assert_eq!((spent.status.as_u16(), spent.heading().as_str()), (404, "This link does not count any more"));
        assert!(!spent.says("Harbor & Pine") && !spent.source.contains("@harbor.example"), "{}", spent.text());
        other.opens(&spent.link("Sign in with my address")).await.form_with("email");
        assert_eq!(ida.opens(&path).await.url, "/overview", "who is in is led on");
        dana.opens(&page.url).await.must_say("Used. Invited by Dana Reyes");

        // One more person, taken back before they come.
        let page = dana.opens(&page.url).await;
        let form = page.form_with("contact").with("contact", "Tom Berg").with("address", "tom@harbor.example");
        let page = dana.sends(&form).await;
        let text = mail("/invitation/", 2).await;
        let path = text.lines().find_map(|line| line.trim().split_once("/invitation/")).expect("a link").1.to_owned();
        let path = format!("/invitation/{path}");
        let stale = other.opens(&path).await.form_that_says("E-mail me a code");
        dana.sends(&page.form_that_says("Take it back")).await.must_say("Taken back");
        assert_eq!(told(&other.opens(&path).await), told(&never));
        let codes = database.count("sign_ins").await;
        assert_eq!(told(&other.posts(&stale).await), told(&never));
        assert_eq!(database.count("sign_ins").await, codes, "no code leaves");
        worker.stop().await;
    }
}
