//! What the server itself and its directory tell: time zones, passwords, people, ids.

use roxmltree::Node;

use super::asked::messages;
use super::said::{Problem, Refused, answer, element, said};
use super::session::Session;
use crate::simulator::world::script::Place;

/// The zones this server knows.
const ZONES: [(&str, &str); 3] = [
    ("UTC", "(UTC) Coordinated Universal Time"),
    ("Central Standard Time", "(UTC-06:00) Central Time (US & Canada)"),
    ("Pacific Standard Time", "(UTC-08:00) Pacific Time (US & Canada)"),
];
/// What is told of a password that never ends.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The time zones asked for, or all.
pub(crate) fn time_zones(call: Node<'_, '_>) -> String {
    let ids = messages(call, "Ids");
    let wanted: Vec<&str> = ids.iter().flat_map(|ids| ids.children().filter_map(|id| id.text())).collect();
    let zones: String = ZONES
        .iter()
        .filter(|(id, _)| ids.is_none() || wanted.iter().any(|wanted| wanted.trim() == *id))
        .map(|(id, name)| {
            let name = super::said::escaped(name);
            format!("<t:TimeZoneDefinition Id=\"{id}\" Name=\"{name}\"/>")
        })
        .collect();
    let inner = format!("<m:TimeZoneDefinitions>{zones}</m:TimeZoneDefinitions>");
    answer("GetServerTimeZones", vec![Ok(inner)])
}

/// The day the password of an account ends. This operation answers without a list of messages.
pub(crate) fn password_expiry(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    let named = messages(call, "MailboxSmtpAddress").and_then(|node| node.text());
    let address = match named {
        Some(named) => named.trim(),
        None => session.address()?,
    };
    let mailbox = session.tenant.mailbox(address);
    let server = session.tenant.server.as_ref().or(session.tenant.directory.as_ref());
    let account = mailbox.and_then(|mailbox| server?.account(&mailbox.name));
    let name = "GetPasswordExpirationDateResponse";
    let inner = match mailbox {
        None => {
            let problem = Problem::new(
                "ErrorNonExistentMailbox",
                "The SMTP address has no mailbox associated with it.",
            );
            return Ok(format!("<m:{name} ResponseClass=\"Error\">{}</m:{name}>", said(&problem)));
        }
        Some(_) => account
            .and_then(|account| account.password_ends)
            .map_or_else(|| NEVER.to_owned(), |ends| ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    };
    Ok(format!(
        "<m:{name} ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode>\
         <m:PasswordExpirationDate>{inner}</m:PasswordExpirationDate></m:{name}>"
    ))
}

/// Ids are not turned into others here; clients ask only to learn the version.
pub(crate) fn convert_id(call: Node<'_, '_>) -> String {
    let ids = messages(call, "SourceIds");
    let count = ids.map_or(0, |ids| ids.children().filter(Node::is_element).count());
    let malformed = || Err(Problem::new("ErrorInvalidIdMalformed", "Id is malformed."));
    answer("ConvertId", (0..count).map(|_| malformed()).collect())
}

/// People of the office whose address or name begins with a text.
pub(crate) fn resolve_names(call: Node<'_, '_>, session: &Session<'_>) -> Result<String, Refused> {
    session.address()?;
    let entry = messages(call, "UnresolvedEntry").and_then(|node| node.text()).unwrap_or_default();
    let entry = entry.trim().trim_start_matches("smtp:").to_ascii_lowercase();
    let people = session.tenant.mailboxes.iter().filter(|mailbox| mailbox.place == Place::Cloud);
    let found: Vec<String> = people
        .filter(|mailbox| !entry.is_empty() && session.tenant.address(&mailbox.name).starts_with(&entry))
        .map(|mailbox| {
            format!(
                "<t:Resolution><t:Mailbox>{}{}{}{}</t:Mailbox></t:Resolution>",
                element("Name", &mailbox.name),
                element("EmailAddress", &session.tenant.address(&mailbox.name)),
                element("RoutingType", "SMTP"),
                element("MailboxType", "Mailbox")
            )
        })
        .collect();
    let message = if found.is_empty() {
        Err(Problem::new("ErrorNameResolutionNoResults", "No results were found."))
    } else {
        Ok(format!(
            "<m:ResolutionSet TotalItemsInView=\"{0}\" IncludesLastItemInRange=\"true\">{1}</m:ResolutionSet>",
            found.len(),
            found.concat()
        ))
    };
    Ok(answer("ResolveNames", vec![message]))
}
