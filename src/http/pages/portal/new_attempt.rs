//! "Start attempt 2": the button of a failed connection's page.

use axum::{
    extract::{Path, State},
    response::Response,
};
use tower_sessions::Session;

use crate::{
    actions::start_attempt::start_attempt,
    app::App,
    domain::{ids::ConnectionId, refused::Refused},
    http::{
        error::PageError,
        form::{NoFields, ScopedForm},
        render::see_other,
        session, urls,
    },
};

/// Starts the next attempt and leads to its answers.
pub async fn start(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    match start_attempt(&app, &scope, &digest, &id).await {
        Ok(_) => Ok(see_other(&urls::answers(&id))),
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::connection(&id)))
        }
        Err(other) => Err(other.into()),
    }
}
