//! How a contact looks in the People API.

use serde_json::{Map, Value, json};

use crate::simulator::identity::stable_hex;
use crate::simulator::world::mailbox::Entry;

/// What a client may write of a contact, and ask for.
pub(crate) const FIELDS: [&str; 27] = [
    "addresses",
    "biographies",
    "birthdays",
    "calendarUrls",
    "clientData",
    "emailAddresses",
    "events",
    "externalIds",
    "fileAses",
    "genders",
    "imClients",
    "interests",
    "locales",
    "locations",
    "memberships",
    "metadata",
    "miscKeywords",
    "names",
    "nicknames",
    "occupations",
    "organizations",
    "phoneNumbers",
    "photos",
    "relations",
    "sipAddresses",
    "skills",
    "urls",
];

/// Where a client's own fields are kept in an entry.
const OWN: &str = "google";

/// An entry's fields, from what a client wrote.
pub(crate) fn kept(mut written: Map<String, Value>) -> Map<String, Value> {
    for name in ["resourceName", "etag", "metadata"] {
        written.remove(name);
    }
    let name = written.get("names").and_then(|names| names.get(0)).cloned().unwrap_or_default();
    let part = |part: &str| name.get(part).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (given, family) = (part("givenName"), part("familyName"));
    let whole = format!("{given} {family}").trim().to_owned();
    let display = if whole.is_empty() { part("unstructuredName") } else { whole };
    let mut fields = Map::new();
    fields.insert("givenName".into(), json!(given));
    fields.insert("surname".into(), json!(family));
    fields.insert("displayName".into(), json!(display));
    fields.insert(OWN.into(), Value::Object(written));
    fields
}

/// A contact with the fields of a mask.
pub(crate) fn shown(entry: &Entry, mask: &[String]) -> Value {
    let mut person = json!({"resourceName": resource_name(&entry.id), "etag": etag(entry)});
    let id = source_id(&entry.id);
    for field in mask {
        match field.as_str() {
            "metadata" => {
                let source = json!({"type": "CONTACT", "id": id, "etag": format!("#{}", etag(entry))});
                person["metadata"] = json!({"sources": [source], "objectType": "PERSON"});
            }
            "names" => person["names"] = json!([name(entry, &id)]),
            other => {
                if let Some(value) = entry.fields.get(OWN).and_then(|own| own.get(other)) {
                    person[other] = value.clone();
                }
            }
        }
    }
    person
}

/// A contact that is no more, as a sync tells of it.
pub(crate) fn removed(id: &str) -> Value {
    json!({"resourceName": resource_name(id), "metadata": {"deleted": true, "objectType": "PERSON"}})
}

fn resource_name(id: &str) -> String {
    format!("people/{id}")
}

fn name(entry: &Entry, id: &str) -> Value {
    let part = |part: &str| entry.fields.get(part).and_then(Value::as_str).unwrap_or_default();
    let (given, family, display) = (part("givenName"), part("surname"), part("displayName"));
    let last_first = if family.is_empty() { display.to_owned() } else { format!("{family}, {given}") };
    let mut name = json!({
        "metadata": {"primary": true, "sourcePrimary": true, "source": {"type": "CONTACT", "id": id}},
        "displayName": display,
        "displayNameLastFirst": last_first,
        "unstructuredName": display,
    });
    for (key, value) in [("givenName", given), ("familyName", family)] {
        if !value.is_empty() {
            name[key] = json!(value);
        }
    }
    name
}

fn source_id(id: &str) -> String {
    stable_hex(id)[..15].to_owned()
}

fn etag(entry: &Entry) -> String {
    format!("%EgUBAgkuNxoEAQIFByIM{:012x}", entry.change)
}
