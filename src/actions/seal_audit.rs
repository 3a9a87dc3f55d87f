//! Seals the audit: appends committed lines to the chain and signs its new head.

use std::time::Duration;

use crate::{
    app::App,
    domain::audit::Checkpoint,
    store::{CheckpointRow, Quiet},
    vault::{
        audit_chain::{START, SignedCheckpoint, link},
        audit_key::AuditKey,
    },
};

use super::undone::{Undone, held};

/// Rows that go in one transaction, under one signature.
pub const BATCH: i64 = 256;

/// Who seals, for as long as its lease holds.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// What its process is called in the table.
    pub name: String,
    /// The token of its lease.
    pub token: [u8; 16],
    /// How long the lease lasts without a sign of life.
    pub lease: Duration,
}

/// Seals every committed line. `Ok(false)`: another one holds the lease, and nothing was done.
///
/// Errs when the lease was lost meanwhile, and when the database is away; nothing is half sealed.
pub async fn seal_audit(app: &App, sealer: &Sealer) -> Result<bool, Undone> {
    let Some(key) = &app.vault.audit else { return Ok(false) };
    let mut write = app.store.write().await?;
    let taken = write.take_sealer(&sealer.name, sealer.token, sealer.lease).await?;
    write.commit_quietly(Quiet::Sealer).await?;
    if !taken {
        return Ok(false);
    }
    while batch(app, key, sealer).await? == BATCH {}
    Ok(true)
}

/// Seals up to [`BATCH`] lines; gives how many. Hashes and signature are made between two transactions: whoever still
/// holds the token in the second one is the only one who sealed since the first.
async fn batch(app: &App, key: &AuditKey, sealer: &Sealer) -> Result<i64, Undone> {
    let mut read = app.store.read().await?;
    let (head, entries) = (read.chain_head().await?, read.unsealed(BATCH).await?);
    drop(read);
    if entries.is_empty() {
        return Ok(0);
    }
    let mut head = head.unwrap_or(Checkpoint { seq: 0, hash: START });
    let first = head.seq + 1;
    let mut links = Vec::with_capacity(entries.len());
    for entry in &entries {
        head = Checkpoint { seq: head.seq + 1, hash: link(&head.hash, entry) };
        links.push((head, entry.id.as_str()));
    }
    let signed = SignedCheckpoint::sign(key, first, head, app.clock.now());
    let mut write = app.store.write().await?;
    held(write.holds_sealer(sealer.token, sealer.lease).await?)?;
    for (link, id) in &links {
        write.append_link(link.seq, id, &link.hash).await?;
    }
    write.insert_checkpoint(&row(signed)).await?;
    write.commit_quietly(Quiet::Sealer).await?;
    Ok(i64::try_from(entries.len()).unwrap_or(BATCH))
}

fn row(signed: SignedCheckpoint) -> CheckpointRow {
    CheckpointRow {
        seq: signed.head.seq,
        first_seq: signed.first_seq,
        hash: signed.head.hash.to_vec(),
        at: signed.at,
        key_id: signed.key_id,
        signature: signed.signature,
    }
}

/// Gives the lease back, so that another one need not wait for its end.
///
/// Errs when the database is away; the lease then ends by itself.
pub async fn stop_sealing(app: &App, sealer: &Sealer) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    write.release_sealer(sealer.token).await?;
    Ok(write.commit_quietly(Quiet::Sealer).await?)
}
