//! Time limits that let work finish its thought: a call in flight is given up, the step still ends in order and
//! what was created is still removed.

use std::{pin::pin, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Says when the time of a step, or of the whole check, is over.
#[derive(Clone)]
pub struct Cut {
    whole: CancellationToken,
    step: CancellationToken,
}

impl Cut {
    /// Nothing is over yet.
    pub fn new() -> Self {
        let whole = CancellationToken::new();
        Self { step: whole.child_token(), whole }
    }

    /// For one more step of the same check.
    pub fn step(&self) -> Self {
        Self { whole: self.whole.clone(), step: self.whole.child_token() }
    }

    /// Whether the time of the whole check is over.
    pub fn whole_is_over(&self) -> bool {
        self.whole.is_cancelled()
    }

    /// The work's result, or `None` when the time was over first; the work is dropped then.
    pub async fn before<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.step.cancelled() => None,
            done = work => Some(done),
        }
    }

    /// Runs work that heeds this cut, and calls the step's time over after `limit`.
    pub async fn limit_step<T>(&self, limit: Duration, work: impl Future<Output = T>) -> T {
        limited(limit, &self.step, work).await
    }

    /// Runs work that heeds this cut, and calls the whole check's time over after `limit`.
    pub async fn limit_whole<T>(&self, limit: Duration, work: impl Future<Output = T>) -> T {
        limited(limit, &self.whole, work).await
    }
}

async fn limited<T>(limit: Duration, token: &CancellationToken, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        done = &mut work => done,
        () = sleep(limit) => {
            token.cancel();
            work.await
        }
    }
}
