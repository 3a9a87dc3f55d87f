//! The data key, wrapped to a public key by HPKE (RFC 9180, base mode).

use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use zeroize::Zeroizing;

use super::{body::DataKey, envelope::WRAP};
use crate::clock::Randomness;

/// The key exchange of suite 1.
pub(super) type Kem = X25519HkdfSha256;
/// Its public key.
pub(super) type KemPublic = <Kem as hpke::Kem>::PublicKey;
/// Its private key; the library overwrites it when it goes.
pub(super) type KemPrivate = <Kem as hpke::Kem>::PrivateKey;

const ENCAPSULATED: usize = 32;

/// Wraps; `None` when the public key is one of the few to which nothing can be sealed.
pub(super) fn wrap(key: &DataKey, to: &KemPublic, info: &[u8], mut random: Randomness) -> Option<[u8; WRAP]> {
    let (encapsulated, wrapped) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        to,
        info,
        key.0.as_slice(),
        &[],
        &mut random,
    )
    .ok()?;
    let mut out = [0; WRAP];
    let (head, tail) = out.split_at_mut(ENCAPSULATED);
    encapsulated.write_exact(head);
    (wrapped.len() == tail.len()).then(|| tail.copy_from_slice(&wrapped))?;
    Some(out)
}

/// Unwraps; `None` when the wrapped key is for another key or another context, or was changed.
pub(super) fn unwrap(wrapped: &[u8; WRAP], with: &KemPrivate, info: &[u8]) -> Option<DataKey> {
    let (head, tail) = wrapped.split_at(ENCAPSULATED);
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(head).ok()?;
    let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
        &OpModeR::Base,
        with,
        &encapsulated,
        info,
        tail,
        &[],
    );
    let opened = Zeroizing::new(opened.ok()?);
    let mut key = Zeroizing::new([0; 32]);
    (opened.len() == key.len()).then(|| key.copy_from_slice(&opened))?;
    Some(DataKey(key))
}
