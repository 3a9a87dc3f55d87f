//! One of our people has an attempt checked again, and says why. They may where the brokerage may not: also after a
//! cause that asks for a new attempt, and when the job of a check was given up.

use jiff::SignedDuration;

use super::{
    check_again::{move_to_queue, standing},
    draft::open_settings,
    leave_note::NOTE_BOX,
    limits::Limit,
    queue_check::queue_check,
    run_check::{account, recorder::may_sign_in_again_at},
};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine},
        cause::SecretFault,
        causes,
        check::Origin,
        check_reason::CheckReason,
        connection::{Connection, Phase, State},
        ids::{BrokerageId, CheckId, ConnectionId, NoteId},
        refused::{FieldError, Refused},
        review::{Need, NeedRule, NoteKind, NoteText},
        staff::{Deed, StaffScope},
    },
    store::{AskedByStaff, NewCheck, NewNote, Read, StoredAttempt, Write},
};

/// Twenty presses in a quarter of an hour for each of our people: enough for a busy morning, too few for a script.
const PRESSES: Limit = Limit { what: "staff_check_again", window: SignedDuration::from_mins(15), most: 20 };

const NOTHING: Refused = Refused::Conflict("There is no attempt here that could be checked again.");
const RUNS: Refused = Refused::Conflict("A check is under way already. Its result comes to this page.");
pub(super) const NO_SECRET: Refused = Refused::Conflict(
    "The secret of this attempt was deleted when its time was over. The office has to submit a new attempt.",
);

const REFUSED_BEFORE: &str = "The sign-in of this attempt was refused. One more look is one more refused sign-in as their account, which some systems lock. Choose another reason where something was mended; else write to the office: it enters the right secret in its next attempt";

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedReason {
    /// The word of the reason.
    pub reason: String,
    /// The reason in one's own words.
    pub text: String,
}

/// Whether one of our people may have the attempt checked again as it stands; the refusal says why not. `parked` says
/// that a job of the connection was given up.
pub fn staff_may_press(connection: &Connection, attempt: &Attempt, parked: bool) -> Result<(), Refused> {
    if connection.candidate.as_ref() != Some(&attempt.id) {
        return Err(NOTHING);
    }
    match standing(connection, attempt) {
        (State::Submitted, Some(Phase::Queued | Phase::Checking)) if !parked => Err(RUNS),
        (State::Submitted | State::Failed, _) if !attempt.can_be_checked() => Err(NO_SECRET),
        (State::Submitted | State::Failed, _) => Ok(()),
        _ => Err(NOTHING),
    }
}

/// Has it checked again; the new check's id. `seen` is the version of the connection that the page showed.
///
/// Errs when no role may, with the fields to mend, with a conflict when the connection changed meanwhile or cannot be
/// checked, and when it was pressed too often.
pub async fn staff_check_again(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedReason,
) -> Result<CheckId, Refused> {
    if !scope.may(Deed::CheckAgain) {
        return Err(Refused::Forbidden("None of your roles has attempts checked again. Ask a reviewer."));
    }
    let (reason, text) = parse(typed)?;
    take_press(app, scope, id).await?;
    let check = app.new_id(CheckId::from_random);
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &text)?;
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let brokerage = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let parked = all.review(id).await?.is_some_and(|review| is_parked(&review.needs));
    let connection = write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    let candidate = connection.candidate.clone().ok_or(NOTHING)?;
    let stored = write.attempt(&brokerage, &candidate).await?.ok_or(NOTHING)?;
    staff_may_press(&connection, &stored.attempt, parked)?;
    write.guard_connection(&brokerage, id, seen).await?;
    spares_their_account(app, &mut write, &stored, reason).await?;
    let attempt = stored.attempt;
    enqueue(app, &mut write, scope, &attempt, &check, reason).await?;
    move_to_queue(&mut write, &connection, &attempt, &check).await?;
    let note = new_note(note, scope, &brokerage, id, text_box, &check);
    write.insert_note(&note).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "check.again", check.as_str())
        .of(&brokerage)
        .with("attempt", attempt.id.as_str())
        .with("reason", reason.as_str())
        .with("note", note.id.as_str());
    write.commit(&[line]).await?;
    Ok(check)
}

/// Every check signs in as the office's account or app, and many systems lock one after a few refused sign-ins. So a refused
/// sign-in is not looked at for the sake of looking, and nothing is tried while the account is given a rest: that would
/// only turn a clear "failed" into "we wait".
///
/// Errs with the field, and with the time until which nobody signs in.
async fn spares_their_account(
    app: &App,
    read: &mut Read,
    stored: &StoredAttempt,
    reason: CheckReason,
) -> Result<(), Refused> {
    let attempt = &stored.attempt;
    let cause = attempt.cause.as_ref().and_then(|id| causes::find(id.as_str()));
    let of_the_secret = cause.is_some_and(|cause| !matches!(cause.secret, SecretFault::No));
    if reason == CheckReason::Look && attempt.state == State::Failed && of_the_secret {
        return Err(Refused::field("reason", REFUSED_BEFORE));
    }
    let settings = open_settings(app, &attempt.id, &stored.settings_box)?;
    let now = read.now();
    match may_sign_in_again_at(read, &account::key(app, &settings), now).await? {
        (_, Some(until)) => Err(Refused::TooMany(until)),
        (_, None) => Ok(()),
    }
}

/// Whether a job of the connection was given up.
pub(super) fn is_parked(needs: &[Need]) -> bool {
    needs.iter().any(|need| need.rule == NeedRule::ParkedJob)
}

/// The reason and the words. Errs with the fields to mend.
pub(super) fn parse(typed: &TypedReason) -> Result<(CheckReason, NoteText), Refused> {
    let mut errors = Vec::new();
    let reason = CheckReason::parse(&typed.reason);
    if reason.is_none() {
        errors.push(FieldError::new("reason", "Choose why it is checked again".to_owned()));
    }
    let text = NoteText::read(&typed.text, "the reason in your own words")
        .map_err(|sentence| errors.push(FieldError::new("words", sentence)));
    match (reason, text, errors.is_empty()) {
        (Some(reason), Ok(text), true) => Ok((reason, text)),
        _ => Err(Refused::Fields(errors)),
    }
}

/// Counts the press.
pub(super) async fn take_press(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    let presses = PRESSES.of(app, scope.staff.as_str());
    let mut write = app.store.write().await?;
    write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    presses.press(write).await
}

async fn enqueue(
    app: &App,
    write: &mut Write,
    scope: &StaffScope,
    attempt: &Attempt,
    check: &CheckId,
    reason: CheckReason,
) -> Result<(), Refused> {
    let new = NewCheck {
        id: check.clone(),
        attempt_id: attempt.id.clone(),
        connection_id: attempt.connection_id.clone(),
        brokerage_id: attempt.brokerage_id.clone(),
        origin: Origin::Staff,
        requested_by: None,
        staff: Some(AskedByStaff { staff: scope.staff.clone(), reason: Some(reason) }),
        rung: 0,
        retries: 0,
        due_at: write.now(),
    };
    Ok(queue_check(app, write, &new).await?)
}

/// Why it is checked again, as a note that stands in the timeline.
pub(super) fn new_note(
    id: NoteId,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
    text_box: Vec<u8>,
    check: &CheckId,
) -> NewNote {
    NewNote {
        id,
        brokerage_id: brokerage.clone(),
        connection_id: Some(connection.clone()),
        kind: NoteKind::CheckAgain,
        staff: scope.staff.clone(),
        text_box,
        check_id: Some(check.clone()),
    }
}
