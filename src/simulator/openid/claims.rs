//! What a token says, truly or not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::lies::Lie;
use super::people::Colleague;

/// Seconds a token is good for.
const LASTS: i64 = 300;
const HOUR: i64 = 3600;

/// What goes into one token.
pub(crate) struct Facts<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) access_token: &'a str,
    pub(crate) colleague: &'a Colleague,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// The claims, changed as the lies demand.
pub(crate) fn claims(facts: &Facts<'_>, lies: &[Lie]) -> Value {
    let half = |token: &str| URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]);
    let mut claims = json!({
        "iss": facts.issuer,
        "sub": facts.colleague.account,
        "aud": facts.client_id,
        "exp": facts.now + LASTS,
        "iat": facts.now,
        "auth_time": facts.now,
        "acr": "mfa",
        "nonce": facts.nonce,
        "at_hash": half(facts.access_token),
        "name": facts.colleague.name,
        "email": facts.colleague.email,
        "roles": facts.colleague.roles,
    });
    for lie in lies {
        match lie {
            Lie::OtherIssuer => claims["iss"] = "https://login.evil.example".into(),
            Lie::OtherAudience => claims["aud"] = "another-site".into(),
            Lie::OtherAsked => {
                claims["aud"] = json!([facts.client_id, "another-site"]);
                claims["azp"] = "another-site".into();
            }
            Lie::Expired => claims["exp"] = (facts.now - HOUR).into(),
            Lie::NotYet => claims["nbf"] = (facts.now + HOUR).into(),
            Lie::OtherNonce => claims["nonce"] = "of-another-sign-in".into(),
            Lie::OtherAccessToken => claims["at_hash"] = half("another").into(),
            Lie::OldSignIn => claims["auth_time"] = (facts.now - 13 * HOUR).into(),
            Lie::PasswordAlone => claims["acr"] = "pwd".into(),
            Lie::OtherRoles => claims["roles"] = json!(["accounting", "Reviewer", "reviewer "]),
            Lie::NoNonce => leave_out(&mut claims, "nonce"),
            Lie::NoAuthTime => leave_out(&mut claims, "auth_time"),
            _ => {}
        }
    }
    claims
}

fn leave_out(claims: &mut Value, name: &str) {
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(name);
    }
}
