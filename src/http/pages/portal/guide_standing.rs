//! How far an office is with its guide: what its people marked as done, what a check has seen, and where it failed.

use std::collections::BTreeMap;

use super::status_view::Moment;
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        draft::Bench,
        progress::{Cursor, EndedStep, news},
    },
    app::App,
    domain::{
        check::{Outcome, Verdict},
        guide::{Guide, Step},
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    store::Read,
};

/// How the steps of one attempt's guide stand.
#[derive(Default)]
pub struct GuideStanding {
    ticked: BTreeMap<String, Instant>,
    /// When the attempt was checked, and the steps of the check that passed.
    checked: Option<(Instant, Vec<String>)>,
    /// The step that the last check leads to, and what it found.
    blamed: Option<(String, String)>,
}

impl GuideStanding {
    /// Reads it for the attempt of this number, which is the one whose names the guide shows.
    ///
    /// Errs when something cannot be read.
    pub(super) async fn read(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        bench: &Bench,
        guide: &Guide,
        number: i64,
    ) -> Result<Self, Refused> {
        let ticks = read.guide_ticks(&scope.brokerage, &bench.connection.id, number).await?;
        let ticked = ticks.into_iter().map(|tick| (tick.step_id, tick.ticked_at)).collect();
        let mut standing = Self { ticked, ..Self::default() };
        let Some((attempt, settings)) = bench.attempts.last() else { return Ok(standing) };
        let Some(check) = &attempt.check_id else { return Ok(standing) };
        let told = news(app, read, scope, check, Cursor::START).await?;
        let (Some(verdict), Some(at)) = (told.check.verdict, told.check.decided_at) else {
            return Ok(standing);
        };
        if attempt.number == number {
            standing.checked = Some((at, passed(&told.steps)));
        }
        if matches!(verdict, Verdict::Failed | Verdict::WaitingForProvider)
            && let Some(cause) = &told.check.cause
            && let Some(step) = guide.step_for(cause.as_str())
        {
            let words = CauseWords::of(Some(cause), &names(app, settings, attempt.number));
            standing.blamed = Some((step.id.clone(), words.title));
        }
        Ok(standing)
    }

    /// When somebody marked a step as done.
    pub(super) fn ticked(&self, step: &Step) -> Option<Moment> {
        self.ticked.get(&step.id).copied().map(Moment::of)
    }

    /// When a check saw that a step was done: all steps of the check that show it have passed.
    pub(super) fn seen(&self, step: &Step) -> Option<Moment> {
        let (at, passed) = self.checked.as_ref()?;
        let shown = !step.shown_by.is_empty() && step.shown_by.iter().all(|id| passed.contains(id));
        shown.then(|| Moment::of(*at))
    }

    /// What the last check found, where it leads to this step.
    pub(super) fn blamed(&self, step: &Step) -> Option<String> {
        self.blamed.as_ref().filter(|(id, _)| *id == step.id).map(|(_, title)| title.clone())
    }

    #[cfg(test)]
    pub(super) fn sample(guide: &Guide) -> Self {
        let at = Instant::from_micros(1_795_257_720_000_000);
        let ticked = guide.steps.iter().take(1).map(|step| (step.id.clone(), at)).collect();
        let shown = guide.steps.iter().flat_map(|step| step.shown_by.clone()).take(1).collect();
        let blamed = guide.steps.last().map(|step| (step.id.clone(), "<b>It failed</b>".to_owned()));
        Self { ticked, checked: Some((at, shown)), blamed }
    }
}

fn passed(steps: &[EndedStep]) -> Vec<String> {
    let works = |step: &&EndedStep| matches!(step.outcome, Outcome::Passed | Outcome::Warning);
    steps.iter().filter(works).map(|step| step.id.clone()).collect()
}
