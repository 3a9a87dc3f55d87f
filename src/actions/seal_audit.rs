//! Seals the audit: appends committed lines to the chain and signs its new head.
//!
//! It signs on only where it stopped. Whoever takes rows off the end of the chain and leaves the rest in order would
//! else have the next signature cover what is left. So the chain has to end at its last checkpoint, and has to hold the
//! head that this machine remembers beside its key, where the database's owner has no hand.

use std::time::Duration;

use crate::{
    app::App,
    domain::audit::Checkpoint,
    store::{self, CheckpointRow, Quiet, Read},
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
/// Errs when the lease was lost meanwhile, when the database or the machine's own memory is away, and when the chain is
/// not the one that was signed, which stands in the database then, for our people; nothing is half sealed.
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
    // Before the database: whatever is remembered was committed before it was written down.
    let remembered = remembered(app)?;
    let mut read = app.store.read().await?;
    let found = Found::read(&mut read, remembered).await?;
    let (refused, entries) = (read.sealer_refusal().await?, read.unsealed(BATCH).await?);
    drop(read);
    if let Some(signed) = found.gone() {
        return Err(refuse(app, sealer, signed, found.end().seq).await?);
    }
    let mut head = found.end();
    if entries.is_empty() {
        if refused.is_some() {
            let mut write = app.store.write().await?;
            held(write.holds_sealer(sealer.token, sealer.lease).await?)?;
            write.settle_sealer().await?;
            write.commit_quietly(Quiet::Sealer).await?;
        }
        remember(app, head, remembered).await;
        return Ok(0);
    }
    let first = head.seq + 1;
    let mut links = Vec::with_capacity(entries.len());
    for entry in &entries {
        head = Checkpoint { seq: head.seq + 1, hash: link(&head.hash, entry) };
        links.push((head, entry.id.as_str()));
    }
    let signed = SignedCheckpoint::sign(key, first, head, app.clock.now());
    let mut write = app.store.write().await?;
    held(write.holds_sealer(sealer.token, sealer.lease).await?)?;
    if refused.is_some() {
        write.settle_sealer().await?;
    }
    for (link, id) in &links {
        write.append_link(link.seq, id, &link.hash).await?;
    }
    write.insert_checkpoint(&row(signed)).await?;
    write.commit_quietly(Quiet::Sealer).await?;
    remember(app, head, remembered).await;
    Ok(i64::try_from(entries.len()).unwrap_or(BATCH))
}

/// Where the chain ends, and where it ended when it was signed last.
struct Found {
    head: Option<Checkpoint>,
    /// The last row of the last checkpoint, and whether the chain ends there.
    signed: Option<(i64, bool)>,
    /// The last row that this machine remembers, and whether the chain still holds it.
    remembered: Option<(i64, bool)>,
}

impl Found {
    async fn read(read: &mut Read, remembered: Option<Checkpoint>) -> store::Result<Self> {
        let head = read.chain_head().await?;
        let signed = read.last_checkpoint().await?.map(|last| {
            (last.seq, head.is_some_and(|head| head.seq == last.seq && head.hash.as_slice() == last.hash))
        });
        let remembered = match remembered {
            Some(known) => {
                let hash = read.chain_hash(known.seq).await?;
                Some((known.seq, hash.is_some_and(|hash| hash == known.hash)))
            }
            None => None,
        };
        Ok(Self { head, signed, remembered })
    }

    /// Where the chain ends.
    fn end(&self) -> Checkpoint {
        self.head.unwrap_or(Checkpoint { seq: 0, hash: START })
    }

    /// The last row that was signed, when the chain is not the one that was signed there.
    fn gone(&self) -> Option<i64> {
        let rows_without_signature = self.head.is_some() && self.signed.is_none();
        let gone = |known: &Option<(i64, bool)>| known.is_some_and(|(_, holds)| !holds);
        let last = |known: &Option<(i64, bool)>| known.map_or(0, |(seq, _)| seq);
        (rows_without_signature || gone(&self.signed) || gone(&self.remembered))
            .then(|| last(&self.signed).max(last(&self.remembered)))
    }
}

/// Notes that nothing is signed on, for our people and the doctor; gives the error that says so.
async fn refuse(app: &App, sealer: &Sealer, signed: i64, found: i64) -> Result<Undone, Undone> {
    tracing::error!(signed, found, "the audit's chain is not the one that was signed");
    let mut write = app.store.write().await?;
    held(write.holds_sealer(sealer.token, sealer.lease).await?)?;
    write.refuse_to_seal(signed, found).await?;
    write.commit_quietly(Quiet::Sealer).await?;
    Ok(Undone::Ours(format!(
        "row {signed} of the audit's chain was signed, and the chain ends at row {found}"
    )))
}

fn remembered(app: &App) -> Result<Option<Checkpoint>, Undone> {
    let Some(memory) = &app.vault.audit_head else { return Ok(None) };
    memory.read().map_err(|error| Undone::Ours(error.to_string()))
}

/// Remembers what is signed now. Where that fails the sealing goes on: the checkpoints of the database still tell, and
/// the doctor says that nothing newer is remembered.
async fn remember(app: &App, head: Checkpoint, remembered: Option<Checkpoint>) {
    let Some(memory) = app.vault.audit_head.clone() else { return };
    if head.seq == 0 || remembered == Some(head) {
        return;
    }
    let kept = tokio::task::spawn_blocking(move || memory.keep(head)).await;
    if let Ok(Err(error)) = kept {
        tracing::warn!(%error, "the signed head of the audit is not remembered here");
    }
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
