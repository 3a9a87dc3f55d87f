//! People who may sign in for a brokerage. Their addresses are encrypted; the blinded key finds them.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    address::MailDomain,
    brokerage::Person,
    duty::Duty,
    ids::{BrokerageId, PersonId},
    instant::Instant,
    text::PersonName,
};

const LIST: &str = "
SELECT id, brokerage_id, name, duty, address_box, created_at
FROM people
WHERE brokerage_id = $1 AND removed_at IS NULL
ORDER BY created_at, id";

const INSERT: &str = "
INSERT INTO people (id, version, brokerage_id, name, duty, address_box, address_key, mail_domain, created_at)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)";

const FIND: &str = "
SELECT id, brokerage_id, name, duty, address_box, created_at
FROM people
WHERE address_key = $1 AND removed_at IS NULL";

const FIND_BY_ID: &str = "
SELECT id, brokerage_id, name, duty, address_box, created_at
FROM people
WHERE id = $1 AND removed_at IS NULL";

const REMOVE: &str = "
UPDATE people SET removed_at = $3, version = version + 1
WHERE id = $1 AND brokerage_id = $2 AND removed_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, INSERT, FIND, FIND_BY_ID, REMOVE];

#[derive(sqlx::FromRow)]
struct Row {
    id: PersonId,
    brokerage_id: BrokerageId,
    name: PersonName,
    duty: Option<Duty>,
    address_box: Vec<u8>,
    created_at: Instant,
}

/// A person with their address, which is encrypted under the settings key.
#[derive(Debug, Clone)]
pub struct StoredPerson {
    /// The person.
    pub person: Person,
    /// Their address, encrypted.
    pub address_box: Vec<u8>,
    /// When they came.
    pub created_at: Instant,
}

impl From<Row> for StoredPerson {
    fn from(row: Row) -> Self {
        let person = Person {
            id: row.id,
            brokerage_id: row.brokerage_id,
            name: row.name,
            duty: row.duty.unwrap_or_default(),
        };
        Self { person, address_box: row.address_box, created_at: row.created_at }
    }
}

/// A person who is about to be written.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their id.
    pub id: PersonId,
    /// The brokerage they act for.
    pub brokerage_id: BrokerageId,
    /// Their name.
    pub name: PersonName,
    /// What they do for it.
    pub duty: Duty,
    /// Their address, encrypted.
    pub address_box: Vec<u8>,
    /// Their blinded address.
    pub address_key: Vec<u8>,
    /// The domain of their address, in clear: for search.
    pub mail_domain: MailDomain,
}

impl Read {
    /// The person with this blinded address.
    pub async fn person_at(&mut self, address_key: &[u8]) -> Result<Option<StoredPerson>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(FIND).bind(address_key).fetch_optional(c).await)?;
        Ok(row.map(StoredPerson::from))
    }

    /// A person whom a sign-in names, as long as they may sign in.
    pub async fn person_of_sign_in(&mut self, id: &PersonId) -> Result<Option<StoredPerson>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(FIND_BY_ID).bind(id).fetch_optional(c).await)?;
        Ok(row.map(StoredPerson::from))
    }

    /// The people who may sign in for a brokerage, first one first.
    pub async fn people_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<StoredPerson>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LIST).bind(brokerage).fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredPerson::from).collect())
    }
}

impl Write {
    /// Writes a new person. An address that somebody has already is a conflict.
    pub async fn insert_person(&mut self, new: &NewPerson) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(&new.brokerage_id)
            .bind(&new.name)
            .bind(new.duty)
            .bind(new.address_box.as_slice())
            .bind(new.address_key.as_slice())
            .bind(&new.mail_domain)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        self.keep_words(&new.brokerage_id, &[new.name.as_str()], &new.mail_domain).await
    }

    /// Takes a person's access away; `false` when they have none.
    pub async fn remove_person(&mut self, brokerage: &BrokerageId, id: &PersonId) -> Result<bool> {
        let now = self.now();
        let removed = on!(self.tx, c => sqlx::query(REMOVE)
            .bind(id)
            .bind(brokerage)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }
}
