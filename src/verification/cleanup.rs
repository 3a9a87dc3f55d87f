//! Removing later what a check left in a mailbox, however the mailbox is reached: by its id first, then by its mark.
//! Nothing else is touched.

use std::time::Duration;

use crate::domain::{
    check::{Again, CauseId, Report},
    test_item::TestItem,
};

use super::{
    cut::Cut,
    diagnose::cause_of,
    evidence::Evidence,
    progress::Running,
    run::Run,
    writing::{Item, Mailbox},
};

/// What became of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is gone.
    Gone,
    /// Nothing with its mark is there. What was cut off a moment ago may still arrive.
    NotFound,
    /// It could not be removed, or nobody can tell.
    Left,
}

/// How a clean-up went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleared {
    /// What became of each thing, in the order in which they were given.
    pub fates: Vec<Fate>,
    /// The longest pause that a server asked for.
    pub asked: Option<Duration>,
    /// The cause of the first trouble, for staff.
    pub cause: Option<CauseId>,
}

impl Cleared {
    /// What became of further things.
    pub fn add(&mut self, more: Self) {
        self.fates.extend(more.fates);
        self.asked = self.asked.max(more.asked);
        self.cause = self.cause.take().or(more.cause);
    }

    /// The mailbox was not reached, as this report says: everything is where it was.
    pub fn unreached(items: &[TestItem], report: Report) -> Self {
        let asked = if let Again::Soon(asked) = report.again { asked } else { None };
        Self { fates: vec![Fate::Left; items.len()], asked, cause: report.cause }
    }
}

/// Removes what earlier runs left behind, one thing after the other. Each has time of its own.
pub async fn clear_later<M: Mailbox>(run: &Run<'_>, mailbox: &mut M, items: &[TestItem]) -> Cleared {
    let mut cleared = Cleared::default();
    for left in items {
        let Some(item) = M::Item::of(left.thing) else {
            cleared.fates.push(Fate::Left);
            continue;
        };
        mailbox.look_for(&left.mark, left.day);
        let mut running = run.progress.begin(item.remove_step());
        let (cut, limit) = (Cut::new(), run.pace.step + run.pace.settle * 2);
        let work = clear_one(mailbox, item, left.id.as_deref(), &mut running, &cut);
        let fate = match cut.limit_whole(limit, work).await {
            Ok(fate) => fate,
            Err(evidence) => {
                if let Evidence::Shown(shown) = &evidence {
                    cleared.asked = cleared.asked.max(shown.retry_after);
                }
                let cause = cause_of(&evidence, &mailbox.scene(item.remove_step()));
                cleared.cause.get_or_insert(CauseId::known(cause));
                Fate::Left
            }
        };
        cleared.fates.push(fate);
    }
    cleared
}

async fn clear_one<M: Mailbox>(
    mailbox: &M,
    item: M::Item,
    id: Option<&str>,
    running: &mut Running,
    cut: &Cut,
) -> Result<Fate, Evidence> {
    if let Some(id) = id {
        match mailbox.remove(item, id, running, cut).await {
            Ok(()) => return Ok(Fate::Gone),
            // It may have got another id since.
            Err(evidence) if is_unknown(&evidence) => {}
            Err(evidence) => return Err(evidence),
        }
    }
    match mailbox.find_lost(item, cut).await? {
        Some(found) => mailbox.remove(item, &found, running, cut).await.map(|()| Fate::Gone),
        // The mail system knew it and knows it no more.
        None if id.is_some() => Ok(Fate::Gone),
        None => Ok(Fate::NotFound),
    }
}

/// Whether the mail system knows no such thing.
fn is_unknown(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Shown(shown) if shown.status == 404)
}
