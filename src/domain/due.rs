//! When somebody of our people should have looked: a term for each rule, counted in the hours in which we work; that of an
//! emergency by the clock.

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::{instant::Instant, review::NeedRule};

/// Days that are looked through for the end of a term, weekends and holidays and all: no term is longer.
const MOST_DAYS: usize = 60;

/// How long somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    /// So many hours in which we work.
    Hours(i64),
    /// So many working days.
    Days(i64),
    /// So many hours, whoever works then.
    ByTheClock(i64),
}

/// What may have been sent in an office's name cannot wait; what stops a check of ours is in our hands alone, so it has
/// four hours; what an office waits for has a day; what nobody waits for has three.
const fn term(rule: NeedRule) -> Term {
    match rule {
        NeedRule::MayHaveSent => Term::Hours(1),
        NeedRule::ParkedJob | NeedRule::CouldNotTell | NeedRule::SharedKey => Term::Hours(4),
        // An emergency is looked over within so many hours by the clock: that is what its page and its mails say.
        NeedRule::BreakGlass => Term::ByTheClock(24),
        NeedRule::OfficeAsked
        | NeedRule::Question
        | NeedRule::SecondPerson
        | NeedRule::InUseFailed
        | NeedRule::FailedTwice
        | NeedRule::Acceptance => Term::Days(1),
        NeedRule::LeftBehind | NeedRule::Closed => Term::Days(3),
    }
}

/// The hours in which our people work, Monday to Friday but on holidays, by the clock of where they sit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    zone: TimeZone,
    /// Minutes after midnight.
    opens: i16,
    closes: i16,
    holidays: BTreeSet<Date>,
}

impl WorkingHours {
    /// From so many minutes after midnight to so many. A day that does not end after it began is taken as a whole one.
    pub fn new(zone: TimeZone, opens: i16, closes: i16) -> Self {
        let whole = !(0 <= opens && opens < closes && closes <= 24 * 60);
        let (opens, closes) = if whole { (0, 24 * 60) } else { (opens, closes) };
        Self { zone, opens, closes, holidays: BTreeSet::new() }
    }

    /// The same hours, and nobody works on these days.
    #[must_use]
    pub fn without(self, holidays: BTreeSet<Date>) -> Self {
        Self { holidays, ..self }
    }

    /// When a need that began `since` is due.
    pub fn due(&self, rule: NeedRule, since: Instant) -> Instant {
        match term(rule) {
            Term::ByTheClock(hours) => since.plus(SignedDuration::from_hours(hours)),
            Term::Hours(hours) => self.after(since, SignedDuration::from_hours(hours)),
            Term::Days(days) => {
                self.after(since, SignedDuration::from_mins(days * i64::from(self.closes - self.opens)))
            }
        }
    }

    /// Whether somebody is at work.
    pub fn is_open(&self, at: Instant) -> bool {
        self.span(self.date(at)).is_some_and(|(opens, closes)| opens <= at && at < closes)
    }

    /// When we begin to work next, after this moment.
    pub fn next_opening(&self, now: Instant) -> Instant {
        let opening = |day| self.span(day).map(|(opens, _)| opens).filter(|opens| *opens > now);
        self.days_from(now).find_map(opening).unwrap_or(now)
    }

    /// When we would begin to work on a day, whatever day it is.
    pub fn opening_of(&self, day: Date) -> Option<Instant> {
        self.at(day, self.opens)
    }

