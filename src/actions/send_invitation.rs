//! What every invitation takes, whoever invites: room for it, its row, its mail.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    invitation::{ADDRESS_BOX, token_hash},
    outbox,
    people::{ADDRESS_KEY, Recipient},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        duty::Duty,
        ids::{BrokerageId, InvitationId, PersonId},
        invitation::{INVITATION_LASTS, InvitationEnd},
        refused::{FieldError, Refused},
        text::{CompanyName, PersonName},
    },
    notify::notice::{Invitation, Notice},
    store::{InvitedBy, NewInvitation, PreparedMail, Write},
};

/// Who is invited.
pub(super) struct Invitee {
    pub(super) contact: PersonName,
    pub(super) address: MailAddress,
    pub(super) duty: Duty,
}

impl Invitee {
    /// Reads name and address; what is wrong is added to `errors`.
    pub(super) fn parse(
        contact: &str,
        address: &str,
        duty: Duty,
        errors: &mut Vec<FieldError>,
    ) -> Option<Self> {
        let mut wrong = |field: &'static str, sentence: String| errors.push(FieldError::new(field, sentence));
        let contact = PersonName::parse(contact)
            .map_err(|why| wrong("contact", why.sentence("the name of the person")));
        let address =
            MailAddress::parse(address).map_err(|why| wrong("address", why.sentence("their work e-mail")));
        Some(Self { contact: contact.ok()?, address: address.ok()?, duty })
    }
}

/// Who invites, and how the mail names them.
pub(super) struct Inviter<'a> {
    pub(super) by: InvitedBy,
    pub(super) name: &'a str,
    /// The company they write for; `None` for ours.
    pub(super) house: Option<&'a CompanyName>,
}

/// What is written, composed and encrypted before the transaction begins.
pub(super) struct Ready {
    pub(super) invitation: NewInvitation,
    mails: Vec<PreparedMail>,
}

impl Ready {
    /// Composes an invitation to a brokerage.
    ///
    /// Errs as a fault when something cannot be encrypted.
    pub(super) fn make(
        app: &App,
        (brokerage, company): (&BrokerageId, &CompanyName),
        invitee: Invitee,
        inviter: Inviter<'_>,
    ) -> Result<Self, Refused> {
        let id = app.new_id(InvitationId::from_random);
        let token = URL_SAFE_NO_PAD.encode(app.randomness.bytes::<32>());
        let expires_at = app.clock.now().plus(INVITATION_LASTS);
        let mut notice = Invitation::new(company.clone(), inviter.name, invitee.duty, &token, expires_at);
        notice.house = inviter.house.cloned();
        let to = Recipient {
            id: app.new_id(PersonId::from_random),
            name: invitee.contact.clone(),
            address: invitee.address.clone(),
        };
        let mails = outbox::prepare(app, &Notice::Invitation(notice), id.as_str(), brokerage, &[to])?;
        let invitation = NewInvitation {
            address_box: app.to_box(ADDRESS_BOX, id.as_str(), &invitee.address)?,
            address_key: app.blind(ADDRESS_KEY, &invitee.address.key()),
            mail_domain: invitee.address.domain(),
            token_hash: token_hash(&token),
            brokerage_id: brokerage.clone(),
            contact: invitee.contact,
            duty: invitee.duty,
            invited_by: inviter.by,
            expires_at,
            id,
        };
        Ok(Self { invitation, mails })
    }

    /// Writes it, in the transaction of whoever invites.
    ///
    /// Errs with the address where its owner is there already or is invited by another brokerage.
    pub(super) async fn write(&self, write: &mut Write) -> Result<(), Refused> {
        self.make_room(write).await?;
        write.insert_invitation(&self.invitation).await?;
        for mail in &self.mails {
            write.post_mail(mail).await?;
        }
        Ok(())
    }

    /// Somebody who is there needs no invitation; an older one to the same brokerage ends.
    async fn make_room(&self, write: &mut Write) -> Result<(), Refused> {
        let new = &self.invitation;
        if let Some(person) = write.person_at(&new.address_key).await? {
            let own = person.person.brokerage_id == new.brokerage_id;
            let elsewhere = "This address signs in for another brokerage. Enter another address";
            let here = "This address can sign in for this brokerage already";
            return Err(if own { Refused::field("address", here) } else { self.taken(elsewhere) });
        }
        let Some(older) = write.invitation_at(&new.address_key).await? else { return Ok(()) };
        let counts = older.invitation.expires_at > write.now();
        if older.invitation.brokerage_id != new.brokerage_id && counts {
            return Err(self.taken(
                "This address is invited to another brokerage. Take that invitation back first, or enter another address",
            ));
        }
        Ok(write.end_invitation(&older.invitation.id, InvitationEnd::Newer, None).await?)
    }

    /// An address that another brokerage has. Our own people read which of the two it is; a customer learns nothing of
    /// other customers.
    fn taken(&self, told_to_our_own: &str) -> Refused {
        let told = match self.invitation.invited_by {
            InvitedBy::Staff(_) => told_to_our_own,
            InvitedBy::Person(_) => "We cannot invite this address from here. Enter another one, or ask us",
        };
        Refused::field("address", told)
    }
}
