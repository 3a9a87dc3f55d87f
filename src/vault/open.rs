//! Opening: what only the worker can do.

use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    body::NotOpened,
    context::Context,
    envelope::{Envelope, Malformed},
    keyring::{KeyId, PrivateKeyring},
    wrap,
};

/// The private keyring. It cannot be copied, shown or written out; only `keyring` writes its file.
pub struct OpeningKeys {
    keyring: PrivateKeyring,
}

/// Why an envelope did not open. None of it tells anything about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// This process holds no private keys: its role does not open.
    #[error("this process holds no private keys")]
    NoPrivateKeys,
    /// The bytes are not the ones whose digest was noted.
    #[error("the envelope is not the one that was sealed")]
    Replaced,
    /// The bytes are no envelope.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is sealed to a key that is not in the keyring.
    #[error("the private key {0} is not in the keyring")]
    UnknownKey(KeyId),
    /// It belongs to another context, or was made up of parts of others.
    #[error("the envelope does not belong here")]
    Refused,
}

impl OpeningKeys {
    /// Keys that open what was sealed to any key of the keyring.
    pub const fn new(keyring: PrivateKeyring) -> Self {
        Self { keyring }
    }

    /// Opens an envelope, in this order: digest, form, key, wrapped key, commitment, body.
    ///
    /// Errs as [`OpenError`] says.
    pub fn open(
        &self,
        context: &Context,
        envelope: &[u8],
        expected_sha256: &[u8; 32],
    ) -> Result<SecretString, OpenError> {
        let digest: [u8; 32] = Sha256::digest(envelope).into();
        if !bool::from(digest.ct_eq(expected_sha256)) {
            return Err(OpenError::Replaced);
        }
        let parts = Envelope::parse(envelope)?;
        let key = self.keyring.find(parts.key_id).ok_or(OpenError::UnknownKey(parts.key_id))?;
        let info = context.wrap_binding(parts.key_id);
        let data_key = wrap::unwrap(&parts.wrapped, key.kem(), &info).ok_or(OpenError::Refused)?;
        let opened = data_key.decrypt(
            &parts.message_id,
            &parts.commitment,
            &parts.nonce,
            &context.body_binding(),
            &parts.body,
        );
        let secret =
            opened.map_err(|(NotOpened::NotCommitted | NotOpened::NotAuthentic)| OpenError::Refused)?;
        let text = std::str::from_utf8(&secret).map_err(|_| OpenError::Refused)?;
        Ok(SecretString::from(text))
    }
}
