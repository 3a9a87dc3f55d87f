//! Whether what is to take the place of a secret is that same secret. The portal cannot tell, for it opens nothing; the worker
//! has both. It works, so it is no failure; but whoever then deletes "the old one" deletes the one in use, so it is told.

use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{
    load::{self, Loaded},
    unseal::opened,
};
use crate::{
    actions::undone::Undone,
    app::App,
    domain::{
        check::{CauseId, Report, Verdict},
        connection::State,
        kind::SecretSource,
    },
};

/// What is told then.
const NOT_RENEWED: &str = "secret_not_renewed";

/// Whether these warnings tell it.
pub fn says_not_renewed(warnings: &[CauseId]) -> bool {
    warnings.iter().any(|warning| warning.as_str() == NOT_RENEWED)
}

/// Whether a check is of the secret that is in use already, handed in once more. Asked before anything is sent, so that a
/// database that is away costs no sign-in.
///
/// Errs when the database or the keys are away.
pub(super) async fn is_the_same(app: &App, loaded: &Loaded) -> Result<bool, Undone> {
    let connection = &loaded.connection;
    let renews =
        connection.state == State::Verified && connection.kind.secret_source() == SecretSource::Admin;
    let Some(in_use) = load::in_use(app, loaded).await?.filter(|_| renews) else { return Ok(false) };
    let (new, old) = (opened(app, loaded, connection.kind)?, opened(app, &in_use, connection.kind)?);
    let (Some(new), Some(old)) = (new, old) else { return Ok(false) };
    Ok(new.expose_secret().as_bytes().ct_eq(old.expose_secret().as_bytes()).into())
}

/// The report of a check that passed with that secret.
pub(super) fn told(report: Report) -> Report {
    if !matches!(report.verdict, Verdict::Passed | Verdict::PassedWithWarnings) {
        return report;
    }
    let mut warnings = report.warnings.clone();
    warnings.push(CauseId::known(NOT_RENEWED));
    Report { verdict: Verdict::PassedWithWarnings, warnings, ..report }
}
