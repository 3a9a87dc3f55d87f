//! Items created: contacts, calendar entries, and messages that are saved or sent.

use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::asked::{messages, text, types};
use super::folders;
use super::items::{Sort, item_id};
use super::said::{Problem, Refused, answer};
use super::session::Session;
use super::shape::extended_key;
use super::{contact, event};
use crate::simulator::world::mailbox::Mailbox;
use crate::simulator::world::sent::Sent;

/// Creates items.
pub(crate) fn items(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let items = messages(call, "Items");
    session.open(|mailbox| {
        let list = items.iter().flat_map(|items| items.children().filter(Node::is_element));
        answer("CreateItem", list.map(|item| one(call, item, mailbox, session)).collect())
    })
}

fn one(
    call: Node<'_, '_>,
    item: Node<'_, '_>,
    mailbox: &mut Mailbox,
    session: &Session<'_>,
) -> Result<String, Problem> {
    let sort = sort_of(item)?;
    if let Some(into) = messages(call, "SavedItemFolderId") {
        let folder = folders::meant_in(Some(into), mailbox, session)?;
        if Sort::of(folder) != sort {
            let text = "The folder's type does not fit the item.";
            return Err(Problem::new("ErrorCannotCreateContactInNonContactFolder", text));
        }
    }
    session.may_write()?;
    let id = session.world.ids.item();
    let marked = |mut fields: Map<String, Value>| {
        fields.extend(extended(item).map(|all| ("extended".to_owned(), all)));
        fields
    };
    let made = match sort {
        Sort::Contact => mailbox.add_contact(id, marked(contact::fields(item)), false),
        Sort::Event => {
            let way = call.attribute("SendMeetingInvitations");
            let text = "Attribute SendMeetingInvitations is required for calendar items.";
            let way = way.ok_or_else(|| Problem::new("ErrorSendMeetingInvitationsRequired", text))?;
            let fields = event::fields(item)?;
            if way != "SendToNone" {
                send(item, &["RequiredAttendees", "OptionalAttendees"], session);
            }
            mailbox.add_event(id, marked(fields), false)
        }
        Sort::Message => {
            let way = call.attribute("MessageDisposition");
            let text = "Attribute MessageDisposition is required for messages.";
            let way = way.ok_or_else(|| Problem::new("ErrorMessageDispositionRequired", text))?;
            if way != "SaveOnly" {
                return sent(item, session);
            }
            let subject = json!(text_of(item, "Subject"));
            mailbox.add_draft(id, marked(Map::from_iter([("subject".to_owned(), subject)])))
        }
    };
    let name = item.tag_name().name();
    Ok(format!("<m:Items><t:{name}>{}</t:{name}></m:Items>", item_id(made)))
}

fn sort_of(item: Node<'_, '_>) -> Result<Sort, Problem> {
    match item.tag_name().name() {
        "Contact" => Ok(Sort::Contact),
        "CalendarItem" => Ok(Sort::Event),
        "Message" => Ok(Sort::Message),
        other => {
            Err(Problem::new("ErrorInvalidOperation", format!("Items of type {other} cannot be created.")))
        }
    }
}

/// The extended properties of an item, by their keys.
fn extended(item: Node<'_, '_>) -> Option<Value> {
    let all = item.children().filter(|child| child.tag_name().name() == "ExtendedProperty");
    let all = all.filter_map(|property| {
        let key = extended_key(types(property, "ExtendedFieldURI")?)?;
        Some((key, json!(text(property, "Value")?)))
    });
    let all: Map<String, Value> = all.collect();
    (!all.is_empty()).then_some(Value::Object(all))
}

fn text_of<'a>(item: Node<'a, 'a>, name: &'static str) -> &'a str {
    text(item, name).unwrap_or_default()
}

/// Sends a message; one without recipients is refused.
fn sent(item: Node<'_, '_>, session: &Session<'_>) -> Result<String, Problem> {
    if send(item, &["ToRecipients", "CcRecipients", "BccRecipients"], session) {
        return Ok("<m:Items/>".to_owned());
    }
    Err(Problem::new("ErrorInvalidRecipients", "At least one recipient isn't valid."))
}

/// Notes what left; false when there is nobody to send to.
fn send(item: Node<'_, '_>, lists: &[&'static str], session: &Session<'_>) -> bool {
    let lists = lists.iter().filter_map(|name| types(item, name));
    let people =
        lists.flat_map(|list| list.descendants().filter(|node| node.tag_name().name() == "EmailAddress"));
    let to: Vec<String> = people.filter_map(|node| node.text()).map(str::to_owned).collect();
    if to.is_empty() {
        return false;
    }
    let mailbox = session.address.clone().unwrap_or_default();
    session.world.send(Sent { mailbox, to, subject: text_of(item, "Subject").to_owned() });
    true
}
