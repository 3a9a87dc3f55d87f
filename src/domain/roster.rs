//! A roster: the mailboxes of an office that one credential shall reach.

use super::address::MailAddress;

/// The most mailboxes of one roster: more than any office has that asks for it, and a table that a browser still sends.
pub const MOST_MAILBOXES: usize = 20_000;

/// A mailbox of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterMailbox {
    /// The line of the table it stands on, counted from 1 as spreadsheets do.
    pub line: u64,
    /// Its address.
    pub mailbox: MailAddress,
}

/// A line of a table that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: LineProblem,
}

/// Why a line of a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineProblem {
    /// There is no address on it.
    NoAddress,
    /// What stands there is no mail address.
    NotAnAddress,
    /// The same address stands on an earlier line.
    Repeated {
        /// That line.
        first: u64,
    },
    /// It is not text in UTF-8.
    NotText,
}

impl LineProblem {
    /// What people read beside the line's number.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoAddress => "has no mail address".to_owned(),
            Self::NotAnAddress => "what stands in the address column is no mail address".to_owned(),
            Self::Repeated { first } => format!("has the same address as line {first}"),
            Self::NotText => "is not text in UTF-8; save the table as \"CSV UTF-8\"".to_owned(),
        }
    }
}
