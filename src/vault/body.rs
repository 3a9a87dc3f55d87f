//! The body of an envelope: one data key, one encryption, and the commitment that ties the two.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::envelope::PAD;

const KEY_INFO: &[u8] = b"moxi-onboard body key 1";
const COMMITMENT_INFO: &[u8] = b"moxi-onboard commitment 1";

/// The random key of one envelope.
pub(super) struct DataKey(pub(super) Zeroizing<[u8; 32]>);

/// What the data key of one message gives.
struct Derived {
    key: Zeroizing<[u8; 32]>,
    commitment: [u8; 32],
}

/// Why a body did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotOpened {
    /// The envelope was made for another data key.
    NotCommitted,
    /// Body or context were changed.
    NotAuthentic,
}

impl DataKey {
    fn derive(&self, message_id: &[u8; 32]) -> Derived {
        let hkdf = Hkdf::<Sha512>::new(Some(message_id), self.0.as_slice());
        let mut derived = Derived { key: Zeroizing::new([0; 32]), commitment: [0; 32] };
        hkdf.expand(KEY_INFO, derived.key.as_mut_slice()).expect("32 bytes are within HKDF's reach");
        hkdf.expand(COMMITMENT_INFO, &mut derived.commitment).expect("32 bytes are within HKDF's reach");
        derived
    }

    /// Encrypts the one secret this key is for; gives the commitment and the body. `None` when the text is too
    /// long for the cipher.
    pub(super) fn encrypt(
        &self,
        message_id: &[u8; 32],
        nonce: &[u8; 12],
        aad: &[u8],
        secret: &[u8],
    ) -> Option<([u8; 32], Vec<u8>)> {
        let derived = self.derive(message_id);
        let padded = pad(secret);
        let cipher = Aes256Gcm::new((&*derived.key).into());
        let body = cipher.encrypt(&Nonce::from(*nonce), Payload { msg: &padded, aad }).ok()?;
        Some((derived.commitment, body))
    }

    /// Compares the commitment, then decrypts.
    pub(super) fn decrypt(
        &self,
        message_id: &[u8; 32],
        commitment: &[u8; 32],
        nonce: &[u8; 12],
        aad: &[u8],
        body: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let derived = self.derive(message_id);
        if !bool::from(derived.commitment.ct_eq(commitment)) {
            return Err(NotOpened::NotCommitted);
        }
        let cipher = Aes256Gcm::new((&*derived.key).into());
        let padded = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad });
        let padded = Zeroizing::new(padded.map_err(|_| NotOpened::NotAuthentic)?);
        unpad(&padded).map(|secret| Zeroizing::new(secret.to_vec())).ok_or(NotOpened::NotAuthentic)
    }
}

fn pad(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let whole = (secret.len() + 1).next_multiple_of(PAD);
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(secret);
    padded.push(0x80);
    padded.resize(whole, 0);
    padded
}

fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    let (secret, mark) = padded.split_at(end);
    (mark.first() == Some(&0x80) && padded.len() - end <= PAD).then_some(secret)
}
