//! The way along the audit's chain, row by row: the same for the database and for a file that was taken from it. It
//! remembers where it is and nothing of what it passed, so the length of the chain costs no memory.

use jiff::SignedDuration;

use super::audit_wrong::Wrong;
use crate::{
    domain::{
        audit::{AuditEntry, Checkpoint},
        instant::Instant,
    },
    store::{CheckpointRow, Link, Outside},
    vault::{
        audit_chain::{START, SignedCheckpoint, link},
        audit_key::AuditPublicKeys,
    },
};

/// A line that is older than the last checkpoint by more than this should have been sealed with it. Processes' clocks
/// differ by less.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(1);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows of the chain that are as they were sealed: up to the last good checkpoint. Rows behind it fit their own hashes, which
    /// whoever changed them could have calculated, too.
    pub sealed: i64,
    /// Lines that wait for the sealer.
    pub waiting: i64,
    /// Since when the oldest of them waits.
    pub waiting_since: Option<Instant>,
    /// The newest checkpoint and when it was signed.
    pub last: Option<(Checkpoint, Instant)>,
    /// The first thing that is wrong, if anything is.
    pub wrong: Option<Wrong>,
}

impl Verified {
    /// Whether everything up to this time is proven: nothing waits for the sealer for longer than it takes.
    pub fn is_proven_until(&self, at: Instant) -> bool {
        self.waiting_since.is_none_or(|since| since >= at.plus(-LATE))
    }

    /// What is proven of the rows before the first thing that is wrong.
    pub fn proven(&self) -> String {
        match self.sealed {
            0 => "No signed checkpoint proves the rows before it.".to_owned(),
            sealed => {
                format!("A signed checkpoint proves rows 1 to {sealed}; those behind it are not proven.")
            }
        }
    }
}

/// Whether a line is what was sealed at row `seq` under `hash`; `None` when the row before it, which `previous` is the hash
/// of, is not there to tell.
pub fn is_as_sealed(seq: i64, previous: Option<&[u8]>, entry: &AuditEntry, hash: &[u8]) -> Option<bool> {
    let previous: [u8; 32] = match previous {
        None if seq == 1 => START,
        before => before?.try_into().ok()?,
    };
    Some(link(&previous, entry).as_slice() == hash)
}

/// A checkpoint as it stands, if a key of ours signed it.
pub(super) fn signed(
    keys: &AuditPublicKeys,
    row: CheckpointRow,
    head: Checkpoint,
) -> Result<(Checkpoint, Instant), Wrong> {
    let signed = SignedCheckpoint {
        first_seq: row.first_seq,
        head,
        at: row.at,
        key_id: row.key_id,
        signature: row.signature,
    };
    if keys.find(&signed.key_id).is_some_and(|key| signed.was_signed_by(key)) {
        Ok((head, signed.at))
    } else {
        Err(Wrong::Signature { seq: head.seq, key_id: signed.key_id })
    }
}

/// The way along the chain.
pub(super) struct Walk<'a> {
    keys: &'a AuditPublicKeys,
    kept: &'a [Checkpoint],
    /// The last row that was good.
    head: Checkpoint,
    /// The last checkpoint that was good.
    signed: Option<(Checkpoint, Instant)>,
    waiting: i64,
    waiting_since: Option<Instant>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(keys: &'a AuditPublicKeys, kept: &'a [Checkpoint]) -> Self {
        let head = Checkpoint { seq: 0, hash: START };
        Self { keys, kept, head, signed: None, waiting: 0, waiting_since: None }
    }

    /// The last row that was good.
    pub(super) const fn seq(&self) -> i64 {
        self.head.seq
    }

    /// The last row that a good checkpoint covers.
    pub(super) fn covered(&self) -> i64 {
        self.signed.map_or(0, |(head, _)| head.seq)
    }

    /// Lines that are not in the chain, as far as they were met.
    pub(super) const fn waiting(&self) -> i64 {
        self.waiting
    }

    /// One row on.
    pub(super) fn row(&mut self, row: Link) -> Result<(), Wrong> {
        let seq = self.head.seq + 1;
        if row.seq > seq {
            return Err(Wrong::Gap { seq });
        }
        if row.seq < seq {
            return Err(Wrong::Misplaced { seq: row.seq });
        }
        let Some(entry) = row.entry else { return Err(Wrong::Deleted { seq, id: row.audit_id }) };
        let hash = link(&self.head.hash, &entry);
        if row.hash != hash {
            return Err(Wrong::Changed { seq, entry: Box::new(entry) });
        }
        self.head = Checkpoint { seq, hash };
        let forked = self.kept.iter().any(|kept| kept.seq == seq && kept.hash != hash);
        if forked { Err(Wrong::Forked { seq }) } else { Ok(()) }
    }

    /// The checkpoint that ends here.
    pub(super) fn checkpoint(&mut self, row: CheckpointRow) -> Result<(), Wrong> {
        let seq = row.seq;
        if seq > self.head.seq {
            return Err(Wrong::Gap { seq: self.head.seq + 1 });
        }
        if seq != self.head.seq || row.first_seq != self.covered() + 1 || row.hash != self.head.hash {
            return Err(Wrong::Checkpoint { seq });
        }
        self.signed = Some(signed(self.keys, row, self.head)?);
        Ok(())
    }

    /// The chain ends here; `told` is a row of a checkpoint behind it.
    pub(super) fn ends(&self, told: Option<i64>) -> Result<(), Wrong> {
        let seq = self.head.seq;
        let kept = self.kept.iter().map(|kept| kept.seq).filter(|kept| *kept > seq).min();
        if let Some(checkpoint) = told.or(kept) {
            return Err(Wrong::CutOff { seq, checkpoint });
        }
        if self.covered() < seq { Err(Wrong::Unsigned { seq: self.covered() + 1 }) } else { Ok(()) }
    }

    /// A line that is not in the chain: those of the last second wait for the sealer.
    pub(super) fn outside(&mut self, line: &Outside) -> Result<(), Wrong> {
        self.waiting = self.waiting.saturating_add(1);
        self.waiting_since = self.waiting_since.or(Some(line.at));
        let due = self.signed.map(|(_, at)| at.plus(-LATE));
        if !line.waits || due.is_some_and(|due| line.at < due) {
            return Err(Wrong::Stranger { id: line.id.clone(), at: line.at });
        }
        Ok(())
    }

    /// What was found.
    pub(super) fn found(self, wrong: Option<Wrong>) -> Verified {
        Verified {
            sealed: self.covered(),
            waiting: self.waiting,
            waiting_since: self.waiting_since,
            last: self.signed,
            wrong,
        }
    }
}
