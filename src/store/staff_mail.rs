//! What our own people are written to about: who can be reached, and which needs have not been told. For the worker, which
//! tells of all brokerages.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    check::CauseId,
    ids::{BrokerageId, ConnectionId, StaffId},
    instant::Instant,
    review::NeedRule,
    staff::StaffRole,
    staff_mail::MailChoice,
    text::{CompanyName, ConnectionName},
};

/// People that are written to at most: our own are tens, not thousands. A row for each of their roles.
const MOST_ROWS: i64 = 2000;

const REACHABLE: &str = "
SELECT staff.id, staff.issuer, staff.subject, staff.name, staff.address_box, staff.mail_choice, staff_roles.role
FROM staff
JOIN staff_roles ON staff_roles.staff_id = staff.id
WHERE staff.last_seen_at >= $1 AND staff.address_box IS NOT NULL
ORDER BY staff.id, staff_roles.role
LIMIT $2";

/// Who stands in the last emergency access that nobody has looked at, by this column.
macro_rules! emergency {
    ($who:literal) => {
        concat!(
            "        WHEN 'break_glass' THEN (
            SELECT ",
            $who,
            "
            FROM access_requests
            JOIN access_grants ON access_grants.request_id = access_requests.id
            WHERE access_requests.connection_id = needs.connection_id AND access_requests.way = 'break_glass'
                AND access_requests.reviewed_at IS NULL
            ORDER BY access_grants.granted_at DESC, access_grants.request_id DESC
            LIMIT 1
        )"
        )
    };
}

/// A need and what it is about; `$condition` says which.
macro_rules! needs {
    ($condition:literal, $order:literal) => {
        concat!(
            "
SELECT needs.connection_id, needs.rule, needs.since, needs.due_at, connections.brokerage_id, connections.name,
    connections.reference, connections.taken_by, brokerages.company, brokerages.manager_id,
    CASE WHEN needs.rule IN ('could_not_tell', 'failed_twice') THEN connections.cause END AS cause,
    CASE needs.rule
        WHEN 'second_person' THEN (
            SELECT hand_decisions.asked_by
            FROM hand_decisions
            WHERE hand_decisions.connection_id = needs.connection_id AND hand_decisions.ended_at IS NULL
        )
        WHEN 'question' THEN (
            SELECT notes.staff_id
            FROM notes
            WHERE notes.connection_id = needs.connection_id AND notes.kind = 'question'
            ORDER BY notes.created_at DESC, notes.id DESC
            LIMIT 1
        )
",
            emergency!("access_requests.asked_by"),
            "
    END AS caused_by,
    CASE needs.rule
",
            emergency!("access_grants.second_id"),
            "
    END AS second_id
FROM needs
JOIN connections ON connections.id = needs.connection_id
JOIN brokerages ON brokerages.id = connections.brokerage_id
WHERE ",
            $condition,
            " ORDER BY ",
            $order,
            ", needs.connection_id, needs.rule LIMIT $1"
        )
    };
}

const UNTOLD: &str = needs!("needs.told_at IS NULL", "needs.since");

// What is put off is nobody's turn until it comes back.
const OVERDUE: &str = needs!(
    "needs.overdue_told_at IS NULL AND needs.due_at <= $2 AND connections.snoozed_until IS NULL",
    "needs.due_at"
);

const WAITING: &str = needs!("connections.queue_due IS NOT NULL", "needs.due_at, needs.since");

const TOLD: &str = "
UPDATE needs SET told_at = $4
WHERE connection_id = $1 AND rule = $2 AND since = $3 AND told_at IS NULL";

const TOLD_OVERDUE: &str = "
UPDATE needs SET overdue_told_at = $4
WHERE connection_id = $1 AND rule = $2 AND since = $3 AND overdue_told_at IS NULL";

const STANDS: &str = "SELECT COUNT(*) FROM needs WHERE connection_id = $1 AND rule = $2 AND since = $3";

const CHOICE: &str = "SELECT mail_choice, address_box IS NOT NULL FROM staff WHERE id = $1";

const CHOOSE: &str = "UPDATE staff SET mail_choice = $2 WHERE id = $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[REACHABLE, UNTOLD, OVERDUE, WAITING, TOLD, TOLD_OVERDUE, STANDS, CHOICE, CHOOSE];

#[derive(sqlx::FromRow)]
struct ReachableRow {
    id: StaffId,
    issuer: String,
    subject: String,
    name: String,
    address_box: Vec<u8>,
    mail_choice: Option<MailChoice>,
    role: StaffRole,
}

/// One of our own people whom mail reaches.
#[derive(Debug, Clone)]
pub struct Reachable {
    /// Who it is.
    pub staff: StaffId,
    /// The provider that vouches for them.
    pub issuer: String,
    /// Their account there.
    pub subject: String,
    /// Their name.
    pub name: String,
    /// Their address, encrypted.
    pub address_box: Vec<u8>,
    /// What they have chosen.
    pub choice: Option<MailChoice>,
    /// Their roles when they signed in last.
    pub roles: Vec<StaffRole>,
}

