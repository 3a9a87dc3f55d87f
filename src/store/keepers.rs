//! Which account manager is named for a brokerage, and who of our people can be named for something.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
    wake::Topic,
};
use crate::domain::{
    ids::{BrokerageId, StaffId},
    staff::StaffRole,
};

/// People that a form offers at most: our own are tens, not thousands.
const MOST_COLLEAGUES: i64 = 200;

const FIND: &str = "
SELECT staff.id, staff.name, staff.address_box, (
    SELECT COUNT(*) FROM staff_roles WHERE staff_roles.staff_id = staff.id AND staff_roles.role = 'account_manager'
) > 0 AS has_role
FROM brokerages
JOIN staff ON staff.id = brokerages.manager_id
WHERE brokerages.id = $1";

const WITH_ROLE: &str = "
SELECT staff.id, staff.name
FROM staff_roles
JOIN staff ON staff.id = staff_roles.staff_id
WHERE staff_roles.role = $1
ORDER BY staff.name, staff.id
LIMIT $2";

const BESIDE: &str = "
SELECT staff.id, staff.name
FROM staff
WHERE EXISTS (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = staff.id AND staff_roles.role <> $1)
ORDER BY staff.name, staff.id
LIMIT $2";

const NAME: &str = "
UPDATE brokerages SET manager_id = $2
WHERE id = $1 AND COALESCE(manager_id, '') = $3";

const PASS_ON: &str = "UPDATE connections SET manager_id = $2 WHERE brokerage_id = $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[FIND, WITH_ROLE, BESIDE, NAME, PASS_ON];

/// The account manager who is named for a brokerage: whoever keeps the customer.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Keeper {
    /// Who it is.
    #[sqlx(rename = "id")]
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// Their address, encrypted, where the provider told it.
    pub address_box: Option<Vec<u8>>,
    /// Whether they were an account manager when they signed in last: somebody who is none any more gets no mail.
    pub has_role: bool,
}

/// One of our people as a form offers them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Colleague {
    /// Their id.
    #[sqlx(rename = "id")]
    pub staff: StaffId,
    /// Their name.
    pub name: String,
}

impl Read {
    /// Who is named for a brokerage; `None` also when there is no such brokerage.
    pub async fn keeper_of(&mut self, brokerage: &BrokerageId) -> Result<Option<Keeper>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(brokerage).fetch_optional(c).await)?)
    }

    /// Those who had another role than this one when they signed in last, by name.
    pub async fn staff_beside(&mut self, role: StaffRole) -> Result<Vec<Colleague>> {
        Ok(on!(self.tx, c => sqlx::query_as(BESIDE)
            .bind(role)
            .bind(MOST_COLLEAGUES)
            .fetch_all(c).await)?)
    }

    /// Those who had a role when they signed in last, by name.
    pub async fn staff_with_role(&mut self, role: StaffRole) -> Result<Vec<Colleague>> {
        Ok(on!(self.tx, c => sqlx::query_as(WITH_ROLE)
            .bind(role)
            .bind(MOST_COLLEAGUES)
            .fetch_all(c).await)?)
    }
}

impl Write {
    /// Names an account manager for a brokerage and all its connections, or nobody. Errs with a conflict when it is not
    /// `before` who is named now.
    pub async fn name_keeper(
        &mut self,
        brokerage: &BrokerageId,
        before: Option<&StaffId>,
        named: Option<&StaffId>,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(NAME)
            .bind(brokerage)
            .bind(named)
            .bind(before.map_or("", StaffId::as_str))
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done != 1 {
            return Err(StoreError::Conflict);
        }
        on!(self.tx, c => sqlx::query(PASS_ON).bind(brokerage).bind(named).execute(c).await.map(|_| ()))?;
        self.wake(Topic::Connections);
        Ok(())
    }
}
