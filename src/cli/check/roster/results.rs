//! What came of each mailbox: kept in memory for the summary, and line by line in a file for the next run.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::cli::check::ending::works;
use crate::domain::{
    causes,
    check::{Report, Step, Verdict},
    kind::AccessKind,
    roster::RosterMailbox,
};

/// Why results cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ResultsProblem {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{}: holds no results of {kind} checks; name another file", path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// The kind that is checked now.
        kind: &'static str,
    },
}

/// The first line of the file.
#[derive(Serialize, Deserialize)]
struct Head {
    roster_results: u32,
    kind: String,
}

/// What came of one mailbox.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    /// Its address.
    pub(super) mailbox: String,
    /// The verdict.
    pub(super) verdict: Verdict,
    /// The cause, unless it passed.
    pub(super) cause: Option<String>,
    /// What should be mended although it passed.
    pub(super) warnings: Vec<String>,
    /// The steps together, in milliseconds, one after the other.
    pub(super) elapsed_ms: u64,
    /// The steps, where it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) steps: Vec<Step>,
}

impl Told {
    /// What a report says of this mailbox.
    pub(super) fn of(mailbox: &RosterMailbox, report: Report) -> Self {
        let elapsed: std::time::Duration = report.steps.iter().map(|step| step.elapsed).sum();
        Self {
            mailbox: mailbox.mailbox.as_str().to_owned(),
            verdict: report.verdict,
            cause: report.cause.map(|cause| cause.as_str().to_owned()),
            warnings: report.warnings.iter().map(|cause| cause.as_str().to_owned()).collect(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            steps: if works(report.verdict) { Vec::new() } else { report.steps },
        }
    }
}

/// What came of each mailbox, read beside the others: where any opens, what seemed to hold for the whole organisation holds
/// for a mailbox alone.
pub(super) fn beside_each_other(mut all: Vec<Told>, passed_before: usize) -> Vec<Told> {
    if passed_before == 0 && !all.iter().any(|told| works(told.verdict)) {
        return all;
    }
    for told in &mut all {
        if let Some(cause) = told.cause.as_deref().and_then(causes::beside_others) {
            told.cause = Some(cause.id.to_owned());
        }
    }
    all
}

/// The results so far.
pub(super) struct Results {
    passed: BTreeSet<String>,
    told: Vec<Told>,
    file: Option<(PathBuf, File)>,
    failed: Option<io::Error>,
}

impl Results {
    /// Opens the file, or makes it. Errs when it cannot be used, or holds results of another kind.
    pub(super) fn open(path: Option<&Path>, kind: AccessKind) -> Result<Self, ResultsProblem> {
        let mut results = Self { passed: BTreeSet::new(), told: Vec::new(), file: None, failed: None };
        let Some(path) = path else { return Ok(results) };
        let wrong = |source| ResultsProblem::File { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(wrong)?;
        let mut lines = BufReader::new(&file).lines();
        match lines.next().transpose().map_err(wrong)? {
            None => {
                let head = Head { roster_results: 1, kind: kind.id().to_owned() };
                writeln!(file, "{}", serde_json::to_string(&head).unwrap_or_default()).map_err(wrong)?;
            }
            Some(first) => {
                let head = serde_json::from_str::<Head>(&first).ok();
                if !head.is_some_and(|head| head.roster_results == 1 && head.kind == kind.id()) {
                    return Err(ResultsProblem::Other { path: path.to_owned(), kind: kind.id() });
                }
                // A line that was cut off when a run was killed says nothing: its mailbox is checked again.
                let told =
                    lines.map_while(Result::ok).filter_map(|line| serde_json::from_str::<Told>(&line).ok());
                for told in told {
                    results.remember(&told);
                }
                // The next line begins on a line of its own, whatever the last run left.
                writeln!(file).map_err(wrong)?;
            }
        }
        results.file = Some((path.to_owned(), file));
        Ok(results)
    }

    fn remember(&mut self, told: &Told) {
        if works(told.verdict) {
            self.passed.insert(told.mailbox.to_lowercase());
        } else {
            self.passed.remove(&told.mailbox.to_lowercase());
        }
    }

    /// Whether it passed in an earlier run.
    pub(super) fn has_passed(&self, mailbox: &RosterMailbox) -> bool {
        self.passed.contains(&mailbox.mailbox.as_str().to_lowercase())
    }

    /// Takes one more; written to the file at once, in one piece.
    pub(super) fn add(&mut self, told: Told) {
        if let Some((_, file)) = &mut self.file {
            let line = serde_json::to_string(&told).unwrap_or_default() + "\n";
            if let Err(error) = file.write_all(line.as_bytes()) {
                self.failed.get_or_insert(error);
            }
        }
        self.told.push(told);
    }

    /// All of this run. Errs when the file could not take every line.
    pub(super) fn ended(self) -> Result<Vec<Told>, ResultsProblem> {
        match (self.failed, self.file) {
            (Some(source), Some((path, _))) => Err(ResultsProblem::File { path, source }),
            _ => Ok(self.told),
        }
    }
}
