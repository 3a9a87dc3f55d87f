//! Tells a page of our own people, once, that what it shows may have changed. The page offers to show it: rows that moved
//! under somebody's hand would have them press the wrong one. A page that only waits for something shows it by itself.
//! Commits wake whoever waits, so nothing polls.

use axum::{
    Extension,
    extract::{Path, Query, State},
    response::Response,
};
use jiff::SignedDuration;
use serde::Deserialize;
use tokio::{
    sync::broadcast::Receiver,
    time::{Instant as Deadline, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub(super) use crate::http::pages::news::News;
use crate::{
    app::App,
    domain::{ids::ConnectionId, instant::Instant, refused::Refused},
    http::{
        error::PageError,
        pages::{
            news::{LONGEST, mentioned, told_once},
            portal::live::stop_of,
        },
        serve::Stopping,
        staff_visitor::StaffWatcher,
        urls,
    },
    store::{Topic, all_brokerages::AllBrokerages},
};

/// What a page counts back: no transaction is open for longer, so none is committed behind the count of the page that
/// saw nothing of it.
const BACK: SignedDuration = SignedDuration::from_secs(60);

impl News {
    /// Of a page about a connection. Read before anything else that the page shows: what comes meanwhile is told.
    pub(super) async fn of_connection(
        all: &mut AllBrokerages<'_>,
        id: &ConnectionId,
        now: Instant,
    ) -> Result<Self, Refused> {
        let since = now.plus(-BACK);
        let lines = all.lines_since(id, since).await?;
        Ok(Self {
            url: urls::connection_news(id, since, lines),
            tells: "Something happened here.",
            anew: urls::connection(id),
            by_itself: false,
        })
    }

    /// The same for a page that shows itself anew there; by itself where it only waits and has nothing to press.
    pub(super) fn shown_at(self, anew: String, by_itself: bool) -> Self {
        Self { anew, by_itself, ..self }
    }
}

/// What a page of the queue shows, and since when.
#[derive(Deserialize)]
pub struct OfQueue {
    /// Whether it shows more than what needs a human.
    #[serde(default)]
    all: bool,
    /// The time in microseconds at which its rows were read.
    #[serde(default)]
    seen: i64,
}

/// What a page about a connection has seen.
#[derive(Deserialize)]
pub struct OfConnection {
    /// Since when it counted, in microseconds.
    #[serde(default)]
    since: i64,
    /// How many audit lines there were.
    #[serde(default)]
    lines: i64,
}

enum Seen {
    Queue(OfQueue),
    Connection(ConnectionId, OfConnection),
}

/// A page that waits.
struct Waiting {
    app: App,
    watcher: StaffWatcher,
    seen: Seen,
    woken: Receiver<Topic>,
    stop: CancellationToken,
}

/// Tells a page of the queue: one event, `changed`, and the end; without news it ends after a while.
pub async fn of_queue(
    State(app): State<App>,
    watcher: StaffWatcher,
    stopping: Option<Extension<Stopping>>,
    Query(seen): Query<OfQueue>,
) -> Response {
    told(app, watcher, stopping, Seen::Queue(seen))
}

/// The same for a page about a connection. Errs with `NotFound` when there is no such connection.
pub async fn of_connection(
    State(app): State<App>,
    watcher: StaffWatcher,
    stopping: Option<Extension<Stopping>>,
    Path(id): Path<String>,
    Query(seen): Query<OfConnection>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let whose = read.all_brokerages(&watcher.scope)?.whose(&id).await;
    drop(read);
    whose.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    Ok(told(app, watcher, stopping, Seen::Connection(id, seen)))
}

fn told(app: App, watcher: StaffWatcher, stopping: Option<Extension<Stopping>>, seen: Seen) -> Response {
    let woken = app.store.wakes().hear();
    let waiting = Waiting { app, watcher, seen, woken, stop: stop_of(stopping) };
    told_once(waiting.changed())
}

impl Waiting {
    /// Returns when there is something to tell; `false` when the stream ends without.
    async fn changed(mut self) -> bool {
        let ends = Deadline::now() + LONGEST;
        loop {
            match self.has_changed().await {
                Ok(false) => {}
                Ok(true) => return self.is_signed_in().await,
                // The page comes again.
                Err(_) => return false,
            }
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = sleep_until(ends) => return false,
                () = mentioned(&mut self.woken, |topic| may_show(&self.seen, topic)) => {}
            }
        }
    }

    async fn has_changed(&self) -> Result<bool, Refused> {
        match &self.seen {
            Seen::Queue(of) => {
                Ok(self.app.store.wakes().queue_changed(of.all) > Instant::from_micros(of.seen))
            }
            Seen::Connection(id, of) => {
                let mut read = self.app.store.read().await?;
                let since = Instant::from_micros(of.since);
                Ok(read.all_brokerages(&self.watcher.scope)?.lines_since(id, since).await? != of.lines)
            }
        }
    }

    /// Who signed out meanwhile, or is one of our people no more, hears nothing more.
    async fn is_signed_in(&self) -> bool {
        self.watcher.anew(&self.app).await.is_ok_and(|who| who.is_some())
    }
}

fn may_show(seen: &Seen, topic: &Topic) -> bool {
    match topic {
        Topic::Everything => true,
        Topic::Needs | Topic::Connections => matches!(seen, Seen::Queue(_)),
        Topic::Audit => matches!(seen, Seen::Connection(..)),
        Topic::Check(_)
        | Topic::Sealed
        | Topic::Roster(_)
        | Topic::Look(_)
        | Topic::Jobs
        | Topic::Recognised => false,
    }
}

#[cfg(test)]
impl News {
    /// As a page that waits has it.
    pub(super) fn sample() -> Self {
        Self {
            url: "/connections/con_x/news?since=1&lines=2".to_owned(),
            tells: "Something happened here.",
            anew: "/access/acc_x?a=1&b=2".to_owned(),
            by_itself: true,
        }
    }
}
