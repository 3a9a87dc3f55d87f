//! Keys and keyrings. A key's id is made from its public half, so that a key cannot be listed under a wrong id.

use hpke::{Deserializable, Kem as _, Serializable};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    body::DataKey,
    wrap::{self, Kem, KemPrivate, KemPublic},
};
use crate::clock::Randomness;

pub use super::key_id::KeyId;

/// A public key: it seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kem: KemPublic,
    made_on: Date,
}

impl PublicKey {
    /// Takes 32 bytes. `None` when they are not such a key, or one to which nothing can be sealed.
    pub(super) fn from_bytes(bytes: &[u8], made_on: Date) -> Option<Self> {
        let kem = KemPublic::from_bytes(bytes).ok()?;
        // Points of small order are refused only when something is wrapped to them. The trial is thrown away, so
        // it needs no randomness of worth.
        let trial = DataKey(Zeroizing::new([0; 32]));
        wrap::wrap(&trial, &kem, &[], Randomness::seeded(0))?;
        Some(Self { kem, made_on })
    }

    /// The 32 bytes.
    pub(super) fn to_bytes(&self) -> [u8; 32] {
        self.kem.to_bytes().into()
    }

    pub(super) const fn kem(&self) -> &KemPublic {
        &self.kem
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        KeyId::of("moxi-onboard key id 1", &self.to_bytes())
    }

    /// The day it was made.
    pub const fn made_on(&self) -> Date {
        self.made_on
    }

    /// SHA-256 of the key in groups of 4 digits, for people who compare two screens.
    pub fn fingerprint(&self) -> String {
        let digits: Vec<String> = Sha256::digest(self.to_bytes())
            .chunks(2)
            .map(|two| format!("{:02x}{:02x}", two[0], two[1]))
            .collect();
        digits.join(" ")
    }
}

/// A private key: it opens. No copy, no text.
pub struct PrivateKey {
    kem: KemPrivate,
    public: PublicKey,
}

impl PrivateKey {
    /// Makes a new one.
    pub fn generate(made_on: Date, randomness: &Randomness) -> Self {
        let (kem, _) = Kem::gen_keypair_with_rng(&mut randomness.clone());
        Self::of(kem, made_on)
    }

    /// Takes 32 bytes. `None` when there are more or fewer.
    pub(super) fn from_bytes(bytes: &[u8], made_on: Date) -> Option<Self> {
        KemPrivate::from_bytes(bytes).ok().map(|kem| Self::of(kem, made_on))
    }

    fn of(kem: KemPrivate, made_on: Date) -> Self {
        let public = PublicKey { kem: Kem::sk_to_pk(&kem), made_on };
        Self { kem, public }
    }

    /// The 32 bytes, for the key file.
    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.kem.write_exact(bytes.as_mut_slice());
        bytes
    }

    pub(super) const fn kem(&self) -> &KemPrivate {
        &self.kem
    }

    /// Its public half.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// The public keys of an installation: one seals, the others only say whose envelopes may still exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeyring {
    current: PublicKey,
    older: Vec<PublicKey>,
}

impl PublicKeyring {
    /// A keyring; the first key is the current one.
    pub const fn new(current: PublicKey, older: Vec<PublicKey>) -> Self {
        Self { current, older }
    }

    /// The key that seals.
    pub const fn current(&self) -> &PublicKey {
        &self.current
    }

    /// The keys that sealed before, newest first.
    pub fn older(&self) -> &[PublicKey] {
        &self.older
    }

    /// Every key, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &PublicKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// The keyring with a new current key; the present one becomes the newest of the older ones.
    pub fn with_current(self, key: PublicKey) -> Self {
        let older = std::iter::once(self.current).chain(self.older).collect();
        Self { current: key, older }
    }
}

/// The private keys of an installation.
pub struct PrivateKeyring(Vec<PrivateKey>);

impl PrivateKeyring {
    /// A keyring of these keys.
    pub const fn new(keys: Vec<PrivateKey>) -> Self {
        Self(keys)
    }

    /// The key of that id.
    pub fn find(&self, id: KeyId) -> Option<&PrivateKey> {
        self.0.iter().find(|key| key.public().id() == id)
    }

    /// Every key.
    pub fn all(&self) -> &[PrivateKey] {
        &self.0
    }

    /// The keyring with one more key in front.
    pub fn with(mut self, key: PrivateKey) -> Self {
        self.0.insert(0, key);
        self
    }
}
