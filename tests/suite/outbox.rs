//! The outbox: one mail for each event and person, handed over once, and once more only where nobody knows.

use std::time::Duration;

use moxi_onboard::{
    actions::{outbox, people::recipients},
    domain::{
        address::MailAddress,
        connection::{Phase, State},
        ids::{AttemptId, SignInId},
        mail::{MailKind, MailState},
        scope::Scope,
    },
    notify::{
        mailer::SendError,
        notice::{Case, Notice, Received},
    },
    store::{MailStanding, PreparedMail, Quiet},
};

use crate::{
    databases::{Database, on_both},
    running::{Portal, Submission},
    verification::lab::Lab,
};

const CODE: &str = "K7QM-2XWD";

async fn post(portal: &Portal, mails: &[PreparedMail]) {
    let mut write = portal.app.store.write().await.expect("a transaction");
    for mail in mails {
        write.post_mail(mail).await.expect("a row");
    }
    write.commit_quietly(Quiet::MailProgress).await.expect("a commit");
}

/// "Received" for a submission, composed anew each time.
async fn received(portal: &Portal, of: &Submission, event: &AttemptId) -> Vec<PreparedMail> {
    let id = &of.scope.brokerage;
    let (connection, _) = portal.standing(of).await;
    let mut read = portal.app.store.read().await.expect("a transaction");
    let brokerage = read.brokerage(id).await.expect("rows").expect("one");
    let people = recipients(&portal.app, read.people_of(id).await.expect("rows")).expect("addresses");
    let case = Case::new(&brokerage, &connection, 1, Case::page_of(&connection.id));
    let notice = Notice::Received(Received { case });
    outbox::prepare(&portal.app, &notice, event.as_str(), id, &people).expect("mails")
}

async fn standing(portal: &Portal, scope: &Scope, event: &str) -> Vec<MailStanding> {
    let mut read = portal.app.store.read().await.expect("a transaction");
    read.mails_of_event(&scope.brokerage, event).await.expect("rows")
}

async fn reaches(portal: &Portal, of: &Submission, state: MailState, sends: i64) {
    portal
        .until(&format!("the mail is {state:?} after {sends}"), async || {
            let mails = standing(portal, &of.scope, of.attempt.as_str()).await;
            let received = mails.iter().find(|mail| mail.kind == MailKind::Received)?;
            ((received.state, received.sends) == (state, sends)).then_some(())
        })
        .await;
}

async fn quiet(portal: &Portal, database: &Database) {
    portal
        .until("nothing runs", async || {
            (database.count("jobs WHERE lease_token IS NOT NULL").await == 0).then_some(())
        })
        .await;
}

/// A portal with one submission whose check does not run: there is no engine, and its job is put off.
async fn submitted(database: &Database) -> (Portal, Submission) {
    let lab = Lab::open().await;
    let sample = lab.sample("healthy");
    let portal = Portal::open(database).await;
    let scope = portal.office(&sample.tenant_domain).await;
    let submission = portal.submit(&scope, &sample).await;
    database.execute("UPDATE jobs SET run_at = 9000000000000000 WHERE kind = 'run_check'").await;
    // Whatever the submission itself posted is taken out of the way.
    database.execute("DELETE FROM jobs WHERE kind = 'send_mail'").await;
    database.execute("DELETE FROM mails").await;
    (portal, submission)
}

fn message_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().find(|line| line.starts_with("Message-ID:")).expect("a Message-ID").to_owned()
}

