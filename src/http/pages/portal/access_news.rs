//! Tells the office's page of a request to look at a secret, once, that it stands elsewhere: it was taken back, a colleague
//! answered it, it ran out, somebody looked. Commits wake whoever waits, and its end comes by the clock, so nothing polls.

use std::time::Duration;

use axum::{
    Extension,
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use tokio::{
    sync::broadcast::Receiver,
    time::{Instant as Deadline, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::live::stop_of;
use crate::{
    app::App,
    domain::{
        access::{Access, AccessStage},
        ids::AccessId,
        instant::Instant,
        refused::Refused,
    },
    http::{
        error::PageError,
        pages::news::{LONGEST, News, mentioned, told_once},
        serve::Stopping,
        session::Watcher,
        urls,
    },
    store::{LookEntry, Topic},
};

/// So many of the latest looks are read.
pub(super) const MOST_LOOKS: i64 = 500;
/// The shortest wait for the end of its time: whoever wakes a moment too early does not spin.
const PAUSE: Duration = Duration::from_secs(1);

/// The line of the page of a request that still may change; none of one that is over.
pub(super) fn news_of(access: &Access, looks: &[LookEntry], now: Instant, by_itself: bool) -> Option<News> {
    access.is_live(now).then(|| News {
        url: urls::access_news(&access.id, &seen(access, looks, now)),
        tells: "This request has changed.",
        anew: urls::access(&access.id),
        by_itself,
    })
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
    Ok(told_once(waiting.changed()))
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
                () = mentioned(&mut self.woken, may_show) => {}
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

fn may_show(topic: &Topic) -> bool {
    matches!(topic, Topic::Audit | Topic::Everything)
}

/// As a page has it, with something to press or without.
#[cfg(test)]
pub(super) fn sample(by_itself: bool) -> News {
    News {
        url: "/access/acc_x/news?seen=waiting-0-0".to_owned(),
        tells: "This request has changed.",
        anew: "/access/acc_x?a=1&b=2".to_owned(),
        by_itself,
    }
}
