//! What the parts of a check share: the steps so far, what was noted on the way, and how a step ends.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::civil::Date;

use crate::{
    domain::check::Outcome,
    net::Failure,
    verification::{
        diagnose::cause_of,
        evidence::{Evidence, Finding},
        pace::Pace,
        progress::{Progress, Running},
        rules::{Scene, finding},
        step::StepId,
    },
};

use super::traces::Traces;

/// One check under way.
pub(super) struct Run<'a> {
    pub(super) progress: Progress<'a>,
    pub(super) pace: Pace,
    pub(super) today: Date,
    pub(super) traces: Traces,
    pub(super) notes: Mutex<Notes>,
}

/// What a check remembers beside its steps.
#[derive(Clone, Copy, Default)]
pub(super) struct Notes {
    /// Whether the credential itself was accepted.
    pub(super) accepted: bool,
    /// The longest pause that a server asked for.
    pub(super) asked: Option<Duration>,
}

impl Run<'_> {
    /// Ends a step as it went.
    pub(super) async fn end(&self, running: Running, done: Result<(), Evidence>, scene: Scene<'_>) {
        match done {
            Ok(()) => self.progress.end(running, Outcome::Passed, None).await,
            Err(Evidence::Found(found @ Finding::NotListed)) => {
                self.progress.end(running, Outcome::Warning, Some(finding(found))).await;
            }
            Err(evidence) => self.fail(running, &evidence, scene).await,
        }
    }

    /// Ends a step as failed, with the cause that its evidence points to.
    pub(super) async fn fail(&self, running: Running, evidence: &Evidence, scene: Scene<'_>) {
        if let Evidence::Shown(shown) = evidence {
            self.note(|notes| notes.asked = notes.asked.max(shown.retry_after));
        }
        let mut running = described(running, evidence);
        let refused = matches!(evidence, Evidence::Shown(shown) if matches!(shown.status, 401 | 403));
        if let Some(needed) = scene.step.needs().first().filter(|_| refused) {
            running.learn("Permission needed", *needed);
        }
        self.progress.end(running, Outcome::Failed, Some(cause_of(evidence, &scene))).await;
    }

    /// Remembers something beside the steps.
    pub(super) fn note(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A step that stands for itself.
pub(super) const fn scene(step: StepId, roles: Option<&[String]>) -> Scene<'_> {
    Scene { step, roles, opened: false, licensed: None }
}

/// A step that comes after the mailbox was opened.
pub(super) const fn written(step: StepId, roles: Option<&[String]>) -> Scene<'_> {
    Scene { step, roles, opened: true, licensed: None }
}

/// The step with what the evidence tells people.
pub(super) fn described(mut running: Running, evidence: &Evidence) -> Running {
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
