//! Lines of the audit as a file: one JSON object a line, or a table. It is sent while it is read, part by part, so its length
//! costs no memory; each part is a transaction of its own, so nobody waits for somebody's slow download.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;

use super::{
    audit_asked::Asked,
    audit_whole::{Whole, ended_early, reader},
};
use crate::{
    actions::{
        export_audit::export_audit,
        export_lines::{CheckpointLine, EndLine, Head, NotWholeLine, RowLine, time, written},
    },
    app::App,
    domain::{instant::Instant, refused::Refused, staff::StaffScope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        staff_visitor::StaffWatcher,
        table_file::cell,
    },
    store::{
        CheckpointRow,
        all_brokerages::{Filter, Record, RecordPlace, RecordsPage},
    },
};

/// Lines of one selection, and of a table, at most. The whole audit as objects has no such end: a part of it could not be
/// verified.
pub(super) const MOST: usize = 100_000;

/// What the form sends.
#[derive(Deserialize)]
pub struct FileFields {
    #[serde(default)]
    sort: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    thing: String,
    #[serde(default)]
    verb: String,
    #[serde(default)]
    brokerage: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl FormFields for FileFields {}

/// What sort of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Objects,
    Table,
}

/// Sends the file. What the form asks for is what the page asked for.
pub async fn download(
    State(app): State<App>,
    watcher: StaffWatcher,
    ScopedForm { scope, form }: ScopedForm<FileFields, StaffScope>,
) -> Result<Response, PageError> {
    let FileFields { sort, who, thing, verb, brokerage, from, to } = form.fields;
    let sort = match sort.as_str() {
        "ndjson" => Sort::Objects,
        "csv" => Sort::Table,
        _ => return Err(PageError::Garbled),
    };
    let asked = Asked { who, thing, verb, brokerage, from, to };
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let understood = asked.understand(&app, &mut read.records(&scope)?).await.map_err(Refused::from)?;
    drop(read);
    if let Some(slip) = understood.slip {
        return Err(PageError::Unreadable(slip.to_owned()));
    }
    let whole = sort == Sort::Objects && understood.filter.is_everything();
    let taken = export_audit(&app, &scope, sort.word(), whole).await?;
    let named = format!("attachment; filename=\"audit-{}.{}\"", app.clock.today(), sort.word());
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    let kind = HeaderValue::from_static(sort.content_type());
    let body = if whole {
        Body::from_stream(stream::unfold(Whole::of(app, watcher, taken), Whole::next))
    } else {
        let parts = Parts { app, watcher, filter: understood.filter, sort, at: At::Head };
        Body::from_stream(stream::unfold(parts, Parts::next))
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], body).into_response())
}

/// The file as far as it was sent.
struct Parts {
    app: App,
    watcher: StaffWatcher,
    filter: Filter,
    sort: Sort,
    at: At,
}

/// How far that is.
enum At {
    Head,
    Lines { sent: usize, after: Option<RecordPlace> },
    End,
}

impl Parts {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let (text, at) = match &self.at {
            At::Head => (self.sort.head(self.app.clock.now()), At::Lines { sent: 0, after: None }),
            At::End => return None,
            At::Lines { sent, .. } if *sent >= MOST => (
                self.sort.ends(&format!("more lines follow after these {MOST}; ask for fewer days")),
                At::End,
            ),
            At::Lines { sent, after } => match self.read(after.as_ref()).await {
                Ok(found) => self.part(*sent, found),
                Err(error) => {
                    tracing::warn!(%error, "a file of the audit ended early");
                    (self.sort.ends(ended_early(&error)), At::End)
                }
            },
        };
        self.at = at;
        Some((Ok(text.into()), self))
    }

    async fn read(&self, after: Option<&RecordPlace>) -> Result<(RecordsPage, Vec<CheckpointRow>), Refused> {
        let scope = &reader(&self.app, &self.watcher).await?;
        let mut read = self.app.store.read().await?;
        let found = read.records(scope)?.file(&self.filter, after).await?;
        let rows: BTreeSet<i64> = match self.sort {
            Sort::Objects => {
                found.records.iter().filter_map(|record| Some(record.sealed.as_ref()?.0)).collect()
            }
            Sort::Table => BTreeSet::new(),
        };
        let signed = read.records(scope)?.signed_at(rows).await?;
        Ok((found, signed))
    }

    fn part(&self, sent: usize, (found, signed): (RecordsPage, Vec<CheckpointRow>)) -> (String, At) {
        let mut signed: BTreeMap<i64, CheckpointRow> = signed.into_iter().map(|row| (row.seq, row)).collect();
        let mut text = String::new();
        for record in &found.records {
            let ends = record.sealed.as_ref().and_then(|(row, _)| signed.remove(row));
            text.extend(ends.map(|row| written(&CheckpointLine::of(&row))));
            text.push_str(&self.sort.line(record));
        }
        let sent = sent + found.records.len();
        match found.next {
            Some(next) => (text, At::Lines { sent, after: Some(next) }),
            None => (text + &self.sort.ends_well(sent), At::End),
        }
    }
}

