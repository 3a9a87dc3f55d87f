//! Our own people. They are kept once they have signed in, so that what they did keeps their name.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{ids::StaffId, instant::Instant, staff::StaffRole};

const FIND: &str = "
SELECT staff.name, staff_roles.role
FROM staff LEFT JOIN staff_roles ON staff_roles.staff_id = staff.id
WHERE staff.id = $1
ORDER BY staff_roles.role";

const KEEP: &str = "
INSERT INTO staff (id, issuer, subject, name, address_box, first_seen_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (issuer, subject) DO UPDATE SET
    name = excluded.name, address_box = excluded.address_box, last_seen_at = excluded.last_seen_at
RETURNING id";

const FIND_BY_SUBJECT: &str = "SELECT id FROM staff WHERE issuer = $1 AND subject = $2";

const DROP_ROLES: &str = "DELETE FROM staff_roles WHERE staff_id = $1";

const ADD_ROLE: &str = "INSERT INTO staff_roles (staff_id, role) VALUES ($1, $2)";

const KEYS_OFF: &str = "SELECT keys_off FROM staff WHERE id = $1";

const CHOOSE_KEYS: &str = "UPDATE staff SET keys_off = $2 WHERE id = $1";

const SPEND: &str = "
INSERT INTO staff_returns (login_hash, expires_at)
VALUES ($1, $2)
ON CONFLICT (login_hash) DO NOTHING";

const DELETE_OLD_RETURNS: &str = "
DELETE FROM staff_returns
WHERE login_hash IN (SELECT login_hash FROM staff_returns WHERE expires_at < $1 LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[FIND, KEEP, FIND_BY_SUBJECT, DROP_ROLES, ADD_ROLE, KEYS_OFF, CHOOSE_KEYS, SPEND, DELETE_OLD_RETURNS];

/// One of our own people as pages name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Their name as the provider told it.
    pub name: String,
    /// Their roles; none: they may sign in no more.
    pub roles: Vec<StaffRole>,
}

/// Somebody the provider has vouched for.
#[derive(Debug, Clone)]
pub struct NewStaff<'a> {
    /// The id they get if they are new.
    pub id: StaffId,
    /// The provider.
    pub issuer: &'a str,
    /// Their account there.
    pub subject: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their address, encrypted, where the provider tells it.
    pub address_box: Option<Vec<u8>>,
    /// Their roles.
    pub roles: &'a [StaffRole],
}

impl Read {
    /// One of our own people, with the roles of their last sign-in.
    pub async fn staff(&mut self, id: &StaffId) -> Result<Option<StaffRow>> {
        let rows: Vec<(String, Option<StaffRole>)> =
            on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_all(c).await)?;
        let Some((name, _)) = rows.first() else { return Ok(None) };
        let name = name.clone();
        Ok(Some(StaffRow { name, roles: rows.into_iter().filter_map(|(_, role)| role).collect() }))
    }

    /// Whether somebody wants single letters to do something in the queue: everybody who has not switched them off.
    pub async fn staff_keys(&mut self, id: &StaffId) -> Result<bool> {
        let row: Option<(bool,)> =
            on!(self.tx, c => sqlx::query_as(KEYS_OFF).bind(id).fetch_optional(c).await)?;
        Ok(row.is_none_or(|(off,)| !off))
    }

    /// Who has this account of the provider, if they were ever here.
    pub async fn staff_of_account(&mut self, issuer: &str, subject: &str) -> Result<Option<StaffId>> {
        let row: Option<(StaffId,)> = on!(self.tx, c => sqlx::query_as(FIND_BY_SUBJECT)
            .bind(issuer)
            .bind(subject)
            .fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }
}

impl Write {
    /// Keeps somebody, or renews what is known of them; gives their id.
    pub async fn keep_staff(&mut self, new: &NewStaff<'_>) -> Result<StaffId> {
        let now = self.now();
        let (id,): (StaffId,) = on!(self.tx, c => sqlx::query_as(KEEP)
            .bind(&new.id)
            .bind(new.issuer)
            .bind(new.subject)
            .bind(new.name)
            .bind(new.address_box.as_deref())
            .bind(now)
            .fetch_one(c).await)?;
        self.drop_staff_roles(&id).await?;
        for role in new.roles {
            on!(self.tx, c => sqlx::query(ADD_ROLE).bind(&id).bind(role).execute(c).await.map(|_| ()))?;
        }
        Ok(id)
    }

    /// Keeps whether somebody wants single letters to do something in the queue.
    pub async fn choose_staff_keys(&mut self, id: &StaffId, on: bool) -> Result<()> {
        on!(self.tx, c => sqlx::query(CHOOSE_KEYS).bind(id).bind(!on).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes every role from somebody.
    pub async fn drop_staff_roles(&mut self, id: &StaffId) -> Result<()> {
        on!(self.tx, c => sqlx::query(DROP_ROLES).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes that a sign-in came back from the provider; `false` when it had come back before.
    pub async fn spend_staff_login(&mut self, login_hash: &[u8], expires_at: Instant) -> Result<bool> {
        let spent = on!(self.tx, c => sqlx::query(SPEND)
            .bind(login_hash)
            .bind(expires_at)
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(spent == 1)
    }

    /// Deletes notes of sign-ins whose time was over before a point in time, at most so many; gives how many.
    pub async fn delete_old_staff_returns(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD_RETURNS).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}
