//! Reads what a check needs.

use hex::FromHex as _;

use crate::{
    actions::{
        draft::{DRY_RUN_BOX, open_settings},
        undone::Undone,
    },
    app::App,
    domain::{
        address::MailDomain,
        attempt::Attempt,
        check::{Check, Origin},
        check_reason::CheckReason,
        connection::Connection,
        credential::CredentialSettings,
        dry_run::DryRun,
        ids::CheckId,
        kind::SecretSource,
        refused::Refused,
    },
    store::{Read, SealedSecret},
};

/// What a check needs.
pub(in crate::actions) struct Loaded {
    pub(in crate::actions) check: Check,
    pub(in crate::actions) connection: Connection,
    /// What it tests.
    pub(in crate::actions) tested: Tested,
    /// The settings it tests, encrypted.
    pub(in crate::actions) settings_box: Vec<u8>,
    pub(in crate::actions) secret: Option<SealedSecret>,
    /// The envelope's digest as the audit line has it of the submission, or of the press that asked for a dry run.
    /// Whoever could put another envelope into the table cannot change that line.
    pub(in crate::actions) digest: Option<[u8; 32]>,
    /// The domain whose tenant alone may be checked: that of a brokerage which staff have not accepted yet.
    pub(in crate::actions) bound_to: Option<MailDomain>,
    /// The domain that the brokerage has proven to be its own.
    pub(in crate::actions) proven: Option<MailDomain>,
}

/// What a check tests.
pub(in crate::actions) enum Tested {
    /// A credential that was submitted, and waits to be decided.
    Attempt(Box<Submitted>),
    /// The credential in use.
    InUse(Box<Submitted>),
    /// Answers that were not.
    Draft(DryRun),
}

/// A credential that was submitted.
pub(in crate::actions) struct Submitted {
    pub(in crate::actions) attempt: Attempt,
    /// Whether a person said that the mend was made, and this look belongs to that press.
    pub(in crate::actions) said_mended: bool,
    /// The check a person asked for, to which this look belongs.
    pub(in crate::actions) press: CheckId,
}

/// Reads it; `None` when there is nothing to check any more.
pub(super) async fn load(app: &App, id: &CheckId) -> Result<Option<Loaded>, Undone> {
    Ok(load_any(app, id).await?.filter(|loaded| loaded.check.verdict.is_none()))
}

/// Reads it also of a check that has its verdict; `None` when there is no such check any more.
pub(in crate::actions) async fn load_any(app: &App, id: &CheckId) -> Result<Option<Loaded>, Undone> {
    let mut read = app.store.read().await?;
    let Some(check) = read.check_of_job(id).await? else { return Ok(None) };
    let brokerage = &check.brokerage_id;
    let Some(connection) = read.connection(brokerage, &check.connection_id).await? else { return Ok(None) };
    let Some(credential) = credential_of(&mut read, &check).await? else { return Ok(None) };
    let known = read.brokerage(brokerage).await?;
    let (bound_to, proven) = known.map_or((None, None), |known| {
        let bound_to = known.accepted_at.is_none().then(|| known.proven_domain.clone());
        (bound_to, Some(known.proven_domain))
    });
    let Handed { tested, settings_box, secret, digest } = credential;
    Ok(Some(Loaded { check, connection, tested, settings_box, secret, digest, bound_to, proven }))
}

/// What was handed over.
struct Handed {
    tested: Tested,
    settings_box: Vec<u8>,
    secret: Option<SealedSecret>,
    digest: Option<[u8; 32]>,
}

async fn credential_of(read: &mut Read, check: &Check) -> Result<Option<Handed>, Undone> {
    match &check.attempt_id {
        Some(_) => submitted(read, check).await,
        None => drafted(read, check).await,
    }
}

