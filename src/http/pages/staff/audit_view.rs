//! What the audit's page shows of a line, of a gap, and of the last time that somebody had it all looked through.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    actions::verify_audit::is_as_sealed,
    domain::{
        audit_words::deed_words,
        ids::{AccessId, BrokerageId, ConnectionId, MailId},
    },
    http::{pages::portal::status_view::Moment, urls},
    store::{
        CheckpointRow, Verification,
        all_brokerages::{Hole, Record},
    },
};

use super::audit_asked::Asked;

/// Digits of a hash that a row shows; the file has them all.
const DIGITS: usize = 16;

/// A row of the table.
pub(super) enum Row {
    /// A line of the audit.
    Line(Box<Line>),
    /// Something that should be there and is not.
    Hole(String),
}

/// A line of the audit.
pub(super) struct Line {
    pub(super) at: Moment,
    pub(super) who: String,
    /// Whether that is one of ours, of an office, the portal itself, or nobody who is known.
    pub(super) sort: &'static str,
    pub(super) who_url: String,
    pub(super) verb: String,
    /// The same in words; empty where it is none of ours.
    pub(super) verb_words: &'static str,
    pub(super) verb_url: String,
    pub(super) object: String,
    pub(super) object_url: String,
    /// The thing's own page, where it has one.
    pub(super) page: Option<String>,
    pub(super) company: String,
    pub(super) company_url: String,
    pub(super) details: Vec<(String, String)>,
    pub(super) row: Option<i64>,
    pub(super) hash: String,
    pub(super) standing: Standing,
}

/// How a line stands to the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it was sealed.
    Sealed,
    /// The sealer has not come to it.
    Waits,
    /// It is not what was sealed.
    Changed,
    /// It is in the audit and not in the chain.
    Outside,
    /// The row before it is missing, so nobody can tell.
    Unknown,
}

impl Standing {
    fn of(record: &Record) -> Self {
        let Some((seq, hash)) = &record.sealed else {
            return if record.waits { Self::Waits } else { Self::Outside };
        };
        match is_as_sealed(*seq, record.previous.as_deref(), &record.entry, hash) {
            Some(true) => Self::Sealed,
            Some(false) => Self::Changed,
            None => Self::Unknown,
        }
    }

    /// What the row says about it; nothing where all is well.
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Sealed => None,
            Self::Waits => Some("Is sealed in a moment"),
            Self::Changed => Some("Not what was sealed here: the line, its place or its hash was changed"),
            Self::Outside => Some("Not in the chain: put in past the portal, or taken out of the chain"),
            Self::Unknown => Some("The row before it is missing, so nobody can tell whether it was changed"),
        }
    }

    pub(super) const fn is_bad(self) -> bool {
        matches!(self, Self::Changed | Self::Outside | Self::Unknown)
    }
}

/// The rows of a page: its lines, and the gaps where they are.
pub(super) fn rows(
    records: &[Record],
    holes: &[Hole],
    asked: &Asked,
    names: &BTreeMap<String, String>,
) -> Vec<Row> {
    let mut holes = holes.iter().peekable();
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let seq = record.sealed.as_ref().map(|(seq, _)| *seq);
        while let Some(hole) = holes.next_if(|hole| seq.is_some_and(|seq| hole.last > seq)) {
            rows.push(Row::Hole(hole_words(hole)));
        }
        rows.push(Row::Line(Box::new(line(record, asked, names))));
    }
    rows.extend(holes.map(|hole| Row::Hole(hole_words(hole))));
    rows
}

fn hole_words(hole: &Hole) -> String {
    match (&hole.line, hole.first == hole.last) {
        (Some(line), _) => {
            format!("Row {}: the line {line} was sealed here and is no longer in the audit.", hole.first)
        }
        (None, true) => format!("Row {} of the chain is missing.", hole.first),
        (None, false) => format!("Rows {} to {} of the chain are missing.", hole.first, hole.last),
    }
}

/// The ids of these lines that people have another word for.
pub(super) fn ids_in(records: &[Record]) -> BTreeSet<String> {
    let of = |record: &Record| {
        let values = details(&record.entry.detail).into_iter().map(|(_, value)| value);
        values.chain([record.entry.object.clone()]).collect::<Vec<_>>()
    };
    records.iter().flat_map(of).filter(|id| has_name(id)).collect()
}

