//! Load over HTTP: so many connections, each of which sends its next request when the last was answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Request, StatusCode};

use crate::world::client::client;

/// What came of a load.
pub struct Outcome {
    pub count: usize,
    pub took: Duration,
    /// How long each answer took, shortest first.
    pub times: Vec<Duration>,
    pub wrong: usize,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// The time within which this share of the answers came, from 0 to 1.
    pub fn within(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.times.get(place).copied().unwrap_or_default()
    }
}

/// Sends all requests over `connections` connections and counts the answers that are not `expected`.
pub async fn send(requests: Vec<Request>, connections: usize, expected: StatusCode) -> Outcome {
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let workers = (0..connections).map(|_| {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tokio::spawn(one(requests, next, expected))
    });
    let mut outcome = Outcome { count: requests.len(), took: Duration::ZERO, times: Vec::new(), wrong: 0 };
    for worker in workers.collect::<Vec<_>>() {
        let (times, wrong) = worker.await.expect("no panic");
        outcome.times.extend(times);
        outcome.wrong += wrong;
    }
    outcome.took = begun.elapsed();
    outcome.times.sort();
    outcome
}

async fn one(
    requests: Arc<Vec<Request>>,
    next: Arc<AtomicUsize>,
    expected: StatusCode,
) -> (Vec<Duration>, usize) {
    // A client of its own is a connection of its own.
    let client = client();
    let (mut times, mut wrong) = (Vec::new(), 0);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let request = request.try_clone().expect("a plain request");
        let begun = Instant::now();
        let answer = client.execute(request).await.expect("an answer");
        let status = answer.status();
        let _ = answer.bytes().await.expect("a whole answer");
        times.push(begun.elapsed());
        wrong += usize::from(status != expected);
    }
    (times, wrong)
}

/// Milliseconds with one decimal.
pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
