//! `[staff] hours`, `zone` and `holidays`: when our own people work.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::section::Section;

/// When our own people work: Monday to Friday, holidays excepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffHours {
    /// The zone by whose clock they work. Default: `America/Chicago`.
    pub zone: TimeZone,
    /// When they begin, in minutes after midnight. Default: 08:00.
    pub opens: i16,
    /// When they end, in minutes after midnight. Default: 18:00.
    pub closes: i16,
    /// Days of the week on which nobody works, such as 2026-12-25. Default: none.
    pub holidays: BTreeSet<Date>,
}

/// Where our own people sit, unless the settings say otherwise.
const ZONE: &str = "America/Chicago";

impl StaffHours {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let zone = section.parsed("zone", "the name of a time zone, such as America/Chicago", zone);
        let hours = section.parsed("hours", "two times of one day, such as 08:00-18:00", hours);
        let (opens, closes) = hours.unwrap_or((8 * 60, 18 * 60));
        let holidays = section.list("holidays", "a day such as 2026-12-25: year, month, day", day);
        let zone = zone.or_else(|| zone_of(ZONE)).unwrap_or(TimeZone::UTC);
        Self { zone, opens, closes, holidays: holidays.unwrap_or_default().into_iter().collect() }
    }
}

fn zone(name: &str) -> Option<TimeZone> {
    zone_of(name.trim())
}

fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Two times with a dash between them; the second one may be 24:00.
fn hours(text: &str) -> Option<(i16, i16)> {
    let (opens, closes) = text.split_once('-')?;
    let (opens, closes) = (minutes(opens.trim())?, minutes(closes.trim())?);
    (opens < closes).then_some((opens, closes))
}

/// A day and nothing else: with a time behind it somebody meant half a day, which there is not.
fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

fn minutes(text: &str) -> Option<i16> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let time: Time = (text.len() == 5).then(|| text.parse().ok())??;
    Some(i16::from(time.hour()) * 60 + i16::from(time.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_two_times_of_one_day() {
        assert_eq!(hours("08:00-18:00"), Some((480, 1080)));
        assert_eq!(hours(" 00:00 - 24:00 "), Some((0, 1440)));
        for wrong in [
            "",
            "8-18",
            "18:00-08:00",
            "08:00-08:00",
            "08:00",
            "08:00-25:00",
            "24:00-24:00",
            "08:00:30-18:00",
        ] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
        assert!(day("2026-12-25").is_some());
        for wrong in ["", "2026-02-30", "25.12.2026", "2026-12-25T08:00", "12-25", "20261225"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
        assert!(zone("America/Chicago").is_some() && zone("Mars/Olympus").is_none() && zone("").is_none());
    }
}
