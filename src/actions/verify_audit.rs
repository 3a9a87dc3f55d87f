//! Looks through the audit's chain for everything that was changed, taken out, put in, moved or cut off.

use std::fmt;

use jiff::SignedDuration;

use crate::{
    domain::{
        audit::{AuditEntry, Checkpoint},
        instant::Instant,
    },
    store::{self, CheckpointRow, Link, Read, SealerRefusal, Store},
    vault::{
        audit_chain::{START, SignedCheckpoint, link},
        audit_key::AuditPublicKeys,
    },
};

/// Rows that are read at a time.
const PAGE: i64 = 1000;
/// A line that is older than the last checkpoint by more than this should have been sealed with it. Processes' clocks
/// differ by less.
const LATE: SignedDuration = SignedDuration::from_mins(1);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows of the chain that are as they were sealed.
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

/// What is wrong with the audit, at the first place where anything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// A row of the chain is missing.
    Gap {
        /// Its number.
        seq: i64,
    },
    /// The line of a row is gone.
    Deleted {
        /// The row.
        seq: i64,
        /// The line's id.
        id: String,
    },
    /// A line, its place or its hash is not what was sealed.
    Changed {
        /// The row.
        seq: i64,
        /// The line as it stands now.
        entry: AuditEntry,
    },
    /// A checkpoint does not say what the chain says, or does not begin where the one before it ended.
    Checkpoint {
        /// Its last row.
        seq: i64,
    },
    /// A checkpoint was not signed by a key we know.
    Signature {
        /// Its last row.
        seq: i64,
        /// The key it names.
        key_id: String,
    },
    /// The chain goes on behind its last checkpoint.
    Unsigned {
        /// The first row that no checkpoint covers.
        seq: i64,
    },
    /// The chain ends before a checkpoint.
    CutOff {
        /// Its last row.
        seq: i64,
        /// The checkpoint's last row.
        checkpoint: i64,
    },
    /// The chain is not the one of a checkpoint that somebody kept.
    Forked {
        /// The checkpoint's last row.
        seq: i64,
    },
    /// The sealer found that the chain is not the one it signed, and signs nothing on it.
    Refused {
        /// Where the chain ended then.
        seq: i64,
        /// The last row that was signed.
        signed: i64,
        /// Since when.
        since: Instant,
    },
    /// A line was put into the audit past the portal, or taken out of the chain.
    Stranger {
        /// Its id.
        id: String,
        /// The time it claims.
        at: Instant,
    },
    /// A line was deleted before it was sealed.
    Vanished {
        /// Its id.
        id: String,
    },
}

impl Wrong {
    /// A word for machines.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "gap",
            Self::Deleted { .. } => "deleted",
            Self::Changed { .. } => "changed",
            Self::Checkpoint { .. } => "checkpoint",
            Self::Signature { .. } => "signature",
            Self::Unsigned { .. } => "unsigned",
            Self::CutOff { .. } => "cut_off",
            Self::Forked { .. } => "forked",
            Self::Refused { .. } => "refused",
            Self::Stranger { .. } => "stranger",
            Self::Vanished { .. } => "vanished",
        }
    }

    /// The number of the row it is about, where there is one.
    pub const fn seq(&self) -> Option<i64> {
        match self {
            Self::Gap { seq }
            | Self::Deleted { seq, .. }
            | Self::Changed { seq, .. }
            | Self::Checkpoint { seq }
            | Self::Signature { seq, .. }
            | Self::Unsigned { seq }
            | Self::CutOff { seq, .. }
            | Self::Forked { seq }
            | Self::Refused { seq, .. } => Some(*seq),
            Self::Stranger { .. } | Self::Vanished { .. } => None,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { seq } => write!(f, "row {seq} of the chain is missing"),
            Self::Deleted { seq, id } => {
                write!(f, "row {seq}: the line {id:?} was sealed here and is no longer in the audit")
            }
            Self::Changed { seq, entry } => write!(
                f,
                "row {seq}: the line {:?} ({:?} of {:?}, {}) is not what was sealed here: the line, its place or \
                 its hash was changed",
                entry.id,
                entry.verb,
                entry.object,
                entry.at.timestamp()
            ),
            Self::Checkpoint { seq } => write!(
                f,
                "the checkpoint at row {seq} does not fit the chain: the chain was made anew, or a checkpoint was \
                 changed or taken out"
            ),
            Self::Signature { seq, key_id } => write!(
                f,
                "the checkpoint at row {seq} has no good signature of the key {key_id:?}; where that key is an \
                 older one of yours, its public half belongs into the file of public audit keys"
            ),
            Self::Unsigned { seq } => {
                write!(f, "row {seq} and what follows stand in the chain without a signed checkpoint")
            }
            Self::CutOff { seq, checkpoint } => {
                write!(
                    f,
                    "the chain ends at row {seq}, and a checkpoint tells of row {checkpoint}: rows were cut off"
                )
            }
            Self::Forked { seq } => write!(
                f,
                "at row {seq} the chain is not the one of a checkpoint that was kept: an older copy of the database \
                 was put back and went its own way, or the chain was made anew"
            ),
            Self::Refused { seq, signed, since } => write!(
                f,
                "since {} the sealer signs nothing on: row {signed} was signed, and the chain ended at row {seq}: \
                 rows were cut off, or an older copy of the database was put back",
                since.timestamp()
            ),
            Self::Stranger { id, at } => write!(
                f,
                "the line {id:?} of {} stands in the audit and not in the chain: it was put in past the portal",
                at.timestamp()
            ),
            Self::Vanished { id } => write!(f, "the line {id:?} was deleted before it was sealed"),
        }
    }
}

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
    let wrong = match walk.chain(&mut read).await? {
        Some(wrong) => Some(wrong),
        None => walk.end(&mut read, refusal).await?,
    };
    Ok(Verified {
        sealed: walk.head.seq,
        waiting: walk.waiting,
        waiting_since: walk.waiting_since,
        last: walk.signed,
        wrong,
    })
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

