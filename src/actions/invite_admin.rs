//! One of our people invites a brokerage admin by mail: of a new brokerage, or one more of a brokerage that is there.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;

use super::{
    form_answer::FormKey,
    invitation::{ADDRESS_BOX, token_hash},
    limits::Limit,
    outbox,
    people::{ADDRESS_KEY, Recipient},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        brokerage::{Brokerage, Origin},
        ids::{BrokerageId, InvitationId, PersonId},
        invitation::{INVITATION_LASTS, InvitationEnd},
        refused::{FieldError, Refused},
        staff::{Deed, StaffScope},
        text::{CompanyName, PersonName},
    },
    notify::notice::{Invitation, Notice},
    store::{NewBrokerage, NewInvitation, PreparedMail, Write},
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
}

struct Parsed {
    /// None where the brokerage is there.
    company: Option<CompanyName>,
    contact: PersonName,
    address: MailAddress,
}

/// Invites somebody; returns the brokerage. The same form again returns the same and sends nothing.
///
/// A new brokerage is made for its first admin and counts as accepted. An open invitation of the same address to the
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
    let parsed = parse(typed, brokerage.is_none())?;
    let mut read = app.store.read().await?;
    if let Some(invited) = key.answered(&mut read, scope).await? {
        return Ok(invited);
    }
    let known = match brokerage {
        Some(id) => Some(read.brokerage(id).await?.ok_or(Refused::NotFound)?),
        None => None,
    };
    drop(read);
    let ready = Ready::make(app, scope, parsed, known)?;
    ready.write(app, scope, key).await
}

/// What is written, composed and encrypted before the transaction begins.
struct Ready {
    new_brokerage: Option<NewBrokerage>,
    invitation: NewInvitation,
    mails: Vec<PreparedMail>,
}

impl Ready {
    fn make(
        app: &App,
        scope: &StaffScope,
        parsed: Parsed,
        known: Option<Brokerage>,
    ) -> Result<Self, Refused> {
        let id = app.new_id(InvitationId::from_random);
        let token = URL_SAFE_NO_PAD.encode(app.randomness.bytes::<32>());
        let now = app.clock.now();
        let expires_at = now.plus(INVITATION_LASTS);
        let new_brokerage = parsed.company.map(|company| NewBrokerage {
            id: app.new_id(BrokerageId::from_random),
            company,
            contact: parsed.contact.clone(),
            phone_box: None,
            brand: None,
            origin: Origin::Invited,
            proven_domain: parsed.address.domain(),
            // Whom we invite we know.
            accepted_at: Some(now),
        });
        let (brokerage, company) = match (&new_brokerage, known) {
            (Some(new), _) => (new.id.clone(), new.company.clone()),
            (None, Some(known)) => (known.id, known.company),
            (None, None) => return Err(Refused::NotFound),
        };
        let notice = Notice::Invitation(Invitation::new(company, &scope.name, &token, expires_at));
        let to = Recipient {
            id: app.new_id(PersonId::from_random),
            name: parsed.contact.clone(),
            address: parsed.address.clone(),
        };
        let mails = outbox::prepare(app, &notice, id.as_str(), &brokerage, &[to])?;
        let invitation = NewInvitation {
            address_box: app.to_box(ADDRESS_BOX, id.as_str(), &parsed.address)?,
            address_key: app.blind(ADDRESS_KEY, &parsed.address.key()),
            mail_domain: parsed.address.domain(),
            token_hash: token_hash(&token),
            brokerage_id: brokerage,
            contact: parsed.contact,
            invited_by: scope.staff.clone(),
            expires_at,
            id,
        };
        Ok(Self { new_brokerage, invitation, mails })
    }

    async fn write(self, app: &App, scope: &StaffScope, key: &FormKey) -> Result<String, Refused> {
        let meter = INVITATIONS.of(app, scope.staff.as_str());
        let brokerage = &self.invitation.brokerage_id;
        let mut write = app.store.write().await?;
        let now = write.shared_now().await?;
        if let Some(until) = meter.take(&mut write, now).await? {
            return Err(Refused::TooMany(until));
        }
        let actor = Actor::Staff(scope.staff.clone());
        let mut lines = Vec::new();
        match &self.new_brokerage {
            Some(new) => {
                write.insert_brokerage(new).await?;
                lines.push(AuditLine::new(actor.clone(), "brokerage.invite", new.id.as_str()).of(brokerage));
            }
            None => {
                write.hold_brokerage(brokerage).await?.ok_or(Refused::NotFound)?;
            }
        }
        self.make_room(&mut write).await?;
        write.insert_invitation(&self.invitation).await?;
        for mail in &self.mails {
            write.post_mail(mail).await?;
        }
        key.note(&mut write, scope, brokerage.as_str()).await?;
        lines.push(
            AuditLine::new(actor, "person.invite", brokerage.as_str())
                .of(brokerage)
                .with("invitation", self.invitation.id.as_str()),
        );
        write.commit(&lines).await?;
        Ok(self.invitation.brokerage_id.into())
    }

    /// Somebody who is there needs no invitation; an older one to the same brokerage ends.
    async fn make_room(&self, write: &mut Write) -> Result<(), Refused> {
        let new = &self.invitation;
        if let Some(person) = write.person_at(&new.address_key).await? {
            return Err(Refused::field(
                "address",
                if person.person.brokerage_id == new.brokerage_id {
                    "This address can sign in for this brokerage already"
                } else {
                    "This address signs in for another brokerage. Enter another address"
                },
            ));
        }
        let Some(older) = write.invitation_at(&new.address_key).await? else { return Ok(()) };
        let counts = older.invitation.expires_at > write.now();
        if older.invitation.brokerage_id != new.brokerage_id && counts {
            return Err(Refused::field(
                "address",
                "This address is invited to another brokerage. Take that invitation back first, or enter another address",
            ));
        }
        Ok(write.end_invitation(&older.invitation.id, InvitationEnd::Newer, None).await?)
    }
}

fn parse(typed: &TypedInvitation, asks_company: bool) -> Result<Parsed, Refused> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, sentence: String| errors.push(FieldError { field, sentence });
    let company = asks_company.then(|| {
        CompanyName::parse(&typed.company).map_err(|why| wrong("company", why.sentence("the company's name")))
    });
    let contact = PersonName::parse(&typed.contact)
        .map_err(|why| wrong("contact", why.sentence("the name of the person")));
    let address =
        MailAddress::parse(&typed.address).map_err(|why| wrong("address", why.sentence("their work e-mail")));
    match (company.transpose(), contact, address) {
        (Ok(company), Ok(contact), Ok(address)) => Ok(Parsed { company, contact, address }),
        _ => Err(Refused::Fields(errors)),
    }
}
