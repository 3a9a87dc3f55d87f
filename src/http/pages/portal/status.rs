//! The page of a connection, at the address that mails and bookmarks lead to: how its check goes, what came of it,
//! and what to do. It says the same to whoever comes back later as to whoever has just submitted.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    closed::closed_page,
    renew::page_of_check,
    status_case::{About, read_case},
};
use crate::{
    actions::{check_again::check_again, stop_waiting::stop_waiting},
    app::App,
    domain::{connection::State as Standing, ids::ConnectionId, refused::Refused, scope::Scope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session, urls,
    },
};

/// What the form of "Check again" sends.
#[derive(Deserialize)]
pub struct AgainFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for AgainFields {}

/// Shows the page; a connection without an attempt leads to its answers.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let connection = read.connection(&scope.brokerage, &id).await.map_err(Refused::from)?;
    drop(read);
    let connection = connection.ok_or(PageError::NotFound)?;
    match connection.state {
        Standing::Closed => return Ok(page(&closed_page(&app, &scope, layout, &connection).await?)),
        Standing::Draft => return session::lead_on(&session, &layout, &urls::answers(&id)).await,
        _ => {}
    }
    match read_case(&app, &scope, &digest, &id, About::Connection).await? {
        Some(case) => Ok(page(&case.page(layout.at(OVERVIEW)))),
        None => session::lead_on(&session, &layout, &urls::answers(&id)).await,
    }
}

/// Has the same attempt checked again and leads back to the page.
pub async fn again(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match check_again(&app, &scope, &id, seen).await {
        Ok(_) => {}
        Err(Refused::Conflict(why)) => session::leave_line(&session, why).await?,
        Err(other) => return Err(other.into()),
    }
    Ok(see_other(&page_of_check(&app, &scope, &id).await?))
}

/// Ends the waiting for the provider and leads back to the page.
pub async fn nothing_changed(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match stop_waiting(&app, &scope, &id, seen).await {
        Ok(()) => {}
        Err(Refused::Conflict(why)) => session::leave_line(&session, why).await?,
        Err(other) => return Err(other.into()),
    }
    Ok(see_other(&page_of_check(&app, &scope, &id).await?))
}
