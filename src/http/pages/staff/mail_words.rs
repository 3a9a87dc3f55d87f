//! What the pages of the outbox call the kinds and states of mails.

use crate::domain::mail::{AgainReason, MailKind, MailState};

/// The states that the list can be narrowed to, with their words in its address and on the page.
pub(super) const STATES: &[(MailState, &str)] = &[
    (MailState::Pending, "Waiting"),
    (MailState::Sending, "Sending"),
    (MailState::Accepted, "Accepted"),
    (MailState::Uncertain, "Uncertain"),
    (MailState::Rejected, "Refused"),
    (MailState::Held, "Held"),
];

/// A state with its colour.
pub(super) const fn state(state: MailState) -> (&'static str, &'static str) {
    match state {
        MailState::Pending => ("info", "Waiting"),
        MailState::Sending => ("info", "Sending"),
        MailState::Accepted => ("ok", "Accepted"),
        MailState::Uncertain => ("warn", "Uncertain"),
        MailState::Rejected => ("bad", "Refused"),
        MailState::Held => ("", "Held"),
    }
}

/// What a state means.
pub(super) const fn meaning(state: MailState) -> &'static str {
    match state {
        MailState::Pending => "It waits for its turn, or for a mail server that could not take it yet.",
        MailState::Sending => "The mail server is being spoken to.",
        MailState::Accepted => "The mail server took it. Whether it lies in the mailbox is not known here.",
        MailState::Uncertain => {
            "It left, and no answer came: it may have arrived. It is repeated once by itself."
        }
        MailState::Rejected => "The mail server refused it for good, or could not be reached for two days.",
        MailState::Held => "It was not sent: what it tells was so no more when its turn came.",
    }
}

/// A kind in a few words.
pub(super) const fn kind(kind: MailKind) -> &'static str {
    match kind {
        MailKind::SignInCode => "Sign-in code",
        MailKind::Received => "Received",
        MailKind::Verified => "Verified",
        MailKind::Failed => "Not connected yet",
        MailKind::Waiting => "Waiting for the provider",
        MailKind::NeedsStaff => "Our people look at it",
        MailKind::Accepted => "Brokerage accepted",
        MailKind::Invitation => "Invitation",
        MailKind::GuideStep => "A step for a colleague",
        MailKind::RosterEnded => "All mailboxes checked",
        MailKind::Ending => "Secret ends soon",
        MailKind::Question => "Question of an office, to us",
        MailKind::Answer => "Answer to a question",
        MailKind::ProviderLetter => "Letter for the mail provider",
        MailKind::AccessAsked => "Somebody asks to see a secret",
        MailKind::AccessOpened => "Secret opened without a yes",
        MailKind::AccessLooked => "Secret looked at",
        MailKind::AccessStopped => "Access stopped",
        MailKind::AccessAnswered => "Answer to a request, to us",
        MailKind::Rotated => "New secret in use",
        MailKind::Closed => "Connection closed",
        MailKind::Reopened => "Connection open again",
        MailKind::Enabled => "Enabled in MoxiEngage",
        MailKind::StaffNeed => "Needs one of us, to us",
        MailKind::StaffOverdue => "Overdue, to us",
        MailKind::StaffDaily => "What waits, once a day, to us",
        MailKind::SecondWanted => "A second person is wanted, to operations",
        MailKind::LooksRefused => "No more secrets are shown, to operations and owners",
        MailKind::KeeperTold => "How a brokerage fares, to its account manager",
        MailKind::HandedOver => "Handed over, to a colleague",
        MailKind::Message => "Written by one of us",
    }
}

/// Why somebody has a mail sent once more.
pub(super) const fn reason(reason: AgainReason) -> &'static str {
    match reason {
        AgainReason::NotCome => "They say that it did not come",
        AgainReason::Refused => "What refused it is mended",
        AgainReason::Asked => "They asked for it once more",
    }
}
