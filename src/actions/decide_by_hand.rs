//! Our own people decide by hand what a check could not: that an attempt failed, or, when a second person says yes, that
//! it is verified. Either is a check of its own without steps, so that everything else reads it as it reads any other.

use super::{
    advance::{Decided, advance},
    cause_words::{CauseWords, names},
    draft::open_settings,
    form_answer::FormKey,
    leave_note::NOTE_BOX,
    left_items::try_anew,
    needs::{self, Parked},
    outbox,
    people::{Recipient, recipients},
    remind,
    staff_check_again::is_parked,
    staff_mail,
    undone::Undone,
};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine, Checkpoint},
        brokerage::Brokerage,
        by_hand::{HandEnd, can_be_decided, may_decide},
        cause::{Cause, Who},
        causes,
        check::{CauseId, Origin, Verdict},
        connection::{Connection, Event},
        credential::CredentialSettings,
        ids::{BrokerageId, CheckId, ConnectionId, DecisionId, NoteId, StaffId},
        refused::{FieldError, Refused},
        review::{NoteKind, NoteText},
        staff::StaffScope,
    },
    notify::notice::{Case, Failed, Notice, StaffCase, StaffTold, Verified},
    store::{AskedByStaff, NewCheck, NewDecision, NewNote, PreparedMail, StoredDecision, Write},
};

const WAITS: Refused =
    Refused::Conflict("A colleague has asked for a second person already. Answer that first.");
const ANSWERED: Refused = Refused::Conflict("This was answered meanwhile, or the attempt has moved on.");

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedDecision {
    /// `failed` or `verified`.
    pub verdict: String,
    /// The id of the cause; only where it failed.
    pub cause: String,
    /// Why, in one's own words.
    pub reason: String,
}

/// What came of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It counts, and its office is told.
    Done,
    /// A second person has to say yes.
    Asked,
}

/// Decides that the attempt has failed, or asks for a second person who says that it is verified. `seen` is the version of
/// the connection that the page showed. The same form again changes nothing.
///
/// Errs when no role may, with the fields to mend, and with a conflict when the connection changed meanwhile or cannot be
/// decided as it stands.
pub async fn decide_by_hand(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedDecision,
    key: &FormKey,
) -> Result<Wish, Refused> {
    may_decide(scope)?;
    let wanted = parse(typed)?;
    let wish = if wanted.verdict == Verdict::Failed { Wish::Done } else { Wish::Asked };
    match decide(app, scope, id, seen, wanted, key).await {
        Ok(()) => Ok(wish),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| wish),
    }
}

/// What somebody wants.
struct Wanted {
    verdict: Verdict,
    cause: Option<CauseId>,
    reason: NoteText,
}

/// Whether an office that reads this cause has something to do. With one that is ours to mend it would wait for people who
/// have no reason to look at it any more.
pub fn can_be_told(cause: &Cause) -> bool {
    cause.who != Who::MoxiWorks
}

fn parse(typed: &TypedDecision) -> Result<Wanted, Refused> {
    let mut errors = Vec::new();
    let verdict = match typed.verdict.as_str() {
        "failed" => Some(Verdict::Failed),
        "verified" => Some(Verdict::Passed),
        _ => {
            errors.push(FieldError::new("hand", "Choose what you decide".to_owned()));
            None
        }
    };
    let known = causes::find(typed.cause.trim());
    let cause = known.filter(|cause| can_be_told(cause)).map(|cause| CauseId::known(cause.id));
    if verdict == Some(Verdict::Failed) && cause.is_none() {
        let sentence = match (typed.cause.trim(), known) {
            ("", _) => "Enter the id of the cause: the office reads its words and its mend",
            (_, None) => "No cause has this id. Look it up in the list of causes",
            (_, Some(_)) => "This cause tells the office to wait for us. Choose one that the office can mend",
        };
        errors.push(FieldError::new("hand_cause", sentence.to_owned()));
    }
    let reason = NoteText::read(&typed.reason, "the reason in your own words")
        .map_err(|sentence| errors.push(FieldError::new("hand_reason", sentence)));
    match (verdict, reason, errors.is_empty()) {
        (Some(verdict), Ok(reason), true) => {
            let cause = cause.filter(|_| verdict == Verdict::Failed);
            Ok(Wanted { verdict, cause, reason })
        }
        _ => Err(Refused::Fields(errors)),
    }
}

