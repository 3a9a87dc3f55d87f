//! Items as EWS writes them; items read and deleted.

use roxmltree::Node;
use serde_json::Value;

use super::asked::messages;
use super::folders::Folder;
use super::said::{Problem, Refused, answer, element, escaped};
use super::session::Session;
use super::shape::Shape;
use super::{contact, event};
use crate::simulator::world::mailbox::{Entry, Mailbox};

/// What an item is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sort {
    Contact,
    Event,
    Message,
}

impl Sort {
    /// What lies in a folder.
    pub(crate) fn of(folder: &Folder) -> Sort {
        match folder.id {
            "contacts" => Sort::Contact,
            "calendar" => Sort::Event,
            _ => Sort::Message,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Sort::Contact => ("Contact", "IPM.Contact"),
            Sort::Event => ("CalendarItem", "IPM.Appointment"),
            Sort::Message => ("Message", "IPM.Note"),
        }
    }
}

/// The element by which an item is found again.
pub(crate) fn item_id(entry: &Entry) -> String {
    format!("<t:ItemId Id=\"{}\" ChangeKey=\"EQAAABYAAAB{:08x}\"/>", escaped(&entry.id), entry.change)
}

/// An item with what is wanted of it.
pub(crate) fn written(entry: &Entry, sort: Sort, shape: &Shape) -> String {
    let (name, class) = sort.words();
    let mut out = format!("<t:{name}>{}", item_id(entry));
    if shape.wants("item:ItemClass") {
        out += &element("ItemClass", class);
    }
    let title = if sort == Sort::Contact { "displayName" } else { "subject" };
    if let Some(title) =
        entry.fields.get(title).and_then(Value::as_str).filter(|_| shape.wants("item:Subject"))
    {
        out += &element("Subject", title);
    }
    for (key, value) in entry.fields.get("extended").and_then(Value::as_object).into_iter().flatten() {
        if shape.wants_extended(key) {
            out += &extended(key, value.as_str().unwrap_or_default());
        }
    }
    out += &match sort {
        Sort::Contact => contact::written(&entry.fields, shape),
        Sort::Event => event::written(&entry.fields, shape),
        Sort::Message => String::new(),
    };
    out + &format!("</t:{name}>")
}

fn extended(key: &str, value: &str) -> String {
    let (set, name) = key.split_once('/').unwrap_or_default();
    let field = match set {
        "tag" => format!("PropertyTag=\"{}\"", escaped(name)),
        set => format!("PropertySetId=\"{}\" PropertyName=\"{}\"", escaped(set), escaped(name)),
    };
    format!(
        "<t:ExtendedProperty><t:ExtendedFieldURI {field} PropertyType=\"String\"/>{}</t:ExtendedProperty>",
        element("Value", value)
    )
}

/// The item of an id, wherever it lies.
fn lying<'a>(id: &str, mailbox: &'a Mailbox) -> Option<(&'a Entry, Sort)> {
    let places = [
        (&mailbox.contacts, Sort::Contact),
        (&mailbox.events, Sort::Event),
        (&mailbox.drafts, Sort::Message),
    ];
    places.into_iter().find_map(|(list, sort)| Some((list.iter().find(|entry| entry.id == id)?, sort)))
}

/// The ids that a call names.
fn ids<'a>(call: Node<'a, 'a>) -> impl Iterator<Item = &'a str> {
    let list = messages(call, "ItemIds");
    list.into_iter()
        .flat_map(|list| list.children().filter(Node::is_element))
        .map(|id| id.attribute("Id").unwrap_or_default())
}

/// Items by their ids.
pub(crate) fn get(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let shape = Shape::read(messages(call, "ItemShape"));
    session.open(|mailbox| {
        let one = |id: &str| {
            let (entry, sort) = lying(id, mailbox).ok_or_else(Problem::no_item)?;
            Ok(format!("<m:Items>{}</m:Items>", written(entry, sort, &shape)))
        };
        answer("GetItem", ids(call).map(one).collect())
    })
}

/// Deletes items; a calendar entry only when the call says what becomes of invitations.
pub(crate) fn delete(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    if !["HardDelete", "SoftDelete", "MoveToDeletedItems"]
        .contains(&call.attribute("DeleteType").unwrap_or_default())
    {
        return Err(Refused::schema("The required attribute 'DeleteType' is missing or has no known value."));
    }
    let cancellations = call.attribute("SendMeetingCancellations").is_some();
    session.open(|mailbox| {
        let one = |id: &str| {
            if !session.writes {
                return Err(Problem::denied());
            }
            let sort = lying(id, mailbox).map(|(_, sort)| sort).ok_or_else(Problem::no_item)?;
            if sort == Sort::Event && !cancellations {
                let text = "Attribute SendMeetingCancellations is required when deleting calendar items.";
                return Err(Problem::new("ErrorSendMeetingCancellationsRequired", text));
            }
            let gone = match sort {
                Sort::Contact => mailbox.delete_contact(id),
                Sort::Event => mailbox.delete_event(id),
                Sort::Message => mailbox.delete_draft(id),
            };
            if gone { Ok(String::new()) } else { Err(Problem::no_item()) }
        };
        answer("DeleteItem", ids(call).map(one).collect())
    })
}
