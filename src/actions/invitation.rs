//! What an invitation is to the one who is invited: its link shows a page, and a code that went to the invited address
//! makes them a person of the brokerage.

use sha2::{Digest, Sha256};

use super::people::new_person;
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        brokerage::Brokerage,
        duty::Duty,
        ids::InvitationId,
        invitation::{InvitationEnd, InvitationStage},
        refused::Refused,
        text::CompanyName,
    },
    store::{self, NewPerson, StoredInvitation, StoredPerson, Write},
};

/// The purpose under which an invited address is encrypted; the owner is the invitation's id.
pub(super) const ADDRESS_BOX: &str = "invitations.address";

/// A token in the address of an invitation: 43 letters that hold 256 random bits.
const TOKEN_LETTERS: usize = 43;

/// An open invitation as its link shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The company it leads to.
    pub company: CompanyName,
    /// The invited address.
    pub address: MailAddress,
    /// As what they are invited.
    pub duty: Duty,
}

/// The invited address of an invitation; errs as a fault when it was encrypted under another key.
pub fn invited_address(app: &App, id: &InvitationId, address_box: &[u8]) -> Result<MailAddress, Refused> {
    app.from_box(ADDRESS_BOX, id.as_str(), address_box)
}

/// The digest under which a link's token is kept.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// What the link with this token shows. Looking changes nothing, however often and by whomever.
///
/// Errs with `NotFound` when there is nothing to show: for an invitation that was used, taken back or replaced, whose
/// time is over, or that was never given out. Which of these it is nobody is told, for whoever holds a forwarded mail
/// would learn from it who is known here.
pub async fn invitation_of_link(app: &App, token: &str) -> Result<Shown, Refused> {
    if token.len() != TOKEN_LETTERS {
        return Err(Refused::NotFound);
    }
    let hash = token_hash(token);
    let mut read = app.store.read().await?;
    let now = read.now();
    let stored = read.invitation_of_link(&hash).await?;
    let open = stored.filter(|stored| stored.invitation.stage(now) == InvitationStage::Open);
    let StoredInvitation { invitation, address_box } = open.ok_or(Refused::NotFound)?;
    let brokerage: Brokerage = read.brokerage(&invitation.brokerage_id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let address = invited_address(app, &invitation.id, &address_box)?;
    Ok(Shown { company: brokerage.company, address, duty: invitation.duty })
}

/// Somebody invited who is about to come in: their row, encrypted before the transaction begins.
pub(super) struct Coming {
    invitation: InvitationId,
    person: NewPerson,
}

/// Who comes by an open invitation of this blinded address, if there is one.
pub(super) async fn coming(
    app: &App,
    address_key: &[u8],
    address: &MailAddress,
) -> Result<Option<Coming>, Refused> {
    let mut read = app.store.read().await?;
    let now = read.now();
    let Some(StoredInvitation { invitation, .. }) = read.invitation_at(address_key).await? else {
        return Ok(None);
    };
    drop(read);
    if invitation.stage(now) != InvitationStage::Open {
        return Ok(None);
    }
    let person = new_person(app, &invitation.brokerage_id, &invitation.contact, address, invitation.duty)?;
    Ok(Some(Coming { invitation: invitation.id, person }))
}

/// Makes the person, in the transaction that signs them in; `None` when the invitation ended meanwhile.
pub(super) async fn comes_in(write: &mut Write, coming: &Coming) -> store::Result<Option<StoredPerson>> {
    let now = write.now();
    let Some(stored) = write.invitation(&coming.invitation).await? else { return Ok(None) };
    if stored.invitation.stage(now) != InvitationStage::Open {
        return Ok(None);
    }
    write.insert_person(&coming.person).await?;
    write.end_invitation(&coming.invitation, InvitationEnd::Used, Some(&coming.person.id)).await?;
    write.person_of_sign_in(&coming.person.id).await
}
