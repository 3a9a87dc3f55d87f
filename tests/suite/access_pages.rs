//! What both sides read of a look at a secret: the no that somebody goes past, and that it was stopped.

use moxi_onboard::{
    actions::{
        answer_access::{approve_access, decline_access, stop_access},
        hand_over::hand_over,
        second_access::{end_access, review_access, second_access},
    },
    domain::{
        access::Withheld,
        ids::StaffId,
        staff::{StaffRole, StaffScope},
    },
};

use crate::{
    access::Stage,
    databases::{Database, on_both},
    flow_pages::Browser,
    rows,
    staff_site::StaffSite,
    world::{Page, free_port, visitor::Visitor},
};

async fn open(database: &Database) -> (Stage, StaffSite) {
    let stage = Stage::with(database, &format!("[staff]\nlisten = \"{}\"\n", free_port())).await;
    let site = StaffSite::of(stage.app.clone()).await;
    (stage, site)
}

/// A colleague's browser, and who they are.
async fn comes(site: &StaffSite, database: &Database, name: &str, role: StaffRole) -> (Visitor, StaffScope) {
    let visitor = site.colleague(name, &[role]).await;
    let own = format!("SELECT id FROM staff WHERE name = '{name}' AND issuer LIKE '%login%'");
    let id = rows::texts(database, &own).await.remove(0);
    let staff = StaffId::parse(&id).expect("an id");
    (visitor, StaffScope { staff, name: name.to_owned(), roles: vec![role] })
}