    /// "23 November 2026, 12:00 CST": for our own people, by their own clock.
    pub fn words(&self, at: Instant) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%-d %B %Y, %H:%M %Z").to_string()
    }

    /// The moment so much working time later. What comes to its end as a day does, ends with it.
    fn after(&self, from: Instant, term: SignedDuration) -> Instant {
        let mut left = term;
        for (opens, closes) in self.days_from(from).filter_map(|day| self.span(day)) {
            let begins = opens.max(from);
            if begins >= closes {
                continue;
            }
            let rest = closes.since(begins);
            if left <= rest {
                return begins.plus(left);
            }
            left -= rest;
        }
        from.plus(term)
    }

    /// When work begins and ends on a day; none where nobody works.
    fn span(&self, day: Date) -> Option<(Instant, Instant)> {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let rests = weekend || self.holidays.contains(&day);
        if rests { None } else { self.at(day, self.opens).zip(self.at(day, self.closes)) }
    }

    fn at(&self, day: Date, minutes: i16) -> Option<Instant> {
        let clock = day.at(0, 0, 0, 0).checked_add(i64::from(minutes).minutes()).ok()?;
        Some(clock.to_zoned(self.zone.clone()).ok()?.timestamp().into())
    }

    fn date(&self, at: Instant) -> Date {
        at.timestamp().to_zoned(self.zone.clone()).date()
    }

    fn days_from(&self, at: Instant) -> impl Iterator<Item = Date> {
        let first = self.date(at);
        std::iter::successors(Some(first), |day| day.checked_add(1.day()).ok()).take(MOST_DAYS)
    }
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self::new(TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC), 8 * 60, 18 * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse::<jiff::Timestamp>().expect("a time").into()
    }

    /// 20 November 2026 is a Friday; Chicago is six hours behind then.
    fn due(rule: NeedRule, since: &str) -> String {
        WorkingHours::default().due(rule, at(since)).rfc3339()
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        let unsure = |since| due(NeedRule::CouldNotTell, since);
        assert_eq!(unsure("2026-11-19T15:30:00Z"), "2026-11-19T19:30:00Z", "9:30 to 13:30");
        assert_eq!(unsure("2026-11-19T10:42:00Z"), "2026-11-19T18:00:00Z", "4:42, so from 8:00 on");
        assert_eq!(
            unsure("2026-11-19T22:00:00Z"),
            "2026-11-20T16:00:00Z",
            "two hours of this day and of the next"
        );
        assert_eq!(unsure("2026-11-20T22:00:00Z"), "2026-11-23T16:00:00Z", "over the weekend");
        assert_eq!(unsure("2026-11-21T10:42:00Z"), "2026-11-23T18:00:00Z", "on a Saturday");
        assert_eq!(
            unsure("2026-11-23T03:00:00Z"),
            "2026-11-23T18:00:00Z",
            "Sunday evening there, Monday in UTC"
        );
        assert_eq!(due(NeedRule::MayHaveSent, "2026-11-21T10:42:00Z"), "2026-11-23T15:00:00Z");
        assert_eq!(due(NeedRule::BreakGlass, "2026-11-21T10:42:00Z"), "2026-11-22T10:42:00Z", "by the clock");
    }

    #[test]
    fn a_day_is_the_same_hour_of_the_next_working_day() {
        let asked = |since| due(NeedRule::OfficeAsked, since);
        assert_eq!(asked("2026-11-19T16:42:00Z"), "2026-11-20T16:42:00Z");
        assert_eq!(asked("2026-11-20T16:42:00Z"), "2026-11-23T16:42:00Z");
        assert_eq!(asked("2026-11-21T10:42:00Z"), "2026-11-24T00:00:00Z", "Monday, 18:00 there");
        assert_eq!(due(NeedRule::Closed, "2026-11-20T16:42:00Z"), "2026-11-25T16:42:00Z");
        assert!(
            NeedRule::ALL
                .iter()
                .all(|rule| due(*rule, "2026-11-21T10:42:00Z").as_str() > "2026-11-21T10:42:00Z")
        );
    }

    #[test]
    fn nobody_works_on_a_holiday() {
        let holidays = ["2026-11-26", "2026-11-27"].map(|day| day.parse().expect("a day")).into();
        let hours = WorkingHours::default().without(holidays);
        let due = |rule, since| hours.due(rule, at(since)).rfc3339();
        // Thanksgiving and the day after it, then a weekend.
        assert_eq!(due(NeedRule::CouldNotTell, "2026-11-25T22:00:00Z"), "2026-11-30T16:00:00Z");
        assert_eq!(due(NeedRule::OfficeAsked, "2026-11-26T16:42:00Z"), "2026-12-01T00:00:00Z");
        assert_eq!(due(NeedRule::BreakGlass, "2026-11-26T16:42:00Z"), "2026-11-27T16:42:00Z", "by the clock");
        assert_eq!(hours.next_opening(at("2026-11-25T15:00:00Z")).rfc3339(), "2026-11-30T14:00:00Z");
        assert!(!hours.is_open(at("2026-11-26T16:00:00Z")) && hours.is_open(at("2026-11-25T16:00:00Z")));
        // Evening in Chicago is the next day in UTC: the day is that of the zone.
        assert!(hours.is_open(at("2026-11-25T23:59:00Z")) && !hours.is_open(at("2026-11-27T23:59:00Z")));
    }

    #[test]
    fn the_borders_of_a_day_belong_to_it() {
        let unsure = |since| due(NeedRule::CouldNotTell, since);
        assert_eq!(unsure("2026-11-19T14:00:00Z"), "2026-11-19T18:00:00Z", "8:00 sharp");
        assert_eq!(unsure("2026-11-19T20:00:00Z"), "2026-11-20T00:00:00Z", "by 18:00 the same day");
        assert_eq!(unsure("2026-11-20T00:00:00Z"), "2026-11-20T18:00:00Z", "18:00 sharp is after work");
        let hours = WorkingHours::default();
        let open = |text| hours.is_open(at(text));
        assert!(open("2026-11-19T14:00:00Z") && open("2026-11-19T23:59:59Z"));
        assert!(
            !open("2026-11-19T13:59:59Z") && !open("2026-11-20T00:00:00Z") && !open("2026-11-21T16:00:00Z")
        );
        let whole = WorkingHours::new(TimeZone::UTC, 0, 24 * 60);
        assert_eq!(
            whole.due(NeedRule::CouldNotTell, at("2026-11-19T22:00:00Z")).rfc3339(),
            "2026-11-20T02:00:00Z"
        );
        assert_eq!(WorkingHours::new(TimeZone::UTC, 600, 600), whole, "no day ends before it begins");
    }

    #[test]
    fn the_clock_is_that_of_the_zone_before_and_after_it_is_changed() {
        // Chicago leaves daylight saving time on Sunday 1 November 2026, and takes it on Sunday 14 March 2027.
        let unsure = |since| due(NeedRule::CouldNotTell, since);
        assert_eq!(unsure("2026-10-30T21:00:00Z"), "2026-11-02T16:00:00Z", "16:00 CDT, then 10:00 CST");
        assert_eq!(unsure("2027-03-12T22:00:00Z"), "2027-03-15T15:00:00Z", "16:00 CST, then 10:00 CDT");
        let hours = WorkingHours::default();
        assert_eq!(hours.words(at("2026-10-30T21:00:00Z")), "30 October 2026, 16:00 CDT");
        assert_eq!(hours.words(at("2026-11-02T16:00:00Z")), "2 November 2026, 10:00 CST");
    }

    #[test]
    fn the_next_opening_is_one_of_a_working_day() {
        let hours = WorkingHours::default();
        let next = |now: &str| hours.next_opening(at(now)).rfc3339();
        assert_eq!(next("2026-11-19T13:59:00Z"), "2026-11-19T14:00:00Z");
        assert_eq!(next("2026-11-19T14:00:00Z"), "2026-11-20T14:00:00Z", "after it");
        assert_eq!(next("2026-11-20T15:00:00Z"), "2026-11-23T14:00:00Z");
        assert_eq!(next("2026-11-22T10:42:00Z"), "2026-11-23T14:00:00Z");
        let saturday = jiff::civil::date(2026, 11, 21);
        assert_eq!(hours.opening_of(saturday).map(Instant::rfc3339).as_deref(), Some("2026-11-21T14:00:00Z"));
    }
}
