//! Who reads across brokerages, and how the review of a connection stands.

use crate::domain::{
    ids::{AccessId, BrokerageId, ConnectionId, PersonId, StaffId},
    instant::Instant,
    refused::Refused,
    review::{Need, NeedRule, Snoozed, Taken},
    staff::{Deed, StaffScope},
    text::PersonName,
};
use crate::store::{dialect::on, error::Result, read::Read};

const WHOSE: &str = "SELECT brokerage_id FROM connections WHERE id = $1";

const REVIEW: &str = "
SELECT connections.review_version, connections.taken_by, connections.taken_at, staff.name AS taken_name,
    connections.snoozed_until, snoozer.name AS snoozer_name, needs.rule, needs.since, needs.due_at
FROM connections
LEFT JOIN staff ON staff.id = connections.taken_by
LEFT JOIN staff AS snoozer ON snoozer.id = connections.snoozed_by
LEFT JOIN needs ON needs.connection_id = connections.id
WHERE connections.id = $1
ORDER BY needs.due_at, needs.rule";

const WHOSE_ACCESS: &str = "SELECT brokerage_id FROM access_requests WHERE id = $1";

const PERSON: &str = "SELECT name FROM people WHERE id = $1";

pub(super) const TEXTS: &[&str] = &[WHOSE, REVIEW, WHOSE_ACCESS, PERSON];

/// How the review of a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Counts who took it and gave it back.
    pub version: i64,
    /// Who looks after it.
    pub taken: Option<Taken>,
    /// Why it needs one of our people, what is due first standing first.
    pub needs: Vec<Need>,
    /// Until when it is put off.
    pub snoozed: Option<Snoozed>,
}

#[derive(sqlx::FromRow)]
struct ReviewRow {
    review_version: i64,
    taken_by: Option<StaffId>,
    taken_at: Option<Instant>,
    taken_name: Option<String>,
    snoozed_until: Option<Instant>,
    snoozer_name: Option<String>,
    rule: Option<NeedRule>,
    since: Option<Instant>,
    due_at: Option<Instant>,
}

pub(super) fn taken(by: Option<StaffId>, name: Option<String>, at: Option<Instant>) -> Option<Taken> {
    by.zip(at).map(|(staff, at)| Taken { staff, name: name.unwrap_or_default(), at })
}

pub(super) fn need(rule: Option<NeedRule>, since: Option<Instant>, due: Option<Instant>) -> Option<Need> {
    let (rule, since) = rule.zip(since)?;
    Some(Need { rule, since, due: due? })
}

/// A transaction that reads the rows of every brokerage.
pub struct AllBrokerages<'a> {
    pub(super) read: &'a mut Read,
}

impl Read {
    /// The rows of every brokerage, for one of our own people. Errs when none of their roles may read them.
    pub fn all_brokerages(&mut self, scope: &StaffScope) -> std::result::Result<AllBrokerages<'_>, Refused> {
        if scope.may(Deed::ReadQueue) {
            Ok(AllBrokerages { read: self })
        } else {
            Err(Refused::Forbidden("None of your roles reads what brokerages have entered."))
        }
    }
}

impl AllBrokerages<'_> {
    /// The brokerage whose connection this is; with it every other query can be asked.
    pub async fn whose(&mut self, id: &ConnectionId) -> Result<Option<BrokerageId>> {
        let row: Option<(BrokerageId,)> =
            on!(self.read.tx, c => sqlx::query_as(WHOSE).bind(id).fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }

    /// The brokerage that a request to look at a secret is about.
    pub async fn whose_access(&mut self, id: &AccessId) -> Result<Option<BrokerageId>> {
        let row: Option<(BrokerageId,)> =
            on!(self.read.tx, c => sqlx::query_as(WHOSE_ACCESS).bind(id).fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }

    /// How the review of a connection stands.
    pub async fn review(&mut self, id: &ConnectionId) -> Result<Option<Review>> {
        let rows: Vec<ReviewRow> =
            on!(self.read.tx, c => sqlx::query_as(REVIEW).bind(id).fetch_all(c).await)?;
        let mut needs: Vec<Need> =
            rows.iter().filter_map(|row| need(row.rule, row.since, row.due_at)).collect();
        needs.sort_by_key(Need::turn);
        Ok(rows.into_iter().next().map(|row| Review {
            version: row.review_version,
            taken: taken(row.taken_by, row.taken_name, row.taken_at),
            needs,
            snoozed: row
                .snoozed_until
                .map(|until| Snoozed { until, by: row.snoozer_name.unwrap_or_default() }),
        }))
    }

    /// The name of a person, whether they may still sign in or not.
    pub async fn name_of(&mut self, id: &PersonId) -> Result<Option<PersonName>> {
        let row: Option<(PersonName,)> =
            on!(self.read.tx, c => sqlx::query_as(PERSON).bind(id).fetch_optional(c).await)?;
        Ok(row.map(|(name,)| name))
    }
}
