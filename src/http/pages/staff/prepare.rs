//! A connection that our own people make for a brokerage, and its external id.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    brokerage,
    connection::{self, parsed},
    words::version,
};
use crate::{
    actions::{
        create_connection::TypedConnection,
        form_answer::FormKey,
        staff_create_connection::{set_external_id, staff_create_connection},
    },
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form of a new connection sends.
#[derive(Deserialize)]
pub struct PrepareFields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    external_id: String,
    #[serde(default)]
    kind: String,
}

impl FormFields for PrepareFields {}

/// What the form of an external id sends.
#[derive(Deserialize)]
pub struct ExternalIdFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    external_id: String,
}

impl FormFields for ExternalIdFields {}

/// Makes the connection.
pub async fn prepare(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<PrepareFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = brokerage::parsed(&id)?;
    let PrepareFields { name, external_id, kind } = form.fields;
    let typed = TypedConnection { name, external_id, kind };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => staff_create_connection(&app, &scope, &id, &typed, &key.beside("prepare")).await,
        Err(refused) => Err(refused),
    };
    let line = "The connection is made. Its people find it when they come.";
    brokerage::answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| line)).await
}

/// Sets the external id of a connection that has none.
pub async fn name(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<ExternalIdFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let fields = form.fields;
    let done = set_external_id(&app, &scope, &id, version(&fields.seen), &fields.external_id).await;
    connection::answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "The ID is set.")).await
}
