//! How far a check is, for the pages that show it: its steps as they stand in the database, opened for people.

use std::time::Duration;

use crate::{
    app::App,
    domain::{
        check::{CauseId, Check, Outcome, PlannedStep},
        ids::CheckId,
        kind::AccessKind,
        refused::Refused,
        scope::Scope,
    },
    store::{Read, StepRow},
    verification,
};

use super::run_check::FACTS_BOX;
pub use super::run_check::StepNotes;

/// The steps that a check of this kind goes through, in the order pages show them.
pub fn planned(kind: AccessKind) -> &'static [PlannedStep] {
    verification::plan(kind)
}

/// A step that ended.
#[derive(Debug, Clone)]
pub struct EndedStep {
    /// Its place in the order in which steps end, from 1.
    pub seq: i64,
    /// Its stable id within the plan.
    pub id: String,
    /// What it did.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// What is wrong, where something is.
    pub cause: Option<CauseId>,
    /// What it learned and what the other side said; empty once retention deleted it.
    pub notes: StepNotes,
}

/// Where somebody stands who watches a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The run they have seen; 0 before the first.
    pub run: i64,
    /// The last step of that run they have seen.
    pub seq: i64,
}

impl Cursor {
    /// Before anything.
    pub const START: Self = Self { run: 0, seq: 0 };

    /// Reads `run.seq`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (run, seq) = text.split_once('.')?;
        let number = |text: &str| text.parse().ok().filter(|number| (0..=1_000_000).contains(number));
        Some(Self { run: number(run)?, seq: number(seq)? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.run, self.seq)
    }
}

/// What has happened since a cursor.
#[derive(Debug)]
pub struct News {
    /// The check as it stands now.
    pub check: Check,
    /// The attempt's latest check: another one when this one was followed by a new look.
    pub latest: Option<CheckId>,
    /// The steps that ended since, in the order in which they ended.
    pub steps: Vec<EndedStep>,
    /// Where the watcher stands with these.
    pub cursor: Cursor,
}

/// Reads what has happened to a check of this brokerage since `cursor`.
///
/// A new run begins from its first step. A step whose predecessor is not written yet is held back, so that nobody
/// who resumes behind it misses the other; once there is a verdict everything is shown.
pub async fn news(
    app: &App,
    read: &mut Read,
    scope: &Scope,
    id: &CheckId,
    cursor: Cursor,
) -> Result<News, Refused> {
    let check = read.check(scope, id).await?.ok_or(Refused::NotFound)?;
    let latest = match &check.attempt_id {
        Some(attempt) => {
            read.attempt(&scope.brokerage, attempt).await?.and_then(|stored| stored.attempt.check_id)
        }
        // Nothing follows a dry run by itself.
        None => Some(check.id.clone()),
    };
    let from = if check.run == cursor.run { cursor.seq } else { 0 };
    let rows = read.steps_above(id, check.run, from).await?;
    let decided = check.verdict.is_some();
    let whole = rows.into_iter().enumerate().take_while(|(place, row)| {
        decided || row.seq == from.saturating_add(i64::try_from(*place).unwrap_or(i64::MAX)).saturating_add(1)
    });
    let steps: Vec<EndedStep> = whole.map(|(_, row)| opened(app, id, row)).collect::<Result<_, _>>()?;
    let seq = steps.last().map_or(from, |step| step.seq);
    let cursor = Cursor { run: check.run, seq };
    Ok(News { latest, check, steps, cursor })
}

/// Steps as they stand in the database, opened for people.
///
/// Errs as a fault when they were encrypted under another key.
pub fn opened_steps(app: &App, check: &CheckId, rows: Vec<StepRow>) -> Result<Vec<EndedStep>, Refused> {
    rows.into_iter().map(|row| opened(app, check, row)).collect()
}

fn opened(app: &App, check: &CheckId, row: StepRow) -> Result<EndedStep, Refused> {
    Ok(EndedStep {
        notes: app.from_box(FACTS_BOX, check.as_str(), &row.facts_box)?,
        seq: row.seq,
        id: row.step_id,
        title: row.title,
        outcome: row.outcome,
        elapsed: Duration::from_micros(u64::try_from(row.elapsed_us).unwrap_or_default()),
        cause: row.cause,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let cursor = Cursor { run: 2, seq: 11 };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for wrong in ["", "1", "1.", "-1.2", "1.2.3", "99999999999999999999.1", "a.b"] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}
