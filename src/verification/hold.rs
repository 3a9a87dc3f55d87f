//! A server that asks one call to wait is left alone by all calls that share its credential.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Until when nothing is sent. Clones share it.
#[derive(Clone, Default)]
pub struct Hold(Arc<Mutex<Option<Instant>>>);

impl Hold {
    /// Nothing is sent for this long from now on, or for longer where that was asked before.
    pub fn extend(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |earlier| earlier.max(until)));
    }

    /// Ends when something may be sent again.
    pub async fn over(&self) {
        while let Some(until) = self.until() {
            sleep_until(until).await;
        }
    }

    fn until(&self) -> Option<Instant> {
        let held = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|until| *until > Instant::now())
    }
}
