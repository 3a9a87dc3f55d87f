//! Gmail: the addresses a user sends as, and sending itself.

use serde_json::{Value, json};

use super::api::{Api, Method};
use super::gate::{self, Actor};
use super::message::{self, Letter};
use super::page::Page;
use super::refusal::Refusal;
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::script::Sending;
use crate::simulator::world::sent::Sent;

const SEND_AS: Method = Method {
    api: Api::Gmail,
    name: "caribou.api.proto.MailboxService.ListSendAs",
    scopes: &["gmail.settings.basic", "gmail.readonly", "gmail.modify", "https://mail.google.com/"],
};
const SEND: Method = Method {
    api: Api::Gmail,
    name: "caribou.api.proto.MailboxService.SendMessage",
    scopes: &["gmail.send", "gmail.compose", "gmail.modify", "https://mail.google.com/"],
};

/// Lets somebody at a user's mail: their own only. A service account itself has none.
fn enter(user: &str, call: &Call, method: &Method, world: &World) -> Result<Actor, Refusal> {
    let actor = gate::enter(call, method, world)?;
    if !actor.is_user() {
        return Err(Refusal::precondition("Precondition check failed."));
    }
    let own = user == "me" || user.eq_ignore_ascii_case(&actor.address);
    if own { Ok(actor) } else { Err(Refusal::delegation_denied(&actor.address)) }
}

/// The addresses a user sends as, with signatures.
pub(crate) fn send_as(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(user, call, &SEND_AS, world)?;
    let own = json!({
        "sendAsEmail": actor.address,
        "displayName": "",
        "replyToAddress": "",
        "signature": "",
        "isPrimary": true,
        "isDefault": true,
    });
    Ok(Page::Shown(json!({"sendAs": [own]})))
}

/// Sends a message. One without recipients is refused, which is how a client may ask for the right to send.
pub(crate) fn send(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let actor = enter(user, call, &SEND, world)?;
    let body = message::body(call, "Parse Error")?;
    let raw = body.get("raw").and_then(Value::as_str).filter(|raw| !raw.is_empty()).ok_or_else(|| {
        let text = "'raw' RFC822 payload message string or uploading message via /upload/* URL required";
        Refusal::bad("invalidArgument", text)
    })?;
    let letter = Letter::read(raw).ok_or_else(|| {
        let text = "Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed";
        Refusal::bad("badRequest", text)
    })?;
    if letter.to.is_empty() && actor.sending() != Sending::Alarm {
        return Err(Refusal::bad("invalidArgument", "Recipient address required"));
    }
    world.send(Sent { mailbox: actor.address, to: letter.to, subject: letter.subject });
    let id = world.ids.message();
    Ok(Page::Shown(json!({"id": id, "threadId": id, "labelIds": ["SENT"]})))
}
