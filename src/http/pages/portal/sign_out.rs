//! Signing out.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::sign_out::sign_out,
    app::App,
    domain::scope::Scope,
    http::{
        error::PageError,
        form::{Form, FormFields},
        session,
    },
};

/// The form has nothing but its token.
#[derive(Deserialize)]
pub struct SignOutFields {}

impl FormFields for SignOutFields {}

/// Ends the session, everywhere it is known.
pub async fn leave(
    State(app): State<App>,
    scope: Option<Scope>,
    session: Session,
    _form: Form<SignOutFields>,
) -> Result<Response, PageError> {
    if let Some(scope) = scope {
        sign_out(&app, &scope).await?;
    }
    session::sign_out(&session).await
}
