//! How often something may be asked for. Counts are rows, so they hold over restarts and over processes.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::instant::Instant,
    store::{Result, Write},
};

/// So many uses in a window of time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// What is limited; part of the row's key.
    pub(super) what: &'static str,
    /// The length of a window.
    pub(super) window: SignedDuration,
    /// How many uses a window has.
    pub(super) most: i64,
}

impl Limit {
    /// Counts one use by `who`; gives the time when it goes on where the window has no more.
    ///
    /// Windows follow each other without a gap. A use over the limit is counted too: whoever goes on pressing waits.
    pub(super) async fn take(&self, app: &App, write: &mut Write, who: &str) -> Result<Option<Instant>> {
        let (start, end) = self.window(write.shared_now().await?);
        let uses = write.count_use(&self.key(app, who), start, end).await?;
        Ok((uses > self.most).then_some(end))
    }

    /// Whether `who` has uses left, without counting one; gives the time when it goes on where not.
    pub(super) async fn look(&self, app: &App, write: &mut Write, who: &str) -> Result<Option<Instant>> {
        let (start, end) = self.window(write.shared_now().await?);
        let uses = write.uses(&self.key(app, who), start).await?;
        Ok((uses >= self.most).then_some(end))
    }

    fn window(&self, now: Instant) -> (Instant, Instant) {
        let length = i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX).max(1);
        let start = Instant::from_micros(now.as_micros() - now.as_micros().rem_euclid(length));
        (start, start.plus(self.window))
    }

    fn key(&self, app: &App, who: &str) -> Vec<u8> {
        app.blind(self.what, who)
    }
}
