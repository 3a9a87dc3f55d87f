//! Signing out.

use axum::{extract::State, response::Response};
use tower_sessions::Session;

use crate::{
    actions::sign_out::sign_out,
    app::App,
    domain::scope::Scope,
    http::{
        error::PageError,
        form::{Form, NoFields},
        session,
    },
};

/// Ends the session, everywhere it is known.
pub async fn leave(
    State(app): State<App>,
    scope: Option<Scope>,
    session: Session,
    _form: Form<NoFields>,
) -> Result<Response, PageError> {
    if let Some(scope) = scope {
        sign_out(&app, &scope).await?;
    }
    session::sign_out(&session).await
}
