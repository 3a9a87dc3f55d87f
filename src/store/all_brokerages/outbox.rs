//! The outbox as its page lists it: newest mails first, by what is asked for, and one mail with all that is kept of it.
//! Whatever is asked, an index leads to the newest first, and so many of them are looked through for one page.

use super::reader::AllBrokerages;
use crate::domain::{
    ids::{BrokerageId, MailId, StaffId},
    instant::Instant,
    mail::{AgainReason, MailKind, MailState},
    reference::Reference,
};
use crate::store::{dialect::on, error::Result, transaction::Write};

/// Mails that one page looks through at most: a filter that hardly anything fits ends there and says so.
pub const MOST_MAILS_LOOKED: i64 = 2000;
/// Mails of a page at most; one more is read, to know whether there is a next page.
const MOST: usize = 50;

/// A page of mails. `$lead` is what an index is walked by; `$7`, where the lead has it, is the blinded recipient.
macro_rules! page {
    ($lead:literal) => {
        concat!(
            "
SELECT page.id, page.kind, page.concerns_id, page.recipient_box, page.state, page.sends, page.created_at,
    page.changed_at, page.reply_box, page.again_of, brokerages.company, jobs.run_at AS next_try, whole.message_box,
    connections.reference
FROM (
    SELECT *
    FROM (
        SELECT id, kind, concerns_id, recipient_box, state, sends, created_at, changed_at, reply_box, again_of,
            about
        FROM mails
        WHERE ",
            $lead,
            "(created_at, id) < ($1, $2) AND created_at >= $3
        ORDER BY created_at DESC, id DESC
        LIMIT 2000
    ) AS looked
    WHERE ($4 = '' OR state = $4) AND ($5 = '' OR concerns_id = $5) AND ($6 = '' OR kind = $6)
    ORDER BY created_at DESC, id DESC
    LIMIT 51
) AS page
JOIN mails AS whole ON whole.id = page.id
LEFT JOIN brokerages ON brokerages.id = page.concerns_id
LEFT JOIN attempts ON attempts.id = page.about
LEFT JOIN checks ON checks.id = page.about
LEFT JOIN access_requests ON access_requests.id = page.about
LEFT JOIN connections
    ON connections.id = COALESCE(attempts.connection_id, checks.connection_id, access_requests.connection_id, page.about)
LEFT JOIN jobs ON jobs.kind IN ('send_mail', 'send_code') AND jobs.subject = page.id
    AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
ORDER BY page.created_at DESC, page.id DESC"
        )
    };
}

/// The last of the mails that a page looked through, where there were so many.
macro_rules! looked_to {
    ($lead:literal) => {
        concat!(
            "
SELECT created_at, id
FROM mails
WHERE ",
            $lead,
            "(created_at, id) < ($1, $2) AND created_at >= $3 AND $4 = $4 AND $5 = $5 AND $6 = $6
ORDER BY created_at DESC, id DESC
LIMIT 1 OFFSET 1999"
        )
    };
}

/// The two texts of one way in.
struct Texts {
    page: &'static str,
    looked_to: &'static str,
}

macro_rules! texts {
    ($lead:literal) => {
        Texts { page: page!($lead), looked_to: looked_to!($lead) }
    };
}

const BY_TIME: Texts = texts!("");
const BY_STATE: Texts = texts!("state = $4 AND ");
const BY_CONCERN: Texts = texts!("concerns_id = $5 AND ");
const BY_KIND: Texts = texts!("kind = $6 AND ");
const BY_RECIPIENT: Texts = texts!("recipient_key = $7 AND ");
const BY_DOMAIN: Texts = texts!("domain_key = $7 AND ");

const ONE: &str = "
SELECT mails.id, mails.kind, mails.event_id, mails.brokerage_id, mails.concerns_id, mails.recipient_key, mails.recipient_box,
    mails.message_id, mails.message_box, mails.state, mails.sends, mails.created_at, mails.changed_at, mails.reply_box,
    mails.again_of, mails.again_reason, staff.name AS again_by, brokerages.company, jobs.run_at AS next_try
FROM mails
LEFT JOIN brokerages ON brokerages.id = mails.concerns_id
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

pub(super) const TEXTS: &[&str] = &[
    BY_TIME.page,
    BY_TIME.looked_to,
    BY_STATE.page,
    BY_STATE.looked_to,
    BY_CONCERN.page,
    BY_CONCERN.looked_to,
    BY_KIND.page,
    BY_KIND.looked_to,
    BY_RECIPIENT.page,
    BY_RECIPIENT.looked_to,
    BY_DOMAIN.page,
    BY_DOMAIN.looked_to,
    ONE,
    AGAINS,
    COUNT,
    MARK,
];

