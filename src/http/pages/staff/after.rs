//! What comes after a connection's first verdict, for our own people: why its office closed it, how its secret is
//! renewed, and from which day on it is enabled. Also what the forms of that part do.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    connection::{answer, parsed},
    connection_case::Case,
    words::version,
};
use crate::{
    actions::{
        close_connection::{TypedClosing, staff_close},
        enable::{EnabledDay, TypedDay, enable},
        read_closing::read_closing,
        reopen::staff_reopen,
    },
    app::App,
    domain::{
        connection::{CloseReason, State as Standing},
        dates,
        refused::Refused,
        review::NeedRule,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        layout::Layout,
        pages::portal::status_view::Moment,
    },
};

/// That part of the page.
pub(super) struct AfterView {
    pub(super) closing: Option<ClosingView>,
    /// Whether the reader may open it again.
    pub(super) may_reopen: bool,
    /// How a renewal of its secret stands: the attempt's number and words.
    pub(super) renewal: Option<(i64, &'static str)>,
    /// The version of the connection to close it at; none when it is closed or the reader may not.
    pub(super) close_at: Option<i64>,
    /// The day from which on it is enabled.
    pub(super) enabled_on: Option<String>,
    /// The version of the connection; none when the reader may not set the day.
    pub(super) enable_at: Option<i64>,
    /// Whether its brokerage is to be accepted first.
    pub(super) accept_first: bool,
}

/// Why its office closed it.
pub(super) struct ClosingView {
    pub(super) at: Moment,
    pub(super) reason: CloseReason,
    pub(super) words: String,
    /// Whether nobody has read it, and the reader may say that they have.
    pub(super) unread: bool,
    /// Whether one of our own people closed it.
    pub(super) by_us: bool,
}

impl AfterView {
    pub(super) fn of(case: &Case) -> Self {
        let connection = &case.connection;
        let unread = case.review.needs.iter().any(|need| need.rule == NeedRule::Closed);
        let may_enable = connection.state == Standing::Verified && case.scope.may(Deed::Enable);
        let accepted = case.brokerage.accepted_at.is_some();
        let candidate = connection.candidate.as_ref().filter(|_| connection.state == Standing::Verified);
        let candidate = candidate.and_then(|id| case.attempts.iter().find(|tried| tried.attempt.id == *id));
        Self {
            closing: connection.closing.map(|closing| ClosingView {
                at: Moment::of(closing.at),
                reason: closing.reason,
                words: case.close_words.clone(),
                unread: unread && case.scope.may(Deed::TakeItem),
                by_us: closing.by_us,
            }),
            may_reopen: connection.state == Standing::Closed && case.scope.may(Deed::CheckAgain),
            renewal: candidate.map(|tried| {
                let words = match tried.attempt.state {
                    Standing::Failed => "did not pass",
                    _ => "is being tested",
                };
                (tried.attempt.number, words)
            }),
            close_at: (connection.state != Standing::Closed && case.scope.may(Deed::PrepareConnection))
                .then_some(connection.version),
            enabled_on: connection.enabled_on.map(dates::words),
            // A day that was set before can be taken back.
            enable_at: (may_enable && (accepted || connection.enabled_on.is_some()))
                .then_some(connection.version),
            accept_first: may_enable && !accepted,
        }
    }
}

/// What the form of the day sends.
#[derive(Deserialize)]
pub struct EnableFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    enabled_month: String,
    #[serde(default)]
    enabled_day: String,
    #[serde(default)]
    enabled_year: String,
}

impl FormFields for EnableFields {}

/// What the form that closes it sends.
#[derive(Deserialize)]
pub struct CloseFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    close_reason: String,
    #[serde(default)]
    close_words: String,
}

impl FormFields for CloseFields {}

/// Closes it for its office.
pub async fn close(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<CloseFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let CloseFields { seen, close_reason, close_words } = form.fields;
    let typed = TypedClosing { reason: close_reason, words: close_words };
    // The page has other forms with fields of these names.
    let done = match staff_close(&app, &scope, &id, version(&seen), &typed).await {
        Err(Refused::Fields(mut errors)) => {
            for error in &mut errors {
                error.field = if error.field == "words" { "close_words" } else { "close_reason" };
            }
            Err(Refused::Fields(errors))
        }
        done => done.map(|()| "It is closed. Its people are told by e-mail."),
    };
    answer(&app, &session, &scope, layout, &id, form.state, done).await
}

/// Notes that the reason was read.
pub async fn read(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = read_closing(&app, &scope, &id).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "Noted.")).await
}

/// Opens a closed connection again.
pub async fn reopen(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = staff_reopen(&app, &scope, &id).await;
    let line = "It is open again, as a draft of its office. Its people are told by e-mail.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}

/// Sets the day from which on it is enabled, or takes it back.
pub async fn set_day(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<EnableFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let EnableFields { seen, enabled_month, enabled_day, enabled_year } = form.fields;
    let typed = TypedDay { month: enabled_month, day: enabled_day, year: enabled_year };
    let done = enable(&app, &scope, &id, version(&seen), &typed).await;
    let line = |done| match done {
        EnabledDay::Set => "Saved. Its people are told.",
        EnabledDay::TakenBack => "The day is taken back. Its people were not told: write to them.",
        EnabledDay::AsBefore => "Nothing was changed, and nobody was told.",
    };
    answer(&app, &session, &scope, layout, &id, form.state, done.map(line)).await
}
