//! Tells the office's page of a request to look at a secret, once, that it stands elsewhere: it was taken back, a colleague
//! answered it, it ran out, somebody looked. Commits wake whoever waits, and its end comes by the clock, so nothing polls.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::{Instant as Deadline, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::live::{never_held_back, stop_of};
use crate::{
    app::App,
    domain::{
        access::{Access, AccessStage},
        ids::AccessId,
        instant::Instant,
        refused::Refused,
    },
    http::{error::PageError, serve::Stopping, session::Watcher, urls},
    store::{LookEntry, Topic},
};

/// So many of the latest looks are read.
pub(super) const MOST_LOOKS: i64 = 500;
/// The longest a stream stays open. The page comes again by itself.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// The shortest wait for the end of its time: whoever wakes a moment too early does not spin.
const PAUSE: Duration = Duration::from_secs(1);

/// The line of the page that tells that it stands elsewhere, or that the page hears nothing any more.
pub(super) struct AccessNews {
    /// Where the page hears of it.
    pub(super) url: String,
    /// What it says then.
    pub(super) tells: &'static str,
    /// Where the page shows itself anew.
    pub(super) anew: String,
    /// Whether it does that by itself: where there is nothing to press.
    pub(super) by_itself: bool,
}

impl AccessNews {
    /// Of a request that still may change; none of one that is over.
    pub(super) fn of(access: &Access, looks: &[LookEntry], now: Instant, by_itself: bool) -> Option<Self> {
        access.is_live(now).then(|| Self {
            url: urls::access_news(&access.id, &seen(access, looks, now)),
            tells: "This request has changed.",
            anew: urls::access(&access.id),
            by_itself,
        })
    }
}

/// What a page shows of it, in short: where it stands, how many presses there were and how many secrets were shown.
fn seen(access: &Access, looks: &[LookEntry], now: Instant) -> String {
    let stands = match access.stage(now) {
        AccessStage::Waiting(_) => "waiting",
        AccessStage::Open(_) => "open",
        AccessStage::Unanswered => "unanswered",
        AccessStage::Over => "over",
        AccessStage::Ended(end) => end.as_str(),
    };
    let (mut pressed, mut shown) = (0, 0);
    for look in looks.iter().filter(|look| look.request_id == access.id) {
        pressed += 1;
        shown += usize::from(look.released_at.is_some());
    }
    format!("{stands}-{pressed}-{shown}")
}

/// What a page has seen.
#[derive(Deserialize)]
pub struct Shown {
    #[serde(default)]
    seen: String,
}

/// A page that waits.
struct Waiting {
    app: App,
    watcher: Watcher,
    id: AccessId,
    shown: String,
    woken: Receiver<Topic>,
    stop: CancellationToken,
}

/// Tells the page: one event, `changed`, and the end; without news it ends after a while. Errs with `NotFound` when the
/// office was asked no such thing.
pub async fn of_request(
    State(app): State<App>,
    watcher: Watcher,
    stopping: Option<Extension<Stopping>>,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, PageError> {
    let id = AccessId::parse(&id).map_err(|_| PageError::NotFound)?;
    let woken = app.store.wakes().hear();
    let waiting = Waiting { app, watcher, id, shown: shown.seen, woken, stop: stop_of(stopping) };
    waiting.look().await?.ok_or(PageError::NotFound)?;
    let told = stream::once(waiting.changed()).filter(|changed| std::future::ready(*changed));
    let events = told.map(|_| Ok::<_, Infallible>(Event::default().event("changed").data("changed")));
    Ok(never_held_back(Sse::new(events).keep_alive(KeepAlive::default()).into_response()))
}

/// How it is now.
struct Now {
    changed: bool,
    /// How long until its time is over by itself.
    left: Duration,
}

impl Waiting {
    /// Returns when there is something to tell; `false` when the stream ends without.
    async fn changed(mut self) -> bool {
        let ends = Deadline::now() + LONGEST;
        loop {
            let left = match self.look().await {
                Ok(Some(Now { changed: true, .. })) => return self.is_signed_in().await,
                Ok(Some(Now { left, .. })) => left,
                // The page comes again.
                Ok(None) | Err(_) => return false,
            };
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = sleep_until(ends) => return false,
                () = sleep(left) => {}
                () = mentioned(&mut self.woken) => {}
            }
        }
    }

    async fn look(&self) -> Result<Option<Now>, Refused> {
        let brokerage = &self.watcher.scope.brokerage;
        let mut read = self.app.store.read().await?;
        let Some(stored) = read.access(brokerage, &self.id).await? else { return Ok(None) };
        let looks = read.looks_of(brokerage, MOST_LOOKS).await?;
        let now = self.app.clock.now();
        let left = match stored.access.stage(now) {
            AccessStage::Waiting(until) | AccessStage::Open(until) => {
                Duration::try_from(until.since(now)).unwrap_or(LONGEST)
            }
            AccessStage::Unanswered | AccessStage::Over | AccessStage::Ended(_) => LONGEST,
        };
        let left = left.clamp(PAUSE, LONGEST);
        Ok(Some(Now { changed: seen(&stored.access, &looks, now) != self.shown, left }))
    }

    /// Who signed out meanwhile hears nothing more.
    async fn is_signed_in(&self) -> bool {
        let Ok(mut read) = self.app.store.read().await else { return false };
        read.session_is_open(&self.watcher.session).await.unwrap_or(false)
    }
}

/// Waits until something is mentioned that this page may show, and hears out what was mentioned with it.
async fn mentioned(woken: &mut Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(Topic::Audit | Topic::Everything) | Err(RecvError::Lagged(_)) => break,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
    while matches!(woken.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
}

#[cfg(test)]
impl AccessNews {
    /// As a page has it, with something to press or without.
    pub(super) fn sample(by_itself: bool) -> Self {
        Self {
            url: "/access/acc_x/news?seen=waiting-0-0".to_owned(),
            tells: "This request has changed.",
            anew: "/access/acc_x?a=1&b=2".to_owned(),
            by_itself,
        }
    }
}