async fn decide(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    wanted: Wanted,
    key: &FormKey,
) -> Result<(), Refused> {
    let known = Known::read(app, scope, id).await?;
    let check = app.new_id(CheckId::from_random);
    let mails = match wanted.verdict {
        Verdict::Failed => known.told(app, &check, wanted.cause.as_ref()).await?,
        _ => Vec::new(),
    };
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &wanted.reason)?;
    let decision = app.new_id(DecisionId::from_random);
    let mut write = app.store.write().await?;
    let held = Held::take(&mut write, scope, &known.brokerage, id).await?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    held.can_be(wanted.verdict)?;
    held.clear_the_way(&mut write, scope).await?;
    write.guard_connection(&known.brokerage.id, id, seen).await?;
    let seen_check = held.attempt.check_id.clone().ok_or(ANSWERED)?;
    let note = NewNote {
        id: note,
        brokerage_id: known.brokerage.id.clone(),
        connection_id: Some(id.clone()),
        kind: NoteKind::ByHand,
        staff: scope.staff.clone(),
        text_box,
        check_id: None,
    };
    write.insert_note(&note).await?;
    let new = NewDecision {
        id: &decision,
        brokerage: &known.brokerage.id,
        connection: id,
        attempt: &held.attempt.id,
        seen_check: &seen_check,
        verdict: wanted.verdict,
        cause: wanted.cause.as_ref(),
        note: &note.id,
        staff: &scope.staff,
    };
    write.insert_decision(&new).await?;
    let line = if wanted.verdict == Verdict::Failed {
        let carried = Carried {
            decision: &decision,
            verdict: wanted.verdict,
            cause: wanted.cause.as_ref(),
            asked_by: &scope.staff,
            second: None,
            check: &check,
            mails: &mails,
        };
        carried.out(app, &mut write, scope, &held, &known.settings).await?
    } else {
        needs::settle(&mut write, id, Parked::AsBefore).await?;
        line(scope, "hand.ask", id.as_str(), &known.brokerage.id)
    };
    key.note(&mut write, scope, id.as_str()).await?;
    Ok(write.commit(&[line.with("attempt", held.attempt.id.as_str()).with("note", note.id.as_str())]).await?)
}

/// Says yes as the second person: the attempt is verified, and its office is told.
///
/// Errs when the rule says no, and with a conflict when it was answered meanwhile or the attempt moved on.
pub async fn verify_by_hand(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    decision: &DecisionId,
) -> Result<(), Refused> {
    may_decide(scope)?;
    let known = Known::read(app, scope, id).await?;
    let check = app.new_id(CheckId::from_random);
    let mails = known.told(app, &check, None).await?;
    let mut write = app.store.write().await?;
    let held = Held::take(&mut write, scope, &known.brokerage, id).await?;
    let wish = held.wish(decision)?.decision.clone();
    wish.may_second(scope)?;
    if !wish.waits(&held.connection, Some(&held.attempt)) {
        return Err(ANSWERED);
    }
    held.can_be(Verdict::Passed)?;
    write.guard_connection(&known.brokerage.id, id, held.connection.version).await?;
    let carried = Carried {
        decision,
        verdict: Verdict::Passed,
        cause: None,
        asked_by: &wish.asked_by,
        second: Some(&scope.staff),
        check: &check,
        mails: &mails,
    };
    let line = carried.out(app, &mut write, scope, &held, &known.settings).await?;
    Ok(write.commit(&[line.with("attempt", held.attempt.id.as_str())]).await?)
}

