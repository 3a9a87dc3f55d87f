//! The signed statement with which a service account asks for a token.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::keys::Pair;

/// A statement taken apart; nothing in it is believed yet.
pub(crate) struct Assertion {
    pub(crate) head: Head,
    pub(crate) claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
pub(crate) struct Head {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) aud: Option<String>,
    pub(crate) iat: Option<i64>,
    pub(crate) exp: Option<i64>,
}

impl Assertion {
    /// Takes a statement apart; none for anything else.
    pub(crate) fn read(text: &str) -> Option<Assertion> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        Some(Assertion {
            head: part(head)?,
            claims: part(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Was it signed with the private half of this pair?
    pub(crate) fn is_signed_by(&self, pair: &Pair) -> bool {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &pair.public);
        self.head.alg == "RS256" && public.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
