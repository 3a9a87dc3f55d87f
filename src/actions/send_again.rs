//! One of our people has a mail sent once more: a new mail with a Message-ID and a date of its own, and the same words.

use jiff::SignedDuration;

pub use crate::notify::parts::Parts;

use super::{
    form_answer::FormKey,
    limits::Limit,
    outbox::{MESSAGE_BOX, RECIPIENT_BOX, domain_key, sender},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        ids::{JobId, MailId},
        mail::{AgainReason, MailKind, MailState},
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    notify::parts::{again, parts, subject},
    store::{PreparedMail, all_brokerages::OutboxMail},
};

/// Each is a mail to somebody who may not want it.
const AGAIN: Limit = Limit { what: "limit.mail.again", window: SignedDuration::from_hours(1), most: 30 };

/// What stands between the event that a mail tells of and what makes one that is sent once more another mail about it.
pub(super) const AGAIN_MARK: char = '#';

const ON_ITS_WAY: Refused =
    Refused::Conflict("This mail is still on its way. Wait until it was taken or refused.");
const OVERTAKEN: Refused = Refused::Conflict(
    "This mail was not sent because what it tells is so no more. It is not sent now either.",
);
const NO_CODE: Refused = Refused::Conflict(
    "A mail that lets somebody in is not sent once more. They ask for a new one on the site, or are invited again.",
);
const GONE: Refused =
    Refused::Conflict("The words of this mail are not kept any more, so it cannot be sent once more.");

/// Writes the new mail; gives its id. The same form again gives the same one.
///
/// Errs when no role may, with the field when there is no reason, with a conflict when the mail is on its way, was
/// overtaken, is gone or lets somebody in, and when somebody has had too many sent.
pub async fn send_again(
    app: &App,
    scope: &StaffScope,
    id: &MailId,
    reason: &str,
    key: &FormKey,
) -> Result<MailId, Refused> {
    if !scope.may(Deed::SendAgain) {
        return Err(Refused::Forbidden("None of your roles sends mails once more. Ask a reviewer."));
    }
    let answer = match write_again(app, scope, id, reason, key).await {
        Ok(answer) => answer,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    MailId::parse(&answer).map_err(|_| Refused::NotFound)
}

async fn write_again(
    app: &App,
    scope: &StaffScope,
    id: &MailId,
    reason: &str,
    key: &FormKey,
) -> Result<String, Refused> {
    let reason = AgainReason::parse(reason).ok_or_else(|| Refused::field("reason", "Choose a reason"))?;
    let mut read = app.store.read().await?;
    if let Some(answer) = key.answered(&mut read, scope).await? {
        return Ok(answer);
    }
    let mail = read.all_brokerages(scope)?.outbox_mail(id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let new = prepare_again(app, &mail)?;
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if let Some(until) = AGAIN.of(app, scope.staff.as_str()).take(&mut write, now).await? {
        return Err(Refused::TooMany(until));
    }
    write.post_mail(&new).await?;
    write.mark_mail_again(&new.id, id, reason, &scope.staff).await?;
    key.note(&mut write, scope, new.id.as_str()).await?;
    let mut line = AuditLine::new(Actor::Staff(scope.staff.clone()), "mail.send_again", new.id.as_str())
        .with("of", id.as_str())
        .with("reason", reason.as_str());
    line.brokerage.clone_from(&mail.brokerage_id);
    write.commit(&[line]).await?;
    Ok(new.id.as_str().to_owned())
}

fn prepare_again(app: &App, mail: &OutboxMail) -> Result<PreparedMail, Refused> {
    if !mail.kind.is_readable() {
        return Err(NO_CODE);
    }
    match mail.state {
        MailState::Pending | MailState::Sending => return Err(ON_ITS_WAY),
        MailState::Held => return Err(OVERTAKEN),
        MailState::Accepted | MailState::Uncertain | MailState::Rejected => {}
    }
    let to: MailAddress = app.from_box(RECIPIENT_BOX, mail.id.as_str(), &mail.recipient_box)?;
    let bytes = message_of(app, mail)?.ok_or(GONE)?;
    let id = app.new_id(MailId::from_random);
    let message_id = sender(app)?.message_id(mail.kind, &id);
    let bytes = again(&bytes, &message_id, app.clock.now()).ok_or(GONE)?;
    let event = mail.event_id.split(AGAIN_MARK).next().unwrap_or_default();
    Ok(PreparedMail {
        job_id: app.new_id(JobId::from_random),
        kind: mail.kind,
        event_id: format!("{event}{AGAIN_MARK}{id}"),
        brokerage_id: mail.brokerage_id.clone(),
        concerns: mail.concerns_id.clone(),
        domain_key: Some(domain_key(app, &to.domain())),
        recipient_key: mail.recipient_key.clone(),
        recipient_box: app.to_box(RECIPIENT_BOX, id.as_str(), &to)?,
        message_id,
        message_box: Some(app.vault.settings.encrypt(MESSAGE_BOX, id.as_str(), &bytes)),
        code_sealed: None,
        id,
    })
}

/// The finished bytes of a mail, while they are kept; never of one that carries a code.
///
/// Errs as a fault when they were written under another key.
fn message_of(app: &App, mail: &OutboxMail) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Refused> {
    let Some(sealed) = mail.message_box.as_deref().filter(|_| mail.kind != MailKind::SignInCode) else {
        return Ok(None);
    };
    let bytes = app.vault.settings.decrypt(MESSAGE_BOX, mail.id.as_str(), sealed).map_err(|error| {
        tracing::error!(%error, mail = %mail.id, "the bytes of a mail were not decrypted");
        Refused::Fault(String::new())
    })?;
    Ok(Some(bytes))
}

/// The subject of a mail by its kept bytes; `None` when they are gone, cannot be read, or when it carries a code.
pub fn subject_of(app: &App, id: &MailId, kind: MailKind, sealed: Option<&[u8]>) -> Option<String> {
    let sealed = sealed.filter(|_| kind != MailKind::SignInCode)?;
    let bytes = app.vault.settings.decrypt(MESSAGE_BOX, id.as_str(), sealed).ok()?;
    subject(&bytes)
}

/// What a person reads of a mail; `None` when its bytes are gone, or when it carries a code.
///
/// Errs as a fault when they were written under another key.
pub fn parts_of(app: &App, mail: &OutboxMail) -> Result<Option<Parts>, Refused> {
    Ok(message_of(app, mail)?.and_then(|bytes| parts(&bytes)))
}
