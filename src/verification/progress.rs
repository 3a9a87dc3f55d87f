//! Steps as they begin and end: told to the observer one after the other, kept for the report.

use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    domain::{
        check::{CauseId, Fact, Outcome, Step},
        instant::Instant,
    },
};

use super::{
    observer::Observer,
    step::{Plan, StepId},
};

/// The steps of one check so far.
pub struct Progress<'a> {
    plan: &'static Plan,
    observer: &'a dyn Observer,
    clock: Clock,
    ended: Mutex<Vec<(StepId, Step)>>,
}

/// A step that has begun.
pub struct Running {
    id: StepId,
    began: Instant,
    facts: Vec<Fact>,
    words: Option<String>,
    noticed: Option<&'static str>,
}

impl Running {
    /// Which step it is.
    pub const fn id(&self) -> StepId {
        self.id
    }

    /// The same step for a look aside, whose facts and words are nobody's business.
    pub const fn aside(&self) -> Self {
        Self { id: self.id, began: self.began, facts: Vec::new(), words: None, noticed: None }
    }

    /// Something it learned.
    pub fn learn(&mut self, label: &str, value: impl Into<String>) {
        self.facts.push(Fact { label: label.to_owned(), value: value.into() });
    }

    /// Learns what another step of the same search learned.
    pub fn learn_from(&mut self, other: &Self) {
        self.facts.extend(other.facts.iter().cloned());
    }

    /// A cause that is worth a name although the step works.
    pub fn notice(&mut self, cause: &'static str) {
        self.noticed = Some(cause);
    }

    /// What the other side said.
    pub fn quote(&mut self, words: Option<String>) {
        self.words = words;
    }
}

impl<'a> Progress<'a> {
    /// Nothing has happened yet.
    pub fn new(plan: &'static Plan, observer: &'a dyn Observer, clock: Clock) -> Self {
        Self { plan, observer, clock, ended: Mutex::new(Vec::new()) }
    }

    /// Who is told.
    pub const fn observer(&self) -> &'a dyn Observer {
        self.observer
    }

    /// Whether a step belongs to this check.
    pub fn plans(&self, id: StepId) -> bool {
        self.plan.find(id).is_some()
    }

    /// A step begins.
    pub fn begin(&self, id: StepId) -> Running {
        Running { id, began: self.clock.now(), facts: Vec::new(), words: None, noticed: None }
    }

    /// A step ends. One that is not in the plan is told to nobody.
    pub async fn end(&self, running: Running, outcome: Outcome, cause: Option<&'static str>) {
        let Some((_, planned)) = self.plan.find(running.id) else { return };
        let elapsed = self.clock.now().since(running.began).unsigned_abs();
        let step = Step {
            id: planned.id.to_owned(),
            title: planned.title.to_owned(),
            outcome,
            elapsed,
            facts: running.facts,
            words: running.words,
            cause: cause.or(running.noticed).map(CauseId::known),
        };
        // Held while the observer is told, so that it hears of one step after the other, in the order of `seq`.
        let mut ended = self.ended.lock().await;
        self.observer.step_ended(ended.len() + 1, &step).await;
        ended.push((running.id, step));
    }

    /// Ends every step that has not ended as skipped.
    pub async fn skip_rest(&self) {
        self.skip(self.plan.steps).await;
    }

    /// Ends those of these steps that have not ended as skipped.
    pub async fn skip(&self, steps: &[StepId]) {
        for id in steps {
            if !self.has_ended(*id).await {
                self.end(self.begin(*id), Outcome::Skipped, None).await;
            }
        }
    }

    /// Whether a step has ended.
    pub async fn has_ended(&self, id: StepId) -> bool {
        self.ended.lock().await.iter().any(|(ended, _)| *ended == id)
    }

    /// The ended steps in the order of the plan.
    pub fn into_steps(self) -> Vec<Step> {
        let mut ended = self.ended.into_inner();
        ended.sort_by_key(|(id, _)| self.plan.find(*id).map(|(at, _)| at));
        ended.into_iter().map(|(_, step)| step).collect()
    }
}
