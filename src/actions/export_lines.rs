//! The lines of the audit's export, as they are written and as they are read again: one JSON object a line.
//!
//! The first line says what the export is, the last one how many lines of the audit it holds. A line of the audit holds
//! every field that the chain's hash is made over, its row and its hash; the detail stands there letter by letter as it
//! was sealed. A selection also holds the hash of the row before each line. A signed checkpoint is a line of its own.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    domain::{audit::AuditEntry, instant::Instant},
    store::CheckpointRow,
};

/// The form of these lines. Whoever changes them in a way that an older program would misread counts on.
pub(super) const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// What it says.
    pub export: HeadFields,
}

impl Head {
    /// The first line of an export that is taken now.
    pub fn of(whole: bool, now: Instant) -> Self {
        Self { export: HeadFields { format: FORMAT, whole, at: time(now) } }
    }
}

/// What the first line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadFields {
    /// The form of the lines.
    pub format: u32,
    /// Whether it is the whole audit, in the order of the chain. A selection is what was asked for, newest first.
    pub whole: bool,
    /// When it was taken.
    pub at: String,
}

/// A line of the audit.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowLine<'a> {
    /// Its row in the chain; none where it is not in the chain.
    pub row: Option<i64>,
    /// The chain's hash there.
    pub hash: String,
    /// The hash of the row before it, where that is not the line before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Whether it waits for the sealer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
    /// When it happened.
    pub at: String,
    /// Who acted: a word.
    pub actor: String,
    /// Who acted: an id.
    pub actor_id: Option<String>,
    /// What they are called now. This is not sealed.
    pub name: Option<String>,
    /// What they did.
    pub verb: String,
    /// To what.
    pub object: String,
    /// For which brokerage.
    pub brokerage_id: Option<String>,
    /// More, letter by letter as it was sealed.
    #[serde(borrow)]
    pub detail: Option<&'a RawValue>,
    /// The same, where it is no JSON object and so not what the portal writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail_text: Option<String>,
    /// Its id.
    pub id: String,
}

impl<'a> RowLine<'a> {
    /// A line of the audit. `sealed` is its row and that row's hash.
    pub fn of(entry: &'a AuditEntry, sealed: Option<(i64, &[u8])>, name: Option<String>) -> Self {
        let detail = object(&entry.detail);
        Self {
            row: sealed.map(|(row, _)| row),
            hash: sealed.map(|(_, hash)| hex::encode(hash)).unwrap_or_default(),
            previous: None,
            waits: false,
            at: time(entry.at),
            actor: entry.actor.clone(),
            actor_id: entry.actor_id.clone(),
            name,
            verb: entry.verb.clone(),
            object: entry.object.clone(),
            brokerage_id: entry.brokerage_id.clone(),
            detail,
            detail_text: detail.is_none().then(|| entry.detail.clone()),
            id: entry.id.clone(),
        }
    }

    /// The line as the audit holds it. Errs where it is not written as this product writes it.
    pub(super) fn entry(self) -> Result<AuditEntry, &'static str> {
        let detail = match (self.detail, self.detail_text) {
            (Some(raw), None) if object(raw.get()).is_some() => raw.get().to_owned(),
            (None, Some(text)) if object(&text).is_none() => text,
            _ => return Err("its detail is not written as the portal writes it"),
        };
        Ok(AuditEntry {
            id: self.id,
            at: instant(&self.at).ok_or("its time is not written as the portal writes it")?,
            actor: self.actor,
            actor_id: self.actor_id,
            verb: self.verb,
            object: self.object,
            brokerage_id: self.brokerage_id,
            detail,
        })
    }
}

/// A signed checkpoint: in the whole audit behind its last row, in a selection before it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointLine {
    /// What it says.
    pub checkpoint: CheckpointFields,
}

/// What a checkpoint says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointFields {
    row: i64,
    first_row: i64,
    hash: String,
    at: String,
    key_id: String,
    signature: String,
}

impl CheckpointLine {
    /// The line of a checkpoint.
    pub fn of(row: &CheckpointRow) -> Self {
        let checkpoint = CheckpointFields {
            row: row.seq,
            first_row: row.first_seq,
            hash: hex::encode(&row.hash),
            at: time(row.at),
            key_id: row.key_id.clone(),
            signature: hex::encode(&row.signature),
        };
        Self { checkpoint }
    }

