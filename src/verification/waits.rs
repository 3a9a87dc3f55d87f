//! Pauses that a server asks for.

use std::time::Duration;

use http::{HeaderMap, header};
use tokio::time::sleep;

use super::cut::Cut;

/// The longest pause a server may ask for; whoever asks for more is asked again after this.
const LONGEST_PAUSE: u64 = 300;

/// How often a server that asks for a pause is given one within a step.
const PAUSES: usize = 2;

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
}

impl Patience {
    /// At most this much waiting.
    pub const fn new(waits: Duration) -> Self {
        Self { left: waits, pauses: PAUSES }
    }

    /// Waits as asked. False when nothing was asked, when it is too long, or when the time was over first: then there
    /// is no sense in asking again.
    pub async fn pause(&mut self, asked: Option<Duration>, cut: &Cut) -> bool {
        let Some(wait) = asked.filter(|wait| self.pauses > 0 && *wait <= self.left) else { return false };
        self.left -= wait;
        self.pauses -= 1;
        cut.before(sleep(wait)).await.is_some()
    }
}