/// Says no as the second person, or takes one's own wish back.
///
/// Errs when no role may, and with a conflict when it was answered meanwhile.
pub async fn drop_decision(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    decision: &DecisionId,
) -> Result<(), Refused> {
    may_decide(scope)?;
    let known = Known::read(app, scope, id).await?;
    let mut write = app.store.write().await?;
    let held = Held::take(&mut write, scope, &known.brokerage, id).await?;
    let wish = &held.wish(decision)?.decision;
    if wish.ended.is_some() {
        return Err(ANSWERED);
    }
    let own = wish.asked_by == scope.staff;
    let (end, verb) =
        if own { (HandEnd::Withdrawn, "hand.withdraw") } else { (HandEnd::Declined, "hand.decline") };
    write.end_decision(decision, end, &scope.staff).await?;
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    Ok(write.commit(&[line(scope, verb, id.as_str(), &known.brokerage.id)]).await?)
}

fn line(scope: &StaffScope, verb: &'static str, object: &str, brokerage: &BrokerageId) -> AuditLine {
    AuditLine::new(Actor::Staff(scope.staff.clone()), verb, object).of(brokerage)
}

/// What mails are made of, read before the transaction that sends them.
struct Known {
    brokerage: Brokerage,
    connection: Connection,
    number: i64,
    settings: CredentialSettings,
    people: Vec<Recipient>,
    checkpoint: Option<Checkpoint>,
}

impl Known {
    async fn read(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<Self, Refused> {
        let mut read = app.store.read().await?;
        let whose = read.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
        let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
        let connection = read.connection(&whose, id).await?.ok_or(Refused::NotFound)?;
        let candidate = connection.candidate.clone().ok_or(ANSWERED)?;
        let stored = read.attempt(&whose, &candidate).await?.ok_or(ANSWERED)?;
        let settings = open_settings(app, &candidate, &stored.settings_box)?;
        let people = recipients(app, read.people_of(&whose).await?)?;
        let checkpoint = read.last_checkpoint().await?;
        let checkpoint =
            checkpoint.and_then(|row| Some(Checkpoint { seq: row.seq, hash: row.hash.try_into().ok()? }));
        Ok(Self { brokerage, connection, number: stored.attempt.number, settings, people, checkpoint })
    }

    /// The mails to its people: that it failed of a cause, or that it is verified; and the copy for the account manager.
    async fn told(
        &self,
        app: &App,
        check: &CheckId,
        cause: Option<&CauseId>,
    ) -> Result<Vec<PreparedMail>, Refused> {
        let page = Case::page_of(&self.connection.id);
        let case =
            Case::new(&self.brokerage, &self.connection, self.number, page).with_checkpoint(self.checkpoint);
        let about = StaffCase::from(&case);
        let (notice, copy) = match cause {
            Some(_) => {
                let words = CauseWords::of(cause, &names(app, &self.settings, self.number));
                let copy = StaffTold::Failed { about, cause: words.title.clone() };
                let (mend, again_first) = (words.mend_lines(), words.again_first);
                let notice = Notice::Failed(Failed {
                    case,
                    by_hand: true,
                    title: words.title,
                    meaning: words.meaning,
                    mend,
                    again_first,
                    who: words.who.to_owned(),
                    renewal: words.renewal,
                });
                (notice, copy)
            }
            None => {
                let notice = Notice::Verified(Verified {
                    case,
                    by_hand: true,
                    tested: Vec::new(),
                    warnings: Vec::new(),
                    secret_expires_on: self.settings.secret_expires_on(),
                });
                (notice, StaffTold::Verified { about })
            }
        };
        let (event, whose) = (check.as_str(), &self.brokerage.id);
        let mut mails = outbox::prepare(app, &notice, event, whose, &self.people)?;
        let mut read = app.store.read().await?;
        mails.extend(staff_mail::to_keeper(app, &mut read, whose, &self.connection.id, event, copy).await?);
        Ok(mails)
    }
}

/// How it all stands while nobody else moves it.
struct Held {
    connection: Connection,
    attempt: Attempt,
    wishes: Vec<StoredDecision>,
    accepted: bool,
    parked: bool,
}

impl Held {
    async fn take(
        write: &mut Write,
        scope: &StaffScope,
        brokerage: &Brokerage,
        id: &ConnectionId,
    ) -> Result<Self, Refused> {
        let connection = write.hold_connection(&brokerage.id, id).await?.ok_or(Refused::NotFound)?;
        let candidate = connection.candidate.clone().ok_or(ANSWERED)?;
        let attempt = write.attempt(&brokerage.id, &candidate).await?.ok_or(ANSWERED)?.attempt;
        let wishes = write.decisions_of(&brokerage.id, id).await?;
        let review = write.all_brokerages(scope)?.review(id).await?;
        let parked = review.is_some_and(|review| is_parked(&review.needs));
        let accepted = write.brokerage(&brokerage.id).await?.is_some_and(|it| it.accepted_at.is_some());
        Ok(Self { connection, attempt, wishes, accepted, parked })
    }

