//! Sending: the permission is looked at first, then the recipients.

use axum::http::StatusCode;
use serde_json::Value;

use super::page::Page;
use super::refusal::Refusal;
use super::{gate, odata};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::script::Sending;
use crate::simulator::world::sent::Sent;

/// Sends a message. One without recipients is refused, which is how a client may ask for the right to send.
pub(crate) fn send(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let opened = gate::open(user, "Mail.Send", call, world)?;
    if opened.rules.sending == Sending::Blocked {
        let text = "Cannot send mail: the mailbox is restricted from sending messages.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "ErrorMessageSubmissionBlocked", text));
    }
    let body = odata::body(call)?;
    let message = body.get("message").and_then(Value::as_object);
    let message =
        message.ok_or_else(|| Refusal::bad("ErrorInvalidRequest", "Parameter 'message' is required."))?;
    let lists =
        ["toRecipients", "ccRecipients", "bccRecipients"].iter().filter_map(|name| message.get(*name));
    let people = lists.filter_map(Value::as_array).flatten();
    let to: Vec<String> =
        people.filter_map(|one| one.pointer("/emailAddress/address")?.as_str().map(str::to_owned)).collect();
    if to.is_empty() && opened.rules.sending != Sending::Alarm {
        return Err(Refusal::bad("ErrorInvalidRecipients", "At least one recipient is not valid."));
    }
    let subject = message.get("subject").and_then(Value::as_str).unwrap_or_default().to_owned();
    world.send(Sent { mailbox: opened.address, to, subject });
    Ok(Page::Accepted)
}
