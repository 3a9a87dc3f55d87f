//! Tokens in order, and every way in which one is not.

use std::sync::LazyLock;

use jsonwebtoken::{DecodingKey, EncodingKey};
use rcgen::KeyPair;
use serde_json::json;

use super::*;

const NOW: i64 = 1_795_257_720;
const ISSUER: &str = "https://login.moxi.example";

struct Pair {
    signs: EncodingKey,
    key: Key,
}

fn ec() -> Pair {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    Pair {
        signs: EncodingKey::from_ec_der(&pair.serialize_der()),
        key: Key {
            name: Some("a".to_owned()),
            algorithm: Algorithm::ES256,
            key: DecodingKey::from_ec_der(pair.public_key_raw()),
        },
    }
}

fn ed() -> Pair {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    Pair {
        signs: EncodingKey::from_ed_der(&pair.serialize_der()),
        key: Key {
            name: Some("a".to_owned()),
            algorithm: Algorithm::EdDSA,
            key: DecodingKey::from_ed_der(pair.public_key_raw()),
        },
    }
}

static EC: LazyLock<Pair> = LazyLock::new(ec);

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "dana", "aud": "site", "exp": NOW + 300, "iat": NOW, "nonce": "n",
        "auth_time": NOW - 60, "acr": "mfa", "name": "Dana Reyes", "email": "dana@moxi.example",
        "roles": ["reviewer", 7, "other"],
    })
}

fn signed(claims: &Value, pair: &Pair) -> String {
    let mut header = Header::new(pair.key.algorithm);
    header.kid = Some("a".to_owned());
    jsonwebtoken::encode(&header, claims, &pair.signs).expect("a token")
}

fn expected(acr: &[String]) -> Expected<'_> {
    Expected {
        issuer: ISSUER,
        client_id: "site",
        nonce: "n",
        access_token: "access",
        max_age: SignedDuration::from_hours(12),
        acr,
        roles_claim: "roles",
        now: Instant::from_micros(NOW * 1_000_000),
    }
}

fn verdict(token: &str) -> Result<Vouched, Refusal> {
    head(token)?;
    believe(token, &EC.key, &expected(&[]))
}

/// The refusal of a token in which one claim is another, or missing where the value is null.
fn changed(name: &str, value: Value) -> Option<Refusal> {
    let mut claims = claims();
    match value {
        Value::Null => {
            claims.as_object_mut().expect("an object").remove(name);
        }
        value => claims[name] = value,
    }
    verdict(&signed(&claims, &EC)).err()
}

#[test]
fn a_token_in_order_is_believed_by_each_kind_of_key() {
    let ed = ed();
    for pair in [&*EC, &ed] {
        let token = signed(&claims(), pair);
        let dana =
            believe(&token, &pair.key, &expected(&["mfa".to_owned()])).unwrap_or_else(|_| panic!("believed"));
        assert_eq!((dana.subject.as_str(), dana.name.as_str()), ("dana", "Dana Reyes"));
        assert_eq!(dana.roles, ["reviewer", "other"]);
        assert_eq!(dana.auth_time, Instant::from_micros((NOW - 60) * 1_000_000));
        assert_eq!(dana.acr.as_deref(), Some("mfa"));
    }
    let half = URL_SAFE_NO_PAD.encode(&Sha512::digest("access")[..32]);
    let mut with_hash = claims();
    with_hash["at_hash"] = half.into();
    assert!(believe(&signed(&with_hash, &ed), &ed.key, &expected(&[])).is_ok());
}

