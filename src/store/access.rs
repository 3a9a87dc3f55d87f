//! Requests to look at a secret, and the approvals they got. Each approval names whoever asked, so that the database
//! itself refuses one of their own.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    access::{ANSWER_WITHIN, Access, AccessEnd, AccessWay, Approval, Approver},
    ids::{AccessId, AttemptId, BrokerageId, ConnectionId, PersonId, SecretId, StaffId},
    instant::Instant,
    kind::AccessKind,
    text::{CompanyName, ConnectionName, PersonName},
};

/// One text with another end: every list of requests shows the same columns.
macro_rules! requests {
    ($end:literal) => {
        concat!(
            "
SELECT asked.id, asked.version, asked.brokerage_id, asked.connection_id, asked.attempt_id, asked.secret_id, asked.way,
    asked.minutes, asked.asked_by, asked.why_box, asked.asked_at, asked.ended_by, asked.ended_at, asked.reviewed_at,
    asked.review_box, granted.person_id, granted.second_id, granted.granted_at, granted.ends_at, granted.mac,
    asker.name AS asker_name, second.name AS second_name, person.name AS person_name,
    ender.name AS ender_name, ending_person.name AS ending_person_name, reviewer.name AS reviewer_name,
    connections.name AS connection_name, brokerages.company, attempts.number, attempts.kind
FROM access_requests AS asked
JOIN staff AS asker ON asker.id = asked.asked_by
JOIN connections ON connections.id = asked.connection_id
JOIN brokerages ON brokerages.id = asked.brokerage_id
JOIN attempts ON attempts.id = asked.attempt_id
LEFT JOIN access_grants AS granted ON granted.request_id = asked.id
LEFT JOIN staff AS second ON second.id = granted.second_id
LEFT JOIN people AS person ON person.id = granted.person_id
LEFT JOIN staff AS ender ON ender.id = asked.ended_staff
LEFT JOIN people AS ending_person ON ending_person.id = asked.ended_person
LEFT JOIN staff AS reviewer ON reviewer.id = asked.reviewed_by
",
            $end
        )
    };
}

const FIND: &str = requests!("WHERE asked.id = $1");

const FIND_OF_BROKERAGE: &str = requests!("WHERE asked.brokerage_id = $1 AND asked.id = $2");

const OF_BROKERAGE: &str = requests!(
    "WHERE asked.brokerage_id = $1
ORDER BY asked.asked_at DESC, asked.id DESC
LIMIT $2"
);

const OF_CONNECTION: &str = requests!(
    "WHERE asked.brokerage_id = $1 AND asked.connection_id = $2
ORDER BY asked.asked_at DESC, asked.id DESC
LIMIT $3"
);

const LATEST: &str = requests!(
    "WHERE (asked.asked_at, asked.id) < ($1, $2) AND asked.asked_at >= $4
ORDER BY asked.asked_at DESC, asked.id DESC
LIMIT $3"
);

const UNREVIEWED: &str = requests!(
    "WHERE asked.way = 'break_glass' AND asked.reviewed_at IS NULL AND granted.request_id IS NOT NULL
ORDER BY granted.granted_at, asked.id
LIMIT 100"
);

// Nobody answered them in time, and no audit line says so.
const RUN_OUT: &str = "
SELECT asked.id, asked.brokerage_id
FROM access_requests AS asked
LEFT JOIN access_grants AS granted ON granted.request_id = asked.id
WHERE asked.asked_at <= $1 AND asked.asked_at > $2 AND asked.ended_by IS NULL AND granted.request_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.object = asked.id AND audit.verb = 'access.run_out')
ORDER BY asked.asked_at, asked.id
LIMIT 200";

const INSERT: &str = "
INSERT INTO access_requests (id, version, brokerage_id, connection_id, attempt_id, secret_id, way, minutes, asked_by,
    why_box, asked_at)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const HOLD: &str = "UPDATE access_requests SET version = version + 1 WHERE id = $1";

