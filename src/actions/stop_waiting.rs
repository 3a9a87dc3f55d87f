//! Ends the waiting for a provider, because a person says that nothing was changed: what was never done cannot arrive.
//! The attempt failed then of what it was waiting for; it is mended and checked again like any other.

use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine, Checkpoint},
        cause::Remedy,
        causes,
        check::Check,
        connection::{Connection, Event, Phase, State},
        ids::ConnectionId,
        refused::Refused,
        renewal::Renewal,
        scope::Scope,
    },
    notify::notice::{Case, Failed, Notice, StaffCase, StaffTold},
    store::{PreparedMail, Read},
};

use super::{
    advance::{Decided, advance},
    cause_words::{CauseWords, names},
    check_again::standing,
    draft::open_settings,
    needs::{self, Parked},
    outbox,
    people::recipients,
    progress::opened_steps,
    staff_mail,
};

/// Causes that are over at a time of their own, whatever anybody changed: a move that ends, a quota that begins anew.
const OF_THEMSELVES: &[&str] = &["mailbox_moving", "google_daily_limit"];

const NOTHING: Refused = Refused::Conflict("Nothing is waited for here any more: look at the page again.");

/// Whether the attempt waits for a change that the provider applies slowly. What waits only because somebody was busy is
/// looked at again soon, whatever a person did.
pub fn may_stop(connection: &Connection, attempt: &Attempt) -> bool {
    let cause = attempt.cause.as_ref().and_then(|id| causes::find(id.as_str()));
    let changes = cause.is_some_and(|cause| {
        matches!(cause.remedy, Remedy::Wait | Remedy::ActThenWait) && !OF_THEMSELVES.contains(&cause.id)
    });
    changes
        && connection.candidate.as_ref() == Some(&attempt.id)
        && standing(connection, attempt) == (State::Submitted, Some(Phase::WaitingForProvider))
}

/// Ends the waiting. `seen` is the version of the connection that the page showed.
///
/// Errs when the connection is not this brokerage's, and with a conflict when it changed meanwhile or waits for nothing.
pub async fn stop_waiting(app: &App, scope: &Scope, id: &ConnectionId, seen: i64) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let known = read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let candidate = known.candidate.clone().ok_or(NOTHING)?;
    let stored = read.attempt(&scope.brokerage, &candidate).await?.ok_or(NOTHING)?;
    let checks = read.checks_of_attempt(scope, &candidate, 20).await?;
    // The look that is due has found nothing yet: what the attempt failed of stands with the one before.
    let decided = checks.into_iter().filter(|check| check.verdict.is_some());
    let decided = decided.max_by_key(|check| check.decided_at).ok_or(NOTHING)?;
    let told = Told { app, scope, connection: &known, attempt: &stored.attempt, check: &decided };
    let mails = told.mails(&mut read, &stored.settings_box).await?;
    drop(read);

    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let attempt = write.attempt(&scope.brokerage, &candidate).await?.ok_or(NOTHING)?.attempt;
    if !may_stop(&connection, &attempt) {
        return Err(NOTHING);
    }
    write.guard_connection(&scope.brokerage, id, seen).await?;
    let moved =
        Decided { event: Event::NothingChanged, cause: attempt.cause.as_ref(), check: Some(&decided.id) };
    advance(&mut write, &connection, &attempt, &moved).await.map_err(|undone| {
        tracing::error!(error = %undone, "the waiting was not ended");
        Refused::Fault(String::new())
    })?;
    needs::settle(&mut write, id, Parked::Over).await?;
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "check.stop_waiting", decided.id.as_str())
        .of(&scope.brokerage)
        .with("attempt", attempt.id.as_str());
    Ok(write.commit(&[line]).await?)
}

/// What the mails are made of: the waiting promised to say when it no longer helps.
struct Told<'a> {
    app: &'a App,
    scope: &'a Scope,
    connection: &'a Connection,
    attempt: &'a Attempt,
    check: &'a Check,
}

impl Told<'_> {
    async fn mails(&self, read: &mut Read, settings_box: &[u8]) -> Result<Vec<PreparedMail>, Refused> {
        let (app, whose, number) = (self.app, &self.scope.brokerage, self.attempt.number);
        let brokerage = read.brokerage(whose).await?.ok_or(Refused::NotFound)?;
        let people = recipients(app, read.people_of(whose).await?)?;
        let last = read.last_checkpoint().await?;
        let checkpoint =
            last.and_then(|row| Some(Checkpoint { seq: row.seq, hash: row.hash.try_into().ok()? }));
        let rows = read.steps_above(&self.check.id, self.check.run, 0).await?;
        let steps = opened_steps(app, &self.check.id, rows)?;
        let settings = open_settings(app, &self.attempt.id, settings_box)?;
        let facts = steps.iter().map(|step| (step.cause.as_ref(), step.notes.facts.as_slice()));
        let words =
            CauseWords::of(self.attempt.cause.as_ref(), &names(app, &settings, number)).lacking(facts);

        let beside = self.connection.state == State::Verified;
        let page = Case::page_of(&self.connection.id);
        let case = Case::new(&brokerage, self.connection, number, page).with_checkpoint(checkpoint);
        let case = if beside { case.renewing(&self.connection.id) } else { case };
        let copy = StaffTold::Failed { about: StaffCase::from(&case), cause: words.title.clone() };
        let (mend, again_first) = (words.mend_lines(), words.again_first);
        let notice = Notice::Failed(Failed {
            case,
            by_hand: false,
            title: words.title,
            meaning: words.meaning,
            mend,
            again_first,
            who: words.who.to_owned(),
            renewal: if beside { words.renewal.min(Renewal::Secret) } else { words.renewal },
        });
        let event = self.check.id.as_str();
        let mut mails = outbox::prepare(app, &notice, event, whose, &people)?;
        mails.extend(staff_mail::to_keeper(app, read, whose, &self.connection.id, event, copy).await?);
        Ok(mails)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_by_itself_is_waited_for_and_stands_in_the_catalogue() {
        for id in OF_THEMSELVES {
            assert_eq!(causes::find(id).map(|cause| cause.remedy), Some(Remedy::Wait), "{id}");
        }
    }
}
