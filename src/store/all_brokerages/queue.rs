//! One page of the queue. Each view walks one index from where the last page ended and reads so many rows, however
//! many there are: (due, waiting since, id) for what needs a human, (time, id) for the views by standing, (word, id) for a
//! search. With more filters than its index knows a page looks through so many rows and says where it ended. What belongs to the
//! rows of a page is joined to them afterwards, by primary keys.

use super::{
    queue_item::{Queue, QueuePlace, Row, gathered},
    queue_view::{QueueFilter, QueueView},
    reader::AllBrokerages,
};
use crate::domain::{
    connection::State,
    ids::{ConnectionId, StaffId},
};
use crate::store::{dialect::on, error::Result};

// The limits stand in the texts: a database that plans for any limit expects a tenth of all rows and joins them all.

/// Rows of a page at most; one more is read, to know whether there is a next page.
const MOST: usize = 50;

/// Rows, or words of a search, that one page looks through at most. A short beginning could lead past any number of words
/// that show nothing new, and a filter past any number of rows that do not fit.
pub const MOST_LOOKED_AT: i64 = 1000;

/// The rows of a page and what belongs to them. The page itself, its order once more, and one for each need.
macro_rules! page {
    ($page:expr, $order:literal) => {
        concat!(
            "
SELECT page.id, page.brokerage_id, page.reference, page.name, page.kind, page.kind_chosen, page.state, page.phase, page.changed_at,
    page.queue_due, page.queue_since, page.snoozed_until, page.review_version, page.taken_by, page.taken_at, page.cause, page.place,
    brokerages.company, brokerages.version AS brokerage_version, brokerages.proven_domain, attempts.number, staff.name AS taken_name, needs.rule, needs.since, needs.due_at,
    EXISTS (
        SELECT 1
        FROM hand_decisions
        WHERE hand_decisions.connection_id = page.id AND hand_decisions.attempt_id = page.in_use_id
            AND hand_decisions.verdict = 'passed' AND hand_decisions.check_id IS NOT NULL
    ) AS by_hand
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
            ", needs.due_at, needs.rule"
        )
    };
}

/// What of a connection a page reads.
macro_rules! columns {
    () => {
        "id, brokerage_id, reference, name, kind, kind_chosen, state, phase, changed_at, queue_due, queue_since, snoozed_until, review_version,
        taken_by, taken_at, manager_id, cause, external_id_key, in_use_id,
        COALESCE(candidate_id, in_use_id) AS attempt_id"
    };
}

/// The filters; one that is empty lets everything through.
macro_rules! filters {
    () => {
        "($5 = '' OR state = $5) AND ($6 = '' OR kind = $6) AND ($7 = '' OR cause = $7)
      AND ($8 = '' OR taken_by = $8 OR ($8 = 'nobody' AND taken_by IS NULL))
      AND ($9 = '' OR manager_id = $9)
      AND ($10 = '' OR EXISTS (SELECT 1 FROM needs WHERE needs.connection_id = id AND needs.rule = $10))
      AND ($11 = '' OR external_id_key = $11)"
    };
}

/// A view: its page, its page with filters, and the last row that a page with filters looks at. Where the rows are, what
/// tells a place among them, by what they are ordered, and the same once they stand in a page. `$4` is the second part of a
/// place; a view that has none is asked with 0.
macro_rules! walk {
    ($whole:ident, $sifted:ident, $last:ident, $from:literal, $key:literal, $order:literal, $outer:literal) => {
        const $whole: &str = page!(
            concat!(
                "
    SELECT ",
                columns!(),
                ", ",
                $key,
                " AS place
    FROM ",
                $from,
                "
    ORDER BY ",
                $order,
                "
    LIMIT 51"
            ),
            $outer
        );

        const $sifted: &str = page!(
            concat!(
                "
    SELECT *
    FROM (
        SELECT ",
                columns!(),
                ", ",
                $key,
                " AS place
        FROM ",
                $from,
                "
        ORDER BY ",
                $order,
                "
        LIMIT 1000
    ) AS page
    WHERE ",
                filters!(),
                "
    ORDER BY ",
                $outer,
                "
    LIMIT 51"
            ),
            $outer
        );

        const $last: &str = concat!(
            "
SELECT ",
            $key,
            ", id
FROM ",
            $from,
            "
ORDER BY ",
            $order,
            "
LIMIT 1 OFFSET 999"
        );
    };
}

