//! A fresh code for whoever is signed in: what changes a credential asks for one that is minutes old. The session ends
//! and begins again with the code, so that a browser that was left open is worth nothing here.

use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    login_cookie,
    sign_in::{Next, asking, too_many},
};
use crate::{
    actions::{ask_code::ask_code, people::recipients},
    app::App,
    domain::refused::Refused,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        peer::Peer,
        render::see_other,
        session, urls,
        visitor::Visitor,
    },
};

/// What the form sends: where to go on.
#[derive(Deserialize)]
pub struct FreshFields {
    #[serde(default)]
    next: String,
}

impl FormFields for FreshFields {}

/// Sends a code to the reader's own address and leads to the page where it is typed.
pub async fn ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    session: Session,
    ScopedForm { scope, form }: ScopedForm<FreshFields>,
) -> Result<Response, PageError> {
    let next = Next::of(&form.fields.next).path();
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let mut people = read.people_of(&scope.brokerage).await.map_err(Refused::from)?;
    drop(read);
    people.retain(|stored| stored.person.id == scope.person);
    let own = recipients(&app, people)?.pop().ok_or(PageError::NotFound)?;
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    match ask_code(&app, asking(&own.address, &cookie, &headers, peer)).await {
        Ok(()) => {
            session::end(&session).await?;
            Ok(login_cookie::set(see_other(&urls::code_then(&next)), &cookie))
        }
        Err(Refused::TooMany(until)) => {
            session::leave_line(&session, &too_many(until)).await?;
            Ok(see_other(if next.is_empty() { urls::OVERVIEW } else { &next }))
        }
        Err(other) => Err(other.into()),
    }
}
