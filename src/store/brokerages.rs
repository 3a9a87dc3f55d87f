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
    ids::BrokerageId,
    instant::Instant,
    search::search_words,
    text::{Brand, CompanyName, PersonName},
};

const FIND: &str = "
SELECT id, version, company, contact, brand, origin, proven_domain, accepted_at, created_at
FROM brokerages
WHERE id = $1";

const HOLD: &str = "
UPDATE brokerages
SET version = version
WHERE id = $1
RETURNING id, version, company, contact, brand, origin, proven_domain, accepted_at, created_at";

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
UPDATE brokerages SET version = version + 1, accepted_at = $3
WHERE id = $1 AND version = $2 AND accepted_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[FIND, HOLD, INSERT, INSERT_WORD, CONNECTED, ACCEPT];

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
            created_at: row.created_at,
        }
    }
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

    /// Notes that our people accepted the brokerage. Errs with a conflict when it is not at version `seen`, or was
    /// accepted before.
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
