//! Writing to the mailbox, and removing again what was written: the same order for every way to reach a mailbox.

use async_trait::async_trait;

use crate::domain::check::Outcome;

use super::{
    cut::Cut,
    evidence::{Evidence, Finding},
    progress::Running,
    rules::{Scene, finding},
    run::{Run, described},
    step::StepId,
    traces::{Trace, Traces},
};

/// How people recognise what a check wrote, should it ever stay behind.
pub const MARK: &str = "MoxiEngage connection test - safe to delete";

/// Something a check writes, with a step that writes it and one that removes it.
pub trait Item: Copy + PartialEq + Send + Sync {
    /// What people call it.
    fn words(self) -> &'static str;

    /// The step that writes it.
    fn write_step(self) -> StepId;

    /// The step that removes it.
    fn remove_step(self) -> StepId;
}

/// The test mailbox, however it is reached.
#[async_trait]
pub trait Mailbox: Sync {
    /// What is written to it.
    type Item: Item;

    /// What is there of ours.
    fn traces(&self) -> &Traces<Self::Item>;

    /// What surrounds a step that comes after the mailbox was opened.
    fn scene(&self, step: StepId) -> Scene<'_>;

    /// Writes one and notes how far it came. Gives its folder, where the answer names one.
    async fn create(
        &self,
        item: Self::Item,
        running: &mut Running,
        cut: &Cut,
    ) -> Result<Option<String>, Evidence>;

    /// Removes one and notes that it is gone.
    async fn remove(
        &self,
        item: Self::Item,
        id: &str,
        running: &mut Running,
        cut: &Cut,
    ) -> Result<(), Evidence>;

    /// Finds one whose id never arrived, by its name. `None` when it is not there; errs when that cannot be told.
    async fn find_lost(&self, item: Self::Item, cut: &Cut) -> Result<Option<String>, Evidence>;
}

/// Writes one in its step; `None` when that failed, with whatever it may have left removed.
pub async fn write<M: Mailbox>(
    run: &Run<'_>,
    mailbox: &M,
    item: M::Item,
    cut: &Cut,
) -> Option<Option<String>> {
    let (step, cut) = (item.write_step(), cut.step());
    let mut running = run.progress.begin(step);
    let work = mailbox.create(item, &mut running, &cut);
    match cut.limit_step(run.pace.step, work).await {
        Ok(folder) => {
            run.progress.end(running, Outcome::Passed, None).await;
            Some(folder)
        }
        Err(evidence) => {
            run.fail(running, &evidence, mailbox.scene(step)).await;
            if mailbox.traces().get(item) != Trace::None {
                clear(run, mailbox, item).await;
            }
            None
        }
    }
}

/// Removes in its step what was written, also when the time of the check is over.
pub async fn clear<M: Mailbox>(run: &Run<'_>, mailbox: &M, item: M::Item) {
    let mut running = run.progress.begin(item.remove_step());
    let removed = remove(run, mailbox, item, &mut running).await;
    removal_ended(run, mailbox, item, running, removed).await;
}

/// Removes what was written: cleaning up has time of its own.
pub async fn remove<M: Mailbox>(
    run: &Run<'_>,
    mailbox: &M,
    item: M::Item,
    running: &mut Running,
) -> Result<(), Evidence> {
    let cut = Cut::new();
    let limit = run.pace.cleanup + run.pace.settle * 2;
    cut.limit_whole(limit, removed(mailbox, item, running, &cut)).await
}

/// Ends the step in which something was removed; what stayed is a warning that names it.
pub async fn removal_ended<M: Mailbox>(
    run: &Run<'_>,
    mailbox: &M,
    item: M::Item,
    running: Running,
    removed: Result<(), Evidence>,
) {
    match removed {
        Ok(()) => run.progress.end(running, Outcome::Passed, None).await,
        Err(evidence) => {
            let mut running = described(running, &evidence);
            let perhaps = if mailbox.traces().get(item) == Trace::Asked { "perhaps " } else { "" };
            running.learn("Left behind", format!("{perhaps}the {}", item.words()));
            let cause = finding(Finding::LeftBehind);
            run.progress.end(running, Outcome::Warning, Some(cause)).await;
        }
    }
}

async fn removed<M: Mailbox>(
    mailbox: &M,
    item: M::Item,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let id = match mailbox.traces().get(item) {
        Trace::None => return Ok(()),
        Trace::There(id) => Some(id),
        Trace::Asked => mailbox.find_lost(item, cut).await?,
    };
    match id {
        Some(id) => mailbox.remove(item, &id, running, cut).await,
        None => {
            running.learn("Test entry", "was not written after all");
            Ok(())
        }
    }
}
