//! One of our people leaves a note about a connection: something to remember, a question, or its answer. The
//! brokerage never sees it.

use super::{form_answer::FormKey, needs};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{ConnectionId, NoteId},
        refused::Refused,
        review::{NoteKind, NoteText},
        staff::{Deed, StaffScope},
    },
    store::NewNote,
};

/// The purpose under which a note is encrypted; the owner is the note's id.
pub const NOTE_BOX: &str = "notes.text";

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedNote {
    /// What it says.
    pub text: String,
    /// The word of its sort; empty for a plain note.
    pub kind: String,
}

/// Leaves it; returns its id. The same form again returns the same id and leaves nothing.
///
/// A question keeps the connection among those that need a human, until somebody leaves the answer. Errs when no role
/// may, when there is no such connection, and with the fields to mend.
pub async fn leave_note(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    typed: &TypedNote,
    key: &FormKey,
) -> Result<NoteId, Refused> {
    if !scope.may(Deed::LeaveNote) {
        return Err(Refused::Forbidden("None of your roles leaves notes. Ask a reviewer."));
    }
    let left = match leave(app, scope, id, typed, key).await {
        Ok(left) => left,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    NoteId::parse(&left).map_err(|_| Refused::Fault(String::new()))
}

async fn leave(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    typed: &TypedNote,
    key: &FormKey,
) -> Result<String, Refused> {
    let text =
        NoteText::read(&typed.text, "your note").map_err(|sentence| Refused::field("text", sentence))?;
    let kind = kind_of(&typed.kind)?;
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &text)?;
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    if let Some(left) = key.answered(&mut write, scope).await? {
        return Ok(left);
    }
    let new = NewNote {
        id: note,
        brokerage_id: brokerage.clone(),
        connection_id: Some(id.clone()),
        kind,
        staff: scope.staff.clone(),
        text_box,
        check_id: None,
    };
    write.insert_note(&new).await?;
    match kind {
        NoteKind::Question => needs::settle_question(&mut write, id, true).await?,
        NoteKind::Answer => needs::settle_question(&mut write, id, false).await?,
        NoteKind::Note | NoteKind::CheckAgain | NoteKind::ByHand => {}
    }
    key.note(&mut write, scope, new.id.as_str()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "note.leave", id.as_str())
        .of(&brokerage)
        .with("note", new.id.as_str())
        .with("kind", kind.as_str());
    write.commit(&[line]).await?;
    Ok(new.id.into())
}

fn kind_of(word: &str) -> Result<NoteKind, Refused> {
    match word {
        "" => Ok(NoteKind::Note),
        word => NoteKind::parse(word)
            .filter(|kind| !matches!(kind, NoteKind::CheckAgain | NoteKind::ByHand))
            .ok_or_else(|| Refused::field("kind", "Choose what sort of note this is")),
    }
}
