//! Who is signed in on the staff site: a session of its own kind, with shorter times than the portal's.
//!
//! Name and roles are read anew for each request, so a role that somebody lost is lost at once in every session.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, Method, request::Parts},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tower_sessions::{Session, SessionManagerLayer, SessionStore, session::Id};

use crate::{
    actions::staff_sign_in::SignedIn,
    app::App,
    clock::Clock,
    domain::{browser::Browser, ids::StaffId, instant::Instant, refused::Refused, staff::StaffScope},
    store::STAFF_SESSION_IDLE,
};

use super::{error::PageError, form, session, urls};

/// The staff site's session cookie.
pub const STAFF_COOKIE: &str = "__Host-staff";

#[derive(Serialize, Deserialize)]
struct Staff {
    staff: StaffId,
    /// For the head of each page, with the roles for its menu; what counts is read from the row.
    name: String,
    #[serde(default)]
    roles: Vec<String>,
    since: Instant,
    /// When and how they signed in at the provider, for deeds that ask for a fresh or a stronger sign-in.
    auth_time: Option<Instant>,
    acr: Option<String>,
    /// The browser in which it is, in words from a closed list; empty when it is none of the usual.
    #[serde(default)]
    browser: String,
}

impl session::Who for Staff {
    const IDLE: SignedDuration = STAFF_SESSION_IDLE;
    const ABSOLUTE: SignedDuration = SignedDuration::from_hours(8);

    fn since(&self) -> Instant {
        self.since
    }
}

/// The layer that reads and writes the staff site's sessions around every page.
pub fn layer<S: SessionStore + Clone>(store: S) -> SessionManagerLayer<S> {
    session::layer_named(store, STAFF_COOKIE, STAFF_SESSION_IDLE)
}

/// Signs one of our own people in: whatever the session held is dropped and its id is renewed. Errs when the store is
/// away.
pub async fn sign_in(
    session: &Session,
    signed_in: &SignedIn,
    clock: &Clock,
    headers: &HeaderMap,
) -> Result<(), PageError> {
    let browser = Browser::from_user_agent(session::user_agent(headers));
    let who = Staff {
        staff: signed_in.scope.staff.clone(),
        name: signed_in.scope.name.clone(),
        roles: signed_in.scope.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        since: clock.now(),
        auth_time: Some(signed_in.auth_time),
        acr: signed_in.acr.clone(),
        browser: browser.map(|browser| browser.to_string()).unwrap_or_default(),
    };
    session::begin(session, who).await
}

async fn scope(parts: &Parts, app: &App, by: session::By) -> Result<Option<StaffScope>, PageError> {
    let Some(who) = session::who::<Staff>(parts, by).await? else { return Ok(None) };
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let row = read.staff(&who.staff).await.map_err(Refused::from)?;
    match row.filter(|row| !row.roles.is_empty()) {
        Some(row) => Ok(Some(StaffScope { staff: who.staff, name: row.name, roles: row.roles })),
        None => {
            if let Some(session) = parts.extensions.get::<Session>() {
                session.flush().await.map_err(session::away)?;
            }
            Ok(None)
        }
    }
}

impl form::SignedIn for StaffScope {
    const HOME: &'static str = urls::HOME;
}

impl FromRequestParts<App> for StaffScope {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        match scope(parts, app, session::By::Person).await? {
            Some(scope) => Ok(scope),
            // What a form wanted to change is no page to come back to.
            None if parts.method != Method::GET => Err(PageError::SignedOut(urls::HOME.to_owned())),
            None => Err(PageError::SignedOut(session::here(parts).to_owned())),
        }
    }
}

impl OptionalFromRequestParts<App> for StaffScope {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, PageError> {
        scope(parts, app, session::By::Person).await
    }
}

/// When the signed-in colleague last signed in at the company.
pub struct StaffProvenAt(pub Option<Instant>);

impl FromRequestParts<App> for StaffProvenAt {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        let who: Option<Staff> = session::who(parts, session::By::Person).await?;
        Ok(Self(who.and_then(|who| who.auth_time)))
    }
}

/// Who watches by a stream that a page opens by itself: it does not keep the session awake.
pub struct StaffWatcher {
    /// The session, whose end ends the stream.
    pub session: Id,
    /// Who it is.
    pub scope: StaffScope,
}

impl StaffWatcher {
    /// Who it is by now, for an answer that takes its time; none where they signed out meanwhile or lost every role.
    ///
    /// Errs when the database is away.
    pub async fn anew(&self, app: &App) -> Result<Option<StaffScope>, Refused> {
        let mut read = app.store.read().await?;
        if !read.staff_session_is_open(&self.session).await? {
            return Ok(None);
        }
        let staff = self.scope.staff.clone();
        let row = read.staff(&staff).await?.filter(|row| !row.roles.is_empty());
        Ok(row.map(|row| StaffScope { staff, name: row.name, roles: row.roles }))
    }
}

impl FromRequestParts<App> for StaffWatcher {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let signed_out = || PageError::SignedOut(urls::HOME.to_owned());
        let scope = scope(parts, app, session::By::Page).await?.ok_or_else(signed_out)?;
        let session = parts.extensions.get::<Session>().and_then(Session::id).ok_or_else(signed_out)?;
        Ok(Self { session, scope })
    }
}