const GRANT: &str = "
INSERT INTO access_grants (request_id, way, asked_by, secret_id, brokerage_id, person_id, second_id, granted_at, ends_at,
    mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const END: &str = "
UPDATE access_requests SET ended_by = $2, ended_at = $3, ended_person = $4, ended_staff = $5
WHERE id = $1 AND ended_by IS NULL";

const REVIEW: &str = "
UPDATE access_requests SET reviewed_by = $2, reviewed_at = $3, review_box = $4
WHERE id = $1 AND reviewed_at IS NULL";

// What a brokerage's own people said no to last.
const LAST_NO: &str = "
SELECT MAX(ended_at)
FROM access_requests
WHERE connection_id = $1 AND ended_person IS NOT NULL";

const LAST_DECLINED: &str = "
SELECT MAX(ended_at)
FROM access_requests
WHERE connection_id = $1 AND ended_by = 'declined' AND ended_person IS NOT NULL";

const FROZEN: &str = "
SELECT COUNT(*)
FROM access_requests
JOIN access_grants ON access_grants.request_id = access_requests.id
WHERE access_requests.way = 'break_glass' AND access_requests.reviewed_at IS NULL
  AND (access_grants.asked_by = $1 OR access_grants.second_id = $1) AND access_grants.granted_at <= $2";

const ADDRESS: &str = "SELECT issuer, subject, name, address_box FROM staff WHERE id = $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    FIND,
    FIND_OF_BROKERAGE,
    OF_BROKERAGE,
    OF_CONNECTION,
    LATEST,
    UNREVIEWED,
    RUN_OUT,
    INSERT,
    HOLD,
    GRANT,
    END,
    REVIEW,
    LAST_NO,
    LAST_DECLINED,
    FROZEN,
    ADDRESS,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: AccessId,
    version: i64,
    brokerage_id: BrokerageId,
    connection_id: ConnectionId,
    attempt_id: AttemptId,
    secret_id: SecretId,
    way: AccessWay,
    minutes: i64,
    asked_by: StaffId,
    why_box: Vec<u8>,
    asked_at: Instant,
    ended_by: Option<AccessEnd>,
    ended_at: Option<Instant>,
    reviewed_at: Option<Instant>,
    review_box: Option<Vec<u8>>,
    person_id: Option<PersonId>,
    second_id: Option<StaffId>,
    granted_at: Option<Instant>,
    ends_at: Option<Instant>,
    mac: Option<Vec<u8>>,
    asker_name: String,
    second_name: Option<String>,
    person_name: Option<PersonName>,
    ender_name: Option<String>,
    ending_person_name: Option<PersonName>,
    reviewer_name: Option<String>,
    connection_name: ConnectionName,
    company: CompanyName,
    number: i64,
    kind: AccessKind,
}

/// A request as it stands in the tables, with the names that pages show.
#[derive(Debug, Clone)]
pub struct StoredAccess {
    /// The request.
    pub access: Access,
    /// Counts its changes.
    pub version: i64,
    /// Why they ask, encrypted.
    pub why_box: Vec<u8>,
    /// What whoever looked it over noted, encrypted.
    pub review_box: Option<Vec<u8>>,
    /// The keyed digest of its approval.
    pub mac: Option<Vec<u8>>,
    /// The name of whoever asked.
    pub asker: String,
    /// The name of whoever approved.
    pub approver: Option<String>,
    /// The name of whoever ended it.
    pub ender: Option<String>,
    /// The name of whoever looked it over.
    pub reviewer: Option<String>,
    /// What the brokerage calls the connection.
    pub connection: ConnectionName,
    /// Whose it is.
    pub company: CompanyName,
    /// The number of the attempt.
    pub number: i64,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
}

impl From<Row> for StoredAccess {
    fn from(row: Row) -> Self {
        let by = match (row.person_id, row.second_id) {
            (Some(person), _) => Some(Approver::Person(person)),
            (None, Some(second)) => Some(Approver::Second(second)),
            (None, None) => None,
        };
        let approval =
            by.zip(row.granted_at.zip(row.ends_at)).map(|(by, (at, until))| Approval { by, at, until });
        let words = |name: PersonName| name.as_str().to_owned();
        Self {
            access: Access {
                id: row.id,
                brokerage_id: row.brokerage_id,
                connection_id: row.connection_id,
                attempt_id: row.attempt_id,
                secret_id: row.secret_id,
                way: row.way,
                asked_by: row.asked_by,
                asked_at: row.asked_at,
                minutes: row.minutes,
                approval,
                end: row.ended_by.zip(row.ended_at),
                reviewed_at: row.reviewed_at,
            },
            version: row.version,
            why_box: row.why_box,
            review_box: row.review_box,
            mac: row.mac,
            asker: row.asker_name,
            approver: row.second_name.or(row.person_name.map(words)),
            ender: row.ender_name.or(row.ending_person_name.map(words)),
            reviewer: row.reviewer_name,
            connection: row.connection_name,
            company: row.company,
            number: row.number,
            kind: row.kind,
        }
    }
}

