//! Prepares mails for the outbox. Composing and encrypting happen here, before the transaction of the event begins;
//! `Write::post_mail` then writes row and job within it.

use crate::{
    app::App,
    domain::{
        address::{MailAddress, MailDomain},
        browser::Browser,
        ids::{BrokerageId, JobId, MailId, SignInId},
        instant::Instant,
        mail::MailKind,
        refused::Refused,
        text::PersonName,
    },
    notify::{
        compose::compose,
        composed::{Composed, Letterhead},
        finish::{Letter, Sender},
        notice::Notice,
    },
    store::PreparedMail,
    vault::context::Context,
};

use super::people::Recipient;

/// The purpose under which a mail's recipient is encrypted; the owner is the mail's id.
pub const RECIPIENT_BOX: &str = "mails.recipient";
/// The purpose under which a mail's bytes are encrypted; the owner is the mail's id.
pub const MESSAGE_BOX: &str = "mails.message";

/// Prepares one mail for each of these people. `event` is the id of what it tells of: a person gets one mail of a
/// kind about an event, however often it is posted.
///
/// Errs as a fault when a mail cannot be composed or encrypted.
pub fn prepare(
    app: &App,
    notice: &Notice,
    event: &str,
    brokerage: &BrokerageId,
    people: &[Recipient],
) -> Result<Vec<PreparedMail>, Refused> {
    let to = people.iter().map(|person| (&person.name, &person.address));
    under(app, &letterhead(app), notice, event, (Some(brokerage), Some(brokerage)), to)
}

/// The same for one of our own people, whose links lead to the staff site.
///
/// Errs as a fault when a mail cannot be composed or encrypted.
pub(super) fn prepare_for_staff(
    app: &App,
    notice: &Notice,
    event: &str,
    brokerage: &BrokerageId,
    to: &Recipient,
) -> Result<Vec<PreparedMail>, Refused> {
    let head = Letterhead { base_url: app.settings.staff.public_url.join(""), ..letterhead(app) };
    let to = std::iter::once((&to.name, &to.address));
    under(app, &head, notice, event, (Some(brokerage), Some(brokerage)), to)
}

/// Prepares a mail to our own people by their roles. It is nobody's of a brokerage: it stands on no page about one.
/// Where it is about one it stands in the thread of its mails.
///
/// Errs as a fault when a mail cannot be composed or encrypted.
pub(super) fn prepare_by_role<'a>(
    app: &App,
    notice: &Notice,
    event: &str,
    about: Option<&BrokerageId>,
    to: impl Iterator<Item = (&'a PersonName, &'a MailAddress)>,
) -> Result<Vec<PreparedMail>, Refused> {
    under(app, &staff_letterhead(app), notice, event, (None, about), to)
}

/// What mails to our own people say of us: their links lead to the staff site, and nobody tells them to ask themselves.
pub(super) fn staff_letterhead(app: &App) -> Letterhead {
    Letterhead { base_url: app.settings.staff.public_url.join(""), ..plain_letterhead(app) }
}

/// `of` is whose mail it is, and in whose thread it stands.
fn under<'a>(
    app: &App,
    head: &Letterhead,
    notice: &Notice,
    event: &str,
    (of, thread): (Option<&BrokerageId>, Option<&BrokerageId>),
    people: impl Iterator<Item = (&'a PersonName, &'a MailAddress)>,
) -> Result<Vec<PreparedMail>, Refused> {
    let composed = compose(notice, head).map_err(fault)?;
    let sender = sender(app)?;
    people
        .map(|(name, to)| {
            let mut mail = addressed(app, &sender, notice.kind(), event, of, to)?;
            mail.concerns = thread.cloned();
            let letter = Letter {
                to,
                to_name: Some(name),
                message_id: &mail.message_id,
                date: app.clock.now(),
                thread,
                reply_to: None,
            };
            let bytes = sender.finish(&composed, letter).map_err(fault)?;
            mail.message_box = Some(app.vault.settings.encrypt(MESSAGE_BOX, mail.id.as_str(), &bytes));
            Ok(mail)
        })
        .collect()
}

/// Prepares a mail to our own people about something that a person of a brokerage asks: its link leads to the staff site.
///
/// Errs as a fault when the mail cannot be composed or encrypted.
pub fn prepare_for_us(
    app: &App,
    notice: &Notice,
    about: (&str, &BrokerageId),
    to: &MailAddress,
    asker: &Recipient,
) -> Result<PreparedMail, Refused> {
    let head = Letterhead { base_url: app.settings.staff.public_url.join(""), ..plain_letterhead(app) };
    prepare_with(app, &head, notice, about, to, asker)
}

