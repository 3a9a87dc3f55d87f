//! Audit lines: who did what to which thing. They are written in the transaction of the effect.

use std::fmt;

use super::{
    ids::{BrokerageId, PersonId, StaffId},
    instant::Instant,
};

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A brokerage admin.
    Person(PersonId),
    /// One of our own people.
    Staff(StaffId),
    /// The portal itself: a worker, a schedule.
    System,
    /// Somebody not signed in.
    Anonymous,
}

impl Actor {
    /// The word and the id for the table.
    pub fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Person(id) => ("person", Some(id.as_str())),
            Self::Staff(id) => ("staff", Some(id.as_str())),
            Self::System => ("system", None),
            Self::Anonymous => ("anonymous", None),
        }
    }
}

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Who acted.
    pub actor: Actor,
    /// What they did: `attempt.submit`.
    pub verb: &'static str,
    /// The id of what it was done to.
    pub object: String,
    /// For which brokerage.
    pub brokerage: Option<BrokerageId>,
    /// More, as JSON values that hold no secret and no setting: numbers, states, cause ids, digests.
    pub detail: Vec<(&'static str, String)>,
}

impl AuditLine {
    /// A line without more detail.
    pub fn new(actor: Actor, verb: &'static str, object: impl Into<String>) -> Self {
        Self { actor, verb, object: object.into(), brokerage: None, detail: Vec::new() }
    }

    /// The brokerage it belongs to.
    pub fn of(mut self, brokerage: &BrokerageId) -> Self {
        self.brokerage = Some(brokerage.clone());
        self
    }

    /// One more detail.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.detail.push((name, value.into()));
        self
    }
}

/// An audit line as it stands in the table, every column: what the chain is made over. Words and ids are taken as they
/// stand, since whoever looks for changes may meet anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Instant,
    /// Who acted: a word.
    pub actor: String,
    /// Who acted: an id, where there is one.
    pub actor_id: Option<String>,
    /// What they did.
    pub verb: String,
    /// To what.
    pub object: String,
    /// For which brokerage.
    pub brokerage_id: Option<String>,
    /// More, as a JSON object.
    pub detail: String,
}

/// A point of the audit's chain: after so many rows the chain's hash was this. People keep it as `SEQ:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of the last row it covers, counted from 1.
    pub seq: i64,
    /// The chain's hash at that row, SHA-256.
    pub hash: [u8; 32],
}

impl Checkpoint {
    /// Reads `SEQ:HASH`; `None` when it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, digits) = text.trim().split_once(':')?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0)?;
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(place * 2..place * 2 + 2)?, 16).ok()?;
        }
        Some(Self { seq, hash })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.seq)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_and_refuses_anything_else() {
        let checkpoint = Checkpoint { seq: 1234, hash: [0xab; 32] };
        let text = checkpoint.to_string();
        assert_eq!(Checkpoint::parse(&text), Some(checkpoint));
        assert_eq!(Checkpoint::parse(&format!(" {text}\n")), Some(checkpoint));
        let digits = "ab".repeat(32);
        for wrong in
            ["", "7", "7:", ":ab", &format!("0:{digits}"), &format!("x:{digits}"), &text[..text.len() - 1]]
        {
            assert_eq!(Checkpoint::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Checkpoint::parse(&format!("7:+{}", &digits[1..])).map(|read| read.seq), None);
    }
}
