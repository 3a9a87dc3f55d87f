//! Requests to look at a secret end with the secret: when it is renewed or withdrawn, and when its connection is closed.
//! Whoever asked is told, and so is the office where it was asked, or where somebody could look.

use jiff::SignedDuration;

use super::access_case::{Circle, To, post};
use crate::{
    app::App,
    domain::{
        access::{AccessEnd, AccessStage, AccessWay},
        attempt::AttemptEnd,
        audit::{Actor, AuditLine},
        ids::{AccessId, AttemptId, BrokerageId, ConnectionId},
        instant::Instant,
        refused::Refused,
    },
    notify::notice::AccessTold,
    store::{EndedBy, PreparedMail, Read, Result as Stored, StoredAccess, Write},
};

/// So many of a connection's latest requests are looked at; one waits for hours at most, and nobody asks that often.
const MOST: i64 = 100;

/// How long it is news that a request ran out.
const NEWS: SignedDuration = SignedDuration::from_hours(24);

/// Which secrets go, and why.
pub(super) struct Going {
    brokerage: BrokerageId,
    connection: ConnectionId,
    /// The attempt whose secret goes; `None`: all of the connection.
    attempt: Option<AttemptId>,
    why: AttemptEnd,
    /// The mails of each request that was there when this was prepared.
    mails: Vec<(AccessId, Vec<PreparedMail>)>,
}

impl Going {
    /// Composes the mails, before the transaction that ends the requests.
    pub(super) async fn prepare(
        app: &App,
        read: &mut Read,
        (brokerage, connection): (&BrokerageId, &ConnectionId),
        attempt: Option<&AttemptId>,
        why: AttemptEnd,
    ) -> Result<Self, Refused> {
        Self::gather(app, read, (brokerage, connection), attempt, why, true).await
    }

    /// The same for all of a connection whose office is told nothing.
    pub(super) async fn prepare_untold(
        app: &App,
        read: &mut Read,
        of: (&BrokerageId, &ConnectionId),
        why: AttemptEnd,
    ) -> Result<Self, Refused> {
        Self::gather(app, read, of, None, why, false).await
    }

    async fn gather(
        app: &App,
        read: &mut Read,
        (brokerage, connection): (&BrokerageId, &ConnectionId),
        attempt: Option<&AttemptId>,
        why: AttemptEnd,
        tells_office: bool,
    ) -> Result<Self, Refused> {
        let mut going = Self {
            brokerage: brokerage.clone(),
            connection: connection.clone(),
            attempt: attempt.cloned(),
            why,
            mails: Vec::new(),
        };
        for stored in going.live(read).await? {
            let circle = Circle::of(app, read, &stored).await?;
            let told = || AccessTold::Ended { why };
            let id = stored.access.id.clone();
            let mut mails = circle.tell(app, To::Asker, id.as_str(), told())?;
            if let Some(office) = office(&stored, read.now()).filter(|_| tells_office) {
                mails.extend(circle.tell(app, office, id.as_str(), told())?);
            }
            going.mails.push((id, mails));
        }
        Ok(going)
    }

    /// Ends them, also those that were asked since.
    pub(super) async fn end(&self, write: &mut Write) -> Stored<Vec<AuditLine>> {
        let mut lines = Vec::new();
        for stored in self.live(write).await? {
            let id = &stored.access.id;
            let now = write.now();
            // Once more, now that nobody else answers or stops it.
            if !write.hold_access(id).await?.is_some_and(|held| held.access.is_live(now)) {
                continue;
            }
            write.end_access(id, AccessEnd::Gone, EndedBy::Secret).await?;
            if let Some((_, mails)) = self.mails.iter().find(|(prepared, _)| prepared == id) {
                post(write, mails).await?;
            }
            let line = AuditLine::new(Actor::System, "access.end", id.as_str()).of(&self.brokerage);
            lines.push(line.with("why", self.why.as_str()));
        }
        Ok(lines)
    }

    /// The requests that may still lead to a look at what goes.
    async fn live(&self, read: &mut Read) -> Stored<Vec<StoredAccess>> {
        let now = read.now();
        let mut all = read.accesses_of_connection(&self.brokerage, &self.connection, MOST).await?;
        let goes = |access: &StoredAccess| {
            self.attempt.as_ref().is_none_or(|attempt| access.access.attempt_id == *attempt)
        };
        all.retain(|stored| stored.access.is_live(now) && goes(stored));
        Ok(all)
    }
}

/// Notes the requests that ran out without an answer, so that whoever has a page of one open learns of it: until then only
/// the clock knows. What ran out while no worker was there for a day is nobody's news any more.
pub(super) async fn note_run_out(app: &App, now: Instant) -> Stored<()> {
    let since = now.plus(-NEWS);
    if app.store.read().await?.run_out_accesses(now, since).await?.is_empty() {
        return Ok(());
    }
    let mut write = app.store.write().await?;
    let mut lines = Vec::new();
    for (id, brokerage) in write.run_out_accesses(now, since).await? {
        // Once more, now that nobody else ends it.
        if write.hold_access(&id).await?.is_some_and(|held| held.access.stage(now) == AccessStage::Unanswered)
        {
            lines.push(AuditLine::new(Actor::System, "access.run_out", id.as_str()).of(&brokerage));
        }
    }
    write.commit(&lines).await
}

/// Who of the office is told: those who were asked for their yes, or everybody where somebody could look.
fn office(stored: &StoredAccess, now: Instant) -> Option<To> {
    match (stored.access.stage(now), stored.access.way) {
        (AccessStage::Open(_), _) => Some(To::Everybody),
        (AccessStage::Waiting(_), AccessWay::Grant) => Some(To::Deciders),
        _ => None,
    }
}
