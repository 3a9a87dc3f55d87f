//! The provider itself: description, page, tokens, keys.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::claims::{Facts, claims};
use super::lies::Lie;
use super::page::page;
use super::people::{Colleague, PEOPLE, colleague};
use super::signing::{self, Key};
use crate::simulator::addresses::OpenIdAddress;
use crate::simulator::identity::{Ids, stable_secret};
use crate::simulator::listen;
use crate::simulator::now::Now;
use crate::simulator::settings::StartError;

const CLIENT: &str = "moxi-staff";
/// The one path on this machine that people are sent back to.
const RETURN: &str = "/sign-in/return";
/// Where tokens and keys are once they have moved.
const MOVED: &str = "/moved";

/// A running provider. Clones are the same one.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    secret: String,
    now: Now,
    ids: Ids,
    state: Mutex<Changing>,
}

struct Changing {
    lies: Vec<Lie>,
    keys: Vec<Key>,
    /// What each code that was given out and not used stands for.
    codes: BTreeMap<String, Granted>,
    /// Paths that were asked for, oldest first.
    asked: Vec<String>,
}

#[derive(Clone)]
struct Granted {
    account: &'static Colleague,
    nonce: String,
    challenge: String,
    redirect: String,
}

/// Opens the socket and answers from now on.
pub(crate) async fn start(
    at: SocketAddr,
    now: Now,
    seed: &[u8],
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Provider, StartError> {
    if !at.ip().is_loopback() {
        return Err(StartError::NotLoopback(at));
    }
    let (listener, address) = listen::bind(at).await?;
    let provider = Provider(Arc::new(Inner {
        issuer: format!("http://{address}"),
        secret: stable_secret("staff sign-in"),
        now,
        ids: Ids::new(&[seed, b"openid"].concat()),
        state: Mutex::new(Changing {
            lies: Vec::new(),
            keys: vec![Key::new("key-1")?],
            codes: BTreeMap::new(),
            asked: Vec::new(),
        }),
    }));
    let router = provider.router();
    let stop = stop.clone();
    #[expect(clippy::disallowed_methods, reason = "only this machine's own tests and demo speak to it")]
    let serve = async move {
        tokio::select! {
            _ = axum::serve(listener, router) => {}
            () = stop.cancelled() => {}
        }
    };
    tasks.spawn(serve);
    Ok(provider)
}

impl Provider {
    pub(crate) fn address(&self) -> OpenIdAddress {
        OpenIdAddress {
            issuer: self.0.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: self.0.secret.clone(),
        }
    }

    /// Its issuer: `http://127.0.0.1:PORT`.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The id under which it knows the staff site.
    pub fn client_id(&self) -> &'static str {
        CLIENT
    }

    /// The secret that goes with it.
    pub fn client_secret(&self) -> &str {
        &self.0.secret
    }

    /// The people it knows.
    pub fn people(&self) -> &'static [Colleague] {
        PEOPLE
    }

    /// From now on it does these things wrong, and no others.
    pub fn lies(&self, lies: &[Lie]) {
        self.state().lies = lies.to_vec();
    }

    /// Signs with a new key from now on and publishes only that one.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn changes_keys(&self) -> Result<(), StartError> {
        let mut state = self.state();
        let key = Key::new(&format!("key-{}", self.0.ids.short()))?;
        state.keys = vec![key];
        Ok(())
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state().asked.iter().filter(|asked| *asked == path).count()
    }

    /// Where one of its people is led who comes with the address that a site sent them to and presses their name.
    ///
    /// # Errors
    /// With what is wrong with the address, in words.
    pub fn presses(&self, asked: &str, account: &str) -> Result<url::Url, String> {
        let asked = url::Url::parse(asked).map_err(|error| error.to_string())?;
        let mut asked: BTreeMap<String, String> = asked.query_pairs().into_owned().collect();
        asked.insert("account".to_owned(), account.to_owned());
        let back = self.led_back(&asked)?;
        url::Url::parse(&back).map_err(|error| error.to_string())
    }

    fn state(&self) -> MutexGuard<'_, Changing> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn does(&self, lie: Lie) -> bool {
        self.state().lies.contains(&lie)
    }

    /// The address that a press leads back to, with a code or with why there is none.
    fn led_back(&self, asked: &BTreeMap<String, String>) -> Result<String, &'static str> {
        let known = BTreeMap::from(understood(asked)?);
        let state = if self.does(Lie::OtherState) { "of-another-sign-in" } else { known["state"] };
        let named = if self.does(Lie::OtherIssuerOnTheWayBack) {
            "https://login.evil.example"
        } else {
            self.issuer()
        };
        let account = asked.get("account").and_then(|account| colleague(account));
        let outcome = match account.filter(|_| !self.does(Lie::Declines)) {
            None => ("error", "access_denied".to_owned()),
            Some(account) => {
                let code = format!("code-{}", self.0.ids.short());
                let granted = Granted {
                    account,
                    nonce: known["nonce"].to_owned(),
                    challenge: known["code_challenge"].to_owned(),
                    redirect: known["redirect_uri"].to_owned(),
                };
                self.state().codes.insert(code.clone(), granted);
                ("code", code)
            }
        };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(outcome.0, &outcome.1)
            .append_pair("state", state)
            .append_pair("iss", named)
            .finish();
        Ok(format!("{}?{query}", known["redirect_uri"]))
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/authorize", get(authorize))
            .route("/authorize/as", get(authorize_as))
            .route("/token", post(token))
            .route("/jwks", get(keys))
            .route(&format!("{MOVED}/token"), post(token))
            .route(&format!("{MOVED}/jwks"), get(keys))
            .layer(middleware::from_fn_with_state(self.clone(), watch))
            .with_state(self.clone())
    }

    fn token(&self, granted: &Granted, access_token: &str) -> String {
        let state = self.state();
        let facts = Facts {
            issuer: &self.0.issuer,
            client_id: CLIENT,
            nonce: &granted.nonce,
            access_token,
            colleague: granted.account,
            now: (self.0.now)().as_second(),
        };
        let claims = claims(&facts, &state.lies);
        let key = &state.keys[0];
        let does = |lie| state.lies.contains(&lie);
        if does(Lie::AlgNone) {
            signing::unsigned(&claims)
        } else if does(Lie::HmacWithSecret) {
            signing::with_secret(&claims, &key.name, self.0.secret.as_bytes())
        } else if does(Lie::HmacWithPublicKey) {
            signing::with_secret(&claims, &key.name, &key.public)
        } else if does(Lie::OtherKey) {
            Key::new("other").map(|other| other.sign(&claims, Some(&key.name))).unwrap_or_default()
        } else if does(Lie::UnknownKid) {
            key.sign(&claims, Some("key-of-nobody"))
        } else if does(Lie::NoKid) || does(Lie::NoKidAndTwoKeys) {
            key.sign(&claims, None)
        } else {
            key.sign(&claims, Some(&key.name))
        }
    }
}

