//! Closing a connection: what it means, why, and the button. Also the way back: taking it up again, and withdrawing what
//! was submitted.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::status_view::Moment;
use crate::{
    actions::{
        close_connection::{TypedClosing, close_connection},
        reopen::reopen,
        sweep::CLOSED_SECRETS,
        withdraw::withdraw,
    },
    app::App,
    domain::{
        access_rules::is_fresh,
        connection::{CloseReason, Connection, State as Standing},
        ids::{AttemptId, ConnectionId},
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, page_with, see_other},
        session::{self, ProvenAt},
        urls,
    },
};

/// The page that asks whether and why.
#[derive(Template)]
#[template(path = "portal/close.html")]
pub struct ClosePage {
    layout: Layout,
    form: FormState,
    id: ConnectionId,
    name: String,
    reference: String,
    verified: bool,
    submitted: bool,
    /// The version of the connection that is shown.
    seen: i64,
    /// Until when it could be taken up again.
    until: Moment,
    /// Whether a code that is fresh is wanted first: what is closed here stops working for all agents.
    needs_code: bool,
    /// Whether the form was sent, so that what stands in it is kept.
    sent: bool,
    /// Why it was not closed; empty when nothing stands in the way.
    conflict: &'static str,
}

/// A reason that a link brings along.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    reason: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct CloseFields {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    seen: String,
}

impl FormFields for CloseFields {}

/// Which attempt is withdrawn; empty for a renewal that is not submitted.
#[derive(Deserialize)]
pub struct WithdrawFields {
    #[serde(default)]
    attempt: String,
}

impl FormFields for WithdrawFields {}

/// Shows the page; a connection that is closed leads to its own.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    layout: Layout,
    ProvenAt(proven_at): ProvenAt,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let connection = found(&app, &scope, &id).await?;
    if connection.state == Standing::Closed {
        return Ok(see_other(&urls::connection(&id)));
    }
    let reason = CloseReason::parse(&asked.reason).map_or("", CloseReason::as_str);
    let form = FormState::new().with("reason", reason);
    let shown = ClosePage::new(layout, form, &connection, app.clock.now(), "");
    Ok(page(&ClosePage { needs_code: wants_code(&app, &connection, proven_at), ..shown }))
}

/// Whether the session's code is too old to take from the agents what works.
fn wants_code(app: &App, connection: &Connection, proven_at: Instant) -> bool {
    connection.state == Standing::Verified && !is_fresh(Some(proven_at), app.clock.now())
}

/// Closes it and leads to its page.
pub async fn close(
    State(app): State<App>,
    layout: Layout,
    ProvenAt(proven_at): ProvenAt,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<CloseFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    let connection = found(&app, &scope, &id).await?;
    if wants_code(&app, &connection, proven_at) {
        let shown = ClosePage::new(layout.failed(true), form.state, &connection, app.clock.now(), "");
        return Ok(page_with(StatusCode::FORBIDDEN, &ClosePage { needs_code: true, sent: true, ..shown }));
    }
    let typed = TypedClosing { reason: form.fields.reason, words: form.fields.words };
    let (status, state, why) = match close_connection(&app, &scope, &id, seen, &typed).await {
        Ok(()) => return Ok(see_other(&urls::connection(&id))),
        Err(refused @ Refused::Fields(_)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, form.state.without_secrets().absorb(refused)?, "")
        }
        Err(Refused::Conflict(why)) => (StatusCode::CONFLICT, form.state, why),
        Err(other) => return Err(other.into()),
    };
    let connection = found(&app, &scope, &id).await?;
    if connection.state == Standing::Closed {
        return Ok(see_other(&urls::connection(&id)));
    }
    let page = ClosePage::new(layout.failed(true), state, &connection, app.clock.now(), why);
    Ok(page_with(status, &page))
}

/// Takes it up again and leads to its answers.
pub async fn open_again(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let line = match reopen(&app, &scope, &id).await {
        Ok(()) => {
            "It is open again, as a draft. What is not secret is filled in: look it over and submit it."
        }
        Err(Refused::Conflict(why)) => why,
        Err(other) => return Err(other.into()),
    };
    session::leave_line(&session, line).await?;
    Ok(see_other(&urls::connection(&id)))
}

/// Withdraws what was submitted, or a renewal that was begun.
pub async fn take_back(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<WithdrawFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let attempt = AttemptId::parse(&form.fields.attempt).ok();
    let line = match withdraw(&app, &scope, &id, attempt.as_ref()).await {
        Ok(()) => "Withdrawn. We delete its secret.",
        Err(Refused::Conflict(why)) => why,
        Err(other) => return Err(other.into()),
    };
    session::leave_line(&session, line).await?;
    Ok(see_other(&urls::connection(&id)))
}

async fn found(app: &App, scope: &Scope, id: &ConnectionId) -> Result<Connection, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let connection = read.connection(&scope.brokerage, id).await.map_err(Refused::from)?;
    connection.ok_or(PageError::NotFound)
}

impl ClosePage {
    fn new(
        layout: Layout,
        form: FormState,
        connection: &Connection,
        now: Instant,
        conflict: &'static str,
    ) -> Self {
        Self {
            layout: layout.at(OVERVIEW),
            form,
            id: connection.id.clone(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.as_str().to_owned(),
            verified: connection.state == Standing::Verified,
            submitted: connection.state == Standing::Submitted,
            seen: connection.version,
            until: Moment::of(now.plus(CLOSED_SECRETS)),
            needs_code: false,
            sent: false,
            conflict,
        }
    }

    fn reasons(&self) -> impl Iterator<Item = CloseReason> + use<> {
        CloseReason::of(self.verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for ClosePage {
        fn samples() -> Vec<Self> {
            let page = |form: FormState, verified, submitted, conflict| Self {
                layout: Layout::sample().at(OVERVIEW).failed(form.has_errors()),
                form,
                id: ConnectionId::from_random([1; 16]),
                name: "<script>\"&'".to_owned(),
                reference: "LKS-0042".to_owned(),
                verified,
                submitted,
                seen: 7,
                until: Moment::of(Instant::from_micros(1_795_257_720_000_000)),
                needs_code: false,
                sent: false,
                conflict,
            };
            let errors =
                ["reason", "words"].map(|field| FieldError::new(field, format!("Enter {field} <b>")));
            let typed = FormState::new().with("words", "</textarea><script>");
            vec![
                page(FormState::new().with("reason", "no_rights"), false, false, ""),
                page(FormState::new(), true, false, ""),
                page(typed.clone().refused(errors.to_vec()), false, true, ""),
                page(typed.clone(), false, true, "This connection changed meanwhile."),
                Self { needs_code: true, ..page(FormState::new(), true, false, "") },
                Self { needs_code: true, sent: true, ..page(typed, true, false, "") },
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        ClosePage::assert_renders();
        for page in ClosePage::samples() {
            assert!(!page.render().expect("renders").contains("<script>\""));
        }
    }
}
