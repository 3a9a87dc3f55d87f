//! The proof that a service account is who it says: a short text, signed with its key.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    domain::{
        google::{GoogleKey, ServiceAccount},
        instant::Instant,
    },
    verification::key_file::{self, TOKEN_URI},
};

/// How long a proof may be used, in seconds. Google takes up to an hour; a check uses each within the second.
const LIVES: i64 = 300;

/// The key of a service account, ready to sign. It shows itself to nobody.
pub struct SigningKey {
    account: ServiceAccount,
    pair: RsaKeyPair,
}

impl SigningKey {
    /// Reads the key; `None` when the text is not what was read from a key file.
    pub fn open(key: &GoogleKey) -> Option<Self> {
        let (account, pair) = key_file::open(key)?;
        Some(Self { account, pair })
    }

    /// Whose key it is.
    pub const fn account(&self) -> &ServiceAccount {
        &self.account
    }

    /// A proof for one scope, as the account itself or as a user of an office. `None` when the key does not sign.
    pub(super) fn proof(&self, now: Instant, scope: &str, user: Option<&str>) -> Option<SecretString> {
        let seconds = now.timestamp().as_second();
        let head = json!({"alg": "RS256", "typ": "JWT", "kid": self.account.key_id});
        let mut claims = json!({
            "iss": self.account.email,
            "scope": scope,
            "aud": TOKEN_URI,
            "iat": seconds,
            "exp": seconds.saturating_add(LIVES),
        });
        if let Some(user) = user {
            claims["sub"] = user.into();
        }
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // This way of signing needs no chance; the library asks for a source all the same.
        let chance = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &chance, signed.as_bytes(), &mut signature).ok()?;
        Some(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}
