//! Whether mail may be sent; nothing is.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use http::{Method, StatusCode};
use serde_json::json;

use crate::verification::{cut::Cut, evidence::Evidence, progress::Running};

use super::{
    answer::api_shown,
    service::{Ask, Service},
};

/// A message to nobody.
const TO_NOBODY: &str = "Subject: MoxiEngage connection test\r\n\r\n";

/// What whoever may send is told about such a message.
const NO_RECIPIENT: &str = "recipient address required";

/// Asks to send a message without recipients, which whoever may send is told to mend and whoever may not is
/// refused. Nothing can be sent this way.
pub(super) async fn send_right(mail: &Service<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask {
        method: Method::POST,
        path: "/gmail/v1/users/me/messages/send".to_owned(),
        body: Some(json!({"raw": URL_SAFE.encode(TO_NOBODY)})),
        wanted: StatusCode::BAD_REQUEST,
    };
    let answer = mail.ask(&ask, cut).await?;
    let shown = api_shown(&answer, &mail.scrub);
    if !shown.phrases.contains(&NO_RECIPIENT) {
        return Err(Evidence::Shown(Box::new(shown)));
    }
    running.learn("Sending", "allowed; nothing was sent");
    running.learn("Reading mail", "not asked for, and not possible with this scope");
    Ok(())
}
