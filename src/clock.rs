//! Time and randomness. This is the only file that asks the machine for either; everybody else is handed a
//! [`Clock`] and a [`Randomness`], so that tests move the one and repeat the other.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{SignedDuration, civil::Date};
use rand_core::{Rng, TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

use crate::domain::instant::Instant;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until it is moved.
    pub fn standing_at(start: Instant) -> Self {
        Self(Source::Moved(Arc::new(AtomicI64::new(start.as_micros()))))
    }

    /// The present.
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Source::Moved(micros) => Instant::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Today in UTC.
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Moves a standing clock forward; the machine's clock does not move for us.
    pub fn advance(&self, by: Duration) {
        if let Source::Moved(micros) = &self.0 {
            let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
            let _ = micros.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |at| {
                Some(Instant::from_micros(at).plus(by).as_micros())
            });
        }
    }
}

/// Random bytes for ids, codes, keys and nonces.
///
/// It implements the traits that cryptographic crates ask for. Where the operating system gives no randomness it
/// panics: an id or a key that can be guessed is worse than a job that stops.
#[derive(Clone)]
pub struct Randomness(Arc<Mutex<Bytes>>);

enum Bytes {
    System,
    Seeded { seed: u64, block: u64 },
}

impl Randomness {
    /// The operating system's randomness.
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(Bytes::System)))
    }

    /// Bytes that repeat for the same seed: for tests only.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Bytes::Seeded { seed, block: 0 })))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.clone().fill_bytes(&mut out);
        out
    }

    fn fill(&self, out: &mut [u8]) {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            #[expect(clippy::disallowed_methods, reason = "this is the Randomness")]
            Bytes::System => getrandom::fill(out).expect("the operating system gives randomness"),
            Bytes::Seeded { seed, block } => {
                for chunk in out.chunks_mut(32) {
                    let digest = Sha256::new()
                        .chain_update(seed.to_be_bytes())
                        .chain_update(block.to_be_bytes())
                        .finalize();
                    chunk.copy_from_slice(&digest[..chunk.len()]);
                    *block += 1;
                }
            }
        }
    }
}

impl TryRng for Randomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_be_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Randomness {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_moved() {
        let clock = Clock::standing_at(Instant::from_micros(5));
        let other = clock.clone();
        other.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Instant::from_micros(1_000_005));
    }

    #[test]
    fn seeded_bytes_repeat_and_system_bytes_do_not() {
        assert_eq!(Randomness::seeded(7).bytes::<40>(), Randomness::seeded(7).bytes::<40>());
        assert_ne!(Randomness::seeded(7).bytes::<16>(), Randomness::seeded(8).bytes::<16>());
        assert_ne!(Randomness::system().bytes::<16>(), Randomness::system().bytes::<16>());
    }
}
