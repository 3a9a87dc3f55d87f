//! How many of something there are, and how many there were at most.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what lives at the same time.
#[derive(Default)]
pub(crate) struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One of them, until it is dropped.
pub(crate) struct Counted<'a>(&'a Gauge);

impl Gauge {
    /// One more lives.
    pub(crate) fn enter(&self) -> Counted<'_> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Counted(self)
    }

    /// The most there were.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}
