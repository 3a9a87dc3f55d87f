//! Calendar entries: a window of them read, one created, one deleted.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::page::Page;
use super::refusal::Refusal;
use super::{gate, odata};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::{Entry, moment, time_of};
use crate::simulator::world::sent::Sent;

const READ: &str = "Calendars.Read";
const WRITE: &str = "Calendars.ReadWrite";

/// The entries of a window.
pub(crate) fn view(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, READ, call, world)?;
    let (start, end) = (edge(call, "startDateTime")?, edge(call, "endDateTime")?);
    if end < start {
        return Err(Refusal::bad("ErrorInvalidTimeInterval", "The end of the window lies before its start."));
    }
    let (top, skip) = odata::window(call)?;
    let (items, more) = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        let inside: Vec<&Entry> = mailbox.events.iter().filter(|entry| entry.touches(start, end)).collect();
        let page = inside.iter().skip(skip).take(top);
        let items: Vec<Value> = page.map(|entry| odata::selected(entry, None, call)).collect();
        (items, inside.len() > skip.saturating_add(top))
    });
    let mut value = json!({"@odata.context": odata::context(user, "calendarView"), "value": items});
    if more {
        value["@odata.nextLink"] = json!(odata::link(call, &[("$skip", (skip + top).to_string())]));
    }
    Ok(Page::Shown(value))
}

fn edge(call: &Call, name: &str) -> Result<Timestamp, Refusal> {
    let text = call.query(name).ok_or_else(|| {
        let text = "This request requires a time window specified by the query string parameters StartDateTime and \
                    EndDateTime.";
        Refusal::bad("ErrorInvalidParameter", text)
    })?;
    moment(&text).ok_or_else(|| {
        Refusal::bad("ErrorInvalidParameter", format!("The value '{text}' of parameter '{name}' is invalid."))
    })
}

/// One entry.
pub(crate) fn read(user: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, READ, call, world)?;
    let found = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        mailbox.events.iter().find(|entry| entry.id == id).map(|entry| odata::selected(entry, None, call))
    });
    found.map(Page::Shown).ok_or_else(Refusal::no_item)
}

/// Creates an entry; attendees are invited at once, which cannot be taken back.
pub(crate) fn create(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, WRITE, call, world)?;
    let fields = odata::body(call)?;
    for name in ["start", "end"] {
        if time_of(&fields, name).is_none() {
            let text = format!("The property '{name}' is required when creating the entity.");
            return Err(Refusal::bad("ErrorPropertyValidationFailure", text));
        }
        let zone = fields.get(name).and_then(|edge| edge.get("timeZone")).and_then(Value::as_str);
        if zone.is_none_or(str::is_empty) {
            let text = "A time zone is required.";
            return Err(Refusal::bad("TimeZoneNotSupportedException", text));
        }
    }
    if time_of(&fields, "end") < time_of(&fields, "start") {
        let text = "The event's end lies before its start.";
        return Err(Refusal::bad("ErrorCalendarEndDateIsEarlierThanStartDate", text));
    }
    if opened.rules.full {
        let text = "The mailbox has exceeded its storage quota.";
        return Err(Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "ErrorQuotaExceeded", text));
    }
    invite(&opened.address, &fields, world);
    let id = world.ids.item();
    let mut value = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        odata::selected(mailbox.add_event(id, fields, false), None, call)
    });
    value["@odata.context"] = json!(format!("{}/$entity", odata::context(user, "events")));
    let location = format!("https://{}{}/{}", call.host, call.path, value["id"].as_str().unwrap_or_default());
    Ok(Page::Created(value, location))
}

fn invite(mailbox: &str, fields: &Map<String, Value>, world: &World) {
    let attendees = fields.get("attendees").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let address =
        |one: &Value| one.pointer("/emailAddress/address").and_then(Value::as_str).map(str::to_owned);
    let to: Vec<String> = attendees.iter().filter_map(address).collect();
    if !to.is_empty() {
        let subject = fields.get("subject").and_then(Value::as_str).unwrap_or_default().to_owned();
        world.send(Sent { mailbox: mailbox.to_owned(), to, subject });
    }
}

/// Deletes an entry.
pub(crate) fn delete(user: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, WRITE, call, world)?;
    let gone = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| mailbox.delete_event(id));
    if gone { Ok(Page::Gone) } else { Err(Refusal::no_item()) }
}
