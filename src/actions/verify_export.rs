//! Verifies a file that was taken from the audit's page, with the public keys and without the database.
//!
//! The whole audit goes the same way along the chain as the database does. A selection has gaps, and a row's hash is made
//! over the row before it: rows that stand without a gap up to a signed checkpoint are proven, in what they say and where
//! they stand. Another row can only be held against the hash beside it, which whoever changed the row could have made too.

use std::io::BufRead;

use serde::{Deserialize, Serialize};

pub use super::selection::Part;
use super::{
    audit_walk::{LATE, Verified, Walk},
    audit_wrong::Wrong,
    export_audit::TAKEN,
    export_lines::{
        CheckpointLine, EndLine, FORMAT, GoneLine, Head, NotWholeLine, RowLine, bytes, instant, written,
    },
    selection::Loose,
};
use crate::{
    domain::{
        audit::{AuditEntry, Checkpoint},
        instant::Instant,
    },
    store::{Link, Outside},
    vault::audit_key::AuditPublicKeys,
};

/// Far more than any line that the portal writes.
const LONGEST: usize = 1 << 20;

/// What was found in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedExport {
    /// What was found of the chain. Of a selection it counts nothing.
    pub found: Verified,
    /// The line of the file where the first thing is wrong, or the last one.
    pub line: usize,
    /// When the file was taken, by its own words.
    pub taken: Instant,
    /// Whether the line that tells of the file itself is sealed in it.
    pub tells_of_itself: bool,
    /// Why more than that cannot be said: the file is not the whole audit.
    pub part: Option<Part>,
}

impl VerifiedExport {
    /// Whether every line of it is proven: it is the whole audit, nothing in it waits for the sealer, and it reaches as far as
    /// the line that tells that it was taken. What the portal writes is so while a sealer runs.
    pub fn is_proven(&self) -> bool {
        let proven = self.found.wrong.is_none() && self.found.waiting == 0;
        proven && self.part.is_none() && self.tells_of_itself
    }
}

/// The file cannot be read as an export.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Unreadable {
    /// The line.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// Verifies an export while it is read.
///
/// Errs where it cannot be read or is no export.
pub fn verify_export(
    mut input: impl BufRead,
    keys: &AuditPublicKeys,
    kept: &[Checkpoint],
) -> Result<VerifiedExport, Unreadable> {
    let mut file = File { begun: None, ended: None, lines: 0, own: None, outside: None };
    let (mut buffer, mut line) = (Vec::new(), 0);
    let mut wrong = None;
    while wrong.is_none() {
        buffer.clear();
        line += 1;
        let unreadable = |why: String| Unreadable { line, why };
        let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX) + 1;
        let read = std::io::Read::take(&mut input, longest).read_until(b'\n', &mut buffer);
        if read.map_err(|error| unreadable(error.to_string()))? == 0 {
            line -= 1;
            break;
        }
        if buffer.len() > LONGEST {
            return Err(unreadable("it is longer than a mebibyte, and no line of an export is".to_owned()));
        }
        let text = std::str::from_utf8(&buffer).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
        match file.line(text.trim_end_matches(['\r', '\n']), keys, kept) {
            Ok(()) => {}
            Err(Stop::Wrong(found)) => wrong = Some(found),
            Err(Stop::Unreadable(why)) => return Err(unreadable(why)),
        }
    }
    file.found(line, wrong, kept)
}

