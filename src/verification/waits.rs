//! Pauses that a server asks for.

use std::time::Duration;

use http::{HeaderMap, header};

use tokio::time::sleep;

use super::{cut::Cut, hold::Hold, pace::Pace};

/// The longest pause a server may ask for; whoever asks for more is asked again after this.
const LONGEST_PAUSE: u64 = 300;

/// What `Retry-After` asks: whole seconds, capped. A date, a negative or a mangled value asks nothing.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than a number holds is more than the cap.
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX).min(LONGEST_PAUSE)))
}

/// How much waiting is left within a step.
pub struct Patience {
    left: Duration,
    pauses: usize,
    hold: Hold,
}

impl Patience {
    /// As much as this pace allows a step; whoever shares the hold waits along.
    pub fn new(pace: &Pace, hold: &Hold) -> Self {
        Self { left: pace.waits, pauses: pace.pauses, hold: hold.clone() }
    }

    /// Waits as asked, and lets everybody wait who shares the hold. False when nothing was asked, when it is too long, or
    /// when the time was over first: then there is no sense in asking again.
    pub async fn pause(&mut self, asked: Option<Duration>, cut: &Cut) -> bool {
        let Some(wait) = asked.filter(|wait| self.pauses > 0 && *wait <= self.left) else { return false };
        self.left -= wait;
        self.pauses -= 1;
        let _held = self.hold.take();
        cut.before(sleep(wait)).await.is_some()
    }
}
