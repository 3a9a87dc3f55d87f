//! What the server wants, read before any password leaves; and the sign-in itself.

use crate::{
    clock::Randomness,
    domain::check::Outcome,
    net::dialer::Secured,
    verification::{
        cut::Cut,
        evidence::{Evidence, Trait},
        ews::{Ews, Schema, ZONES, envelope, has, note, question_headers, read, shown, ways},
        run::Run,
        scrub::Scrub,
        step::StepId,
    },
};

use super::{gate::Gate, lines::ews_call};

/// The most characters of what a server says of its ways to sign in.
const SAID: usize = 160;

/// Codes that a server gives to a signed-in account without a mailbox.
const NO_MAILBOX: &[&str] =
    &["ErrorMissingEmailAddress", "ErrorNonExistentMailbox", "ErrorNameResolutionNoMailbox"];

/// Codes that say that the account may not sign in.
const SHUT: &[&str] = &[
    "ErrorPasswordExpired",
    "ErrorPasswordChangeRequired",
    "ErrorAccountDisabled",
    "ErrorCallerIsInvalidADAccount",
];

/// Asks without a password; true when the server takes one over Basic. What it says is scrubbed all the same: it may
/// know the password from autodiscover.
pub(super) async fn challenge(
    run: &Run<'_>,
    line: &mut Secured,
    randomness: &Randomness,
    gate: &Gate<'_>,
    scrub: &Scrub,
    cut: &Cut,
) -> bool {
    let mut running = run.progress.begin(StepId::Challenge);
    let question = envelope(Schema::Exchange2013, None, ZONES).into_bytes();
    let call = ews_call(question_headers(None, randomness), question);
    let evidence = match cut.before(line.send(call)).await {
        None => Evidence::OutOfTime,
        Some(Err(failure)) => Evidence::Lost(failure),
        Some(Ok(answer)) => {
            let ways = ways(&answer.headers).join(", ");
            let ways = if ways.is_empty() { "none".to_owned() } else { scrub.clean(&ways, SAID) };
            running.learn("Ways to sign in", ways);
            let shown = shown(&answer, &read(&answer.body), scrub);
            if shown.status == 401 && shown.traits.contains(&Trait::Basic) {
                run.progress.end(running, Outcome::Passed, None).await;
                return true;
            }
            Evidence::Shown(Box::new(shown))
        }
    };
    if gate.is_proven().await {
        running.learn("The password", "is right: autodiscover accepted it");
    } else {
        running.learn("The password", "was not sent");
    }
    let scene = crate::verification::rules::Scene::of(
        crate::verification::rules::Speaker::Exchange,
        StepId::Challenge,
    );
    run.fail(running, &evidence, scene).await;
    false
}

/// Signs in, once; true when the server took the password.
pub(in crate::verification) async fn sign_in<C: Sync>(
    run: &Run<'_>,
    ews: &Ews<'_>,
    gate: &Gate<'_, C>,
    cut: &Cut,
) -> bool {
    let mut running = run.progress.begin(StepId::SignIn);
    let before = gate.is_proven().await;
    ews.prove(before);
    if let Err(evidence) = gate.open(&mut running).await {
        run.fail(running, &evidence, ews.scene(StepId::SignIn)).await;
        return false;
    }
    let cut = cut.step();
    let heard = cut.limit_step(run.pace.step, ews.ask_as(None, ZONES, &cut)).await;
    let evidence = match heard {
        Ok(heard) => {
            if let Some(server) = &heard.reply.server {
                running.learn("Server", server.as_str());
            }
            if ews.schema() != Schema::Exchange2013 {
                running.learn("Schema", format!("{}: the server is an old one", ews.schema().name()));
            }
            note(&mut running, &heard);
            None
        }
        Err(Evidence::Shown(shown)) if has(&shown, NO_MAILBOX) => {
            running.learn("Mailbox", "the service account has none");
            None
        }
        Err(evidence) => Some(evidence),
    };
    if let Some(accepted) = evidence.as_ref().map_or(Some(true), judged) {
        run.note(|notes| notes.accepted = accepted);
        gate.judged(accepted).await;
    }
    let Some(evidence) = evidence else {
        ews.prove(true);
        run.progress.end(running, Outcome::Passed, None).await;
        return true;
    };
    run.fail(running, &evidence, ews.scene(StepId::SignIn)).await;
    false
}

/// Whether the server judged the password, and how: whatever it says in EWS, or refuses with, it says to an account
/// that signed in. The codes of EWS begin alike; a fault of some other service in SOAP says nothing of the password.
fn judged(evidence: &Evidence) -> Option<bool> {
    let Evidence::Shown(shown) = evidence else { return None };
    match shown.status {
        // Exchange Online says 456 where the account has to do something first.
        401 | 456 => Some(false),
        _ if has(shown, SHUT) => Some(false),
        _ if shown.codes.iter().any(|code| code.starts_with("Error")) => Some(true),
        403 if shown.traits.contains(&Trait::Exchange) => Some(true),
        _ => None,
    }
}
