//! One of our people says from which day on MoxiEngage works with a connection. Its office is told.

use jiff::civil::Date;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        connection::State,
        dates,
        ids::{ConnectionId, EventId},
        refused::{FieldError, Refused},
        staff::{Deed, StaffScope},
    },
    notify::notice::{Case, Enabled, Notice},
};

use super::{outbox, people::recipients};

const NOT_VERIFIED: Refused =
    Refused::Conflict("Only a verified connection is enabled. This one is not verified now.");

const NOT_ACCEPTED: Refused = Refused::Conflict("Accept its brokerage first: nobody has looked at it yet.");

/// The day as it was typed; all empty takes the day back.
#[derive(Debug, Clone, Default)]
pub struct TypedDay {
    /// A number or a name.
    pub month: String,
    /// The day of the month.
    pub day: String,
    /// The year in four digits.
    pub year: String,
}

impl TypedDay {
    fn parse(&self) -> Result<Option<Date>, Refused> {
        if [&self.month, &self.day, &self.year].iter().all(|part| part.trim().is_empty()) {
            return Ok(None);
        }
        let slip = |sentence: String| Refused::Fields(vec![FieldError::new("enabled_month", sentence)]);
        let day = dates::read(self.month.trim(), self.day.trim(), self.year.trim())
            .map_err(|problem| slip(problem.sentence().to_owned()))?;
        // Before the product there was nothing to enable, and nobody plans for so long.
        if !(2020..2100).contains(&day.year()) {
            return Err(slip("Enter a day of this century".to_owned()));
        }
        Ok(Some(day))
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnabledDay {
    /// It is set, and the office is told.
    Set,
    /// It is taken back. The office is told nothing.
    TakenBack,
    /// It was so already.
    AsBefore,
}

/// Sets the day. `seen` is the version of the connection that the page showed.
///
/// Errs when no role may, with the field to mend, with a conflict when the connection changed meanwhile, is not
/// verified, or nobody has accepted its brokerage.
pub async fn enable(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedDay,
) -> Result<EnabledDay, Refused> {
    if !scope.may(Deed::Enable) {
        return Err(Refused::Forbidden("None of your roles enables connections. Ask an account manager."));
    }
    let day = typed.parse()?;
    let mut read = app.store.read().await?;
    let whose = read.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
    let known = read.connection(&whose, id).await?.ok_or(Refused::NotFound)?;
    let number = match &known.in_use {
        Some(attempt) => read.attempt(&whose, attempt).await?.map_or(1, |stored| stored.attempt.number),
        None => 1,
    };
    let people = recipients(app, read.people_of(&whose).await?)?;
    drop(read);
    let mails = match day {
        Some(on) => {
            let case = Case::new(&brokerage, &known, number, Case::page_of(id));
            let notice = Notice::Enabled(Enabled { case, on, has_come: on <= app.clock.today() });
            let event = format!("{id}/{on}/{}", app.new_id(EventId::from_random));
            outbox::prepare(app, &notice, &event, &whose, &people)?
        }
        None => Vec::new(),
    };

    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&whose, id).await?.ok_or(Refused::NotFound)?;
    if connection.state != State::Verified && day.is_some() {
        return Err(NOT_VERIFIED);
    }
    let accepted = write.brokerage(&whose).await?.is_some_and(|it| it.accepted_at.is_some());
    if day.is_some() && !accepted {
        return Err(NOT_ACCEPTED);
    }
    if connection.enabled_on == day {
        return Ok(EnabledDay::AsBefore);
    }
    write.guard_connection(&whose, id, seen).await?;
    write.set_enabled(&whose, id, day).await?;
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "connection.enable", id.as_str())
        .of(&whose)
        .with("on", day.map(|day| day.to_string()).unwrap_or_default());
    write.commit(&[line]).await?;
    Ok(if day.is_some() { EnabledDay::Set } else { EnabledDay::TakenBack })
}
