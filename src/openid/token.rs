//! The rules by which an ID token is believed. All of them must hold; the first that does not is the refusal.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

use super::{
    keys::{self, Key},
    refusal::Refusal,
};
use crate::domain::{instant::Instant, text::PersonName};

/// How far the provider's clock and ours may be apart.
const LEEWAY: i64 = 60;
/// A longer token is no token, in bytes.
const LONGEST: usize = 64 * 1024;
/// So many values of the roles' claim are read.
const MOST_ROLES: usize = 500;

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// The token that came with it.
    pub(super) access_token: &'a str,
    pub(super) max_age: SignedDuration,
    pub(super) acr: &'a [String],
    pub(super) roles_claim: &'a str,
    pub(super) now: Instant,
}

/// Somebody the provider vouches for.
#[derive(Clone)]
pub struct Vouched {
    /// Their account at the provider; it never names anybody else.
    pub subject: String,
    /// Their name, or what comes nearest to one.
    pub name: String,
    /// Their address, where the provider tells it.
    pub address: Option<String>,
    /// The values of the roles' claim, as they came.
    pub roles: Vec<String>,
    /// When they signed in at the provider.
    pub auth_time: Instant,
    /// The way in which they did, where the provider tells it.
    pub acr: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    azp: Option<String>,
    nonce: Option<String>,
    at_hash: Option<String>,
    auth_time: Option<f64>,
    acr: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The head of a token: by which algorithm, and by which key. Errs when there is none that is accepted.
pub(super) fn head(token: &str) -> Result<Header, Refusal> {
    if token.len() > LONGEST || token.split('.').count() != 3 {
        return Err(Refusal::Malformed);
    }
    let first = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let named: Value = first.and_then(|json| serde_json::from_slice(&json).ok()).ok_or(Refusal::Malformed)?;
    // The library does not know `none` and would say no more than that it cannot read the head.
    if !matches!(named["alg"].as_str(), Some("RS256" | "ES256" | "EdDSA")) {
        return Err(Refusal::Algorithm);
    }
    let head = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
    // What must be understood and is not: nothing of the kind is used in sign-in.
    if head.crit.is_some() { Err(Refusal::Malformed) } else { Ok(head) }
}

/// The key that this token says it is signed by.
pub(super) fn key_of<'a>(head: &Header, keys: &'a [Key]) -> Option<&'a Key> {
    keys::pick(keys, head.alg, head.kid.as_deref())
}

/// Believes a token, or says why not.
pub(super) fn believe(token: &str, key: &Key, expected: &Expected<'_>) -> Result<Vouched, Refusal> {
    let mut by = Validation::new(key.algorithm);
    // The library knows neither our clock nor the nonce; the rules below are all of them, in one place.
    (by.validate_exp, by.validate_aud) = (false, false);
    by.required_spec_claims.clear();
    // First the signature alone: claims that cannot be read are another fault than a forged token.
    let signed = jsonwebtoken::decode::<Value>(token, &key.key, &by).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => Refusal::Signature,
        _ => Refusal::Malformed,
    })?;
    drop(signed);
    let claims = jsonwebtoken::decode::<Claims>(token, &key.key, &by).map_err(|_| Refusal::Malformed)?.claims;
    from_whom_and_for_whom(&claims, expected)?;
    when(&claims, expected)?;
    belongs(&claims, key.algorithm, expected)?;
    how(claims, expected)
}

fn from_whom_and_for_whom(claims: &Claims, expected: &Expected<'_>) -> Result<(), Refusal> {
    if claims.iss != expected.issuer {
        return Err(Refusal::Issuer);
    }
    let (for_us, alone) = match &claims.aud {
        Audience::One(aud) => (aud == expected.client_id, true),
        Audience::Many(all) => (all.iter().any(|aud| aud == expected.client_id), all.len() == 1),
    };
    let made_for_us = match claims.azp.as_deref() {
        Some(azp) => azp == expected.client_id,
        // A token for several must say who asked for it.
        None => alone,
    };
    if for_us && made_for_us { Ok(()) } else { Err(Refusal::Audience) }
}

fn when(claims: &Claims, expected: &Expected<'_>) -> Result<(), Refusal> {
    let now = seconds_of(expected.now);
    let leeway = seconds(LEEWAY);
    // Both are asked for what holds, so that what is not a number passes neither.
    let holds = claims.exp + leeway > now;
    if !holds {
        return Err(Refusal::Expired);
    }
    let begun = [Some(claims.iat), claims.nbf].into_iter().flatten().all(|from| from <= now + leeway);
    if begun { Ok(()) } else { Err(Refusal::NotYet) }
}

fn belongs(claims: &Claims, algorithm: Algorithm, expected: &Expected<'_>) -> Result<(), Refusal> {
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Refusal::Nonce);
    }
    match claims.at_hash.as_deref() {
        Some(hash) if hash != half_hash(expected.access_token, algorithm) => Err(Refusal::AccessToken),
        _ => Ok(()),
    }
}

/// The left half of the access token's hash, by the hash that goes with the token's algorithm.
fn half_hash(token: &str, algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::EdDSA => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
        _ => URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]),
    }
}

fn how(claims: Claims, expected: &Expected<'_>) -> Result<Vouched, Refusal> {
    let now = seconds_of(expected.now);
    let leeway = seconds(LEEWAY);
    let at = claims.auth_time.ok_or(Refusal::Old)?;
    let recent = at <= now + leeway && now - at <= expected.max_age.as_secs_f64() + leeway;
    if !recent {
        return Err(Refusal::Old);
    }
    if !expected.acr.is_empty() && !claims.acr.as_ref().is_some_and(|acr| expected.acr.contains(acr)) {
        return Err(Refusal::Weak);
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 {
        return Err(Refusal::Malformed);
    }
    let said = |name: &str| claims.others.get(name).and_then(Value::as_str);
    let name = ["name", "preferred_username", "email"]
        .into_iter()
        .filter_map(said)
        .find_map(|text| PersonName::parse(text).ok())
        .map_or_else(|| "A colleague without a name".to_owned(), |name| name.as_str().to_owned());
    // Some providers say nothing of it; one that says no is believed.
    let unproven = claims.others.get("email_verified").is_some_and(|said| !is_yes(said));
    let address = said("email").filter(|text| text.len() <= 254 && !unproven).map(str::to_owned);
    let roles = words_in(claims.others.get(expected.roles_claim));
    let before = SignedDuration::try_from_secs_f64(now - at).map_err(|_| Refusal::Old)?;
    let (auth_time, acr) = (expected.now.plus(-before), claims.acr.filter(|acr| acr.len() <= 255));
    Ok(Vouched { subject: claims.sub, name, address, roles, auth_time, acr })
}

/// Whether a claim says yes: as it should, or as a text, which some providers send.
fn is_yes(claim: &Value) -> bool {
    claim.as_bool().or_else(|| Some(claim.as_str()? == "true")).unwrap_or_default()
}

/// A text, or a list of texts.
fn words_in(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            all.iter().take(MOST_ROLES).filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn seconds_of(at: Instant) -> f64 {
    seconds(at.as_micros().div_euclid(1_000_000))
}

/// Whole seconds of our age fit without loss.
fn seconds(whole: i64) -> f64 {
    SignedDuration::from_secs(whole).as_secs_f64()
}

#[cfg(test)]
mod tests;