fn has_name(text: &str) -> bool {
    let kinds = ["stf_", "per_", "brk_", "con_", "att_", "acc_"];
    text.len() < 64 && kinds.iter().any(|kind| text.starts_with(kind))
}

fn line(record: &Record, asked: &Asked, names: &BTreeMap<String, String>) -> Line {
    let entry = &record.entry;
    let sort = match entry.actor.as_str() {
        "staff" => "Ours",
        "person" => "Of an office",
        "system" => "The portal",
        "anonymous" => "Nobody who is known",
        _ => "Unknown",
    };
    let id = entry.actor_id.clone().unwrap_or_default();
    let who = match &record.name {
        Some(name) => name.clone(),
        None if id.is_empty() => entry.actor.clone(),
        None => id.clone(),
    };
    let brokerage = entry.brokerage_id.clone().unwrap_or_default();
    Line {
        at: Moment::of(entry.at),
        who,
        sort,
        who_url: asked.with("who", if id.is_empty() { &entry.actor } else { &id }),
        verb: entry.verb.clone(),
        verb_words: deed_words(&entry.verb, &entry.actor),
        verb_url: asked.with("verb", &entry.verb),
        object: record
            .reference
            .as_ref()
            .or_else(|| names.get(&entry.object))
            .unwrap_or(&entry.object)
            .clone(),
        page: page_of(&entry.object),
        object_url: asked.with("thing", &entry.object),
        company_url: asked.with("brokerage", &brokerage),
        company: record.company.clone().unwrap_or(brokerage),
        details: details(&entry.detail)
            .into_iter()
            .map(|(name, value)| (name, names.get(&value).cloned().unwrap_or(value)))
            .collect(),
        row: record.sealed.as_ref().map(|(seq, _)| *seq),
        hash: record
            .sealed
            .as_ref()
            .map(|(_, hash)| hex::encode(hash).chars().take(DIGITS).collect())
            .unwrap_or_default(),
        standing: Standing::of(record),
    }
}

/// The page of a thing, by what its id says it is.
fn page_of(object: &str) -> Option<String> {
    ConnectionId::parse(object)
        .map(|id| urls::connection(&id))
        .or_else(|_| BrokerageId::parse(object).map(|id| urls::brokerage(&id)))
        .or_else(|_| MailId::parse(object).map(|id| urls::mail(&id)))
        .or_else(|_| AccessId::parse(object).map(|id| urls::access(&id)))
        .ok()
}

/// The names and values of a line's details; a text that is no such thing stands whole.
fn details(text: &str) -> Vec<(String, String)> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(map) => map
            .into_iter()
            .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        Err(_) => vec![("not readable".to_owned(), text.to_owned())],
    }
}

/// The last signed checkpoint.
pub(super) struct SignedView {
    pub(super) text: String,
    pub(super) at: Moment,
    pub(super) key: String,
}

impl SignedView {
    pub(super) fn of(row: &CheckpointRow) -> Self {
        Self {
            text: format!("{}:{}", row.seq, hex::encode(&row.hash)),
            at: Moment::of(row.at),
            key: row.key_id.clone(),
        }
    }
}

/// The last time that somebody had it all looked through.
pub(super) struct VerifiedView {
    pub(super) by: String,
    pub(super) asked: Moment,
    pub(super) found: Found,
}

/// How that stands.
pub(super) enum Found {
    /// It is under way.
    UnderWay,
    /// Everything is as it was sealed: so many rows, so many lines that wait, when.
    Intact(i64, i64, Moment),
    /// Something is not: what, and up to which row everything is.
    Wrong(String, i64, Moment),
    /// Nobody could look.
    Nothing(Moment),
}

impl VerifiedView {
    pub(super) fn of(last: Verification) -> Self {
        let found = match (last.ended_at.map(Moment::of), last.sealed, last.wrong_words) {
            (None, _, _) => Found::UnderWay,
            (Some(at), Some(sealed), Some(words)) => Found::Wrong(words, sealed, at),
            (Some(at), Some(sealed), None) => Found::Intact(sealed, last.waiting.unwrap_or(0), at),
            (Some(at), None, _) => Found::Nothing(at),
        };
        Self { by: last.name, asked: Moment::of(last.asked_at), found }
    }
}
