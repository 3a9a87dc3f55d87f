//! From the worker to the one process that waits: a secret is sealed to a key pair that is made for one press and stands
//! in that process's memory alone. HPKE, base mode, the suite of envelopes, bound to the press.

use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{
    body::{pad, unpad},
    framed::framed,
    wrap::{Kem, KemPrivate, KemPublic},
};
use crate::{
    clock::Randomness,
    domain::ids::{LookId, SecretId, StaffId},
};

const ENCAPSULATED: usize = 32;

/// What a sealed answer is bound to: it opens for no other press, secret or person.
#[derive(Debug, Clone, Copy)]
pub struct RevealOf<'a> {
    /// The environment of the product.
    pub environment: &'a str,
    /// The press.
    pub look: &'a LookId,
    /// The secret.
    pub secret: &'a SecretId,
    /// Who pressed.
    pub staff: &'a StaffId,
}

impl RevealOf<'_> {
    fn info(&self) -> Vec<u8> {
        let parts = [
            "moxi-onboard reveal 1",
            self.environment,
            self.look.as_str(),
            self.secret.as_str(),
            self.staff.as_str(),
        ];
        framed(&parts.map(str::as_bytes))
    }
}

/// The key pair of one press. No copy, no text; it is used up by opening.
pub struct RevealKey(KemPrivate);

impl RevealKey {
    /// Makes one.
    pub fn generate(randomness: &Randomness) -> Self {
        Self(Kem::gen_keypair_with_rng(&mut randomness.clone()).0)
    }

    /// Its public half, 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        Kem::sk_to_pk(&self.0).to_bytes().into()
    }

    /// Opens what was sealed for this press; `None` when it was sealed for another, or changed.
    pub fn open(self, of: &RevealOf<'_>, sealed: &[u8]) -> Option<SecretString> {
        let (head, body) = sealed.split_at_checked(ENCAPSULATED)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(head).ok()?;
        let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            &of.info(),
            body,
            &[],
        );
        let padded = Zeroizing::new(opened.ok()?);
        std::str::from_utf8(unpad(&padded)?).ok().map(SecretString::from)
    }
}

/// Seals a secret for a press. `None` when the 32 bytes are no key to which anything can be sealed.
pub fn seal_for(
    public: &[u8],
    of: &RevealOf<'_>,
    secret: &SecretString,
    randomness: &Randomness,
) -> Option<Vec<u8>> {
    let key = KemPublic::from_bytes(public).ok()?;
    let padded = pad(secret.expose_secret().as_bytes());
    let (encapsulated, body) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &key,
        &of.info(),
        &padded,
        &[],
        &mut randomness.clone(),
    )
    .ok()?;
    let mut out = vec![0; ENCAPSULATED];
    encapsulated.write_exact(&mut out);
    out.extend_from_slice(&body);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_for_its_own_press_and_for_no_other() {
        let randomness = Randomness::seeded(7);
        let (look, secret, staff) =
            (LookId::from_random([1; 16]), SecretId::from_random([1; 16]), StaffId::from_random([1; 16]));
        let of = RevealOf { environment: "test", look: &look, secret: &secret, staff: &staff };
        let value = SecretString::from("Summer-2026!");
        let seal = |key: &RevealKey| seal_for(&key.public(), &of, &value, &randomness).expect("seals");

        let key = RevealKey::generate(&randomness);
        let sealed = seal(&key);
        assert_eq!(sealed.len(), ENCAPSULATED + 64 + 16, "its length tells nothing");
        assert!(!sealed.windows(6).any(|six| six == b"Summer"));
        assert_eq!(key.open(&of, &sealed).expect("opens").expose_secret(), "Summer-2026!");

        let other = RevealKey::generate(&randomness);
        assert!(other.open(&of, &sealed).is_none(), "another process");
        let (look2, secret2, staff2) =
            (LookId::from_random([2; 16]), SecretId::from_random([2; 16]), StaffId::from_random([2; 16]));
        for changed in [
            RevealOf { environment: "live", ..of },
            RevealOf { look: &look2, ..of },
            RevealOf { secret: &secret2, ..of },
            RevealOf { staff: &staff2, ..of },
        ] {
            let key = RevealKey::generate(&randomness);
            let sealed = seal(&key);
            assert!(key.open(&changed, &sealed).is_none(), "{changed:?}");
        }
        for cut in [0, 10, 32, 60] {
            let key = RevealKey::generate(&randomness);
            let sealed = seal(&key);
            assert!(key.open(&of, &sealed[..cut]).is_none());
        }
        assert!(seal_for(&[0; 32], &of, &value, &randomness).is_none(), "a point of small order");
        assert!(seal_for(&[7; 31], &of, &value, &randomness).is_none());
    }
}
