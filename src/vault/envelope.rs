//! The sealed form of a secret, byte by byte. Numbers are big-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `MOXE` |
//! | 4 | 1 | version: 1 |
//! | 5 | 1 | suite: 1 (2 is kept for a hybrid of X25519 and ML-KEM-768) |
//! | 6 | 5 | id of the public key it is sealed to |
//! | 11 | 32 | message id, random |
//! | 43 | 2 | length of the wrapped key: 80 in suite 1 |
//! | 45 | 80 | the data key, wrapped by HPKE: 32 bytes encapsulated key, 32 bytes key, 16 bytes tag |
//! | 125 | 32 | commitment to the data key |
//! | 157 | 12 | nonce |
//! | 169 | 4 | length of the body |
//! | 173 | n | the body, AES-256-GCM: padded secret, 16 bytes tag |
//!
//! Suite 1: a random data key of 256 bits serves one envelope. `HKDF-SHA-512(salt = message id, data key)` gives
//! the body's key (info `moxi-onboard body key 1`) and the commitment (info `moxi-onboard commitment 1`). The
//! data key is wrapped by HPKE, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, empty AAD.
//! Body AAD and HPKE info are the context. AES-GCM alone lets one ciphertext open under two keys; the commitment,
//! compared before opening, does not.
//!
//! Before encryption the secret gets a byte 0x80 and zeros up to the next multiple of 64 bytes, so that the length
//! of a short password shows nowhere.
//!
//! The parser takes exactly this form: no other length, nothing behind the end.

use super::key_id::KeyId;

/// Version and suite, as they are bound into every envelope.
pub(super) const FORMAT: [u8; 2] = [1, 1];
/// Length of a wrapped data key in suite 1.
pub(super) const WRAP: usize = 80;
/// Length of the GCM tag.
const TAG: usize = 16;
/// The body is padded to multiples of this.
pub(super) const PAD: usize = 64;
/// The longest secret, in bytes. A Google key file has about 2400, a certificate's private key about 3300.
pub(super) const LONGEST_SECRET: usize = 32 * 1024;
const LONGEST_BODY: usize = LONGEST_SECRET + PAD + TAG;
const MAGIC: [u8; 4] = *b"MOXE";

/// An envelope, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) key_id: KeyId,
    pub(super) message_id: [u8; 32],
    pub(super) wrapped: [u8; WRAP],
    pub(super) commitment: [u8; 32],
    pub(super) nonce: [u8; 12],
    pub(super) body: Vec<u8>,
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin as an envelope does.
    #[error("this is no envelope")]
    Magic,
    /// Another version wrote it.
    #[error("this version does not know envelope version {0}")]
    Version(u8),
    /// It uses algorithms this version does not have.
    #[error("this version does not know suite {0}")]
    Suite(u8),
    /// It ends too early, is too long, or a length in it is wrong.
    #[error("a length in the envelope is wrong")]
    Length,
}

impl Envelope {
    /// Writes the bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(173 + self.body.len());
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT);
        out.extend_from_slice(&self.key_id.to_bytes());
        out.extend_from_slice(&self.message_id);
        out.extend_from_slice(&u16::try_from(WRAP).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(&self.wrapped);
        out.extend_from_slice(&self.commitment);
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&u32::try_from(self.body.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(&self.body);
        out
    }

    /// Takes bytes apart; errs on everything but the documented form.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Rest(bytes);
        if rest.take::<4>().map_err(|_| Malformed::Magic)? != MAGIC {
            return Err(Malformed::Magic);
        }
        let [version, suite] = rest.take::<2>()?;
        if version != FORMAT[0] {
            return Err(Malformed::Version(version));
        }
        if suite != FORMAT[1] {
            return Err(Malformed::Suite(suite));
        }
        let key_id = KeyId::from_bytes(rest.take()?);
        let message_id = rest.take()?;
        if usize::from(u16::from_be_bytes(rest.take()?)) != WRAP {
            return Err(Malformed::Length);
        }
        let (wrapped, commitment, nonce) = (rest.take()?, rest.take()?, rest.take()?);
        let length = usize::try_from(u32::from_be_bytes(rest.take()?)).map_err(|_| Malformed::Length)?;
        let padded = length.checked_sub(TAG).is_some_and(|text| text > 0 && text % PAD == 0);
        if !padded || length > LONGEST_BODY || length != rest.0.len() {
            return Err(Malformed::Length);
        }
        Ok(Self { key_id, message_id, wrapped, commitment, nonce, body: rest.0.to_vec() })
    }
}

/// What of the bytes was not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Malformed::Length)?;
        self.0 = tail;
        Ok(*head)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn envelope()(
            key in any::<[u8; 5]>(), message_id in any::<[u8; 32]>(), wrapped in any::<[[u8; 16]; 5]>(),
            commitment in any::<[u8; 32]>(), nonce in any::<[u8; 12]>(), blocks in 1_usize..9, fill in any::<u8>(),
        ) -> Envelope {
            let wrapped = wrapped.concat().try_into().expect("80 bytes");
            let body = vec![fill; blocks * PAD + TAG];
            Envelope { key_id: KeyId::from_bytes(key), message_id, wrapped, commitment, nonce, body }
        }
    }

    proptest! {
        #[test]
        fn an_envelope_reads_back(envelope in envelope()) {
            prop_assert_eq!(Envelope::parse(&envelope.to_bytes()), Ok(envelope));
        }

        #[test]
        fn whatever_is_read_is_written_alike(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(envelope) = Envelope::parse(&bytes) {
                prop_assert_eq!(envelope.to_bytes(), bytes);
            }
        }

        #[test]
        fn a_changed_envelope_is_refused_or_read_exactly(
            envelope in envelope(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = envelope.to_bytes();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            if let Ok(read) = Envelope::parse(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes.clone());
            }
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(Envelope::parse(&bytes).is_err());
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = Envelope {
            key_id: KeyId::from_bytes([1; 5]),
            message_id: [2; 32],
            wrapped: [3; WRAP],
            commitment: [4; 32],
            nonce: [5; 12],
            body: vec![6; PAD + TAG],
        }
        .to_bytes();
        let changed = |place: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[place] = byte;
            Envelope::parse(&bytes)
        };
        assert_eq!(changed(0, b'X'), Err(Malformed::Magic));
        assert_eq!(changed(4, 2), Err(Malformed::Version(2)));
        assert_eq!(changed(5, 0), Err(Malformed::Suite(0)), "no downgrade");
        assert_eq!(changed(44, 79), Err(Malformed::Length));
        assert_eq!(changed(172, 81), Err(Malformed::Length));
        assert_eq!(Envelope::parse(&[good.clone(), vec![0]].concat()), Err(Malformed::Length));
        assert_eq!(Envelope::parse(b""), Err(Malformed::Magic));
    }
}
