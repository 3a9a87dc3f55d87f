//! Somebody of an office asks, and our own people answer: on the pages, by mail, in the queue.

use moxi_onboard::{
    clock::Clock,
    domain::{mail::MailKind, scope::Scope, staff::StaffRole},
    notify::{mailer::Mailer, memory::Memory},
};

use crate::{
    databases::{Database, START, on_both},
    office::{self, SECRET, office},
    running::Portal,
    staff_site::{StaffSite, portal_of, portal_session},
    verification::lab::Lab,
    world::{free_port, seen::Seen, visitor::Visitor},
};

const HOSTILE: &str = "Where is the <b>tenant</b> ID?\nBcc: x@evil.example\n--\n{{7*7}}";

/// A portal whose settings name an address for support, and the staff site beside it.
async fn both(database: &Database) -> (Portal, StaffSite, Lab) {
    let lab = Lab::open().await;
    let text =
        format!("[staff]\nlisten = \"{}\"\n[about]\nsupport_address = \"help@moxi.example\"\n", free_port());
    let mails = Memory::default();
    let app = office::portal_at(database, Clock::standing_at(START), &text, true).await;
    let app = app.with_mailer(Mailer::Memory(mails.clone())).with_verifier(lab.verifier());
    let portal = Portal { app, mails };
    let site = StaffSite::of(portal.app.clone()).await;
    (portal, site, lab)
}

async fn person(portal: &Portal, scope: &Scope, origin: &str) -> Visitor {
    let visitor = Visitor::new(origin, &Seen::default());
    visitor.takes_cookie("__Host-portal", &portal_session(&portal.app, scope).await);
    visitor
}

/// The mail of this kind, once it has left.
async fn mail(portal: &Portal, kind: MailKind) -> (String, String) {
    portal
        .until(&format!("a mail {kind:?}"), async || {
            let mail = portal.mails.sent().into_iter().find(|mail| mail.kind == kind)?;
            Some((mail.to.as_str().to_owned(), String::from_utf8_lossy(&mail.message).into_owned()))
        })
        .await
}

on_both! {
    async fn a_question_is_answered(database) {
        let (portal, site, _lab) = both(database).await;
        let worker = portal.worker();
        let scope = office(&portal.app, "lakeshore.example").await;
        let served = portal_of(&portal.app).await;
        let ida = person(&portal, &scope, &served.origin).await;
        // Before there is a connection, from a page that stays open.
        let box_ = ida.opens("/people").await.form_with("question");
        assert_eq!(box_.value("about"), Some("/people"));
        let asked = ida.sends(&box_.clone().with("question", HOSTILE)).await;
        assert_eq!(asked.url, "/questions");
        asked.must_say("We have your question.");
        asked.must_say("Where is the <b>tenant</b> ID?");
        asked.must_say("Not answered yet");
        assert!(!asked.source.contains("<b>tenant"), "{}", asked.source);
        ida.sends(&box_.clone().with("question", HOSTILE)).await;
        assert_eq!(database.count("questions").await, 1, "a double press asks once");
        ida.sends(&box_.with("question", "And something else?")).await.must_say("And something else?");
        assert_eq!(database.count("questions").await, 2, "the page was open still, and other words are another question");
        let (to, message) = mail(&portal, MailKind::Question).await;
        assert_eq!(to, "help@moxi.example");
        let (head, body) = message.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains("Reply-To: Ida <Ida@lakeshore.example>") || head.contains("Reply-To: Ida <ida@lakeshore.example>"), "{head}");
        assert!(head.contains("References: <brk_") && !head.contains("Bcc:"), "{head}");
        assert!(body.contains("/brokerages/brk_"), "it leads to the staff site: {body}");

        // The first connection takes over what was asked before it.
        let connection = portal.connection(&scope, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        dana.opens("/").await.must_say("The office asked something");
        let page = dana.opens(&format!("/connections/{connection}")).await;
        page.must_say("The office asked");
        page.must_say("Where is the <b>tenant</b> ID?");
        let page = dana.opens(&page.link("Answer what the office asked")).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        assert!(!ada.opens(&page.url).await.html().forms().iter().any(|form| form.has("answer")), "an auditor reads");
        let forms: Vec<_> = page.html().forms().into_iter().filter(|form| form.has("answer")).collect();
        assert_eq!(forms.len(), 2);
        let empty = dana.posts(&forms[0]).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter your answer");
        for (form, text) in forms.iter().zip(["On the app's <Overview> page.", "Yes."]) {
            dana.sends(&form.clone().with("answer", text)).await.must_say("Answered.");
        }
        let again = dana.posts(&forms[1].clone().with("answer", "Once more")).await;
        assert_eq!(again.status, 422, "the form was taken with other words");
        assert_eq!(database.count("needs WHERE rule = 'office_asked'").await, 0, "nothing is open");
        let (to, message) = mail(&portal, MailKind::Answer).await;
        assert!(to.eq_ignore_ascii_case("ida@lakeshore.example"), "{to}");
        assert!(message.contains("References: <brk_"), "{message}");
        let seen = ida.opens("/questions").await;
        seen.must_say("On the app's <Overview> page.");
        seen.must_say("Dana Reyes of");
        worker.stop().await;
    }

    async fn what_looks_like_a_secret_is_not_kept(database) {
        let (portal, _site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let served = portal_of(&portal.app).await;
        let ida = person(&portal, &scope, &served.origin).await;
        let form = ida.opens("/overview").await.form_with("question");
        for (text, kept) in [
            (format!("Is this right: {SECRET}?"), Some("Is this right: (taken out)")),
            ("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----".to_owned(), None),
        ] {
            let refused = ida.posts(&form.clone().with("question", &text)).await;
            assert_eq!(refused.status, 422);
            assert!(refused.title().starts_with("Error: "), "{}", refused.title());
            refused.must_say("so we took it out and kept nothing");
            assert!(!refused.source.contains("Needle") && !refused.source.contains("BEGIN PRIVATE"), "{}", refused.source);
            if let Some(kept) = kept {
                refused.must_say(kept);
            }
        }
        for (text, why) in [(" ", "Enter your question"), (&"x".repeat(2001), "2000")] {
            let refused = ida.posts(&form.clone().with("question", text)).await;
            assert_eq!(refused.status, 422);
            refused.must_say(why);
        }
        assert_eq!(database.count("questions").await, 0);
        assert_eq!(database.count("mails").await, 0);
    }

    async fn a_question_stays_in_its_office_and_has_a_limit(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let other = office(&portal.app, "pine.example").await;
        let theirs = portal.connection(&other, "Pine").await;
        let served = portal_of(&portal.app).await;
        let ida = person(&portal, &scope, &served.origin).await;
        let form = ida.opens("/overview").await.form_with("question");
        for number in 0..10 {
            let about = if number == 0 { format!("/connections/{theirs}") } else { "//evil.example/\"><b>".to_owned() };
            let sent = ida.posts(&form.clone().with("about", &about).with("question", &format!("Question {number}"))).await;
            assert_eq!(sent.status, 303, "{number}: {}", sent.text());
        }
        let refused = ida.posts(&form.with("question", "One more")).await;
        assert_eq!(refused.status, 429, "{}", refused.text());
        assert_eq!(database.count("questions WHERE connection_id IS NOT NULL").await, 0, "another office's connection is not theirs");
        let pine = person(&portal, &other, &served.origin).await;
        assert!(!pine.opens("/questions").await.says("Question 1"));
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&format!("/brokerages/{}", scope.brokerage)).await;
        page.must_say("Question 9");
        assert!(!page.source.contains("evil.example"), "only pages of ours are named");
    }
}
