//! One of our people puts a connection off: it leaves the queue until a time of theirs, or until something new happens
//! to it.

use jiff::{SignedDuration, civil, tz::TimeZone};

use super::take_item::MAY_NOT_TAKE;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        due::WorkingHours,
        ids::{ConnectionId, JobId},
        instant::Instant,
        job::Job,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

/// Nothing is put off for longer than this.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Until when, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedSnooze {
    /// `hour`, `four_hours`, `morning`, `week`, or `day` for the fields below.
    pub length: String,
    /// A day, such as 2026-11-23.
    pub day: String,
    /// An hour of it in UTC, such as 15:00; empty for when we begin to work.
    pub time: String,
}

impl TypedSnooze {
    /// Until the next working day.
    pub fn until_morning() -> Self {
        Self { length: "morning".to_owned(), ..Self::default() }
    }

    fn parse(&self, now: Instant, hours: &WorkingHours) -> Result<Instant, Refused> {
        let until = match self.length.as_str() {
            "hour" => now.plus(SignedDuration::from_hours(1)),
            "four_hours" => now.plus(SignedDuration::from_hours(4)),
            "morning" => hours.next_opening(now),
            "week" => now.plus(SignedDuration::from_hours(7 * 24)),
            "day" => self.day(hours)?,
            _ => return Err(Refused::field("length", "Choose for how long")),
        };
        match until.since(now) {
            length if length <= SignedDuration::ZERO => {
                Err(Refused::field("day", "Enter a time that is still to come"))
            }
            length if length > LONGEST => Err(Refused::field("day", "Enter a day within the next 90 days")),
            _ => Ok(until),
        }
    }

    fn day(&self, hours: &WorkingHours) -> Result<Instant, Refused> {
        let day: civil::Date = self
            .day
            .trim()
            .parse()
            .map_err(|_| Refused::field("day", "Enter the day as in 2026-11-23: year, month, day"))?;
        let at = match self.time.trim() {
            "" => hours.opening_of(day),
            text => {
                let time: civil::Time = text
                    .parse()
                    .map_err(|_| Refused::field("time", "Enter the time as in 15:00, or leave it empty"))?;
                day.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp().into())
            }
        };
        at.ok_or_else(|| Refused::field("day", "Enter a day within the next 90 days"))
    }
}

/// Puts it off; `seen` is the version of the review that the page showed. Gives the time at which it comes back.
///
/// Errs when no role may, when there is no such connection, with the field to mend, and with a conflict when a
/// colleague did something about it meanwhile or when nothing about it needs a human.
pub async fn snooze_item(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedSnooze,
) -> Result<Instant, Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let until = typed.parse(app.clock.now(), app.store.hours())?;
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let brokerage = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let review = all.review(id).await?.ok_or(Refused::NotFound)?;
    if review.needs.is_empty() {
        return Err(Refused::Conflict("Nothing about this needs a human any more."));
    }
    if review.version != seen {
        return Err(Refused::Conflict("A colleague did something about this meanwhile."));
    }
    write.snooze_item(id, seen, &scope.staff, until).await?;
    let job = Job::ReturnItem(id.clone());
    write.enqueue(app.new_id(JobId::from_random), &job, Some(&brokerage), until).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "item.snooze", id.as_str())
        .of(&brokerage)
        .with("until", until.rfc3339());
    write.commit(&[line]).await?;
    Ok(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday.
    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

    fn parsed(length: &str, day: &str, time: &str) -> Result<String, &'static str> {
        let typed = TypedSnooze { length: length.to_owned(), day: day.to_owned(), time: time.to_owned() };
        typed.parse(NOW, &WorkingHours::default()).map(Instant::rfc3339).map_err(|refused| match refused {
            Refused::Fields(errors) => errors[0].field,
            _ => "none",
        })
    }

    #[test]
    fn a_time_is_to_come_and_not_too_far() {
        assert_eq!(parsed("hour", "", ""), Ok("2026-11-21T11:42:00Z".to_owned()));
        assert_eq!(parsed("morning", "", ""), Ok("2026-11-23T14:00:00Z".to_owned()));
        assert_eq!(parsed("day", "2026-11-24", ""), Ok("2026-11-24T14:00:00Z".to_owned()));
        assert_eq!(parsed("day", " 2026-11-21 ", "10:43"), Ok("2026-11-21T10:43:00Z".to_owned()));
        for (length, day, time, field) in [
            ("", "", "", "length"),
            ("year", "", "", "length"),
            ("day", "", "", "day"),
            ("day", "24/11/2026", "", "day"),
            ("day", "2026-11-31", "", "day"),
            ("day", "2026-11-21", "10:42", "day"),
            ("day", "2025-11-21", "", "day"),
            ("day", "2027-11-21", "", "day"),
            ("day", "9999-12-31", "23:59", "day"),
            ("day", "2026-11-24", "noon", "time"),
        ] {
            assert_eq!(parsed(length, day, time), Err(field), "{length} {day} {time}");
        }
    }
}
