//! Service accounts of servers of offices' own: which account a try counts for, and how many checks look at one server
//! and sign in as one account at the same time.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        save_answers::Goal,
        submit::submit,
    },
    domain::{
        answers::Answers,
        connection::{Phase, State},
        kind::AccessKind,
        scope::Scope,
    },
    simulator::{Account, Fault, Operation, Sample, Target},
};

use crate::{
    databases::{Database, on_both},
    office::{SESSION, fresh_key, office, save, typed},
    running::{Portal, Submission},
    verification::lab::Lab,
};

/// How long a check waits before it asks again whether it may begin.
const PUT_OFF: Duration = Duration::from_secs(2);

/// A new connection to a sample's server, submitted with this login and password.
pub async fn submits(
    portal: &Portal,
    scope: &Scope,
    sample: &Sample,
    login: &str,
    password: &str,
) -> Submission {
    let kind = AccessKind::from_id(sample.kind).expect("a kind");
    let name: [u8; 8] = portal.app.randomness.bytes();
    let named = TypedConnection {
        name: format!("Office {:x}", u64::from_be_bytes(name)),
        external_id: String::new(),
        kind: kind.id().to_owned(),
    };
    let connection = create_connection(&portal.app, scope, &named, &fresh_key()).await.expect("a connection");
    let answers = Answers::proposed(kind, 1)
        .with("service_account", login)
        .with("ews_url", account(sample).ews_url.as_deref().unwrap_or_default())
        .with("client_id", &sample.client_id)
        .with("test_mailbox", &sample.test_mailbox);
    let saved = save(&portal.app, scope, &connection, typed(answers, password), Goal::Review).await;
    assert_eq!(saved.expect("saved").errors, []);
    let mut read = portal.app.store.read().await.expect("a transaction");
    let draft = read.draft(&scope.brokerage, &connection).await.expect("rows").expect("a draft");
    drop(read);
    let sent = submit(&portal.app, scope, SESSION, &connection, draft.version, &fresh_key()).await;
    Submission { scope: scope.clone(), connection, attempt: sent.expect("submitted") }
}

fn account(sample: &Sample) -> &Account {
    sample.account.as_ref().expect("an office with a server")
}

pub async fn settled(portal: &Portal, of: &Submission) -> (State, Option<Phase>) {
    portal
        .until("the check is decided", async || {
            let decided = portal.checks(of).await.first()?.verdict.is_some();
            let (connection, _) = portal.standing(of).await;
            decided.then_some((connection.state, connection.phase))
        })
        .await
}

/// Waits until each of so many checks has either begun or been put off, and says how many have begun.
async fn begun_when_all_were_claimed(portal: &Portal, database: &Database, all: i64) -> i64 {
    let now = portal.app.clock.now().as_micros();
    let put_off = format!("jobs WHERE kind = 'run_check' AND lease_token IS NULL AND run_at > {now}");
    portal
        .until("every check has begun or was put off", async || {
            let begun = database.count("checks WHERE run > 0").await;
            (begun + database.count(&put_off).await == all).then_some(begun)
        })
        .await
}

/// Once those that run have ended, the others begin too.
async fn all_begin(portal: &Portal, database: &Database, all: i64) {
    portal
        .until("nothing runs", async || {
            (database.count("jobs WHERE lease_token IS NOT NULL").await == 0).then_some(())
        })
        .await;
    portal.app.clock.advance(PUT_OFF);
    portal
        .until("all have begun", async || (database.count("checks WHERE run > 0").await >= all).then_some(()))
        .await;
}

/// A server that is silent for its first calls, as long as a check bears it.
async fn silent_for(calls: u32, sample: &str) -> Lab {
    let mut lab = Lab::open().await;
    lab.settings.caps.first_byte = Duration::from_secs(10);
    lab.settings.caps.call = Duration::from_secs(10);
    lab.simulator.inject(Target::Tenant(sample.to_owned(), Operation::Ews), Fault::Hang, calls);
    lab
}