async fn submitted(read: &mut Read, check: &Check) -> Result<Option<Handed>, Undone> {
    let Some(id) = &check.attempt_id else { return Ok(None) };
    let Some(stored) = read.attempt(&check.brokerage_id, id).await? else { return Ok(None) };
    let secret = match &stored.attempt.secret_id {
        Some(secret) => read.secret(&check.brokerage_id, secret).await?,
        None => None,
    };
    let press = read.last_press(id).await?.unwrap_or_else(|| check.id.clone());
    let said_mended = match read.check_of_job(&press).await? {
        Some(pressed) => says_mended(&pressed),
        None => false,
    };
    let digest = digest_of_attempt(read, &stored.attempt).await?;
    let of = Box::new(Submitted { attempt: stored.attempt, said_mended, press });
    let tested = if check.origin == Origin::InUse { Tested::InUse(of) } else { Tested::Attempt(of) };
    Ok(Some(Handed { tested, settings_box: stored.settings_box, secret, digest }))
}

async fn drafted(read: &mut Read, check: &Check) -> Result<Option<Handed>, Undone> {
    let Some(stored) = read.dry_run(&check.id).await? else { return Ok(None) };
    let secret = match &stored.dry_run.secret_id {
        Some(secret) => read.secret(&check.brokerage_id, secret).await?,
        None => None,
    };
    let audited = read.audited(check.id.as_str(), "answers.test", "envelope_sha256").await?;
    let digest = audited.as_deref().and_then(|text| <[u8; 32]>::from_hex(text).ok());
    let tested = Tested::Draft(stored.dry_run);
    Ok(Some(Handed { tested, settings_box: stored.settings_box, secret, digest }))
}

/// With what a mailbox is cleared whose dry run's secret is gone with its draft: the connection's credential in use,
/// acting as the mailbox that was tested. `None` where the secret is there, or nothing else is.
pub(in crate::actions) async fn stand_in(
    app: &App,
    loaded: &Loaded,
    tested: &CredentialSettings,
) -> Result<Option<(Loaded, CredentialSettings)>, Undone> {
    let needs_secret = tested.kind().secret_source() != SecretSource::Nobody;
    if !needs_secret || loaded.secret.is_some() {
        return Ok(None);
    }
    let Some(other) = in_use(app, loaded).await? else { return Ok(None) };
    let settings = other.settings(app)?.at(tested.test_mailbox().clone());
    Ok(Some((other, settings)))
}

/// The same with the connection's credential in use in place of what it tests; `None` where that is what it tests, or where
/// none is in use.
pub(super) async fn in_use(app: &App, loaded: &Loaded) -> Result<Option<Loaded>, Undone> {
    let tested = loaded.check.attempt_id.as_ref();
    let Some(in_use) = loaded.connection.in_use.as_ref().filter(|in_use| tested != Some(in_use)) else {
        return Ok(None);
    };
    let check = Check { attempt_id: Some(in_use.clone()), ..loaded.check.clone() };
    let handed = submitted(&mut app.store.read().await?, &check).await?;
    Ok(handed.map(|Handed { tested, settings_box, secret, digest }| Loaded {
        check: loaded.check.clone(),
        connection: loaded.connection.clone(),
        tested,
        settings_box,
        secret,
        digest,
        bound_to: loaded.bound_to.clone(),
        proven: loaded.proven.clone(),
    }))
}

async fn digest_of_attempt(read: &mut Read, attempt: &Attempt) -> Result<Option<[u8; 32]>, Undone> {
    let audited = read.audited(attempt.id.as_str(), "attempt.submit", "envelope_sha256").await?;
    Ok(audited.as_deref().and_then(|text| <[u8; 32]>::from_hex(text).ok()))
}

/// Whether whoever asked for this check said that the mend was made.
fn says_mended(pressed: &Check) -> bool {
    match pressed.origin {
        Origin::CheckAgain => true,
        Origin::Staff => pressed.reason == Some(CheckReason::Mended),
        Origin::Submission | Origin::Schedule | Origin::DryRun | Origin::ByHand | Origin::InUse => false,
    }
}

impl Loaded {
    /// The settings it tests; errs when they were encrypted under another key.
    pub(in crate::actions) fn settings(&self, app: &App) -> Result<CredentialSettings, Refused> {
        match &self.tested {
            Tested::Attempt(of) | Tested::InUse(of) => open_settings(app, &of.attempt.id, &self.settings_box),
            Tested::Draft(of) => app.from_box(DRY_RUN_BOX, of.check_id.as_str(), &self.settings_box),
        }
    }
}