walk!(
    NEEDING,
    NEEDING_SIFTED,
    NEEDING_LAST,
    "connections WHERE queue_due IS NOT NULL AND (queue_due, queue_since, id) > ($1, $4, $2) AND $3 = ''",
    "CAST(queue_due AS TEXT) || '-' || CAST(queue_since AS TEXT)",
    "queue_due, queue_since, id",
    "page.queue_due, page.queue_since, page.id"
);
walk!(
    SNOOZED,
    SNOOZED_SIFTED,
    SNOOZED_LAST,
    "connections WHERE snoozed_until IS NOT NULL AND (snoozed_until, id) > ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(snoozed_until AS TEXT)",
    "snoozed_until, id",
    "page.snoozed_until, page.id"
);
walk!(
    TAKEN_BY,
    TAKEN_BY_SIFTED,
    TAKEN_BY_LAST,
    "connections WHERE taken_by = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    MANAGED_BY,
    MANAGED_BY_SIFTED,
    MANAGED_BY_LAST,
    "connections WHERE manager_id = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    IN_STATE,
    IN_STATE_SIFTED,
    IN_STATE_LAST,
    "connections WHERE state = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
// Not all that are submitted: some wait for us, and stand among what needs a human.
walk!(
    CHECKING,
    CHECKING_SIFTED,
    CHECKING_LAST,
    "connections WHERE phase IN ('queued', 'checking') AND (changed_at, id) < ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    WITH_PROVIDER,
    WITH_PROVIDER_SIFTED,
    WITH_PROVIDER_LAST,
    "connections WHERE phase = 'waiting_for_provider' AND (changed_at, id) < ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    OF_KIND,
    OF_KIND_SIFTED,
    OF_KIND_LAST,
    "connections WHERE kind = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    WITH_CAUSE,
    WITH_CAUSE_SIFTED,
    WITH_CAUSE_LAST,
    "connections WHERE cause = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    WITH_EXTERNAL_ID,
    WITH_EXTERNAL_ID_SIFTED,
    WITH_EXTERNAL_ID_LAST,
    "connections WHERE external_id_key = $3 AND (changed_at, id) < ($1, $2) AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
walk!(
    ALL,
    ALL_SIFTED,
    ALL_LAST,
    "connections WHERE (changed_at, id) < ($1, $2) AND $3 = '' AND $4 = 0",
    "CAST(changed_at AS TEXT)",
    "changed_at DESC, id DESC",
    "page.changed_at DESC, page.id DESC"
);
// By its own due time, not by that of the connection's first need. What is put off is not among them.
walk!(
    BY_RULE,
    BY_RULE_SIFTED,
    BY_RULE_LAST,
    "needs AS wanted JOIN connections ON connections.id = wanted.connection_id
        WHERE wanted.rule = $3 AND (wanted.due_at, wanted.since, wanted.connection_id) > ($1, $4, $2) AND queue_due IS NOT NULL",
    "CAST(wanted.due_at AS TEXT) || '-' || CAST(wanted.since AS TEXT)",
    "wanted.due_at, wanted.since, wanted.connection_id",
    "page.place, page.id"
);

/// A search with a filter or without: how many of the words it looks through, and what it lets through.
macro_rules! found {
    ($most:literal, $filters:expr) => {
        page!(
            concat!(
                "
    SELECT ",
                columns!(),
                ", found.word AS place
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
        LIMIT ",
                $most,
                "
    ) AS found
    JOIN connections ON connections.id = found.connection_id
    WHERE ",
                $filters,
                "
    ORDER BY found.word, id
    LIMIT 51"
            ),
            "page.place, page.id"
        )
    };
}

// A beginning is a range of the sorted words: no pattern, so no letter of it has a meaning. A connection stands where
// the first of its words does.
const FOUND: &str =
    found!("51", "$5 = '' AND $6 = '' AND $7 = '' AND $8 = '' AND $9 = '' AND $10 = '' AND $11 = ''");

const FOUND_SIFTED: &str = found!("1000", filters!());

// The last of the words that a page looked through, where there were so many.
const LOOKED_TO: &str = "
SELECT word, connection_id
FROM connection_words
WHERE (word, connection_id) > ($1, $2) AND word < $3
ORDER BY word, connection_id
LIMIT 1 OFFSET 999";

const COUNT_NEEDING: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE queue_due IS NOT NULL LIMIT 100) AS counted";

