//! Mail that left the simulated system: a check must never cause any.

use serde::Serialize;

/// A message or invitation that would have gone out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// The mailbox it was sent from.
    pub mailbox: String,
    /// Recipients; empty when a server accepted a message without any.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
}
