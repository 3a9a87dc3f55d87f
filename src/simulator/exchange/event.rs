//! Calendar entries, between the fields they are kept in and the elements of EWS.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::asked::text;
use super::said::{Problem, element};
use super::shape::Shape;
use crate::simulator::world::mailbox::{moment, time_of};

/// The fields of an entry that is being created.
pub(crate) fn fields(event: Node<'_, '_>) -> Result<Map<String, Value>, Problem> {
    let edge = |name: &'static str| text(event, name).and_then(moment);
    let (Some(start), Some(end)) = (edge("Start"), edge("End")) else {
        let text = "Set action is invalid for property: the calendar item needs a start and an end.";
        return Err(Problem::new("ErrorInvalidPropertySet", text));
    };
    if end < start {
        let text = "EndDate is earlier than StartDate.";
        return Err(Problem::new("ErrorCalendarEndDateIsEarlierThanStartDate", text));
    }
    let kept = |at: Timestamp| {
        let text = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string();
        json!({"dateTime": text, "timeZone": "UTC"})
    };
    let mut fields = Map::new();
    fields.insert("subject".into(), json!(text(event, "Subject").unwrap_or_default()));
    fields.insert("start".into(), kept(start));
    fields.insert("end".into(), kept(end));
    if let Some(status) = text(event, "LegacyFreeBusyStatus") {
        fields.insert("showAs".into(), json!(status.to_ascii_lowercase()));
    }
    if let Some(reminder) = text(event, "ReminderIsSet") {
        fields.insert("isReminderOn".into(), json!(reminder == "true" || reminder == "1"));
    }
    Ok(fields)
}

/// The elements of an entry, in their order.
pub(crate) fn written(fields: &Map<String, Value>, shape: &Shape) -> String {
    let edge = |name: &str, field: &str| {
        let at = time_of(fields, field)?;
        let text = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        shape.wants(&format!("calendar:{name}")).then(|| element(name, &text))
    };
    let mut out = edge("Start", "start").unwrap_or_default() + &edge("End", "end").unwrap_or_default();
    if shape.wants("calendar:IsAllDayEvent") {
        out += &element("IsAllDayEvent", "false");
    }
    if shape.wants("calendar:LegacyFreeBusyStatus") {
        let status = fields.get("showAs").and_then(Value::as_str).unwrap_or("busy");
        let known = [("free", "Free"), ("tentative", "Tentative"), ("oof", "OOF")];
        let word = known.iter().find(|(kept, _)| *kept == status).map_or("Busy", |(_, word)| word);
        out += &element("LegacyFreeBusyStatus", word);
    }
    out
}
