//! What a run over a roster begins with.

use crate::{
    actions::{
        roster::opened_address,
        run_check::load::{Loaded, load_any},
        undone::Undone,
    },
    app::App,
    domain::{
        connection::{Connection, State},
        ids::RosterId,
        roster::{Roster, RosterMailbox},
    },
};

/// Whether the roster's credential is still the one that opens the mailboxes of the connection.
pub(super) fn is_wanted(connection: &Connection, roster: &Roster) -> bool {
    let open = matches!(connection.state, State::Verified | State::Failed | State::Submitted);
    open && [&connection.in_use, &connection.candidate].contains(&&Some(roster.attempt_id.clone()))
}

/// What a run over a roster needs.
pub(super) struct Round {
    pub(super) roster: Roster,
    /// The mailboxes without a result, and their places.
    pub(super) open: Vec<RosterMailbox>,
    pub(super) places: Vec<i64>,
    /// Whether the roster's attempt is still the one that opens mailboxes.
    pub(super) is_wanted: bool,
    pub(super) loaded: Option<Loaded>,
}

impl Round {
    /// Reads it; `None` when there is no such roster any more, or its run has ended.
    pub(super) async fn load(app: &App, id: &RosterId) -> Result<Option<Self>, Undone> {
        let mut read = app.store.read().await?;
        let Some(roster) = read.roster_of_job(id).await?.filter(|roster| roster.ended.is_none()) else {
            return Ok(None);
        };
        let connection = read.connection(&roster.brokerage_id, &roster.connection_id).await?;
        let is_wanted = connection.is_some_and(|connection| is_wanted(&connection, &roster));
        let attempt = read.attempt(&roster.brokerage_id, &roster.attempt_id).await?;
        let rows = read.open_roster_mailboxes(id).await?;
        drop(read);
        let mut open = Vec::with_capacity(rows.len());
        for row in &rows {
            let mailbox = opened_address(app, id, row)?;
            let line = u64::try_from(row.line).unwrap_or_default();
            open.push(RosterMailbox { line, mailbox, outside: row.outside });
        }
        let loaded = match attempt.and_then(|stored| stored.attempt.check_id) {
            Some(check) => load_any(app, &check).await?,
            None => None,
        };
        let places = rows.iter().map(|row| row.seq).collect();
        Ok(Some(Self { roster, open, places, is_wanted, loaded }))
    }
}
