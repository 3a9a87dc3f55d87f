//! One of our people refuses a brokerage that started by itself and is not who it says it is. All it has is closed, its
//! people are signed out and get no further code, and nobody of it is told: to them every page looks as it does to a
//! stranger. Who may accept brokerages takes it back by accepting it after all.

use super::{
    access_ends::Going,
    close_connection::{CLOSE_WORDS_BOX, Shut},
    form_answer::FormKey,
};
use crate::{
    app::App,
    domain::{
        attempt::AttemptEnd,
        audit::{Actor, AuditLine},
        brokerage::Brokerage,
        connection::{CloseReason, Closing, State},
        ids::{BrokerageId, ConnectionId},
        invitation::InvitationEnd,
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
    store::{Read, Write},
};

/// The purpose under which the reason is encrypted; the owner is the brokerage's id.
pub const REFUSAL_BOX: &str = "brokerages.refusal";

const CHANGED: Refused = Refused::Conflict(
    "This brokerage changed meanwhile. Look at it again, then refuse it if you still want to.",
);

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedRefusal {
    /// The version of the brokerage that the page showed.
    pub seen: i64,
    /// Why, in one's own words.
    pub why: String,
}

/// Refuses it. The same form again changes nothing more.
///
/// Errs when no role may, when there is no such brokerage, with the field to mend, and with a conflict when a colleague
/// accepted or refused it, or something else changed, meanwhile.
pub async fn refuse_brokerage(
    app: &App,
    scope: &StaffScope,
    id: &BrokerageId,
    typed: &TypedRefusal,
    key: &FormKey,
) -> Result<(), Refused> {
    if !scope.may(Deed::AcceptBrokerage) {
        return Err(Refused::Forbidden(
            "None of your roles refuses brokerages. Ask a reviewer or an account manager.",
        ));
    }
    match Box::pin(refuse(app, scope, id, typed, key)).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn refuse(
    app: &App,
    scope: &StaffScope,
    id: &BrokerageId,
    typed: &TypedRefusal,
    key: &FormKey,
) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    if key.answered(&mut read, scope).await?.is_some() {
        return Ok(());
    }
    let brokerage = read.brokerage(id).await?.ok_or(Refused::NotFound)?;
    may_be_refused(&brokerage)?;
    let why = NoteText::read(&typed.why, "why you refuse it").map_err(|s| Refused::field("refusal", s))?;
    let refusal_box = app.to_box(REFUSAL_BOX, id.as_str(), &why)?;
    let open = Open::of(app, &mut read, id, &why).await?;
    drop(read);

    let mut write = app.store.write().await?;
    // Before the version is looked at: it says better what happened.
    may_be_refused(&write.hold_brokerage(id).await?.ok_or(Refused::NotFound)?)?;
    write.refuse_brokerage(id, typed.seen, &scope.staff, &refusal_box).await?;
    let actor = Actor::Staff(scope.staff.clone());
    let mut lines = open.close(&mut write, id, &actor).await?;
    let ended = shut_out(&mut write, id).await?;
    key.note(&mut write, scope, id.as_str()).await?;
    lines.push(
        AuditLine::new(actor, "brokerage.refuse", id.as_str()).of(id).with("sessions", ended.to_string()),
    );
    Ok(write.commit(&lines).await?)
}

fn may_be_refused(brokerage: &Brokerage) -> Result<(), Refused> {
    if brokerage.accepted_at.is_some() {
        return Err(Refused::Conflict("This brokerage is accepted, so it cannot be refused any more."));
    }
    if brokerage.refused_at.is_some() {
        return Err(Refused::Conflict("This brokerage was refused before."));
    }
    Ok(())
}

/// The open connections, with what is written when they are closed, prepared before the transaction.
struct Open(Vec<(ConnectionId, Vec<u8>, Going)>);

impl Open {
    async fn of(app: &App, read: &mut Read, id: &BrokerageId, why: &NoteText) -> Result<Self, Refused> {
        let mut open = Vec::new();
        for connection in read.connections_of(id).await?.into_iter().filter(|it| it.state != State::Closed) {
            let words = app.to_box(CLOSE_WORDS_BOX, connection.id.as_str(), why)?;
            let of = (id, &connection.id);
            let going = Going::prepare_untold(app, read, of, AttemptEnd::Closed).await?;
            open.push((connection.id, words, going));
        }
        Ok(Self(open))
    }

    async fn close(
        &self,
        write: &mut Write,
        id: &BrokerageId,
        actor: &Actor,
    ) -> Result<Vec<AuditLine>, Refused> {
        let mut lines = Vec::new();
        for connection in write.connection_ids_of(id).await? {
            let held = write.hold_connection(id, &connection).await?.ok_or(CHANGED)?;
            if held.state == State::Closed {
                continue;
            }
            let (_, words, going) = self.0.iter().find(|(known, ..)| *known == connection).ok_or(CHANGED)?;
            write.guard_connection(id, &connection, held.version).await?;
            let closing = Closing { at: write.now(), reason: CloseReason::Other, by_us: true };
            let shut = Shut { closing, words_box: Some(words), actor: actor.clone() };
            lines.extend(shut.write(write, &held, going).await?);
        }
        Ok(lines)
    }
}

/// Ends the sessions, the sign-ins and the open invitations of its people; gives how many sessions there were.
async fn shut_out(write: &mut Write, id: &BrokerageId) -> Result<u64, Refused> {
    let mut ended = 0;
    for stored in write.people_of(id).await? {
        write.forget_sign_ins(&stored.person.id).await?;
        ended += write.end_sessions_of(&stored.person.id).await?;
    }
    for stored in write.open_invitations(id).await? {
        write.end_invitation(&stored.invitation.id, InvitationEnd::Revoked, None).await?;
    }
    Ok(ended)
}
