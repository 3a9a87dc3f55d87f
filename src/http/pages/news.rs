//! The line of a page that tells that there is more than it shows, and the stream by which it hears of that, once.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::{
    Receiver,
    error::{RecvError, TryRecvError},
};

use super::portal::live::never_held_back;
use crate::store::Topic;

/// The longest a stream stays open. The page comes again by itself.
pub(super) const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The line of a page that tells that there is more than it shows, or that it hears nothing any more.
#[derive(Clone)]
pub(super) struct News {
    /// Where the page hears of it.
    pub(super) url: String,
    /// What it says then.
    pub(super) tells: &'static str,
    /// Where the page shows itself anew.
    pub(super) anew: String,
    /// Whether it does that by itself while nobody types in it: where there is nothing to press.
    pub(super) by_itself: bool,
}

/// One event, `changed`, and the end; the end alone where `changed` says that there is nothing to tell.
pub(super) fn told_once(changed: impl Future<Output = bool> + Send + 'static) -> Response {
    let told = stream::once(changed).filter(|changed| std::future::ready(*changed));
    let events = told.map(|_| Ok::<_, Infallible>(Event::default().event("changed").data("changed")));
    never_held_back(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Waits until a topic is mentioned that the page may show, and hears out what was mentioned with it.
pub(super) async fn mentioned(woken: &mut Receiver<Topic>, may_show: impl Fn(&Topic) -> bool) {
    loop {
        match woken.recv().await {
            Ok(topic) if !may_show(&topic) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
    while matches!(woken.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
}
