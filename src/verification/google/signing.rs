//! The proof that a service account is who it says: a short text, signed with its key.

use aws_lc_rs::signature::RsaKeyPair;
use secrecy::SecretString;
use serde_json::json;

use crate::{
    domain::{
        google::{GoogleKey, ServiceAccount},
        instant::Instant,
    },
    verification::{
        key_file::{self, TOKEN_URI},
        signed::signed,
    },
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
        signed(&self.pair, &head, &claims)
    }
}