const COUNT_SNOOZED: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE snoozed_until IS NOT NULL LIMIT 100) AS counted";

const COUNT_MINE: &str =
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE taken_by = $1 LIMIT 100) AS counted";

const COUNT_MANAGED: &str =
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE manager_id = $1 LIMIT 100) AS counted";

const COUNT_CHECKING: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE phase IN ('queued', 'checking') LIMIT 100) AS counted";

const COUNT_WITH_PROVIDER: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE phase = 'waiting_for_provider' LIMIT 100) AS counted";

const COUNT_IN_STATE: &str =
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM connections WHERE state = $1 LIMIT 100) AS counted";

pub(super) const TEXTS: &[&str] = &[
    NEEDING,
    NEEDING_SIFTED,
    NEEDING_LAST,
    SNOOZED,
    SNOOZED_SIFTED,
    SNOOZED_LAST,
    TAKEN_BY,
    TAKEN_BY_SIFTED,
    TAKEN_BY_LAST,
    MANAGED_BY,
    MANAGED_BY_SIFTED,
    MANAGED_BY_LAST,
    IN_STATE,
    IN_STATE_SIFTED,
    IN_STATE_LAST,
    CHECKING,
    CHECKING_SIFTED,
    CHECKING_LAST,
    WITH_PROVIDER,
    WITH_PROVIDER_SIFTED,
    WITH_PROVIDER_LAST,
    OF_KIND,
    OF_KIND_SIFTED,
    OF_KIND_LAST,
    WITH_CAUSE,
    WITH_CAUSE_SIFTED,
    WITH_CAUSE_LAST,
    WITH_EXTERNAL_ID,
    WITH_EXTERNAL_ID_SIFTED,
    WITH_EXTERNAL_ID_LAST,
    ALL,
    ALL_SIFTED,
    ALL_LAST,
    BY_RULE,
    BY_RULE_SIFTED,
    BY_RULE_LAST,
    FOUND,
    FOUND_SIFTED,
    LOOKED_TO,
    COUNT_NEEDING,
    COUNT_SNOOZED,
    COUNT_MINE,
    COUNT_MANAGED,
    COUNT_CHECKING,
    COUNT_WITH_PROVIDER,
    COUNT_IN_STATE,
];

/// The letter behind every other: a word that begins with a text comes before the text with this letter.
const LAST_LETTER: char = '\u{10ffff}';

/// How many there are in each view that the page offers, up to 100 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueCounts {
    /// Those that need a human now.
    pub needing: i64,
    /// Those that are put off.
    pub snoozed: i64,
    /// Those that the reader took.
    pub mine: i64,
    /// Those of brokerages whose account manager the reader is.
    pub managed: i64,
    /// Those that are being checked, or are about to be.
    pub checking: i64,
    /// Those that wait for their provider.
    pub with_provider: i64,
    /// Those that failed.
    pub failed: i64,
}

/// The texts of a view: its page, its page with filters, the last row such a page looks at; what its index is asked for,
/// and whether it begins with the smallest key.
struct Walk<'a> {
    whole: &'static str,
    sifted: &'static str,
    last: &'static str,
    of: &'a str,
    rises: bool,
}

