//! Microsoft 365 with a service account's password: who may choose it, what its first page says, and how often a
//! refused password is tried.

use jiff::tz::TimeZone;
use moxi_onboard::{
    actions::create_connection::{TypedConnection, create_connection},
    domain::{
        connection::{Phase, State},
        instant::Instant,
        kind::AccessKind,
        mail::MailKind,
        refused::Refused,
    },
};

use crate::{
    databases::on_both,
    flow_pages::Browser,
    office::{fresh_key, office, office_of, portal, portal_with},
    running::Portal,
    turns::{settled, submits},
    verification::lab::Lab,
};

const KIND: AccessKind = AccessKind::Microsoft365Password;
const CHOICE: &str = "id=\"kind-microsoft365_password\"";

fn typed() -> TypedConnection {
    TypedConnection { name: "Old way".to_owned(), external_id: String::new(), kind: KIND.id().to_owned() }
}

on_both! {
    async fn only_those_whom_staff_know_may_choose_it_and_nobody_when_it_is_closed(database) {
        let app = portal(database).await;
        let (stranger, known) = (office(&app, "pine.example").await, office_of(&app, "lakeshore.example", true, &["Ida"]).await);
        let mut browser = Browser::of(&app, &stranger).await;
        assert!(!browser.look("/connections/new").await.body.contains(CHOICE));
        let fields = [("name", "Old way"), ("external_id", ""), ("kind", KIND.id())];
        let refused = browser.send("/connections/new", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("the other one is not open to you now"), "{}", refused.body);
        assert!(matches!(create_connection(&app, &stranger, &typed(), &fresh_key()).await, Err(Refused::Fields(_))));

        let mut browser = Browser::of(&app, &known).await;
        let chooser = browser.look("/connections/new").await;
        assert!(chooser.body.contains(CHOICE) && !chooser.body.contains(" checked"), "{}", chooser.body);
        let connection = browser.connects("Old way", KIND.id()).await;
        let form = browser.look(&format!("{connection}/answers")).await;
        let warned = form.body.find("This way works almost nowhere any more").expect("said");
        assert!(warned < form.body.find("name=\"service_account\"").expect("a field"), "it is said first");
        for part in ["Make a connection over Graph instead", "Application (client) ID (optional)", "name=\"password\" type=\"password\""] {
            assert!(form.body.contains(part), "{part}: {}", form.body);
        }
        assert!(!form.body.contains("EWS URL") && !form.body.contains("name=\"tenant\""), "{}", form.body);

        let closed = portal_with(database, "[kinds]\nmicrosoft365_password = \"closed\"\n", true).await;
        let mut browser = Browser::of(&closed, &known).await;
        assert!(!browser.look("/connections/new").await.body.contains(CHOICE));
        assert_eq!(browser.send("/connections/new", &[("name", "Once more"), ("kind", KIND.id())]).await.status, 422);
        assert!(matches!(create_connection(&closed, &known, &typed(), &fresh_key()).await, Err(Refused::Fields(_))));
        let form = browser.look(&format!("{connection}/answers")).await;
        assert_eq!(form.status, 200, "who has begun goes on");
    }

    async fn the_third_refused_password_pauses_the_account(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let worker = portal.worker();
        for name in ["password-healthy", "password-healthy-token"] {
            let sample = lab.sample(name);
            let account = sample.account.as_ref().expect("a service account");
            let office = portal.office(&sample.tenant_domain).await;
            let upper = account.service_account.to_uppercase();
            for login in [account.service_account.as_str(), upper.as_str(), account.service_account.as_str()] {
                let refused = submits(&portal, &office, &sample, login, "Mx7!wrong-as-can-be").await;
                assert_eq!(settled(&portal, &refused).await, (State::Failed, None), "{name} {login}");
            }
            let before = lab.simulator.requests().iter().filter(|seen| seen.authorised).count();
            let fourth = submits(&portal, &office, &sample, &account.service_account, &account.password).await;
            portal.until("the fourth waits", async || {
                let (connection, _) = portal.standing(&fourth).await;
                assert_ne!(connection.state, State::Verified, "{name}: it was tried");
                (connection.phase == Some(Phase::WaitingForProvider)).then_some(())
            }).await;
            let after = lab.simulator.requests().iter().filter(|seen| seen.authorised).count();
            assert_eq!(before, after, "{name}: nothing left");
        }
        worker.stop().await;
        assert_eq!(database.count("sign_in_tries").await, 6);
        assert_eq!(database.count("sign_in_tries WHERE accepted = FALSE").await, 6);
    }

    async fn one_press_is_one_try_and_a_right_password_is_told_from_a_wrong_one(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let worker = portal.worker();
        for (name, right, wrong) in [("password-mfa", 1, 0), ("password-wrong", 1, 1), ("password-role-retired", 2, 1), ("password-app-password", 2, 2)] {
            let sample = lab.sample(name);
            let account = sample.account.clone().expect("a service account");
            let office = portal.office(&sample.tenant_domain).await;
            let sent = submits(&portal, &office, &sample, &account.service_account, &account.password).await;
            assert_eq!(settled(&portal, &sent).await, (State::Failed, None), "{name}");
            let (_, attempt) = portal.standing(&sent).await;
            assert_eq!(attempt.cause.map(|cause| cause.as_str().to_owned()), sample.expected_cause, "{name}");
            let judged = async |word: &str| database.count(&format!("sign_in_tries WHERE accepted = {word}")).await;
            assert_eq!((judged("TRUE").await, judged("FALSE").await), (right, wrong), "{name}");
        }
        worker.stop().await;
    }

    async fn the_day_on_which_a_password_ends_is_kept_and_reminded_of(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let worker = portal.worker();
        for (name, ends) in [("password-healthy", false), ("password-soon", true)] {
            let sample = lab.sample(name);
            let account = sample.account.clone().expect("a service account");
            let office = portal.office(&sample.tenant_domain).await;
            let sent = submits(&portal, &office, &sample, &account.service_account, &account.password).await;
            assert_eq!(settled(&portal, &sent).await, (State::Verified, None), "{name}");
            let (_, attempt) = portal.standing(&sent).await;
            assert_eq!(attempt.password_ends_on.is_some(), ends, "{name}");
            let job = format!("jobs WHERE kind = 'remind' AND subject = '{}'", attempt.id);
            assert_eq!(database.count(&job).await, i64::from(ends), "{name}");
            let Some(day) = attempt.password_ends_on else { continue };

            let mut browser = Browser::of(&portal.app, &office).await;
            let page = browser.look(&format!("/connections/{}", sent.connection)).await.body;
            assert!(page.contains("When the password ends") && page.contains(&format!("datetime=\"{day}\"")), "{page}");
            let file = browser.look(&format!("/connections/{}/last-day.ics", sent.connection)).await;
            assert_eq!(file.status, 200);
            assert!(file.body.contains(&format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d"))), "{}", file.body);

            // A reminder is due: the clock goes to the evening before the last day.
            let free = "jobs WHERE lease_token IS NOT NULL";
            portal.until(free, async || (database.count(free).await == 0).then_some(())).await;
            let eve = day.yesterday().expect("a day").at(16, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a time");
            portal.app.clock.advance(Instant::from(eve.timestamp()).since(portal.app.clock.now()).unsigned_abs());
            let told = portal.until("a reminder", async || {
                portal.mails.sent().into_iter().find(|mail| mail.kind == MailKind::Ending)
            }).await;
            let text = String::from_utf8_lossy(&told.message).into_owned();
            assert!(text.contains("Ends tomorrow") && text.contains("The password of attempt 1"), "{text}");
            assert!(text.contains("Set a new password for"), "{text}");
        }
        worker.stop().await;
    }
}
