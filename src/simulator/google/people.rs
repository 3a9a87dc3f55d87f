//! Contacts: listed, read, created, deleted.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::api::{Api, Method};
use super::feed::{Round, Unfit};
use super::page::Page;
use super::refusal::Refusal;
use super::{gate, message, person};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::Mailbox;

const READ: &[&str] = &["contacts", "contacts.readonly"];
const WRITE: &[&str] = &["contacts"];

const fn method(name: &'static str, scopes: &'static [&'static str]) -> Method {
    Method { api: Api::People, name, scopes }
}
const LIST: Method = method("google.people.v1.PeopleService.ListConnections", READ);
const GET: Method = method("google.people.v1.PeopleService.GetPerson", READ);
const CREATE: Method = method("google.people.v1.PeopleService.CreateContact", WRITE);
const DELETE: Method = method("google.people.v1.PeopleService.DeleteContact", WRITE);

/// Contacts of a page when the client does not say, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;
/// How long a sync token is good.
const SYNC: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A page of contacts, or of what has changed since a sync token was given.
pub(crate) fn list(call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = gate::enter(call, &LIST, world)?;
    let mask = mask(call, "personFields")?;
    let size = size(call)?;
    let now = (world.now)().as_second();
    let (page, sync) = (call.query("pageToken"), call.query("syncToken"));
    let wants_sync = sync.is_some() || call.query("requestSyncToken").is_some_and(|wanted| wanted == "true");
    actor.open(world, |mailbox| {
        let round = Round::of(page.as_deref(), sync.as_deref(), mailbox.changes).map_err(unfit)?;
        if round.given != 0 && now - round.given > SYNC.as_secs() {
            return Err(Refusal::expired_sync_token());
        }
        let all = changes(mailbox, &round, &mask);
        let items: Vec<&Value> = all.iter().skip(round.done).take(size).collect();
        let more = all.len() > round.done + items.len();
        let mut value = json!({});
        if more {
            value["nextPageToken"] = json!(round.page_token(items.len()));
        } else if wants_sync {
            value["nextSyncToken"] = json!(round.sync_token(now));
        }
        // Proto3 leaves empty lists and zeros out.
        if !items.is_empty() {
            value["connections"] = json!(items);
        }
        if !mailbox.contacts.is_empty() {
            value["totalPeople"] = json!(mailbox.contacts.len());
            value["totalItems"] = json!(mailbox.contacts.len());
        }
        Ok(Page::Shown(value))
    })
}

fn unfit(unfit: Unfit) -> Refusal {
    match unfit {
        Unfit::Stale => Refusal::expired_sync_token(),
        Unfit::Foreign => Refusal::bad("badRequest", "Request contains an invalid argument."),
    }
}

/// What there is to tell, oldest first.
fn changes(mailbox: &Mailbox, round: &Round, mask: &[String]) -> Vec<Value> {
    let made = mailbox.contacts.iter().filter(|entry| round.includes(entry.change));
    let made = made.map(|entry| (entry.change, person::shown(entry, mask)));
    let gone = mailbox.deleted.iter().filter(|(_, change)| round.since > 0 && round.includes(*change));
    let gone = gone.map(|(id, change)| (*change, person::removed(id)));
    let mut all: Vec<(u64, Value)> = made.chain(gone).collect();
    all.sort_by_key(|(change, _)| *change);
    all.into_iter().map(|(_, value)| value).collect()
}

/// One contact.
pub(crate) fn read(id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = gate::enter(call, &GET, world)?;
    let mask = mask(call, "personFields")?;
    let found = actor.open(world, |mailbox| {
        mailbox.contacts.iter().find(|entry| entry.id == id).map(|entry| person::shown(entry, &mask))
    });
    found.map(Page::Shown).ok_or_else(|| Refusal::not_found(Api::People))
}

/// Creates a contact; the answer shows all of it unless a mask says otherwise.
pub(crate) fn create(call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = gate::enter(call, &CREATE, world)?;
    let written = message::body(call, "Parse error")?;
    check_names(&written)?;
    let mask = match call.query("personFields") {
        Some(_) => mask(call, "personFields")?,
        None => person::FIELDS.map(str::to_owned).to_vec(),
    };
    let fields = person::kept(written);
    let id = world.ids.person();
    let value = actor.open(world, |mailbox| person::shown(mailbox.add_contact(id, fields, false), &mask));
    Ok(Page::Shown(value))
}

fn check_names(written: &Map<String, Value>) -> Result<(), Refusal> {
    let known = |name: &str| {
        person::FIELDS.contains(&name) || ["resourceName", "etag", "userDefined"].contains(&name)
    };
    if let Some(name) = written.keys().find(|name| !known(name)) {
        let text =
            format!("Invalid JSON payload received. Unknown name \"{name}\" at 'person': Cannot find field.");
        return Err(Refusal::bad("badRequest", text));
    }
    let names = written.get("names").and_then(Value::as_array).map_or(0, Vec::len);
    if names > 1 {
        return Err(Refusal::bad("badRequest", "Request person.names can have at most one name."));
    }
    Ok(())
}

/// Deletes a contact.
pub(crate) fn delete(id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = gate::enter(call, &DELETE, world)?;
    let gone = actor.open(world, |mailbox| mailbox.delete_contact(id));
    if gone { Ok(Page::Shown(json!({}))) } else { Err(Refusal::not_found(Api::People)) }
}

fn mask(call: &Call, name: &'static str) -> Result<Vec<String>, Refusal> {
    let text = call.query(name).unwrap_or_default();
    let fields: Vec<String> =
        text.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect();
    if fields.is_empty() {
        let text = format!(
            "{name} mask is required. Please specify one or more valid paths. Valid paths are documented at \
             https://developers.google.com/people/api/rest/v1/people.connections/list."
        );
        return Err(Refusal::bad("badRequest", text));
    }
    if let Some(field) = fields.iter().find(|field| !person::FIELDS.contains(&field.as_str())) {
        let text = format!(
            "Invalid {name} mask path: \"{field}\". Valid paths are documented at \
             https://developers.google.com/people/api/rest/v1/people.connections/list."
        );
        return Err(Refusal::bad("badRequest", text));
    }
    Ok(fields)
}

fn size(call: &Call) -> Result<usize, Refusal> {
    let Some(text) = call.query("pageSize") else { return Ok(PAGE) };
    match text.parse() {
        Ok(0) => Ok(PAGE),
        Ok(size) if size <= LARGEST_PAGE => Ok(size),
        _ => Err(Refusal::bad("badRequest", "Page size must be between 1 and 1000.")),
    }
}
