//! Sealing: what every role can do.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    body::DataKey,
    context::Context,
    envelope::{Envelope, LONGEST_SECRET},
    keyring::{KeyId, PublicKeyring},
    wrap,
};
use crate::clock::Randomness;

/// The public keyring, ready to seal. There is no way from here to a secret.
pub struct SealingKeys {
    keyring: PublicKeyring,
    randomness: Randomness,
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The envelope, to be stored.
    pub bytes: Vec<u8>,
    /// The key it is sealed to.
    pub key_id: KeyId,
    /// The digest of the envelope, to be noted apart from it.
    pub sha256: [u8; 32],
}

/// Why a secret was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The text has more bytes than a secret may have.
    #[error("the secret is longer than {LONGEST_SECRET} bytes")]
    TooLong,
    /// The public key takes nothing; the key file was changed by hand.
    #[error("nothing can be sealed to the current public key")]
    Key,
}

impl SealingKeys {
    /// Keys that seal to the keyring's current entry.
    pub const fn new(keyring: PublicKeyring, randomness: Randomness) -> Self {
        Self { keyring, randomness }
    }

    /// The keys, for `keys list` and health pages.
    pub const fn keyring(&self) -> &PublicKeyring {
        &self.keyring
    }

    /// Seals a secret, bound to its context. Each envelope has a data key, message id and nonce of its own.
    ///
    /// Errs when the text is too long.
    pub fn seal(&self, context: &Context, secret: &str) -> Result<Sealed, SealError> {
        if secret.len() > LONGEST_SECRET {
            return Err(SealError::TooLong);
        }
        let current = self.keyring.current();
        let data_key = DataKey(Zeroizing::new(self.randomness.bytes()));
        let (message_id, nonce) = (self.randomness.bytes(), self.randomness.bytes());
        let info = context.wrap_binding(current.id());
        let wrapped = wrap::wrap(&data_key, current.kem(), &info, self.randomness.clone());
        let (commitment, body) = data_key
            .encrypt(&message_id, &nonce, &context.body_binding(), secret.as_bytes())
            .ok_or(SealError::TooLong)?;
        let envelope = Envelope {
            key_id: current.id(),
            message_id,
            wrapped: wrapped.ok_or(SealError::Key)?,
            commitment,
            nonce,
            body,
        };
        let bytes = envelope.to_bytes();
        let sha256 = Sha256::digest(&bytes).into();
        Ok(Sealed { bytes, key_id: current.id(), sha256 })
    }
}
