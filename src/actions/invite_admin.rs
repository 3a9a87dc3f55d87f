//! One of our people invites a brokerage admin by mail: of a new brokerage, or one more of a brokerage that is there.

use jiff::SignedDuration;

use super::{
    create_connection::{For, TypedConnection, kinds_of_ours, make},
    form_answer::FormKey,
    limits::Limit,
    recognise,
    send_invitation::{Invitee, Inviter, Ready},
    staff_create_connection::may_prepare,
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        brokerage::Origin,
        duty::Duty,
        ids::BrokerageId,
        refused::{FieldError, Refused},
        staff::{Deed, StaffRole, StaffScope},
        text::CompanyName,
    },
    store::{InvitedBy, NewBrokerage, Write},
};

/// Two hundred invitations a day from each of our people: a guard against a runaway script.
const INVITATIONS: Limit = Limit { what: "invitations", window: SignedDuration::from_hours(24), most: 200 };

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedInvitation {
    /// The company's name; not asked where the brokerage is there.
    pub company: String,
    /// Who is invited.
    pub contact: String,
    /// Their address.
    pub address: String,
    /// The first connection of a new brokerage, where one is made at once.
    pub connection: Option<TypedConnection>,
}

/// Invites somebody; returns the brokerage. The same form again returns the same and sends nothing.
///
/// A new brokerage is made for its first admin and counts as accepted; an account manager who makes it is named for it. An open invitation of the same address to the
/// same brokerage ends, for there is one at a time. Errs when no role may, when there is no such brokerage, with the
/// fields to mend, and when too many were sent.
pub async fn invite_admin(
    app: &App,
    scope: &StaffScope,
    brokerage: Option<&BrokerageId>,
    typed: &TypedInvitation,
    key: &FormKey,
) -> Result<BrokerageId, Refused> {
    if !scope.may(Deed::InviteAdmin) {
        return Err(Refused::Forbidden(
            "None of your roles invites brokerages. Ask a reviewer or an account manager.",
        ));
    }
    let invited = match invite(app, scope, brokerage, typed, key).await {
        Ok(invited) => invited,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    BrokerageId::parse(&invited).map_err(|_| Refused::Fault(String::new()))
}

async fn invite(
    app: &App,
    scope: &StaffScope,
    brokerage: Option<&BrokerageId>,
    typed: &TypedInvitation,
    key: &FormKey,
) -> Result<String, Refused> {
    let (company, invitee) = parse(typed, brokerage.is_none())?;
    let mut read = app.store.read().await?;
    if let Some(invited) = key.answered(&mut read, scope).await? {
        return Ok(invited);
    }
    let known = match brokerage {
        Some(id) => Some(read.brokerage(id).await?.ok_or(Refused::NotFound)?),
        None => None,
    };
    drop(read);
    let new = company.map(|company| invited_brokerage(app, company, &invitee));
    let (id, company) = match (&new, &known) {
        (Some(new), _) => (&new.id, &new.company),
        (None, Some(known)) => (&known.id, &known.company),
        (None, None) => return Err(Refused::NotFound),
    };
    let inviter = Inviter { by: InvitedBy::Staff(scope.staff.clone()), name: &scope.name, house: None };
    let ready = Ready::make(app, (id, company), invitee, inviter)?;
    let first = new.as_ref().zip(typed.connection.as_ref());
    if first.is_some() {
        may_prepare(scope)?;
    }
    write_all(app, scope, (new.as_ref(), first), &ready, key).await
}

fn invited_brokerage(app: &App, company: CompanyName, invitee: &Invitee) -> NewBrokerage {
    NewBrokerage {
        id: app.new_id(BrokerageId::from_random),
        company,
        contact: invitee.contact.clone(),
        phone_box: None,
        brand: None,
        origin: Origin::Invited,
        proven_domain: invitee.address.domain(),
        // Whom we invite we know.
        accepted_at: Some(app.clock.now()),
    }
}

pub(super) async fn write_all(
    app: &App,
    scope: &StaffScope,
    (new, first): (Option<&NewBrokerage>, Option<(&NewBrokerage, &TypedConnection)>),
    ready: &Ready,
    key: &FormKey,
) -> Result<String, Refused> {
    let meter = INVITATIONS.of(app, scope.staff.as_str());
    let brokerage = &ready.invitation.brokerage_id;
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, now).await? {
        return Err(Refused::TooMany(until));
    }
    let actor = Actor::Staff(scope.staff.clone());
    let mut lines = Vec::new();
    match new {
        Some(new) => {
            write.insert_brokerage(new).await?;
            recognise::ask(app, &mut write, &new.id, &new.proven_domain).await?;
            lines.push(AuditLine::new(actor.clone(), "brokerage.invite", new.id.as_str()).of(brokerage));
            lines.extend(keep(&mut write, scope, &new.id).await?);
        }
        None => {
            let known = write.hold_brokerage(brokerage).await?.ok_or(Refused::NotFound)?;
            if known.refused_at.is_some() {
                return Err(Refused::Conflict("This brokerage was refused. Accept it after all first."));
            }
        }
    }
    if let Some((new, typed)) = first {
        let kinds = kinds_of_ours(app);
        let whose = For {
            id: &new.id,
            company: &new.company,
            domain: &new.proven_domain,
            kinds: &kinds,
            ours: true,
            chosen: true,
        };
        lines.push(make(app, &mut write, &whose, typed, actor.clone()).await?.1);
    }
    ready.write(&mut write).await?;
    key.note(&mut write, scope, brokerage.as_str()).await?;
    lines.push(
        AuditLine::new(actor, "person.invite", brokerage.as_str())
            .of(brokerage)
            .with("invitation", ready.invitation.id.as_str()),
    );
    write.commit(&lines).await?;
    Ok(brokerage.as_str().to_owned())
}

/// Names the account manager who brings a new brokerage as its own; anybody may be named instead later.
async fn keep(write: &mut Write, scope: &StaffScope, id: &BrokerageId) -> Result<Option<AuditLine>, Refused> {
    if !scope.roles.contains(&StaffRole::AccountManager) {
        return Ok(None);
    }
    write.name_keeper(id, None, Some(&scope.staff)).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "brokerage.manager", id.as_str()).of(id);
    Ok(Some(line.with("from", "").with("to", scope.staff.as_str())))
}

fn parse(typed: &TypedInvitation, asks_company: bool) -> Result<(Option<CompanyName>, Invitee), Refused> {
    let mut errors = Vec::new();
    let company = asks_company.then(|| CompanyName::parse(&typed.company)).transpose();
    let company = company.map_err(|why| {
        errors.push(FieldError::new("company", why.sentence("the company's name")));
    });
    // Whoever is invited first sees to it that it gets done.
    let invitee = Invitee::parse(&typed.contact, &typed.address, Duty::Coordinator, &mut errors);
    match (company, invitee) {
        (Ok(company), Some(invitee)) => Ok((company, invitee)),
        _ => Err(Refused::Fields(errors)),
    }
}