/// The way along the chain.
struct Walk<'a> {
    keys: &'a AuditPublicKeys,
    kept: &'a [Checkpoint],
    /// The last row that was good.
    head: Checkpoint,
    /// The last checkpoint that was good.
    signed: Option<(Checkpoint, Instant)>,
    /// Checkpoints that were read ahead, in order.
    ahead: std::collections::VecDeque<CheckpointRow>,
    waiting: i64,
    waiting_since: Option<Instant>,
}

impl<'a> Walk<'a> {
    fn new(keys: &'a AuditPublicKeys, kept: &'a [Checkpoint]) -> Self {
        let head = Checkpoint { seq: 0, hash: START };
        Self { keys, kept, head, signed: None, ahead: Default::default(), waiting: 0, waiting_since: None }
    }

    async fn chain(&mut self, read: &mut Read) -> store::Result<Option<Wrong>> {
        loop {
            let links = read.links(behind(self.head.seq), PAGE).await?;
            if links.is_empty() {
                return Ok(None);
            }
            for link in links {
                let wrong = match self.step(link) {
                    Some(wrong) => Some(wrong),
                    None => self.checkpoint(read).await?,
                };
                if wrong.is_some() {
                    return Ok(wrong);
                }
            }
        }
    }

    /// One row on.
    fn step(&mut self, row: Link) -> Option<Wrong> {
        let seq = self.head.seq + 1;
        if row.seq != seq {
            return Some(Wrong::Gap { seq });
        }
        let Some(entry) = row.entry else { return Some(Wrong::Deleted { seq, id: row.audit_id }) };
        let hash = link(&self.head.hash, &entry);
        if row.hash != hash {
            return Some(Wrong::Changed { seq, entry });
        }
        self.head = Checkpoint { seq, hash };
        let forked = self.kept.iter().any(|kept| kept.seq == seq && kept.hash != hash);
        forked.then_some(Wrong::Forked { seq })
    }

    /// Looks at the checkpoint that ends here, if one does.
    async fn checkpoint(&mut self, read: &mut Read) -> store::Result<Option<Wrong>> {
        if self.ahead.is_empty() {
            let after = behind(self.covered());
            self.ahead.extend(read.checkpoints(after, PAGE).await?);
        }
        if self.ahead.front().is_none_or(|next| next.seq > self.head.seq) {
            return Ok(None);
        }
        let Some(row) = self.ahead.pop_front() else { return Ok(None) };
        let seq = row.seq;
        if seq != self.head.seq || row.first_seq != self.covered() + 1 || row.hash != self.head.hash {
            return Ok(Some(Wrong::Checkpoint { seq }));
        }
        let signed = SignedCheckpoint {
            first_seq: row.first_seq,
            head: self.head,
            at: row.at,
            key_id: row.key_id,
            signature: row.signature,
        };
        if !self.keys.find(&signed.key_id).is_some_and(|key| signed.was_signed_by(key)) {
            return Ok(Some(Wrong::Signature { seq, key_id: signed.key_id }));
        }
        self.signed = Some((self.head, signed.at));
        Ok(None)
    }

    /// The last row that a good checkpoint covers.
    fn covered(&self) -> i64 {
        self.signed.map_or(0, |(head, _)| head.seq)
    }

    /// What stands behind the chain's last row, and outside of it.
    async fn end(&mut self, read: &mut Read, refusal: Option<SealerRefusal>) -> store::Result<Option<Wrong>> {
        let seq = self.head.seq;
        let told = read.checkpoints(seq, 1).await?.first().map(|row| row.seq);
        let kept = self.kept.iter().map(|kept| kept.seq).filter(|kept| *kept > seq).min();
        if let Some(checkpoint) = told.or(kept) {
            return Ok(Some(Wrong::CutOff { seq, checkpoint }));
        }
        if self.covered() < seq {
            return Ok(Some(Wrong::Unsigned { seq: self.covered() + 1 }));
        }
        if let Some(SealerRefusal { since, signed, found }) = refusal {
            return Ok(Some(Wrong::Refused { seq: found, signed, since }));
        }
        if let Some(id) = read.vanished().await? {
            return Ok(Some(Wrong::Vanished { id }));
        }
        self.outside(read).await
    }

    /// Lines that are not in the chain: those of the last second wait for the sealer.
    async fn outside(&mut self, read: &mut Read) -> store::Result<Option<Wrong>> {
        let due = self.signed.map(|(_, at)| at.plus(-LATE));
        let all = read.outside_the_chain(i64::MAX).await?;
        let stranger = all.iter().find(|line| !line.waits || due.is_some_and(|due| line.at < due));
        self.waiting = i64::try_from(all.len()).unwrap_or(i64::MAX);
        self.waiting_since = all.first().map(|line| line.at);
        Ok(stranger.map(|line| Wrong::Stranger { id: line.id.clone(), at: line.at }))
    }
}

/// Rows are numbered from 1. Whoever hides one under another number shall not find it passed over.
const fn behind(seq: i64) -> i64 {
    if seq == 0 { i64::MIN } else { seq }
}
