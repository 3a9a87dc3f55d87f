//! The check as it goes, for pages with scripts: server-sent events. An event's id is `run.seq`; a browser that
//! lost the line sends the last one back and goes on behind it.

use std::convert::Infallible;

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    status_view::{look, time_words},
    watch::{Told, Watch},
};
use crate::{
    actions::progress::Cursor,
    app::App,
    domain::{
        ids::{CheckId, ConnectionId},
        refused::Refused,
    },
    http::{error::PageError, serve::Stopping, session::Watcher},
};

/// Which check, and what of it the page shows already.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    check: String,
    #[serde(default)]
    after: String,
}

/// Streams what happens to a check of this brokerage's connection.
pub async fn events(
    State(app): State<App>,
    watcher: Watcher,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let check = CheckId::parse(&wanted.check).map_err(|_| PageError::NotFound)?;
    let found = app.store.read().await.map_err(Refused::from)?.check(&watcher.scope, &check).await;
    found.map_err(Refused::from)?.filter(|check| check.connection_id == id).ok_or(PageError::NotFound)?;
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(Cursor::parse);
    let cursor = resumed.or_else(|| Cursor::parse(&wanted.after)).unwrap_or(Cursor::START);
    let stop = stop_of(stopping);
    let watch = Watch::begin(app, watcher, check, cursor, stop);
    let told = stream::unfold(watch, async |mut watch| {
        let told = watch.next().await.unwrap_or_default()?;
        Some((stream::iter(told), watch))
    });
    let events = told.flatten().map(|told| Ok::<_, Infallible>(event(&told)));
    let stream = Sse::new(events).keep_alive(KeepAlive::default());
    Ok(never_held_back(stream.into_response()))
}

/// The token that ends streams when the process stops; one that never does where the listener is not ours.
pub(in crate::http::pages) fn stop_of(stopping: Option<Extension<Stopping>>) -> CancellationToken {
    stopping.map_or_else(CancellationToken::new, |Extension(Stopping(token))| token)
}

/// Tells proxies and caches to hand each piece on as it comes.
pub(in crate::http::pages) fn never_held_back(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn event(told: &Told) -> Event {
    match told {
        Told::Run(cursor) => named("run", cursor).data(cursor.run.to_string()),
        Told::Step(cursor, step) => named("step", cursor).data(
            json!({
                "id": step.id,
                "title": step.title,
                "outcome": look(step.outcome),
                "time": time_words(step.elapsed),
            })
            .to_string(),
        ),
        Told::Decided(cursor) => named("decided", cursor).data("decided"),
        Told::Overtaken(cursor) => named("overtaken", cursor).data("overtaken"),
    }
}

fn named(name: &str, cursor: &Cursor) -> Event {
    Event::default().event(name).id(cursor.to_string())
}