async fn watch(State(provider): State<Provider>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    provider.state().asked.push(path.clone());
    let gone =
        if provider.does(Lie::Moved) { path == "/token" || path == "/jwks" } else { path.starts_with(MOVED) };
    if gone {
        return StatusCode::NOT_FOUND.into_response();
    }
    if provider.does(Lie::Down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if provider.does(Lie::Silent) {
        std::future::pending::<()>().await;
    }
    next.run(request).await
}

async fn description(State(provider): State<Provider>) -> Response {
    if provider.does(Lie::DescribedByAPage) {
        return Html("<h1>Welcome</h1>").into_response();
    }
    let issuer = provider.issuer();
    let named =
        if provider.does(Lie::OtherIssuerInDescription) { "https://login.evil.example" } else { issuer };
    let tokens = if provider.does(Lie::TokensElsewhere) { "https://token.evil.example" } else { issuer };
    let moved = if provider.does(Lie::Moved) { MOVED } else { "" };
    let mut description = json!({
        "issuer": named,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{tokens}{moved}/token"),
        "jwks_uri": format!("{issuer}{moved}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if provider.does(Lie::PlainChallenges) {
        description["code_challenge_methods_supported"] = json!(["plain"]);
    }
    if provider.does(Lie::NoWordOfChallenges) {
        description["code_challenge_methods_supported"].take();
    }
    Json(description).into_response()
}

async fn keys(State(provider): State<Provider>) -> Response {
    if provider.does(Lie::HugeKeys) {
        return endless();
    }
    let mut keys: Vec<Value> = provider.state().keys.iter().map(Key::published).collect();
    if provider.does(Lie::NoKidAndTwoKeys) {
        keys.extend(Key::new("second").map(|key| key.published()));
    }
    if provider.does(Lie::KeysForEncryption) {
        keys.iter_mut().for_each(|key| key["use"] = "enc".into());
    }
    Json(json!({ "keys": keys })).into_response()
}

type Asked = Query<BTreeMap<String, String>>;

/// What a sign-in brings along; the words for what is missing or wrong with it, for whoever builds a client.
fn understood(asked: &BTreeMap<String, String>) -> Result<[(&'static str, &str); 4], &'static str> {
    let value = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let redirect = value("redirect_uri");
    let local = url::Url::parse(redirect).is_ok_and(|url| {
        let named = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let loopback =
            named == "localhost" || named.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        loopback && url.path() == RETURN && url.query().is_none() && url.fragment().is_none()
    });
    let scopes: Vec<&str> = value("scope").split(' ').collect();
    match () {
        () if value("client_id") != CLIENT => Err("unknown client_id"),
        () if !local => Err("redirect_uri is not the staff site's"),
        () if value("response_type") != "code" => Err("response_type must be code"),
        () if !scopes.contains(&"openid") => Err("scope must hold openid"),
        () if value("code_challenge_method") != "S256" || value("code_challenge").len() != 43 => {
            Err("PKCE with S256 is required")
        }
        () if value("state").is_empty() || value("nonce").is_empty() => Err("state and nonce are required"),
        () => Ok([
            ("redirect_uri", redirect),
            ("state", value("state")),
            ("nonce", value("nonce")),
            ("code_challenge", value("code_challenge")),
        ]),
    }
}

async fn authorize(Query(asked): Asked) -> Response {
    match understood(&asked) {
        Err(wrong) => (StatusCode::BAD_REQUEST, wrong).into_response(),
        Ok(hidden) => {
            let mut all = hidden.to_vec();
            let fixed = [
                ("client_id", CLIENT),
                ("response_type", "code"),
                ("scope", "openid"),
                ("code_challenge_method", "S256"),
            ];
            all.extend(fixed);
            Html(page(&all)).into_response()
        }
    }
}

async fn authorize_as(State(provider): State<Provider>, Query(asked): Asked) -> Response {
    match provider.led_back(&asked) {
        Err(wrong) => (StatusCode::BAD_REQUEST, wrong).into_response(),
        Ok(back) => (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response(),
    }
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    if provider.does(Lie::TokenRedirects) {
        return (StatusCode::FOUND, [(header::LOCATION, "https://token.evil.example/")]).into_response();
    }
    if provider.does(Lie::HugeAnswer) {
        return endless();
    }
    let refused = |status, error: &str| (status, Json(json!({ "error": error }))).into_response();
    let expected =
        format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{}", form_encoded(&provider.0.secret))));
    let sent = headers.get(header::AUTHORIZATION).and_then(|line| line.to_str().ok());
    if sent != Some(expected.as_str()) || provider.does(Lie::ClientNotKnown) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    // A code is good once, whoever brings it.
    let granted = provider.state().codes.remove(value("code"));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(value("code_verifier")));
    let fits =
        |granted: &Granted| granted.challenge == challenge && granted.redirect == value("redirect_uri");
    let Some(granted) = granted.filter(fits).filter(|_| value("grant_type") == "authorization_code") else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let access_token = format!("access-{}", provider.0.ids.short());
    let mut answer = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 300 });
    if !provider.does(Lie::NoToken) {
        answer["id_token"] = provider.token(&granted, &access_token).into();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// As the OAuth rules want a secret in the head of a request.
fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A body without an end.
fn endless() -> Response {
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    let chunks = futures_util::stream::repeat_with(move || Ok::<_, std::convert::Infallible>(chunk.clone()));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
}