impl<'a> Walk<'a> {
    const fn new(texts: [&'static str; 3], of: &'a str, rises: bool) -> Self {
        let [whole, sifted, last] = texts;
        Self { whole, sifted, last, of, rises }
    }

    /// A search is no walk: its words are looked through.
    fn of(view: &'a QueueView) -> Option<Self> {
        Some(match view {
            QueueView::Needing => Self::new([NEEDING, NEEDING_SIFTED, NEEDING_LAST], "", true),
            QueueView::Snoozed => Self::new([SNOOZED, SNOOZED_SIFTED, SNOOZED_LAST], "", true),
            QueueView::ByRule(rule) => {
                Self::new([BY_RULE, BY_RULE_SIFTED, BY_RULE_LAST], rule.as_str(), true)
            }
            QueueView::TakenBy(staff) => {
                Self::new([TAKEN_BY, TAKEN_BY_SIFTED, TAKEN_BY_LAST], staff.as_str(), false)
            }
            QueueView::ManagedBy(staff) => {
                Self::new([MANAGED_BY, MANAGED_BY_SIFTED, MANAGED_BY_LAST], staff.as_str(), false)
            }
            QueueView::In(state) => {
                Self::new([IN_STATE, IN_STATE_SIFTED, IN_STATE_LAST], state.as_str(), false)
            }
            QueueView::Checking => Self::new([CHECKING, CHECKING_SIFTED, CHECKING_LAST], "", false),
            QueueView::WithProvider => {
                Self::new([WITH_PROVIDER, WITH_PROVIDER_SIFTED, WITH_PROVIDER_LAST], "", false)
            }
            QueueView::Of(kind) => Self::new([OF_KIND, OF_KIND_SIFTED, OF_KIND_LAST], kind.id(), false),
            QueueView::WithCause(cause) => {
                Self::new([WITH_CAUSE, WITH_CAUSE_SIFTED, WITH_CAUSE_LAST], cause.as_str(), false)
            }
            QueueView::WithExternalId(key) => {
                let texts = [WITH_EXTERNAL_ID, WITH_EXTERNAL_ID_SIFTED, WITH_EXTERNAL_ID_LAST];
                Self::new(texts, key, false)
            }
            QueueView::All => Self::new([ALL, ALL_SIFTED, ALL_LAST], "", false),
            QueueView::Found(_) => return None,
        })
    }

    /// Where a page begins: the two parts of its place and the id. Most views have but the first part.
    fn place<'p>(&self, after: Option<&'p QueuePlace>) -> (i64, i64, &'p str) {
        let place = after.and_then(|place| {
            let (first, second) = place.key.split_once('-').unwrap_or((&place.key, "0"));
            Some((first.parse().ok()?, second.parse().ok()?, place.id.as_str()))
        });
        place.unwrap_or(if self.rises { (i64::MIN, 0, "") } else { (i64::MAX, 0, "~") })
    }
}

