//! Trouble that several brokerages meet at once is nobody's fault among them.

use std::time::Duration;

use moxi_onboard::{
    domain::{
        check::Verdict,
        connection::{Phase, State},
        mail::MailKind,
    },
    simulator::{ALWAYS, Fault, Operation, Target},
};

use crate::{
    databases::{Database, on_both},
    running::{Portal, Submission},
    verification::lab::Lab,
};

/// Three offices, in the order in which they submit.
const OFFICES: [&str; 3] = ["healthy", "government-cloud", "china-cloud"];

async fn waits(portal: &Portal, of: &Submission) {
    portal
        .until("it is looked at again", async || {
            let (connection, _) = portal.standing(of).await;
            let waits =
                connection.state == State::Submitted && connection.phase == Some(Phase::WaitingForProvider);
            waits.then_some(())
        })
        .await;
}

async fn submitted(portal: &Portal, lab: &Lab) -> Vec<Submission> {
    let mut all = Vec::new();
    for name in OFFICES {
        let sample = lab.sample(name);
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        waits(portal, &of).await;
        all.push(of);
    }
    all
}

async fn first_cause(portal: &Portal, of: &Submission) -> (Option<Verdict>, Option<String>) {
    let first = portal.checks(of).await.remove(0);
    (first.verdict, first.cause.map(|cause| cause.as_str().to_owned()))
}

async fn is_verified(portal: &Portal, of: &Submission) {
    portal
        .until("it is verified", async || {
            (portal.standing(of).await.0.state == State::Verified).then_some(())
        })
        .await;
}

async fn ten_minutes(portal: &Portal, database: &Database) {
    portal
        .until("nothing runs", async || {
            (database.count("jobs WHERE lease_token IS NOT NULL").await == 0).then_some(())
        })
        .await;
    portal.app.clock.advance(Duration::from_secs(601));
}

on_both! {
    async fn the_third_office_with_the_same_trouble_is_told_that_the_provider_has_it(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let down = Fault::Status { code: 503, headers: Default::default(), body: String::new() };
        lab.simulator.inject(Target::Operation(Operation::ContactsList), down, ALWAYS);
        let worker = portal.worker();
        let all = submitted(&portal, &lab).await;
        let named = first_cause(&portal, &all[2]).await;
        assert_eq!(named, (Some(Verdict::CouldNotTell), Some("provider_incident".to_owned())));
        let next = portal.checks(&all[2]).await.pop().expect("a look");
        let pause = next.due_at.since(portal.app.clock.now()).unsigned_abs();
        assert!(pause > Duration::from_secs(590), "{pause:?}");
        // However long it lasts: nobody is told that something is to be mended.
        for _ in 0..6 {
            ten_minutes(&portal, database).await;
            for of in &all {
                waits(&portal, of).await;
            }
        }
        lab.simulator.clear_faults();
        ten_minutes(&portal, database).await;
        for of in &all {
            is_verified(&portal, of).await;
        }
        worker.stop().await;
        let told = portal.mails.sent();
        assert!(told.iter().all(|mail| !matches!(mail.kind, MailKind::Failed | MailKind::NeedsStaff)), "{told:?}");
    }

    async fn when_nobody_gets_through_it_is_our_own_network(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        for host in ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"] {
            lab.simulator.inject(Target::Name(host.to_owned()), Fault::ServFail, ALWAYS);
        }
        let worker = portal.worker();
        let all = submitted(&portal, &lab).await;
        assert_eq!(first_cause(&portal, &all[2]).await.1.as_deref(), Some("our_network_down"));
        lab.simulator.clear_faults();
        ten_minutes(&portal, database).await;
        for of in &all {
            is_verified(&portal, of).await;
        }
        worker.stop().await;
    }
}
