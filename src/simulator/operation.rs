//! What a request is about: the name under which faults are planned and the log is read.

use serde::{Deserialize, Serialize};

/// One kind of call to one of the simulated services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Instance discovery, which some token clients ask for first.
    Instances,
    /// The OpenID configuration of a tenant.
    Discovery,
    /// The signing keys of a tenant.
    Keys,
    /// A token request.
    Token,
    /// A user read from the directory.
    User,
    /// Mailbox settings read.
    MailboxSettings,
    /// Contacts listed.
    ContactsList,
    /// One contact read.
    ContactRead,
    /// A contact created.
    ContactCreate,
    /// A contact deleted.
    ContactDelete,
    /// Contact changes read.
    ContactsDelta,
    /// A calendar window read.
    CalendarView,
    /// One event read.
    EventRead,
    /// An event created.
    EventCreate,
    /// An event deleted.
    EventDelete,
    /// A message sent, or the attempt.
    SendMail,
    /// Anything else.
    Other,
}
