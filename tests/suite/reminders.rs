//! A secret comes to its last day: people are reminded in time, once at each step, and not of what is out of use.

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use moxi_onboard::{
    domain::{connection::State, instant::Instant, mail::MailKind},
    notify::memory::Sent,
};

use crate::{
    databases::{Database, on_both},
    running::{Portal, Submission, Worker},
    verification::lab::Lab,
};

/// A verified connection whose secret ends.
struct Verified {
    portal: Portal,
    of: Submission,
    worker: Option<Worker>,
    ends_on: Date,
}

const WAITING: &str =
    "jobs WHERE kind = 'remind' AND done_at IS NULL AND parked_at IS NULL AND lease_token IS NULL";

async fn verified(database: &Database) -> Verified {
    let lab = Lab::open().await;
    let portal = Portal::open(database).await.with(lab.verifier());
    let sample = lab.sample("healthy");
    let of = portal.newcomer(&sample).await;
    let worker = Some(portal.worker());
    portal.settles(&of, State::Verified, None).await;
    Verified { portal, of, worker, ends_on: sample.secret_expires_on }
}

impl Verified {
    fn told(&self) -> Vec<Sent> {
        self.portal.mails.sent().into_iter().filter(|mail| mail.kind == MailKind::Ending).collect()
    }

    /// Moves the clock to the afternoon of a day so many days before the last one, when nobody holds a lease: on SQLite the
    /// same clock ends leases.
    async fn comes(&self, database: &Database, days_before: i32) {
        let free = "jobs WHERE lease_token IS NOT NULL";
        self.portal.until(free, async || (database.count(free).await == 0).then_some(())).await;
        let day = self.ends_on.checked_sub(days_before.days()).expect("a day");
        let at = day.at(16, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a time").timestamp();
        self.portal.app.clock.advance(Instant::from(at).since(self.portal.app.clock.now()).unsigned_abs());
    }

    async fn stops(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop().await;
        }
    }

    async fn until_told(&self, count: usize) {
        let what = format!("{count} reminders");
        self.portal.until(&what, async || (self.told().len() >= count).then_some(())).await;
    }
}

fn subject(mail: &Sent) -> String {
    let text = String::from_utf8_lossy(&mail.message).into_owned();
    let line = text.lines().find(|line| line.starts_with("Subject: "));
    line.expect("a subject").to_owned()
}

on_both! {
    async fn people_are_reminded_once_at_each_step_up_to_the_last_day(database) {
        let mut it = verified(database).await;
        assert_eq!(database.count(WAITING).await, 1);
        for (count, days) in [60, 30, 14, 7, 1, 0].into_iter().enumerate() {
            it.comes(database, days).await;
            it.until_told(count + 1).await;
            let left = match days {
                0 => "Ends today".to_owned(),
                1 => "Ends tomorrow".to_owned(),
                days => format!("Ends in {days} days"),
            };
            let told = it.told();
            assert_eq!(told.len(), count + 1, "once");
            assert!(subject(&told[count]).contains(&left), "{}", subject(&told[count]));
        }
        let done = "jobs WHERE kind = 'remind' AND done_at IS NOT NULL";
        it.portal.until(done, async || (database.count(done).await == 1).then_some(())).await;
        assert_eq!(database.count(WAITING).await, 0, "after the last day nothing is left to say");
        it.stops().await;
        assert_eq!(it.told().len(), 6);
    }

    async fn a_worker_that_was_away_reminds_of_the_latest_step_alone(database) {
        let mut it = verified(database).await;
        it.comes(database, 10).await;
        it.until_told(1).await;
        assert!(subject(&it.told()[0]).contains("Ends in 10 days"), "{}", subject(&it.told()[0]));
        it.comes(database, 9).await;
        it.comes(database, 7).await;
        it.until_told(2).await;
        it.stops().await;
        assert_eq!(it.told().len(), 2);
    }

    async fn nobody_is_reminded_of_a_secret_that_is_out_of_use(database) {
        let mut it = verified(database).await;
        database.execute("UPDATE connections SET in_use_id = NULL, state = 'closed', phase = NULL").await;
        it.comes(database, 60).await;
        let done = "jobs WHERE kind = 'remind' AND done_at IS NOT NULL";
        it.portal.until(done, async || (database.count(done).await == 1).then_some(())).await;
        it.stops().await;
        assert_eq!((it.told().len(), it.portal.standing(&it.of).await.0.state), (0, State::Closed));
    }

    async fn what_was_verified_before_there_were_reminders_is_reminded_of_once_a_worker_starts(database) {
        let mut it = verified(database).await;
        it.stops().await;
        database.execute("DELETE FROM jobs WHERE kind = 'remind'").await;
        it.worker = Some(it.portal.worker());
        it.portal.until(WAITING, async || (database.count(WAITING).await == 1).then_some(())).await;
        it.stops().await;
        let due = database.count("jobs WHERE kind = 'remind'").await;
        it.worker = Some(it.portal.worker());
        it.comes(database, 60).await;
        it.until_told(1).await;
        it.stops().await;
        assert_eq!((due, database.count("jobs WHERE kind = 'remind'").await), (1, 1), "planned once");
    }
}
