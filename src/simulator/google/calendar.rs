//! Calendar entries: listed, read, created, deleted.

use serde_json::{Value, json};

use super::api::{Api, Method};
use super::feed::{Round, Unfit};
use super::gate::{self, Actor};
use super::page::Page;
use super::refusal::Refusal;
use super::{event, message};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::{Mailbox, moment};
use crate::simulator::world::sent::Sent;

const READ: &[&str] = &["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"];
const WRITE: &[&str] = &["calendar", "calendar.events"];

const fn method(name: &'static str, scopes: &'static [&'static str]) -> Method {
    Method { api: Api::Calendar, name, scopes }
}
const WHOSE: Method = method("calendar.v3.Calendars.Get", &["calendar", "calendar.readonly"]);
const LIST: Method = method("calendar.v3.Events.List", READ);
const GET: Method = method("calendar.v3.Events.Get", READ);
const INSERT: Method = method("calendar.v3.Events.Insert", WRITE);
const DELETE: Method = method("calendar.v3.Events.Delete", WRITE);

/// Entries of a page when the client does not say, and at most.
const PAGE: usize = 250;
const LARGEST_PAGE: usize = 2500;
/// What a client must not say together with a sync token.
const NOT_WITH_SYNC: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];

/// Lets somebody at a calendar: their own only, by either of its names.
fn enter(calendar: &str, call: &Call, method: &Method, world: &World) -> Result<Actor, Refusal> {
    let actor = gate::enter(call, method, world)?;
    let own = calendar == "primary" || calendar.eq_ignore_ascii_case(&actor.address);
    if own { Ok(actor) } else { Err(Refusal::not_found(Api::Calendar)) }
}

/// The calendar itself. That of a user, or of a service account, has their address as its id.
pub(crate) fn whose(calendar: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let owner = enter(calendar, call, &WHOSE, world)?.address;
    Ok(Page::Shown(json!({
        "kind": "calendar#calendar",
        "etag": event::etag(0),
        "id": owner,
        "summary": owner,
        "timeZone": "America/Chicago",
    })))
}

/// A page of entries, or of what has changed since a sync token was given.
pub(crate) fn list(calendar: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(calendar, call, &LIST, world)?;
    let (page, sync) = (call.query("pageToken"), call.query("syncToken"));
    if sync.is_some() && NOT_WITH_SYNC.iter().any(|name| call.query(name).is_some()) {
        let text = "Sync token cannot be used with the other parameters of this request.";
        return Err(Refusal::bad_parameter("badRequest", "syncToken", text));
    }
    let size = call.query("maxResults").map_or(Some(PAGE), |text| text.parse().ok().filter(|size| *size > 0));
    let size =
        size.ok_or_else(|| Refusal::bad_parameter("invalidParameter", "maxResults", "Invalid value."))?;
    let (size, now) = (size.min(LARGEST_PAGE), (world.now)());
    let (from, until) = (edge(call, "timeMin")?, edge(call, "timeMax")?);
    let owner = actor.address.clone();
    actor.open(world, |mailbox| {
        let round = Round::of(page.as_deref(), sync.as_deref(), mailbox.changes).map_err(unfit)?;
        let mut all = changes(mailbox, &round, &owner);
        all.retain(|event| within(event, from, until));
        let items: Vec<&Value> = all.iter().skip(round.done).take(size).collect();
        let mut value = json!({
            "kind": "calendar#events",
            "etag": event::etag(mailbox.changes),
            "summary": owner,
            "description": "",
            "updated": now.to_string(),
            "timeZone": "America/Chicago",
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
            "items": items,
        });
        if all.len() > round.done + items.len() {
            value["nextPageToken"] = json!(round.page_token(items.len()));
        } else {
            value["nextSyncToken"] = json!(round.sync_token(now.as_second()));
        }
        Ok(Page::Shown(value))
    })
}

fn unfit(unfit: Unfit) -> Refusal {
    match unfit {
        Unfit::Stale => Refusal::full_sync_required(),
        Unfit::Foreign => Refusal::bad_parameter("invalid", "syncToken", "Invalid sync token value."),
    }
}

