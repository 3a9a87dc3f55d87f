//! What an app with a certificate signs in place of a secret, held against what was uploaded to it.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::certificate::Certificate;
use super::refusal::Refusal;
use crate::simulator::world::live::World;
use crate::simulator::world::tenant::{App, Tenant};

/// The only kind of assertion that is taken.
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Deserialize)]
struct Head {
    alg: String,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    jti: String,
    #[serde(deserialize_with = "seconds")]
    exp: i64,
    #[serde(default, deserialize_with = "some_seconds")]
    nbf: Option<i64>,
}

/// A time as the standard for such texts allows it: a number that may have a fraction.
fn seconds<'de, D: Deserializer<'de>>(text: D) -> Result<i64, D::Error> {
    f64::deserialize(text).map(|seconds| seconds.floor() as i64)
}

fn some_seconds<'de, D: Deserializer<'de>>(text: D) -> Result<Option<i64>, D::Error> {
    seconds(text).map(Some)
}

/// An assertion taken apart.
struct Assertion<'a> {
    head: Head,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl Assertion<'_> {
    fn read(text: &str) -> Option<Assertion<'_>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Assertion { head: part(head)?, claims: part(claims)?, signed, signature })
    }

    /// The digest by which the certificate is named, and whether one is the named one.
    fn names(&self, certificate: &Certificate) -> bool {
        // The standard has no padding, some clients do, and the real service takes both.
        let same = |named: &Option<String>, own: &str| {
            named.as_deref().is_some_and(|named| named.trim_end_matches('=') == own)
        };
        same(&self.head.x5t_s256, &certificate.sha256) || same(&self.head.x5t, &certificate.sha1)
    }

    fn is_signed_by(&self, certificate: &Certificate) -> bool {
        let rule: &'static RsaParameters = match self.head.alg.as_str() {
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        let key = UnparsedPublicKey::new(rule, &certificate.public);
        key.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

fn part<T: DeserializeOwned>(coded: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(coded.trim_end_matches('=')).ok()?).ok()
}

/// Checks it in the order in which the real service finds fault.
pub(crate) fn check(
    (kind, text): (Option<&str>, &str),
    (tenant, name, app): (&Tenant, &str, &App),
    world: &World,
) -> Result<(), Refusal> {
    let refuse = |code, text: String| Err(Refusal::new(401, "invalid_client", code, text));
    let id = &app.client_id;
    let Some(assertion) = Assertion::read(text).filter(|_| kind == Some(KIND)) else {
        return refuse(50027, "JWT token is invalid or malformed.".into());
    };
    let claims = &assertion.claims;
    if !claims.iss.eq_ignore_ascii_case(id) || !claims.sub.eq_ignore_ascii_case(id) {
        let text = "The client assertion application identifier doesn't match 'client_id' parameter.";
        return refuse(700_021, text.into());
    }
    if ![name, tenant.id.as_str()].iter().any(|tenant| is_for(&claims.aud, tenant)) {
        let text = "Client assertion audience claim does not match Realm issuer. Review the documentation at \
                    https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .";
        return refuse(700_023, text.into());
    }
    let now = (world.now)().as_second();
    if now >= claims.exp || claims.nbf.is_some_and(|from| now < from) {
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {}, expiry \
             time of assertion {}.",
            claims.nbf.unwrap_or_default(),
            claims.exp
        );
        return refuse(700_024, text);
    }
    check_signature(&assertion, app, world)?;
    // One app's names are nothing to another.
    if claims.jti.is_empty() || !world.is_first(&format!("{id} {}", claims.jti), claims.exp) {
        return refuse(50013, "The assertion was used before, or has no identifier.".into());
    }
    Ok(())
}

/// The token endpoint of this tenant, or its issuer.
fn is_for(audience: &str, tenant: &str) -> bool {
    let base = format!("https://login.microsoftonline.com/{tenant}");
    [format!("{base}/oauth2/v2.0/token"), format!("{base}/v2.0")]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(audience))
}

fn check_signature(assertion: &Assertion<'_>, app: &App, world: &World) -> Result<(), Refusal> {
    let refuse = |code, text: String| Err(Refusal::new(401, "invalid_client", code, text));
    let id = &app.client_id;
    let see = format!(
        "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id \
         '{id}'."
    );
    let held = world.certificates(id);
    let Some(certificate) = held.iter().find(|held| assertion.names(held)) else {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. \
             [Reason - The key was not found., {see}]"
        );
        return refuse(700_027, text);
    };
    let used = &certificate.thumbprint;
    if !assertion.is_signed_by(certificate) {
        let text = format!(
            "Client assertion contains an invalid signature. [Reason - The provided signature value did not match \
             the expected signature value., Thumbprint of key used by client: '{used}', {see}]"
        );
        return refuse(700_027, text);
    }
    let ends = app.certificates_end.unwrap_or(certificate.ends);
    if ends <= (world.now)() {
        let text = format!(
            "Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key \
             used by client: '{used}', Found key 'Start={}, End={ends}', {see}]",
            certificate.starts
        );
        return refuse(700_027, text);
    }
    if !app.script.certificates_allowed {
        let text = "Invalid certificate - subject name in certificate isn't authorized. SubjectNames/SubjectAlternativeNames \
                    (up to 10) in token certificate are: CN=MoxiEngage.";
        return refuse(700_030, text.into());
    }
    Ok(())
}
