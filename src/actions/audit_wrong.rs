//! What can be wrong with the audit, in the database and in a file that was taken from it.

use std::fmt;

use crate::domain::{audit::AuditEntry, instant::Instant};

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
        entry: Box<AuditEntry>,
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
    /// More stands in the tables than the chain and the lines that wait for it.
    Unmet {
        /// Rows of the chain that do not stand in it.
        rows: i64,
        /// Lines of the audit that nothing leads to.
        lines: i64,
    },
    /// Something in the tables is nothing that the portal writes.
    Unreadable {
        /// The last row before it.
        seq: i64,
    },
    /// A line of a file does not stand where it belongs.
    Misplaced {
        /// The row that stands there.
        seq: i64,
    },
    /// A file ends without the line that ends every export.
    Unended {
        /// Its last row.
        seq: i64,
    },
    /// A file does not hold as many lines as it says.
    Count {
        /// The lines it holds.
        holds: i64,
        /// The lines it says.
        said: i64,
    },
    /// Something follows behind the end of a file.
    Behind,
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
            Self::Unmet { .. } => "unmet",
            Self::Unreadable { .. } => "unreadable",
            Self::Misplaced { .. } => "misplaced",
            Self::Unended { .. } => "unended",
            Self::Count { .. } => "count",
            Self::Behind => "behind",
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
            | Self::Refused { seq, .. }
            | Self::Unreadable { seq }
            | Self::Misplaced { seq }
            | Self::Unended { seq } => Some(*seq),
            Self::Stranger { .. }
            | Self::Vanished { .. }
            | Self::Unmet { .. }
            | Self::Count { .. }
            | Self::Behind => None,
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
            Self::Unmet { rows, lines } => write!(
                f,
                "{rows} rows of the chain and {lines} lines of the audit stand in the tables where nothing leads to \
                 them: they were put in past the portal, or the tables themselves were changed"
            ),
            Self::Unreadable { seq } => write!(
                f,
                "behind row {seq} something stands in the tables that the portal never writes, and that cannot be \
                 read as a line of the audit"
            ),
            Self::Misplaced { seq } => {
                write!(f, "row {seq} does not stand where it belongs: lines were moved, or stand twice")
            }
            Self::Unended { seq } => write!(
                f,
                "the file ends behind row {seq} without the line that ends every export: it was cut off"
            ),
            Self::Count { holds, said } => write!(
                f,
                "the file says that it holds {said} lines, and it holds {holds}: lines were taken out or put in"
            ),
            Self::Behind => write!(f, "something follows behind the end of the export"),
        }
    }
}
