//! The answers of a service account of the office's own: the same page as for every kind, with a key file that is chosen
//! or pasted. A route of its own, because it alone takes a file.

use axum::{
    extract::{Path, State},
    response::Response,
};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use super::answers::{goal_of, keep};
use crate::{
    actions::save_answers::TypedAnswers,
    app::App,
    http::{
        error::PageError,
        form::{Form, FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form sends besides the fields of its kind, which are read by their names.
#[derive(Deserialize)]
pub struct KeyFileFields {
    #[serde(default)]
    key_file: SecretString,
    #[serde(default)]
    service_account_key: SecretString,
    #[serde(default)]
    goal: String,
    #[serde(default)]
    seen: String,
}

impl FormFields for KeyFileFields {
    const SECRETS: &'static [&'static str] = &["key_file", "service_account_key"];
    const FILES: &'static [&'static str] = &["key_file"];
}

/// Saves what was typed and chosen, and leads on, or shows what is wrong.
pub async fn save(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<KeyFileFields>,
) -> Result<Response, PageError> {
    let goal = goal_of(&form.fields.goal);
    Ok(keep(&app, &session, layout, &scope, &id, form.into(), goal).await?.answer)
}

impl From<Form<KeyFileFields>> for TypedAnswers {
    fn from(form: Form<KeyFileFields>) -> Self {
        Self {
            texts: form.state.values().clone(),
            client_secret: SecretString::default(),
            password: SecretString::default(),
            service_account_key: form.fields.service_account_key,
            key_file: form.fields.key_file,
            seen: form.fields.seen,
        }
    }
}