/// Why a line is the last one that is looked at.
pub(super) enum Stop {
    Wrong(Wrong),
    Unreadable(String),
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<&str> for Stop {
    fn from(why: &str) -> Self {
        Self::Unreadable(why.to_owned())
    }
}

/// How the lines are looked at.
enum Way<'a> {
    Whole(Walk<'a>),
    Selection(Loose<'a>),
}

/// How a file says that it ends.
enum Ended {
    Well,
    Early(String),
}

/// The file as far as it was read.
struct File<'a> {
    /// How its lines are looked at, and when it was taken.
    begun: Option<(Way<'a>, Instant)>,
    ended: Option<Ended>,
    lines: i64,
    /// The row that tells of this file.
    own: Option<i64>,
    /// The last line outside of the chain, if any was met: of the whole audit no row stands behind them, and they stand
    /// oldest first.
    outside: Option<(Instant, String)>,
}

impl<'a> File<'a> {
    fn line(&mut self, text: &str, keys: &'a AuditPublicKeys, kept: &'a [Checkpoint]) -> Result<(), Stop> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if self.ended.is_some() {
            return Err(Wrong::Behind.into());
        }
        let Some((way, _)) = &mut self.begun else {
            self.begun = Some(begin(text, keys, kept)?);
            return Ok(());
        };
        match first_name(text) {
            "checkpoint" => {
                let row = parsed::<CheckpointLine>(text)?.row()?;
                match way {
                    Way::Whole(_) if self.outside.is_some() => Err(Wrong::Misplaced { seq: row.seq }.into()),
                    Way::Whole(walk) => Ok(walk.checkpoint(row)?),
                    Way::Selection(loose) => Ok(loose.checkpoint(row)?),
                }
            }
            "gone" => {
                let GoneLine { gone } = parsed(text)?;
                Err(Wrong::Deleted { seq: gone.row, id: gone.id }.into())
            }
            "not_whole" => {
                self.ended = Some(Ended::Early(parsed::<NotWholeLine>(text)?.not_whole));
                Ok(())
            }
            "end" => {
                let said = parsed::<EndLine>(text)?.end.lines;
                self.ended = Some(Ended::Well);
                let holds = self.lines;
                if said == holds { Ok(()) } else { Err(Wrong::Count { holds, said }.into()) }
            }
            "export" => Err("the export begins a second time".into()),
            _ => self.row(parsed(text)?),
        }
    }

    fn row(&mut self, line: RowLine<'_>) -> Result<(), Stop> {
        self.lines += 1;
        let (row, waits) = (line.row, line.waits);
        let hash = bytes(&line.hash).ok_or("its hash is not written as the portal writes it")?;
        let previous = match &line.previous {
            Some(digits) => Some(bytes(digits).ok_or("its hash is not written as the portal writes it")?),
            None => None,
        };
        let entry = line.entry()?;
        if row.is_some() && waits {
            return Err("it has a row and waits for one".into());
        }
        let Some(seq) = row else {
            if !hash.is_empty() || previous.is_some() {
                return Err("it has a hash and no row".into());
            }
            let (place, line) = ((entry.at, entry.id.clone()), Outside { id: entry.id, at: entry.at, waits });
            let before = self.outside.replace(place.clone());
            return match self.begun.as_mut().map(|(way, _)| way) {
                Some(Way::Whole(walk)) if before.is_some_and(|before| before >= place) => {
                    Err(Wrong::Misplaced { seq: walk.seq() }.into())
                }
                Some(Way::Whole(walk)) => Ok(walk.outside(&line)?),
                Some(Way::Selection(loose)) => Ok(loose.outside(&line)?),
                None => Ok(()),
            };
        };
        if self.begun.as_ref().is_some_and(|(_, taken)| tells(&entry, *taken)) {
            self.own = Some(seq);
        }
        match self.begun.as_mut().map(|(way, _)| way) {
            Some(Way::Whole(_)) if self.outside.is_some() => Err(Wrong::Misplaced { seq }.into()),
            Some(Way::Whole(_)) if previous.is_some() => Err("it has a hash too many".into()),
            Some(Way::Whole(walk)) => {
                let audit_id = entry.id.clone();
                Ok(walk.row(Link { seq, audit_id, hash, entry: Some(entry) })?)
            }
            Some(Way::Selection(loose)) => Ok(loose.row(seq, previous.as_deref(), entry, &hash)?),
            None => Ok(()),
        }
    }

    /// What is to be said at the end.
    fn found(
        self,
        line: usize,
        wrong: Option<Wrong>,
        kept: &[Checkpoint],
    ) -> Result<VerifiedExport, Unreadable> {
        let Some((way, taken)) = self.begun else {
            return Err(Unreadable { line: 1, why: "the file is empty".to_owned() });
        };
        let (ended, early) = match self.ended {
            Some(Ended::Early(why)) => (true, Some(why)),
            Some(Ended::Well) => (true, None),
            None => (false, None),
        };
        match way {
            Way::Whole(walk) => {
                let wrong = wrong.or_else(|| match (&early, ended) {
                    (Some(_), _) => None,
                    (None, true) => walk.ends(None).err(),
                    (None, false) => Some(
                        walk.ends(None)
                            .err()
                            .filter(is_cut_off)
                            .unwrap_or(Wrong::Unended { seq: walk.seq() }),
                    ),
                });
                let part = early.map(|why| Part {
                    proven: walk.covered(),
                    own: walk.seq() - walk.covered(),
                    unmet: kept.iter().filter(|kept| kept.seq > walk.seq()).count(),
                    ended: Some(why),
                    chosen: false,
                });
                let tells_of_itself = self.own.is_some_and(|row| row <= walk.covered());
                Ok(VerifiedExport { found: walk.found(wrong), line, taken, tells_of_itself, part })
            }
            Way::Selection(loose) => {
                let wrong = wrong.or_else(|| (!ended).then(|| Wrong::Unended { seq: loose.seq() }));
                let (found, part) = loose.found(wrong, early);
                Ok(VerifiedExport { found, line, taken, tells_of_itself: false, part: Some(part) })
            }
        }
    }
}

/// Whether a line tells of a file that was taken then: it is written in the same moment, by the same clock.
fn tells(entry: &AuditEntry, taken: Instant) -> bool {
    entry.verb == TAKEN && entry.at >= taken && entry.at.since(taken) <= LATE
}

/// What was kept elsewhere says more than that the last line is missing.
fn is_cut_off(wrong: &Wrong) -> bool {
    matches!(wrong, Wrong::CutOff { .. })
}

/// The first line says what it is.
fn begin<'a>(
    text: &str,
    keys: &'a AuditPublicKeys,
    kept: &'a [Checkpoint],
) -> Result<(Way<'a>, Instant), Stop> {
    if text.starts_with('\u{feff}') {
        return Err("this is a table, whose cells are made for reading; take the lines away as NDJSON".into());
    }
    if first_name(text) != "export" {
        return Err(
            "this is no export of the audit, or an older version made it; take it once more, as NDJSON"
                .into(),
        );
    }
    let Head { export } = parsed(text)?;
    if export.format != FORMAT {
        return Err("a newer version made this export; verify it with that one".into());
    }
    let taken = instant(&export.at).ok_or("its time is not written as the portal writes it")?;
    let whole = export.whole;
    let way = if whole { Way::Whole(Walk::new(keys, kept)) } else { Way::Selection(Loose::new(keys, kept)) };
    Ok((way, taken))
}

