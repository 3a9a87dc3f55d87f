//! Reads what a check needs.

use crate::{
    actions::{draft::open_settings, undone::Undone},
    app::App,
    domain::{
        address::MailDomain,
        attempt::Attempt,
        check::{Check, Origin},
        check_reason::CheckReason,
        connection::Connection,
        credential::CredentialSettings,
        ids::CheckId,
        refused::Refused,
    },
    store::SealedSecret,
};

/// What a check needs.
pub(in crate::actions) struct Loaded {
    pub(in crate::actions) check: Check,
    pub(in crate::actions) connection: Connection,
    pub(in crate::actions) attempt: Attempt,
    /// The attempt's settings, encrypted.
    pub(in crate::actions) settings_box: Vec<u8>,
    pub(in crate::actions) secret: Option<SealedSecret>,
    /// The envelope's digest as the audit line of the submission has it. Whoever could put another envelope into the
    /// table cannot change that line.
    pub(in crate::actions) digest: Option<[u8; 32]>,
    /// The domain whose tenant alone may be checked: that of a brokerage which staff have not accepted yet.
    pub(in crate::actions) bound_to: Option<MailDomain>,
    /// The domain that the brokerage has proven to be its own.
    pub(in crate::actions) proven: Option<MailDomain>,
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
    let Some(stored) = read.attempt(brokerage, &check.attempt_id).await? else { return Ok(None) };
    let secret = match &stored.attempt.secret_id {
        Some(id) => read.secret(brokerage, id).await?,
        None => None,
    };
    let audited = read.audited(check.attempt_id.as_str(), "attempt.submit", "envelope_sha256").await?;
    let digest = audited.as_deref().and_then(unhex);
    let press = read.last_press(&check.attempt_id).await?.unwrap_or_else(|| check.id.clone());
    let said_mended = match read.check_of_job(&press).await? {
        Some(pressed) => says_mended(&pressed),
        None => false,
    };
    let known = read.brokerage(brokerage).await?;
    let (bound_to, proven) = known.map_or((None, None), |known| {
        let bound_to = known.accepted_at.is_none().then(|| known.proven_domain.clone());
        (bound_to, Some(known.proven_domain))
    });
    let (attempt, settings_box) = (stored.attempt, stored.settings_box);
    Ok(Some(Loaded {
        check,
        connection,
        attempt,
        settings_box,
        secret,
        digest,
        bound_to,
        proven,
        said_mended,
        press,
    }))
}

/// Whether whoever asked for this check said that the mend was made.
fn says_mended(pressed: &Check) -> bool {
    match pressed.origin {
        Origin::CheckAgain => true,
        Origin::Staff => pressed.reason == Some(CheckReason::Mended),
        Origin::Submission | Origin::Schedule => false,
    }
}

/// 64 hexadecimal letters as bytes.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

impl Loaded {
    /// The attempt's settings; errs when they were encrypted under another key.
    pub(in crate::actions) fn settings(&self, app: &App) -> Result<CredentialSettings, Refused> {
        open_settings(app, &self.attempt.id, &self.settings_box)
    }
}
