//! A server that asks one call to wait is left alone by all calls that share its credential.

use std::sync::Arc;

use tokio::sync::watch;

/// How many calls wait as they were asked to. Clones share it.
#[derive(Clone)]
pub struct Hold(Arc<watch::Sender<usize>>);

/// A wait that was asked for, until it is dropped.
pub struct Held(Hold);

impl Default for Hold {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Hold {
    /// Nothing is sent as long as this is kept.
    pub fn take(&self) -> Held {
        self.0.send_modify(|held| *held += 1);
        Held(self.clone())
    }

    /// Ends when something may be sent again.
    pub async fn over(&self) {
        // The sender lives as long as this does, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|held| *held == 0).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.send_modify(|held| *held -= 1);
    }
}