    pub(super) fn row(self) -> Result<CheckpointRow, &'static str> {
        let CheckpointFields { row, first_row, hash, at, key_id, signature } = self.checkpoint;
        Ok(CheckpointRow {
            seq: row,
            first_seq: first_row,
            hash: bytes(&hash).ok_or("its hash is not written as the portal writes it")?,
            at: instant(&at).ok_or("its time is not written as the portal writes it")?,
            key_id,
            signature: bytes(&signature).ok_or("its signature is not written as the portal writes it")?,
        })
    }
}

/// A row of the chain whose line was gone when the export was taken.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoneLine {
    /// What it says.
    pub gone: GoneFields,
}

/// What is known of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoneFields {
    /// The row.
    pub row: i64,
    /// The id of the line.
    pub id: String,
}

/// The last line of a file that could not be written to its end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotWholeLine {
    /// Why not.
    pub not_whole: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndLine {
    /// What it says.
    pub end: EndFields,
}

impl EndLine {
    /// The last line of an export that holds so many lines of the audit.
    pub const fn of(lines: i64) -> Self {
        Self { end: EndFields { lines } }
    }
}

/// What the last line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndFields {
    /// How many lines of the audit the file holds.
    pub lines: i64,
}

/// A line as it is written.
pub fn written(line: &impl Serialize) -> String {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}

/// A text that is one JSON object on one line.
fn object(text: &str) -> Option<&RawValue> {
    let plain = text.starts_with('{') && text.ends_with('}') && !text.contains(['\n', '\r']);
    serde_json::from_str(text).ok().filter(|_| plain)
}

/// A time to the microsecond, as the chain's hash takes it.
pub fn time(at: Instant) -> String {
    at.timestamp().to_string()
}

/// The time that is written so, and in no other way.
pub(super) fn instant(text: &str) -> Option<Instant> {
    let at = Instant::from(text.parse::<jiff::Timestamp>().ok()?);
    (time(at) == text).then_some(at)
}

/// The bytes of hexadecimal digits, as the file is written: in lower case.
pub(super) fn bytes(digits: &str) -> Option<Vec<u8>> {
    let lower = !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    hex::decode(digits).ok().filter(|_| lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(detail: &str) -> AuditEntry {
        AuditEntry {
            id: "aud_1".into(),
            at: Instant::from_micros(1_795_257_720_000_001),
            actor: "person".into(),
            actor_id: None,
            verb: "a\u{7f}\"\\\u{1f600}\r\n".into(),
            object: String::new(),
            brokerage_id: Some(String::new()),
            detail: detail.into(),
        }
    }

    #[test]
    fn every_line_reads_back_to_the_letter() {
        for detail in [
            "{}",
            "{ }",
            "{\"a\":\"b\",\"a\":1.50}",
            "",
            "null",
            "\"{}\"",
            "{\n}",
            " {}",
            "{\"a\":\"\\u00E9\"}",
            "no JSON",
        ] {
            let entry = entry(detail);
            let text = written(&RowLine::of(&entry, Some((7, &[0xab, 0x01])), None));
            assert_eq!(text.matches('\n').count(), 1, "{text}");
            let read: RowLine<'_> = serde_json::from_str(&text).expect("a line");
            assert_eq!((read.row, bytes(&read.hash)), (Some(7), Some(vec![0xab, 0x01])));
            assert_eq!(read.entry().expect("an entry"), entry, "{text}");
        }
    }

    #[test]
    fn digits_and_times_are_read_as_they_are_written_and_in_no_other_way() {
        assert_eq!(bytes("00ff10"), Some(vec![0, 255, 16]));
        for wrong in ["a", "AB", "0x", "é", " 00", "0 "] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
        assert!(instant("2026-11-21T10:42:00Z").is_some());
        for wrong in
            ["2026-11-21T10:42:00.0Z", "2026-11-21T11:42:00+01:00", "2026-11-21T10:42:00.0000001Z", ""]
        {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