/// To whom the mails went that are asked for, blinded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentTo {
    /// To one address.
    Address(Vec<u8>),
    /// To the addresses of a domain.
    Domain(Vec<u8>),
}

/// Which mails are asked for; what is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// In this state.
    pub state: Option<MailState>,
    /// About this brokerage.
    pub brokerage: Option<BrokerageId>,
    /// Of this kind.
    pub kind: Option<MailKind>,
    /// To this recipient.
    pub to: Option<SentTo>,
    /// Not written before this.
    pub from: Option<Instant>,
    /// Written before this.
    pub until: Option<Instant>,
}

impl OutboxFilter {
    /// The way in that leaves the fewest mails to look through.
    fn texts(&self) -> &'static Texts {
        match (&self.to, &self.brokerage, self.state, self.kind) {
            (Some(SentTo::Address(_)), ..) => &BY_RECIPIENT,
            (Some(SentTo::Domain(_)), ..) => &BY_DOMAIN,
            (None, Some(_), ..) => &BY_CONCERN,
            // Nearly all are accepted: there a kind is the narrower one.
            (None, None, Some(MailState::Accepted), Some(_)) | (None, None, None, Some(_)) => &BY_KIND,
            (None, None, Some(_), _) => &BY_STATE,
            (None, None, None, None) => &BY_TIME,
        }
    }

    fn key(&self) -> Option<&[u8]> {
        match &self.to {
            Some(SentTo::Address(key) | SentTo::Domain(key)) => Some(key),
            None => None,
        }
    }
}

/// A page of mails, newest first.
#[derive(Debug, Clone, Default)]
pub struct OutboxPage {
    /// The mails.
    pub items: Vec<OutboxItem>,
    /// Where the next page begins, when there may be one.
    pub next: Option<MailPlace>,
    /// Whether it ended because so many mails were looked through.
    pub cut_short: bool,
}

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
    /// About which brokerage.
    pub concerns_id: Option<BrokerageId>,
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
    /// The finished bytes, encrypted, until retention drops them.
    pub message_box: Option<Vec<u8>>,
    /// The reference of the connection that it is about.
    pub reference: Option<Reference>,
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
    /// The brokerage that it is about, also where it goes to our own people.
    pub concerns_id: Option<BrokerageId>,
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

/// Asks one of the texts of a way in: each of them takes the same values, and the blinded recipient where it is walked by.
macro_rules! asked {
    ($all:ident, $text:expr, $filter:ident, $after:ident) => {{
        let end = $filter.until.unwrap_or(Instant::from_micros(i64::MAX));
        let (at, id) = match $after {
            Some(place) if place.at < end => (place.at, place.id.as_str()),
            _ => (end, ""),
        };
        let from = $filter.from.unwrap_or(Instant::from_micros(i64::MIN));
        let state = $filter.state.map_or("", |state| state.as_str());
        let concerns = $filter.brokerage.as_ref().map_or("", BrokerageId::as_str);
        let kind = $filter.kind.map_or("", MailKind::as_str);
        match $filter.key() {
            Some(key) => on!($all.read.tx, c => sqlx::query_as($text)
                .bind(at).bind(id).bind(from).bind(state).bind(concerns).bind(kind).bind(key)
                .fetch_all(c).await)?,
            None => on!($all.read.tx, c => sqlx::query_as($text)
                .bind(at).bind(id).bind(from).bind(state).bind(concerns).bind(kind)
                .fetch_all(c).await)?,
        }
    }};
}

impl AllBrokerages<'_> {
    /// A page of the outbox, newest first, behind `after`.
    pub async fn outbox(&mut self, filter: &OutboxFilter, after: Option<&MailPlace>) -> Result<OutboxPage> {
        let mut items: Vec<OutboxItem> = asked!(self, filter.texts().page, filter, after);
        let full = items.len() > MOST;
        items.truncate(MOST);
        if full {
            let next = items.last().map(|last| MailPlace { at: last.created_at, id: last.id.clone() });
            return Ok(OutboxPage { items, next, cut_short: false });
        }
        let looked: Vec<(Instant, MailId)> = asked!(self, filter.texts().looked_to, filter, after);
        let next = looked.into_iter().next().map(|(at, id)| MailPlace { at, id });
        Ok(OutboxPage { items, cut_short: next.is_some(), next })
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
