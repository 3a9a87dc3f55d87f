//! Asking for a sign-in code. The answer is the same for every address.

use axum::{
    Extension,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::login_cookie;
use crate::{
    actions::ask_code::ask_code,
    app::App,
    domain::{address::MailAddress, refused::Refused, scope::Scope},
    http::{
        error::PageError,
        form::{Form, FormFields},
        layout::Layout,
        pages::landing::LandingPage,
        peer::Peer,
        render::{page, page_with, refused_form, see_other},
        urls,
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
    layout: Layout,
    form: Form<SignInFields>,
) -> Response {
    let next = Next::of(&form.fields.next).path();
    let address = match MailAddress::parse(&form.fields.email) {
        Ok(address) => address,
        Err(problem) => {
            let Refused::Fields(errors) = Refused::field("email", problem.sentence("your work e-mail"))
            else {
                return PageError::Garbled.into_response();
            };
            let form = form.state.refused(errors);
            return refused_form(&LandingPage { layout: layout.failed(true), form, next });
        }
    };
    match ask_code(&app, &address, peer.address).await {
        Ok(asked) => login_cookie::set(see_other(&urls::code_then(&next)), &asked.cookie),
        Err(Refused::TooMany(until)) => {
            let sentence = format!(
                "A code was asked for a moment ago. Look for the mail, or ask again after {}",
                until.time_words()
            );
            let Refused::Fields(errors) = Refused::field("email", sentence) else {
                return PageError::TooMany(until).into_response();
            };
            let form = form.state.refused(errors);
            page_with(StatusCode::TOO_MANY_REQUESTS, &LandingPage { layout: layout.failed(true), form, next })
        }
        Err(other) => PageError::from(other).into_response(),
    }
}
