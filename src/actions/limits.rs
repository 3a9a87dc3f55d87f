//! How often something may be done. Counts are rows, so they hold over restarts and over processes. A window starts
//! at its first use.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{instant::Instant, refused::Refused},
    store::{Quiet, Read, Result, Write},
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

/// A limit for one address, network or pair of them. Made before the transaction begins: the key is blinded.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    limit: Limit,
    key: Vec<u8>,
}

impl Limit {
    /// The limit for one of those it counts.
    pub(super) fn of(&self, app: &App, who: &str) -> Meter {
        Meter { limit: *self, key: app.blind(self.what, who) }
    }
}

impl Meter {
    /// When it goes on, where the window has no more uses. Counts nothing.
    pub(super) async fn look(&self, read: &mut Read, now: Instant) -> Result<Option<Instant>> {
        let used = read.uses(&self.key, now).await?;
        Ok(used.filter(|used| used.uses >= self.limit.most).map(|used| used.ends_at))
    }

    /// Counts one use; gives when it goes on where that was one too many. The transaction is then to be dropped, so
    /// that who is refused uses nothing up.
    pub(super) async fn take(&self, write: &mut Write, now: Instant) -> Result<Option<Instant>> {
        let used = write.count_use(&self.key, now, now.plus(self.limit.window)).await?;
        Ok((used.uses > self.limit.most).then_some(used.ends_at))
    }

    /// Counts one use and ends the transaction with it: a press that is then refused for another reason counts as well.
    ///
    /// Errs with `TooMany` where that was one too many.
    pub(super) async fn press(&self, mut write: Write) -> std::result::Result<(), Refused> {
        let now = write.shared_now().await?;
        let until = self.take(&mut write, now).await?;
        write.commit_quietly(Quiet::RateLimit).await?;
        until.map_or(Ok(()), |until| Err(Refused::TooMany(until)))
    }

    /// Takes back a use of the window that is open: what came of it was our own fault.
    pub(super) async fn give_back(&self, write: &mut Write) -> Result<()> {
        let now = write.shared_now().await?;
        write.give_use_back(&self.key, now).await
    }

    /// Counts one use, however many there were; gives how many there are in this window.
    pub(super) async fn count(&self, write: &mut Write, now: Instant) -> Result<i64> {
        Ok(write.count_use(&self.key, now, now.plus(self.limit.window)).await?.uses)
    }

    /// Uses the window up, for the whole length of a window from now.
    pub(super) async fn lock(&self, write: &mut Write, now: Instant) -> Result<()> {
        write.lock_uses(&self.key, self.limit.most, now.plus(self.limit.window)).await
    }
}
