//! The outbox as its page lists it: newest mails first, by state and by brokerage, and one mail with all that is kept of it.

use super::reader::AllBrokerages;
use crate::domain::{
    ids::{BrokerageId, MailId, StaffId},
    instant::Instant,
    mail::{AgainReason, MailKind, MailState},
};
use crate::store::{dialect::on, error::Result, transaction::Write};

/// Mails of a page at most; one more is read, to know whether there is a next page.
const MOST: usize = 50;

macro_rules! page {
    ($lead:literal) => {
        concat!(
            "
SELECT page.id, page.kind, page.brokerage_id, page.recipient_box, page.state, page.sends, page.created_at,
    page.changed_at, page.reply_box, page.again_of, brokerages.company, jobs.run_at AS next_try
FROM (
    SELECT id, kind, brokerage_id, recipient_box, state, sends, created_at, changed_at, reply_box, again_of
    FROM mails
    WHERE ",
            $lead,
            "(created_at, id) < ($1, $2) AND $3 = $3 AND $4 = $4
    ORDER BY created_at DESC, id DESC
    LIMIT 51
) AS page
LEFT JOIN brokerages ON brokerages.id = page.brokerage_id
LEFT JOIN jobs ON jobs.kind IN ('send_mail', 'send_code') AND jobs.subject = page.id
    AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
ORDER BY page.created_at DESC, page.id DESC"
        )
    };
}

const ALL: &str = page!("");
const IN_STATE: &str = page!("state = $3 AND ");
const OF_BROKERAGE: &str = page!("brokerage_id = $4 AND ");
const OF_BROKERAGE_IN_STATE: &str = page!("brokerage_id = $4 AND state = $3 AND ");

const ONE: &str = "
SELECT mails.id, mails.kind, mails.event_id, mails.brokerage_id, mails.recipient_key, mails.recipient_box,
    mails.message_id, mails.message_box, mails.state, mails.sends, mails.created_at, mails.changed_at, mails.reply_box,
    mails.again_of, mails.again_reason, staff.name AS again_by, brokerages.company, jobs.run_at AS next_try
FROM mails
LEFT JOIN brokerages ON brokerages.id = mails.brokerage_id
LEFT JOIN staff ON staff.id = mails.again_by
LEFT JOIN jobs ON jobs.kind IN ('send_mail', 'send_code') AND jobs.subject = mails.id
    AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
WHERE mails.id = $1";

const AGAINS: &str = "
SELECT mails.id, mails.state, mails.created_at, staff.name
FROM mails
LEFT JOIN staff ON staff.id = mails.again_by
WHERE mails.again_of = $1
ORDER BY mails.created_at, mails.id
LIMIT 50";

const COUNT: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM mails WHERE state = $1 LIMIT 100) AS counted";

const MARK: &str = "UPDATE mails SET again_of = $2, again_reason = $3, again_by = $4 WHERE id = $1";

pub(super) const TEXTS: &[&str] =
    &[ALL, IN_STATE, OF_BROKERAGE, OF_BROKERAGE_IN_STATE, ONE, AGAINS, COUNT, MARK];

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPlace {
    /// When the last mail was written.
    pub at: Instant,
    /// Its id.
    pub id: MailId,
}

impl MailPlace {
    /// Reads a place from an address: microseconds, a dot, the id.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: Instant::from_micros(at.parse().ok()?), id: MailId::parse(id).ok()? })
    }
}

impl std::fmt::Display for MailPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_micros(), self.id)
    }
}

/// A mail in the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OutboxItem {
    /// Its id.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// For which brokerage.
    pub brokerage_id: Option<BrokerageId>,
    /// The recipient's address, encrypted.
    pub recipient_box: Vec<u8>,
    /// Where it stands.
    pub state: MailState,
    /// How often the message began to leave.
    pub sends: i64,
    /// When it was written.
    pub created_at: Instant,
    /// When its state last changed.
    pub changed_at: Instant,
    /// What the mail server said last, encrypted.
    pub reply_box: Option<Vec<u8>>,
    /// The mail that it sends once more.
    pub again_of: Option<MailId>,
    /// That brokerage's name.
    pub company: Option<String>,
    /// When it is tried next.
    pub next_try: Option<Instant>,
}

