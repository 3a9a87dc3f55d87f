//! Days as people type and read them.

use jiff::civil::{Date, date};

/// What keeps three texts from being a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateProblem {
    /// Nothing was entered.
    Empty,
    /// The month is missing or no month.
    Month,
    /// The day is missing or no number from 1 to 31.
    Day,
    /// The year is missing or no year.
    Year,
    /// There is no such day, such as 31 June.
    NoSuchDay,
}

impl DateProblem {
    /// The sentence beside the fields.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter a day",
            Self::Month => "Enter the month as a number from 1 to 12 or by its name",
            Self::Day => "Enter the day as a number from 1 to 31",
            Self::Year => "Enter the year with four digits, such as 2028",
            Self::NoSuchDay => "Check the day: that month has no such day",
        }
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a day from three texts. A month may be a name or its first three letters, a year may have two digits. A
/// whole day that was pasted into one of the fields, the others empty, is read as 2028-11-21, 11/21/2028 (the
/// month first, as Entra shows it) or November 21, 2028.
pub fn read(month: &str, day: &str, year: &str) -> Result<Date, DateProblem> {
    let filled: Vec<&str> = [month, day, year].into_iter().filter(|text| !text.is_empty()).collect();
    if filled.is_empty() {
        return Err(DateProblem::Empty);
    }
    if let [only] = filled[..]
        && let Some(whole) = whole_day(only)
    {
        return Ok(whole);
    }
    let month = month_number(month).ok_or(DateProblem::Month)?;
    let day = small_number(day).filter(|day| (1..=31).contains(day)).ok_or(DateProblem::Day)?;
    let year = year_number(year).ok_or(DateProblem::Year)?;
    Date::new(year, month, day).map_err(|_| DateProblem::NoSuchDay)
}

/// "21 November 2028".
pub fn words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn whole_day(text: &str) -> Option<Date> {
    // What follows the day is its time: "2028-11-21T00:00:00Z".
    let text = text.split(['T', 't']).next().filter(|start| start.contains('-')).unwrap_or(text);
    let parts: Vec<&str> =
        text.split(['/', '-', '.', ',', ' ']).filter(|part| !part.is_empty()).take(4).collect();
    let [first, second, third] = parts[..] else { return None };
    let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, first, second) };
    let named_second = month_number(second).is_some() && second.parse::<i8>().is_err();
    let (month, day) = if named_second && first.len() != 4 { (second, first) } else { (month, day) };
    Date::new(year_number(year)?, month_number(month)?, small_number(day)?).ok()
}

fn month_number(text: &str) -> Option<i8> {
    if let Some(number) = small_number(text) {
        return (1..=12).contains(&number).then_some(number);
    }
    let text = text.trim_end_matches('.').to_ascii_lowercase();
    let named = |name: &&str| text.len() >= 3 && name.starts_with(text.as_str());
    let index = MONTHS.iter().position(|name| named(name) || text == "sept" && *name == "september")?;
    i8::try_from(index + 1).ok()
}

fn small_number(text: &str) -> Option<i8> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn year_number(text: &str) -> Option<i16> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        2 if digits => text.parse::<i16>().ok().map(|year| 2000 + year),
        4 if digits => text.parse().ok().filter(|year| *year >= 1000),
        _ => None,
    }
}

/// How many whole months lie between two days, for advice about how long a secret lasts.
pub fn months_between(from: Date, to: Date) -> i32 {
    let months = i32::from(to.year() - from.year()) * 12 + i32::from(to.month() - from.month());
    if to.day() < from.day() { months - 1 } else { months }
}

/// The last day that lies 24 months after `today`: what the guide recommends.
pub fn recommended_end(today: Date) -> Date {
    date(today.year().saturating_add(2), today.month(), today.day().min(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_in_the_shapes_people_use() {
        let wanted = date(2028, 11, 21);
        for (month, day, year) in [
            ("11", "21", "2028"),
            ("November", "21", "28"),
            ("nov.", "21", "2028"),
            ("2028-11-21", "", ""),
            ("", "11/21/2028", ""),
            ("", "", "November 21, 2028"),
            ("21 November 2028", "", ""),
            ("2028-11-21T00:00:00Z", "", ""),
        ] {
            assert_eq!(read(month, day, year), Ok(wanted), "{month} {day} {year}");
        }
        assert_eq!(read("sept", "5", "2027"), Ok(date(2027, 9, 5)));
    }

    #[test]
    fn what_is_no_day_says_which_part() {
        for (month, day, year, problem) in [
            ("", "", "", DateProblem::Empty),
            ("13", "1", "2028", DateProblem::Month),
            ("m", "1", "2028", DateProblem::Month),
            ("ma", "1", "2028", DateProblem::Month),
            ("1", "32", "2028", DateProblem::Day),
            ("1", "-1", "2028", DateProblem::Day),
            ("1", "1", "208", DateProblem::Year),
            ("1", "1", "٢٠٢٨", DateProblem::Year),
            ("2", "30", "2028", DateProblem::NoSuchDay),
            ("9999999999", "1", "2028", DateProblem::Month),
            ("2028-13-40", "", "", DateProblem::Month),
        ] {
            assert_eq!(read(month, day, year), Err(problem), "{month} {day} {year}");
        }
    }

    #[test]
    fn months_are_whole_months() {
        assert_eq!(months_between(date(2026, 11, 21), date(2027, 11, 20)), 11);
        assert_eq!(months_between(date(2026, 11, 21), date(2028, 11, 21)), 24);
        assert_eq!(recommended_end(date(2026, 11, 30)), date(2028, 11, 28));
    }
}
