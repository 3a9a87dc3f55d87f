//! Asking for a sign-in code. The answer is the same for every address.

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde::Deserialize;

use super::login_cookie;
use crate::{
    actions::ask_code::{Asking, ask_code},
    app::App,
    domain::{
        address::MailAddress,
        instant::Instant,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{Form, FormFields},
        layout::Layout,
        pages::landing::LandingPage,
        peer::Peer,
        render::{page, page_with, refused_form, see_other},
        session, urls,
        visitor::Visitor,
    },
};

/// Where sign-in leads.
#[derive(Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    /// The same from a form's hidden field.
    pub(super) fn of(next: &str) -> Self {
        Self { next: next.to_owned() }
    }

    /// The path, when it is one of ours; else empty.
    pub(super) fn path(&self) -> String {
        urls::own_path(&self.next).unwrap_or_default().to_owned()
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct SignInFields {
    #[serde(default)]
    email: String,
    #[serde(default)]
    next: String,
}

impl FormFields for SignInFields {}

/// Shows the field for one's address.
pub async fn show(Query(next): Query<Next>, scope: Option<Scope>, layout: Layout) -> Response {
    match scope {
        Some(_) => see_other(if next.path().is_empty() { urls::OVERVIEW } else { &next.next }),
        None => {
            page(&LandingPage { layout, form: crate::http::form_state::FormState::new(), next: next.path() })
        }
    }
}

/// Sends a code and leads to the page where it is typed.
pub async fn ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    scope: Option<Scope>,
    layout: Layout,
    form: Result<Form<SignInFields>, Response>,
) -> Response {
    if scope.is_some() {
        return see_other(urls::OVERVIEW);
    }
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return refusal,
    };
    let next = Next::of(&form.fields.next).path();
    let address = match MailAddress::parse(&form.fields.email) {
        Ok(address) => address,
        Err(problem) => {
            let errors = vec![email_error(problem.sentence("your work e-mail"))];
            return refused_form(&LandingPage {
                layout: layout.failed(true),
                form: form.state.refused(errors),
                next,
            });
        }
    };
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    match ask_code(&app, asking(&address, &cookie, &headers, peer)).await {
        Ok(()) => login_cookie::set(see_other(&urls::code_then(&next)), &cookie),
        Err(Refused::TooMany(until)) => {
            let form = form.state.refused(vec![email_error(too_many(until))]);
            page_with(StatusCode::TOO_MANY_REQUESTS, &LandingPage { layout: layout.failed(true), form, next })
        }
        Err(other) => PageError::from(other).into_response(),
    }
}

/// Puts together what asking for a code to a typed address needs of a request.
pub(super) fn asking<'a>(
    address: &'a MailAddress,
    cookie: &'a str,
    headers: &'a HeaderMap,
    peer: Peer,
) -> Asking<'a> {
    Asking {
        address,
        cookie,
        older_cookie: login_cookie::of(headers),
        by_invitation: false,
        from: peer.address,
        user_agent: session::user_agent(headers),
    }
}

/// True for each of the limits, and no news about who else asked for an address.
pub(super) fn too_many(until: Instant) -> String {
    let until = until.plus(SignedDuration::from_micros(999_999));
    format!(
        "Too many codes were asked for from here or for this address. Ask again after {}",
        until.time_words()
    )
}

fn email_error(sentence: String) -> FieldError {
    FieldError::new("email", sentence)
}
