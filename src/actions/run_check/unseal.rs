//! Opens what was handed over, in the worker alone.

use secrecy::SecretString;

use super::load::Loaded;
use crate::{
    actions::undone::Undone,
    app::App,
    domain::kind::AccessKind,
    vault::{
        context::{Context, SecretField},
        open::OpenError,
    },
};

/// The secret that was handed over, opened; `None` when the sealed one is not that, or is gone.
///
/// Errs when the keys are away.
pub(super) fn opened(app: &App, loaded: &Loaded, kind: AccessKind) -> Result<Option<SecretString>, Undone> {
    let (Some(field), Some(secret), Some(digest)) = (sealed_as(kind), &loaded.secret, &loaded.digest) else {
        return Ok(None);
    };
    let context = Context::of_credential(
        &app.settings.product.environment,
        &loaded.check.brokerage_id,
        &loaded.check.connection_id,
        &secret.id,
        field,
    );
    match app.vault.open(&context, &secret.sealed, digest) {
        Ok(opened) => Ok(Some(opened)),
        Err(error @ (OpenError::NoPrivateKeys | OpenError::UnknownKey(_))) => {
            Err(Undone::Ours(error.to_string()))
        }
        Err(error) => {
            tracing::error!(%error, check = %loaded.check.id, "a sealed secret did not open");
            Ok(None)
        }
    }
}

/// Under which name a kind's secret is sealed; none, where it has none.
pub const fn sealed_as(kind: AccessKind) -> Option<SecretField> {
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => Some(SecretField::ServicePassword),
        AccessKind::GraphCertificate => Some(SecretField::PrivateKey),
        AccessKind::GraphSecret | AccessKind::EwsSecret => Some(SecretField::ClientSecret),
        AccessKind::GoogleKey => Some(SecretField::ServiceAccountKey),
        AccessKind::GoogleDelegated => None,
    }
}
