//! Writing to the mailbox, and removing again what was written: the same order for every way to reach a mailbox.

use async_trait::async_trait;
use jiff::civil::Date;

use crate::{
    clock::Randomness,
    domain::{
        check::Outcome,
        test_item::{TestItem, TestThing},
    },
};

use super::{
    cut::Cut,
    diagnose::cause_of,
    evidence::{Evidence, Finding},
    observer::NotNoted,
    progress::Running,
    rules::{Scene, finding},
    run::{Run, described},
    step::StepId,
    traces::{Trace, Traces},
};

/// A mark of its own for what one run writes: short, for it stands in names.
pub fn fresh_mark(randomness: &Randomness) -> String {
    hex::encode(randomness.bytes::<6>())
}

/// How people recognise what a check wrote, should it ever stay behind, and how we tell which run did.
pub fn marked_name(mark: &str) -> String {
    format!("MoxiEngage connection test {mark} - safe to delete")
}

/// Something a check writes, with a step that writes it and one that removes it.
pub trait Item: Copy + PartialEq + Send + Sync {
    /// The item for a thing; `None` for what is never written this way.
    fn of(thing: TestThing) -> Option<Self>;

    /// Which of the things that checks write it is.
    fn thing(self) -> TestThing;

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

    /// The mark that what is written bears, and the day from which its place in the calendar is counted.
    fn marked(&self) -> (&str, Date);

    /// From now on the mailbox looks for what an earlier run wrote, under its mark and from its day.
    fn look_for(&mut self, mark: &str, day: Date);

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

/// Notes what is about to be written, writes it, and notes how far it came. Gives its folder, where the answer names one.
pub async fn create<M: Mailbox>(
    run: &Run<'_>,
    mailbox: &M,
    item: M::Item,
    running: &mut Running,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let (observer, (mark, day)) = (run.progress.observer(), mailbox.marked());
    let note = TestItem { thing: item.thing(), mark: mark.to_owned(), day, id: None };
    // Nothing of this run is kept then: whoever keeps the notes begins it anew.
    observer.writing_begins(&note).await.map_err(|NotNoted| Evidence::OutOfTime)?;
    let created = mailbox.create(item, running, cut).await;
    match mailbox.traces().get(item) {
        Trace::There(id) => observer.written(&TestItem { id: Some(id), ..note }).await,
        Trace::None => observer.removed(note.thing).await,
        Trace::Asked => {}
    }
    created
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
    let work = create(run, mailbox, item, &mut running, &cut);
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
    let done = cut.limit_whole(limit, removed(mailbox, item, running, &cut)).await;
    if mailbox.traces().get(item) == Trace::None {
        run.progress.observer().removed(item.thing()).await;
    }
    done
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
            let cause = match cause_of(&evidence, &mailbox.scene(running.id())) {
                refused @ "delete_refused" => refused,
                _ => finding(Finding::LeftBehind),
            };
            let mut running = described(running, &evidence);
            let perhaps = if mailbox.traces().get(item) == Trace::Asked { "perhaps " } else { "" };
            running.learn("Left behind", format!("{perhaps}the {}", item.words()));
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
