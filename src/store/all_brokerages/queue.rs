//! One page of the queue. Each view walks one index from where the last page ended and reads so many rows, however
//! many there are: (time, id) for the views by standing, (word, id) for a search. What belongs to the rows of a page is
//! joined to them afterwards, by primary keys.

use super::reader::{AllBrokerages, need, taken};
use crate::domain::{
    check::CauseId,
    connection::{Phase, State},
    ids::{BrokerageId, ConnectionId, StaffId},
    instant::Instant,
    kind::AccessKind,
    reference::Reference,
    review::{Need, NeedRule, Taken},
    text::{CompanyName, ConnectionName},
};
use crate::store::{dialect::on, error::Result};

// The limits stand in the texts: a database that plans for any limit expects a tenth of all rows and joins them all.

/// Rows of a page at most; one more is read, to know whether there is a next page.
const MOST: usize = 50;

/// Words that a search looks through for one page at most. Of a connection that is found by several words only the first
/// counts, so a short beginning could lead past any number of words that show nothing new.
pub const MOST_WORDS: i64 = 1000;

/// The rows of a page and what belongs to them. The page itself, its order once more, and one for each need.
macro_rules! page {
    ($page:literal, $order:literal) => {
        concat!(
            "
SELECT page.id, page.brokerage_id, page.reference, page.name, page.kind, page.state, page.phase, page.changed_at,
    page.needs_since, page.taken_by, page.taken_at, page.place, brokerages.company, attempts.number, attempts.cause,
    staff.name AS taken_name, needs.rule, needs.since
FROM (",
            $page,
            "
) AS page
JOIN brokerages ON brokerages.id = page.brokerage_id
LEFT JOIN attempts ON attempts.id = page.attempt_id
LEFT JOIN staff ON staff.id = page.taken_by
LEFT JOIN needs ON needs.connection_id = page.id
ORDER BY ",
            $order,
            ", needs.since, needs.rule"
        )
    };
}

const NEEDING: &str = page!(
    "
    SELECT id, brokerage_id, reference, name, kind, state, phase, changed_at, needs_since, taken_by, taken_at,
        COALESCE(candidate_id, in_use_id) AS attempt_id, CAST(needs_since AS TEXT) AS place
    FROM connections
    WHERE needs_since IS NOT NULL AND (needs_since, id) > ($1, $2)
    ORDER BY needs_since, id
    LIMIT 51",
    "page.needs_since, page.id"
);

const MINE: &str = page!(
    "
    SELECT id, brokerage_id, reference, name, kind, state, phase, changed_at, needs_since, taken_by, taken_at,
        COALESCE(candidate_id, in_use_id) AS attempt_id, CAST(changed_at AS TEXT) AS place
    FROM connections
    WHERE taken_by = $3 AND (changed_at, id) < ($1, $2)
    ORDER BY changed_at DESC, id DESC
    LIMIT 51",
    "page.changed_at DESC, page.id DESC"
);

const IN_STATE: &str = page!(
    "
    SELECT id, brokerage_id, reference, name, kind, state, phase, changed_at, needs_since, taken_by, taken_at,
        COALESCE(candidate_id, in_use_id) AS attempt_id, CAST(changed_at AS TEXT) AS place
    FROM connections
    WHERE state = $3 AND (changed_at, id) < ($1, $2)
    ORDER BY changed_at DESC, id DESC
    LIMIT 51",
    "page.changed_at DESC, page.id DESC"
);

const ALL: &str = page!(
    "
    SELECT id, brokerage_id, reference, name, kind, state, phase, changed_at, needs_since, taken_by, taken_at,
        COALESCE(candidate_id, in_use_id) AS attempt_id, CAST(changed_at AS TEXT) AS place
    FROM connections
    WHERE (changed_at, id) < ($1, $2)
    ORDER BY changed_at DESC, id DESC
    LIMIT 51",
    "page.changed_at DESC, page.id DESC"
);

