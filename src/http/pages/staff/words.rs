//! What several pages of the staff site use: how a connection stands, how long ago something was, which version of it a
//! form was shown with.

use jiff::SignedDuration;

use crate::domain::{
    connection::{Phase, State},
    instant::Instant,
};

/// A state in a word or two, with its colour.
pub(super) const fn tag(state: State, phase: Option<Phase>) -> (&'static str, &'static str) {
    match (state, phase) {
        (State::Draft, _) => ("", "Not submitted"),
        (State::Submitted, Some(Phase::Queued)) => ("info", "Queued"),
        (State::Submitted, Some(Phase::WaitingForProvider)) => ("info", "Waiting for the provider"),
        (State::Submitted, Some(Phase::NeedsStaff)) => ("warn", "Could not tell"),
        (State::Submitted, _) => ("info", "Being checked"),
        (State::Failed, _) => ("bad", "Failed"),
        (State::Verified, _) => ("ok", "Verified"),
        (State::Compromised, _) => ("bad", "Credential at risk"),
        (State::Closed, _) => ("", "Closed"),
    }
}

/// A state by itself, where nobody says what a submitted one waits for: a filter, the head of a column.
pub(super) const fn state_words(state: State) -> &'static str {
    match state {
        State::Submitted => "Submitted, not decided",
        other => tag(other, None).1,
    }
}

/// The version that a form was shown with. One that is no number is none that was ever shown.
pub(super) fn version(seen: &str) -> i64 {
    seen.parse().unwrap_or(-1)
}

/// How long ago: "under a minute", "12 min", "3 h", "5 days".
pub(super) fn age(now: Instant, at: Instant) -> String {
    let past = now.since(at).max(SignedDuration::ZERO);
    let (minutes, hours) = (past.as_mins(), past.as_hours());
    match (minutes, hours) {
        (0, _) => "under a minute".to_owned(),
        (1..=119, _) => format!("{minutes} min"),
        (_, 2..=47) => format!("{hours} h"),
        _ => format!("{} days", hours / 24),
    }
}

/// How long ago to the second, for what somebody did just now: "5 s ago", "12 min ago".
pub(super) fn ago(now: Instant, at: Instant) -> String {
    match now.since(at).as_secs().max(0) {
        seconds @ 0..60 => format!("{seconds} s ago"),
        _ => format!("{} ago", age(now, at)),
    }
}

/// When somebody should have looked: "in 3 h", "overdue for 2 days".
pub(super) fn due_words(now: Instant, due: Instant) -> String {
    if due < now { format!("overdue for {}", age(now, due)) } else { format!("in {}", age(due, now)) }
}

/// A number that was counted to 100.
pub(super) fn counted(count: i64) -> String {
    if count >= 100 { "99+".to_owned() } else { count.to_string() }
}

/// In how many checks something was found.
pub(super) fn checks(count: i64) -> String {
    match count {
        0 => "not seen".to_owned(),
        1 => "1 check".to_owned(),
        many => format!("{many} checks"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let now = Instant::from_micros(1_795_257_720_000_000);
        let aged = |seconds: i64| age(now, now.plus(SignedDuration::from_secs(-seconds)));
        assert_eq!(
            [
                aged(-5),
                aged(59),
                aged(60),
                aged(7199),
                aged(7200),
                aged(172_799),
                aged(172_800),
                aged(8_640_000)
            ],
            ["under a minute", "under a minute", "1 min", "119 min", "2 h", "47 h", "2 days", "100 days"]
        );
        assert_eq!(ago(now, now.plus(SignedDuration::from_secs(-5))), "5 s ago");
        assert_eq!(ago(now, now.plus(SignedDuration::from_secs(-300))), "5 min ago");
        let hours = |hours| due_words(now, now.plus(SignedDuration::from_hours(hours)));
        assert_eq!([hours(3), hours(-3)], ["in 3 h", "overdue for 3 h"]);
        assert_eq!([checks(0), checks(1), checks(1200)], ["not seen", "1 check", "1200 checks"]);
        assert_eq!([counted(0), counted(99), counted(100)], ["0", "99", "99+"]);
    }
}
