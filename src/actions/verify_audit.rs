//! Looks through the audit's chain in the database for everything that was changed, taken out, put in, moved or cut off.

use std::collections::VecDeque;

use super::audit_walk::Walk;
pub use super::{
    audit_walk::{Verified, is_as_sealed},
    audit_wrong::Wrong,
};
use crate::{
    domain::audit::Checkpoint,
    store::{self, CheckpointRow, Read, SealerRefusal, Store, StoreError},
    vault::audit_key::AuditPublicKeys,
};

/// Rows that are read at a time.
const PAGE: i64 = 1000;

/// Why the way ends.
enum Halt {
    Wrong(Wrong),
    Store(StoreError),
}

impl From<Wrong> for Halt {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Verifies the whole audit as one state of the database. `kept` are checkpoints that somebody kept elsewhere, such as
/// those in mails: they find what nobody who owns the whole database could hide.
///
/// Errs when the database cannot be read. What stands in it and is nothing that the portal writes is no such error: it is
/// what is wrong.
pub async fn verify_audit(
    store: &Store,
    keys: &AuditPublicKeys,
    kept: &[Checkpoint],
) -> store::Result<Verified> {
    // A copy that an older version made knows of no refusals.
    let standing = store.standing().await?;
    let knows_refusals = standing.applied >= standing.newest;
    let mut read = store.read().await?;
    let mut walk = Walk::new(keys, kept);
    let wrong = match whole(&mut walk, &mut read, knows_refusals).await {
        Ok(()) => None,
        Err(Halt::Wrong(wrong)) => Some(wrong),
        Err(Halt::Store(error)) if error.is_broken_row() => Some(Wrong::Unreadable { seq: walk.seq() }),
        Err(Halt::Store(error)) => return Err(error),
    };
    Ok(walk.found(wrong))
}

async fn whole(walk: &mut Walk<'_>, read: &mut Read, knows_refusals: bool) -> Result<(), Halt> {
    chain(walk, read).await?;
    let told = read.checkpoints(walk.seq(), 1).await?.first().map(|row| row.seq);
    walk.ends(told)?;
    if knows_refusals && let Some(SealerRefusal { since, signed, found }) = read.sealer_refusal().await? {
        return Err(Wrong::Refused { seq: found, signed, since }.into());
    }
    if let Some(id) = read.vanished().await? {
        return Err(Wrong::Vanished { id }.into());
    }
    outside(walk, read).await
}

/// Every row, each with the checkpoint that ends at it.
async fn chain(walk: &mut Walk<'_>, read: &mut Read) -> Result<(), Halt> {
    // Checkpoints that were read ahead, in order.
    let mut ahead: VecDeque<CheckpointRow> = VecDeque::new();
    loop {
        let links = read.links(walk.seq(), PAGE).await?;
        if links.is_empty() {
            return Ok(());
        }
        for link in links {
            walk.row(link)?;
            if ahead.is_empty() {
                ahead.extend(read.checkpoints(walk.covered(), PAGE).await?);
            }
            if let Some(row) = ahead.pop_front_if(|next| next.seq <= walk.seq()) {
                walk.checkpoint(row)?;
            }
        }
    }
}

/// What stands outside of the chain: lines, and rows under numbers that are none.
async fn outside(walk: &mut Walk<'_>, read: &mut Read) -> Result<(), Halt> {
    // All of them are counted; the first that is wrong is told.
    let (mut last, mut wrong) = (None, Ok(()));
    loop {
        let lines = read.outside_the_chain(last.as_ref(), PAGE).await?;
        for line in &lines {
            wrong = wrong.and(walk.outside(line));
        }
        last = lines.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    wrong?;
    // Whoever owns the database can also change its tables, so that a number or an id stands there twice or not at all:
    // nothing may be there that was not met on the way.
    let (rows, all) = read.audit_counts().await?;
    let met = walk.seq().saturating_add(walk.waiting());
    if rows != walk.seq() || all != met {
        return Err(
            Wrong::Unmet { rows: rows.saturating_sub(walk.seq()), lines: all.saturating_sub(met) }.into()
        );
    }
    Ok(())
}
