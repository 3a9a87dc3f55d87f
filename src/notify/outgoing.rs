//! What every transport is given, and what it answers.

use crate::domain::{address::MailAddress, ids::MailId, instant::Instant, mail::MailKind};

/// A message that is handed over.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Its row of the outbox.
    pub id: &'a MailId,
    /// What it tells.
    pub kind: MailKind,
    /// The present, for the names of files.
    pub now: Instant,
    /// The envelope's sender: where bounces go.
    pub from: &'a str,
    /// The recipient.
    pub to: &'a MailAddress,
    /// The final bytes.
    pub message: &'a [u8],
}

/// The message is in other hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What the other side said, shortened, without control characters. It may hold the recipient's address.
    pub reply: String,
}

/// Why a message was not handed over, and what that means for a repeat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing left, or too little to be a message: a repeat makes no second mail. Also when the mail server does
    /// not take us at all (sign-in, sender), which is a fault of the settings and not of this mail.
    #[error("not handed over: {0}")]
    NotReached(String),
    /// The mail server refused the message for now (4xx): a repeat later may be taken.
    #[error("refused for now: {0}")]
    RefusedForNow(String),
    /// The mail server refused recipient or message for good (5xx).
    #[error("refused for good: {0}")]
    RefusedForGood(String),
    /// The whole message left, and no answer came: it may have been taken.
    #[error("handed over without an answer: {0}")]
    Uncertain(String),
}