/// One mail with all that is kept of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OutboxMail {
    /// Its id.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// The event it tells of.
    pub event_id: String,
    /// For which brokerage.
    pub brokerage_id: Option<BrokerageId>,
    /// The recipient's blinded address.
    pub recipient_key: Vec<u8>,
    /// The recipient's address, encrypted.
    pub recipient_box: Vec<u8>,
    /// The Message-ID.
    pub message_id: String,
    /// The finished bytes, encrypted, until retention drops them.
    pub message_box: Option<Vec<u8>>,
    /// Where it stands.
    pub state: MailState,
    /// How often the message began to leave.
    pub sends: i64,
    /// When it was written.
    pub created_at: Instant,
    /// When its state last changed.
    pub changed_at: Instant,
    /// What the mail server said last, encrypted.
    pub reply_box: Option<Vec<u8>>,
    /// The mail that it sends once more.
    pub again_of: Option<MailId>,
    /// Why.
    pub again_reason: Option<AgainReason>,
    /// The name of whoever had it sent once more.
    pub again_by: Option<String>,
    /// The brokerage's name.
    pub company: Option<String>,
    /// When it is tried next.
    pub next_try: Option<Instant>,
}

/// A mail that sends another one once more: its id, its state, when it was written, and who wanted it.
pub type OutboxAgain = (MailId, MailState, Instant, Option<String>);

impl AllBrokerages<'_> {
    /// A page of the outbox, newest first, and where the next one begins.
    pub async fn outbox(
        &mut self,
        state: Option<MailState>,
        brokerage: Option<&BrokerageId>,
        after: Option<&MailPlace>,
    ) -> Result<(Vec<OutboxItem>, Option<MailPlace>)> {
        let text = match (state, brokerage) {
            (None, None) => ALL,
            (Some(_), None) => IN_STATE,
            (None, Some(_)) => OF_BROKERAGE,
            (Some(_), Some(_)) => OF_BROKERAGE_IN_STATE,
        };
        let (at, id) = match after {
            Some(place) => (place.at, place.id.as_str()),
            None => (Instant::from_micros(i64::MAX), ""),
        };
        let mut items: Vec<OutboxItem> = on!(self.read.tx, c => sqlx::query_as(text)
            .bind(at)
            .bind(id)
            .bind(state.map_or("", |state| state.as_str()))
            .bind(brokerage.map_or("", BrokerageId::as_str))
            .fetch_all(c).await)?;
        let more = items.len() > MOST;
        items.truncate(MOST);
        let next = items.last().filter(|_| more);
        let next = next.map(|last| MailPlace { at: last.created_at, id: last.id.clone() });
        Ok((items, next))
    }

    /// One mail.
    pub async fn outbox_mail(&mut self, id: &MailId) -> Result<Option<OutboxMail>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(ONE).bind(id).fetch_optional(c).await)?)
    }

    /// The mails that send this one once more, oldest first.
    pub async fn outbox_agains(&mut self, id: &MailId) -> Result<Vec<OutboxAgain>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(AGAINS).bind(id).fetch_all(c).await)?)
    }

    /// How many mails are in this state, counted to 100.
    pub async fn outbox_count(&mut self, state: MailState) -> Result<i64> {
        let (count,): (i64,) = on!(self.read.tx, c => sqlx::query_as(COUNT).bind(state).fetch_one(c).await)?;
        Ok(count)
    }
}

impl Write {
    /// Notes of a mail that was just written that it sends another one once more, why, and who wanted it.
    pub async fn mark_mail_again(
        &mut self,
        id: &MailId,
        of: &MailId,
        reason: AgainReason,
        staff: &StaffId,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(MARK)
            .bind(id)
            .bind(of)
            .bind(reason.as_str())
            .bind(staff)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
