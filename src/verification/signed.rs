//! A short text of claims with an RSA signature under it: by that a provider knows who asks for a token.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rsa::KeyPair,
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::Value;

/// The claims under this head, signed by RS256. `None` when the key does not sign.
pub fn signed(pair: &KeyPair, head: &Value, claims: &Value) -> Option<SecretString> {
    let coded = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mut signature = vec![0; pair.public_modulus_len()];
    // From the digest on, signing this way needs no chance.
    let digested = digest(&SHA256, coded.as_bytes());
    pair.sign_digest(&RSA_PKCS1_SHA256, &digested, &mut signature).ok()?;
    Some(SecretString::from(format!("{coded}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
