//! The hours by which things are due for our own people.

use jiff::civil::Date;

use super::findings::{Finding, Findings};
use crate::config::{Settings, StaffHours};

/// Says by which hours things are due, and whether holidays are still listed.
pub(super) fn look(settings: &Settings, today: Date, findings: &mut Findings) {
    findings.add(finding(&settings.staff_hours, today));
}

fn finding(hours: &StaffHours, today: Date) -> Finding {
    let clock = |minutes: i16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let zone = hours.zone.iana_name().unwrap_or("UTC");
    let text = format!("Monday to Friday, {} to {} in {zone}", clock(hours.opens), clock(hours.closes));
    let to_do = "list the days of the coming year on which nobody works in staff.holidays; on a day that is not \
                 listed, things fall due";
    match hours.holidays.iter().max() {
        None => Finding::note("hours", format!("{text}, and no holidays"), to_do),
        Some(last) if *last < today => {
            Finding::note("hours", format!("{text}, and the last holiday listed, {last}, is past"), to_do)
        }
        Some(last) => Finding::good("hours", format!("{text}, with holidays listed until {last}")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::*;

    fn said(holidays: &[Date]) -> String {
        let zone = TimeZone::get("America/Chicago").expect("a zone");
        let hours =
            StaffHours { zone, opens: 480, closes: 1080, holidays: holidays.iter().copied().collect() };
        serde_json::to_string(&finding(&hours, date(2026, 12, 25))).expect("JSON")
    }

    #[test]
    fn a_list_that_has_run_out_is_noted() {
        let still = said(&[date(2026, 11, 26), date(2026, 12, 25)]);
        assert!(still.contains("\"good\"") && still.contains("08:00 to 18:00 in America/Chicago"), "{still}");
        assert!(still.contains("until 2026-12-25"), "{still}");
        let past = said(&[date(2026, 11, 26), date(2026, 12, 24)]);
        assert!(past.contains("\"note\"") && past.contains("2026-12-24, is past"), "{past}");
        assert!(said(&[]).contains("no holidays"));
    }
}
