//! Refuses a brokerage that is not who it says it is.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    brokerage::{answer, parsed},
    words::version,
};
use crate::{
    actions::{
        form_answer::FormKey,
        refuse_brokerage::{TypedRefusal, refuse_brokerage},
    },
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form that refuses sends.
#[derive(Deserialize)]
pub struct RefuseFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    refusal: String,
}

impl FormFields for RefuseFields {}

/// Refuses the brokerage.
pub async fn refuse(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<RefuseFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedRefusal { seen: version(&form.fields.seen), why: form.fields.refusal };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => refuse_brokerage(&app, &scope, &id, &typed, &key.beside("refuse")).await,
        Err(refused) => Err(refused),
    };
    let line = "Refused. Its connections are closed, its people are signed out, and nobody of it is told.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}
