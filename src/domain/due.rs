//! When somebody of our people should have looked: a term for each rule, counted in hours of working days; that of an
//! emergency by the clock.

use jiff::{SignedDuration, ToSpan, civil::Weekday, tz::TimeZone};

use super::{instant::Instant, review::NeedRule};

/// A day on which we work has all of its hours, in UTC: nobody has to know where whoever looks after it sits.
const DAY: i64 = 24;

/// Hours within which somebody should have looked: of working days, but for an emergency.
///
/// What may have been sent in an office's name cannot wait; what stops a check of ours is in our hands alone, so it has four hours; what an office waits for has a day; what
/// nobody waits for has three.
pub const fn hours(rule: NeedRule) -> i64 {
    match rule {
        NeedRule::MayHaveSent => 1,
        NeedRule::ParkedJob | NeedRule::CouldNotTell | NeedRule::SharedKey => 4,
        NeedRule::OfficeAsked
        | NeedRule::BreakGlass
        | NeedRule::Question
        | NeedRule::SecondPerson
        | NeedRule::InUseFailed
        | NeedRule::FailedTwice
        | NeedRule::Acceptance => DAY,
        NeedRule::LeftBehind | NeedRule::Closed => 3 * DAY,
    }
}

/// When a need that began `since` is due.
pub fn due(rule: NeedRule, since: Instant) -> Instant {
    match rule {
        // An emergency is looked over within so many hours by the clock: that is what its page and its mails say.
        NeedRule::BreakGlass => since.plus(SignedDuration::from_hours(hours(rule))),
        _ => after_working_hours(since, hours(rule)),
    }
}

/// The point in time so many hours later, where Saturdays and Sundays do not count.
fn after_working_hours(from: Instant, hours: i64) -> Instant {
    let mut at = from;
    let mut left = SignedDuration::from_hours(hours);
    // Every round gets to the next midnight at least: a term of days ends after a few of them.
    for _ in 0..=2 * (hours / DAY + 7) {
        let midnight = next_midnight(at);
        let rest = midnight.since(at);
        if !works(at) {
            at = midnight;
        } else if left <= rest {
            return at.plus(left);
        } else {
            left -= rest;
            at = midnight;
        }
    }
    at
}

/// The next day on which we work, at the hour at which it is morning from the Atlantic to the Pacific coast.
pub fn next_working_morning(now: Instant) -> Instant {
    let mut day = next_midnight(now);
    while !works(day) {
        day = next_midnight(day);
    }
    day.plus(SignedDuration::from_hours(MORNING))
}

/// The hour in UTC at which it is morning from the Atlantic to the Pacific coast.
pub const MORNING: i64 = 15;

fn works(at: Instant) -> bool {
    !matches!(at.date().weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn next_midnight(at: Instant) -> Instant {
    let next = at.date().checked_add(1.day()).and_then(|day| day.to_zoned(TimeZone::UTC));
    // Beyond the calendar's end a day is as long as any other.
    next.map_or_else(|_| at.plus(SignedDuration::from_hours(DAY)), |midnight| midnight.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse::<jiff::Timestamp>().expect("a time").into()
    }

    #[test]
    fn weekends_do_not_count() {
        let due = |rule, since: &str| due(rule, at(since)).rfc3339();
        // 20 November 2026 is a Friday.
        assert_eq!(due(NeedRule::CouldNotTell, "2026-11-20T10:42:00Z"), "2026-11-20T14:42:00Z");
        assert_eq!(due(NeedRule::CouldNotTell, "2026-11-20T22:00:00Z"), "2026-11-23T02:00:00Z");
        assert_eq!(due(NeedRule::OfficeAsked, "2026-11-19T10:42:00Z"), "2026-11-20T10:42:00Z");
        assert_eq!(due(NeedRule::OfficeAsked, "2026-11-20T10:42:00Z"), "2026-11-23T10:42:00Z");
        assert_eq!(due(NeedRule::OfficeAsked, "2026-11-21T10:42:00Z"), "2026-11-24T00:00:00Z");
        assert_eq!(due(NeedRule::BreakGlass, "2026-11-21T10:42:00Z"), "2026-11-22T10:42:00Z", "by the clock");
        assert_eq!(due(NeedRule::Closed, "2026-11-20T10:42:00Z"), "2026-11-25T10:42:00Z");
        assert!(NeedRule::ALL.iter().all(|rule| hours(*rule) > 0));
    }

    #[test]
    fn the_next_morning_is_one_of_a_working_day() {
        let next = |now: &str| next_working_morning(at(now)).rfc3339();
        assert_eq!(next("2026-11-19T23:59:00Z"), "2026-11-20T15:00:00Z");
        assert_eq!(next("2026-11-20T10:42:00Z"), "2026-11-23T15:00:00Z");
        assert_eq!(next("2026-11-22T10:42:00Z"), "2026-11-23T15:00:00Z");
    }
}
