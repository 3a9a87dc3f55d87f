//! The whole audit as a file: the chain from its first row, each signed checkpoint behind the row at which it ends, then the
//! lines that wait for the sealer. With the public keys it can be verified where there is no database.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use axum::body::Bytes;

use crate::{
    actions::export_lines::{
        CheckpointLine, EndLine, GoneFields, GoneLine, Head, NotWholeLine, RowLine, written,
    },
    app::App,
    domain::{audit::AuditEntry, instant::Instant, refused::Refused, staff::StaffScope},
    http::staff_visitor::StaffWatcher,
    store::{CheckpointRow, Link, Read, all_brokerages::RecordPlace},
};

/// The file as far as it was sent.
pub(super) struct Whole {
    app: App,
    watcher: StaffWatcher,
    /// When it was taken.
    taken: Instant,
    at: At,
    /// Lines of the audit that were sent.
    lines: i64,
}

/// How far that is.
enum At {
    Head,
    /// Behind a row, on the way to where the chain ended at the beginning: what is sealed meanwhile is not in the file.
    Chain {
        after: i64,
        end: i64,
    },
    Outside {
        after: Option<RecordPlace>,
    },
    End,
}

impl Whole {
    pub(super) const fn of(app: App, watcher: StaffWatcher, taken: Instant) -> Self {
        Self { app, watcher, taken, at: At::Head, lines: 0 }
    }

    pub(super) async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if matches!(self.at, At::End) {
            return None;
        }
        let text = match self.part().await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(%error, "a file of the audit ended early");
                self.at = At::End;
                written(&NotWholeLine { not_whole: ended_early(&error).to_owned() })
            }
        };
        Some((Ok(text.into()), self))
    }

    async fn part(&mut self) -> Result<String, Refused> {
        let scope = &reader(&self.app, &self.watcher).await?;
        let mut read = self.app.store.read().await?;
        let mut records = read.records(scope)?;
        match &self.at {
            At::Head => {
                self.at = At::Chain { after: 0, end: records.chain_end().await? };
                Ok(written(&Head::of(true, self.taken)))
            }
            At::Chain { after, end } => {
                let (after, end) = (*after, *end);
                let links = records.chain_part(after, end).await?;
                let last = links.last().map_or(end, |link| link.seq);
                let signed = records.signed_part(after, last).await?;
                self.at = match links.last() {
                    Some(_) => At::Chain { after: last, end },
                    None => At::Outside { after: None },
                };
                self.lines +=
                    i64::try_from(links.iter().filter(|link| link.entry.is_some()).count()).unwrap_or(0);
                let names =
                    names(&mut read, scope, links.iter().filter_map(|link| link.entry.as_ref())).await?;
                Ok(chain(links, signed, &names))
            }
            At::Outside { after } => {
                let found = records.outside_part(after.as_ref(), self.taken).await?;
                self.lines += i64::try_from(found.len()).unwrap_or(0);
                self.at = match found.last() {
                    Some((last, _)) => {
                        At::Outside { after: Some(RecordPlace { at: last.at, id: last.id.clone() }) }
                    }
                    None => At::End,
                };
                if found.is_empty() {
                    return Ok(written(&EndLine::of(self.lines)));
                }
                let names = names(&mut read, scope, found.iter().map(|(entry, _)| entry)).await?;
                Ok(found.iter().map(|(entry, waits)| outside(entry, *waits, &names)).collect())
            }
            At::End => Ok(String::new()),
        }
    }
}

/// Who reads on. A file that is long on its way ends where they sign out or lose the role that may read it.
pub(super) async fn reader(app: &App, watcher: &StaffWatcher) -> Result<StaffScope, Refused> {
    watcher.anew(app).await?.ok_or(Refused::Forbidden("Whoever takes this file is not signed in any more"))
}

/// What the last line of a file says that could not be written to its end.
pub(super) fn ended_early(why: &Refused) -> &'static str {
    match why {
        Refused::Forbidden(_) => "whoever took it signed out or may not read on; this file is not whole",
        _ => "the database could not be read to the end; this file is not whole",
    }
}

/// What those who acted are called.
async fn names(
    read: &mut Read,
    scope: &StaffScope,
    entries: impl Iterator<Item = &AuditEntry>,
) -> Result<BTreeMap<String, String>, Refused> {
    let ids: BTreeSet<String> = entries.filter_map(|entry| entry.actor_id.clone()).collect();
    Ok(read.records(scope)?.names_of(ids).await?)
}

fn name(entry: &AuditEntry, names: &BTreeMap<String, String>) -> Option<String> {
    names.get(entry.actor_id.as_ref()?).cloned()
}

/// Rows in order, each checkpoint behind the row at which it ends.
fn chain(links: Vec<Link>, signed: Vec<CheckpointRow>, names: &BTreeMap<String, String>) -> String {
    let mut signed = signed.into_iter().peekable();
    let mut text = String::new();
    for link in links {
        while let Some(row) = signed.next_if(|row| row.seq < link.seq) {
            text.push_str(&written(&CheckpointLine::of(&row)));
        }
        text.push_str(&match &link.entry {
            Some(entry) => written(&RowLine::of(entry, Some((link.seq, &link.hash)), name(entry, names))),
            None => written(&GoneLine { gone: GoneFields { row: link.seq, id: link.audit_id } }),
        });
    }
    text.extend(signed.map(|row| written(&CheckpointLine::of(&row))));
    text
}

fn outside(entry: &AuditEntry, waits: bool, names: &BTreeMap<String, String>) -> String {
    written(&RowLine { waits, ..RowLine::of(entry, None, name(entry, names)) })
}
