//! Signing in to the staff site: one button that leads to the company's sign-in.

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::login_cookie::{self, LoginCookie};
use crate::{
    actions::staff_sign_in::{self, NotIn, Returning},
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        layout::Layout,
        pages::staff::not_in,
        peer::Peer,
        render::{page_with, see_other},
        request_id::RequestId,
        session, staff_visitor, urls,
    },
};

/// Where sign-in leads.
#[derive(Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    /// The path, when it is one of ours; else the first page.
    pub(super) fn path(&self) -> &str {
        urls::own_path(&self.next).unwrap_or(urls::HOME)
    }
}

/// Whether they shall sign in anew, although the company still knows them.
#[derive(Default, Deserialize)]
pub struct Anew {
    #[serde(default)]
    anew: String,
}

/// The way to the company's sign-in, or what keeps it from being there.
#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    layout: Layout,
    begin: String,
    is_set_up: bool,
}

/// Shows the button.
pub async fn show(
    State(app): State<App>,
    Query(next): Query<Next>,
    scope: Option<StaffScope>,
    layout: Layout,
) -> Response {
    if scope.is_some() {
        return see_other(next.path());
    }
    let is_set_up = app.openid.is_some();
    let status = if is_set_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    page_with(status, &SignInPage { layout, begin: urls::staff_begin_then(next.path()), is_set_up })
}

/// The same for somebody who has just signed out: it says so.
pub async fn signed_out(app: State<App>, scope: Option<StaffScope>, mut layout: Layout) -> Response {
    layout.flash = Some(session::SIGNED_OUT_LINE.to_owned());
    show(app, Query(Next::default()), scope, layout).await
}

/// Leads to the provider. A link and not a form: on the way there is more than one address, and a page whose forms may
/// only go to ourselves would be stopped at the first.
pub async fn begin(
    State(app): State<App>,
    Query(next): Query<Next>,
    Query(anew): Query<Anew>,
    Extension(id): Extension<RequestId>,
    layout: Layout,
) -> Response {
    let cookie = LoginCookie::new(next.path(), app.clock.now(), &app.randomness);
    match staff_sign_in::begin(&app, &cookie.value, !anew.anew.is_empty()).await {
        Ok(address) => cookie.set(see_other(&address)),
        Err(why) => not_in::shown(why, layout, next.path(), &id),
    }
}

/// What the provider sends along.
#[derive(Deserialize)]
pub struct Return {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Where the provider sends people back to.
pub async fn finish(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    session: Session,
    layout: Layout,
    query: Result<Query<Return>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(back)) = query else { return PageError::Garbled.into_response() };
    let Some(cookie) = LoginCookie::of(&headers) else {
        return not_in::shown(NotIn::stale(), layout, urls::HOME, &id);
    };
    let returning = Returning {
        cookie: &cookie.value,
        begun_at: cookie.begun_at,
        state: &back.state,
        code: back.code.as_deref().filter(|_| back.error.is_none()),
        issuer: back.iss.as_deref(),
        from: peer.address,
    };
    let answer = match staff_sign_in::finish(&app, &returning).await {
        Ok(signed_in) => match staff_visitor::sign_in(&session, &signed_in, &app.clock, &headers).await {
            Ok(()) => see_other(&cookie.next),
            Err(error) => error.into_response(),
        },
        Err(why) => not_in::shown(why, layout, &cookie.next, &id),
    };
    login_cookie::clear(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for SignInPage {
        fn samples() -> Vec<Self> {
            [true, false]
                .into_iter()
                .map(|is_set_up| Self {
                    layout: Layout { signed_in: false, name: None, ..Layout::staff_sample() },
                    begin: urls::staff_begin_then("/connections/x?a=1"),
                    is_set_up,
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        SignInPage::assert_renders();
    }
}
