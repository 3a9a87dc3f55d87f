//! What the buttons in the rows of the queue do: take a connection, or put it off until the next working day. Both lead
//! back to the list; whoever was slower sees the connection and who was faster.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{connection::answer, words::version};
use crate::{
    actions::{
        snooze_item::{TypedSnooze, snooze_item},
        take_item::take_item,
    },
    app::App,
    domain::{ids::ConnectionId, staff::StaffScope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
        render::see_other,
        session, urls,
    },
};

/// What the form around the rows sends: one of the two, the connection with the version of its review.
#[derive(Deserialize)]
pub struct ItemFields {
    #[serde(default)]
    take: String,
    #[serde(default)]
    snooze: String,
    #[serde(default)]
    back: String,
}

impl FormFields for ItemFields {}

/// Does it.
pub async fn act(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<ItemFields, StaffScope>,
) -> Result<Response, PageError> {
    let ItemFields { take, snooze, back } = form.fields;
    let takes = snooze.is_empty();
    let item = if takes { &take } else { &snooze };
    let (id, seen) = item.split_once('.').ok_or(PageError::NotFound)?;
    let id = ConnectionId::parse(id).map_err(|_| PageError::NotFound)?;
    let done = match takes {
        true => take_item(&app, &scope, &id, version(seen)).await.map(|()| "You have taken it.".to_owned()),
        false => snooze_item(&app, &scope, &id, version(seen), &TypedSnooze::until_morning())
            .await
            .map(|until| format!("Put off until {}.", until.words())),
    };
    match done {
        Ok(line) => {
            session::leave_line(&session, &line).await?;
            Ok(see_other(urls::own_path(&back).unwrap_or(urls::HOME)).into_response())
        }
        Err(refused) => answer(&app, &session, &scope, layout, &id, form.state, Err(refused)).await,
    }
}
