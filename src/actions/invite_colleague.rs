//! A person of a brokerage invites a colleague, or somebody of the company that looks after the mail system; or takes
//! such an invitation back.

use jiff::SignedDuration;

use super::{
    form_answer::FormKey,
    limits::Limit,
    send_invitation::{Invitee, Inviter, Ready},
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        brokerage::{Brokerage, Person},
        duty::Duty,
        ids::InvitationId,
        invitation::InvitationEnd,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    store::{InvitedBy, Read},
};

/// Twenty a day from a brokerage: offices invite two or three people once.
const INVITATIONS: Limit =
    Limit { what: "colleague_invitations", window: SignedDuration::from_hours(24), most: 20 };

const NOT_YOURS: &str =
    "Only people of the brokerage invite others and take their access away. Ask one of them.";

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedColleague {
    /// Who is invited.
    pub contact: String,
    /// Their address.
    pub address: String,
    /// The word of their duty.
    pub duty: String,
}

/// Invites a colleague. The same form again sends nothing. An open invitation of the same address ends.
///
/// Until our own people have accepted the brokerage, everybody in it has an address of the domain that was proven. Errs
/// with the fields to mend, when this person's duty does not let them invite, and when too many were sent.
pub async fn invite_colleague(
    app: &App,
    scope: &Scope,
    typed: &TypedColleague,
    key: &FormKey,
) -> Result<(), Refused> {
    match invite(app, scope, typed, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn invite(app: &App, scope: &Scope, typed: &TypedColleague, key: &FormKey) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let person = may_invite(&mut read, scope).await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let invitee = parse(typed, &brokerage)?;
    let inviter = Inviter {
        by: InvitedBy::Person(scope.person.clone()),
        name: person.name.as_str(),
        house: Some(&brokerage.company),
    };
    let ready = Ready::make(app, (&brokerage.id, &brokerage.company), invitee, inviter)?;
    let meter = INVITATIONS.of(app, scope.brokerage.as_str());
    let mut write = app.store.write().await?;
    write.hold_brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    let now = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, now).await? {
        return Err(Refused::TooMany(until));
    }
    ready.write(&mut write).await?;
    key.note(&mut write, scope, ready.invitation.id.as_str()).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "person.invite", scope.brokerage.as_str())
        .of(&scope.brokerage)
        .with("invitation", ready.invitation.id.as_str());
    Ok(write.commit(&[line]).await?)
}

/// The person who acts, where their duty lets them invite and remove people.
///
/// Errs with `Forbidden` where it does not.
pub(super) async fn may_invite(read: &mut Read, scope: &Scope) -> Result<Person, Refused> {
    let stored = read.person_of_sign_in(&scope.person).await?.ok_or(Refused::NotFound)?;
    if stored.person.duty.invites() { Ok(stored.person) } else { Err(Refused::Forbidden(NOT_YOURS)) }
}

fn parse(typed: &TypedColleague, brokerage: &Brokerage) -> Result<Invitee, Refused> {
    let mut errors = Vec::new();
    let duty = Duty::parse(&typed.duty);
    let invitee = Invitee::parse(&typed.contact, &typed.address, duty.unwrap_or_default(), &mut errors);
    if let Some(sentence) = invitee.as_ref().and_then(|invitee| objection(invitee, brokerage)) {
        errors.push(FieldError::new("address", sentence));
    }
    if duty.is_none() {
        errors.push(FieldError::new("duty", "Choose what they do".to_owned()));
    }
    match invitee {
        Some(invitee) if errors.is_empty() => Ok(invitee),
        _ => Err(Refused::Fields(errors)),
    }
}

fn objection(invitee: &Invitee, brokerage: &Brokerage) -> Option<String> {
    let domain = invitee.address.domain();
    (!brokerage.may_check_domain(&domain)).then(|| {
        format!(
            "Until we have accepted your brokerage you can invite only people of {}. Ask us to invite others",
            brokerage.proven_domain
        )
    })
}

/// Takes back an invitation to one's own brokerage. One that has ended stays as it is.
///
/// Errs when this person's duty does not let them, when there is no such invitation, and with a conflict when it was
/// used meanwhile.
pub async fn take_invitation_back(app: &App, scope: &Scope, id: &InvitationId) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    may_invite(&mut write, scope).await?;
    let found = write.invitation(id).await?.map(|stored| stored.invitation);
    let found = found.filter(|found| found.brokerage_id == scope.brokerage).ok_or(Refused::NotFound)?;
    match found.ended_by {
        Some(InvitationEnd::Used) => {
            return Err(Refused::Conflict("This invitation was used meanwhile: the person can sign in."));
        }
        Some(InvitationEnd::Revoked | InvitationEnd::Newer) => return Ok(()),
        None => {}
    }
    write.end_invitation(id, InvitationEnd::Revoked, None).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "invitation.revoke", id.as_str());
    Ok(write.commit(&[line.of(&scope.brokerage)]).await?)
}
