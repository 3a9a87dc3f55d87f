//! How a calendar entry looks in the Calendar API.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use crate::simulator::identity::stable_hex;
use crate::simulator::world::mailbox::{Entry, moment};

/// Where a client's own fields are kept in an entry.
const OWN: &str = "google";
/// What the service says itself, whatever a client writes.
const SERVICES: [&str; 10] = [
    "kind",
    "etag",
    "htmlLink",
    "created",
    "updated",
    "creator",
    "organizer",
    "iCalUID",
    "sequence",
    "eventType",
];

/// An entry's fields, from what a client wrote.
pub(crate) fn kept(mut written: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let edge = |name: &str, missing: &'static str| {
        written.get(name).and_then(time).ok_or_else(|| Refusal::bad("required", missing))
    };
    let (start, end) = (edge("start", "Missing start time.")?, edge("end", "Missing end time.")?);
    if end < start {
        return Err(Refusal::of_calendar(400, "timeRangeEmpty", "The specified time range is empty."));
    }
    let subject = written.get("summary").cloned().unwrap_or(json!(""));
    for name in SERVICES {
        written.remove(name);
    }
    let at = |moment: Timestamp| json!({"dateTime": moment.to_string(), "timeZone": "UTC"});
    let mut fields = Map::new();
    fields.insert("subject".into(), subject);
    fields.insert("start".into(), at(start));
    fields.insert("end".into(), at(end));
    fields.insert(OWN.into(), Value::Object(written));
    Ok(fields)
}

/// The moment of an edge: a day, a time with an offset, or a time in a zone that it names.
fn time(edge: &Value) -> Option<Timestamp> {
    if let Some(day) = edge.get("date").and_then(Value::as_str) {
        let day: Date = day.parse().ok()?;
        return Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    let text = edge.get("dateTime")?.as_str()?;
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let zone = TimeZone::get(edge.get("timeZone")?.as_str()?).ok()?;
    Some(text.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp())
}

/// An entry of this person's calendar.
pub(crate) fn shown(entry: &Entry, owner: &str) -> Value {
    let mut event = entry.fields.get(OWN).cloned().unwrap_or_else(|| json!({}));
    let own = json!({
        "kind": "calendar#event",
        "etag": etag(entry.change),
        "id": entry.id,
        "status": "confirmed",
        "htmlLink": format!("https://www.google.com/calendar/event?eid={}", &stable_hex(&entry.id)[..24]),
        "created": "2026-11-02T15:04:05.000Z",
        "updated": "2026-11-02T15:04:05.000Z",
        "creator": {"email": owner, "self": true},
        "organizer": {"email": owner, "self": true},
        "iCalUID": format!("{}@google.com", entry.id),
        "sequence": 0,
        "eventType": "default",
    });
    if let (Value::Object(event), Value::Object(own)) = (&mut event, own) {
        if let Some(subject) = entry.fields.get("subject").filter(|subject| **subject != json!("")) {
            event.entry("summary").or_insert_with(|| subject.clone());
        }
        for name in ["start", "end"] {
            let said = entry.fields.get(name).and_then(|edge| edge.get("dateTime")).and_then(Value::as_str);
            if let Some(at) = said.and_then(moment) {
                event.entry(name).or_insert_with(|| json!({"dateTime": at.to_string(), "timeZone": "UTC"}));
            }
        }
        event.entry("reminders").or_insert_with(|| json!({"useDefault": true}));
        event.extend(own);
    }
    event
}

/// An entry that is no more.
pub(crate) fn cancelled(id: &str, change: u64) -> Value {
    json!({"kind": "calendar#event", "etag": etag(change), "id": id, "status": "cancelled"})
}

/// Mail addresses of the people invited.
pub(crate) fn attendees(fields: &Map<String, Value>) -> Vec<String> {
    let listed = fields.get("attendees").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    listed.iter().filter_map(|one| one.get("email")?.as_str().map(str::to_owned)).collect()
}

pub(crate) fn etag(change: u64) -> String {
    format!("\"3{:015}\"", change)
}
