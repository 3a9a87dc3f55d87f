//! The form by which our people leave a note about a brokerage.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::brokerage::{answer, parsed};
use crate::{
    actions::{
        form_answer::FormKey,
        leave_note::{About, TypedNote, leave_note},
    },
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What it sends.
#[derive(Deserialize)]
pub struct NoteFields {
    #[serde(default)]
    text: String,
}

impl FormFields for NoteFields {}

/// Leaves it.
pub async fn note(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoteFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedNote { text: form.fields.text, ..TypedNote::default() };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => leave_note(&app, &scope, About::Brokerage(&id), &typed, &key.beside("note")).await,
        Err(refused) => Err(refused),
    };
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| "Your note is kept.")).await
}
