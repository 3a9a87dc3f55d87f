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

pub(super) fn pad(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let whole = (secret.len() + 1).next_multiple_of(PAD);
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(secret);
    padded.push(0x80);
    padded.resize(whole, 0);
    padded
}

pub(super) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    let (secret, mark) = padded.split_at(end);
    (mark.first() == Some(&0x80) && padded.len() - end <= PAD).then_some(secret)
}

#[cfg(test)]
mod tests {
    use aes_gcm::aes::{
        Aes256,
        cipher::{Array, BlockCipherEncrypt},
    };

    use super::*;

    const MESSAGE: [u8; 32] = [9; 32];
    const NONCE: [u8; 12] = [8; 12];
    const AAD: &[u8] = b"some context";

    fn data_key(byte: u8) -> DataKey {
        DataKey(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn padding_hides_the_length_and_gives_it_back() {
        for length in [0, 1, 62, 63, 64, 65, 127, 128] {
            let secret = vec![b'x'; length];
            let padded = pad(&secret);
            assert_eq!(padded.len() % PAD, 0);
            assert!(padded.len() - length <= PAD);
            assert_eq!(unpad(&padded), Some(secret.as_slice()));
        }
        let mut too_far = vec![0x80];
        too_far.resize(2 * PAD, 0);
        for wrong in [vec![], vec![0; PAD], vec![b'x'; PAD], too_far] {
            assert_eq!(unpad(&wrong), None);
        }
    }

    /// The field of GCM: a block is a polynomial whose lowest coefficient is the highest bit.
    fn times(a: u128, b: u128) -> u128 {
        let (mut product, mut shifted) = (0, b);
        for place in (0..128).rev() {
            if a >> place & 1 == 1 {
                product ^= shifted;
            }
            shifted = (shifted >> 1) ^ if shifted & 1 == 1 { 0xe1 << 120 } else { 0 };
        }
        product
    }

    fn power(base: u128, exponent: u128) -> u128 {
        let one = 1 << 127;
        (0..128).rev().fold(one, |acc, place| {
            let squared = times(acc, acc);
            if exponent >> place & 1 == 1 { times(squared, base) } else { squared }
        })
    }

    /// Tag of a ciphertext under a key, without knowing what it means.
    fn tag(key: &[u8; 32], ciphertext: &[u8]) -> u128 {
        let cipher = Aes256Gcm::new(key.into());
        let zeros = vec![0; ciphertext.len()];
        let stream = cipher.encrypt(&Nonce::from(NONCE), zeros.as_slice()).expect("encrypts");
        let plain: Vec<u8> = stream.iter().zip(ciphertext).map(|(s, c)| s ^ c).collect();
        let sealed =
            cipher.encrypt(&Nonce::from(NONCE), Payload { msg: &plain, aad: AAD }).expect("encrypts");
        u128::from_be_bytes(sealed[ciphertext.len()..].try_into().expect("a tag"))
    }

    fn hash_key(key: &[u8; 32]) -> u128 {
        let mut block = Array::from([0; 16]);
        Aes256::new(key.into()).encrypt_block(&mut block);
        u128::from_be_bytes(block.into())
    }

    /// Makes one body that AES-GCM takes as genuine under the keys of both data keys: a first block is chosen so
    /// that both tags agree.
    fn two_key_body(one: &DataKey, two: &DataKey) -> Vec<u8> {
        let (key_one, key_two) = (one.derive(&MESSAGE).key, two.derive(&MESSAGE).key);
        let cipher = Aes256Gcm::new((&*key_one).into());
        let mut body =
            cipher.encrypt(&Nonce::from(NONCE), pad(b"sixteen bytes...text").as_slice()).expect("encrypts");
        body.truncate(PAD);
        body[..16].fill(0);
        // Of four blocks and a length block the first is multiplied by the fifth power of the hash key.
        let differ = power(hash_key(&key_one), 5) ^ power(hash_key(&key_two), 5);
        let first = times(tag(&key_one, &body) ^ tag(&key_two, &body), power(differ, u128::MAX - 1));
        body[..16].copy_from_slice(&first.to_be_bytes());
        let shared = tag(&key_one, &body);
        assert_eq!(shared, tag(&key_two, &body), "the attack works on AES-GCM alone");
        body.extend_from_slice(&shared.to_be_bytes());
        body
    }

    #[test]
    fn a_body_that_is_genuine_under_two_keys_opens_only_under_the_committed_one() {
        let (one, two) = (data_key(1), data_key(2));
        let body = two_key_body(&one, &two);
        let commitment = one.derive(&MESSAGE).commitment;
        assert!(one.decrypt(&MESSAGE, &commitment, &NONCE, AAD, &body).is_ok());
        let bare = Aes256Gcm::new((&*two.derive(&MESSAGE).key).into());
        assert!(bare.decrypt(&Nonce::from(NONCE), Payload { msg: &body, aad: AAD }).is_ok());
        let refused = two.decrypt(&MESSAGE, &commitment, &NONCE, AAD, &body).map(|_| ());
        assert_eq!(refused, Err(NotOpened::NotCommitted));
    }
}
