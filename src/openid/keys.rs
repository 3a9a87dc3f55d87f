//! The provider's public keys, each for the one algorithm it can stand for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;

use super::refusal::Refusal;

/// More keys than this no honest provider publishes.
const MOST: usize = 50;
/// Shorter RSA keys are not believed, in bytes: 2048 bits.
const RSA_BYTES: usize = 256;

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// One key.
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// Reads the published set. Keys that are not for us, such as those for encryption, are left out; errs when it is no
/// set of keys at all.
pub(super) fn read(body: &[u8]) -> Result<Vec<Key>, Refusal> {
    let set: Set = serde_json::from_slice(body).map_err(|_| Refusal::Key)?;
    if set.keys.len() > MOST {
        return Err(Refusal::Key);
    }
    Ok(set.keys.into_iter().filter_map(one).collect())
}

fn one(value: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|wanted| *wanted != PublicKeyUse::Signature) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            (modulus.len() >= RSA_BYTES).then_some((Algorithm::RS256, KeyAlgorithm::RS256))?
        }
        AlgorithmParameters::EllipticCurve(ec) => {
            (ec.curve == EllipticCurve::P256).then_some((Algorithm::ES256, KeyAlgorithm::ES256))?
        }
        AlgorithmParameters::OctetKeyPair(okp) => {
            (okp.curve == EllipticCurve::Ed25519).then_some((Algorithm::EdDSA, KeyAlgorithm::EdDSA))?
        }
        // A shared secret is never published.
        AlgorithmParameters::OctetKey(_) => return None,
    };
    let fits = jwk.common.key_algorithm.is_none_or(|said| said == named);
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    fits.then_some(Key { name: jwk.common.key_id, algorithm, key })
}

/// The one key that a token of this algorithm and this key's name is signed by. A token without a name is believed
/// only where no more than one key could have signed it.
pub(super) fn pick<'a>(keys: &'a [Key], algorithm: Algorithm, name: Option<&str>) -> Option<&'a Key> {
    let mut fitting = keys.iter().filter(|key| {
        key.algorithm == algorithm && name.is_none_or(|name| key.name.as_deref() == Some(name))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ec(name: &str) -> serde_json::Value {
        let part = URL_SAFE_NO_PAD.encode([7; 32]);
        json!({ "kty": "EC", "crv": "P-256", "x": part, "y": part, "kid": name })
    }

    fn rsa(bytes: usize) -> serde_json::Value {
        json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xc5; bytes]), "e": "AQAB", "kid": "rsa" })
    }

    fn with(mut key: serde_json::Value, name: &str, value: &str) -> serde_json::Value {
        key[name] = value.into();
        key
    }

    fn count(keys: &[serde_json::Value]) -> usize {
        read(json!({ "keys": keys }).to_string().as_bytes()).expect("a set").len()
    }

    #[test]
    fn a_key_stands_for_one_algorithm_and_only_for_signatures() {
        assert_eq!(
            count(&[ec("a"), rsa(256), with(ec("b"), "use", "sig"), with(ec("c"), "alg", "ES256")]),
            4
        );
        let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256" });
        let unknown = json!({ "kty": "ML", "kid": "x" });
        let ed448 = json!({ "kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "x" });
        for none in [
            secret,
            unknown,
            ed448,
            rsa(128),
            with(ec("a"), "use", "enc"),
            with(ec("a"), "alg", "ES384"),
            with(ec("a"), "crv", "P-384"),
            with(rsa(256), "alg", "RS512"),
            with(rsa(256), "alg", "RSA-OAEP"),
        ] {
            assert_eq!(count(std::slice::from_ref(&none)), 0, "{none}");
        }
    }

    #[test]
    fn a_key_is_picked_only_where_there_is_no_choice() {
        let set =
            |keys: &[serde_json::Value]| read(json!({ "keys": keys }).to_string().as_bytes()).expect("a set");
        let keys = set(&[ec("a"), ec("b"), rsa(256)]);
        let picked = |algorithm, name| pick(&keys, algorithm, name).and_then(|key| key.name.clone());
        assert_eq!(picked(Algorithm::ES256, Some("b")).as_deref(), Some("b"));
        assert_eq!(picked(Algorithm::RS256, None).as_deref(), Some("rsa"), "one fits");
        assert_eq!(picked(Algorithm::ES256, None), None, "two fit");
        assert_eq!(picked(Algorithm::ES256, Some("rsa")), None, "that key is for another algorithm");
        assert_eq!(picked(Algorithm::ES256, Some("c")), None);
        assert!(pick(&set(&[ec("a"), ec("a")]), Algorithm::ES256, Some("a")).is_none(), "two of one name");
    }

    #[test]
    fn what_is_no_set_of_keys_is_refused() {
        for body in [&b""[..], b"{}", b"{\"keys\":{}}", b"<html>"] {
            assert_eq!(read(body).err(), Some(Refusal::Key));
        }
        let many = json!({ "keys": (0..51).map(|_| ec("a")).collect::<Vec<_>>() }).to_string();
        assert_eq!(read(many.as_bytes()).err(), Some(Refusal::Key));
    }
}