/// Prepares a mail that a person of a brokerage has us send to somebody outside: an answer goes to that person, and not to
/// us. `about` is the event and whose it is.
///
/// Errs as a fault when the mail cannot be composed or encrypted.
pub fn prepare_from(
    app: &App,
    notice: &Notice,
    about: (&str, &BrokerageId),
    to: &MailAddress,
    from: &Recipient,
) -> Result<PreparedMail, Refused> {
    prepare_with(app, &plain_letterhead(app), notice, about, to, from)
}

fn prepare_with(
    app: &App,
    head: &Letterhead,
    notice: &Notice,
    (event, brokerage): (&str, &BrokerageId),
    to: &MailAddress,
    person: &Recipient,
) -> Result<PreparedMail, Refused> {
    let composed = compose(notice, head).map_err(fault)?;
    let sender = sender(app)?;
    let mut mail = addressed(app, &sender, notice.kind(), event, Some(brokerage), to)?;
    let letter = Letter {
        to,
        to_name: None,
        message_id: &mail.message_id,
        date: app.clock.now(),
        thread: Some(brokerage),
        reply_to: Some((&person.name, &person.address)),
    };
    let bytes = sender.finish(&composed, letter).map_err(fault)?;
    mail.message_box = Some(app.vault.settings.encrypt(MESSAGE_BOX, mail.id.as_str(), &bytes));
    Ok(mail)
}

/// What a mail says of us whose answer goes to somebody else: nothing of how to reach support.
fn plain_letterhead(app: &App) -> Letterhead {
    Letterhead { support_address: None, support_phone: None, support_hours: None, ..letterhead(app) }
}

/// Prepares the mail that carries a sign-in code. The code is sealed: only the worker can open it, renders the
/// message, sends it once and deletes the code. `browser` is the one that asked for it.
///
/// Errs as a fault when the code cannot be sealed or the address not be encrypted.
pub fn prepare_code(
    app: &App,
    to: &MailAddress,
    sign_in: &SignInId,
    code: &str,
    browser: Option<Browser>,
) -> Result<PreparedMail, Refused> {
    let context = Context::of_sign_in_code(&app.settings.product.environment, sign_in);
    let sealed = app.vault.seal(&context, code).map_err(fault)?;
    let mut mail = addressed(app, &sender(app)?, MailKind::SignInCode, sign_in.as_str(), None, to)?;
    mail.message_box =
        browser.map(|browser| app.to_box(MESSAGE_BOX, mail.id.as_str(), &browser.to_string())).transpose()?;
    mail.code_sealed = Some(sealed.bytes);
    Ok(mail)
}

/// Finishes the message of a code, when it is sent.
pub(super) fn finish_code(
    app: &App,
    composed: &Composed,
    to: &MailAddress,
    message_id: &str,
    date: Instant,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Refused> {
    let letter = Letter { to, to_name: None, message_id, date, thread: None, reply_to: None };
    sender(app)?.finish(composed, letter).map_err(fault)
}

/// What every mail says of us.
pub(super) fn letterhead(app: &App) -> Letterhead {
    let about = &app.settings.about;
    Letterhead {
        base_url: app.settings.portal.public_url.join(""),
        brand: about.brand().to_owned(),
        support_address: about.support_address.clone(),
        support_phone: about.support_phone.clone(),
        support_hours: about.support_hours.clone(),
    }
}

/// Who mails come from; errs as a fault when the settings name no address.
pub(super) fn sender(app: &App) -> Result<Sender, Refused> {
    let mail = &app.settings.mail;
    Sender::parse(&mail.from, mail.reply_to.as_deref()).map_err(fault)
}

/// By what the mails to an address are found.
pub fn recipient_key(app: &App, to: &MailAddress) -> Vec<u8> {
    app.blind(RECIPIENT_BOX, &to.key())
}

/// By what the mails to the addresses of a domain are found.
pub fn domain_key(app: &App, domain: &MailDomain) -> Vec<u8> {
    app.blind("mails.domain", domain.as_str())
}

/// A mail with its ids and its recipient, without content. The Message-ID is made once, so that a mail that is
/// handed over twice is recognised as the same.
fn addressed(
    app: &App,
    sender: &Sender,
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
        concerns: brokerage.cloned(),
        domain_key: Some(domain_key(app, &to.domain())),
        recipient_key: recipient_key(app, to),
        recipient_box: app.to_box(RECIPIENT_BOX, id.as_str(), to)?,
        message_id: sender.message_id(kind, &id),
        message_box: None,
        code_sealed: None,
        id,
    })
}

fn fault(error: impl std::fmt::Display) -> Refused {
    tracing::error!(%error, "a mail was not prepared");
    Refused::Fault(String::new())
}
