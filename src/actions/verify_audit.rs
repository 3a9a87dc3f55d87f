//! Looks through the audit's chain in the database for everything that was changed, taken out, put in, moved or cut off.

use std::collections::VecDeque;

use super::audit_walk::Walk;
pub use super::{
    audit_walk::{Verified, is_as_sealed},
    audit_wrong::Wrong,
};
use crate::{
    domain::audit::Checkpoint,
    store::{self, CheckpointRow, Read, SealerRefusal, Store},
    vault::audit_key::AuditPublicKeys,
};

/// Rows that are read at a time.
const PAGE: i64 = 1000;

/// Verifies the whole audit as one state of the database. `kept` are checkpoints that somebody kept elsewhere, such as
/// those in mails: they find what nobody who owns the whole database could hide.
///
/// Errs when the database cannot be read.
pub async fn verify_audit(
    store: &Store,
    keys: &AuditPublicKeys,
    kept: &[Checkpoint],
) -> store::Result<Verified> {
    // A copy that an older version made knows of no refusals.
    let standing = store.standing().await?;
    let mut read = store.read().await?;
    let refusal = if standing.applied < standing.newest { None } else { read.sealer_refusal().await? };
    let mut walk = Walk::new(keys, kept);
    let wrong = match chain(&mut walk, &mut read).await? {
        Err(wrong) => Some(wrong),
        Ok(()) => end(&mut walk, &mut read, refusal).await?.err(),
    };
    Ok(walk.found(wrong))
}

/// Every row, each with the checkpoint that ends at it.
async fn chain(walk: &mut Walk<'_>, read: &mut Read) -> store::Result<Result<(), Wrong>> {
    // Checkpoints that were read ahead, in order.
    let mut ahead: VecDeque<CheckpointRow> = VecDeque::new();
    loop {
        let links = read.links(behind(walk.seq()), PAGE).await?;
        if links.is_empty() {
            return Ok(Ok(()));
        }
        for link in links {
            if let Err(wrong) = walk.row(link) {
                return Ok(Err(wrong));
            }
            if ahead.is_empty() {
                ahead.extend(read.checkpoints(behind(walk.covered()), PAGE).await?);
            }
            if let Some(row) = ahead.pop_front_if(|next| next.seq <= walk.seq())
                && let Err(wrong) = walk.checkpoint(row)
            {
                return Ok(Err(wrong));
            }
        }
    }
}

/// What stands behind the chain's last row, and outside of it.
async fn end(
    walk: &mut Walk<'_>,
    read: &mut Read,
    refusal: Option<SealerRefusal>,
) -> store::Result<Result<(), Wrong>> {
    let told = read.checkpoints(walk.seq(), 1).await?.first().map(|row| row.seq);
    if let Err(wrong) = walk.ends(told) {
        return Ok(Err(wrong));
    }
    if let Some(SealerRefusal { since, signed, found }) = refusal {
        return Ok(Err(Wrong::Refused { seq: found, signed, since }));
    }
    if let Some(id) = read.vanished().await? {
        return Ok(Err(Wrong::Vanished { id }));
    }
    // All of them are counted; the first that is wrong is told.
    let mut outside = Ok(());
    for line in read.outside_the_chain(i64::MAX).await? {
        outside = outside.and(walk.outside(&line));
    }
    Ok(outside)
}

/// Rows are numbered from 1. Whoever hides one under another number shall not find it passed over.
const fn behind(seq: i64) -> i64 {
    if seq == 0 { i64::MIN } else { seq }
}
