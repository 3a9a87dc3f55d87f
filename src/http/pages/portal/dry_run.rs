//! "Test before you submit": the button, and the page of one test, at an address of its own. Nothing is submitted by it,
//! and nobody is written to.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::dry_run_case::read_case;
use crate::{
    actions::{
        form_answer::FormKey,
        test_answers::{Tested, test_answers},
    },
    app::App,
    domain::{
        ids::{CheckId, ConnectionId},
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session, urls,
    },
};

/// What the form sends.
#[derive(Deserialize)]
pub struct TestFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for TestFields {}

/// Has the answers tested and leads to the test's page.
pub async fn test(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<TestFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    // The page has a form that submits beside this one.
    let key = FormKey::new(form.key.as_deref(), form.fingerprint)?.beside("test");
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match test_answers(&app, &scope, &digest, &id, seen, &key).await {
        Ok(check) => Ok(see_other(&urls::test(&id, &check))),
        // The page with the answers says what is missing, or leads to where it is entered.
        Err(Refused::Fields(errors)) if errors.iter().all(|error| !error.field.is_empty()) => {
            Ok(see_other(&urls::review(&id)))
        }
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::review(&id)))
        }
        Err(other) => Err(other.into()),
    }
}

/// Leads to the latest test of a connection, or to its answers.
pub async fn lead(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let latest = Tested::latest(&app, &mut read, &scope, &id).await?;
    Ok(see_other(&latest.map_or_else(|| urls::review(&id), |latest| urls::test(&id, &latest.check.id))))
}

/// Shows a test.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path((id, check)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let check = CheckId::parse(&check).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let case = read_case(&app, &scope, &digest, &id, &check).await?;
    Ok(page(&case.page(layout.at(OVERVIEW))))
}