impl AllBrokerages<'_> {
    /// One page of the queue, of at most `most` rows and never more than 50, behind `after`. A place that is none of
    /// this view begins anew. A page with a filter that the view does not stand for looks at so many rows and no more.
    pub async fn queue(
        &mut self,
        view: &QueueView,
        filter: &QueueFilter,
        after: Option<&QueuePlace>,
        most: usize,
    ) -> Result<Queue> {
        let most = most.min(MOST);
        match (view, Walk::of(view)) {
            (QueueView::Found(text), _) => self.found(text, filter, after, most).await,
            (_, Some(walk)) => self.walked(&walk, filter, after, most).await,
            (_, None) => Ok(Queue::default()),
        }
    }

    /// How many there are in each view that the page offers, counted to 100.
    pub async fn queue_counts(&mut self, reader: &StaffId) -> Result<QueueCounts> {
        Ok(QueueCounts {
            needing: self.counted(COUNT_NEEDING, None).await?,
            snoozed: self.counted(COUNT_SNOOZED, None).await?,
            mine: self.counted(COUNT_MINE, Some(reader.as_str())).await?,
            managed: self.counted(COUNT_MANAGED, Some(reader.as_str())).await?,
            checking: self.counted(COUNT_CHECKING, None).await?,
            with_provider: self.counted(COUNT_WITH_PROVIDER, None).await?,
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

    async fn walked(
        &mut self,
        walk: &Walk<'_>,
        filter: &QueueFilter,
        after: Option<&QueuePlace>,
        most: usize,
    ) -> Result<Queue> {
        let (key, second, id) = walk.place(after);
        if filter.is_empty() {
            let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(walk.whole)
                .bind(key).bind(id).bind(walk.of).bind(second)
                .fetch_all(c).await)?;
            return Ok(gathered(rows, most));
        }
        let words = filter.words();
        let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(walk.sifted)
            .bind(key).bind(id).bind(walk.of).bind(second)
            .bind(words[0]).bind(words[1]).bind(words[2]).bind(words[3]).bind(words[4]).bind(words[5]).bind(words[6])
            .fetch_all(c).await)?;
        let queue = gathered(rows, most);
        if queue.next.is_some() {
            return Ok(queue);
        }
        let last: Option<(String, ConnectionId)> = on!(self.read.tx, c => sqlx::query_as(walk.last)
            .bind(key).bind(id).bind(walk.of).bind(second)
            .fetch_optional(c).await)?;
        Ok(queue.ended_at(last))
    }

    async fn found(
        &mut self,
        text: &str,
        filter: &QueueFilter,
        after: Option<&QueuePlace>,
        most: usize,
    ) -> Result<Queue> {
        // Only a word that begins with the text is a place in this view.
        let place = after.filter(|place| place.key.starts_with(text));
        let (word, id) = place.map_or((text, ""), |place| (place.key.as_str(), place.id.as_str()));
        let end = format!("{text}{LAST_LETTER}");
        let (query, words) = (if filter.is_empty() { FOUND } else { FOUND_SIFTED }, filter.words());
        let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(query)
            .bind(word).bind(id).bind(end.as_str()).bind(text)
            .bind(words[0]).bind(words[1]).bind(words[2]).bind(words[3]).bind(words[4]).bind(words[5]).bind(words[6])
            .fetch_all(c).await)?;
        let queue = gathered(rows, most);
        if queue.next.is_some() {
            return Ok(queue);
        }
        let last: Option<(String, ConnectionId)> = on!(self.read.tx, c => sqlx::query_as(LOOKED_TO)
            .bind(word).bind(id).bind(end.as_str())
            .fetch_optional(c).await)?;
        Ok(queue.ended_at(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{Clock, Randomness},
        store::Store,
    };

    /// Whatever a page asks for, an index knows where to begin: nothing is read from end to end.
    #[tokio::test]
    async fn no_text_of_the_queue_walks_a_whole_table() {
        let folder = std::env::temp_dir().join(format!("moxi-plans-{}", std::process::id()));
        let url = format!("sqlite:{}", folder.join("plans.db").display());
        let store = Store::open(&url, 2, Clock::system(), Randomness::system()).await.expect("opens");
        let mut read = store.read().await.expect("a transaction");
        let mut plans = 0;
        for text in TEXTS {
            let asked = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<(i64, i64, i64, String)> =
                on!(read.tx, c => sqlx::query_as(asked).fetch_all(c).await).expect("a plan");
            let steps: Vec<&str> = plan.iter().map(|(_, _, _, step)| step.as_str()).collect();
            for table in [
                "connections",
                "needs",
                "wanted",
                "connection_words",
                "brokerages",
                "attempts",
                "hand_decisions",
            ] {
                let whole = |step: &&str| **step == *format!("SCAN {table}");
                assert!(!steps.iter().any(whole), "{text}\n{steps:#?}");
            }
            plans += usize::from(steps.iter().any(|step| step.contains("INDEX")));
        }
        assert_eq!(plans, TEXTS.len(), "each has an index to begin with");
        drop(read);
        store.close().await;
        let _ = std::fs::remove_dir_all(folder);
    }
}
