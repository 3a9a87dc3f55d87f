//! Switches the single letters of the queue on and off, for one of our people.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::choose_keys::choose_keys,
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        render::see_other,
        session, urls,
    },
};

/// What the form sends.
#[derive(Deserialize)]
pub struct KeysFields {
    #[serde(default)]
    keys: String,
}

impl FormFields for KeysFields {}

/// Keeps the choice.
pub async fn choose(
    State(app): State<App>,
    session: Session,
    ScopedForm { scope, form }: ScopedForm<KeysFields, StaffScope>,
) -> Result<Response, PageError> {
    let on = form.fields.keys == "on";
    choose_keys(&app, &scope, on).await?;
    session::leave_line(&session, if on { "The letters are on." } else { "The letters are off." }).await?;
    Ok(see_other(urls::ACCOUNT))
}
