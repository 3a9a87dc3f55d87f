//! The lines of the audit as the audit's page and its files list them: whatever is asked for, an index leads to the newest
//! lines first, so many of them are looked through for one page, and what belongs to those that fit is joined to them.

use crate::domain::{
    audit::AuditEntry,
    instant::Instant,
    refused::Refused,
    staff::{Deed, StaffScope},
};
use crate::store::{dialect::on, error::Result, read::Read};

use super::record_texts::{BY_ACTOR, BY_BROKERAGE, BY_OBJECT, BY_TIME, BY_VERB, Texts};

/// Lines that one page looks through at most: a filter that hardly anything fits ends there and says so.
pub const MOST_LOOKED: i64 = 2000;
/// Rows of the chain that are looked at for gaps between the lines of a page.
const MOST_BETWEEN: i64 = 5000;

// One step along the index for each verb that was ever written.
const VERBS: &str = "
WITH RECURSIVE verbs (verb) AS (
    SELECT MIN(verb) FROM audit
    UNION ALL
    SELECT (SELECT MIN(audit.verb) FROM audit WHERE audit.verb > verbs.verb) FROM verbs WHERE verbs.verb IS NOT NULL
)
SELECT verb FROM verbs WHERE verb IS NOT NULL ORDER BY verb";

const PLACE_OF: &str = "SELECT seq FROM audit_chain WHERE audit_id = $1";

const BETWEEN: &str = "
SELECT audit_chain.seq, audit_chain.audit_id, audit.id
FROM audit_chain
LEFT JOIN audit ON audit.id = audit_chain.audit_id
WHERE audit_chain.seq BETWEEN $1 AND $2
ORDER BY audit_chain.seq";

const NAMED: &str = "SELECT id, name FROM staff ORDER BY name, id LIMIT 2000";

pub(super) const TEXTS: &[&str] = &[
    BY_TIME.page,
    BY_TIME.file,
    BY_TIME.looked_to,
    BY_ACTOR.page,
    BY_ACTOR.file,
    BY_ACTOR.looked_to,
    BY_VERB.page,
    BY_VERB.file,
    BY_VERB.looked_to,
    BY_OBJECT.page,
    BY_OBJECT.file,
    BY_OBJECT.looked_to,
    BY_BROKERAGE.page,
    BY_BROKERAGE.file,
    BY_BROKERAGE.looked_to,
    VERBS,
    PLACE_OF,
    BETWEEN,
    NAMED,
];

/// Which lines are asked for; what is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who acted: an id, or a word such as `system`.
    pub who: String,
    /// What they did.
    pub verb: String,
    /// To what: an id. What belongs to it counts as well: the attempts of a connection, the looks of a request.
    pub object: String,
    /// For which brokerage: an id.
    pub brokerage: String,
    /// Not before this.
    pub from: Option<Instant>,
    /// Before this.
    pub to: Option<Instant>,
}

impl Filter {
    /// Whether every line is asked for.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// The way in that leaves the fewest lines to look through.
    fn texts(&self) -> &'static Texts {
        if !self.object.is_empty() {
            &BY_OBJECT
        } else if self.who.contains('_') {
            &BY_ACTOR
        } else if !self.brokerage.is_empty() {
            &BY_BROKERAGE
        } else if !self.verb.is_empty() {
            &BY_VERB
        } else {
            &BY_TIME
        }
    }
}

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlace {
    /// When the last line was written.
    pub at: Instant,
    /// Its id.
    pub id: String,
}

impl RecordPlace {
    /// Reads a place from an address: microseconds, a dot, the id.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.').filter(|(_, id)| id.len() <= 64 && is_plain(id))?;
        Some(Self { at: Instant::from_micros(at.parse().ok()?), id: id.to_owned() })
    }
}

fn is_plain(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl std::fmt::Display for RecordPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_micros(), self.id)
    }
}

/// A line, with its place in the chain and the names that belong to its ids.
#[derive(Debug, Clone)]
pub struct Record {
    /// The line as it stands.
    pub entry: AuditEntry,
    /// Its row in the chain and that row's hash.
    pub sealed: Option<(i64, Vec<u8>)>,
    /// The hash of the row before it.
    pub previous: Option<Vec<u8>>,
    /// Whether the sealer knows of it and has not come to it.
    pub waits: bool,
    /// What whoever acted is called.
    pub name: Option<String>,
    /// What the brokerage is called.
    pub company: Option<String>,
    /// The reference of the connection that it was done to.
    pub reference: Option<String>,
}

