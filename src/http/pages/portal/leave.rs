//! "We cannot go on": an honest end for an office that has no office mail, nobody with the rights, or a host that does
//! not help. Reminders end, our people read why, and the way back stays open.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    actions::{
        close_connection::TypedClosing, create_connection::kinds_for, form_answer::FormKey, leave::leave,
    },
    app::App,
    domain::{
        connection::{CloseReason, State as Standing},
        kind::AccessKind,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, refused_form, see_other},
        urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/leave.html")]
pub struct LeavePage {
    layout: Layout,
    form: FormState,
    /// The office's connections: where each is closed, or looked at when it is closed; its name; whether it is closed.
    connections: Vec<(String, String, bool)>,
    /// Whether a mail system can be connected here at all.
    may_leave: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct LeaveFields {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    words: String,
}

impl FormFields for LeaveFields {}

/// Shows the page.
pub async fn show(State(app): State<App>, scope: Scope, layout: Layout) -> Result<Response, PageError> {
    let (page_shown, _) = read_page(&app, &scope, layout, FormState::new()).await?;
    Ok(page(&page_shown))
}

/// Notes the reason of an office that has no connection, and leads to where it can come back.
pub async fn send(
    State(app): State<App>,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<LeaveFields>,
) -> Result<Response, PageError> {
    let typed = TypedClosing { reason: form.fields.reason, words: form.fields.words };
    let (shown, kind) = read_page(&app, &scope, layout.clone(), FormState::new()).await?;
    let Some(kind) = kind else { return Ok(page(&shown)) };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => leave(&app, &scope, kind, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(id) => Ok(see_other(&urls::connection(&id))),
        Err(refused @ Refused::Fields(_)) => {
            let state = form.state.without_secrets().absorb(refused)?;
            let (shown, _) = read_page(&app, &scope, layout.failed(true), state).await?;
            Ok(refused_form(&shown))
        }
        Err(other) => Err(other.into()),
    }
}

/// The page, and the first kind that is open to the office.
async fn read_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    form: FormState,
) -> Result<(LeavePage, Option<AccessKind>), Refused> {
    let mut read = app.store.read().await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let connections = read.connections_of(&scope.brokerage).await?;
    drop(read);
    let kind = kinds_for(app, &brokerage).into_iter().find(|kind| kind.may_be_preselected());
    let shown = connections.iter().map(|connection| {
        let closed = connection.state == Standing::Closed;
        let url = if closed { urls::connection(&connection.id) } else { urls::close(&connection.id) };
        (url, connection.name.as_str().to_owned(), closed)
    });
    let page = LeavePage {
        layout: layout.at(OVERVIEW),
        form,
        connections: shown.collect(),
        may_leave: kind.is_some(),
    };
    Ok((page, kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for LeavePage {
        fn samples() -> Vec<Self> {
            let page = |form: FormState, connections: &[(&str, bool)], may_leave| Self {
                layout: Layout::sample().at(OVERVIEW).failed(form.has_errors()),
                form,
                connections: connections
                    .iter()
                    .map(|(name, closed)| ("/connections/con_1".to_owned(), (*name).to_owned(), *closed))
                    .collect(),
                may_leave,
            };
            let wrong = vec![FieldError::new("reason", "Choose why <b>".to_owned())];
            vec![
                page(FormState::new(), &[], true),
                page(FormState::new().with("words", "</textarea><script>").refused(wrong), &[], true),
                page(FormState::new(), &[], false),
                page(FormState::new(), &[("<script>\"&'", false), ("Old", true)], true),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        LeavePage::assert_renders();
        for page in LeavePage::samples() {
            assert!(!page.render().expect("renders").contains("<script>\""));
        }
    }
}