on_both! {
    async fn all_requests_stand_in_one_list_and_what_waits_for_the_reader_first(database) {
        let (stage, site) = open(database).await;
        let granted = stage.granted().await;
        let emergency = stage.asks(&stage.ravi, "break_glass", 15).await.expect("asked");
        let (noor, scope) = comes(&site, database, "Noor Haddad", StaffRole::Operations).await;
        let (olga, _) = comes(&site, database, "Olga Weiss", StaffRole::Owner).await;
        let (kim, _) = comes(&site, database, "Kim Oduya", StaffRole::Support).await;
        let part = |page: &Page, title: &str, next: &str| {
            let text = page.text();
            let from = text.find(title).unwrap_or_else(|| panic!("no {title}: {text}"));
            let rest = text[from..].to_owned();
            rest.find(next).map_or(rest.clone(), |to| rest[..to].to_owned())
        };
        let mine = |page: &Page| part(page, "Waits for you", "Under way");
        let page = noor.opens("/access").await;
        assert_eq!(page.heading(), "Access");
        assert!(mine(&page).contains("Say yes or no") && mine(&page).contains("Ravi Anand"), "{}", page.text());
        assert!(part(&page, "Under way", "Past").contains("Kim Oduya"), "{}", page.text());
        for id in [&granted, &emergency] {
            assert!(page.html().links().iter().any(|(at, _)| *at == format!("/access/{id}")), "{id}");
        }
        assert!(mine(&kim.opens("/access").await).contains("Nothing waits for you"), "support answers no one");

        second_access(&stage.app, &scope, Some(stage.now()), &emergency).await.expect("seconded");
        stage.passes(16);
        let (olga_later, _) = comes(&site, database, "Olga Weiss", StaffRole::Owner).await;
        drop(olga);
        let page = olga_later.opens("/access").await;
        assert!(mine(&page).contains("Look it over"), "{}", page.text());
        let (noor, _) = comes(&site, database, "Noor Haddad", StaffRole::Operations).await;
        let page = noor.opens("/access").await;
        assert!(!mine(&page).contains("Look it over"), "who opened it does not look it over: {}", page.text());
        page.must_say("An owner or another operations person looks it over");
        review_access(&stage.app, &stage.olga, &emergency, "It was needed.").await.expect("looked over");
        let page = olga_later.opens("/access").await;
        page.must_say("Nothing waits for you");
        assert!(part(&page, "Past", "\u{0}").contains("Ravi Anand"), "{}", page.text());
    }

    async fn the_list_of_requests_is_paged_and_not_for_everybody(database) {
        let (stage, site) = open(database).await;
        // All of one moment, so that the ids alone tell where a page ends.
        for _ in 0..61 {
            database.execute("DELETE FROM rate_limits").await;
            let id = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
            end_access(&stage.app, &stage.kim, &id).await.expect("taken back");
        }
        let (ada, _) = comes(&site, database, "Ada Byrne", StaffRole::Auditor).await;
        let page = ada.opens("/access").await;
        let lines = |page: &Page| page.html().links().iter().filter(|(at, _)| at.starts_with("/access/acc_")).count();
        assert_eq!(lines(&page), 50);
        let older = ada.opens(&page.link("Older")).await;
        assert_eq!(lines(&older), 11);
        assert!(!older.says("Waits for you") && !older.says("Older"), "{}", older.text());
        assert_eq!(ada.opens("/access?after=nonsense").await.status, 404);
        let (dana, _) = comes(&site, database, "Dana Reyes", StaffRole::Reviewer).await;
        assert_eq!(dana.opens("/access").await.status, 403);
    }

    async fn whoever_goes_past_the_no_of_an_office_reads_of_it(database) {
        let (stage, site) = open(database).await;
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        decline_access(&stage.app, &stage.iris, &asked).await.expect("declined");
        let id = stage.asks(&stage.ravi, "break_glass", 15).await.expect("asked");
        let (noor, _) = comes(&site, database, "Noor Haddad", StaffRole::Operations).await;
        let page = noor.opens(&format!("/access/{id}")).await;
        page.must_say("The brokerage said no to Kim Oduya on 21 November 2026, 10:42 UTC.");
        page.must_say("Whoever says yes now goes past that no.");
        let mail = async |kind: &str| {
            let mails = format!("SELECT id FROM mails WHERE kind = '{kind}'");
            let id = rows::texts(database, &mails).await.remove(0);
            noor.opens(&format!("/mails/{id}")).await
        };
        mail("second_wanted").await.must_say("The office said no to a colleague on 21 November 2026");

        second_access(&stage.app, &stage.noor, Some(stage.now()), &id).await.expect("seconded");
        mail("access_opened").await.must_say("Your office said no to Kim Oduya on 21 November 2026");
        let theirs = Browser::of(&stage.app, &stage.iris).await.look(&format!("/access/{id}")).await.body;
        assert!(theirs.contains("Your office said no to Kim Oduya on 21 November 2026"), "{theirs}");
        stage.passes(16);
        let (olga, _) = comes(&site, database, "Olga Weiss", StaffRole::Owner).await;
        let page = olga.opens(&format!("/access/{id}")).await;
        page.must_say("was it right to go past that?");
        review_access(&stage.app, &stage.olga, &id, "It was needed.").await.expect("looked over");

        stage.passes(24 * 60);
        let later = stage.asks(&stage.ravi, "operations", 15).await.expect("asked");
        let (noor, _) = comes(&site, database, "Noor Haddad", StaffRole::Operations).await;
        let page = noor.opens(&format!("/access/{later}")).await;
        assert!(!page.says("said no to"), "a no stands for a day: {}", page.text());
    }

    async fn every_line_of_a_connection_an_attempt_and_a_request_is_found(database) {
        let (stage, site) = open(database).await;
        let worker = stage.worker();
        let (kim, scope) = comes(&site, database, "Kim Oduya", StaffRole::Support).await;
        let id = stage.asks(&scope, "grant", 15).await.expect("asked");
        approve_access(&stage.app, &stage.iris, stage.now(), &id).await.expect("approved");
        let page = kim.opens(&format!("/access/{id}")).await;
        assert_eq!(kim.posts(&page.form_that_says("Show it once")).await.status, 200);
        worker.stop().await;
        let seen = {
            let mut read = stage.app.store.read().await.expect("a transaction");
            let mut all = read.all_brokerages(&stage.kim).expect("may");
            all.review(&stage.connection).await.expect("rows").expect("one").version
        };
        hand_over(&stage.app, &stage.kim, &stage.connection, seen, stage.olga.staff.as_str()).await.expect("handed over");
        let reference = rows::texts(database, "SELECT reference FROM connections").await.remove(0);
        let attempt = rows::texts(database, "SELECT id FROM attempts").await.remove(0);
        let (ines, _) = comes(&site, database, "Ines Falk", StaffRole::Auditor).await;
        let has = |page: &Page, verb: &str| page.source.contains(&format!("<code>{verb}</code>"));
        let whole = [reference.clone(), stage.connection.to_string()];
        let of_attempt = [format!("{reference}-1"), attempt];
        for (things, verbs) in [
            (whole.as_slice(), ["connection.create", "attempt.submit", "access.ask", "access.approve", "access.look", "access.show"].as_slice()),
            (of_attempt.as_slice(), ["attempt.submit", "access.ask", "access.approve", "access.look", "access.show"].as_slice()),
            ([id.to_string()].as_slice(), ["access.ask", "access.approve", "access.look", "access.show"].as_slice()),
        ] {
            for thing in things {
                let page = ines.opens(&format!("/audit?thing={thing}")).await;
                for verb in verbs {
                    assert!(has(&page, verb), "{thing}: {verb}: {}", page.text());
                }
                assert!(!has(&page, "staff.sign_in"), "{thing}: {}", page.text());
            }
        }
        let page = ines.opens(&format!("/audit?thing={id}")).await;
        assert!(!has(&page, "attempt.submit"), "{}", page.text());
        page.must_say(&format!("access: Kim Oduya, {reference}-1"));
        ines.opens(&format!("/audit?thing={reference}")).await.must_say("to: Olga Weiss");
        let own = ines.opens(&format!("/audit?who={}", scope.staff)).await;
        assert!(has(&own, "access.show") && own.says("A secret was shown"), "{}", own.text());
        let only = ines.opens(&format!("/audit?thing={id}&verb=access.show")).await;
        assert!(has(&only, "access.show") && !has(&only, "access.look"), "{}", only.text());
        only.must_say("Kim Oduya");
        assert!(!only.says("The portal"), "{}", only.text());
    }

    async fn a_look_that_is_stopped_ends_on_the_screen_and_says_so(database) {
        let (stage, site) = open(database).await;
        let worker = stage.worker();
        let (kim, scope) = comes(&site, database, "Kim Oduya", StaffRole::Support).await;
        let (noor, _) = comes(&site, database, "Noor Haddad", StaffRole::Operations).await;
        let id = stage.asks(&scope, "grant", 15).await.expect("asked");
        let stands = format!("/access/{id}/open");
        assert_eq!(kim.opens_once(&stands).await.status, 404, "not yet");
        approve_access(&stage.app, &stage.iris, stage.now(), &id).await.expect("approved");
        assert_eq!(kim.opens_once(&stands).await.status, 204);
        assert_eq!(noor.opens_once(&stands).await.status, 404, "nobody but whoever asked is told");
        let page = kim.opens(&format!("/access/{id}")).await;
        let form = page.form_that_says("Show it once");
        let shown = kim.posts(&form).await;
        assert!(shown.status == 200 && shown.source.contains(&stands), "{}", shown.text());
        kim.posts(&form).await.must_say("This press had its answer.");

        let mut iris = Browser::of(&stage.app, &stage.iris).await;
        let list = iris.look("/access").await.body;
        for words in ["Looked at 1 time.", "Two people of our Technical Operations can open it together without your yes."] {
            assert!(list.contains(words), "{words}: {list}");
        }
        iris.look(&format!("/access/{id}")).await;
        iris.send(&format!("/access/{id}/stop"), &[]).await;
        let told = iris.look(&format!("/access/{id}")).await.body;
        assert!(told.contains("What stands on a screen goes within a minute."), "{told}");
        assert_eq!(kim.opens_once(&stands).await.status, 404);
        let again = kim.posts(&form).await;
        assert_eq!(again.status, 409);
        again.must_say("This access was stopped.");
        assert!(!again.says("Press again"), "{}", again.text());
        worker.stop().await;

        // Stopped while its answer is on its way.
        let id = stage.granted().await;
        let pressed = stage.presses(&stage.kim, &id).await.expect("may press");
        stop_access(&stage.app, &stage.iris, &id).await.expect("stopped");
        let _worker = stage.worker();
        assert_eq!(stage.answer(pressed).await, Err(Withheld::Stopped));
        let page = noor.opens(&format!("/access/{id}")).await;
        page.must_say("Not shown: it was stopped");
    }
}
