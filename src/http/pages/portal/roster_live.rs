//! How far the check of all mailboxes is, as server-sent events: one when the count has changed, one when it has ended.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde_json::json;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant as Deadline, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    live::{never_held_back, stop_of},
    roster_form::find,
    roster_page::progress_words,
};
use crate::{
    app::App,
    domain::{
        ids::{ConnectionId, RosterId},
        refused::Refused,
        roster::Roster,
    },
    http::{error::PageError, serve::Stopping, session::Watcher},
    store::Topic,
};

/// How often the rows are read when nobody told of a change.
const POLL: Duration = Duration::from_secs(5);
/// The longest a stream stays open. The page comes again by itself.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// The shortest time between two looks: results come faster than anybody reads.
const PAUSE: Duration = Duration::from_millis(500);

/// A page that watches.
struct Watch {
    app: App,
    watcher: Watcher,
    connection: ConnectionId,
    shown: Option<(RosterId, i64, i64)>,
    woken: Receiver<Topic>,
    stop: CancellationToken,
    ends: Deadline,
    over: bool,
}

/// Streams how far it is.
pub async fn events(
    State(app): State<App>,
    watcher: Watcher,
    stopping: Option<Extension<Stopping>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let connection = find(&app, &watcher.scope, &id).await?.id;
    let woken = app.store.wakes().hear();
    let (stop, ends) = (stop_of(stopping), Deadline::now() + LONGEST);
    let watch = Watch { app, watcher, connection, shown: None, woken, stop, ends, over: false };
    let events = stream::unfold(watch, async |mut watch| {
        let event = watch.next().await.unwrap_or_default()?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    Ok(never_held_back(Sse::new(events).keep_alive(KeepAlive::default()).into_response()))
}

impl Watch {
    /// What is told next; `None` when the stream is over.
    async fn next(&mut self) -> Result<Option<Event>, Refused> {
        loop {
            if self.over || self.stop.is_cancelled() || Deadline::now() >= self.ends {
                return Ok(None);
            }
            if let Some(event) = self.look().await? {
                return Ok(Some(event));
            }
            if self.over || !self.wait().await {
                return Ok(None);
            }
        }
    }

    async fn look(&mut self) -> Result<Option<Event>, Refused> {
        let mut read = self.app.store.read().await?;
        // Who signed out meanwhile sees nothing more.
        let roster = if read.session_is_open(&self.watcher.session).await? {
            read.roster_of(&self.watcher.scope.brokerage, &self.connection).await?
        } else {
            None
        };
        let Some(roster) = roster else {
            self.over = true;
            return Ok(None);
        };
        if roster.ended.is_some() {
            self.over = true;
            return Ok(Some(Event::default().event("ended").data("ended")));
        }
        let now = (roster.id.clone(), roster.round, roster.done);
        if self.shown.as_ref() == Some(&now) {
            return Ok(None);
        }
        self.shown = Some(now);
        Ok(Some(progress(&roster, read.now())))
    }

    /// Waits until there may be something; `false` when the stream is over.
    async fn wait(&mut self) -> bool {
        let (stop, ends) = (self.stop.clone(), self.ends);
        let waits = async {
            sleep(PAUSE).await;
            tokio::select! {
                () = sleep(POLL) => {}
                () = mentioned(&mut self.woken) => {}
            }
        };
        tokio::select! {
            () = stop.cancelled() => false,
            () = sleep_until(ends) => false,
            () = waits => true,
        }
    }
}

fn progress(roster: &Roster, now: crate::domain::instant::Instant) -> Event {
    let words = progress_words(roster, now);
    let data = json!({ "done": roster.done, "of": roster.mailboxes, "words": words });
    Event::default().event("progress").data(data.to_string())
}

async fn mentioned(woken: &mut Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(Topic::Roster(_) | Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Topic::Check(_)
                | Topic::Look(_)
                | Topic::Jobs
                | Topic::Audit
                | Topic::Sealed
                | Topic::Needs
                | Topic::Connections
                | Topic::Recognised,
            ) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
