//! A dry run: a check of answers that nobody has submitted yet. It uses up no attempt, moves no connection and sends no
//! mail.

use super::{
    ids::{BrokerageId, CheckId, ConnectionId, DraftId, SecretId},
    instant::Instant,
};

/// Why a dry run ended without anybody having looked: its answers were gone before its turn came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DryRunEnd {
    /// They were submitted meanwhile, or taken back: a submission has a check of its own.
    Submitted,
    /// Another secret was entered meanwhile.
    Changed,
    /// The secret's time was over.
    Expired,
}

impl DryRunEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Submitted, Self::Changed, Self::Expired];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Changed => "changed",
            Self::Expired => "expired",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

/// What a dry run tests. Its settings are kept encrypted, so they are not part of this value.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// The check that carries it out.
    pub check_id: CheckId,
    /// Whose connection it is for.
    pub brokerage_id: BrokerageId,
    /// That connection.
    pub connection_id: ConnectionId,
    /// The draft whose answers it tests.
    pub draft_id: DraftId,
    /// The number of the attempt that the draft would become.
    pub attempt_number: i64,
    /// The draft's secret at that time, where its kind has one. It may be gone by now.
    pub secret_id: Option<SecretId>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// Why nobody looked, where nobody did.
    pub ended_by: Option<DryRunEnd>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        assert!(DryRunEnd::ALL.iter().all(|end| DryRunEnd::parse(end.as_str()) == Some(*end)));
    }
}
