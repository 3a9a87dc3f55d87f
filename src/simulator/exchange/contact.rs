//! Contacts, between the fields they are kept in and the elements of EWS.

use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::asked::{text, types};
use super::said::{element, escaped};
use super::shape::Shape;

/// Elements of one text, and the fields that keep them.
const PLAIN: [(&str, &str); 11] = [
    ("FileAs", "fileAs"),
    ("DisplayName", "displayName"),
    ("GivenName", "givenName"),
    ("Initials", "initials"),
    ("MiddleName", "middleName"),
    ("Nickname", "nickName"),
    ("CompanyName", "companyName"),
    ("Department", "department"),
    ("JobTitle", "jobTitle"),
    ("OfficeLocation", "officeLocation"),
    ("Surname", "surname"),
];
/// Elements that stand before the list of addresses.
const BEFORE_ADDRESSES: usize = 7;

/// The fields of a contact that is being created.
pub(crate) fn fields(contact: Node<'_, '_>) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, field) in PLAIN {
        if let Some(value) = text(contact, name) {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    let addresses = types(contact, "EmailAddresses");
    let addresses = addresses.iter().flat_map(|list| list.children().filter(Node::is_element));
    let addresses: Vec<Value> = addresses
        .filter_map(|entry| entry.text())
        .map(|address| json!({"address": address, "name": address}))
        .collect();
    if !addresses.is_empty() {
        fields.insert("emailAddresses".into(), json!(addresses));
    }
    if !fields.contains_key("displayName") {
        let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = format!("{} {}", part("givenName"), part("surname")).trim().to_owned();
        let name = if name.is_empty() { part("fileAs") } else { name };
        fields.insert("displayName".into(), json!(name));
    }
    fields
}

/// The elements of a contact, in their order.
pub(crate) fn written(fields: &Map<String, Value>, shape: &Shape) -> String {
    let plain = |(name, field): &(&str, &str)| {
        let value = fields.get(*field).and_then(Value::as_str)?;
        shape.wants(&format!("contacts:{name}")).then(|| element(name, value))
    };
    let before: String = PLAIN[..BEFORE_ADDRESSES].iter().filter_map(plain).collect();
    let after: String = PLAIN[BEFORE_ADDRESSES..].iter().filter_map(plain).collect();
    before + &addresses(fields, shape) + &after
}

fn addresses(fields: &Map<String, Value>, shape: &Shape) -> String {
    let list = fields.get("emailAddresses").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let one = |(at, address): (usize, &Value)| {
        let text = address.get("address").and_then(Value::as_str)?;
        Some(format!("<t:Entry Key=\"EmailAddress{}\">{}</t:Entry>", at + 1, escaped(text)))
    };
    let entries: String = list.iter().enumerate().filter_map(one).collect();
    let wanted = shape.wants("contacts:EmailAddresses") || shape.wants("contacts:EmailAddress");
    if entries.is_empty() || !wanted {
        String::new()
    } else {
        format!("<t:EmailAddresses>{entries}</t:EmailAddresses>")
    }
}
