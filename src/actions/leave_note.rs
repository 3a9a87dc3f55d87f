//! One of our people leaves a note. About a connection it is something to remember, a question, or its answer; about a
//! brokerage as such, what holds for all its connections or was said before there is one. The brokerage never sees it.

use super::{form_answer::FormKey, needs};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, ConnectionId, NoteId},
        refused::Refused,
        review::{NoteKind, NoteText},
        staff::{Deed, StaffScope},
    },
    store::{NewNote, Write},
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

/// What a note is about.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A connection.
    Connection(&'a ConnectionId),
    /// A brokerage as such.
    Brokerage(&'a BrokerageId),
}

/// Leaves it; returns its id. The same form again returns the same id and leaves nothing.
///
/// A question keeps the connection among those that need a human, until somebody leaves the answer. Errs when no role
/// may, when there is nothing it could be about, and with the fields to mend.
pub async fn leave_note(
    app: &App,
    scope: &StaffScope,
    about: About<'_>,
    typed: &TypedNote,
    key: &FormKey,
) -> Result<NoteId, Refused> {
    if !scope.may(Deed::LeaveNote) {
        return Err(Refused::Forbidden("None of your roles leaves notes. Ask a reviewer."));
    }
    let left = match leave(app, scope, about, typed, key).await {
        Ok(left) => left,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    NoteId::parse(&left).map_err(|_| Refused::Fault(String::new()))
}

async fn leave(
    app: &App,
    scope: &StaffScope,
    about: About<'_>,
    typed: &TypedNote,
    key: &FormKey,
) -> Result<String, Refused> {
    let text =
        NoteText::read(&typed.text, "your note").map_err(|sentence| Refused::field("text", sentence))?;
    let kind = kind_of(&typed.kind, about)?;
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &text)?;
    let mut write = app.store.write().await?;
    let (brokerage_id, connection_id) = held(&mut write, scope, about).await?;
    if let Some(left) = key.answered(&mut write, scope).await? {
        return Ok(left);
    }
    let object = connection_id.as_ref().map_or(brokerage_id.as_str(), ConnectionId::as_str);
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "note.leave", object)
        .of(&brokerage_id)
        .with("note", note.as_str())
        .with("kind", kind.as_str());
    let new = NewNote {
        id: note,
        brokerage_id,
        connection_id,
        kind,
        staff: scope.staff.clone(),
        text_box,
        check_id: None,
    };
    write.insert_note(&new).await?;
    if let (Some(connection), Some(stands)) = (&new.connection_id, leaves_question(kind)) {
        needs::settle_question(&mut write, connection, stands).await?;
    }
    key.note(&mut write, scope, new.id.as_str()).await?;
    write.commit(&[line]).await?;
    Ok(new.id.into())
}

/// What it is about, held until the transaction ends. Errs when there is no such thing.
async fn held(
    write: &mut Write,
    scope: &StaffScope,
    about: About<'_>,
) -> Result<(BrokerageId, Option<ConnectionId>), Refused> {
    match about {
        About::Connection(id) => {
            let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
            write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
            Ok((brokerage, Some(id.clone())))
        }
        About::Brokerage(id) => {
            write.brokerage(id).await?.ok_or(Refused::NotFound)?;
            Ok((id.clone(), None))
        }
    }
}

/// Whether a question stands after a note of this sort; `None` where it is as before.
const fn leaves_question(kind: NoteKind) -> Option<bool> {
    match kind {
        NoteKind::Question => Some(true),
        NoteKind::Answer => Some(false),
        NoteKind::Note | NoteKind::CheckAgain | NoteKind::ByHand | NoteKind::SentLook => None,
    }
}

/// Reads the sort. A question and its answer belong to a connection.
fn kind_of(word: &str, about: About<'_>) -> Result<NoteKind, Refused> {
    let offered: &[NoteKind] = match about {
        About::Connection(_) => &[NoteKind::Note, NoteKind::Question, NoteKind::Answer],
        About::Brokerage(_) => &[NoteKind::Note],
    };
    match word {
        "" => Ok(NoteKind::Note),
        word => NoteKind::parse(word)
            .filter(|kind| offered.contains(kind))
            .ok_or_else(|| Refused::field("kind", "Choose what sort of note this is")),
    }
}
