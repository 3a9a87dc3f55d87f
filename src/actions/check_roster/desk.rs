//! Takes results as mailboxes end and writes them in small batches; sees to it that the run stops when it shall.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::round::{Round, is_wanted};
use crate::{
    actions::{left_items::sealed_place, undone::Undone},
    app::App,
    domain::{
        check::{CauseId, Report, Verdict},
        ids::RosterId,
        job::Claimed,
        refused::Refused,
        roster::{MailboxResult, Roster, RosterMailbox, works},
        test_item::{TestItem, TestThing},
    },
    store::{self, Quiet, WrittenBy},
    verification::{Host, NotNoted},
};

/// How long a result waits to be written; so much of the work is done twice after a crash.
const EVERY: Duration = Duration::from_millis(500);

/// Why no further mailbox is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Halt {
    /// There is no reason.
    #[default]
    Nothing,
    /// A person asked for it.
    Asked,
    /// The credential was replaced, or the connection was closed.
    Overtaken,
    /// Another worker has the job.
    LeaseLost,
    /// This worker stops.
    Leaving,
    /// What is about to be written could not be noted: the database is away.
    NotNoted,
}

/// Where results come in.
pub(super) struct Desk<'a> {
    app: &'a App,
    claimed: &'a Claimed,
    roster: &'a Roster,
    visits: WrittenBy<'a>,
    leaving: &'a CancellationToken,
    /// Each address in small letters, and its place.
    places: BTreeMap<String, i64>,
    visited: AtomicBool,
    halted: CancellationToken,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    results: Vec<(i64, MailboxResult)>,
    /// What visits wrote and removed again, by the mailbox's place.
    gone: Vec<(i64, TestThing)>,
    halt: Halt,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        app: &'a App,
        claimed: &'a Claimed,
        (round, visits): (&'a Round, WrittenBy<'a>),
        leaving: &'a CancellationToken,
    ) -> Self {
        let keys = round.open.iter().map(|one| one.mailbox.key());
        Self {
            app,
            claimed,
            roster: &round.roster,
            visits,
            leaving,
            places: keys.zip(round.places.iter().copied()).collect(),
            visited: AtomicBool::new(false),
            halted: CancellationToken::new(),
            held: Mutex::default(),
        }
    }

    /// Is cancelled once no further mailbox shall be opened.
    pub(super) const fn halted(&self) -> &CancellationToken {
        &self.halted
    }

    /// Whether no mailbox was opened at all.
    pub(super) fn visited_none(&self) -> bool {
        !self.visited.load(Ordering::Relaxed)
    }

    /// Writes what came in, over and over, until the visits are over.
    pub(super) async fn keep(&self, over: &CancellationToken) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = over.cancelled() => return,
                () = self.leaving.cancelled(), if !self.halted.is_cancelled() => self.halt(Halt::Leaving),
                _ = every.tick() => self.write_down().await.unwrap_or_else(|error| {
                    tracing::warn!(%error, roster = %self.roster.id, "results of a roster wait to be written");
                }),
            }
        }
    }

    /// Writes what is left; why the run stopped. Errs when the database is away.
    pub(super) async fn ended(&self) -> Result<Halt, Undone> {
        let halt = self.held().halt;
        if halt != Halt::LeaseLost {
            self.write_down().await?;
        }
        // What is found at the end stops nothing any more, but a lease that was lost.
        let found = self.held().halt;
        Ok(if found == Halt::LeaseLost { found } else { halt })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn halt(&self, why: Halt) {
        let mut held = self.held();
        if held.halt == Halt::Nothing || why == Halt::LeaseLost {
            held.halt = why;
        }
        drop(held);
        self.halted.cancel();
    }

    /// Writes what came in since, and looks whether the run shall stop.
    async fn write_down(&self) -> store::Result<()> {
        let (results, gone) = {
            let mut held = self.held();
            (std::mem::take(&mut held.results), std::mem::take(&mut held.gone))
        };
        match self.write(&results, &gone).await {
            Ok(None) => Ok(()),
            Ok(Some(halt)) => {
                self.halt(halt);
                Ok(())
            }
            Err(error) => {
                let mut held = self.held();
                held.results.extend(results);
                held.gone.extend(gone);
                Err(error)
            }
        }
    }

    fn place(&self, mailbox: &RosterMailbox) -> Option<i64> {
        self.places.get(&mailbox.mailbox.key()).copied()
    }

    /// Notes what is about to be written. `false`: the lease was lost, and nothing may be written any more.
    async fn note(&self, place: i64, mailbox: &RosterMailbox, item: &TestItem) -> Result<bool, Refused> {
        let sealed = sealed_place(self.app, self.visits.check, Some(&mailbox.mailbox), item)?;
        let mut write = self.app.store.write().await?;
        if !write.holds_job(self.claimed).await? {
            return Ok(false);
        }
        let by = WrittenBy { place, ..self.visits };
        write.note_item(by, &self.roster.connection_id, item.thing, &sealed).await?;
        write.commit_quietly(Quiet::Step).await?;
        Ok(true)
    }

    async fn write(
        &self,
        results: &[(i64, MailboxResult)],
        gone: &[(i64, TestThing)],
    ) -> store::Result<Option<Halt>> {
        let id: &RosterId = &self.roster.id;
        let mut write = self.app.store.write().await?;
        if !write.holds_job(self.claimed).await? {
            return Ok(Some(Halt::LeaseLost));
        }
        if !results.is_empty() {
            write.keep_roster_results(id, results).await?;
        }
        for (place, thing) in gone {
            write.forget_item(WrittenBy { place: *place, ..self.visits }, *thing).await?;
        }
        let now = write.roster_of_job(id).await?;
        let connection = write.connection(&self.roster.brokerage_id, &self.roster.connection_id).await?;
        write.commit_quietly(Quiet::Step).await?;
        Ok(match (now, connection) {
            (Some(roster), Some(connection)) if is_wanted(&connection, &roster) => {
                roster.stop_at.map(|_| Halt::Asked)
            }
            _ => Some(Halt::Overtaken),
        })
    }
}

