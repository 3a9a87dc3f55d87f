//! What the parts of a check share: the steps so far, what was noted on the way, and how a step ends.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::civil::Date;

use crate::{
    domain::{
        check::{Outcome, Report},
        lacking::{PERMISSION_NEEDED, is_named},
    },
    net::Failure,
};

use super::{
    cut::Cut,
    diagnose::{cause_of, report},
    evidence::{Evidence, Finding},
    means::Means,
    observer::Observer,
    pace::Pace,
    progress::{Progress, Running},
    rules::{Scene, finding},
    step::Plan,
};

/// One check under way.
pub struct Run<'a> {
    /// The steps so far.
    pub progress: Progress<'a>,
    /// How long things may take.
    pub pace: Pace,
    /// The day on which it runs.
    pub today: Date,
    /// What was noted on the way.
    pub notes: Mutex<Notes>,
}

/// What a check remembers beside its steps.
#[derive(Default)]
pub struct Notes {
    /// Whether the credential itself was accepted.
    pub accepted: bool,
    /// What should be mended and has no step of its own.
    pub warned: Vec<Finding>,
    /// The longest pause that a server asked for.
    pub asked: Option<Duration>,
}

impl<'a> Run<'a> {
    /// The report, once nothing runs any more. `found` is what should be mended besides.
    pub async fn report(self, plan: &Plan, found: Option<Finding>, cut: &Cut) -> Report {
        self.progress.skip_rest().await;
        let notes = self.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let warned: Vec<_> = found.into_iter().chain(notes.warned).map(finding).collect();
        let steps = self.progress.into_steps();
        report(plan, steps, &warned, notes.accepted, notes.asked, cut.whole_is_over())
    }

    /// One that begins now.
    pub fn new(plan: &'static Plan, observer: &'a dyn Observer, means: &Means) -> Self {
        Self {
            progress: Progress::new(plan, observer, means.clock.clone()),
            pace: means.pace,
            today: means.clock.today(),
            notes: Mutex::default(),
        }
    }
}

impl Run<'_> {
    /// The same run with other times.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Ends a step as it went.
    pub async fn end(&self, running: Running, done: Result<(), Evidence>, scene: Scene<'_>) {
        match done {
            Ok(()) => self.progress.end(running, Outcome::Passed, None).await,
            Err(Evidence::Found(found)) if found.warns() => {
                self.progress.end(running, Outcome::Warning, Some(finding(found))).await;
            }
            Err(evidence) => self.fail(running, &evidence, scene).await,
        }
    }

    /// Ends a step as failed, with the cause that its evidence points to.
    pub async fn fail(&self, running: Running, evidence: &Evidence, scene: Scene<'_>) {
        if let Evidence::Shown(shown) = evidence {
            self.note(|notes| notes.asked = notes.asked.max(shown.retry_after));
        }
        let mut running = described(running, evidence);
        let cause = cause_of(evidence, &scene);
        // EWS refuses in an envelope, with a status that says nothing of it.
        let refused = is_named(cause)
            || matches!(evidence, Evidence::Shown(shown) if matches!(shown.status, 401 | 403));
        if let Some(needed) = scene.needs.first().filter(|_| refused) {
            running.learn(PERMISSION_NEEDED, *needed);
        }
        self.progress.end(running, Outcome::Failed, Some(cause)).await;
    }

    /// Remembers something beside the steps.
    pub fn note(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The step with what the evidence tells people.
pub fn described(mut running: Running, evidence: &Evidence) -> Running {
    match evidence {
        Evidence::Shown(shown) => {
            for (label, value) in &shown.marks {
                running.learn(label, value.as_str());
            }
            running.quote(shown.words.clone());
        }
        Evidence::Lost(failure) => {
            running.learn("What happened", failure.to_string());
            if let Failure::Redirected(Some(host)) = failure {
                running.learn("Redirected to", host.as_str());
            }
        }
        Evidence::OutOfTime | Evidence::Found(_) | Evidence::Paused => {}
    }
    running
}
