//! The queue: each job is done once, by whoever holds its lease.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::{
        connection::Phase,
        ids::{BrokerageId, JobId, MailId},
        job::{Claimed, Job},
        mail::MailKind,
    },
    store::{Quiet, Store},
    verification::Pace,
};
use tokio::sync::Barrier;

use crate::{
    databases::{Database, START, on_both},
    running::{Portal, worker_with},
    verification::lab::Lab,
};

const LEASE: Duration = Duration::from_secs(30);

async fn enqueue(store: &Store, mail: u8, brokerage: Option<&BrokerageId>) -> JobId {
    let id = JobId::from_random(Randomness::system().bytes());
    let mut write = store.write().await.expect("a transaction");
    let (job, now) = (Job::SendMail(MailId::from_random([mail; 16])), write.now());
    write.enqueue(id.clone(), &job, brokerage, now).await.expect("a job");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    id
}

async fn claim(store: &Store, who: &str) -> Option<Claimed> {
    let mut write = store.write().await.expect("a transaction");
    let claimed =
        write.claim_job("send_mail", who, Randomness::system().bytes(), LEASE).await.expect("a claim");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    claimed
}

async fn finish(store: &Store, claimed: &Claimed) -> bool {
    let mut write = store.write().await.expect("a transaction");
    let held = write.finish_job(claimed).await.expect("an answer");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    held
}

/// The time of every lease is over, by whichever clock counts.
async fn leases_end(database: &Database) {
    database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
}

