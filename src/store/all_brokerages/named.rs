//! What people call a brokerage or a thing of one, and which it is: for the filters of the outbox and of the audit.

use std::collections::{BTreeMap, BTreeSet};

use super::{reader::AllBrokerages, records::Records};
use crate::domain::{ids::BrokerageId, search::search_text, text::fold};
use crate::store::{dialect::on, error::Result, read::Read};

/// So many are offered where several fit.
const NAMED: &str = "
SELECT id, company
FROM brokerages
WHERE company_key >= $1 AND company_key < $2
ORDER BY company_key, id
LIMIT 10";

const COMPANY: &str = "SELECT company FROM brokerages WHERE id = $1";

const REFERRED: &str = "SELECT id FROM connections WHERE reference = $1";

const ATTEMPT: &str = "
SELECT attempts.id
FROM attempts
JOIN connections ON connections.id = attempts.connection_id
WHERE connections.reference = $1 AND attempts.number = $2";

const WITH_EXTERNAL_ID: &str = "SELECT id FROM connections WHERE external_id_key = $1";

const NAME_OF: &str = "
SELECT name FROM staff WHERE id = $1
UNION ALL
SELECT name FROM people WHERE id = $1
UNION ALL
SELECT company FROM brokerages WHERE id = $1
UNION ALL
SELECT reference FROM connections WHERE id = $1
UNION ALL
SELECT connections.reference || '-' || CAST(attempts.number AS TEXT)
FROM attempts
JOIN connections ON connections.id = attempts.connection_id
WHERE attempts.id = $1
UNION ALL
SELECT staff.name || ', ' || connections.reference || '-' || CAST(attempts.number AS TEXT)
FROM access_requests
JOIN staff ON staff.id = access_requests.asked_by
JOIN attempts ON attempts.id = access_requests.attempt_id
JOIN connections ON connections.id = access_requests.connection_id
WHERE access_requests.id = $1
LIMIT 1";

pub(super) const TEXTS: &[&str] = &[NAMED, COMPANY, REFERRED, ATTEMPT, WITH_EXTERNAL_ID, NAME_OF];

/// The letter behind every other.
const LAST_LETTER: char = '\u{10ffff}';

async fn brokerages_named(read: &mut Read, typed: &str) -> Result<Vec<(BrokerageId, String)>> {
    let begins = fold(typed);
    if begins.is_empty() {
        return Ok(Vec::new());
    }
    let end = format!("{begins}{LAST_LETTER}");
    Ok(on!(read.tx, c => sqlx::query_as(NAMED).bind(begins.as_str()).bind(end.as_str()).fetch_all(c).await)?)
}

impl AllBrokerages<'_> {
    /// What a brokerage is called; none where there is no such.
    pub async fn name_of_brokerage(&mut self, id: &BrokerageId) -> Result<Option<String>> {
        let row: Option<(String,)> =
            on!(self.read.tx, c => sqlx::query_as(COMPANY).bind(id).fetch_optional(c).await)?;
        Ok(row.map(|(company,)| company))
    }

    /// The brokerages whose name begins so, at most ten.
    pub async fn brokerages_named(&mut self, typed: &str) -> Result<Vec<(BrokerageId, String)>> {
        brokerages_named(self.read, typed).await
    }
}

impl Records<'_> {
    /// What people call these ids, where there is a word for them: a name, a company, a reference.
    pub async fn names_of(&mut self, ids: BTreeSet<String>) -> Result<BTreeMap<String, String>> {
        let mut names = BTreeMap::new();
        for id in ids {
            let row: Option<(String,)> =
                on!(self.read.tx, c => sqlx::query_as(NAME_OF).bind(id.as_str()).fetch_optional(c).await)?;
            names.extend(row.map(|(name,)| (id, name)));
        }
        Ok(names)
    }

    /// The brokerages whose name begins so, at most ten.
    pub async fn brokerages_named(&mut self, typed: &str) -> Result<Vec<(BrokerageId, String)>> {
        brokerages_named(self.read, typed).await
    }

    /// Who may sign in for a brokerage and is called that: id, and name with the brokerage's.
    pub async fn people_named(&mut self, typed: &str) -> Result<Vec<(String, String)>> {
        let Some(text) = search_text(typed) else { return Ok(Vec::new()) };
        let brokerages = AllBrokerages { read: &mut *self.read }.brokerages_found(&text).await?;
        let mut found = Vec::new();
        for brokerage in brokerages {
            for one in self.read.people_of(&brokerage.id).await? {
                let name = one.person.name.as_str();
                if fold(name).contains(&text) {
                    let label = format!("{name}, {}", brokerage.company.as_str());
                    found.push((one.person.id.as_str().to_owned(), label));
                }
            }
        }
        Ok(found)
    }

    /// The id of whoever may sign in with this blinded address.
    pub async fn person_with(&mut self, address_key: &[u8]) -> Result<Option<String>> {
        let found = self.read.person_at(address_key).await?;
        Ok(found.map(|one| one.person.id.as_str().to_owned()))
    }

    /// The id of a thing as people quote it: the reference of a connection or of an attempt, or an external id.
    pub async fn referred(&mut self, typed: &str) -> Result<Option<String>> {
        let reference = typed.to_uppercase();
        let connection: Option<(String,)> = on!(self.read.tx, c => sqlx::query_as(REFERRED).bind(reference.as_str()).fetch_optional(c).await)?;
        if let Some((id,)) = connection {
            return Ok(Some(id));
        }
        if let Some((reference, number)) = reference.rsplit_once('-')
            && let Ok(number) = number.parse::<i64>()
        {
            let attempt: Option<(String,)> = on!(self.read.tx, c => sqlx::query_as(ATTEMPT)
                .bind(reference)
                .bind(number)
                .fetch_optional(c).await)?;
            if let Some((id,)) = attempt {
                return Ok(Some(id));
            }
        }
        let key = fold(typed);
        let external: Option<(String,)> = on!(self.read.tx, c => sqlx::query_as(WITH_EXTERNAL_ID).bind(key.as_str()).fetch_optional(c).await)?;
        Ok(external.map(|(id,)| id))
    }
}
