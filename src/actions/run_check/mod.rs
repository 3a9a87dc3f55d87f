//! Runs a check: opens the secret, does what MoxiEngage does, and writes verdict, state, audit line, mails and the
//! end of the job in one transaction, which only the holder of the lease can commit.

pub(super) mod account;
mod begin;
mod conclude;
mod dry_run;
mod in_use;
pub(super) mod load;
mod outcome_mails;
mod ran;
pub(super) mod recorder;
mod renewed;
mod unseal;
mod verdict;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::{
    app::App,
    domain::{
        app::{PrivateKey, Proof, ProofTerms},
        check::{Again, CauseId, Report, Verdict},
        credential::{ClientSecret, Credential, CredentialSettings},
        exchange::ServicePassword,
        google::GoogleKey,
        ids::CheckId,
        job::Claimed,
    },
    store::Quiet,
    verification::Verifier,
};

use super::{
    decide::SignIn,
    undone::{Undone, held},
};
use begin::Begun;
use load::{Loaded, Tested};
use ran::Ran;
use recorder::Recorder;
pub use recorder::{FACTS_BOX, StepNotes};
pub use renewed::says_not_renewed;
pub use unseal::sealed_as;
use verdict::JobEnd;

/// How long a check waits before it looks again whether there is room; a check itself takes some seconds.
const UNTIL_THERE_IS_ROOM: SignedDuration = SignedDuration::from_secs(2);

/// Carries out the job of a check, or puts it off while this process has enough others at the same server or account.
///
/// Errs when the lease was lost, or when the database or the keys are away; everything a provider answers is a
/// verdict and no error.
pub async fn run_check(app: &App, claimed: &Claimed, check: &CheckId) -> Result<(), Undone> {
    let Some(loaded) = load::load(app, check).await? else { return nothing_to_do(app, claimed).await };
    let settings = loaded.settings(app);
    // Settings that do not open name nobody; the run says so once it has begun.
    let narrow = settings.as_ref().map(account::narrow).unwrap_or_default();
    let Some(turn) = app.turns.take(&narrow) else { return put_off(app, claimed).await };
    let Some(begun) = begin(app, claimed, &loaded).await? else {
        return nothing_to_do(app, claimed).await;
    };
    let settings = settings?;
    let recorder = Recorder::new(app.clone(), claimed.clone(), &loaded, &settings, begun.run);
    let (sign_in, report) = match begun.refused_before {
        Some(cause) => (SignIn { refused: true, ..SignIn::default() }, refused_before(cause)),
        None => {
            let report = verify(app, &loaded, settings, &recorder).await?;
            (recorder.sign_in(), report)
        }
    };
    // Nobody is looked at any more, and whoever waits need not wait for our own writing.
    drop(turn);
    // The database was away when the try had to be counted: nothing left, so this is no verdict.
    if let Some(why) = recorder.uncounted() {
        return Err(Undone::Ours(why));
    }
    let ran = Ran { run: begun.run, steps: recorder.steps(), sign_in, report };
    conclude(app, claimed, &loaded, ran, JobEnd::Finished).await
}

/// Ends a check whose job cannot be carried out: staff look at it, and the brokerage is told so.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn give_up(app: &App, claimed: &Claimed, check: &CheckId, why: &str) -> Result<(), Undone> {
    let Some(loaded) = load::load(app, check).await? else { return nothing_to_do(app, claimed).await };
    let ran = Ran {
        run: loaded.check.run,
        steps: Vec::new(),
        sign_in: SignIn::default(),
        report: bare(Verdict::CouldNotTell, None),
    };
    conclude(app, claimed, &loaded, ran, JobEnd::Parked(why)).await
}

async fn begin(app: &App, claimed: &Claimed, loaded: &Loaded) -> Result<Option<Begun>, Undone> {
    match &loaded.tested {
        Tested::Attempt(of) => begin::begin(app, claimed, loaded, &of.attempt.id).await,
        Tested::InUse(of) => in_use::begin(app, claimed, loaded, &of.attempt.id).await,
        Tested::Draft(of) => dry_run::begin(app, claimed, (loaded, of)).await,
    }
}

async fn conclude(
    app: &App,
    claimed: &Claimed,
    loaded: &Loaded,
    ran: Ran,
    end: JobEnd<'_>,
) -> Result<(), Undone> {
    match &loaded.tested {
        Tested::Attempt(of) => conclude::conclude(app, claimed, (loaded, of), ran, end).await,
        Tested::InUse(of) => in_use::conclude(app, claimed, (loaded, of), ran, end).await,
        Tested::Draft(of) => dry_run::conclude(app, claimed, (loaded, of), ran, end).await,
    }
}