/// A need and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingNeed {
    /// The connection.
    #[sqlx(rename = "connection_id")]
    pub connection: ConnectionId,
    /// Its brokerage.
    #[sqlx(rename = "brokerage_id")]
    pub brokerage: BrokerageId,
    /// What the brokerage is called.
    pub company: CompanyName,
    /// What it calls the connection.
    pub name: ConnectionName,
    /// The connection's reference.
    pub reference: String,
    /// The rule.
    pub rule: NeedRule,
    /// Since when.
    pub since: Instant,
    /// When somebody should have looked.
    pub due_at: Instant,
    /// Who has taken the connection.
    pub taken_by: Option<StaffId>,
    /// The account manager who is named for the brokerage.
    #[sqlx(rename = "manager_id")]
    pub keeper: Option<StaffId>,
    /// What the last check met, where that is why.
    pub cause: Option<CauseId>,
    /// The colleague who brought the need about, where one did.
    pub caused_by: Option<StaffId>,
    /// The second one, where it takes two: who said yes in an emergency.
    #[sqlx(rename = "second_id")]
    pub second: Option<StaffId>,
}

impl Read {
    /// Those of our own people whom mail reaches: with a role, an address, and a sign-in since then.
    pub async fn reachable_staff(&mut self, since: Instant) -> Result<Vec<Reachable>> {
        let rows: Vec<ReachableRow> = on!(self.tx, c => sqlx::query_as(REACHABLE)
            .bind(since)
            .bind(MOST_ROWS)
            .fetch_all(c).await)?;
        let mut all: Vec<Reachable> = Vec::new();
        for row in rows {
            match all.last_mut().filter(|last| last.staff == row.id) {
                Some(same) => same.roles.push(row.role),
                None => all.push(Reachable {
                    staff: row.id,
                    issuer: row.issuer,
                    subject: row.subject,
                    name: row.name,
                    address_box: row.address_box,
                    choice: row.mail_choice,
                    roles: vec![row.role],
                }),
            }
        }
        Ok(all)
    }

    /// Needs that nobody was told of, the oldest first, so many at most.
    pub async fn untold_needs(&mut self, most: i64) -> Result<Vec<WaitingNeed>> {
        Ok(on!(self.tx, c => sqlx::query_as(UNTOLD).bind(most).fetch_all(c).await)?)
    }

    /// Needs that are overdue and of which nobody was told that they are, so many at most.
    pub async fn overdue_needs(&mut self, now: Instant, most: i64) -> Result<Vec<WaitingNeed>> {
        Ok(on!(self.tx, c => sqlx::query_as(OVERDUE).bind(most).bind(now).fetch_all(c).await)?)
    }

    /// Everything that waits in the queue, what is due first, so many at most.
    pub async fn waiting_needs(&mut self, most: i64) -> Result<Vec<WaitingNeed>> {
        Ok(on!(self.tx, c => sqlx::query_as(WAITING).bind(most).fetch_all(c).await)?)
    }

    /// Whether a need that began then is there still.
    pub async fn need_stands(
        &mut self,
        connection: &ConnectionId,
        rule: NeedRule,
        since: Instant,
    ) -> Result<bool> {
        let (count,): (i64,) = on!(self.tx, c => sqlx::query_as(STANDS)
            .bind(connection)
            .bind(rule)
            .bind(since)
            .fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// What one of our own people has chosen, and whether the provider tells an address of theirs.
    pub async fn staff_mail(&mut self, id: &StaffId) -> Result<(Option<MailChoice>, bool)> {
        let row: Option<(Option<MailChoice>, bool)> =
            on!(self.tx, c => sqlx::query_as(CHOICE).bind(id).fetch_optional(c).await)?;
        Ok(row.unwrap_or((None, false)))
    }
}

impl Write {
    /// Notes that a need was told; `false` when it was told before or is over.
    pub async fn need_is_told(&mut self, need: &WaitingNeed) -> Result<bool> {
        self.mark_need(TOLD, need).await
    }

    /// Notes that it was told that a need is overdue; `false` when that was told before or the need is over.
    pub async fn need_is_told_overdue(&mut self, need: &WaitingNeed) -> Result<bool> {
        self.mark_need(TOLD_OVERDUE, need).await
    }

    async fn mark_need(&mut self, text: &'static str, need: &WaitingNeed) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(text)
            .bind(&need.connection)
            .bind(need.rule)
            .bind(need.since)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Keeps which mails somebody wants.
    pub async fn choose_staff_mail(&mut self, id: &StaffId, choice: MailChoice) -> Result<()> {
        on!(self.tx, c => sqlx::query(CHOOSE).bind(id).bind(choice).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
