//! Brokerages.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    address::MailDomain,
    brokerage::{Brokerage, Origin},
    ids::{BrokerageId, StaffId},
    instant::Instant,
    search::search_words,
    text::{Brand, CompanyName, PersonName},
};

const FIND: &str = "
SELECT id, version, company, contact, brand, origin, proven_domain, accepted_at, refused_at, created_at
FROM brokerages
WHERE id = $1";

const HOLD: &str = "
UPDATE brokerages
SET version = version
WHERE id = $1
RETURNING id, version, company, contact, brand, origin, proven_domain, accepted_at, refused_at, created_at";

const INSERT: &str = "
INSERT INTO brokerages (id, version, company, company_key, contact, phone_box, brand, origin, proven_domain,
    accepted_at, created_at, unconnected_since)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";

const INSERT_WORD: &str = "
INSERT INTO brokerage_words (word, brokerage_id)
VALUES ($1, $2)
ON CONFLICT (word, brokerage_id) DO NOTHING";

const CONNECTED: &str = "
UPDATE brokerages SET unconnected_since = NULL
WHERE id = $1 AND unconnected_since IS NOT NULL";

const ACCEPT: &str = "
UPDATE brokerages SET version = version + 1, accepted_at = $3, refused_at = NULL, refused_by = NULL, refusal_box = NULL
WHERE id = $1 AND version = $2 AND accepted_at IS NULL";

const REFUSE: &str = "
UPDATE brokerages SET version = version + 1, refused_at = $3, refused_by = $4, refusal_box = $5
WHERE id = $1 AND version = $2 AND accepted_at IS NULL AND refused_at IS NULL";

const REFUSAL: &str = "
SELECT brokerages.refused_at, staff.name, brokerages.refusal_box
FROM brokerages
JOIN staff ON staff.id = brokerages.refused_by
WHERE brokerages.id = $1 AND brokerages.refused_at IS NOT NULL";

const PHONE: &str = "SELECT phone_box FROM brokerages WHERE id = $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[FIND, HOLD, INSERT, INSERT_WORD, CONNECTED, ACCEPT, REFUSE, REFUSAL, PHONE];

#[derive(sqlx::FromRow)]
struct Row {
    id: BrokerageId,
    version: i64,
    company: CompanyName,
    contact: PersonName,
    brand: Option<Brand>,
    origin: Origin,
    proven_domain: MailDomain,
    accepted_at: Option<Instant>,
    refused_at: Option<Instant>,
    created_at: Instant,
}

impl From<Row> for Brokerage {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            company: row.company,
            contact: row.contact,
            brand: row.brand,
            origin: row.origin,
            proven_domain: row.proven_domain,
            accepted_at: row.accepted_at,
            refused_at: row.refused_at,
            created_at: row.created_at,
        }
    }
}

/// That our own people refused a brokerage.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Refusal {
    /// When.
    #[sqlx(rename = "refused_at")]
    pub at: Instant,
    /// Who did it.
    pub name: String,
    /// Why, encrypted.
    pub refusal_box: Vec<u8>,
}

/// A brokerage that is about to be made.
#[derive(Debug, Clone)]
pub struct NewBrokerage {
    /// Its id.
    pub id: BrokerageId,
    /// Its company name.
    pub company: CompanyName,
    /// The person we speak with.
    pub contact: PersonName,
    /// Their telephone number, encrypted.
    pub phone_box: Option<Vec<u8>>,
    /// Its brand, where it has several.
    pub brand: Option<Brand>,
    /// How it came to us.
    pub origin: Origin,
    /// The domain of the address by which it was proven.
    pub proven_domain: MailDomain,
    /// When staff accepted it.
    pub accepted_at: Option<Instant>,
}

impl Read {
    /// A brokerage.
    pub async fn brokerage(&mut self, id: &BrokerageId) -> Result<Option<Brokerage>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Brokerage::from))
    }

    /// When, by whom and why a brokerage was refused; `None` when it is not.
    pub async fn refusal(&mut self, id: &BrokerageId) -> Result<Option<Refusal>> {
        Ok(on!(self.tx, c => sqlx::query_as(REFUSAL).bind(id).fetch_optional(c).await)?)
    }

    /// The telephone number that a brokerage gave, encrypted.
    pub async fn phone_of(&mut self, id: &BrokerageId) -> Result<Option<Vec<u8>>> {
        let row: Option<(Option<Vec<u8>>,)> =
            on!(self.tx, c => sqlx::query_as(PHONE).bind(id).fetch_optional(c).await)?;
        Ok(row.and_then(|(phone,)| phone))
    }

    /// Whether this blinded address belongs to somebody of a brokerage that was refused.
    pub async fn is_refused(&mut self, address_key: &[u8]) -> Result<bool> {
        let Some(stored) = self.person_at(address_key).await? else { return Ok(false) };
        let brokerage = self.brokerage(&stored.person.brokerage_id).await?;
        Ok(brokerage.is_some_and(|brokerage| brokerage.refused_at.is_some()))
    }
}

impl Write {
    /// Reads the brokerage as it is now and keeps others who hold it waiting until this transaction ends: for
    /// rules that count what it has.
    pub async fn hold_brokerage(&mut self, id: &BrokerageId) -> Result<Option<Brokerage>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(HOLD).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Brokerage::from))
    }

    /// Writes a new brokerage.
    pub async fn insert_brokerage(&mut self, new: &NewBrokerage) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(&new.company)
            .bind(new.company.key())
            .bind(&new.contact)
            .bind(new.phone_box.as_deref())
            .bind(&new.brand)
            .bind(new.origin)
            .bind(&new.proven_domain)
            .bind(new.accepted_at)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        let names = [new.company.as_str(), new.contact.as_str()];
        self.keep_words(&new.id, &names, &new.proven_domain).await
    }

    /// Writes under which words the brokerage is found: names, from each of their words on, and a mail domain.
    pub(super) async fn keep_words(
        &mut self,
        id: &BrokerageId,
        names: &[&str],
        domain: &MailDomain,
    ) -> Result<()> {
        for word in search_words(names, &[domain.as_str()]) {
            on!(self.tx, c => sqlx::query(INSERT_WORD)
                .bind(word.as_str())
                .bind(id)
                .execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Notes that the brokerage has a connection from now on.
    pub(super) async fn note_connected(&mut self, id: &BrokerageId) -> Result<()> {
        on!(self.tx, c => sqlx::query(CONNECTED).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes that our people refused the brokerage, and why, encrypted. Errs with a conflict when it is not at version
    /// `seen`, or was accepted or refused before.
    pub async fn refuse_brokerage(
        &mut self,
        id: &BrokerageId,
        seen: i64,
        by: &StaffId,
        refusal_box: &[u8],
    ) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(REFUSE)
            .bind(id)
            .bind(seen)
            .bind(now)
            .bind(by)
            .bind(refusal_box)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Notes that our people accepted the brokerage; one that was refused is refused no more. Errs with a conflict when it
    /// is not at version `seen`, or was accepted before.
    pub async fn accept_brokerage(&mut self, id: &BrokerageId, seen: i64) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(ACCEPT)
            .bind(id)
            .bind(seen)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
