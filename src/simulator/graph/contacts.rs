//! Contacts: listed, read, created, deleted.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::page::Page;
use super::refusal::Refusal;
use super::{gate, odata};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;

const READ: &str = "Contacts.Read";
const WRITE: &str = "Contacts.ReadWrite";

/// A page of contacts.
pub(crate) fn list(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, READ, call, world)?;
    let (top, skip) = odata::window(call)?;
    let (items, more) = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        let folder = Some(mailbox.contact_folder.as_str());
        let page = mailbox.contacts.iter().skip(skip).take(top);
        let items: Vec<Value> = page.map(|entry| odata::selected(entry, folder, call)).collect();
        (items, mailbox.contacts.len() > skip.saturating_add(top))
    });
    let mut value = json!({"@odata.context": odata::context(user, "contacts"), "value": items});
    if more {
        value["@odata.nextLink"] = json!(odata::link(call, &[("$skip", (skip + top).to_string())]));
    }
    Ok(Page::Shown(value))
}

/// One contact.
pub(crate) fn read(user: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, READ, call, world)?;
    let found = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        let entry = mailbox.contacts.iter().find(|entry| entry.id == id)?;
        Some(odata::selected(entry, Some(&mailbox.contact_folder), call))
    });
    found.map(Page::Shown).ok_or_else(Refusal::no_item)
}

/// Creates a contact in the default folder.
pub(crate) fn create(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, WRITE, call, world)?;
    let mut fields = odata::body(call)?;
    if let Some(name) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let text = format!("The property '{name}' does not exist on type 'microsoft.graph.contact'.");
        return Err(Refusal::bad("RequestBodyRead", text));
    }
    if opened.rules.full {
        let text = "The mailbox has exceeded its storage quota.";
        return Err(Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "ErrorQuotaExceeded", text));
    }
    if !fields.contains_key("displayName") {
        let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = format!("{} {}", part("givenName"), part("surname")).trim().to_owned();
        fields.insert("displayName".into(), json!(name));
    }
    let id = world.ids.item();
    let mut value = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| {
        let folder = mailbox.contact_folder.clone();
        odata::selected(mailbox.add_contact(id, fields, false), Some(&folder), call)
    });
    value["@odata.context"] = json!(format!("{}/$entity", odata::context(user, "contacts")));
    let location = format!("https://{}{}/{}", call.host, call.path, value["id"].as_str().unwrap_or_default());
    Ok(Page::Created(value, location))
}

/// Deletes a contact.
pub(crate) fn delete(user: &str, id: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, WRITE, call, world)?;
    let gone = world.with_mailbox(&opened.tenant, &opened.address, |mailbox| mailbox.delete_contact(id));
    if gone { Ok(Page::Gone) } else { Err(Refusal::no_item()) }
}

/// What a client may write of a contact.
const KNOWN: [&str; 27] = [
    "givenName",
    "surname",
    "middleName",
    "nickName",
    "displayName",
    "fileAs",
    "title",
    "initials",
    "generation",
    "companyName",
    "department",
    "jobTitle",
    "profession",
    "officeLocation",
    "assistantName",
    "manager",
    "birthday",
    "spouseName",
    "categories",
    "emailAddresses",
    "homePhones",
    "businessPhones",
    "mobilePhone",
    "homeAddress",
    "businessAddress",
    "personalNotes",
    "parentFolderId",
];
