//! The service account itself: does its password end, and may it act as itself?

use crate::{
    domain::{
        check::{Outcome, PASSWORD_ENDS},
        exchange::Login,
    },
    verification::{
        cut::Cut,
        diagnose::cause_of,
        evidence::{Evidence, Finding},
        ews::{Ews, folders, has, note, password_end},
        progress::Running,
        run::Run,
        step::StepId,
    },
};

/// Codes of an account that has no mailbox.
const NO_MAILBOX: &[&str] =
    &["ErrorNonExistentMailbox", "ErrorMissingEmailAddress", "ErrorNameResolutionNoMailbox"];

/// Codes of an account that may not act as a mailbox.
const DENIED: &[&str] = &["ErrorImpersonateUserDenied", "ErrorImpersonationDenied"];

/// Asks when the password ends. A server that does not tell is no reason to fail.
pub(in crate::verification) async fn password_expiry(run: &Run<'_>, ews: &Ews<'_>, login: &Login, cut: &Cut) {
    let (mut running, cut) = (run.progress.begin(StepId::PasswordExpiry), cut.step());
    let Some(address) = login.as_address() else {
        running.learn(
            PASSWORD_ENDS,
            "not known: the login is no mail address, by which the server could be asked",
        );
        return run.progress.end(running, Outcome::Skipped, None).await;
    };
    let work = password_end(ews, address.as_str(), &mut running, &cut);
    match cut.limit_step(run.pace.step, work).await {
        done @ (Ok(()) | Err(Evidence::Found(_))) => {
            run.end(running, done, ews.scene(StepId::PasswordExpiry)).await
        }
        Err(_) => {
            running.learn(PASSWORD_ENDS, "not known: the server does not tell");
            run.progress.end(running, Outcome::Skipped, None).await;
        }
    }
}

/// What the look at the own mailbox showed.
pub(super) enum Own {
    /// The account may act as itself.
    Opened,
    /// It may not.
    Denied,
    /// It has no mailbox.
    NoMailbox,
    /// Nothing that says one or the other.
    Unknown(&'static str),
}

/// Opens the service account's own mailbox in the same way as the test mailbox.
pub(super) async fn own_mailbox(run: &Run<'_>, ews: &Ews<'_>, login: &Login, cut: &Cut) -> (Running, Own) {
    let (mut running, cut) = (run.progress.begin(StepId::OwnMailbox), cut.step());
    let Some(address) = login.as_address() else {
        return (running, Own::Unknown("not looked at: the login is no mail address"));
    };
    let opened = cut.limit_step(run.pace.step, folders(ews, address.as_str(), &cut)).await;
    let own = match opened {
        Ok(heard) => {
            note(&mut running, &heard);
            Own::Opened
        }
        Err(Evidence::Shown(shown)) if has(&shown, DENIED) => Own::Denied,
        Err(Evidence::Shown(shown)) if has(&shown, NO_MAILBOX) => Own::NoMailbox,
        Err(_) => Own::Unknown("could not be looked at"),
    };
    (running, own)
}

/// Ends the look at the own mailbox: worth a word only beside a test mailbox that opened.
pub(super) async fn end_own(run: &Run<'_>, mut running: Running, own: &Own, opened: bool) {
    let found = match own {
        Own::Opened => return run.progress.end(running, Outcome::Passed, None).await,
        Own::Denied => Finding::OutsideGroup,
        Own::NoMailbox => Finding::NoOwnMailbox,
        Own::Unknown(why) => {
            running.learn("Own mailbox", *why);
            return run.progress.end(running, Outcome::Skipped, None).await;
        }
    };
    let (outcome, cause) = if opened {
        let scene = crate::verification::rules::Scene::of(
            crate::verification::rules::Speaker::Exchange,
            running.id(),
        );
        (Outcome::Warning, Some(cause_of(&Evidence::Found(found), &scene)))
    } else {
        running.learn("Own mailbox", "not opened either");
        (Outcome::Skipped, None)
    };
    run.progress.end(running, outcome, cause).await;
}
