//! Who is signed in. The store keeps the sessions; this is what the pages and guards know of them.
//!
//! A session exists only after sign-in (or for one line of news before it). It ends after a time without a request
//! and after a longer one in any case: 30 minutes and 12 hours on the portal, less on the staff site. Its id is
//! renewed at sign-in. The time of the last request is written at most once a minute.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time},
    session::Id,
};

use crate::{
    clock::Clock,
    domain::{
        browser::Browser,
        ids::{BrokerageId, PersonId},
        instant::Instant,
        scope::Scope,
    },
    store::{SESSION_IDLE, SessionKey},
};

use super::{error::PageError, front::Front, layout::Layout, render::see_other, urls};

/// The portal's session cookie.
pub const PORTAL_COOKIE: &str = "__Host-portal";

const WRITE_EVERY: SignedDuration = SignedDuration::from_mins(1);
const WHO: &str = "who";
const SEEN: &str = "seen";
const FLASH: &str = "flash";
const TROUBLE: &str = "trouble";

/// What a site's session says of its owner.
pub(super) trait Who: Serialize + DeserializeOwned + Send + Sync {
    /// How long it lives without a request.
    const IDLE: SignedDuration;
    /// How long it lives in any case.
    const ABSOLUTE: SignedDuration;

    /// When its owner signed in.
    fn since(&self) -> Instant;
}

#[derive(Serialize, Deserialize)]
struct Admin {
    brokerage: BrokerageId,
    person: PersonId,
    since: Instant,
    /// The browser in which it is, in words from a closed list; empty when it is none of the usual.
    #[serde(default)]
    browser: String,
}

impl Who for Admin {
    const IDLE: SignedDuration = SESSION_IDLE;
    const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);

    fn since(&self) -> Instant {
        self.since
    }
}

/// The layer that reads and writes the portal's sessions around every page.
pub fn layer<S: SessionStore + Clone>(store: S) -> SessionManagerLayer<S> {
    layer_named(store, PORTAL_COOKIE, SESSION_IDLE)
}

/// The same under another cookie, for another site. The cookie is sent along when another site links to ours, for a
/// sign-in that comes back from its provider is such a link; forms have guards of their own.
pub(super) fn layer_named<S: SessionStore + Clone>(
    store: S,
    cookie: &'static str,
    idle: SignedDuration,
) -> SessionManagerLayer<S> {
    SessionManagerLayer::new(store)
        .with_name(cookie)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(idle.as_secs())))
}

/// Signs a person in: whatever the session held is dropped and its id is renewed, so that an id somebody planted
/// before is worth nothing. `headers` are those of the request: the session notes which browser it is in, so that its
/// owner knows it again in the list of their sessions. Errs when the store is away.
pub async fn sign_in(
    session: &Session,
    scope: &Scope,
    clock: &Clock,
    headers: &HeaderMap,
) -> Result<(), PageError> {
    let browser = Browser::from_user_agent(user_agent(headers));
    let admin = Admin {
        brokerage: scope.brokerage.clone(),
        person: scope.person.clone(),
        since: clock.now(),
        browser: browser.map(|browser| browser.to_string()).unwrap_or_default(),
    };
    begin(session, admin).await
}

/// A browser's name stands within so many letters; the rest is not looked at.
const USER_AGENT: usize = 512;

/// What a browser says of itself, not longer than need be.
pub(super) fn user_agent(headers: &HeaderMap) -> &str {
    let said = headers.get(header::USER_AGENT).and_then(|line| line.to_str().ok()).unwrap_or_default();
    // What headers may hold is ASCII here, so any place is between two letters.
    said.get(..USER_AGENT).unwrap_or(said)
}

/// The same for any site.
pub(super) async fn begin<W: Who>(session: &Session, who: W) -> Result<(), PageError> {
    if session.id().is_some() {
        session.clear().await;
        session.cycle_id().await.map_err(away)?;
    }
    session.insert(SEEN, who.since()).await.map_err(away)?;
    session.insert(WHO, who).await.map_err(away)
}

/// What somebody reads who has signed out.
pub(in crate::http) const SIGNED_OUT_LINE: &str = "You are signed out.";

