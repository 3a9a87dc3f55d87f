//! A page of the queue as it was read: rows of the database become items, each connection once.

use super::reader::{need, taken};
use crate::domain::{
    address::MailDomain,
    check::CauseId,
    connection::{Phase, State},
    ids::{BrokerageId, ConnectionId, StaffId},
    instant::Instant,
    kind::AccessKind,
    reference::Reference,
    review::{Need, NeedRule, Taken},
    text::{CompanyName, ConnectionName},
};

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePlace {
    /// The time in microseconds, where the view has a second one a dash and that, or the word that was found.
    pub key: String,
    /// The connection.
    pub id: ConnectionId,
}

impl QueuePlace {
    /// Reads a place from an address: the id, a dot, the key.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, key) = text.split_once('.').filter(|(_, key)| !key.contains(char::is_control))?;
        Some(Self { key: key.to_owned(), id: ConnectionId::parse(id).ok()? })
    }
}

impl std::fmt::Display for QueuePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.id, self.key)
    }
}

/// A connection in the queue.
#[derive(Debug, Clone)]
pub struct QueueItem {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// That brokerage's company name.
    pub company: CompanyName,
    /// The version of that brokerage, for the form that accepts it.
    pub brokerage_version: i64,
    /// The mail domain that it has proven.
    pub domain: MailDomain,
    /// What people quote.
    pub reference: Reference,
    /// What the brokerage calls it.
    pub name: ConnectionName,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// Whether somebody chose that.
    pub kind_chosen: bool,
    /// Where it stands.
    pub state: State,
    /// What it waits for, while submitted.
    pub phase: Option<Phase>,
    /// When its state last changed.
    pub changed_at: Instant,
    /// The number of its current attempt, once there is one.
    pub attempt: Option<i64>,
    /// Whether our own people verified the one in use by hand.
    pub by_hand: bool,
    /// The cause of that attempt; none once it is verified.
    pub cause: Option<CauseId>,
    /// Who looks after it.
    pub taken: Option<Taken>,
    /// Why it needs a human, what is due first standing first.
    pub needs: Vec<Need>,
    /// When somebody should have looked; none while it needs nobody or is put off.
    pub due: Option<Instant>,
    /// Until when it is put off.
    pub snoozed_until: Option<Instant>,
    /// Counts what our people did about it, for their forms.
    pub version: i64,
    /// Where it stands in this view.
    pub place: QueuePlace,
}

/// One page of the queue.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// Its items, each connection once.
    pub items: Vec<QueueItem>,
    /// Where the next page begins, if there is one.
    pub next: Option<QueuePlace>,
    /// Whether the page ended early, because so many words or rows were looked through.
    pub cut_short: bool,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: ConnectionId,
    brokerage_id: BrokerageId,
    reference: Reference,
    name: ConnectionName,
    kind: AccessKind,
    kind_chosen: bool,
    state: State,
    phase: Option<Phase>,
    changed_at: Instant,
    queue_due: Option<Instant>,
    snoozed_until: Option<Instant>,
    review_version: i64,
    taken_by: Option<StaffId>,
    taken_at: Option<Instant>,
    place: String,
    company: CompanyName,
    brokerage_version: i64,
    proven_domain: MailDomain,
    number: Option<i64>,
    cause: Option<CauseId>,
    taken_name: Option<String>,
    rule: Option<NeedRule>,
    since: Option<Instant>,
    due_at: Option<Instant>,
    by_hand: bool,
}

impl From<Row> for QueueItem {
    fn from(row: Row) -> Self {
        Self {
            place: QueuePlace { key: row.place, id: row.id.clone() },
            id: row.id,
            brokerage_id: row.brokerage_id,
            company: row.company,
            brokerage_version: row.brokerage_version,
            domain: row.proven_domain,
            reference: row.reference,
            name: row.name,
            kind: row.kind,
            kind_chosen: row.kind_chosen,
            state: row.state,
            phase: row.phase,
            changed_at: row.changed_at,
            attempt: row.number,
            by_hand: row.by_hand,
            cause: row.cause,
            taken: taken(row.taken_by, row.taken_name, row.taken_at),
            needs: need(row.rule, row.since, row.due_at).into_iter().collect(),
            due: row.queue_due,
            snoozed_until: row.snoozed_until,
            version: row.review_version,
        }
    }
}

impl Queue {
    /// The same page, where it ended early at a row or a word.
    pub(super) fn ended_at(self, last: Option<(String, ConnectionId)>) -> Self {
        let next = last.map(|(key, id)| QueuePlace { key, id });
        Self { cut_short: next.is_some(), next, ..self }
    }
}

/// Rows of one connection become one item; one row more than asked for says that there is a next page.
pub(super) fn gathered(rows: Vec<Row>, most: usize) -> Queue {
    let mut items: Vec<QueueItem> = Vec::new();
    let (mut places, mut next) = (0, None);
    let mut last: Option<QueuePlace> = None;
    for row in rows {
        let mut item = QueueItem::from(row);
        let begins = last.as_ref() != Some(&item.place);
        if begins {
            places += 1;
            if places > most {
                next = last;
                break;
            }
            last = Some(item.place.clone());
        }
        match items.iter_mut().find(|known| known.id == item.id) {
            // The same connection once more: another need.
            Some(known) => {
                item.needs.retain(|need| !known.needs.contains(need));
                known.needs.append(&mut item.needs);
            }
            None => items.push(item),
        }
    }
    for item in &mut items {
        // Where it stands before all else says nothing of when it is due.
        if item.needs.iter().any(|need| need.rule == NeedRule::MayHaveSent) {
            item.due = item.due.and(item.needs.iter().map(|need| need.due).min());
        }
        item.needs.sort_by_key(Need::turn);
    }
    Queue { items, next, cut_short: false }
}
