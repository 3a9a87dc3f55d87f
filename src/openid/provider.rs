//! The provider as we know it. Its description and keys are fetched when they are first needed and kept for an hour; a
//! token signed by a key that is not known has the keys fetched again, at most once a minute. A sign-in that fails of
//! what the provider sent has the next one fetch the description again, as seldom: the provider may have moved.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use secrecy::ExposeSecret;

use super::{
    discovery::{self, Discovery},
    exchange::{Tokens, exchange},
    kept::Kept,
    keys::{self, Key},
    login::Login,
    look::{Looked, looked},
    refusal::Refusal,
    settings::Settings,
    token::{self, Expected, Vouched},
    way::{To, Way},
};
use crate::{
    clock::Clock,
    domain::access_rules::FRESH,
    net::{Loopback, provider::ProviderClient},
};

const KEPT: SignedDuration = SignedDuration::from_hours(1);
const BETWEEN_FETCHES: SignedDuration = SignedDuration::from_mins(1);

/// What came back with a person.
pub struct Back<'a> {
    /// The code.
    pub code: &'a str,
    /// The issuer, where the way back names one.
    pub issuer: Option<&'a str>,
}

/// The company's sign-in. Cheap to clone; clones share what is known of the provider.
#[derive(Clone)]
pub struct OpenId(Arc<Inner>);

struct Inner {
    settings: Settings,
    way: Way,
    loopback: Option<SocketAddr>,
    clock: Clock,
    described: Kept<Discovery>,
    signing: Kept<Vec<Key>>,
    /// Whether a sign-in failed since the description was fetched.
    doubted: AtomicBool,
}

impl OpenId {
    /// A provider with a name in the net, over https.
    pub fn in_the_net(settings: Settings, client: ProviderClient, clock: Clock) -> Self {
        Self::new(settings, To::Net(client), None, clock)
    }

    /// A provider on this machine, over http: the demo's, and tests'.
    pub fn on_this_machine(settings: Settings, client: Loopback, clock: Clock) -> Self {
        let at = client.address();
        Self::new(settings, To::Loopback(client), Some(at), clock)
    }

    fn new(settings: Settings, to: To, loopback: Option<SocketAddr>, clock: Clock) -> Self {
        let way = Way { to, patience: settings.patience };
        Self(Arc::new(Inner {
            settings,
            way,
            loopback,
            clock,
            described: Kept::default(),
            signing: Kept::default(),
            doubted: AtomicBool::new(false),
        }))
    }

    /// The provider's issuer.
    pub fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    /// Where the browser goes to sign in; with `anew` the provider is asked for a sign-in of now, whatever it remembers.
    /// The time of the sign-in that comes back decides, not what was asked. Errs when the provider's description cannot be had or is not believed.
    pub async fn begin(&self, login: &Login, anew: bool) -> Result<String, Refusal> {
        let Settings { client_id, redirect_uri, scopes, max_age, acr, .. } = &self.0.settings;
        let discovery = self.0.believed().await?;
        let max_age = if anew { FRESH.as_secs() } else { max_age.as_secs() };
        let redirect = RedirectUrl::new(redirect_uri.clone()).map_err(|_| Refusal::NotKnown)?;
        let client = BasicClient::new(ClientId::new(client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(discovery.authorization.clone()))
            .set_redirect_uri(redirect);
        let state = login.state.clone();
        let verifier = PkceCodeVerifier::new(login.verifier.clone());
        let mut asked = client
            .authorize_url(|| CsrfToken::new(state))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", login.nonce.clone())
            .add_extra_param("max_age", max_age.to_string());
        if anew {
            asked = asked.add_extra_param("prompt", "login");
        }
        if !acr.is_empty() {
            asked = asked.add_extra_param("acr_values", acr.join(" "));
        }
        Ok(asked.url().0.into())
    }

    /// Whom the provider vouches for, after they came back from it. Errs when anything about it is not in order.
    pub async fn vouch(&self, login: &Login, back: &Back<'_>) -> Result<Vouched, Refusal> {
        let discovery = self.0.discovery(KEPT).await?;
        let vouched = self.0.vouched(&discovery, login, back).await;
        if vouched.is_err() {
            self.0.doubted.store(true, Ordering::SeqCst);
        }
        vouched
    }

    /// What the provider shows of itself now, for whoever looks over the installation; nothing of it is kept.
    pub async fn look(&self) -> Looked {
        let issuer = &self.0.settings.issuer;
        let described = self.0.fetched(&discovery::address(issuer), Refusal::Discovery).await;
        looked(described, issuer, self.0.loopback, async |keys| self.0.fetched(keys, Refusal::Key).await)
            .await
    }
}

impl Inner {
    async fn vouched(
        self: &Arc<Self>,
        discovery: &Discovery,
        login: &Login,
        back: &Back<'_>,
    ) -> Result<Vouched, Refusal> {
        match back.issuer {
            Some(issuer) if issuer != self.settings.issuer => return Err(Refusal::Issuer),
            None if discovery.names_issuer => return Err(Refusal::Issuer),
            _ => {}
        }
        let tokens = exchange(&self.way, &self.settings, discovery, login, back.code).await?;
        self.believe(discovery, login, &tokens).await
    }

