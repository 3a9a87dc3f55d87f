//! The page of a connection for our own people, and what its forms do.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{again::led_on, connection_case::read_case, words::version};
use crate::{
    actions::{
        allow_names::{TypedAllowance, allow_names},
        check_in_use::check_in_use,
        form_answer::FormKey,
        hand_back::hand_back,
        leave_note::{About, TypedNote, leave_note},
        staff_check_again::staff_check_again,
        staff_clear_again::staff_clear_again,
        staff_press::TypedReason,
        take_item::take_item,
    },
    app::App,
    domain::{ids::ConnectionId, refused::Refused, staff::StaffScope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, QUEUE},
        render::{page, page_with},
        urls,
    },
};

/// The part of the page that a button leads to.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default, rename = "do")]
    part: String,
}

/// What the forms that take and give back send.
#[derive(Deserialize)]
pub struct SeenFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for SeenFields {}

/// What the form of a note sends.
#[derive(Deserialize)]
pub struct NoteFields {
    #[serde(default)]
    text: String,
    #[serde(default)]
    kind: String,
}

impl FormFields for NoteFields {}

/// What the form of "Check again" sends.
#[derive(Deserialize)]
pub struct AgainFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    words: String,
}

impl FormFields for AgainFields {}

/// What the form that allows names again sends.
#[derive(Deserialize)]
pub struct AllowFields {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    why: String,
}

impl FormFields for AllowFields {}

pub(super) fn parsed(id: &str) -> Result<ConnectionId, PageError> {
    ConnectionId::parse(id).map_err(|_| PageError::NotFound)
}

/// Shows the page.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let case = read_case(&app, &scope, &parsed(&id)?).await?;
    let shown = case.page(&app, layout.at(QUEUE), FormState::new(), None);
    Ok(page(&shown.opened_at(wanted.part)))
}

/// Takes the connection.
pub async fn take(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<SeenFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = take_item(&app, &scope, &id, version(&form.fields.seen)).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "You have taken it.")).await
}

/// Gives it back.
pub async fn give_back(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<SeenFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = hand_back(&app, &scope, &id, version(&form.fields.seen)).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "You have given it back.")).await
}

/// Leaves a note.
pub async fn note(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoteFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedNote { text: form.fields.text, kind: form.fields.kind };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => leave_note(&app, &scope, About::Connection(&id), &typed, &key).await,
        Err(refused) => Err(refused),
    };
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| "Your note is kept.")).await
}

/// Has the attempt checked again.
pub async fn again(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedReason { reason: form.fields.reason, text: form.fields.words };
    let done = staff_check_again(&app, &scope, &id, version(&form.fields.seen), &typed).await;
    let line = "It is being checked again. The result stands on this page when there is one.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| line)).await
}

/// Has the credential in use checked once more.
pub async fn again_in_use(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedReason { reason: form.fields.reason, text: form.fields.words };
    let done = check_in_use(&app, &scope, &id, version(&form.fields.seen), &typed).await;
    let line = "What is in use is being checked. The result stands on this page when there is one.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| line)).await
}

/// Allows the names of a failed attempt again.
pub async fn allow(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AllowFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedAllowance { attempt: form.fields.attempt, why: form.fields.why };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => allow_names(&app, &scope, &id, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    let line = "The next attempt may use these names again.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}

/// Tries again to remove what checks left in its mailboxes.
pub async fn clear(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<SeenFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = staff_clear_again(&app, &scope, &id).await;
    let line = "It is being tried. What came of it stands on this page afterwards.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}

/// Leads back to the page with a line about what was done, or shows it with what was typed and why it was not done.
pub(super) async fn answer(
    app: &App,
    session: &Session,
    scope: &StaffScope,
    layout: Layout,
    id: &ConnectionId,
    typed: FormState,
    done: Result<&'static str, Refused>,
) -> Result<Response, PageError> {
    match led_on(session, &urls::connection(id), typed, done).await? {
        Ok(response) => Ok(response),
        Err(again) => {
            let case = read_case(app, scope, id).await?;
            let page = case.page(app, layout.at(QUEUE).failed(true), again.form, again.conflict);
            Ok(page_with(again.status, &page))
        }
    }
}
