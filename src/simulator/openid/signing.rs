//! The provider's keys, and how it signs with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::KeyPair;
use serde_json::{Value, json};

use crate::simulator::settings::StartError;

/// A key pair on the curve P-256.
pub(crate) struct Key {
    pub(crate) name: String,
    /// The point, as it is written: 4, x, y.
    pub(crate) public: Vec<u8>,
    signs: EncodingKey,
}

impl Key {
    pub(crate) fn new(name: &str) -> Result<Key, StartError> {
        let failed = |error: rcgen::Error| StartError::Certificate(error.to_string());
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let signs = EncodingKey::from_ec_der(&pair.serialize_der());
        Ok(Key { name: name.to_owned(), public: pair.public_key_raw().to_vec(), signs })
    }

    /// As it is published.
    pub(crate) fn published(&self) -> Value {
        let (x, y) = self.public[1..].split_at(32);
        let part = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.name, "x": part(x), "y": part(y) })
    }

    /// A token of these claims that says it is signed by this key of the set, if by any.
    pub(crate) fn sign(&self, claims: &Value, kid: Option<&str>) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.signs).unwrap_or_default()
    }
}

/// A token that is not signed.
pub(crate) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

/// A token signed with a shared secret.
pub(crate) fn with_secret(claims: &Value, kid: &str, secret: &[u8]) -> String {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap_or_default()
}