/// Ends the session and leads to the page that says so; the browser is told to forget what it kept of our pages. The
/// page has an address of its own: a line that is left for the next page would begin a session anew.
pub async fn sign_out(session: &Session) -> Result<Response, PageError> {
    session.flush().await.map_err(away)?;
    let mut response = see_other(urls::SIGNED_OUT);
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// Leaves one line for the next page to show, such as "Saved.". Errs when the store is away.
pub async fn leave_line(session: &Session, line: &str) -> Result<(), PageError> {
    session.insert(FLASH, line).await.map_err(away)
}

/// Leaves one line for the next page to show: why something was not done, where its own page is a list. Errs when the
/// store is away.
pub async fn leave_trouble(session: &Session, line: &str) -> Result<(), PageError> {
    session.insert(TROUBLE, line).await.map_err(away)
}

/// Leads from a page that has nothing to show to another one. What the layout took to say goes along: nobody saw it yet.
/// Errs when the store is away.
pub async fn lead_on(session: &Session, layout: &Layout, to: &str) -> Result<Response, PageError> {
    if let Some(line) = &layout.flash {
        leave_line(session, line).await?;
    }
    if let Some(line) = &layout.trouble {
        leave_trouble(session, line).await?;
    }
    Ok(see_other(to))
}

/// Takes the line that was left, if any.
pub(super) async fn take_line(session: Option<&Session>) -> Option<String> {
    take(session, FLASH).await
}

/// Takes what was left of something that was not done, if anything.
pub(super) async fn take_trouble(session: Option<&Session>) -> Option<String> {
    take(session, TROUBLE).await
}

async fn take(session: Option<&Session>, name: &str) -> Option<String> {
    let session = session?;
    // Looking first keeps a page view from being a write.
    session.id()?;
    session.get::<String>(name).await.ok().flatten()?;
    session.remove::<String>(name).await.ok().flatten()
}

/// The id that forms are bound to, while somebody is signed in. Errs when the store is away.
pub(super) async fn signed_in_id(session: Option<&Session>) -> Result<Option<[u8; 16]>, PageError> {
    let Some(session) = session.filter(|session| session.id().is_some()) else { return Ok(None) };
    let who: Option<serde_json::Value> = session.get(WHO).await.map_err(away)?;
    Ok(who.and_then(|_| session.id()).map(|id| id.0.to_be_bytes()))
}

/// What the head of a page says of whoever is signed in, where the site's sessions keep it.
#[derive(Default, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

/// What the head of a page says of whoever is signed in; of nobody, nothing.
pub(super) async fn head(session: Option<&Session>) -> Head {
    let Some(session) = session.filter(|session| session.id().is_some()) else { return Head::default() };
    session.get::<Head>(WHO).await.ok().flatten().unwrap_or_default()
}

/// The key by which its owner names this session. Errs when nobody is signed in or the store is away.
pub(in crate::http) fn key(session: &Session) -> Result<SessionKey, PageError> {
    let id = session.id().ok_or_else(|| PageError::SignedOut(urls::OVERVIEW.to_owned()))?;
    Ok(SessionKey::of(&id))
}

/// A digest of the session's id, by which something is bound to this session and to no later one. Errs when nobody
/// is signed in or the store is away.
pub(in crate::http) async fn digest(session: &Session) -> Result<[u8; 32], PageError> {
    let id = signed_in_id(Some(session)).await?;
    let id = id.ok_or_else(|| PageError::SignedOut(urls::OVERVIEW.to_owned()))?;
    Ok(Sha256::new().chain_update(b"moxi session digest 1").chain_update(id).finalize().into())
}

/// Whether a request shows that somebody is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A person opened or sent something.
    Person,
    /// A page asks by itself; it does so whether anybody looks or not.
    Page,
}

/// Who is signed in, if anybody; ends a session whose time is over.
pub(super) async fn who<W: Who>(parts: &Parts, by: By) -> Result<Option<W>, PageError> {
    let (Some(session), Some(front)) = (parts.extensions.get::<Session>(), parts.extensions.get::<Front>())
    else {
        return Ok(None);
    };
    if session.id().is_none() {
        return Ok(None);
    }
    let Some(who) = session.get::<W>(WHO).await.map_err(away)? else { return Ok(None) };
    let now = front.clock.now();
    let seen = session.get::<Instant>(SEEN).await.map_err(away)?.unwrap_or(who.since());
    let idle = now.since(seen);
    if idle > W::IDLE || now.since(who.since()) > W::ABSOLUTE {
        session.flush().await.map_err(away)?;
        return Ok(None);
    }
    if by == By::Person && idle >= WRITE_EVERY {
        session.insert(SEEN, now).await.map_err(away)?;
    }
    Ok(Some(who))
}

async fn scope(parts: &Parts, by: By) -> Result<Option<Scope>, PageError> {
    let admin: Option<Admin> = who(parts, by).await?;
    Ok(admin.map(|admin| Scope { brokerage: admin.brokerage, person: admin.person }))
}

impl<S: Send + Sync> FromRequestParts<S> for Scope {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        match scope(parts, By::Person).await? {
            Some(scope) => Ok(scope),
            // What a form wanted to change is no page to come back to.
            None if parts.method != Method::GET => Err(PageError::SignedOut(urls::OVERVIEW.to_owned())),
            None => Err(PageError::SignedOut(here(parts).to_owned())),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Scope {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, PageError> {
        scope(parts, By::Person).await
    }
}

/// When the signed-in person last proved their address by a code.
pub struct ProvenAt(pub Instant);

impl<S: Send + Sync> FromRequestParts<S> for ProvenAt {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let admin: Option<Admin> = who(parts, By::Person).await?;
        admin.map(|admin| Self(admin.since)).ok_or_else(|| PageError::SignedOut(urls::OVERVIEW.to_owned()))
    }
}

/// Who watches by a stream that a page opens by itself: it does not keep the session awake.
pub struct Watcher {
    /// Who is signed in.
    pub scope: Scope,
    /// The session, whose end ends the stream.
    pub session: Id,
}

impl<S: Send + Sync> FromRequestParts<S> for Watcher {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let signed_out = || PageError::SignedOut(urls::OVERVIEW.to_owned());
        let scope = scope(parts, By::Page).await?.ok_or_else(signed_out)?;
        let session = parts.extensions.get::<Session>().and_then(Session::id).ok_or_else(signed_out)?;
        Ok(Self { scope, session })
    }
}

/// Path and query of a request.
pub(super) fn here(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or(urls::HOME, |here| here.as_str())
}

pub(super) fn away(error: tower_sessions::session::Error) -> PageError {
    tracing::error!(%error, "a session could not be read or written");
    PageError::Unavailable
}
