//! The audit key signs checkpoints of the audit's chain. The sealer's process alone holds it; its public half, and those
//! of the keys before it, verify what was signed, for whoever looks.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::key_id::KeyId;
use crate::clock::Randomness;

/// The private audit key. No copy, no text.
pub struct AuditKey {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
    public: AuditPublicKey,
}

impl AuditKey {
    /// Makes a new one.
    pub fn generate(made_on: Date, randomness: &Randomness) -> Self {
        Self::from_seed(Zeroizing::new(randomness.bytes()), made_on)
    }

    /// Takes the 32 bytes of a key file.
    pub(super) fn from_seed(seed: Zeroizing<[u8; 32]>, made_on: Date) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).expect("any 32 bytes are a seed");
        let mut bytes = [0; 32];
        bytes.copy_from_slice(pair.public_key().as_ref());
        Self { seed, pair, public: AuditPublicKey { bytes, made_on } }
    }

    /// The 32 bytes, for the key file.
    pub(super) fn to_bytes(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Its public half.
    pub const fn public(&self) -> &AuditPublicKey {
        &self.public
    }

    /// Signs a message.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// The public half of an audit key: it verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPublicKey {
    bytes: [u8; 32],
    made_on: Date,
}

impl AuditPublicKey {
    /// Takes the 32 bytes of a key file. Bytes that are no key verify nothing.
    pub(super) const fn from_bytes(bytes: [u8; 32], made_on: Date) -> Self {
        Self { bytes, made_on }
    }

    /// The 32 bytes.
    pub(super) const fn to_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        KeyId::of("moxi-onboard audit key id 1", &self.bytes)
    }

    /// The day it was made.
    pub const fn made_on(&self) -> Date {
        self.made_on
    }

    /// Whether it signed this message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.bytes).verify(message, signature).is_ok()
    }
}

/// The public audit keys of an installation: the current one, and those whose signatures still stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPublicKeys {
    current: AuditPublicKey,
    older: Vec<AuditPublicKey>,
}

impl AuditPublicKeys {
    /// These keys; the first one signs.
    pub const fn new(current: AuditPublicKey, older: Vec<AuditPublicKey>) -> Self {
        Self { current, older }
    }

    /// The key that signs.
    pub const fn current(&self) -> &AuditPublicKey {
        &self.current
    }

    /// Every key, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &AuditPublicKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// The key of that id.
    pub fn find(&self, id: &str) -> Option<&AuditPublicKey> {
        self.all().find(|key| key.id().to_string() == id)
    }

    /// The keys with a new one that signs; the present one becomes the newest of the older ones.
    pub(super) fn with_current(self, key: AuditPublicKey) -> Self {
        Self { current: key, older: std::iter::once(self.current).chain(self.older).collect() }
    }
}