/// The check was decided, withdrawn or deleted meanwhile: only the job is ended.
async fn nothing_to_do(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}

/// Others are at the server or sign in as the account: the job goes back for a moment, so that it holds up nobody who
/// looks elsewhere. That is no fault and counts as none.
async fn put_off(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.put_off_job(claimed, app.clock.now().plus(UNTIL_THERE_IS_ROOM)).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}

/// Opens the secret, runs the engine, and forgets the secret.
async fn verify(
    app: &App,
    loaded: &Loaded,
    settings: CredentialSettings,
    recorder: &Recorder,
) -> Result<Report, Undone> {
    let verifier = verifier(app, loaded)?;
    let same = renewed::is_the_same(app, loaded).await?;
    let Some(credential) = open_credential(app, loaded, settings)? else { return Ok(could_not_open()) };
    let report = verifier.check(&credential, recorder).await;
    Ok(if same { renewed::told(report) } else { report })
}

/// The engine, with what it has to know of whose credential it is. Errs where this process has none.
pub(super) fn verifier(app: &App, loaded: &Loaded) -> Result<Verifier, Undone> {
    let verifier = app
        .verifier
        .as_ref()
        .ok_or_else(|| Undone::Ours("this process was started without the engine that checks".to_owned()))?;
    let mut verifier = verifier.clone();
    if let Some(domain) = &loaded.bound_to {
        verifier = verifier.bound_to(domain.clone());
    }
    if let Some(domain) = &loaded.proven {
        verifier = verifier.proven(domain.clone());
    }
    Ok(verifier)
}

/// The credential with its secret opened; `None` when the sealed secret is not the one that was submitted, or is gone.
///
/// Errs when the keys are away.
pub(super) fn open_credential(
    app: &App,
    loaded: &Loaded,
    settings: CredentialSettings,
) -> Result<Option<Credential>, Undone> {
    // Nothing secret was handed over: the key is our own, and the engine has it.
    if let CredentialSettings::GoogleDelegated(settings) = settings {
        return Ok(Some(Credential::GoogleDelegated { settings }));
    }
    let Some(opened) = unseal::opened(app, loaded, settings.kind())? else { return Ok(None) };
    let credential = match settings {
        CredentialSettings::GraphCertificate(settings) | CredentialSettings::GraphSecret(settings) => {
            let proof = proof(&settings.terms, opened);
            Credential::Graph { settings, proof }
        }
        CredentialSettings::EwsSecret(settings) => {
            Credential::EwsSecret { proof: proof(&settings.app.terms, opened), settings }
        }
        CredentialSettings::Microsoft365Password(settings) => {
            let password = ServicePassword::from_opened(opened);
            Credential::Microsoft365Password { settings, password }
        }
        CredentialSettings::ExchangeBasic(settings) => {
            Credential::ExchangeBasic { settings, password: ServicePassword::from_opened(opened) }
        }
        CredentialSettings::GoogleKey(settings) => {
            Credential::GoogleKey { settings, key: GoogleKey::from_checked(opened) }
        }
        CredentialSettings::GoogleDelegated(settings) => Credential::GoogleDelegated { settings },
    };
    Ok(Some(credential))
}

/// By what an app proves who it is.
fn proof(terms: &ProofTerms, opened: SecretString) -> Proof {
    match terms {
        ProofTerms::Certificate { certificate } => {
            Proof::Certificate { key: PrivateKey::from_opened(opened), certificate: certificate.clone() }
        }
        ProofTerms::Secret { .. } => Proof::Secret(ClientSecret::from_opened(opened)),
    }
}

/// The sealed secret is not the one that was submitted, or is gone: staff look at it.
fn could_not_open() -> Report {
    bare(Verdict::CouldNotTell, None)
}

/// A worker was lost after the secret had been refused. It is not tried again: the refusal stands.
fn refused_before(cause: Option<CauseId>) -> Report {
    match cause {
        Some(cause) => bare(Verdict::Failed, Some(cause)),
        None => bare(Verdict::CouldNotTell, Some(CauseId::known("sign_in_paused"))),
    }
}

fn bare(verdict: Verdict, cause: Option<CauseId>) -> Report {
    Report {
        verdict,
        cause,
        warnings: Vec::new(),
        credential_accepted: false,
        again: Again::OnPress,
        steps: Vec::new(),
    }
}
