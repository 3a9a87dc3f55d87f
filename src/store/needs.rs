//! Why a connection needs one of our people now. The rules stand in the domain; here are the rows they are read from
//! and written to, and the time by which the queue is ordered.

use super::{dialect::on, error::Result, read::Read, transaction::Write, wake::Topic};
use crate::domain::{
    connection::{Phase, State},
    ids::{BrokerageId, ConnectionId},
    instant::Instant,
    review::{NeedRule, Standing},
};

const STANDING: &str = "
SELECT connections.state,
    COALESCE(connections.phase, candidate.phase) AS phase,
    CASE WHEN connections.state = 'failed' THEN (
        SELECT COUNT(*)
        FROM checks
        JOIN verdicts ON verdicts.check_id = checks.id
        WHERE checks.connection_id = connections.id AND checks.origin NOT IN ('dry_run', 'in_use')
            AND COALESCE(checks.reason, '') <> 'look' AND verdicts.verdict = 'failed'
    ) WHEN connections.state = 'verified' AND candidate.state = 'failed' THEN (
        SELECT COUNT(*)
        FROM attempts AS in_use
        JOIN attempts AS later ON later.connection_id = in_use.connection_id AND later.number > in_use.number
        JOIN checks ON checks.attempt_id = later.id
        JOIN verdicts ON verdicts.check_id = checks.id
        WHERE in_use.id = connections.in_use_id AND checks.origin NOT IN ('dry_run', 'in_use')
            AND COALESCE(checks.reason, '') <> 'look' AND verdicts.verdict = 'failed'
    ) ELSE 0 END AS failures,
    brokerages.origin = 'self_started' AND brokerages.accepted_at IS NULL
        AND brokerages.refused_at IS NULL AS unaccepted,
    EXISTS (
        SELECT 1
        FROM attempts
        JOIN secrets AS mine ON mine.id = attempts.secret_id
        JOIN secrets AS theirs ON theirs.likeness_key = mine.likeness_key
        WHERE attempts.connection_id = connections.id AND theirs.brokerage_id <> mine.brokerage_id
          AND NOT EXISTS (
            SELECT 1
            FROM shared_keys
            WHERE shared_keys.connection_id = connections.id AND shared_keys.brokerage_id = theirs.brokerage_id
        )
    ) AS shared,
    EXISTS (
        SELECT 1
        FROM test_items
        WHERE test_items.connection_id = connections.id AND test_items.given_up_at IS NOT NULL
    ) AS littered,
    EXISTS (
        SELECT 1
        FROM access_requests
        JOIN access_grants ON access_grants.request_id = access_requests.id
        WHERE access_requests.connection_id = connections.id AND access_requests.way = 'break_glass'
          AND access_requests.reviewed_at IS NULL
    ) AS broken,
    EXISTS (
        SELECT 1
        FROM hand_decisions
        JOIN attempts ON attempts.id = hand_decisions.attempt_id
        WHERE hand_decisions.connection_id = connections.id AND hand_decisions.ended_at IS NULL
          AND connections.candidate_id = attempts.id AND attempts.check_id = hand_decisions.seen_check_id
    ) AS wished,
    EXISTS (
        SELECT 1
        FROM questions
        WHERE questions.connection_id = connections.id AND questions.answered_at IS NULL
    ) AS office_asked,
    EXISTS (
        SELECT 1
        FROM attempts
        WHERE attempts.id = connections.in_use_id AND attempts.failed_in_use IS NOT NULL
    ) AS in_use_failed,
    connections.closed_at IS NOT NULL AND connections.close_read_at IS NULL AS closing_unread,
    EXISTS (
        SELECT 1
        FROM checks
        JOIN verdicts ON verdicts.check_id = checks.id
        LEFT JOIN sent_looks ON sent_looks.check_id = checks.id
        WHERE checks.connection_id = connections.id AND verdicts.cause = 'probe_sent_something'
            AND sent_looks.check_id IS NULL
    ) AS may_have_sent,
    needs.rule
FROM connections
JOIN brokerages ON brokerages.id = connections.brokerage_id
LEFT JOIN attempts AS candidate ON candidate.id = connections.candidate_id
    AND candidate.brokerage_id = connections.brokerage_id
LEFT JOIN needs ON needs.connection_id = connections.id
WHERE connections.id = $1";

