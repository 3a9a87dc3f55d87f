//! How long a job waits after an outage of ours.

use std::time::Duration;

use jiff::SignedDuration;

use crate::{
    clock::Randomness,
    domain::{
        instant::Instant,
        job::{Claimed, Job},
    },
};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// After so many tries, 18 hours at the average of the longest pauses, staff look at a check or a certificate. The age of its job says
/// nothing: a later look is written up to a day before it is due.
const MOST_TRIES: i64 = 288;

/// After so many tries, some ten minutes, a domain's mail system is left for the admin to choose.
const MOST_LOOKS: i64 = 10;

/// After so many tries a secret is not shown any more: whoever pressed has gone on.
const MOST_REVEALS: i64 = 5;

/// A mail is tried for two days: a mail server that is mended on the next working day still gets it.
const MAILS_WAIT: SignedDuration = SignedDuration::from_hours(48);

/// Whether staff look at a job that failed once more. The sweep and the mails to our own people are tried for ever: nothing
/// else deletes or tells them.
pub(super) fn is_worn_out(claimed: &Claimed, now: Instant) -> bool {
    match claimed.job {
        Job::RunCheck(_)
        | Job::ClearMailbox(_)
        | Job::MakeCertificate(_)
        | Job::CheckRoster(_)
        | Job::Remind(_)
        | Job::ReturnItem(_) => claimed.attempts + 1 >= MOST_TRIES,
        // Whoever asked can ask again.
        Job::VerifyAudit(_) => claimed.attempts + 1 >= MOST_LOOKS,
        // Nobody waits for it much longer than the page takes to read.
        Job::RecogniseDomain(_) => claimed.attempts + 1 >= MOST_LOOKS,
        // Nobody waits for it longer than a minute.
        Job::Reveal(_) => claimed.attempts + 1 >= MOST_REVEALS,
        // A mail's job is written with the mail.
        Job::SendMail(_) | Job::SendCode(_) => now.since(claimed.created_at) >= MAILS_WAIT,
        Job::Sweep | Job::TellStaff | Job::DailyMail => false,
    }
}

/// When the next try is: after a random pause whose upper end doubles with each try, from 1 second to 5 minutes, so
/// that jobs which failed together do not come back together. Never sooner than half the upper end.
pub(super) fn next_try(now: Instant, tries: i64, randomness: &Randomness) -> Instant {
    let doublings = u32::try_from(tries.clamp(0, 16)).unwrap_or(16);
    let upper = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let share = f64::from(u32::from_be_bytes(randomness.bytes())) / f64::from(u32::MAX);
    let pause = upper.mul_f64(0.5 + share / 2.0);
    now.plus(SignedDuration::try_from(pause).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_differ() {
        let now = Instant::from_micros(0);
        let randomness = Randomness::seeded(1);
        for (tries, from, to) in [
            (0, 500, 1000),
            (3, 4000, 8000),
            (8, 128_000, 256_000),
            (9, 150_000, 300_000),
            (500, 150_000, 300_000),
        ] {
            let pauses: Vec<i64> =
                (0..50).map(|_| next_try(now, tries, &randomness).as_micros() / 1000).collect();
            assert!(pauses.iter().all(|p| (from..=to).contains(p)), "{tries}: {pauses:?}");
            assert!(pauses.windows(2).any(|two| two[0] != two[1]));
        }
    }
}
