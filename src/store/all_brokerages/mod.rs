//! Reading across brokerages. Every query of the portal has one brokerage in its WHERE; these have none, so they stand
//! apart: whoever wants them shows the scope of one of our own people, and a test of the house holds that only the
//! staff site and the actions of our people do.

mod asked;
mod brokerages;
mod figures;
mod history;
mod named;
mod outbox;
mod queue;
mod queue_item;
mod queue_texts;
mod queue_view;
mod reader;
mod record_file;
mod record_texts;
mod records;
mod seen;
mod shared_keys;

pub use asked::AskedPlace;
pub use brokerages::{DoneSoFar, FoundBrokerage, MOST_BESIDE, Unconnected, UnconnectedPlace};
pub use figures::MOST_FOLLOWED;
pub use history::{AuditEntry, CheckEntry, InvitationEntry, LOOKED, MailEntry, NoteEntry, StoryEntry};
pub use outbox::{
    MOST_MAILS_LOOKED, MailPlace, OutboxAgain, OutboxFilter, OutboxItem, OutboxMail, OutboxPage, SentTo,
};
pub use queue::{MOST_LOOKED_AT, QueueCounts};
pub use queue_item::{Queue, QueueItem, QueuePlace};
pub use queue_view::{QueueFilter, QueueOrder, QueueOwner, QueueView};
pub use reader::{AllBrokerages, Review};
pub use records::{Filter, Hole, MOST_LOOKED, Record, RecordPlace, Records, RecordsPage};
pub use shared_keys::Sharer;

/// Every text of this room, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&[&str]] = &[
    reader::TEXTS,
    brokerages::TEXTS,
    figures::TEXTS,
    history::TEXTS,
    outbox::TEXTS,
    named::TEXTS,
    queue::TEXTS,
    queue_texts::TEXTS,
    record_file::TEXTS,
    records::TEXTS,
    seen::TEXTS,
    shared_keys::TEXTS,
];
