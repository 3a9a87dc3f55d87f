//! Lets it stand that other brokerages have the key of a connection as well.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::connection::{answer, parsed};
use crate::{
    actions::{allow_shared_key::allow_shared_key, form_answer::FormKey},
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form sends.
#[derive(Deserialize)]
pub struct AllowFields {
    #[serde(default)]
    shared_why: String,
}

impl FormFields for AllowFields {}

/// Lets it stand that other brokerages have the key of a connection.
pub async fn allow(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AllowFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => allow_shared_key(&app, &scope, &id, &form.fields.shared_why, &key).await,
        Err(refused) => Err(refused),
    };
    let line = "It may stand. A third brokerage with this key is looked at again.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}