#[test]
fn each_claim_is_looked_at() {
    for (name, value, refusal) in [
        ("iss", json!("https://login.moxi.example/"), Refusal::Issuer),
        ("iss", json!("https://evil.example"), Refusal::Issuer),
        ("aud", json!("other"), Refusal::Audience),
        ("aud", json!(["other", "another"]), Refusal::Audience),
        ("aud", json!(["site", "other"]), Refusal::Audience),
        ("azp", json!("other"), Refusal::Audience),
        ("exp", json!(NOW - 60), Refusal::Expired),
        ("exp", json!(-1), Refusal::Expired),
        ("iat", json!(NOW + 61), Refusal::NotYet),
        ("nbf", json!(NOW + 61), Refusal::NotYet),
        ("nonce", json!("other"), Refusal::Nonce),
        ("nonce", Value::Null, Refusal::Nonce),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), Refusal::AccessToken),
        ("auth_time", Value::Null, Refusal::Old),
        ("auth_time", json!(NOW - 12 * 3600 - 61), Refusal::Old),
        ("auth_time", json!(NOW + 61), Refusal::Old),
        ("sub", json!(""), Refusal::Malformed),
        ("sub", json!("x".repeat(256)), Refusal::Malformed),
        ("sub", Value::Null, Refusal::Malformed),
        ("exp", Value::Null, Refusal::Malformed),
        ("exp", json!("tomorrow"), Refusal::Malformed),
        ("iat", Value::Null, Refusal::Malformed),
        ("aud", json!({}), Refusal::Malformed),
    ] {
        assert_eq!(changed(name, value.clone()), Some(refusal), "{name}: {value}");
    }
    for (name, value) in [
        ("aud", json!(["site"])),
        ("azp", json!("site")),
        ("exp", json!(NOW - 59)),
        ("exp", json!(1e300)),
        ("iat", json!(NOW + 60)),
        ("at_hash", json!(half_hash("access", Algorithm::ES256))),
        ("roles", json!("reviewer")),
        ("name", json!("\u{202e}evil")),
        ("email", Value::Null),
    ] {
        assert_eq!(changed(name, value.clone()), None, "{name}: {value}");
    }
}

#[test]
fn another_way_of_signing_in_is_too_weak() {
    let token = signed(&claims(), &EC);
    let strong = ["hardware".to_owned()];
    assert_eq!(believe(&token, &EC.key, &expected(&strong)).err(), Some(Refusal::Weak));
}

#[test]
fn a_token_for_several_names_who_asked() {
    let mut both = claims();
    both["aud"] = json!(["site", "other"]);
    both["azp"] = json!("site");
    assert!(verdict(&signed(&both, &EC)).is_ok());
}

#[test]
fn only_three_algorithms_are_accepted() {
    let token = signed(&claims(), &EC);
    let (_, rest) = token.split_once('.').expect("parts");
    for alg in ["none", "None", "HS256", "HS512", "RS512", "ES384", "PS256", ""] {
        let head = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "a" }).to_string());
        assert_eq!(verdict(&format!("{head}.{rest}")).err(), Some(Refusal::Algorithm), "{alg}");
    }
    // The published key, used as if it were a shared secret.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("a".to_owned());
    let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(EC.key.key.as_bytes()));
    assert_eq!(verdict(&forged.expect("a token")).err(), Some(Refusal::Algorithm));
}

#[test]
fn a_token_of_another_key_or_with_a_changed_letter_is_forged() {
    let other = ec();
    assert_eq!(verdict(&signed(&claims(), &other)).err(), Some(Refusal::Signature));
    let token = signed(&claims(), &EC);
    let mut admin = claims();
    admin["roles"] = json!(["owner"]);
    let changed = signed(&admin, &other);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (ours, theirs) = (parts(&token), parts(&changed));
    let mixed = format!("{}.{}.{}", ours[0], theirs[1], ours[2]);
    assert_eq!(verdict(&mixed).err(), Some(Refusal::Signature));
    assert_eq!(verdict(&format!("{}.{}.", ours[0], ours[1])).err(), Some(Refusal::Signature));
}

#[test]
fn what_is_no_token_is_refused() {
    let token = signed(&claims(), &EC);
    let crit = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "kid": "a", "crit": ["b64"] }).to_string());
    let rest = token.split_once('.').expect("parts").1;
    for wrong in
        ["", ".", "..", "a.b.c", "a.b", &format!("{token}.x"), &"x".repeat(70_000), &format!("{crit}.{rest}")]
    {
        assert_eq!(verdict(wrong).err(), Some(Refusal::Malformed), "{:.60}", wrong);
    }
}