on_both! {
    async fn many_workers_take_each_job_once(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        for mail in 0..60 {
            enqueue(&store, mail, None).await;
        }
        let start = Arc::new(Barrier::new(8));
        let mut workers = Vec::new();
        for who in 0..8 {
            let (store, start) = (store.clone(), Arc::clone(&start));
            workers.push(tokio::spawn(async move {
                start.wait().await;
                let mut mine = Vec::new();
                let mut misses = 0;
                // A miss may be a lost race, so one is not the end.
                while misses < 20 {
                    match claim(&store, &format!("worker-{who}")).await {
                        Some(claimed) => mine.push(claimed),
                        None => misses += 1,
                    }
                }
                mine
            }));
        }
        let mut taken = BTreeMap::new();
        for worker in workers {
            for claimed in worker.await.expect("it ends") {
                *taken.entry(claimed.id.as_str().to_owned()).or_insert(0) += 1;
                assert!(finish(&store, &claimed).await);
            }
        }
        assert_eq!(taken.len(), 60);
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    }

    async fn a_lost_lease_ends_nothing_and_a_finished_job_stays_finished(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        enqueue(&store, 1, None).await;
        let first = claim(&store, "first").await.expect("a job");
        assert!(claim(&store, "second").await.is_none(), "the lease holds");
        leases_end(database).await;
        let second = claim(&store, "second").await.expect("the job again");
        assert_eq!((first.crashes, second.crashes), (0, 1));

        let mut write = store.write().await.expect("a transaction");
        assert!(!write.renew_job(&first, LEASE).await.expect("an answer"));
        assert!(!write.holds_job(&first).await.expect("an answer"));
        assert!(!write.reschedule_job(&first, START, "late").await.expect("an answer"));
        assert!(!write.crash_job(&first, START, "late").await.expect("an answer"));
        assert!(!write.park_job(&first, "late").await.expect("an answer"));
        assert!(!write.release_job(&first).await.expect("an answer"));
        write.commit_quietly(Quiet::Lease).await.expect("a commit");
        assert!(!finish(&store, &first).await, "the one who lost it ends nothing");

        assert!(finish(&store, &second).await);
        leases_end(database).await;
        assert!(!finish(&store, &second).await);
        let mut write = store.write().await.expect("a transaction");
        assert!(!write.reschedule_job(&second, START, "late").await.expect("an answer"));
        assert!(!write.renew_job(&second, LEASE).await.expect("an answer"));
        drop(write);
        assert!(claim(&store, "third").await.is_none());
        assert_eq!(database.count("jobs WHERE done_at IS NOT NULL").await, 1);
    }

    async fn one_open_job_for_each_subject_moves_to_the_earlier_time(database) {
        let clock = Clock::standing_at(START);
        let store = database.open(&clock).await;
        let job = Job::SendMail(MailId::from_random([1; 16]));
        let at = |hours| START.plus(jiff::SignedDuration::from_hours(hours));
        for (id, hours) in [(1, 5), (2, 3), (3, 4)] {
            let mut write = store.write().await.expect("a transaction");
            write.enqueue(JobId::from_random([id; 16]), &job, None, at(hours)).await.expect("a job");
            write.commit_quietly(Quiet::Lease).await.expect("a commit");
        }
        assert_eq!(database.count("jobs").await, 1);
        let next = store.read().await.expect("a transaction").next_run("send_mail").await.expect("a time");
        assert_eq!(next, Some(at(3)));
        assert!(claim(&store, "early").await.is_none(), "it is not due");
        clock.advance(Duration::from_secs(3 * 3600));
        let claimed = claim(&store, "in time").await.expect("it is due");
        assert!(finish(&store, &claimed).await);
        enqueue(&store, 1, None).await;
        assert!(claim(&store, "again").await.is_some(), "a done job does not stand in the way");
    }

    async fn one_brokerage_does_not_delay_another(database) {
        let clock = Clock::standing_at(START);
        let store = database.open(&clock).await;
        let (busy, quiet) = (BrokerageId::from_random([1; 16]), BrokerageId::from_random([2; 16]));
        for mail in 0..20 {
            enqueue(&store, mail, Some(&busy)).await;
        }
        clock.advance(Duration::from_secs(60));
        enqueue(&store, 99, Some(&quiet)).await;
        let first = claim(&store, "a").await.expect("a job");
        let second = claim(&store, "b").await.expect("a job");
        assert_eq!(first.brokerage_id, Some(busy.clone()));
        assert_eq!(second.brokerage_id, Some(quiet), "whoever has nothing under way comes first");
        assert_eq!(claim(&store, "c").await.and_then(|claimed| claimed.brokerage_id), Some(busy));
    }

    async fn kinds_that_a_newer_version_wrote_are_left_alone(database) {
        let portal = Portal::open(database).await;
        database.execute(
            "INSERT INTO jobs (id, kind, subject, run_at, attempts, crashes, created_at)
             VALUES ('job_00000000000000000000000001', 'paint_the_fence', 'x', 1, 0, 0, 1)",
        ).await;
        let worker = portal.worker();
        // The worker is at work: its first sweep ended and the next is planned.
        portal.until("a sweep was done", async || {
            (database.count("jobs WHERE kind = 'sweep' AND run_at > created_at AND lease_until IS NULL").await == 1).then_some(())
        }).await;
        worker.stop().await;
        let untouched = "jobs WHERE kind = 'paint_the_fence' AND lease_token IS NULL AND attempts = 0 AND crashes = 0 AND done_at IS NULL AND parked_at IS NULL";
        assert_eq!(database.count(untouched).await, 1);
    }

    async fn a_job_whose_workers_die_three_times_is_parked(database) {
        let portal = Portal::open(database).await;
        let store = &portal.app.store;
        enqueue(store, 1, None).await;
        for crashes in 0..3 {
            let claimed = claim(store, "doomed").await.expect("a job");
            assert_eq!(claimed.crashes, crashes);
            leases_end(database).await;
        }
        let worker = portal.worker();
        portal.until("the job is parked", async || {
            (store.read().await.ok()?.count_jobs().await.ok()?.parked == 1).then_some(())
        }).await;
        worker.stop().await;
        assert!(claim(store, "nobody").await.is_none());
    }

    async fn a_job_that_panics_is_given_up_and_its_worker_lives(database) {
        let lab = Lab::open().await;
        // Times that add up to more than there is: the check panics on its way.
        let pace = Pace { cleanup: Duration::MAX, ..lab.pace };
        let portal = Portal::open(database).await.with(lab.verifier().at_pace(pace));
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let worker = portal.worker();
        let of = portal.submit(&scope, &sample).await;
        for crashes in 1..3 {
            portal.until("it panicked", async || {
                let crashed = format!("jobs WHERE kind = 'run_check' AND crashes = {crashes} AND lease_until IS NULL");
                (database.count(&crashed).await == 1).then_some(())
            }).await;
            portal.app.clock.advance(Duration::from_secs(600));
        }
        let given_up = "jobs WHERE kind = 'run_check' AND (done_at IS NOT NULL OR parked_at IS NOT NULL)";
        portal.until("it is given up", async || (database.count(given_up).await == 1).then_some(())).await;
        let (connection, _) = portal.standing(&of).await;
        assert_eq!(connection.phase, Some(Phase::NeedsStaff));
        // The same worker goes on: it tells the brokerage.
        portal.until("a mail says so", async || {
            portal.mails.sent().iter().any(|mail| mail.kind == MailKind::NeedsStaff).then_some(())
        }).await;
        worker.stop().await;
    }

    async fn a_stopped_worker_holds_nothing(database) {
        let portal = Portal::open(database).await;
        let leased = "jobs WHERE lease_token IS NOT NULL";
        let worker = worker_with(portal.app.clone(), |settings| settings.poll = Duration::from_millis(5));
        portal.until("a sweep was done", async || {
            (database.count("jobs WHERE kind = 'sweep' AND run_at > created_at").await == 1).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(database.count(leased).await, 0);
    }

    async fn a_row_that_cannot_be_read_is_parked_and_the_next_is_taken(database) {
        let store = database.open(&Clock::standing_at(START)).await;
        database.execute(
            "INSERT INTO jobs (id, kind, subject, run_at, attempts, crashes, created_at)
             VALUES ('job_00000000000000000000000001', 'send_mail', 'no mail at all', 1, 0, 0, 1)",
        ).await;
        let good = enqueue(&store, 1, None).await;
        assert!(claim(&store, "first").await.is_none());
        assert_eq!(database.count("jobs WHERE parked_at IS NOT NULL AND lease_token IS NULL").await, 1);
        assert_eq!(claim(&store, "second").await.map(|claimed| claimed.id), Some(good));
    }

    async fn what_cannot_be_given_up_in_order_is_parked_all_the_same(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let check = portal.checks(&of).await[0].id.clone();
        database.execute(&format!(
            "INSERT INTO verdicts (check_id, run, verdict, warnings, decided_at) VALUES ('{check}', 1, 'passed', 'broken', 1)"
        )).await;
        database.execute("UPDATE jobs SET crashes = 3 WHERE kind = 'run_check'").await;
        let worker = portal.worker();
        portal.until("the job is parked", async || {
            (database.count("jobs WHERE kind = 'run_check' AND parked_at IS NOT NULL").await == 1).then_some(())
        }).await;
        worker.stop().await;
    }
}