#[async_trait]
impl Host for Desk<'_> {
    async fn visited(&self, mailbox: &RosterMailbox, report: Report) {
        self.visited.store(true, Ordering::Relaxed);
        let Some(seq) = self.place(mailbox) else { return };
        let result = if mailbox.outside { judged(report) } else { result(report) };
        let mut held = self.held();
        if held.halt != Halt::NotNoted {
            held.results.push((seq, result));
        }
    }

    async fn writing_begins(&self, mailbox: &RosterMailbox, item: &TestItem) -> Result<(), NotNoted> {
        let place = self.place(mailbox).ok_or(NotNoted)?;
        match self.note(place, mailbox, item).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.halt(Halt::LeaseLost);
                Err(NotNoted)
            }
            Err(error) => {
                tracing::warn!(%error, roster = %self.roster.id, "a test entry could not be noted, so it is not written");
                self.halt(Halt::NotNoted);
                Err(NotNoted)
            }
        }
    }

    async fn removed(&self, mailbox: &RosterMailbox, thing: TestThing) {
        if let Some(place) = self.place(mailbox) {
            self.held().gone.push((place, thing));
        }
    }
}

/// What came of a mailbox, by its report. One that does not work has a cause in every case.
fn result(report: Report) -> MailboxResult {
    let cause = report.cause.filter(|_| !works(report.verdict));
    let cause = if works(report.verdict) { None } else { cause.or(Some(UNKNOWN)) };
    MailboxResult { verdict: report.verdict, cause }
}

/// What came of a mailbox that must be refused: one that opened does not do what it must.
fn judged(report: Report) -> MailboxResult {
    match report.warnings.first() {
        Some(cause) => MailboxResult { verdict: Verdict::Failed, cause: Some(cause.clone()) },
        None => result(report),
    }
}

/// An answer that nobody understood.
const UNKNOWN: CauseId = CauseId::known("unknown_response");
