//! What earlier attempts left in the office's mail system: a list with ticks on the guide and on the page of a verified
//! connection.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::status_view::Moment;
use crate::{
    actions::leftovers::{Left, tick_leftover},
    app::App,
    domain::{ids::ConnectionId, leftovers::Thing, refused::Refused},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        render::see_other,
        session, urls,
    },
};

/// One thing that was left.
pub(super) struct LeftoverView {
    pub(super) attempt: i64,
    pub(super) thing: &'static str,
    pub(super) title: &'static str,
    pub(super) name: String,
    pub(super) place: String,
    /// Where the command runs, and the command.
    pub(super) command: Option<(&'static str, String)>,
    pub(super) removed: Option<Moment>,
}

impl LeftoverView {
    pub(super) fn of(left: Left) -> Self {
        let Left { leftover, removed } = left;
        Self {
            attempt: leftover.attempt,
            thing: leftover.thing.as_str(),
            title: leftover.thing.title(),
            name: leftover.name,
            place: leftover.place,
            command: leftover.command,
            removed: removed.map(Moment::of),
        }
    }

    #[cfg(test)]
    pub(super) fn samples(text: &str) -> Vec<Self> {
        let at = crate::domain::instant::Instant::from_micros(1_795_257_720_000_000);
        let one = |thing: Thing, done: bool| Self {
            attempt: 1,
            thing: thing.as_str(),
            title: thing.title(),
            name: text.to_owned(),
            place: text.to_owned(),
            command: (!done).then(|| ("Exchange Management Shell", text.to_owned())),
            removed: done.then(|| Moment::of(at)),
        };
        vec![one(Thing::RoleGroup, false), one(Thing::ServiceAccount, true)]
    }
}

/// What the form of one thing sends.
#[derive(Deserialize)]
pub struct LeftFields {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    thing: String,
    #[serde(default)]
    removed: String,
    /// The page it stands on.
    #[serde(default)]
    on: String,
}

impl FormFields for LeftFields {}

/// Notes that a thing is removed, or that it is not, and leads back to the list.
pub async fn tick(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<LeftFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let LeftFields { attempt, thing, removed, on } = form.fields;
    let thing = Thing::parse(&thing).ok_or(PageError::NotFound)?;
    let of = (attempt.parse().unwrap_or_default(), thing);
    match tick_leftover(&app, &scope, &id, of, removed == "yes").await {
        Ok(()) => {}
        Err(Refused::Conflict(why)) => session::leave_line(&session, why).await?,
        Err(other) => return Err(other.into()),
    }
    let page = if on == "guide" { urls::guide(id.as_str()) } else { urls::connection(&id) };
    Ok(see_other(&format!("{page}#left-overs")))
}
