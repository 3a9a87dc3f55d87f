//! Prepares mails for the outbox. Composing and encrypting happen here, before the transaction of the event begins;
//! `Write::post_mail` then writes row and job within it.

use crate::{
    app::App,
    domain::{
        address::MailAddress,
        ids::{BrokerageId, JobId, MailId, SignInId},
        mail::MailKind,
        refused::Refused,
    },
    store::PreparedMail,
    vault::context::Context,
};

/// The purpose under which a mail's recipient is encrypted; the owner is the mail's id.
pub const RECIPIENT_BOX: &str = "mails.recipient";
/// The purpose under which a mail's bytes are encrypted; the owner is the mail's id.
pub const MESSAGE_BOX: &str = "mails.message";

/// Prepares the mail that carries a sign-in code. The code is sealed: only the worker can open it, renders the
/// message, sends it once and deletes the code.
///
/// Errs as a fault when the code cannot be sealed or the address not be encrypted.
pub fn prepare_code(
    app: &App,
    to: &MailAddress,
    sign_in: &SignInId,
    code: &str,
) -> Result<PreparedMail, Refused> {
    let context = Context::of_sign_in_code(&app.settings.product.environment, sign_in);
    let sealed = app.vault.seal(&context, code).map_err(|error| {
        tracing::error!(%error, "a sign-in code was not sealed");
        Refused::Fault(String::new())
    })?;
    let mut mail = addressed(app, MailKind::SignInCode, sign_in.as_str(), None, to)?;
    mail.code_sealed = Some(sealed.bytes);
    Ok(mail)
}

/// A mail with its ids and its recipient, without content.
fn addressed(
    app: &App,
    kind: MailKind,
    event: &str,
    brokerage: Option<&BrokerageId>,
    to: &MailAddress,
) -> Result<PreparedMail, Refused> {
    let id = app.new_id(MailId::from_random);
    Ok(PreparedMail {
        job_id: app.new_id(JobId::from_random),
        kind,
        event_id: event.to_owned(),
        brokerage_id: brokerage.cloned(),
        recipient_key: app.blind(RECIPIENT_BOX, &to.key()),
        recipient_box: app.to_box(RECIPIENT_BOX, id.as_str(), to)?,
        message_id: message_id(app, kind, &id),
        message_box: None,
        code_sealed: None,
        id,
    })
}

/// The Message-ID of a mail: its kind and id at the sender's domain. It is made once, so that a mail that is handed
/// over twice is recognised as the same.
fn message_id(app: &App, kind: MailKind, id: &MailId) -> String {
    let from = app.settings.mail.from.trim_end_matches('>');
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("<{}.{id}@{domain}>", kind.as_str())
}