/// Reads a line. Whatever the portal would have written in other letters is refused, so that every program reads in the file
/// what was verified here: fields in an array, in another order or twice, and names that are not ours.
fn parsed<'a, T: Deserialize<'a> + Serialize>(text: &'a str) -> Result<T, Stop> {
    let read: T = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let (words, _) = words.rsplit_once(" at line ").unwrap_or((&words, ""));
        let words: String = words.chars().take(120).flat_map(shown).collect();
        Stop::Unreadable(format!("it is no line of an export: {words} (column {})", error.column()))
    })?;
    if written(&read).trim_end() == text {
        Ok(read)
    } else {
        Err("it is no line that the portal wrote".into())
    }
}

/// A letter for a terminal, which takes some of them for orders.
fn shown(letter: char) -> impl Iterator<Item = char> {
    let plain = matches!(letter, '"' | '\'').then_some(letter);
    plain.into_iter().chain(plain.is_none().then(|| letter.escape_debug()).into_iter().flatten())
}

/// The first name of an object, by which sorts of lines are told apart.
fn first_name(text: &str) -> &str {
    let inside = text.trim_start().strip_prefix('{').unwrap_or_default().trim_start();
    inside.strip_prefix('"').and_then(|name| name.split('"').next()).unwrap_or_default()
}