fn edge(call: &Call, name: &'static str) -> Result<Option<jiff::Timestamp>, Refusal> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let wrong = |_| Refusal::bad_parameter("badRequest", name, "Bad Request");
    text.parse().map(Some).map_err(wrong)
}

fn within(event: &Value, from: Option<jiff::Timestamp>, until: Option<jiff::Timestamp>) -> bool {
    let at =
        |name: &str| event.pointer(&format!("/{name}/dateTime")).and_then(Value::as_str).and_then(moment);
    let after = from.is_none_or(|from| at("end").is_none_or(|end| end > from));
    after && until.is_none_or(|until| at("start").is_none_or(|start| start < until))
}

/// What there is to tell, oldest first.
fn changes(mailbox: &Mailbox, round: &Round, owner: &str) -> Vec<Value> {
    let made = mailbox.events.iter().filter(|entry| round.includes(entry.change));
    let made = made.map(|entry| (entry.change, event::shown(entry, owner)));
    let gone = mailbox.deleted_events.iter().filter(|(_, change)| round.since > 0 && round.includes(*change));
    let gone = gone.map(|(id, change)| (*change, event::cancelled(id, *change)));
    let mut all: Vec<(u64, Value)> = made.chain(gone).collect();
    all.sort_by_key(|(change, _)| *change);
    all.into_iter().map(|(_, value)| value).collect()
}

/// One entry; one that was deleted is still known as cancelled.
pub(crate) fn read(calendar: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(calendar, call, &GET, world)?;
    let found = actor.open(world, |mailbox| {
        let there = mailbox.events.iter().find(|entry| entry.id == id);
        let there = there.map(|entry| event::shown(entry, &actor.address));
        there.or_else(|| {
            let gone = mailbox.deleted_events.iter().find(|(gone, _)| gone == id);
            gone.map(|(id, change)| event::cancelled(id, *change))
        })
    });
    found.map(Page::Shown).ok_or_else(|| Refusal::not_found(Api::Calendar))
}

/// Creates an entry. People are invited only when the client asks for it.
pub(crate) fn create(calendar: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(calendar, call, &INSERT, world)?;
    let written = message::body(call, "Parse Error")?;
    let wanted = written.get("id").and_then(Value::as_str).map(str::to_owned);
    if wanted.as_deref().is_some_and(|id| !fit_as_id(id)) {
        return Err(Refusal::bad("invalid", "Invalid resource id value."));
    }
    let to = event::attendees(&written);
    let fields = event::kept(written)?;
    let subject = fields.get("subject").and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = wanted.unwrap_or_else(|| world.ids.event());
    let value = actor.open(world, |mailbox| {
        let taken = mailbox.events.iter().any(|entry| entry.id == id)
            || mailbox.deleted_events.iter().any(|(gone, _)| *gone == id);
        if taken {
            return Err(Refusal::already_there());
        }
        Ok(event::shown(mailbox.add_event(id, fields, false), &actor.address))
    })?;
    if !to.is_empty() && invites(call) {
        world.send(Sent { mailbox: actor.address, to, subject });
    }
    Ok(Page::Shown(value))
}

/// Small letters up to v and digits, 5 to 1024 of them.
fn fit_as_id(id: &str) -> bool {
    (5..=1024).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte))
}

fn invites(call: &Call) -> bool {
    let all = call.query("sendUpdates").is_some_and(|whom| whom == "all" || whom == "externalOnly");
    all || call.query("sendNotifications").is_some_and(|wanted| wanted == "true")
}

/// Deletes an entry.
pub(crate) fn delete(calendar: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(calendar, call, &DELETE, world)?;
    actor.open(world, |mailbox| {
        if mailbox.delete_event(id) {
            Ok(Page::Gone)
        } else if mailbox.deleted_events.iter().any(|(gone, _)| gone == id) {
            Err(Refusal::already_deleted())
        } else {
            Err(Refusal::not_found(Api::Calendar))
        }
    })
}
