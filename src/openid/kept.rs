//! Something fetched from the provider and kept for a time, by one fetch for all who ask meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::SignedDuration;
use tokio::sync::Mutex;

use super::refusal::Refusal;
use crate::{clock::Clock, domain::instant::Instant};

/// What was fetched last.
pub(super) struct Kept<T> {
    last: Arc<Mutex<Last<T>>>,
    failures: Arc<AtomicU64>,
}

struct Last<T> {
    had: Option<(Instant, Arc<T>)>,
    failed: Option<Refusal>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        let last = Last { had: None, failed: None };
        Self { last: Arc::new(Mutex::new(last)), failures: Arc::default() }
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// What is known, fetched if it is older than this. Whoever waited for somebody else's fetch takes over its failure
    /// too: while the provider is away nobody waits longer than one fetch, however many ask. Whoever asks afterwards
    /// asks anew. A fetch goes on when the one who began it leaves, for those who wait for it.
    pub(super) async fn no_older(
        &self,
        age: SignedDuration,
        clock: &Clock,
        fetch: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<Arc<T>, Refusal> {
        let before = self.failures.load(Ordering::SeqCst);
        let mut last = self.last.clone().lock_owned().await;
        let now = clock.now();
        if let Some((at, had)) = &last.had
            && now.since(*at) < age
        {
            return Ok(had.clone());
        }
        if let Some(failed) = &last.failed
            && self.failures.load(Ordering::SeqCst) != before
        {
            return Err(failed.clone());
        }
        let failures = self.failures.clone();
        let fetched = tokio::spawn(async move {
            match fetch.await {
                Ok(read) => {
                    let read = Arc::new(read);
                    last.had = Some((now, read.clone()));
                    Ok(read)
                }
                Err(refusal) => {
                    last.failed = Some(refusal.clone());
                    failures.fetch_add(1, Ordering::SeqCst);
                    Err(refusal)
                }
            }
        });
        // It is lost only with the process.
        fetched.await.unwrap_or(Err(Refusal::Busy))
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, time::Duration};

    use tokio::sync::Notify;

    use super::*;
    use crate::net::Failure;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    /// A fetch that ends when it is told to, and counts.
    struct Slow {
        goes_on: Arc<Notify>,
        begun: Arc<AtomicUsize>,
    }

    impl Slow {
        fn fetch(
            &self,
            comes: Result<u8, Refusal>,
        ) -> impl Future<Output = Result<u8, Refusal>> + Send + 'static {
            let (goes_on, begun) = (self.goes_on.clone(), self.begun.clone());
            async move {
                begun.fetch_add(1, Ordering::SeqCst);
                goes_on.notified().await;
                comes
            }
        }
    }

    fn away() -> Refusal {
        Refusal::Away(Failure::HttpTimeout)
    }

    fn clock() -> Clock {
        Clock::standing_at(Instant::from_micros(1_795_257_720_000_000))
    }

    /// Lets every other task of this one thread go on until it waits.
    async fn everybody_else() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn all_who_wait_share_one_failure_and_the_next_one_asks_anew() {
        let (kept, clock) = (Arc::new(Kept::<u8>::default()), clock());
        let slow = Slow { goes_on: Arc::default(), begun: Arc::default() };
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (kept, clock, fetch) = (kept.clone(), clock.clone(), slow.fetch(Err(away())));
                tokio::spawn(async move { kept.no_older(HOUR, &clock, fetch).await.err() })
            })
            .collect();
        everybody_else().await;
        slow.goes_on.notify_one();
        for one in waiting {
            assert_eq!(one.await.expect("it ends"), Some(away()));
        }
        assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
        slow.goes_on.notify_one();
        assert_eq!(kept.no_older(HOUR, &clock, slow.fetch(Ok(7))).await.map(|read| *read), Ok(7));
        assert_eq!(slow.begun.load(Ordering::SeqCst), 2, "recovery is noticed by the next one who asks");
        let known = kept.no_older(HOUR, &clock, slow.fetch(Err(away()))).await;
        assert_eq!((known.map(|read| *read), slow.begun.load(Ordering::SeqCst)), (Ok(7), 2), "known");
        clock.advance(Duration::from_secs(3600));
        slow.goes_on.notify_one();
        assert_eq!(kept.no_older(HOUR, &clock, slow.fetch(Ok(8))).await.map(|read| *read), Ok(8));
    }

    #[tokio::test]
    async fn a_fetch_goes_on_without_the_one_who_began_it() {
        let (kept, clock) = (Arc::new(Kept::<u8>::default()), clock());
        let slow = Slow { goes_on: Arc::default(), begun: Arc::default() };
        let asks = |comes| {
            let (kept, clock, fetch) = (kept.clone(), clock.clone(), slow.fetch(comes));
            tokio::spawn(async move { kept.no_older(HOUR, &clock, fetch).await.map(|read| *read) })
        };
        let first = asks(Ok(1));
        everybody_else().await;
        let second = asks(Ok(2));
        everybody_else().await;
        first.abort();
        slow.goes_on.notify_one();
        assert_eq!(second.await.expect("it ends"), Ok(1));
        assert_eq!(slow.begun.load(Ordering::SeqCst), 1);
    }
}