/// Rows of the chain that are not there, or whose line is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The first of them.
    pub first: i64,
    /// The last of them.
    pub last: i64,
    /// The id of the line that was sealed there, where the row is there and the line is not.
    pub line: Option<String>,
}

/// A page of lines, newest first.
#[derive(Debug, Clone, Default)]
pub struct RecordsPage {
    /// The lines.
    pub records: Vec<Record>,
    /// Where the next page begins, when there may be one.
    pub next: Option<RecordPlace>,
    /// Whether it ended because so many lines were looked through, and not because it was full.
    pub cut_short: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    at: Instant,
    actor: String,
    actor_id: Option<String>,
    verb: String,
    object: String,
    brokerage_id: Option<String>,
    detail: String,
    seq: Option<i64>,
    hash: Option<Vec<u8>>,
    previous: Option<Vec<u8>>,
    waits: Option<String>,
    name: Option<String>,
    company: Option<String>,
    reference: Option<String>,
}

impl Row {
    fn record(self) -> Record {
        Record {
            sealed: self.seq.zip(self.hash),
            previous: self.previous,
            waits: self.waits.is_some(),
            name: self.name,
            company: self.company,
            reference: self.reference,
            entry: AuditEntry {
                id: self.id,
                at: self.at,
                actor: self.actor,
                actor_id: self.actor_id,
                verb: self.verb,
                object: self.object,
                brokerage_id: self.brokerage_id,
                detail: self.detail,
            },
        }
    }
}

/// A transaction that reads the audit of everything.
pub struct Records<'a> {
    pub(super) read: &'a mut Read,
}

impl Read {
    /// The lines of the whole audit, for one of our own people. Errs when none of their roles may read it.
    pub fn records(&mut self, scope: &StaffScope) -> std::result::Result<Records<'_>, Refused> {
        if scope.may(Deed::ReadAudit) {
            Ok(Records { read: self })
        } else {
            Err(Refused::Forbidden(
                "None of your roles reads the audit. Ask an auditor or Technical Operations.",
            ))
        }
    }
}

impl Records<'_> {
    /// A page of what the audit's page shows: up to 50 lines behind `after`.
    pub async fn page(&mut self, filter: &Filter, after: Option<&RecordPlace>) -> Result<RecordsPage> {
        self.read_page(filter, after, filter.texts().page, 50).await
    }

    /// A part of a file: up to 1,000 lines behind `after`.
    pub async fn file(&mut self, filter: &Filter, after: Option<&RecordPlace>) -> Result<RecordsPage> {
        self.read_page(filter, after, filter.texts().file, 1000).await
    }

    async fn read_page(
        &mut self,
        filter: &Filter,
        after: Option<&RecordPlace>,
        text: &'static str,
        most: usize,
    ) -> Result<RecordsPage> {
        let (at, id) = begins(filter, after);
        let from = filter.from.unwrap_or(Instant::from_micros(i64::MIN));
        let rows: Vec<Row> = on!(self.read.tx, c => sqlx::query_as(text)
            .bind(at)
            .bind(id)
            .bind(from)
            .bind(filter.who.as_str())
            .bind(filter.verb.as_str())
            .bind(filter.object.as_str())
            .bind(filter.brokerage.as_str())
            .fetch_all(c).await)?;
        let mut records: Vec<Record> = rows.into_iter().map(Row::record).collect();
        let full = records.len() > most;
        records.truncate(most);
        let last = records.last().map(|last| RecordPlace { at: last.entry.at, id: last.entry.id.clone() });
        if full {
            return Ok(RecordsPage { records, next: last, cut_short: false });
        }
        let looked: Option<(Instant, String)> = on!(self.read.tx, c => sqlx::query_as(filter.texts().looked_to)
            .bind(at)
            .bind(id)
            .bind(from)
            .bind(filter.who.as_str())
            .bind(filter.verb.as_str())
            .bind(filter.object.as_str())
            .bind(filter.brokerage.as_str())
            .fetch_optional(c).await)?;
        let next = looked.map(|(at, id)| RecordPlace { at, id });
        Ok(RecordsPage { cut_short: next.is_some(), records, next })
    }

    /// Every verb that was ever written.
    pub async fn verbs(&mut self) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = on!(self.read.tx, c => sqlx::query_as(VERBS).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(verb,)| verb).collect())
    }

    /// The row of the chain where a line is.
    pub async fn row_of(&mut self, line: &str) -> Result<Option<i64>> {
        let row: Option<(i64,)> =
            on!(self.read.tx, c => sqlx::query_as(PLACE_OF).bind(line).fetch_optional(c).await)?;
        Ok(row.map(|(seq,)| seq))
    }

    /// What is missing from row `first` to row `last`, highest first. Nothing is looked for where that is too far.
    pub async fn holes(&mut self, first: i64, last: i64) -> Result<Vec<Hole>> {
        // Whoever owns the database can put any numbers there.
        if first > last || last.checked_sub(first).is_none_or(|between| between >= MOST_BETWEEN) {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, String, Option<String>)> =
            on!(self.read.tx, c => sqlx::query_as(BETWEEN).bind(first).bind(last).fetch_all(c).await)?;
        Ok(missing(first, last, rows))
    }

    /// Our own people, by name.
    pub async fn staff_names(&mut self) -> Result<Vec<(String, String)>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(NAMED).fetch_all(c).await)?)
    }
}

