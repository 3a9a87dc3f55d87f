//! What the page of a verified connection says besides its check: how long its secret lasts and when people are reminded,
//! who sees it, and from when on it is enabled.

use jiff::civil::Date;

use super::status_view::Moment;
use crate::{
    actions::remind,
    domain::{
        dates,
        ids::ConnectionId,
        kind::{AccessKind, SecretSource},
    },
    http::urls,
};

/// That part of the page.
pub(super) struct VerifiedView {
    /// The last day of the secret, where it has one.
    pub(super) ends: Option<Ends>,
    /// Where the secret is renewed; none where nothing secret was handed over.
    pub(super) renew: Option<String>,
    /// The day from which on it is enabled.
    pub(super) enabled_on: Option<Moment>,
}

/// How long a secret lasts.
pub(super) struct Ends {
    pub(super) on: Moment,
    /// What stands beside the day: "in 730 days", "today", "over".
    pub(super) left: String,
    /// Whether it is so near that people have been reminded, or over.
    pub(super) near: bool,
    pub(super) over: bool,
    /// The days on which people are still reminded.
    pub(super) reminders: Vec<Moment>,
    /// The calendar file.
    pub(super) calendar: String,
}

/// A day for machines and for people.
pub(super) fn day(day: Date) -> Moment {
    Moment { machine: day.to_string(), words: dates::words(day) }
}

impl VerifiedView {
    pub(super) fn of(
        id: &ConnectionId,
        kind: AccessKind,
        ends_on: Option<Date>,
        enabled_on: Option<Date>,
        today: Date,
    ) -> Self {
        let secret = kind.secret_source() != SecretSource::Nobody;
        Self {
            ends: ends_on.map(|ends_on| Ends::of(id, ends_on, today)),
            renew: secret.then(|| urls::renew(id)),
            enabled_on: enabled_on.map(day),
        }
    }
}

impl Ends {
    fn of(id: &ConnectionId, ends_on: Date, today: Date) -> Self {
        let left = (ends_on - today).get_days();
        Self {
            on: day(ends_on),
            left: match left {
                ..0 => "over".to_owned(),
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            },
            near: remind::DAYS.first().is_some_and(|first| left <= *first),
            over: left < 0,
            reminders: remind::days_after(ends_on, today).into_iter().map(day).collect(),
            calendar: urls::calendar(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_left_is_said_and_what_was_told_is_not_promised_again() {
        let of = |today| Ends::of(&ConnectionId::from_random([1; 16]), date(2028, 3, 1), today);
        let early = of(date(2026, 11, 21));
        assert_eq!((early.left.as_str(), early.near, early.reminders.len()), ("in 466 days", false, 6));
        let near = of(date(2028, 2, 20));
        assert_eq!((near.left.as_str(), near.near, near.reminders.len()), ("in 10 days", true, 3));
        let over = of(date(2028, 3, 2));
        assert_eq!((over.left.as_str(), over.over, over.reminders.len()), ("over", true, 0));
    }
}
