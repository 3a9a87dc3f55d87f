//! Points in time as the product keeps them: whole microseconds since 1970 in UTC.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// A point in time. Tables keep it as BIGINT microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The same point for calendars and formats; a value no calendar holds becomes the nearest end.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// This point moved by a duration (negative moves back); saturates.
    pub fn plus(self, by: SignedDuration) -> Self {
        let micros =
            i64::try_from(by.as_micros()).unwrap_or(if by.is_negative() { i64::MIN } else { i64::MAX });
        Self(self.0.saturating_add(micros))
    }

    /// How long from `earlier` to this point; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The civil date of this point in UTC, for rules about whole days.
    pub fn date(self) -> Date {
        self.timestamp().to_zoned(TimeZone::UTC).date()
    }

    /// "2026-11-21T10:42:00Z": for `datetime` attributes and JSON.
    pub fn rfc3339(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// "21 November 2026, 10:42 UTC": for people, when no zone of theirs is known.
    pub fn words(self) -> String {
        self.timestamp().strftime("%-d %B %Y, %H:%M UTC").to_string()
    }

    /// "10:42:30 UTC": for people who wait for it.
    pub fn time_words(self) -> String {
        self.timestamp().strftime("%H:%M:%S UTC").to_string()
    }

    /// "10:42 UTC": for people, when the day is plain from where it stands.
    pub fn clock_words(self) -> String {
        self.timestamp().strftime("%H:%M UTC").to_string()
    }
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_for_machines_and_for_people() {
        let at = Instant::from_micros(1_795_257_720_000_000);
        assert_eq!(at.rfc3339(), "2026-11-21T10:42:00Z");
        assert_eq!(at.words(), "21 November 2026, 10:42 UTC");
        assert_eq!(at.plus(SignedDuration::from_mins(60)).since(at), SignedDuration::from_hours(1));
        assert_eq!(at.date(), jiff::civil::date(2026, 11, 21));
    }
}