    fn can_be(&self, verdict: Verdict) -> Result<(), Refused> {
        can_be_decided(&self.connection, &self.attempt, verdict, (self.accepted, self.parked))
    }

    fn wish(&self, id: &DecisionId) -> Result<&StoredDecision, Refused> {
        self.wishes.iter().find(|stored| stored.decision.id == *id).ok_or(Refused::NotFound)
    }

    /// A wish that waits is answered first; one that the attempt has left behind ends.
    async fn clear_the_way(&self, write: &mut Write, scope: &StaffScope) -> Result<(), Refused> {
        let Some(open) = self.wishes.iter().find(|stored| stored.decision.ended.is_none()) else {
            return Ok(());
        };
        if open.decision.waits(&self.connection, Some(&self.attempt)) {
            return Err(WAITS);
        }
        Ok(write.end_decision(&open.decision.id, HandEnd::Overtaken, &scope.staff).await?)
    }
}

/// A decision that counts from now on.
struct Carried<'a> {
    decision: &'a DecisionId,
    verdict: Verdict,
    cause: Option<&'a CauseId>,
    asked_by: &'a StaffId,
    second: Option<&'a StaffId>,
    check: &'a CheckId,
    mails: &'a [PreparedMail],
}

impl Carried<'_> {
    /// Writes the check that holds it, moves attempt and connection, and tells the office. Gives the audit line.
    async fn out(
        &self,
        app: &App,
        write: &mut Write,
        scope: &StaffScope,
        held: &Held,
        settings: &CredentialSettings,
    ) -> Result<AuditLine, Refused> {
        let (connection, attempt) = (&held.connection, &held.attempt);
        let brokerage = &connection.brokerage_id;
        let new = NewCheck {
            id: self.check.clone(),
            attempt_id: attempt.id.clone(),
            connection_id: connection.id.clone(),
            brokerage_id: brokerage.clone(),
            origin: Origin::ByHand,
            requested_by: None,
            staff: Some(AskedByStaff { staff: self.asked_by.clone(), reason: None }),
            rung: 0,
            retries: 0,
            due_at: write.now(),
        };
        write.insert_check(&new).await?;
        write.insert_verdict(self.check, 0, self.verdict, self.cause, &[]).await?;
        write.carry_decision_out(self.decision, self.check, self.second, &scope.staff).await?;
        let event = Event::ByHand(self.verdict);
        let decided = Decided { event, cause: self.cause, check: Some(self.check) };
        advance(write, connection, attempt, &decided).await.map_err(fault)?;
        if self.verdict == Verdict::Passed {
            let ends_on = settings.secret_expires_on();
            remind::plan(app, write, brokerage, &attempt.id, ends_on).await.map_err(fault)?;
            try_anew(app, write, brokerage, &connection.id).await?;
        }
        needs::settle(write, &connection.id, Parked::Over).await?;
        for mail in self.mails {
            write.post_mail(mail).await?;
        }
        let line = line(scope, "check.decide_by_hand", self.check.as_str(), brokerage)
            .with("verdict", self.verdict.as_str())
            .with("asked_by", self.asked_by.as_str());
        Ok(match self.cause {
            Some(cause) => line.with("cause", cause.as_str()),
            None => line,
        })
    }
}

fn fault(undone: Undone) -> Refused {
    tracing::error!(error = %undone, "a decision by hand was not carried out");
    Refused::Fault(String::new())
}