    async fn believe(
        self: &Arc<Self>,
        discovery: &Discovery,
        login: &Login,
        tokens: &Tokens,
    ) -> Result<Vouched, Refusal> {
        let id_token = tokens.id_token.expose_secret();
        let head = token::head(id_token)?;
        let mut keys = self.keys(discovery, KEPT).await?;
        if token::key_of(&head, &keys).is_none() {
            keys = self.keys(discovery, BETWEEN_FETCHES).await?;
        }
        let key = token::key_of(&head, &keys).ok_or(Refusal::Key)?;
        let settings = &self.settings;
        let expected = Expected {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            nonce: &login.nonce,
            access_token: tokens.access_token.expose_secret(),
            max_age: settings.max_age,
            acr: &settings.acr,
            roles_claim: &settings.roles_claim,
            now: self.clock.now(),
        };
        token::believe(id_token, key, &expected)
    }

    /// The description, anew where the last sign-in gave reason to doubt it. If it cannot be had now, what is known of it
    /// counts on.
    async fn believed(self: &Arc<Self>) -> Result<Arc<Discovery>, Refusal> {
        if self.doubted.load(Ordering::SeqCst)
            && let Ok(fresh) = self.discovery(BETWEEN_FETCHES).await
        {
            return Ok(fresh);
        }
        self.discovery(KEPT).await
    }

    /// The description, no older than this.
    async fn discovery(self: &Arc<Self>, age: SignedDuration) -> Result<Arc<Discovery>, Refusal> {
        let own = self.clone();
        let fetch = async move {
            let issuer = &own.settings.issuer;
            let body = own.fetched(&discovery::address(issuer), Refusal::Discovery).await?;
            let read = discovery::read(&body, issuer, own.loopback)?;
            own.doubted.store(false, Ordering::SeqCst);
            Ok::<_, Refusal>(read)
        };
        self.described.no_older(age, &self.clock, fetch).await
    }

    /// The keys, no older than this.
    async fn keys(
        self: &Arc<Self>,
        discovery: &Discovery,
        age: SignedDuration,
    ) -> Result<Arc<Vec<Key>>, Refusal> {
        let (own, from) = (self.clone(), discovery.keys.clone());
        let fetch = async move { keys::read(&own.fetched(from.as_str(), Refusal::Key).await?) };
        self.signing.no_older(age, &self.clock, fetch).await
    }

    async fn fetched(&self, address: &str, otherwise: Refusal) -> Result<Vec<u8>, Refusal> {
        let call = Request::get(address).header(header::ACCEPT, "application/json").body(Vec::new());
        let answer = self.way.send(call.map_err(|_| otherwise.clone())?).await.map_err(Refusal::Away)?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Refusal::Busy)
            }
            _ => Err(otherwise),
        }
    }
}