impl Sort {
    const fn word(self) -> &'static str {
        match self {
            Self::Objects => "ndjson",
            Self::Table => "csv",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Objects => "application/x-ndjson; charset=utf-8",
            Self::Table => "text/csv; charset=utf-8",
        }
    }

    /// What stands before the first line: of a table the mark by which spreadsheets know that it is UTF-8, and its columns.
    fn head(self, now: Instant) -> String {
        match self {
            Self::Objects => written(&Head::of(false, now)),
            Self::Table => {
                "\u{feff}row,hash,at,actor,actor id,name,verb,object,brokerage,detail,id\r\n".to_owned()
            }
        }
    }

    fn line(self, record: &Record) -> String {
        let entry = &record.entry;
        match self {
            Self::Objects => {
                let sealed = record.sealed.as_ref().map(|(row, hash)| (*row, hash.as_slice()));
                let mut line = RowLine::of(entry, sealed, record.name.clone());
                line.previous = sealed.and(record.previous.as_deref()).map(hex::encode);
                line.waits = sealed.is_none() && record.waits;
                written(&line)
            }
            Self::Table => {
                let (row, hash) = match &record.sealed {
                    Some((row, hash)) => (row.to_string(), hex::encode(hash)),
                    None => (String::new(), String::new()),
                };
                let at = time(entry.at);
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                let cells = [
                    row.as_str(),
                    &hash,
                    &at,
                    &entry.actor,
                    &text(&entry.actor_id),
                    &text(&record.name),
                    &entry.verb,
                    &entry.object,
                    &text(&entry.brokerage_id),
                    &entry.detail,
                    &entry.id,
                ];
                cells.map(cell).join(",") + "\r\n"
            }
        }
    }

    /// A last line that says why the file ends here: nobody shall take a part for the whole.
    fn ends(self, why: &str) -> String {
        match self {
            Self::Objects => written(&NotWholeLine { not_whole: why.to_owned() }),
            Self::Table => format!("{}\r\n", cell(&format!("NOT WHOLE: {why}"))),
        }
    }

    /// The last line where everything was sent; a table has none.
    fn ends_well(self, lines: usize) -> String {
        match self {
            Self::Objects => written(&EndLine::of(i64::try_from(lines).unwrap_or(i64::MAX))),
            Self::Table => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{audit::AuditEntry, instant::Instant};

    #[test]
    fn a_line_that_tries_to_be_a_formula_is_text() {
        let record = Record {
            entry: AuditEntry {
                id: "aud_1".into(),
                at: Instant::from_micros(1_795_257_720_000_001),
                actor: "staff".into(),
                actor_id: Some("stf_1".into()),
                verb: "=1+1".into(),
                object: "@SUM(A1)".into(),
                brokerage_id: None,
                detail: "{\"a\":\"\\u0007\"}".into(),
            },
            sealed: Some((3, vec![0xab; 2])),
            previous: None,
            waits: false,
            name: Some("\tDana \"D\"\r\n=2".into()),
            company: None,
            reference: None,
        };
        assert_eq!(
            Sort::Table.line(&record),
            "\"3\",\"abab\",\"2026-11-21T10:42:00.000001Z\",\"staff\",\"stf_1\",\"'\tDana \"\"D\"\"\r\n'=2\",\"'=1+1\",\
             \"'@SUM(A1)\",\"\",\"{\"\"a\"\":\"\"\\u0007\"\"}\",\"aud_1\"\r\n"
        );
        let object = Sort::Objects.line(&record);
        assert_eq!(object.matches('\n').count(), 1, "one line: {object}");
        let read: serde_json::Value = serde_json::from_str(&object).expect("an object");
        assert_eq!(
            (&read["row"], &read["verb"], &read["detail"]["a"]),
            (&3.into(), &"=1+1".into(), &"\u{7}".into())
        );
    }
}