on_both! {
    async fn a_mail_is_posted_once_and_handed_over_once(database) {
        let (portal, submission) = submitted(database).await;
        let first = received(&portal, &submission, &submission.attempt).await;
        let second = received(&portal, &submission, &submission.attempt).await;
        post(&portal, &first).await;
        post(&portal, &second).await;
        let worker = portal.worker();
        reaches(&portal, &submission, MailState::Accepted, 1).await;
        quiet(&portal, database).await;
        worker.stop().await;
        let sent = portal.mails.sent();
        assert_eq!(sent.len(), 1);
        assert!(message_id(&sent[0].message).contains(first[0].id.as_str()), "{}", message_id(&sent[0].message));
        assert!(sent[0].to.as_str().starts_with("Iris@"));
    }

    async fn a_mail_of_unknown_fate_is_repeated_once_to_the_byte(database) {
        let (portal, submission) = submitted(database).await;
        post(&portal, &received(&portal, &submission, &submission.attempt).await).await;
        portal.mails.plan(SendError::Uncertain("the line broke".to_owned()));
        portal.mails.plan(SendError::Uncertain("the line broke".to_owned()));
        let worker = portal.worker();
        reaches(&portal, &submission, MailState::Uncertain, 1).await;
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(9 * 60));
        portal.until("a sweep was done", async || {
            (database.count(&format!("jobs WHERE kind = 'sweep' AND run_at > {}", portal.app.clock.now().as_micros())).await == 1).then_some(())
        }).await;
        assert_eq!(portal.mails.sent().len(), 1, "it is not time yet");
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(60));
        reaches(&portal, &submission, MailState::Uncertain, 2).await;
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(3600));
        portal.until("the job is done", async || {
            (database.count("jobs WHERE kind = 'send_mail' AND done_at IS NULL").await == 0).then_some(())
        }).await;
        worker.stop().await;
        let sent = portal.mails.sent();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].message, sent[1].message);
    }

    async fn a_worker_lost_in_the_hand_over_leaves_the_fate_unknown(database) {
        let (portal, submission) = submitted(database).await;
        let mails = received(&portal, &submission, &submission.attempt).await;
        post(&portal, &mails).await;
        // As a worker leaves it that dies after the message left.
        let mut write = portal.app.store.write().await.expect("a transaction");
        let claimed = write.claim_job("send_mail", "doomed", [7; 16], Duration::from_secs(30)).await;
        assert!(claimed.expect("a claim").is_some());
        assert!(write.begin_mail(&mails[0].id).await.expect("an answer"));
        write.commit_quietly(Quiet::MailProgress).await.expect("a commit");
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = portal.worker();
        reaches(&portal, &submission, MailState::Uncertain, 1).await;
        assert_eq!(portal.mails.sent().len(), 0);
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(10 * 60));
        reaches(&portal, &submission, MailState::Accepted, 2).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent().len(), 1);
    }

    async fn a_mail_server_that_is_away_or_says_later_is_asked_again(database) {
        let (portal, submission) = submitted(database).await;
        post(&portal, &received(&portal, &submission, &submission.attempt).await).await;
        portal.mails.plan(SendError::NotReached("no route".to_owned()));
        portal.mails.plan(SendError::RefusedForNow("450 later".to_owned()));
        let worker = portal.worker();
        for tries in 1..=2 {
            portal.until("it was tried", async || {
                (database.count(&format!("jobs WHERE kind = 'send_mail' AND attempts = {tries} AND lease_token IS NULL")).await == 1).then_some(())
            }).await;
            reaches(&portal, &submission, MailState::Pending, 0).await;
            quiet(&portal, database).await;
            portal.app.clock.advance(Duration::from_secs(300));
        }
        reaches(&portal, &submission, MailState::Accepted, 1).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent().len(), 1);
    }

    async fn a_mail_is_given_up_by_its_age_and_not_by_its_tries(database) {
        let (portal, submission) = submitted(database).await;
        post(&portal, &received(&portal, &submission, &submission.attempt).await).await;
        database.execute("UPDATE jobs SET attempts = 1000 WHERE kind = 'send_mail'").await;
        portal.mails.plan(SendError::NotReached("no route".to_owned()));
        portal.mails.plan(SendError::NotReached("no route".to_owned()));
        portal.mails.plan(SendError::NotReached("no route".to_owned()));
        let mut worker = portal.worker();
        for (tries, hours) in [(1001, 47), (1002, 1)] {
            portal.until("it was tried", async || {
                (database.count(&format!("jobs WHERE kind = 'send_mail' AND attempts = {tries} AND lease_token IS NULL")).await == 1).then_some(())
            }).await;
            reaches(&portal, &submission, MailState::Pending, 0).await;
            worker.stop().await;
            portal.app.clock.advance(Duration::from_secs(hours * 3600));
            worker = portal.worker();
        }
        reaches(&portal, &submission, MailState::Rejected, 0).await;
        worker.stop().await;
        assert_eq!(database.count("jobs WHERE kind = 'send_mail' AND parked_at IS NOT NULL").await, 1);
    }

    async fn received_is_not_told_once_it_is_decided_nor_waiting_of_an_older_press(database) {
        let (portal, submission) = submitted(database).await;
        let mails = received(&portal, &submission, &submission.attempt).await;
        let check = portal.checks(&submission).await[0].id.clone();
        // A mail of the waiting whose press is the first check; a second press follows.
        let waiting = PreparedMail { kind: MailKind::Waiting, event_id: check.as_str().to_owned(), ..mails[0].clone() };
        post(&portal, &[PreparedMail { id: moxi_onboard::domain::ids::MailId::from_random([9; 16]), job_id: moxi_onboard::domain::ids::JobId::from_random([9; 16]), ..waiting }]).await;
        post(&portal, &mails).await;
        for table in ["connections", "attempts"] {
            database.execute(&format!("UPDATE {table} SET came_from = 'submitted', state = 'failed', phase = NULL")).await;
        }
        let worker = portal.worker();
        portal.until("both are held", async || {
            (database.count("mails WHERE state = 'held'").await == 2).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent().len(), 0);
    }

    async fn a_code_does_not_wait_behind_other_mails(database) {
        let (portal, submission) = submitted(database).await;
        post(&portal, &received(&portal, &submission, &submission.attempt).await).await;
        let to = MailAddress::parse("it@lakeshore.example").expect("an address");
        post(&portal, &[outbox::prepare_code(&portal.app, &to, &SignInId::from_random([1; 16]), CODE, None).expect("a mail")]).await;
        // A worker whose lane of outcomes takes nothing: somebody else holds them all.
        database.execute("UPDATE jobs SET lease_until = 9000000000000000 WHERE kind = 'send_mail'").await;
        let worker = portal.worker();
        portal.until("the code was sent", async || (portal.mails.sent().len() == 1).then_some(())).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent()[0].kind, MailKind::SignInCode);
        assert_eq!(database.count("jobs WHERE kind = 'send_code'").await, 1);
    }

    async fn a_refusal_for_good_ends_it(database) {
        let (portal, submission) = submitted(database).await;
        post(&portal, &received(&portal, &submission, &submission.attempt).await).await;
        portal.mails.plan(SendError::RefusedForGood("550 nobody here".to_owned()));
        let worker = portal.worker();
        reaches(&portal, &submission, MailState::Rejected, 1).await;
        quiet(&portal, database).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent().len(), 0);
        assert_eq!(database.count("jobs WHERE kind = 'send_mail' AND done_at IS NOT NULL").await, 1);
    }

    async fn what_was_overtaken_is_not_sent(database) {
        let lab = Lab::open().await;
        let sample = lab.sample("waiting");
        let portal = Portal::open(database).await.with(lab.verifier());
        let submission = portal.newcomer(&sample).await;
        database.execute("DELETE FROM jobs WHERE kind = 'send_mail'").await;
        database.execute("DELETE FROM mails").await;
        // The mail server is away while we wait, and the office is verified before it is back.
        portal.mails.plan(SendError::NotReached("no route".to_owned()));
        let worker = portal.worker();
        portal.until("the check waits and its mail was tried", async || {
            let (connection, _) = portal.standing(&submission).await;
            let tried = database.count("jobs WHERE kind = 'send_mail' AND attempts >= 1 AND lease_token IS NULL").await;
            (connection.phase == Some(Phase::WaitingForProvider) && tried == 1).then_some(())
        }).await;
        database.execute("UPDATE jobs SET run_at = 9000000000000000 WHERE kind = 'send_mail'").await;
        lab.simulator.heal(&sample.name);
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(300));
        portal.until("it is verified", async || {
            (portal.standing(&submission).await.0.state == State::Verified).then_some(())
        }).await;
        database.execute("UPDATE jobs SET run_at = 1 WHERE kind = 'send_mail'").await;
        portal.until("nothing is left to send", async || {
            (database.count("jobs WHERE kind = 'send_mail' AND done_at IS NULL").await == 0).then_some(())
        }).await;
        worker.stop().await;
        let kinds: Vec<_> = portal.mails.sent().iter().map(|mail| mail.kind).collect();
        assert_eq!(kinds, [MailKind::Verified]);
        assert_eq!(database.count("mails WHERE kind = 'waiting' AND state = 'held'").await, 1);
    }

    async fn a_code_is_rendered_by_the_worker_sent_once_and_forgotten(database) {
        let portal = Portal::open(database).await;
        let to = MailAddress::parse("it@lakeshore.example").expect("an address");
        let code = |id| outbox::prepare_code(&portal.app, &to, &SignInId::from_random([id; 16]), CODE, None).expect("a mail");
        post(&portal, &[code(1)]).await;
        assert_eq!(database.count("mails WHERE code_sealed IS NOT NULL").await, 1);
        let worker = portal.worker();
        portal.until("it was sent", async || {
            (database.count("mails WHERE state = 'accepted' AND code_sealed IS NULL").await == 1).then_some(())
        }).await;
        assert!(String::from_utf8_lossy(&portal.mails.sent()[0].message).contains(CODE));

        // Nobody knows whether the second arrived: a second mail would make a second code to guess.
        quiet(&portal, database).await;
        portal.mails.plan(SendError::Uncertain("the line broke".to_owned()));
        post(&portal, &[code(2)]).await;
        portal.until("its fate is unknown", async || {
            (database.count("mails WHERE state = 'uncertain' AND code_sealed IS NULL").await == 1).then_some(())
        }).await;
        quiet(&portal, database).await;
        portal.app.clock.advance(Duration::from_secs(3600));
        // The third waits for a worker until its time is over.
        worker.stop().await;
        post(&portal, &[code(3)]).await;
        portal.app.clock.advance(Duration::from_secs(10 * 60));
        let worker = portal.worker();
        portal.until("it is held", async || {
            (database.count("mails WHERE state = 'held' AND code_sealed IS NULL").await == 1).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(portal.mails.sent().len(), 2);
    }
}
