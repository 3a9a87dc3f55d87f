//! Tells a page of the queue, once, that what it shows may have changed. The page offers to show it: rows that moved
//! under somebody's hand would have them press the wrong one. Nothing is read for it but the session: commits wake
//! whoever waits, and the process remembers when it heard last.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant as Deadline, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    domain::instant::Instant,
    http::{
        pages::portal::live::{never_held_back, stop_of},
        serve::Stopping,
        staff_visitor::StaffWatcher,
    },
    store::Topic,
};

/// The longest a stream stays open. The page comes again by itself.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What the page shows, and since when.
#[derive(Deserialize)]
pub struct Wanted {
    /// Whether it shows more than what needs a human.
    #[serde(default)]
    all: bool,
    /// The time in microseconds at which its rows were read.
    #[serde(default)]
    seen: i64,
}

/// A page that waits.
struct Waiting {
    app: App,
    watcher: StaffWatcher,
    wanted: Wanted,
    woken: Receiver<Topic>,
    stop: CancellationToken,
}

/// Sends one event, `changed`, and ends; without news it ends after a while.
pub async fn events(
    State(app): State<App>,
    watcher: StaffWatcher,
    stopping: Option<Extension<Stopping>>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let woken = app.store.wakes().hear();
    let waiting = Waiting { app, watcher, wanted, woken, stop: stop_of(stopping) };
    let told = stream::once(waiting.changed()).filter(|changed| std::future::ready(*changed));
    let events = told.map(|_| Ok::<_, Infallible>(Event::default().event("changed").data("changed")));
    never_held_back(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

impl Waiting {
    /// Returns when there is something to tell; `false` when the stream ends without.
    async fn changed(mut self) -> bool {
        let ends = Deadline::now() + LONGEST;
        let seen = Instant::from_micros(self.wanted.seen);
        while self.app.store.wakes().queue_changed(self.wanted.all) <= seen {
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = sleep_until(ends) => return false,
                () = mentioned(&mut self.woken) => {}
            }
        }
        self.is_signed_in().await
    }

    /// Who signed out meanwhile hears nothing more.
    async fn is_signed_in(&self) -> bool {
        let Ok(mut read) = self.app.store.read().await else { return false };
        read.staff_session_is_open(&self.watcher.session).await.unwrap_or(false)
    }
}

async fn mentioned(woken: &mut Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(Topic::Needs | Topic::Connections | Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Topic::Check(_)
                | Topic::Roster(_)
                | Topic::Look(_)
                | Topic::Jobs
                | Topic::Audit
                | Topic::Recognised,
            ) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
