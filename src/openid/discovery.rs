//! What the provider says of itself at its well-known address, and what of it is believed.

use std::net::SocketAddr;

use serde::Deserialize;
use url::Url;

use super::refusal::Refusal;

/// What is read of the description.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Why a description cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It cannot be read as one.
    NoDescription,
    /// It names this issuer and not the one of the settings.
    OtherIssuer(String),
    /// The address of this name is none that may be called.
    Address(&'static str),
    /// It takes no code challenge by SHA-256.
    NoChallenge,
    /// It takes our secret in no way that we know.
    NoSecret,
}

impl From<Unusable> for Refusal {
    fn from(_: Unusable) -> Self {
        Self::Discovery
    }
}

/// The provider's addresses and habits.
#[derive(Debug)]
pub(super) struct Discovery {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) keys: Url,
    /// Whether our secret goes into the request's body instead of its head.
    pub(super) secret_in_body: bool,
    /// Whether the way back always names the issuer.
    pub(super) names_issuer: bool,
    /// Whether it says that it takes a code challenge by SHA-256. Where it says nothing one is sent all the same.
    pub(super) takes_challenge: bool,
    /// The algorithms by which it says it signs; none where it does not say.
    pub(super) signs_by: Option<Vec<String>>,
}

/// The address of the description.
pub(super) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Reads the description. Errs when it is of another issuer, when one of its addresses is none that may be called, or
/// when it offers no way that we go.
pub(super) fn read(body: &[u8], issuer: &str, loopback: Option<SocketAddr>) -> Result<Discovery, Unusable> {
    let found: Document = serde_json::from_slice(body).map_err(|_| Unusable::NoDescription)?;
    if found.issuer != issuer {
        return Err(Unusable::OtherIssuer(found.issuer));
    }
    let addresses = [
        ("authorization_endpoint", &found.authorization_endpoint),
        ("token_endpoint", &found.token_endpoint),
        ("jwks_uri", &found.jwks_uri),
    ];
    if let Some((name, _)) = addresses.into_iter().find(|(_, url)| !may_be_called(url, loopback)) {
        return Err(Unusable::Address(name));
    }
    let challenges = found.code_challenge_methods_supported;
    let takes_challenge = challenges.as_ref().is_some_and(|methods| methods.iter().any(|one| one == "S256"));
    if challenges.is_some() && !takes_challenge {
        return Err(Unusable::NoChallenge);
    }
    Ok(Discovery {
        secret_in_body: secret_in_body(found.token_endpoint_auth_methods_supported.as_deref())?,
        authorization: found.authorization_endpoint,
        token: found.token_endpoint,
        keys: found.jwks_uri,
        names_issuer: found.authorization_response_iss_parameter_supported,
        takes_challenge,
        signs_by: found.id_token_signing_alg_values_supported,
    })
}

fn secret_in_body(methods: Option<&[String]>) -> Result<bool, Unusable> {
    let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|one| one == method));
    match methods {
        None => Ok(false),
        Some(_) if takes("client_secret_basic") => Ok(false),
        Some(_) if takes("client_secret_post") => Ok(true),
        Some(_) => Err(Unusable::NoSecret),
    }
}

/// https and a name, nobody's user info, no fragment; or this machine's own provider and nothing else.
fn may_be_called(url: &Url, loopback: Option<SocketAddr>) -> bool {
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return false;
    }
    match loopback {
        None => url.scheme() == "https" && url.domain().is_some(),
        Some(at) => {
            url.scheme() == "http"
                && url.host_str().is_some_and(|host| {
                    let port = url.port_or_known_default().unwrap_or_default();
                    format!("{host}:{port}").parse() == Ok(at)
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.moxi.example/staff";

    fn document(changes: &[(&str, serde_json::Value)]) -> Vec<u8> {
        let mut document = serde_json::json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.moxi.example/authorize?policy=1",
            "token_endpoint": "https://token.moxi.example/token",
            "jwks_uri": "https://keys.moxi.example/jwks",
        });
        for (name, value) in changes {
            document[*name] = value.clone();
        }
        document.to_string().into_bytes()
    }

    #[test]
    fn a_description_in_order_is_believed() {
        assert_eq!(address(ISSUER), "https://login.moxi.example/staff/.well-known/openid-configuration");
        let plain = read(&document(&[]), ISSUER, None).expect("believed");
        assert!(!plain.secret_in_body && !plain.names_issuer);
        let post = serde_json::json!(["private_key_jwt", "client_secret_post"]);
        let changes = [("token_endpoint_auth_methods_supported", post)];
        assert!(read(&document(&changes), ISSUER, None).expect("believed").secret_in_body);
    }

    #[test]
    fn a_description_that_leads_astray_is_not() {
        let none = serde_json::json!(["none"]);
        let (other, address) = (|issuer: &str| Unusable::OtherIssuer(issuer.to_owned()), Unusable::Address);
        let (token, keys, authorize) = ("token_endpoint", "jwks_uri", "authorization_endpoint");
        let slash = "https://login.moxi.example/staff/";
        let wrong: &[(&str, serde_json::Value, Unusable)] = &[
            ("issuer", slash.into(), other(slash)),
            ("issuer", "https://evil.example/staff".into(), other("https://evil.example/staff")),
            (token, "http://token.moxi.example/token".into(), address(token)),
            (token, "https://127.0.0.1/token".into(), address(token)),
            (token, "https://u:p@token.moxi.example/token".into(), address(token)),
            (keys, "file:///etc/passwd".into(), address(keys)),
            (keys, "https://[::1]/jwks".into(), address(keys)),
            (authorize, "javascript:alert(1)".into(), address(authorize)),
            (authorize, "https://login.moxi.example/#a".into(), address(authorize)),
            ("code_challenge_methods_supported", serde_json::json!(["plain"]), Unusable::NoChallenge),
            ("token_endpoint_auth_methods_supported", none, Unusable::NoSecret),
            (keys, serde_json::Value::Null, Unusable::NoDescription),
        ];
        for (name, value, why) in wrong {
            let read = read(&document(&[(*name, value.clone())]), ISSUER, None);
            assert_eq!(read.err(), Some(why.clone()), "{name}: {value}");
        }
        for body in [&b""[..], b"<html>", b"{}", b"[]", &b"[".repeat(100_000)] {
            assert_eq!(read(body, ISSUER, None).err(), Some(Unusable::NoDescription));
        }
    }

    #[test]
    fn a_provider_on_this_machine_leads_nowhere_else() {
        let at: SocketAddr = "127.0.0.1:9000".parse().expect("an address");
        let local = |token: &str| {
            serde_json::json!({
                "issuer": "http://127.0.0.1:9000",
                "authorization_endpoint": "http://127.0.0.1:9000/authorize",
                "token_endpoint": token,
                "jwks_uri": "http://127.0.0.1:9000/jwks",
            })
            .to_string()
            .into_bytes()
        };
        assert!(read(&local("http://127.0.0.1:9000/token"), "http://127.0.0.1:9000", Some(at)).is_ok());
        for elsewhere in
            ["http://127.0.0.1:9001/token", "http://evil.example:9000/", "https://127.0.0.1:9000/"]
        {
            assert!(read(&local(elsewhere), "http://127.0.0.1:9000", Some(at)).is_err(), "{elsewhere}");
        }
    }
}
