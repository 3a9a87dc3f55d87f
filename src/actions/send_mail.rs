//! Hands a mail of the outbox to the mail server: at most once, and once more where nobody knows whether it came.

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    app::App,
    domain::{
        address::MailAddress,
        browser::Browser,
        ids::{MailId, SignInId},
        instant::Instant,
        job::Claimed,
        mail::{MailKind, MailState},
        refused::Refused,
    },
    notify::{
        compose::compose,
        mailer::{Mailer, Outgoing, SendError},
        notice::{Notice, SignInCode},
    },
    store::{Mail, Quiet, Write},
    vault::context::Context,
};

use super::{
    mail_is_current::{Standing, standing},
    outbox::{MESSAGE_BOX, RECIPIENT_BOX, finish_code, letterhead, sender},
    undone::{Undone, held},
};

/// How long a code is good for; its mail makes no sense later.
const CODE_LIVES: SignedDuration = SignedDuration::from_mins(10);
/// The pause before a mail whose fate is unknown is handed over once more.
const BEFORE_THE_REPEAT: SignedDuration = SignedDuration::from_mins(10);
/// The pause while a look is under way that decides whether a mail is still right.
const WHILE_UNDECIDED: SignedDuration = SignedDuration::from_mins(1);
/// A mail is handed over once, and once more where its fate is unknown.
const MOST_SENDS: i64 = 2;
/// The purpose under which a mail server's answer is encrypted; the owner is the mail's id.
pub const REPLY_BOX: &str = "mails.reply";

/// Carries out the job of a mail.
///
/// Errs when the lease was lost, when the mail server cannot be reached or refuses the mail for now, and when the
/// database or the keys are away: the mail then waits.
pub async fn send_mail(app: &App, claimed: &Claimed, id: &MailId) -> Result<(), Undone> {
    let Some(mail) = app.store.read().await?.mail_of_job(id).await? else {
        return finish(app, claimed).await;
    };
    match next_step(&mail, app.clock.now()) {
        Next::Nothing => finish(app, claimed).await,
        Next::Hold => end(app, claimed, &mail, mail.state, MailState::Held, None).await,
        Next::FateUnknown => {
            fate_unknown(app, claimed, &mail, "the worker was lost while it was handed over").await
        }
        Next::Send => hand_over(app, claimed, &mail).await,
    }
}

/// Takes a mail out of the outbox that could not be handed over for two days.
pub(super) async fn give_up(app: &App, claimed: &Claimed, id: &MailId, why: &str) -> Result<(), Undone> {
    let mail = app.store.read().await?.mail_of_job(id).await?;
    let mut write = app.store.write().await?;
    held(write.park_job(claimed, why).await?)?;
    if let Some(mail) = mail {
        let to = match mail.state {
            MailState::Pending => MailState::Rejected,
            MailState::Sending => MailState::Uncertain,
            other => other,
        };
        write.move_mail(id, mail.state, to, None).await?;
        write.drop_code(id).await?;
    }
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

/// What is to be done with a mail.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It is done with.
    Nothing,
    /// Its time is over.
    Hold,
    /// It was being handed over when its worker was lost.
    FateUnknown,
    /// It is handed over, if what it tells is still so.
    Send,
}

fn next_step(mail: &Mail, now: Instant) -> Next {
    let code = mail.kind == MailKind::SignInCode;
    match mail.state {
        MailState::Accepted | MailState::Rejected | MailState::Held => Next::Nothing,
        MailState::Sending => Next::FateUnknown,
        MailState::Uncertain if code || mail.sends >= MOST_SENDS => Next::Nothing,
        MailState::Pending if code && now.since(mail.created_at) >= CODE_LIVES => Next::Hold,
        MailState::Pending | MailState::Uncertain => Next::Send,
    }
}

async fn finish(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

/// Moves the mail to its end and ends the job; a code goes with it.
async fn end(
    app: &App,
    claimed: &Claimed,
    mail: &Mail,
    from: MailState,
    to: MailState,
    reply: Option<&str>,
) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    note(app, &mut write, mail, from, to, reply).await?;
    write.drop_code(&mail.id).await?;
    write.commit_quietly(Quiet::MailProgress).await?;
    app.metrics.mail(mail.kind.as_str(), to.as_str());
    Ok(())
}

