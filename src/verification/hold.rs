//! A server that asks one call to wait is left alone by all calls that share its credential.

use std::sync::Arc;

use tokio::sync::watch;

use super::{cut::Cut, evidence::Evidence};
use crate::net::Failure;

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

    /// The answer to a call that is sent once nothing holds it. Errs with the evidence that none came in time.
    pub async fn answer<T>(
        &self,
        cut: &Cut,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Evidence> {
        let sent = async {
            self.over().await;
            call.await
        };
        match cut.before(sent).await {
            Some(answer) => answer.map_err(Evidence::Lost),
            None if cut.whole_is_over() => Err(Evidence::OutOfTime),
            None => Err(Evidence::Lost(Failure::HttpTimeout)),
        }
    }

    /// Ends when something may be sent again.
    async fn over(&self) {
        // The sender lives as long as this does, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|held| *held == 0).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.send_modify(|held| *held -= 1);
    }
}