/// Where a page begins: behind the last one, or at the end of the time that is asked for.
fn begins<'a>(filter: &Filter, after: Option<&'a RecordPlace>) -> (Instant, &'a str) {
    let end = filter.to.unwrap_or(Instant::from_micros(i64::MAX));
    match after {
        Some(place) if place.at < end => (place.at, place.id.as_str()),
        _ => (end, ""),
    }
}

fn missing(first: i64, last: i64, rows: Vec<(i64, String, Option<String>)>) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut next = first;
    for (seq, line, there) in rows {
        if seq > next {
            holes.push(Hole { first: next, last: seq - 1, line: None });
        }
        if there.is_none() {
            holes.push(Hole { first: seq, last: seq, line: Some(line) });
        }
        next = seq.saturating_add(1);
    }
    if next <= last {
        holes.push(Hole { first: next, last, line: None });
    }
    holes.reverse();
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_in_runs() {
        let row = |seq: i64, there: bool| (seq, format!("aud_{seq}"), there.then(|| format!("aud_{seq}")));
        assert_eq!(missing(1, 3, vec![row(1, true), row(2, true), row(3, true)]), []);
        let hole = |first, last, line: Option<&str>| Hole { first, last, line: line.map(str::to_owned) };
        assert_eq!(
            missing(1, 9, vec![row(2, true), row(3, false), row(7, true)]),
            [hole(8, 9, None), hole(4, 6, None), hole(3, 3, Some("aud_3")), hole(1, 1, None)]
        );
        assert_eq!(missing(5, 6, Vec::new()), [hole(5, 6, None)]);
    }

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        let place = RecordPlace { at: Instant::from_micros(-5), id: "aud_1".to_owned() };
        assert_eq!(RecordPlace::parse(&place.to_string()), Some(place));
        for wrong in ["", "5", "x.aud_1", "5.a\0", "5.'", "5.a b", "99999999999999999999.a"] {
            assert_eq!(RecordPlace::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_narrowest_way_in_is_taken() {
        let with = |who: &str, verb: &str, object: &str, brokerage: &str| {
            let filter = Filter {
                who: who.into(),
                verb: verb.into(),
                object: object.into(),
                brokerage: brokerage.into(),
                ..Filter::default()
            };
            filter.texts().page
        };
        assert_eq!(with("system", "", "", ""), BY_TIME.page);
        assert_eq!(with("stf_1", "a", "", "brk_1"), BY_ACTOR.page);
        assert_eq!(with("stf_1", "a", "con_1", "brk_1"), BY_OBJECT.page);
        assert_eq!(with("system", "a", "", "brk_1"), BY_BROKERAGE.page);
        assert_eq!(with("system", "a", "", ""), BY_VERB.page);
    }
}
