//! One of our people has looked whether a check had sent something: before that nothing is tried again.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{ConnectionId, NoteId},
        refused::{FieldError, Refused},
        review::{NoteKind, NoteText, SentFinding},
        staff::{Deed, StaffScope},
    },
    store::{NewNote, NewSentLook, Write},
};

use super::{
    leave_note::NOTE_BOX,
    needs::{self, Parked},
};

/// Why nothing is checked again.
pub const LOOK_FIRST: Refused = Refused::Conflict(
    "A check may have sent something. Look for it first, and say on this page what you found: another check would try the same.",
);

const LOOKED: Refused = Refused::Conflict("A colleague has looked already. What they found stands below.");

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedLook {
    /// `nothing` or `something`.
    pub found: String,
    /// What was seen, in one's own words.
    pub words: String,
}

/// Writes what was found about every check of the connection that nobody has looked after, with the words as a note.
///
/// Errs when no role may, with the fields to mend, when there is no such connection, and with a conflict when there is
/// nothing to look after, as when a colleague has looked meanwhile.
pub async fn look_for_sent(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    typed: &TypedLook,
) -> Result<(), Refused> {
    if !scope.may(Deed::CheckAgain) {
        return Err(Refused::Forbidden("None of your roles looks after checks. Ask a reviewer."));
    }
    let (found, words) = parse(typed)?;
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &words)?;
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    let sent = write.may_have_sent(id).await?;
    let open: Vec<_> = sent.into_iter().filter(|check| check.found.is_none()).collect();
    let latest = open.first().ok_or(LOOKED)?;
    let new = NewNote {
        id: note.clone(),
        brokerage_id: brokerage.clone(),
        connection_id: Some(id.clone()),
        kind: NoteKind::SentLook,
        staff: scope.staff.clone(),
        text_box,
        check_id: Some(latest.check.clone()),
    };
    write.insert_note(&new).await?;
    let look = NewSentLook { found, note: &note, staff: &scope.staff };
    for check in &open {
        write.note_sent_look(id, &check.check, &look).await?;
    }
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "check.look_for_sent", id.as_str())
        .of(&brokerage)
        .with("check", latest.check.as_str())
        .with("found", found.as_str())
        .with("note", note.as_str());
    Ok(write.commit(&[line]).await?)
}

/// Refuses another check while nobody has looked.
pub(super) async fn refuse_unlooked(write: &mut Write, id: &ConnectionId) -> Result<(), Refused> {
    let needing = write.needing(id).await?;
    if needing.is_some_and(|it| it.standing.may_have_sent) { Err(LOOK_FIRST) } else { Ok(()) }
}

fn parse(typed: &TypedLook) -> Result<(SentFinding, NoteText), Refused> {
    let mut errors = Vec::new();
    let found = SentFinding::parse(&typed.found);
    if found.is_none() {
        errors.push(FieldError::new("found", "Choose what you found".to_owned()));
    }
    let words = NoteText::read(&typed.words, "where you looked and what you saw")
        .map_err(|sentence| errors.push(FieldError::new("found_words", sentence)));
    match (found, words, errors.is_empty()) {
        (Some(found), Ok(words), true) => Ok((found, words)),
        _ => Err(Refused::Fields(errors)),
    }
}