// A beginning is a range of the sorted words: no pattern, so no letter of it has a meaning. A connection stands where
// the first of its words does.
const FOUND: &str = page!(
    "
    SELECT connections.id, brokerage_id, reference, name, kind, state, phase, changed_at, needs_since, taken_by,
        taken_at, COALESCE(candidate_id, in_use_id) AS attempt_id, found.word AS place
    FROM (
        SELECT word, connection_id
        FROM (
            SELECT word, connection_id
            FROM connection_words
            WHERE (word, connection_id) > ($1, $2) AND word < $3
            ORDER BY word, connection_id
            LIMIT 1000
        ) AS words
        WHERE NOT EXISTS (
            SELECT 1
            FROM connection_words AS earlier
            WHERE earlier.connection_id = words.connection_id AND earlier.word >= $4 AND earlier.word < words.word
        )
        ORDER BY word, connection_id
        LIMIT 51
    ) AS found
    JOIN connections ON connections.id = found.connection_id",
    "page.place, page.id"
);

// The last of the words that a page looked through, where there were so many.
const LOOKED_TO: &str = "
SELECT word, connection_id
FROM connection_words
WHERE (word, connection_id) > ($1, $2) AND word < $3
ORDER BY word, connection_id
LIMIT 1 OFFSET 999";

const COUNT_NEEDING: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE needs_since IS NOT NULL LIMIT 100) AS counted";

const COUNT_MINE: &str =
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE taken_by = $1 LIMIT 100) AS counted";

const COUNT_IN_STATE: &str =
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE state = $1 LIMIT 100) AS counted";

pub(super) const TEXTS: &[&str] =
    &[NEEDING, MINE, IN_STATE, ALL, FOUND, LOOKED_TO, COUNT_NEEDING, COUNT_MINE, COUNT_IN_STATE];

/// The letter behind every other: a word that begins with a text comes before the text with this letter.
const LAST_LETTER: char = '\u{10ffff}';

/// Which connections the queue shows, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueView {
    /// Those that need a human now, who waits longest first.
    Needing,
    /// Those that one of our people took, latest change first.
    TakenBy(StaffId),
    /// Those in one state, latest change first.
    In(State),
    /// All of them, latest change first.
    All,
    /// Those with a word that begins with this folded text, in the order of the words.
    Found(String),
}

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePlace {
    /// The time in microseconds, or the word that was found.
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
    /// What people quote.
    pub reference: Reference,
    /// What the brokerage calls it.
    pub name: ConnectionName,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// Where it stands.
    pub state: State,
    /// What it waits for, while submitted.
    pub phase: Option<Phase>,
    /// When its state last changed.
    pub changed_at: Instant,
    /// The number of its current attempt, once there is one.
    pub attempt: Option<i64>,
    /// The cause of that attempt.
    pub cause: Option<CauseId>,
    /// Who looks after it.
    pub taken: Option<Taken>,
    /// Why it needs a human, the oldest need first.
    pub needs: Vec<Need>,
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
    /// Whether a search ended the page early, because [`MOST_WORDS`] were looked through.
    pub cut_short: bool,
}

/// How many there are in each view that the page offers, up to 100 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueCounts {
    /// Those that need a human now.
    pub needing: i64,
    /// Those that the reader took.
    pub mine: i64,
    /// Those that are submitted and not decided.
    pub submitted: i64,
    /// Those that failed.
    pub failed: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConnectionId,
    brokerage_id: BrokerageId,
    reference: Reference,
    name: ConnectionName,
    kind: AccessKind,
    state: State,
    phase: Option<Phase>,
    changed_at: Instant,
    taken_by: Option<StaffId>,
    taken_at: Option<Instant>,
    place: String,
    company: CompanyName,
    number: Option<i64>,
    cause: Option<CauseId>,
    taken_name: Option<String>,
    rule: Option<NeedRule>,
    since: Option<Instant>,
}

impl From<Row> for QueueItem {
    fn from(row: Row) -> Self {
        Self {
            place: QueuePlace { key: row.place, id: row.id.clone() },
            id: row.id,
            brokerage_id: row.brokerage_id,
            company: row.company,
            reference: row.reference,
            name: row.name,
            kind: row.kind,
            state: row.state,
            phase: row.phase,
            changed_at: row.changed_at,
            attempt: row.number,
            cause: row.cause,
            taken: taken(row.taken_by, row.taken_name, row.taken_at),
            needs: need(row.rule, row.since).into_iter().collect(),
        }
    }
}