on_both! {
    async fn a_foreign_office_cannot_lock_an_account_by_writing_its_login(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let (own, foreign) = (lab.sample("exchange-healthy"), lab.sample("exchange-wrong-password"));
        let login = r"ELMWOOD\moxi.svc";
        let stranger = office(&portal.app, &foreign.tenant_domain).await;
        let worker = portal.worker();
        for _ in 0..3 {
            let refused = submits(&portal, &stranger, &foreign, login, "Mx7!wrong-as-can-be").await;
            assert_eq!(settled(&portal, &refused).await, (State::Failed, None));
        }
        let office = portal.office(&own.tenant_domain).await;
        let good = submits(&portal, &office, &own, login, &account(&own).password).await;
        assert_eq!(settled(&portal, &good).await, (State::Verified, None));
        worker.stop().await;
        assert_eq!(database.count("sign_in_tries WHERE accepted = FALSE").await, 3);
    }

    async fn every_way_to_write_a_login_counts_for_the_same_account(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("exchange-healthy");
        let office = portal.office(&sample.tenant_domain).await;
        let worker = portal.worker();
        for login in [r"ELMWOOD\moxi.svc", r"elmwood.example\Moxi.Svc", "moxi.svc@elmwood.example"] {
            let refused = submits(&portal, &office, &sample, login, "Mx7!wrong-as-can-be").await;
            assert_eq!(settled(&portal, &refused).await, (State::Failed, None), "{login}");
        }
        let fourth = submits(&portal, &office, &sample, r"Elmwood\moxi.svc", &account(&sample).password).await;
        portal.until("the fourth waits", async || {
            let (connection, _) = portal.standing(&fourth).await;
            assert_ne!(connection.state, State::Verified, "it was tried");
            (connection.phase == Some(Phase::WaitingForProvider)).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(database.count("sign_in_tries").await, 3);
    }

    async fn a_login_that_names_no_domain_is_tried_at_a_found_server_only_under_the_proven_one(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("exchange-autodiscover");
        let worker = portal.worker();
        for (proven, state) in
            [("heronlake.example", State::Failed), (sample.tenant_domain.as_str(), State::Verified)]
        {
            let office = portal.office(proven).await;
            let typed = submits(&portal, &office, &sample, r"FERNBROOK\moxi.svc", &account(&sample).password).await;
            assert_eq!(settled(&portal, &typed).await, (state, None), "{proven}");
        }
        worker.stop().await;
        assert_eq!(database.count("sign_in_tries").await, 1, "the first office's password was not sent");
    }

    async fn two_checks_look_at_one_server_and_the_third_waits_without_a_worker(database) {
        let lab = silent_for(2, "exchange-healthy").await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("exchange-healthy");
        let office = portal.office(&sample.tenant_domain).await;
        for login in [r"ELMWOOD\one", r"ELMWOOD\two", r"ELMWOOD\three"] {
            submits(&portal, &office, &sample, login, "Mx7!wrong-as-can-be").await;
        }
        let worker = portal.worker();
        assert_eq!(begun_when_all_were_claimed(&portal, database, 3).await, 2);
        assert_eq!(database.count("jobs WHERE kind = 'run_check' AND attempts > 0").await, 0, "waiting is no fault");
        all_begin(&portal, database, 3).await;
        worker.stop().await;
    }

    async fn one_check_at_a_time_signs_in_as_one_account(database) {
        let lab = silent_for(1, "exchange-healthy").await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("exchange-healthy");
        let office = portal.office(&sample.tenant_domain).await;
        for login in [r"ELMWOOD\moxi.svc", "moxi.svc@elmwood.example"] {
            submits(&portal, &office, &sample, login, &account(&sample).password).await;
        }
        let worker = portal.worker();
        assert_eq!(begun_when_all_were_claimed(&portal, database, 2).await, 1);
        all_begin(&portal, database, 2).await;
        worker.stop().await;
    }
}
