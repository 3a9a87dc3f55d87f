//! Lines that were chosen from the audit, newest first, and how far each of them is proven.

use super::{
    audit_walk::{Verified, is_as_sealed, signed},
    audit_wrong::Wrong,
};
use crate::{
    domain::{
        audit::{AuditEntry, Checkpoint},
        instant::Instant,
    },
    store::{CheckpointRow, Outside},
    vault::audit_key::AuditPublicKeys,
};

/// A file that holds a part of the audit, and how far that is proven.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Rows that a signature or a kept checkpoint proves, with their place.
    pub proven: i64,
    /// Rows that only match the hash beside them.
    pub own: i64,
    /// Checkpoints that were kept and are about rows which the file does not hold.
    pub unmet: usize,
    /// Why the file ended early, by its own words.
    pub ended: Option<String>,
    /// Whether lines were chosen, and not only the end is missing.
    pub chosen: bool,
}

/// A row that the line before it spoke of.
struct Told {
    seq: i64,
    hash: Vec<u8>,
    /// Whether a signature stands behind it.
    proven: bool,
}

/// The way through a selection.
pub(super) struct Loose<'a> {
    keys: &'a AuditPublicKeys,
    kept: &'a [Checkpoint],
    /// The kept checkpoints that were met.
    met: Vec<i64>,
    told: Option<Told>,
    /// The row that has to follow, because a checkpoint said so.
    due: Option<i64>,
    /// The line before: lines stand newest first, and none stands twice.
    before: Option<(Instant, String)>,
    newest: Option<(Checkpoint, Instant)>,
    seq: i64,
    part: Part,
    waiting: i64,
    waiting_since: Option<Instant>,
}

impl<'a> Loose<'a> {
    pub(super) fn new(keys: &'a AuditPublicKeys, kept: &'a [Checkpoint]) -> Self {
        Self {
            keys,
            kept,
            met: Vec::new(),
            told: None,
            due: None,
            before: None,
            newest: None,
            seq: 0,
            part: Part { chosen: true, ..Part::default() },
            waiting: 0,
            waiting_since: None,
        }
    }

    /// The row that was met last.
    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }

    /// A checkpoint that ends at the row that follows.
    pub(super) fn checkpoint(&mut self, row: CheckpointRow) -> Result<(), Wrong> {
        let seq = row.seq;
        let Ok(hash) = <[u8; 32]>::try_from(row.hash.as_slice()) else {
            return Err(Wrong::Checkpoint { seq });
        };
        let fits = self.told.as_ref().is_none_or(|told| told.seq != seq || told.hash == hash);
        if !fits || self.due.is_some() {
            return Err(Wrong::Checkpoint { seq });
        }
        let good = signed(self.keys, row, Checkpoint { seq, hash })?;
        self.newest = self.newest.or(Some(good));
        self.due = Some(seq);
        self.told = Some(Told { seq, hash: hash.to_vec(), proven: true });
        Ok(())
    }

    /// A row, with the hash of the row before it.
    pub(super) fn row(
        &mut self,
        seq: i64,
        previous: Option<&[u8]>,
        entry: AuditEntry,
        hash: &[u8],
    ) -> Result<(), Wrong> {
        self.comes(entry.at, &entry.id, seq)?;
        if let Some(due) = self.due.take().filter(|due| *due != seq) {
            return Err(Wrong::Checkpoint { seq: due });
        }
        self.seq = seq;
        match is_as_sealed(seq, previous, &entry, hash) {
            Some(true) => {}
            Some(false) => return Err(Wrong::Changed { seq, entry: Box::new(entry) }),
            None => return Err(Wrong::Gap { seq: seq.saturating_sub(1) }),
        }
        // A number is no part of a row's own hash: the line before says which number goes with which hash.
        let told = self.told.take();
        if told.as_ref().is_some_and(|told| (told.seq == seq) != (told.hash == hash)) {
            return Err(Wrong::Changed { seq, entry: Box::new(entry) });
        }
        let mut proven = told.is_some_and(|told| told.seq == seq && told.proven);
        for kept in self.kept.iter().filter(|kept| kept.seq == seq) {
            if kept.hash.as_slice() != hash {
                return Err(Wrong::Forked { seq });
            }
            self.met.push(seq);
            proven = true;
        }
        if proven {
            self.part.proven += 1;
        } else {
            self.part.own += 1;
        }
        self.told = previous.map(|hash| Told { seq: seq.saturating_sub(1), hash: hash.to_vec(), proven });
        Ok(())
    }

    /// A line that is not in the chain.
    pub(super) fn outside(&mut self, line: &Outside) -> Result<(), Wrong> {
        self.comes(line.at, &line.id, self.seq)?;
        if let Some(seq) = self.due {
            return Err(Wrong::Checkpoint { seq });
        }
        if !line.waits {
            return Err(Wrong::Stranger { id: line.id.clone(), at: line.at });
        }
        self.waiting += 1;
        self.waiting_since = Some(line.at);
        Ok(())
    }

    fn comes(&mut self, at: Instant, id: &str, seq: i64) -> Result<(), Wrong> {
        let place = (at, id.to_owned());
        if self.before.as_ref().is_some_and(|before| *before <= place) {
            return Err(Wrong::Misplaced { seq });
        }
        self.before = Some(place);
        Ok(())
    }

    /// What was found, and how far it goes.
    pub(super) fn found(mut self, wrong: Option<Wrong>, ended: Option<String>) -> (Verified, Part) {
        self.part.unmet = self.kept.iter().filter(|kept| !self.met.contains(&kept.seq)).count();
        self.part.ended = ended;
        let found = Verified {
            sealed: self.part.proven + self.part.own,
            waiting: self.waiting,
            waiting_since: self.waiting_since,
            last: self.newest,
            wrong: wrong.or_else(|| self.due.map(|seq| Wrong::Checkpoint { seq })),
        };
        (found, self.part)
    }
}
