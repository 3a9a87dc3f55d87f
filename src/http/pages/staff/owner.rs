//! Who looks after a connection, for its page: taking it, giving it back, handing it over, putting it off.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    connection::{answer, parsed},
    words::version,
};
use crate::{
    actions::{
        hand_over::hand_over,
        snooze_item::{TypedSnooze, snooze_item},
        wake_item::wake_item,
    },
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form that hands it over sends.
#[derive(Deserialize)]
pub struct HandOverFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    colleague: String,
}

impl FormFields for HandOverFields {}

/// What the form that puts it off sends.
#[derive(Deserialize)]
pub struct SnoozeFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    length: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    time: String,
}

impl FormFields for SnoozeFields {}

/// Gives it to a colleague.
pub async fn give_over(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<HandOverFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = hand_over(&app, &scope, &id, version(&form.fields.seen), &form.fields.colleague).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| "Handed over.")).await
}

/// Puts it off.
pub async fn snooze(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<SnoozeFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let SnoozeFields { seen, length, day, time } = form.fields;
    let done = snooze_item(&app, &scope, &id, version(&seen), &TypedSnooze { length, day, time }).await;
    let line = "Put off. It comes back by itself, also when something new happens to it.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|_| line)).await
}

/// Takes it back into the queue.
pub async fn wake(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = wake_item(&app, &scope, &id).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "It is in the queue again.")).await
}