/// A request that is about to be written.
#[derive(Debug)]
pub struct NewAccess<'a> {
    /// Its id.
    pub id: &'a AccessId,
    /// Whose secret it is.
    pub brokerage: &'a BrokerageId,
    /// The connection it belongs to.
    pub connection: &'a ConnectionId,
    /// The attempt it was submitted with.
    pub attempt: &'a AttemptId,
    /// The secret.
    pub secret: &'a SecretId,
    /// By whose word.
    pub way: AccessWay,
    /// For how long.
    pub minutes: i64,
    /// Who asks.
    pub asked_by: &'a StaffId,
    /// Why, encrypted.
    pub why_box: &'a [u8],
}

/// Who ends a request.
#[derive(Debug, Clone, Copy)]
pub enum EndedBy<'a> {
    /// Somebody of the brokerage.
    Person(&'a PersonId),
    /// One of our own people.
    Staff(&'a StaffId),
    /// Nobody: it went with the secret it was for.
    Secret,
}

/// Where mail reaches one of our own people.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StaffAddress {
    /// The provider that vouches for them.
    pub issuer: String,
    /// Their account there.
    pub subject: String,
    /// Their name.
    pub name: String,
    /// Their address, encrypted, where the provider told it.
    pub address_box: Option<Vec<u8>>,
}

