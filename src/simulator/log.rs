//! Who asked for what: kept in order, bounded, and with a bell that rings at each entry.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use super::operation::Operation;

/// The oldest entries go when there are more than this.
const KEPT: usize = 50_000;

/// One HTTP request as the simulator met it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// The host it was for.
    pub host: String,
    /// Did it come over TLS?
    pub secured: bool,
    /// The method, in capitals.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// What it was about.
    pub operation: Operation,
    /// The name of the tenant it was for, when one could be told.
    pub tenant: Option<String>,
    /// Did it carry a credential: an `Authorization` header, or a secret or assertion in a form?
    pub authorised: bool,
    /// The first word of its `Authorization` header: `Basic`, `Bearer`, ...
    pub scheme: Option<String>,
    /// The status answered; none when the connection was left hanging or was dropped.
    pub status: Option<u16>,
    /// When it had been read, by the simulator's clock.
    pub at: jiff::Timestamp,
}

/// The requests of one run.
pub(crate) struct Log {
    entries: Mutex<VecDeque<Seen>>,
    bell: watch::Sender<u64>,
}

impl Log {
    pub(crate) fn new() -> Log {
        Log { entries: Mutex::new(VecDeque::new()), bell: watch::Sender::new(0) }
    }

    pub(crate) fn note(&self, seen: Seen) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(seen);
        drop(entries);
        self.bell.send_modify(|count| *count += 1);
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first entry that `wanted` accepts, among those kept and those to come.
    pub(crate) async fn wait_for(&self, wanted: impl Fn(&Seen) -> bool) -> Seen {
        let mut bell = self.bell.subscribe();
        loop {
            bell.mark_unchanged();
            if let Some(found) = self.find(&wanted) {
                return found;
            }
            if bell.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Writes a request down when it has been answered, or when the client has gone before.
    pub(crate) fn watch(&self, seen: Seen) -> Watched<'_> {
        Watched { log: self, seen: Some(seen) }
    }

    fn find(&self, wanted: &impl Fn(&Seen) -> bool) -> Option<Seen> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|seen| wanted(seen)).cloned()
    }
}

/// A request that is being answered.
pub(crate) struct Watched<'a> {
    log: &'a Log,
    seen: Option<Seen>,
}

impl Watched<'_> {
    /// Writes it down now, with the status answered, or none.
    pub(crate) fn ended(&mut self, status: Option<u16>) {
        if let Some(seen) = self.seen.take() {
            self.log.note(Seen { status, ..seen });
        }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.ended(None);
    }
}
