//! One page of the queue. Each view walks one index from where the last page ended and reads so many rows, however
//! many there are: (due, waiting since, id) for what needs a human, (time, id) for the views by standing, (word, id) for a
//! search. With more filters than its index knows a page looks through so many rows and says where it ended. What belongs to the
//! rows of a page is joined to them afterwards, by primary keys.

use super::{
    queue_item::{Queue, QueuePlace, Row, gathered},
    queue_texts::{self as texts, FOUND, FOUND_SIFTED, LOOKED_TO, WalkTexts},
    queue_view::{QueueFilter, QueueOrder, QueueView},
    reader::AllBrokerages,
};
use crate::domain::{
    connection::State,
    ids::{ConnectionId, StaffId},
};
use crate::store::{dialect::on, error::Result};

/// Rows of a page at most; one more is read, to know whether there is a next page.
const MOST: usize = 50;

/// Rows, or words of a search, that one page looks through at most. A short beginning could lead past any number of words
/// that show nothing new, and a filter past any number of rows that do not fit.
pub const MOST_LOOKED_AT: i64 = 1000;

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

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
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

/// How a view is walked: its texts, what its index is asked for, whether it begins with the smallest key, and whether
/// that is a name.
struct Walk<'a> {
    texts: WalkTexts,
    of: &'a str,
    rises: bool,
    by_name: bool,
}

impl<'a> Walk<'a> {
    const fn rising(texts: WalkTexts, of: &'a str) -> Self {
        Self { texts, of, rises: true, by_name: false }
    }

    const fn falling(texts: WalkTexts, of: &'a str) -> Self {
        Self { texts, of, rises: false, by_name: false }
    }

    const fn by_name(texts: WalkTexts) -> Self {
        Self { texts, of: "", rises: true, by_name: true }
    }

    /// A search is no walk: its words are looked through. An order that the view has no index for is its own.
    fn of(view: &'a QueueView, order: QueueOrder) -> Option<Self> {
        use QueueOrder::{Company, Due, Longest, Newest};
        Some(match (view, order) {
            (QueueView::Needing, Due) => Self::rising(texts::NEEDING, ""),
            (QueueView::Needing, Longest) => Self::rising(texts::NEEDING_LONGEST, ""),
            (QueueView::Needing, Newest) => Self::falling(texts::NEEDING_NEWEST, ""),
            (QueueView::Needing, Company) => Self::by_name(texts::NEEDING_BY_COMPANY),
            (QueueView::ByRule(rule), _) => Self::rising(texts::BY_RULE, rule.as_str()),
            (QueueView::All, Company) => Self::by_name(texts::ALL_BY_COMPANY),
            (QueueView::Snoozed, _) => Self::rising(texts::SNOOZED, ""),
            (QueueView::Found(_), _) => return None,
            (_, Longest) => Self::of_changes(view)?.1,
            _ => Self::of_changes(view)?.0,
        })
    }

    /// The views that are ordered by their changes: the latest first, and the one longest ago.
    fn of_changes(view: &'a QueueView) -> Option<(Self, Self)> {
        let (latest, longest, of) = match view {
            QueueView::TakenBy(staff) => (texts::TAKEN_BY, texts::TAKEN_BY_LONGEST, staff.as_str()),
            QueueView::ManagedBy(staff) => (texts::MANAGED_BY, texts::MANAGED_BY_LONGEST, staff.as_str()),
            QueueView::In(state) => (texts::IN_STATE, texts::IN_STATE_LONGEST, state.as_str()),
            QueueView::Checking => (texts::CHECKING, texts::CHECKING_LONGEST, ""),
            QueueView::WithProvider => (texts::WITH_PROVIDER, texts::WITH_PROVIDER_LONGEST, ""),
            QueueView::Of(kind) => (texts::OF_KIND, texts::OF_KIND_LONGEST, kind.id()),
            QueueView::WithCause(cause) => (texts::WITH_CAUSE, texts::WITH_CAUSE_LONGEST, cause.as_str()),
            QueueView::WithExternalId(key) => {
                (texts::WITH_EXTERNAL_ID, texts::WITH_EXTERNAL_ID_LONGEST, key.as_str())
            }
            QueueView::All => (texts::ALL, texts::ALL_LONGEST, ""),
            QueueView::Needing | QueueView::ByRule(_) | QueueView::Snoozed | QueueView::Found(_) => {
                return None;
            }
        };
        Some((Self::falling(latest, of), Self::rising(longest, of)))
    }

    /// Where a page begins: the two parts of its place, the id, and what its index is asked for. Most views have but the
    /// first part; one that is walked by name has the name in place of the last.
    fn place<'p>(&self, after: Option<&'p QueuePlace>) -> (i64, i64, &'p str, &'p str)
    where
        'a: 'p,
    {
        if self.by_name {
            let (name, id) = after.map_or(("", ""), |place| (place.key.as_str(), place.id.as_str()));
            return (0, 0, id, name);
        }
        let place = after.and_then(|place| {
            let (first, second) = place.key.split_once('-').unwrap_or((&place.key, "0"));
            Some((first.parse().ok()?, second.parse().ok()?, place.id.as_str(), self.of))
        });
        place.unwrap_or(if self.rises { (i64::MIN, 0, "", self.of) } else { (i64::MAX, 0, "~", self.of) })
    }
}

impl AllBrokerages<'_> {
    /// One page of the queue, of at most `most` rows and never more than 50, behind `after`. A place that is none of
    /// this view and order begins anew. A page with a filter that the view does not stand for looks at so many rows and no more.
    pub async fn queue(
        &mut self,
        view: &QueueView,
        order: QueueOrder,
        filter: &QueueFilter,
        after: Option<&QueuePlace>,
        most: usize,
    ) -> Result<Queue> {
        let most = most.min(MOST);
        match (view, Walk::of(view, order)) {
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
        let (key, second, id, of) = walk.place(after);
        if filter.is_empty() {
            let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(walk.texts.whole)
                .bind(key).bind(id).bind(of).bind(second)
                .fetch_all(c).await)?;
            return Ok(gathered(rows, most));
        }
        let words = filter.words();
        let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(walk.texts.sifted)
            .bind(key).bind(id).bind(of).bind(second)
            .bind(words[0]).bind(words[1]).bind(words[2]).bind(words[3]).bind(words[4]).bind(words[5]).bind(words[6]).bind(words[7])
            .fetch_all(c).await)?;
        let queue = gathered(rows, most);
        if queue.next.is_some() {
            return Ok(queue);
        }
        let last: Option<(String, ConnectionId)> = on!(self.read.tx, c => sqlx::query_as(walk.texts.last)
            .bind(key).bind(id).bind(of).bind(second)
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
            .bind(words[0]).bind(words[1]).bind(words[2]).bind(words[3]).bind(words[4]).bind(words[5]).bind(words[6]).bind(words[7])
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
    use crate::store::all_brokerages::queue_texts;
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
        let texts = || TEXTS.iter().chain(queue_texts::TEXTS);
        for text in texts() {
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
        assert_eq!(plans, texts().count(), "each has an index to begin with");
        drop(read);
        store.close().await;
        let _ = std::fs::remove_dir_all(folder);
    }
}
