//! Invitations of brokerage admins. Of a link's token only the digest is kept.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    address::MailDomain,
    duty::Duty,
    ids::{BrokerageId, InvitationId, PersonId, StaffId},
    instant::Instant,
    invitation::{Invitation, InvitationEnd},
    text::PersonName,
};

const INSERT: &str = "
INSERT INTO invitations (id, brokerage_id, contact, address_box, address_key, mail_domain, token_hash, duty,
    invited_by, invited_by_person, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const BY_TOKEN: &str = "
SELECT id, brokerage_id, contact, duty, address_box, created_at, expires_at, ended_at, ended_by
FROM invitations
WHERE token_hash = $1";

const BY_ID: &str = "
SELECT id, brokerage_id, contact, duty, address_box, created_at, expires_at, ended_at, ended_by
FROM invitations
WHERE id = $1";

const OPEN_AT: &str = "
SELECT id, brokerage_id, contact, duty, address_box, created_at, expires_at, ended_at, ended_by
FROM invitations
WHERE address_key = $1 AND ended_at IS NULL";

const OF_BROKERAGE: &str = "
SELECT id, brokerage_id, contact, duty, address_box, created_at, expires_at, ended_at, ended_by
FROM invitations
WHERE brokerage_id = $1 AND ended_at IS NULL AND expires_at > $2
ORDER BY created_at, id
LIMIT 100";

const END: &str = "
UPDATE invitations SET ended_at = $2, ended_by = $3, person_id = $4
WHERE id = $1 AND ended_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT, BY_TOKEN, BY_ID, OPEN_AT, OF_BROKERAGE, END];

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: InvitationId,
    brokerage_id: BrokerageId,
    contact: PersonName,
    duty: Option<Duty>,
    address_box: Vec<u8>,
    created_at: Instant,
    expires_at: Instant,
    ended_at: Option<Instant>,
    ended_by: Option<InvitationEnd>,
}

/// An invitation with the invited address, which is encrypted under the settings key.
#[derive(Debug, Clone)]
pub struct StoredInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The invited address, encrypted.
    pub address_box: Vec<u8>,
}

impl From<Row> for StoredInvitation {
    fn from(row: Row) -> Self {
        let invitation = Invitation {
            id: row.id,
            brokerage_id: row.brokerage_id,
            contact: row.contact,
            duty: row.duty.unwrap_or_default(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            ended_by: row.ended_by,
        };
        Self { invitation, address_box: row.address_box }
    }
}

/// Who invites.
#[derive(Debug, Clone)]
pub enum InvitedBy {
    /// One of our own people.
    Staff(StaffId),
    /// A person of the brokerage.
    Person(PersonId),
}

impl InvitedBy {
    fn staff(&self) -> Option<StaffId> {
        match self {
            Self::Staff(staff) => Some(staff.clone()),
            Self::Person(_) => None,
        }
    }

    fn person(&self) -> Option<PersonId> {
        match self {
            Self::Staff(_) => None,
            Self::Person(person) => Some(person.clone()),
        }
    }
}

/// An invitation that is about to be written.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The brokerage it leads to.
    pub brokerage_id: BrokerageId,
    /// Who is invited.
    pub contact: PersonName,
    /// Their address, encrypted.
    pub address_box: Vec<u8>,
    /// Their blinded address.
    pub address_key: Vec<u8>,
    /// The domain of their address, in clear: for search.
    pub mail_domain: MailDomain,
    /// SHA-256 of the link's token.
    pub token_hash: Vec<u8>,
    /// What they do for it.
    pub duty: Duty,
    /// Who invites.
    pub invited_by: InvitedBy,
    /// Until when it counts.
    pub expires_at: Instant,
}

impl Read {
    /// The invitation whose link holds the token with this digest, however it stands.
    pub async fn invitation_of_link(&mut self, token_hash: &[u8]) -> Result<Option<StoredInvitation>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(BY_TOKEN).bind(token_hash).fetch_optional(c).await)?;
        Ok(row.map(StoredInvitation::from))
    }

    /// An invitation by its id, for its mail and for our own people.
    pub async fn invitation(&mut self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(BY_ID).bind(id).fetch_optional(c).await)?;
        Ok(row.map(StoredInvitation::from))
    }

    /// The invitations to a brokerage that count, the oldest first.
    pub async fn open_invitations(&mut self, brokerage: &BrokerageId) -> Result<Vec<StoredInvitation>> {
        let now = self.now();
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(OF_BROKERAGE)
            .bind(brokerage)
            .bind(now)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredInvitation::from).collect())
    }

    /// The invitation of a blinded address that has not ended; its time may be over.
    pub async fn invitation_at(&mut self, address_key: &[u8]) -> Result<Option<StoredInvitation>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(OPEN_AT).bind(address_key).fetch_optional(c).await)?;
        Ok(row.map(StoredInvitation::from))
    }
}

impl Write {
    /// Writes a new invitation. An address with one that has not ended is a conflict.
    pub async fn insert_invitation(&mut self, new: &NewInvitation) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(&new.brokerage_id)
            .bind(&new.contact)
            .bind(new.address_box.as_slice())
            .bind(new.address_key.as_slice())
            .bind(&new.mail_domain)
            .bind(new.token_hash.as_slice())
            .bind(new.duty)
            .bind(new.invited_by.staff())
            .bind(new.invited_by.person())
            .bind(now)
            .bind(new.expires_at)
            .execute(c).await.map(|_| ()))?;
        self.keep_words(&new.brokerage_id, &[new.contact.as_str()], &new.mail_domain).await
    }

    /// Ends an invitation; `person` is who came by it. Errs with a conflict when it has ended already.
    pub async fn end_invitation(
        &mut self,
        id: &InvitationId,
        by: InvitationEnd,
        person: Option<&PersonId>,
    ) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(now)
            .bind(by)
            .bind(person.cloned())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
