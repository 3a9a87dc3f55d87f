//! The settings key: encrypts what pages show again, makes look-up columns, checks sign-in codes.
//!
//! A record, byte by byte: version (1 byte, 1), id of the key (5), salt (32, random), ciphertext and tag
//! (AES-256-GCM). `HKDF-SHA-512(salt, key)` gives each record a key (32) and a nonce (12) of its own, so no count
//! of records wears the key out. AAD: a label, the purpose, and the id of the record's owner.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{framed::framed, keyring::KeyId};
use crate::clock::Randomness;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 5 + 32;

/// The key. It cannot be copied or shown.
pub struct SettingsKey {
    key: Zeroizing<[u8; 32]>,
    randomness: Randomness,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Too short, or written by a version this one does not know.
    #[error("the record has a form that this version does not know")]
    Form,
    /// Another settings key wrote it.
    #[error("the record was written under the settings key {0}, which is not the one in use")]
    OtherKey(KeyId),
    /// It was changed, or belongs to another purpose or owner.
    #[error("the record does not belong here")]
    Refused,
    /// It is not the value that was expected, or cannot be written as JSON.
    #[error("the record does not hold the expected value")]
    Value,
}

impl SettingsKey {
    /// Makes a new key.
    pub fn generate(randomness: Randomness) -> Self {
        Self { key: Zeroizing::new(randomness.bytes()), randomness }
    }

    /// Takes the 32 bytes of a key file.
    pub(super) const fn from_bytes(key: Zeroizing<[u8; 32]>, randomness: Randomness) -> Self {
        Self { key, randomness }
    }

    /// The 32 bytes, for the key file.
    pub(super) fn to_bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        KeyId::of("moxi-onboard settings key id 1", self.key.as_slice())
    }

    /// Whether a record says that this key wrote it; it is not read.
    pub fn wrote(&self, record: &[u8]) -> bool {
        record.get(1..6) == Some(self.id().to_bytes().as_slice())
    }

    /// Encrypts a record for one purpose and one owner; both are needed to read it again.
    pub fn encrypt(&self, purpose: &str, owner_id: &str, plaintext: &[u8]) -> Vec<u8> {
        let salt: [u8; 32] = self.randomness.bytes();
        let (key, nonce) = self.record_key(&salt);
        let aad = aad(purpose, owner_id);
        let body = Aes256Gcm::new((&*key).into())
            .encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad })
            .expect("no record comes near the 64 GiB that the cipher takes");
        let mut out = Vec::with_capacity(HEAD + body.len());
        out.push(VERSION);
        out.extend_from_slice(&self.id().to_bytes());
        out.extend_from_slice(&salt);
        out.extend_from_slice(&body);
        out
    }

    /// Decrypts a record of that purpose and owner.
    ///
    /// Errs when the bytes are no record, were written under another key, were changed, or belong elsewhere.
    pub fn decrypt(
        &self,
        purpose: &str,
        owner_id: &str,
        record: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
        let ([version], rest) = record.split_first_chunk::<1>().ok_or(SettingsError::Form)?;
        let (id, rest) = rest.split_first_chunk::<5>().ok_or(SettingsError::Form)?;
        let (salt, body) = rest.split_first_chunk::<32>().ok_or(SettingsError::Form)?;
        if *version != VERSION {
            return Err(SettingsError::Form);
        }
        if *id != self.id().to_bytes() {
            return Err(SettingsError::OtherKey(KeyId::from_bytes(*id)));
        }
        let (key, nonce) = self.record_key(salt);
        let aad = aad(purpose, owner_id);
        let opened =
            Aes256Gcm::new((&*key).into()).decrypt(&Nonce::from(nonce), Payload { msg: body, aad: &aad });
        opened.map(Zeroizing::new).map_err(|_| SettingsError::Refused)
    }

    /// Encrypts a text.
    pub fn encrypt_text(&self, purpose: &str, owner_id: &str, text: &str) -> Vec<u8> {
        self.encrypt(purpose, owner_id, text.as_bytes())
    }

    /// Decrypts a text; errs as [`Self::decrypt`], and when it is no text.
    pub fn decrypt_text(
        &self,
        purpose: &str,
        owner_id: &str,
        record: &[u8],
    ) -> Result<String, SettingsError> {
        let plain = self.decrypt(purpose, owner_id, record)?;
        std::str::from_utf8(&plain).map(str::to_owned).map_err(|_| SettingsError::Value)
    }

    /// Encrypts a value as JSON; errs when it has no JSON form.
    pub fn encrypt_json<T: Serialize>(
        &self,
        purpose: &str,
        owner_id: &str,
        value: &T,
    ) -> Result<Vec<u8>, SettingsError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SettingsError::Value)?);
        Ok(self.encrypt(purpose, owner_id, &plain))
    }

    /// Decrypts a value from JSON; errs as [`Self::decrypt`], and when it is another value.
    pub fn decrypt_json<T: DeserializeOwned>(
        &self,
        purpose: &str,
        owner_id: &str,
        record: &[u8],
    ) -> Result<T, SettingsError> {
        let plain = self.decrypt(purpose, owner_id, record)?;
        serde_json::from_slice(&plain).map_err(|_| SettingsError::Value)
    }

    /// A keyed digest for look-up columns: equal values meet, and nobody without the key can try values.
    pub fn blind(&self, purpose: &str, value: &str) -> [u8; 32] {
        self.digest(b"moxi-onboard blind 1", &[purpose.as_bytes(), value.as_bytes()])
    }

    /// A keyed digest over several parts, for codes that are checked and never shown.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut all = vec![purpose.as_bytes()];
        all.extend_from_slice(parts);
        self.digest(b"moxi-onboard mac 1", &all)
    }

    /// Whether the parts have that digest; takes the same time for every answer.
    pub fn mac_fits(&self, purpose: &str, parts: &[&[u8]], expected: &[u8]) -> bool {
        self.mac(purpose, parts).as_slice().ct_eq(expected).into()
    }

    fn record_key(&self, salt: &[u8; 32]) -> (Zeroizing<[u8; 32]>, [u8; 12]) {
        let hkdf = Hkdf::<Sha512>::new(Some(salt), self.key.as_slice());
        let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 12]);
        hkdf.expand(b"moxi-onboard record key 1", key.as_mut_slice())
            .expect("32 bytes are within HKDF's reach");
        hkdf.expand(b"moxi-onboard record nonce 1", &mut nonce).expect("12 bytes are within HKDF's reach");
        (key, nonce)
    }

    fn digest(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let hkdf = Hkdf::<Sha512>::new(None, self.key.as_slice());
        let mut key = Zeroizing::new([0; 32]);
        hkdf.expand(label, key.as_mut_slice()).expect("32 bytes are within HKDF's reach");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length");
        mac.update(&Zeroizing::new(framed(parts)));
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for SettingsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SettingsKey")
    }
}

fn aad(purpose: &str, owner_id: &str) -> Vec<u8> {
    framed(&[b"moxi-onboard record 1", purpose.as_bytes(), owner_id.as_bytes()])
}
