//! `check --mailboxes`: every mailbox of a table with one credential, signed in once.

mod print;
mod results;

use std::{
    io::Write,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{ending::Ending, print::Live};
use crate::{
    actions::read_roster::{RosterTable, read_roster},
    cli::signal,
    clock::Clock,
    domain::{
        cause::Names, check::Report, credential::Credential, instant::Instant, kind::AccessKind,
        roster::RosterMailbox,
    },
    verification::{Host, Verifier, Visits},
};

pub use results::ResultsProblem;
use results::{Results, Told, beside_each_other};

/// The arguments that belong to a roster.
#[derive(Debug, clap::Args)]
pub struct RosterArgs {
    /// Check every mailbox of this CSV file (a column "mailbox"), signed in once
    #[arg(long, value_name = "FILE")]
    mailboxes: Option<PathBuf>,
    /// So many mailboxes at the same time; an Exchange server gets no more connections than this
    #[arg(long, value_name = "N", default_value_t = 4, requires = "mailboxes",
        value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Keep the result of each mailbox in this file; run again with it, mailboxes that passed are not checked again
    #[arg(long, value_name = "FILE", requires = "mailboxes")]
    results: Option<PathBuf>,
    /// Go on although the table has lines that cannot be used
    #[arg(long, requires = "mailboxes")]
    skip_bad_lines: bool,
}

/// Why no roster was checked.
#[derive(Debug, thiserror::Error)]
pub enum RosterProblem {
    /// The table cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The table is none.
    #[error("{}: {source}", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: crate::actions::read_roster::TableProblem,
    },
    /// Lines cannot be used.
    #[error("{0}\nNothing was checked. Mend these lines, or add --skip-bad-lines.")]
    BadLines(String),
    /// The file with results is of something else.
    #[error(transparent)]
    Results(#[from] ResultsProblem),
    /// The answer could not be printed.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl RosterArgs {
    /// The table, where one was given. Errs when it cannot be used.
    pub(super) fn table(&self) -> Result<Option<RosterTable>, RosterProblem> {
        let Some(path) = &self.mailboxes else { return Ok(None) };
        let bytes =
            std::fs::read(path).map_err(|source| RosterProblem::Unreadable { path: path.clone(), source })?;
        let table =
            read_roster(&bytes).map_err(|source| RosterProblem::Table { path: path.clone(), source })?;
        if table.bad.is_empty() || self.skip_bad_lines {
            return Ok(Some(table));
        }
        let lines = table.bad.iter().map(|bad| format!("{}: {}", path.display(), bad.sentence()));
        Err(RosterProblem::BadLines(lines.collect::<Vec<_>>().join("\n")))
    }
}

/// What a roster is checked with.
pub(super) struct Round<'a> {
    pub(super) verifier: Verifier,
    pub(super) clock: &'a Clock,
    pub(super) kind: AccessKind,
    pub(super) args: &'a RosterArgs,
    pub(super) json: bool,
}

impl Round<'_> {
    /// Checks every mailbox that has not passed before, and prints.
    pub(super) async fn run(
        &self,
        (credential, names): (&Credential, &Names),
        table: RosterTable,
        out: &Mutex<&mut (dyn Write + Send)>,
    ) -> Result<Ending, RosterProblem> {
        let results = Results::open(self.args.results.as_deref(), self.kind)?;
        let all = table.mailboxes.len();
        let left: Vec<RosterMailbox> =
            table.mailboxes.into_iter().filter(|one| !results.has_passed(one)).collect();
        let live = Live::new(out, !self.json);
        let before = all - left.len();
        if !self.json {
            print::opening(left.len(), before, table.bad.len(), usize::from(self.args.concurrency), &live)?;
        }
        let desk = Desk::new(self.clock, left.len(), results, (!self.json).then_some(out));
        let stop = CancellationToken::new();
        let visits = Visits {
            mailboxes: &left,
            at_once: usize::from(self.args.concurrency),
            stop: stop.clone(),
            host: &desk,
        };
        let began = self.clock.now();
        let door = self.visit(credential, &visits, &live).await;
        let done = beside_each_other(desk.ended()?, before);
        let summary = print::Summary {
            door,
            done,
            before,
            wanted: left.len(),
            elapsed: self.clock.now().since(began).unsigned_abs(),
        };
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        if self.json {
            summary.json(&mut **out)?;
        } else {
            summary.text(names, &mut **out)?;
        }
        Ok(summary.ending())
    }

    /// Visits until all are done or somebody asks to stop; then those under way end and are cleaned up.
    async fn visit(&self, credential: &Credential, visits: &Visits<'_>, live: &Live<'_, '_>) -> Report {
        let mut visiting = std::pin::pin!(self.verifier.visit(credential, visits, live));
        tokio::select! {
            door = &mut visiting => door,
            () = signal::asked_to_stop() => {
                visits.stop.cancel();
                visiting.await
            }
        }
    }
}

/// Takes down each result as it comes.
struct Desk<'a, 'b> {
    wanted: usize,
    count: AtomicUsize,
    clock: &'a Clock,
    began: Instant,
    results: Mutex<Results>,
    out: Option<&'a Mutex<&'b mut (dyn Write + Send)>>,
}

impl<'a, 'b> Desk<'a, 'b> {
    fn new(
        clock: &'a Clock,
        wanted: usize,
        results: Results,
        out: Option<&'a Mutex<&'b mut (dyn Write + Send)>>,
    ) -> Self {
        let results = Mutex::new(results);
        Self { wanted, count: AtomicUsize::new(0), clock, began: clock.now(), results, out }
    }

    fn ended(self) -> Result<Vec<Told>, ResultsProblem> {
        self.results.into_inner().unwrap_or_else(PoisonError::into_inner).ended()
    }
}

#[async_trait]
impl Host for Desk<'_, '_> {
    async fn visited(&self, mailbox: &RosterMailbox, report: Report) {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let told = Told::of(mailbox, report);
        if let Some(out) = self.out {
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            // A terminal that has gone away stops no check; the summary's own print reports it.
            let elapsed = self.clock.now().since(self.began).unsigned_abs();
            let _ = print::visited(&told, (count, self.wanted), elapsed, &mut **out);
        }
        self.results.lock().unwrap_or_else(PoisonError::into_inner).add(told);
    }
}
