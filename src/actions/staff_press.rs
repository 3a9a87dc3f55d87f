//! The press by which one of our people has something checked: why, in their own words, and the check and the note that
//! come of it.

use jiff::SignedDuration;

use super::{leave_note::NOTE_BOX, limits::Limit, look_for_sent::refuse_unlooked, queue_check::queue_check};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine},
        check::Origin,
        check_reason::CheckReason,
        ids::{CheckId, ConnectionId, NoteId, StaffId},
        refused::{FieldError, Refused},
        review::{NoteKind, NoteText},
        staff::{Deed, StaffScope},
    },
    store::{AskedByStaff, NewCheck, NewNote, Write},
};

/// Twenty presses in a quarter of an hour for each of our people: enough for a busy morning, too few for a script.
const PRESSES: Limit = Limit { what: "staff_check_again", window: SignedDuration::from_mins(15), most: 20 };

pub(super) const NO_SECRET: Refused = Refused::Conflict(
    "The secret of this attempt was deleted when its time was over. The office has to submit a new attempt.",
);

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedReason {
    /// The word of the reason.
    pub reason: String,
    /// The reason in one's own words.
    pub text: String,
}

/// A press that was read and counted.
pub(super) struct StaffPress {
    /// The check it makes.
    pub(super) check: CheckId,
    /// Why.
    pub(super) reason: CheckReason,
    staff: StaffId,
    note: NoteId,
    text_box: Vec<u8>,
}

impl StaffPress {
    /// Reads the form and counts the press.
    ///
    /// Errs when no role may, with the fields to mend, when there is no such connection, and when it was pressed too often.
    pub(super) async fn read(
        app: &App,
        scope: &StaffScope,
        id: &ConnectionId,
        typed: &TypedReason,
    ) -> Result<Self, Refused> {
        if !scope.may(Deed::CheckAgain) {
            return Err(Refused::Forbidden("None of your roles has anything checked again. Ask a reviewer."));
        }
        let (reason, text) = parse(typed)?;
        take_press(app, scope, id).await?;
        let note = app.new_id(NoteId::from_random);
        let text_box = app.to_box(NOTE_BOX, note.as_str(), &text)?;
        let check = app.new_id(CheckId::from_random);
        Ok(Self { check, reason, staff: scope.staff.clone(), note, text_box })
    }

    /// Queues the check of an attempt and leaves the note that says why; gives the line for the audit.
    pub(super) async fn queue(
        &self,
        app: &App,
        write: &mut Write,
        attempt: &Attempt,
        origin: Origin,
    ) -> Result<AuditLine, Refused> {
        let (connection_id, brokerage_id) = (&attempt.connection_id, &attempt.brokerage_id);
        refuse_unlooked(write, connection_id).await?;
        let check = NewCheck {
            id: self.check.clone(),
            attempt_id: attempt.id.clone(),
            connection_id: connection_id.clone(),
            brokerage_id: brokerage_id.clone(),
            origin,
            requested_by: None,
            staff: Some(AskedByStaff { staff: self.staff.clone(), reason: Some(self.reason) }),
            rung: 0,
            retries: 0,
            due_at: write.now(),
        };
        queue_check(app, write, &check).await?;
        let note = NewNote {
            id: self.note.clone(),
            brokerage_id: brokerage_id.clone(),
            connection_id: Some(connection_id.clone()),
            kind: NoteKind::CheckAgain,
            staff: self.staff.clone(),
            text_box: self.text_box.clone(),
            check_id: Some(self.check.clone()),
        };
        write.insert_note(&note).await?;
        Ok(AuditLine::new(Actor::Staff(self.staff.clone()), "check.again", self.check.as_str())
            .of(brokerage_id)
            .with("attempt", attempt.id.as_str())
            .with("reason", self.reason.as_str())
            .with("note", self.note.as_str()))
    }
}

/// The reason and the words. Errs with the fields to mend.
fn parse(typed: &TypedReason) -> Result<(CheckReason, NoteText), Refused> {
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
async fn take_press(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    let presses = PRESSES.of(app, scope.staff.as_str());
    let mut write = app.store.write().await?;
    write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    presses.press(write).await
}
