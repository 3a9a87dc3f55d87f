//! The change feed of a contact folder.
//!
//! A token names the change up to which the client knows everything (`since`), the change the round reaches
//! (`until`), and the place in between. Clients must treat it as opaque; the real one is too.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::page::Page;
use super::refusal::Refusal;
use super::{gate, odata};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::Mailbox;

/// A place in the feed.
#[derive(Clone, Copy)]
struct Place {
    since: u64,
    until: u64,
    done: usize,
}

/// A page of changes.
pub(crate) fn contacts(user: &str, folder: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, "Contacts.Read", call, world)?;
    let page = odata::preferred_page(call);
    world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        if folder != mailbox.contact_folder && !folder.eq_ignore_ascii_case("contacts") {
            return Err(Refusal::no_item());
        }
        let place = place(call, mailbox)?;
        let changes = changes(mailbox, place, call);
        let items: Vec<Value> = changes.iter().skip(place.done).take(page).cloned().collect();
        let done = place.done + items.len();
        let mut value = json!({"@odata.context": context(user), "value": items});
        if done < changes.len() {
            let token = written(Place { done, ..place });
            let words = [("$skiptoken", token), ("$deltatoken", String::new())];
            value["@odata.nextLink"] = json!(odata::link(call, &words));
        } else {
            let token = written(Place { since: place.until, until: 0, done: 0 });
            let words = [("$deltatoken", token), ("$skiptoken", String::new())];
            value["@odata.deltaLink"] = json!(odata::link(call, &words));
        }
        Ok(Page::Shown(value))
    })
}

fn context(user: &str) -> String {
    odata::context(user, "contactFolders/contacts") + "/$delta"
}

/// Where this request continues; a round that begins reaches to the last change of now.
fn place(call: &Call, mailbox: &Mailbox) -> Result<Place, Refusal> {
    let fresh = Place { since: 0, until: mailbox.changes, done: 0 };
    let Some(token) = call.query("$skiptoken").or_else(|| call.query("$deltatoken")) else {
        return Ok(fresh);
    };
    let stale = || {
        let text = "The sync state generation is not found; state may have expired. Start a full sync.";
        Refusal::new(StatusCode::GONE, "syncStateNotFound", text)
    };
    let place = read(&token).ok_or_else(|| Refusal::bad("BadRequest", "Badly formed token."))?;
    if place.since > mailbox.changes || place.until > mailbox.changes {
        return Err(stale());
    }
    Ok(if place.until == 0 { Place { until: mailbox.changes, ..place } } else { place })
}

/// Everything between two changes, oldest first; what was made and deleted in between does not show.
fn changes(mailbox: &Mailbox, place: Place, call: &Call) -> Vec<Value> {
    let between = |change: u64| change > place.since && change <= place.until;
    let folder = Some(mailbox.contact_folder.as_str());
    let made = mailbox.contacts.iter().filter(|entry| between(entry.change));
    let made = made.map(|entry| (entry.change, odata::selected(entry, folder, call)));
    let removed = mailbox.deleted.iter().filter(|(_, change)| between(*change) && place.since > 0);
    let removed = removed.map(|(id, change)| (*change, json!({"id": id, "@removed": {"reason": "deleted"}})));
    let mut all: Vec<(u64, Value)> = made.chain(removed).collect();
    all.sort_by_key(|(change, _)| *change);
    all.into_iter().map(|(_, value)| value).collect()
}

fn written(place: Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("v1.{}.{}.{}", place.since, place.until, place.done))
}

fn read(token: &str) -> Option<Place> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.strip_prefix("v1.")?.split('.');
    let place = Place {
        since: parts.next()?.parse().ok()?,
        until: parts.next()?.parse().ok()?,
        done: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(place)
}
