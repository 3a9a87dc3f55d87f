//! "Tell us who you are": somebody whose address is proven and new begins a brokerage.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::login_cookie;
use crate::{
    actions::start_brokerage::{Begun, NotAsked, Typed, proven_address, start_brokerage},
    app::App,
    domain::{
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{Form, FormFields},
        form_state::FormState,
        layout::Layout,
        render::{page_with, see_other},
        session, urls,
    },
};

/// The page with the fields.
#[derive(Template)]
#[template(path = "portal/start.html")]
pub struct StartPage {
    layout: Layout,
    form: FormState,
    address: String,
    domain: String,
}

/// The page for an address that belongs to a private person.
#[derive(Template)]
#[template(path = "portal/invitation_needed.html")]
pub struct InvitationNeededPage {
    layout: Layout,
    address: String,
    domain: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct StartFields {
    #[serde(default)]
    company: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    brand: String,
}

impl FormFields for StartFields {}

/// Shows the fields to a browser that has proven a new address.
pub async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    scope: Option<Scope>,
    layout: Layout,
) -> Result<Response, PageError> {
    if scope.is_some() {
        return Ok(see_other(urls::OVERVIEW));
    }
    asked(&app, &headers, layout, FormState::new(), StatusCode::OK).await
}

/// Makes the brokerage and signs its first person in.
pub async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    scope: Option<Scope>,
    session: Session,
    layout: Layout,
    form: Result<Form<StartFields>, Response>,
) -> Result<Response, PageError> {
    if scope.is_some() {
        return Ok(see_other(urls::OVERVIEW));
    }
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let Some(cookie) = login_cookie::of(&headers) else { return Ok(see_other(urls::SIGN_IN)) };
    let StartFields { company, contact, phone, brand } = form.fields;
    let (errors, status) =
        match start_brokerage(&app, cookie, &Typed { company, contact, phone, brand }).await {
            Ok(begun) => return entered(&session, &headers, begun, &app).await,
            Err(Refused::Fields(errors)) => (errors, StatusCode::UNPROCESSABLE_ENTITY),
            Err(Refused::Conflict(why)) => (vec![FieldError::new("", why.to_owned())], StatusCode::CONFLICT),
            Err(Refused::NotFound) => return Ok(see_other(urls::SIGN_IN)),
            Err(Refused::Forbidden(_)) => (Vec::new(), StatusCode::FORBIDDEN),
            Err(other) => return Err(other.into()),
        };
    asked(&app, &headers, layout.failed(!errors.is_empty()), form.state.refused(errors), status).await
}

async fn entered(
    session: &Session,
    headers: &HeaderMap,
    begun: Begun,
    app: &App,
) -> Result<Response, PageError> {
    let (scope, joined) = match begun {
        Begun::Made(scope) => (scope, false),
        Begun::Joined(scope) => (scope, true),
    };
    session::sign_in(session, &scope, &app.clock, headers).await?;
    if joined {
        let line =
            "Your brokerage was set up in another window meanwhile. What you typed here was not needed.";
        session::leave_line(session, line).await?;
    }
    Ok(login_cookie::clear(see_other(urls::OVERVIEW)))
}

/// The page as far as this browser may see it. A form that was refused keeps what was typed, also when the proof of
/// the address is over: it can be renewed in another window.
async fn asked(
    app: &App,
    headers: &HeaderMap,
    layout: Layout,
    form: FormState,
    status: StatusCode,
) -> Result<Response, PageError> {
    let Some(cookie) = login_cookie::of(headers) else { return Ok(see_other(urls::SIGN_IN)) };
    let address = match proven_address(app, cookie).await? {
        Ok(address) => address,
        Err(NotAsked::ProofOver(address)) if form.has_errors() => address,
        Err(NotAsked::ProofOver(_)) => return Ok(see_other(urls::CODE)),
        Err(NotAsked::NotProven) => return Ok(see_other(urls::SIGN_IN)),
        Err(NotAsked::Consumer(address)) => {
            let (domain, address) = (address.domain().to_string(), address.as_str().to_owned());
            let page = InvitationNeededPage { layout: layout.failed(false), address, domain };
            return Ok(page_with(StatusCode::FORBIDDEN, &page));
        }
    };
    let domain = address.domain().as_str().to_owned();
    Ok(page_with(status, &StartPage { layout, form, address: address.as_str().to_owned(), domain }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for StartPage {
        fn samples() -> Vec<Self> {
            let errors = ["company", "contact", "phone", "brand"]
                .map(|field| FieldError::new(field, format!("Enter {field}")))
                .to_vec();
            [FormState::new(), FormState::new().with("company", "\"><b>").refused(errors)]
                .into_iter()
                .map(|form| Self {
                    layout: Layout { signed_in: false, ..Layout::sample() },
                    form,
                    address: "it@lakeshore.example".to_owned(),
                    domain: "lakeshore.example".to_owned(),
                })
                .collect()
        }
    }

    impl Sample for InvitationNeededPage {
        fn samples() -> Vec<Self> {
            let layout = Layout { signed_in: false, ..Layout::sample() };
            vec![Self { layout, address: "pat@gmail.com".to_owned(), domain: "gmail.com".to_owned() }]
        }
    }

    #[test]
    fn every_sample_renders() {
        StartPage::assert_renders();
        InvitationNeededPage::assert_renders();
    }
}
