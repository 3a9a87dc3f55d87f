//! "Tell us who you are": somebody whose address is proven and new begins a brokerage.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::login_cookie;
use crate::{
    actions::start_brokerage::{NotAsked, Typed, proven_address, start_brokerage},
    app::App,
    domain::refused::Refused,
    http::{
        error::PageError,
        form::{Form, FormFields},
        form_state::FormState,
        layout::Layout,
        render::{page, page_with, refused_form, see_other},
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
pub async fn show(State(app): State<App>, headers: HeaderMap, layout: Layout) -> Result<Response, PageError> {
    asked(&app, &headers, layout, FormState::new()).await
}

/// Makes the brokerage and signs its first person in.
pub async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    session: Session,
    layout: Layout,
    form: Form<StartFields>,
) -> Result<Response, PageError> {
    let Some(cookie) = login_cookie::of(&headers) else { return Ok(see_other(urls::SIGN_IN)) };
    let StartFields { company, contact, phone, brand } = form.fields;
    match start_brokerage(&app, cookie, &Typed { company, contact, phone, brand }).await {
        Ok(scope) => {
            session::sign_in(&session, &scope, &app.clock).await?;
            Ok(see_other(urls::OVERVIEW))
        }
        Err(Refused::Fields(errors)) => {
            asked(&app, &headers, layout.failed(true), form.state.refused(errors)).await
        }
        Err(Refused::NotFound) => Ok(see_other(urls::SIGN_IN)),
        Err(other) => Err(other.into()),
    }
}

async fn asked(
    app: &App,
    headers: &HeaderMap,
    layout: Layout,
    form: FormState,
) -> Result<Response, PageError> {
    let Some(cookie) = login_cookie::of(headers) else { return Ok(see_other(urls::SIGN_IN)) };
    match proven_address(app, cookie).await? {
        Ok(address) => {
            let page_struct = StartPage {
                layout,
                form,
                address: address.as_str().to_owned(),
                domain: address.domain().as_str().to_owned(),
            };
            Ok(if page_struct.form.has_errors() { refused_form(&page_struct) } else { page(&page_struct) })
        }
        Err(NotAsked::NotProven) => Ok(see_other(urls::SIGN_IN)),
        Err(NotAsked::Consumer(address)) => {
            let address = address.as_str().to_owned();
            Ok(page_with(StatusCode::FORBIDDEN, &InvitationNeededPage { layout, address }).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for StartPage {
        fn samples() -> Vec<Self> {
            let errors = ["company", "contact", "phone", "brand"]
                .map(|field| FieldError { field, sentence: format!("Enter {field}") })
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
            vec![Self { layout, address: "pat@gmail.com".to_owned() }]
        }
    }

    #[test]
    fn every_sample_renders() {
        StartPage::assert_renders();
        InvitationNeededPage::assert_renders();
    }
}