const RAISE: &str = "
INSERT INTO needs (connection_id, rule, since, due_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (connection_id, rule) DO NOTHING";

const DROP: &str = "DELETE FROM needs WHERE connection_id = $1 AND rule = $2";

// What waits for nothing but to be accepted comes behind all else that is due then: it counts as much younger. What may have
// been sent comes before all else, whenever that is due: a year before anything can be.
const SINCE: &str = "
UPDATE connections SET needs_since = (SELECT MIN(since) FROM needs WHERE connection_id = $1),
    needs_latest = (SELECT MAX(since) FROM needs WHERE connection_id = $1),
    queue_since = (
        SELECT MIN(since + CASE WHEN rule = 'acceptance' THEN 1000000000000000000 ELSE 0 END)
        FROM needs WHERE connection_id = $1
    ),
    queue_due = CASE WHEN snoozed_until IS NULL THEN (
        SELECT MIN(due_at - CASE WHEN rule = 'may_have_sent' THEN 1000000000000000 ELSE 0 END)
        FROM needs WHERE connection_id = $1
    ) END
WHERE id = $1";

const COUNT: &str = "SELECT COUNT(*) FROM needs WHERE connection_id = $1";

const OF_BROKERAGE: &str = "SELECT id FROM connections WHERE brokerage_id = $1 ORDER BY id";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[STANDING, RAISE, DROP, SINCE, COUNT, OF_BROKERAGE];

#[derive(sqlx::FromRow)]
struct Row {
    state: State,
    phase: Option<Phase>,
    failures: i64,
    unaccepted: bool,
    shared: bool,
    littered: bool,
    broken: bool,
    wished: bool,
    office_asked: bool,
    in_use_failed: bool,
    closing_unread: bool,
    may_have_sent: bool,
    rule: Option<NeedRule>,
}

/// How a connection stands and which needs are written of it.
#[derive(Debug, Clone)]
pub struct Needing {
    /// How it stands, by its rows and its written needs.
    pub standing: Standing,
    /// The needs that are written.
    pub written: Vec<NeedRule>,
}

impl Read {
    /// How a connection stands for the rules of the queue; `None` when there is no such connection.
    pub async fn needing(&mut self, connection: &ConnectionId) -> Result<Option<Needing>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(STANDING).bind(connection).fetch_all(c).await)?;
        let written: Vec<NeedRule> = rows.iter().filter_map(|row| row.rule).collect();
        Ok(rows.first().map(|row| Needing {
            standing: Standing {
                state: row.state,
                phase: row.phase,
                failures: row.failures,
                unaccepted: row.unaccepted,
                shared: row.shared,
                littered: row.littered,
                broken: row.broken,
                wished: row.wished,
                office_asked: row.office_asked,
                in_use_failed: row.in_use_failed,
                closing_unread: row.closing_unread,
                may_have_sent: row.may_have_sent,
                parked: written.contains(&NeedRule::ParkedJob),
                asked: written.contains(&NeedRule::Question),
            },
            written,
        }))
    }

    /// The ids of a brokerage's connections, always in the same order: whoever changes all of them takes them so.
    pub async fn connection_ids_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<ConnectionId>> {
        let rows: Vec<(ConnectionId,)> =
            on!(self.tx, c => sqlx::query_as(OF_BROKERAGE).bind(brokerage).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

impl Read {
    async fn is_at_rest(&mut self, connection: &ConnectionId) -> Result<bool> {
        let (count,): (i64,) = on!(self.tx, c => sqlx::query_as(COUNT).bind(connection).fetch_one(c).await)?;
        Ok(count == 0)
    }
}

impl Write {
    /// Writes which needs began and which are over, and by when the connection stands in the queue.
    pub async fn change_needs(
        &mut self,
        connection: &ConnectionId,
        begun: &[NeedRule],
        over: &[NeedRule],
    ) -> Result<()> {
        let now: Instant = self.now();
        for rule in begun {
            let due = self.hours.due(*rule, now);
            on!(self.tx, c => sqlx::query(RAISE)
                .bind(connection)
                .bind(*rule)
                .bind(now)
                .bind(due)
                .execute(c).await.map(|_| ()))?;
        }
        for rule in over {
            on!(self.tx, c => sqlx::query(DROP)
                .bind(connection)
                .bind(*rule)
                .execute(c).await.map(|_| ()))?;
        }
        on!(self.tx, c => sqlx::query(SINCE).bind(connection).execute(c).await.map(|_| ()))?;
        // What was put off comes back when something new happens to it, and stays off no list when it needs nobody.
        if !begun.is_empty() || self.is_at_rest(connection).await? {
            self.return_item(connection).await?;
        }
        self.wake(Topic::Needs);
        Ok(())
    }
}
