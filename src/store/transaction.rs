//! Read and write transactions. Queries stand in the file of their table family; changes are reachable only
//! from [`Write`], and a [`Write`] ends in exactly one of two ways: with its audit lines, or quietly for one of
//! the few reasons of [`Quiet`].

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{
    audit,
    dialect::Tx,
    error::Result,
    read::Read,
    wake::{Topic, Wakes},
};
use crate::{
    clock::{Clock, Randomness},
    domain::{audit::AuditLine, due::WorkingHours},
};

/// A transaction that writes. Dropping it undoes everything.
pub struct Write {
    read: Read,
    randomness: Randomness,
    wakes: Wakes,
    topics: Vec<Topic>,
    pub(super) hours: Arc<WorkingHours>,
}

impl Deref for Write {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}

/// The reasons for which a change has no audit line: it is bookkeeping, or its event has a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// A job was claimed, renewed or ended.
    Lease,
    /// A session was written.
    Session,
    /// A step of a check ended.
    Step,
    /// A mail moved on in the outbox.
    MailProgress,
    /// Answers were saved for later.
    Draft,
    /// A schedule's tick.
    Tick,
    /// A rate limit was counted.
    RateLimit,
    /// A step of a guide was marked as done, or as open again.
    GuideTick,
    /// The audit sealer's own work.
    Sealer,
}

impl Write {
    pub(super) fn new(
        tx: Tx,
        clock: Clock,
        randomness: Randomness,
        wakes: Wakes,
        hours: Arc<WorkingHours>,
    ) -> Self {
        Self { read: Read { tx, clock }, randomness, wakes, topics: Vec::new(), hours }
    }

    /// Names a topic that changes with this transaction; whoever waits for it is woken after the commit.
    pub fn wake(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// Writes the audit lines of what happened and commits. On `CommitUnknown` read again before you tell anybody.
    pub async fn commit(mut self, lines: &[AuditLine]) -> Result<()> {
        for line in lines {
            audit::insert(&mut self.read, self.randomness.bytes(), line).await?;
        }
        if !lines.is_empty() {
            self.wake(Topic::Audit);
        }
        self.end().await
    }

    /// Commits bookkeeping that needs no audit line.
    pub async fn commit_quietly(self, _reason: Quiet) -> Result<()> {
        self.end().await
    }

    async fn end(self) -> Result<()> {
        self.read.tx.commit().await?;
        for topic in self.topics {
            self.wakes.tell(topic);
        }
        Ok(())
    }
}