impl Read {
    /// A request, whosever it is, for the worker and for our own people.
    pub async fn access_of_job(&mut self, id: &AccessId) -> Result<Option<StoredAccess>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?;
        Ok(row.map(StoredAccess::from))
    }

    /// A request about this brokerage.
    pub async fn access(&mut self, brokerage: &BrokerageId, id: &AccessId) -> Result<Option<StoredAccess>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(FIND_OF_BROKERAGE).bind(brokerage).bind(id).fetch_optional(c).await)?;
        Ok(row.map(StoredAccess::from))
    }

    /// The latest requests about this brokerage, latest first.
    pub async fn accesses_of(&mut self, brokerage: &BrokerageId, most: i64) -> Result<Vec<StoredAccess>> {
        let rows: Vec<Row> =
            on!(self.tx, c => sqlx::query_as(OF_BROKERAGE).bind(brokerage).bind(most).fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAccess::from).collect())
    }

    /// The latest requests about one connection of it, latest first.
    pub async fn accesses_of_connection(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        most: i64,
    ) -> Result<Vec<StoredAccess>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(OF_CONNECTION)
            .bind(brokerage)
            .bind(connection)
            .bind(most)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAccess::from).collect())
    }

    /// The latest requests of all brokerages before a moment and an id and not before `since`, latest first.
    pub(super) async fn latest_accesses(
        &mut self,
        before: (Instant, &str),
        since: Instant,
        most: i64,
    ) -> Result<Vec<StoredAccess>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LATEST)
            .bind(before.0)
            .bind(before.1)
            .bind(most)
            .bind(since)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAccess::from).collect())
    }

    /// What was opened in an emergency and nobody has looked over, of all brokerages, oldest first.
    pub(super) async fn unreviewed_accesses(&mut self) -> Result<Vec<StoredAccess>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(UNREVIEWED).fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAccess::from).collect())
    }

    /// The requests of all brokerages whose answer was due by `due` and later than `since`, which nobody answered and of which
    /// the audit does not say so, oldest first.
    pub async fn run_out_accesses(
        &mut self,
        due: Instant,
        since: Instant,
    ) -> Result<Vec<(AccessId, BrokerageId)>> {
        let (asked, asked_since) = (due.plus(-ANSWER_WITHIN), since.plus(-ANSWER_WITHIN));
        Ok(on!(self.tx, c => sqlx::query_as(RUN_OUT).bind(asked).bind(asked_since).fetch_all(c).await)?)
    }

    /// When the brokerage's own people last said no to a look at this connection's secrets.
    pub async fn last_no(&mut self, connection: &ConnectionId) -> Result<Option<Instant>> {
        let (at,): (Option<Instant>,) =
            on!(self.tx, c => sqlx::query_as(LAST_NO).bind(connection).fetch_one(c).await)?;
        Ok(at)
    }

    /// When the brokerage's own people last declined a request for one of this connection's secrets; a look that they had
    /// allowed and stopped is none.
    pub async fn last_declined(&mut self, connection: &ConnectionId) -> Result<Option<Instant>> {
        let (at,): (Option<Instant>,) =
            on!(self.tx, c => sqlx::query_as(LAST_DECLINED).bind(connection).fetch_one(c).await)?;
        Ok(at)
    }

    /// Whether one of our own people had a part in an emergency of before `before` that nobody has looked over.
    pub async fn access_is_frozen(&mut self, staff: &StaffId, before: Instant) -> Result<bool> {
        let (count,): (i64,) =
            on!(self.tx, c => sqlx::query_as(FROZEN).bind(staff).bind(before).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// Where mail reaches one of our own people.
    pub async fn staff_address(&mut self, id: &StaffId) -> Result<Option<StaffAddress>> {
        Ok(on!(self.tx, c => sqlx::query_as(ADDRESS).bind(id).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Writes a request.
    pub async fn insert_access(&mut self, new: &NewAccess<'_>) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.attempt)
            .bind(new.secret)
            .bind(new.way)
            .bind(new.minutes)
            .bind(new.asked_by)
            .bind(new.why_box)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Reads a request as it is now and keeps other writers of it waiting until this transaction ends.
    pub async fn hold_access(&mut self, id: &AccessId) -> Result<Option<StoredAccess>> {
        on!(self.tx, c => sqlx::query(HOLD).bind(id).execute(c).await.map(|_| ()))?;
        self.access_of_job(id).await
    }

    /// Writes the approval of a request. A second one is a conflict; one of whoever asked is refused by the database.
    pub async fn insert_approval(&mut self, access: &Access, approval: &Approval, mac: &[u8]) -> Result<()> {
        let (person, second) = match &approval.by {
            Approver::Person(person) => (Some(person), None),
            Approver::Second(second) => (None, Some(second)),
        };
        on!(self.tx, c => sqlx::query(GRANT)
            .bind(&access.id)
            .bind(access.way)
            .bind(&access.asked_by)
            .bind(&access.secret_id)
            .bind(&access.brokerage_id)
            .bind(person)
            .bind(second)
            .bind(approval.at)
            .bind(approval.until)
            .bind(mac)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends a request or its approval; what waits to be read goes with it. `false`: it had ended before.
    pub async fn end_access(&mut self, id: &AccessId, end: AccessEnd, by: EndedBy<'_>) -> Result<bool> {
        let now = self.now();
        let (person, staff) = match by {
            EndedBy::Person(person) => (Some(person), None),
            EndedBy::Staff(staff) => (None, Some(staff)),
            EndedBy::Secret => (None, None),
        };
        let done = on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(end)
            .bind(now)
            .bind(person)
            .bind(staff)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.delete_reveals_of(id).await?;
        Ok(done == 1)
    }

    /// Notes that somebody has looked over what was opened in an emergency. `false`: somebody had before.
    pub async fn review_access(&mut self, id: &AccessId, by: &StaffId, note_box: &[u8]) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(REVIEW)
            .bind(id)
            .bind(by)
            .bind(now)
            .bind(note_box)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{Clock, Randomness},
        store::Store,
    };

    /// The lists of all brokerages are led by an index, however many requests there are.
    #[tokio::test]
    async fn no_list_walks_the_table() {
        let folder = std::env::temp_dir().join(format!("moxi-asked-{}", std::process::id()));
        let url = format!("sqlite:{}", folder.join("plans.db").display());
        let store = Store::open(&url, 2, Clock::system(), Randomness::system()).await.expect("opens");
        let mut read = store.read().await.expect("a transaction");
        for (text, index) in [
            (LATEST, "access_requests_by_time"),
            (UNREVIEWED, "access_requests_unreviewed"),
            (RUN_OUT, "access_requests_by_time"),
        ] {
            let asked = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<(i64, i64, i64, String)> =
                on!(read.tx, c => sqlx::query_as(asked).fetch_all(c).await).expect("a plan");
            assert!(plan.iter().any(|(.., step)| step.contains(index)), "{text}\n{plan:#?}");
            assert!(!plan.iter().any(|(.., step)| step == "SCAN asked"), "{text}\n{plan:#?}");
        }
        drop(read);
        store.close().await;
        let _ = std::fs::remove_dir_all(folder);
    }
}
