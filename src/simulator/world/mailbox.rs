//! What lies in a mailbox: contacts and events, with the running number of each change.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Contents of one mailbox.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    /// Id of the default contact folder.
    pub(crate) contact_folder: String,
    pub(crate) contacts: Vec<Entry>,
    pub(crate) events: Vec<Entry>,
    /// Messages that were saved and not sent.
    #[serde(default)]
    pub(crate) drafts: Vec<Entry>,
    /// Contacts that were deleted: id and number of the change.
    pub(crate) deleted: Vec<(String, u64)>,
    /// Calendar entries that were deleted, in the same way.
    #[serde(default)]
    pub(crate) deleted_events: Vec<(String, u64)>,
    /// Number of the last change.
    pub(crate) changes: u64,
}

/// A contact or an event.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// Number of the change that made it.
    pub(crate) change: u64,
    /// Was it there from the beginning?
    pub(crate) seeded: bool,
    pub(crate) fields: Map<String, Value>,
}

/// What lies in a mailbox now, for tests.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Items {
    /// Contacts.
    pub contacts: Vec<Item>,
    /// Calendar entries.
    pub events: Vec<Item>,
    /// Messages that were saved and not sent.
    pub drafts: Vec<Item>,
}

impl Items {
    /// What clients put there and did not take away.
    pub fn left_behind(&self) -> Vec<&Item> {
        self.contacts.iter().chain(&self.events).chain(&self.drafts).filter(|item| !item.seeded).collect()
    }
}

/// One contact or calendar entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Its id at the provider.
    pub id: String,
    /// Display name or subject.
    pub title: String,
    /// Was it there from the beginning?
    pub seeded: bool,
}

impl Mailbox {
    /// A mailbox in daily use: some contacts, some appointments of `today`. `contact` and `event` make ids.
    pub(crate) fn seeded(
        contact: impl Fn() -> String,
        event: impl Fn() -> String,
        contacts: usize,
        today: jiff::civil::Date,
    ) -> Mailbox {
        let mut mailbox = Mailbox { contact_folder: contact(), ..Mailbox::default() };
        for number in 0..contacts {
            let given = GIVEN[number % GIVEN.len()];
            let family = FAMILY[(number / GIVEN.len() + number) % FAMILY.len()];
            let fields =
                json!({"givenName": given, "surname": family, "displayName": format!("{given} {family}")});
            mailbox.add_contact(contact(), object(fields), true);
        }
        for (hour, subject) in [(9, "Listing appointment"), (13, "Open house"), (16, "Closing")] {
            let at = |hour: i8| format!("{today}T{hour:02}:00:00.0000000");
            let fields = json!({
                "subject": subject,
                "start": {"dateTime": at(hour), "timeZone": "UTC"},
                "end": {"dateTime": at(hour + 1), "timeZone": "UTC"},
            });
            mailbox.add_event(event(), object(fields), true);
        }
        mailbox
    }

    pub(crate) fn add_contact(&mut self, id: String, fields: Map<String, Value>, seeded: bool) -> &Entry {
        self.changes += 1;
        let at = self.contacts.len();
        self.contacts.push(Entry { id, change: self.changes, seeded, fields });
        &self.contacts[at]
    }

    pub(crate) fn add_event(&mut self, id: String, fields: Map<String, Value>, seeded: bool) -> &Entry {
        self.changes += 1;
        let at = self.events.len();
        self.events.push(Entry { id, change: self.changes, seeded, fields });
        &self.events[at]
    }

    pub(crate) fn add_draft(&mut self, id: String, fields: Map<String, Value>) -> &Entry {
        self.changes += 1;
        let at = self.drafts.len();
        self.drafts.push(Entry { id, change: self.changes, seeded: false, fields });
        &self.drafts[at]
    }

    /// Deletes a contact; false when there is none of this id.
    pub(crate) fn delete_contact(&mut self, id: &str) -> bool {
        let before = self.contacts.len();
        self.contacts.retain(|entry| entry.id != id);
        if self.contacts.len() == before {
            return false;
        }
        self.changes += 1;
        self.deleted.push((id.to_owned(), self.changes));
        true
    }

    /// Deletes an event; false when there is none of this id.
    pub(crate) fn delete_event(&mut self, id: &str) -> bool {
        let before = self.events.len();
        self.events.retain(|entry| entry.id != id);
        if self.events.len() == before {
            return false;
        }
        self.changes += 1;
        self.deleted_events.push((id.to_owned(), self.changes));
        true
    }

    /// Deletes a saved message; false when there is none of this id.
    pub(crate) fn delete_draft(&mut self, id: &str) -> bool {
        let before = self.drafts.len();
        self.drafts.retain(|entry| entry.id != id);
        self.drafts.len() != before
    }

    pub(crate) fn items(&self) -> Items {
        let list = |entries: &[Entry], title: &str| entries.iter().map(|entry| entry.item(title)).collect();
        Items {
            contacts: list(&self.contacts, "displayName"),
            events: list(&self.events, "subject"),
            drafts: list(&self.drafts, "subject"),
        }
    }
}

impl Entry {
    /// Does it lie, at least in part, between two moments? Only calendar entries lie anywhere.
    pub(crate) fn touches(&self, start: Timestamp, end: Timestamp) -> bool {
        let at = |name: &str| time_of(&self.fields, name);
        at("start").is_some_and(|from| from < end) && at("end").is_some_and(|until| until > start)
    }

    fn item(&self, title: &str) -> Item {
        let text = |name: &str| self.fields.get(name).and_then(Value::as_str);
        let title = text(title).or_else(|| text("fileAs")).unwrap_or_default().to_owned();
        Item { id: self.id.clone(), title, seeded: self.seeded }
    }
}

/// A time with an offset, or one of UTC without.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp()))
}

/// The time that a calendar entry says under `start` or `end`.
pub(crate) fn time_of(fields: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    moment(fields.get(name)?.get("dateTime")?.as_str()?)
}

/// The members of a JSON object; none of anything else.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

const GIVEN: [&str; 7] = ["Avery", "Blake", "Casey", "Devon", "Emery", "Finley", "Harper"];
const FAMILY: [&str; 5] = ["Abbott", "Barlow", "Castillo", "Dunmore", "Ellery"];
