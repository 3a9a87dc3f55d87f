//! Signing out of the staff site. The provider's own session is left alone: others of the company's sites use it.

use axum::{extract::State, response::Response};
use tower_sessions::Session;

use crate::{
    actions::staff_sign_out::staff_sign_out,
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{Form, NoFields},
        session,
    },
};

/// Ends the session.
pub async fn leave(
    State(app): State<App>,
    scope: Option<StaffScope>,
    session: Session,
    _form: Form<NoFields>,
) -> Result<Response, PageError> {
    if let Some(scope) = scope {
        staff_sign_out(&app, &scope).await?;
    }
    session::sign_out(&session).await
}