async fn note(
    app: &App,
    write: &mut Write,
    mail: &Mail,
    from: MailState,
    to: MailState,
    reply: Option<&str>,
) -> Result<(), Undone> {
    let reply = reply.map(|reply| app.to_box(REPLY_BOX, mail.id.as_str(), &reply)).transpose()?;
    write.move_mail(&mail.id, from, to, reply.as_deref()).await?;
    Ok(())
}

/// The message left and no answer came. A code is never sent again; another mail is, once, byte for byte the same.
async fn fate_unknown(app: &App, claimed: &Claimed, mail: &Mail, why: &str) -> Result<(), Undone> {
    if mail.kind == MailKind::SignInCode || sends_so_far(mail) >= MOST_SENDS {
        return end(app, claimed, mail, MailState::Sending, MailState::Uncertain, Some(why)).await;
    }
    let mut write = app.store.write().await?;
    let again = write.now().plus(BEFORE_THE_REPEAT);
    held(write.reschedule_job(claimed, again, "nobody knows whether the mail was taken").await?)?;
    note(app, &mut write, mail, MailState::Sending, MailState::Uncertain, Some(why)).await?;
    write.commit_quietly(Quiet::MailProgress).await?;
    app.metrics.mail(mail.kind.as_str(), MailState::Uncertain.as_str());
    Ok(())
}

/// The hand-overs that began, counted also while one is under way.
const fn sends_so_far(mail: &Mail) -> i64 {
    match mail.state {
        MailState::Sending => mail.sends,
        _ => mail.sends + 1,
    }
}

async fn hand_over(app: &App, claimed: &Claimed, mail: &Mail) -> Result<(), Undone> {
    let mailer = app.mailer.as_ref().ok_or_else(|| Undone::Ours("this process has no mailer".to_owned()))?;
    let mut write = app.store.write().await?;
    held(write.holds_job(claimed).await?)?;
    // In the transaction that begins the hand-over: whatever is decided later is told later.
    match standing(&mut write, mail).await? {
        Standing::Current => {}
        Standing::Overtaken => return overtaken(app, write, claimed, mail).await,
        Standing::Undecided => return look_later(write, claimed).await,
    }
    let ready = Ready::make(app, mail)?;
    if !write.begin_mail(&mail.id).await? {
        return Err(Undone::LeaseLost);
    }
    write.commit_quietly(Quiet::MailProgress).await?;
    match ready.send(mailer, mail, app.clock.now()).await {
        Ok(reply) => end(app, claimed, mail, MailState::Sending, MailState::Accepted, Some(&reply)).await,
        Err(SendError::RefusedForGood(reply)) => {
            tracing::warn!(mail = %mail.id, kind = mail.kind.as_str(), "a mail was refused for good");
            end(app, claimed, mail, MailState::Sending, MailState::Rejected, Some(&reply)).await
        }
        Err(SendError::Uncertain(why)) => fate_unknown(app, claimed, mail, &why).await,
        Err(SendError::NotReached(why) | SendError::RefusedForNow(why)) => {
            wait(app, claimed, mail, &why).await?;
            Err(Undone::Ours("the mail server was not reached, or refused the mail for now".to_owned()))
        }
    }
}

