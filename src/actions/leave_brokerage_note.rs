//! One of our people leaves a note about a brokerage as such: what holds for all its connections, or was said before there
//! is one. The brokerage never sees it.

use super::{form_answer::FormKey, leave_note::NOTE_BOX};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, NoteId},
        refused::Refused,
        review::{NoteKind, NoteText},
        staff::{Deed, StaffScope},
    },
    store::NewNote,
};

/// Leaves it; returns its id. The same form again returns the same id and leaves nothing.
///
/// Errs when no role may, when there is no such brokerage, and with the field to mend.
pub async fn leave_brokerage_note(
    app: &App,
    scope: &StaffScope,
    id: &BrokerageId,
    typed: &str,
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
    id: &BrokerageId,
    typed: &str,
    key: &FormKey,
) -> Result<String, Refused> {
    let text = NoteText::read(typed, "your note").map_err(|sentence| Refused::field("text", sentence))?;
    let note = app.new_id(NoteId::from_random);
    let text_box = app.to_box(NOTE_BOX, note.as_str(), &text)?;
    let mut write = app.store.write().await?;
    write.brokerage(id).await?.ok_or(Refused::NotFound)?;
    if let Some(left) = key.answered(&mut write, scope).await? {
        return Ok(left);
    }
    let new = NewNote {
        id: note,
        brokerage_id: id.clone(),
        connection_id: None,
        kind: NoteKind::Note,
        staff: scope.staff.clone(),
        text_box,
        check_id: None,
    };
    write.insert_note(&new).await?;
    key.note(&mut write, scope, new.id.as_str()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "note.leave", id.as_str())
        .of(id)
        .with("note", new.id.as_str())
        .with("kind", new.kind.as_str());
    write.commit(&[line]).await?;
    Ok(new.id.into())
}
