//! The keys that one process holds.

use std::fmt;

use secrecy::SecretString;

use super::{
    audit_head::AuditHead,
    audit_key::AuditKey,
    context::Context,
    open::{OpenError, OpeningKeys},
    seal::{SealError, Sealed, SealingKeys},
    settings_key::SettingsKey,
};

/// The keys of a running process. What its role may do with secrets is what it holds.
pub struct Vault {
    /// Seals. Every role has it.
    pub sealing: SealingKeys,
    /// Opens. Only the worker has it.
    pub opening: Option<OpeningKeys>,
    /// Encrypts settings. Every role has it.
    pub settings: SettingsKey,
    /// Signs checkpoints of the audit. Only a worker that seals it has it.
    pub audit: Option<AuditKey>,
    /// Where that worker remembers what it signed last.
    pub audit_head: Option<AuditHead>,
}

impl Vault {
    /// Seals a secret to the current public key, bound to its context.
    ///
    /// Errs when the text is longer than a secret may be.
    pub fn seal(&self, context: &Context, secret: &str) -> Result<Sealed, SealError> {
        self.sealing.seal(context, secret)
    }

    /// Opens an envelope. `expected_sha256` is the digest that was noted when it was sealed.
    ///
    /// Errs when this process holds no private keys, when the bytes are not the ones that were sealed, and when
    /// they belong to another context.
    pub fn open(
        &self,
        context: &Context,
        envelope: &[u8],
        expected_sha256: &[u8; 32],
    ) -> Result<SecretString, OpenError> {
        self.opening.as_ref().ok_or(OpenError::NoPrivateKeys)?.open(context, envelope, expected_sha256)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}