impl AllBrokerages<'_> {
    /// One page of the queue, of at most `most` rows and never more than 50, behind `after`. A place that is none of this view begins anew.
    pub async fn queue(
        &mut self,
        view: &QueueView,
        after: Option<&QueuePlace>,
        most: usize,
    ) -> Result<Queue> {
        let rows = match view {
            QueueView::Needing => self.by_time(NEEDING, after, (i64::MIN, "")).await?,
            QueueView::All => self.by_time(ALL, after, (i64::MAX, "~")).await?,
            QueueView::TakenBy(staff) => self.of(MINE, after, staff.as_str()).await?,
            QueueView::In(state) => self.of(IN_STATE, after, state.as_str()).await?,
            QueueView::Found(text) => return self.found(text, after, most.min(MOST)).await,
        };
        Ok(gathered(rows, most.min(MOST)))
    }

    /// How many there are in each view that the page offers, counted to 100.
    pub async fn queue_counts(&mut self, reader: &StaffId) -> Result<QueueCounts> {
        Ok(QueueCounts {
            needing: self.counted(COUNT_NEEDING, None).await?,
            mine: self.counted(COUNT_MINE, Some(reader.as_str())).await?,
            submitted: self.counted(COUNT_IN_STATE, Some(State::Submitted.as_str())).await?,
            failed: self.counted(COUNT_IN_STATE, Some(State::Failed.as_str())).await?,
        })
    }

    async fn counted(&mut self, text: &'static str, of: Option<&str>) -> Result<i64> {
        let (count,): (i64,) = match of {
            Some(of) => on!(self.read.tx, c => sqlx::query_as(text).bind(of).fetch_one(c).await)?,
            None => on!(self.read.tx, c => sqlx::query_as(text).fetch_one(c).await)?,
        };
        Ok(count)
    }

    async fn by_time(
        &mut self,
        text: &'static str,
        after: Option<&QueuePlace>,
        first: (i64, &str),
    ) -> Result<Vec<Row>> {
        let (time, id) = time_of(after, first);
        Ok(on!(self.read.tx, c => sqlx::query_as(text)
            .bind(time).bind(id)
            .fetch_all(c).await)?)
    }

    async fn of(&mut self, text: &'static str, after: Option<&QueuePlace>, of: &str) -> Result<Vec<Row>> {
        let (time, id) = time_of(after, (i64::MAX, "~"));
        Ok(on!(self.read.tx, c => sqlx::query_as(text)
            .bind(time).bind(id).bind(of)
            .fetch_all(c).await)?)
    }

    async fn found(&mut self, text: &str, after: Option<&QueuePlace>, most: usize) -> Result<Queue> {
        // Only a word that begins with the text is a place in this view.
        let place = after.filter(|place| place.key.starts_with(text));
        let (word, id) = place.map_or((text, ""), |place| (place.key.as_str(), place.id.as_str()));
        let end = format!("{text}{LAST_LETTER}");
        let rows = on!(self.read.tx, c => sqlx::query_as(FOUND)
            .bind(word)
            .bind(id)
            .bind(end.as_str())
            .bind(text)
            .fetch_all(c).await)?;
        let queue = gathered(rows, most);
        if queue.next.is_some() {
            return Ok(queue);
        }
        let looked_to: Option<(String, ConnectionId)> = on!(self.read.tx, c => sqlx::query_as(LOOKED_TO)
            .bind(word)
            .bind(id)
            .bind(end.as_str())
            .fetch_optional(c).await)?;
        let next = looked_to.map(|(key, id)| QueuePlace { key, id });
        Ok(Queue { cut_short: next.is_some(), next, ..queue })
    }
}

fn time_of<'a>(after: Option<&'a QueuePlace>, first: (i64, &'a str)) -> (i64, &'a str) {
    let place = after.and_then(|place| Some((place.key.parse().ok()?, place.id.as_str())));
    place.unwrap_or(first)
}

/// Rows of one connection become one item; one row more than asked for says that there is a next page.
fn gathered(rows: Vec<Row>, most: usize) -> Queue {
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
    Queue { items, next, cut_short: false }
}