/// What the mail tells is so no more: it never leaves, or not once more.
async fn overtaken(app: &App, mut write: Write, claimed: &Claimed, mail: &Mail) -> Result<(), Undone> {
    held(write.finish_job(claimed).await?)?;
    if mail.state == MailState::Pending {
        note(app, &mut write, mail, MailState::Pending, MailState::Held, None).await?;
        app.metrics.mail(mail.kind.as_str(), MailState::Held.as_str());
    }
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

/// A look is under way: in a moment it is known whether what the mail tells is so.
async fn look_later(mut write: Write, claimed: &Claimed) -> Result<(), Undone> {
    let again = write.now().plus(WHILE_UNDECIDED);
    held(write.reschedule_job(claimed, again, "a look is under way").await?)?;
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

/// Nothing left: the mail is as it was, and its job comes back by itself.
async fn wait(app: &App, claimed: &Claimed, mail: &Mail, why: &str) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.holds_job(claimed).await?)?;
    write.unsend_mail(&mail.id).await?;
    note(app, &mut write, mail, MailState::Sending, mail.state, Some(why)).await?;
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

/// A message that is ready to leave.
struct Ready {
    from: String,
    to: MailAddress,
    bytes: Zeroizing<Vec<u8>>,
}

impl Ready {
    fn make(app: &App, mail: &Mail) -> Result<Self, Undone> {
        let to: MailAddress = app.from_box(RECIPIENT_BOX, mail.id.as_str(), &mail.recipient_box)?;
        let from = sender(app)?.address().to_owned();
        let bytes = if mail.kind == MailKind::SignInCode {
            code_message(app, mail, &to)?
        } else {
            let bytes = mail.message_box.as_deref().ok_or_else(|| gone("its bytes"))?;
            app.vault
                .settings
                .decrypt(MESSAGE_BOX, mail.id.as_str(), bytes)
                .map_err(|error| Undone::Ours(error.to_string()))?
        };
        Ok(Self { from, to, bytes })
    }

    async fn send(&self, mailer: &Mailer, mail: &Mail, now: Instant) -> Result<String, SendError> {
        let outgoing = Outgoing {
            id: &mail.id,
            kind: mail.kind,
            now,
            from: &self.from,
            to: &self.to,
            message: &self.bytes,
        };
        Ok(mailer.send(outgoing).await?.reply)
    }
}

/// Opens a code and renders its message; both are overwritten when they go.
fn code_message(app: &App, mail: &Mail, to: &MailAddress) -> Result<Zeroizing<Vec<u8>>, Undone> {
    let sealed = mail.code_sealed.as_deref().ok_or_else(|| gone("its code"))?;
    let sign_in = SignInId::parse(&mail.event_id).map_err(|_| gone("its sign-in"))?;
    let context = Context::of_sign_in_code(&app.settings.product.environment, &sign_in);
    let digest: [u8; 32] = Sha256::digest(sealed).into();
    let code = app.vault.open(&context, sealed, &digest).map_err(|error| Undone::Ours(error.to_string()))?;
    let browser: Option<String> = match &mail.message_box {
        Some(bytes) => Some(app.from_box(MESSAGE_BOX, mail.id.as_str(), bytes)?),
        None => None,
    };
    let notice = Notice::SignInCode(SignInCode {
        code: Zeroizing::new(code.expose_secret().to_owned()),
        valid_minutes: CODE_LIVES.as_mins(),
        browser: browser.as_deref().and_then(Browser::parse),
    });
    let composed = compose(&notice, &letterhead(app)).map_err(|error| Undone::Ours(error.to_string()))?;
    Ok(finish_code(app, &composed, to, &mail.message_id, mail.created_at)?)
}

fn gone(what: &str) -> Undone {
    Undone::from(Refused::Fault(format!("a mail has lost {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

    fn mail(kind: MailKind, state: MailState, sends: i64) -> Mail {
        Mail {
            id: MailId::from_random([1; 16]),
            kind,
            event_id: String::new(),
            brokerage_id: None,
            recipient_box: Vec::new(),
            message_id: String::new(),
            message_box: None,
            code_sealed: None,
            state,
            sends,
            created_at: NOW,
            changed_at: NOW,
        }
    }

    #[test]
    fn a_mail_of_unknown_fate_is_repeated_once_and_a_code_never() {
        let (failed, code) = (MailKind::Failed, MailKind::SignInCode);
        assert_eq!(next_step(&mail(failed, MailState::Uncertain, 1), NOW), Next::Send);
        assert_eq!(next_step(&mail(failed, MailState::Uncertain, 2), NOW), Next::Nothing);
        assert_eq!(next_step(&mail(code, MailState::Uncertain, 1), NOW), Next::Nothing);
        assert_eq!(next_step(&mail(code, MailState::Sending, 1), NOW), Next::FateUnknown);
    }

    #[test]
    fn a_code_that_came_too_late_is_held() {
        let code = mail(MailKind::SignInCode, MailState::Pending, 0);
        assert_eq!(next_step(&code, NOW), Next::Send);
        assert_eq!(next_step(&code, NOW.plus(CODE_LIVES)), Next::Hold);
    }
}
