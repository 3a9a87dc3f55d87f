//! Many mailboxes with one credential: signed in once, every mailbox opened as its owner.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    check::{Report, Step},
    roster::RosterMailbox,
    test_item::{TestItem, TestThing},
};

use super::observer::{NotNoted, Observer, SignInDenied};

/// Is told of each mailbox as it ends. They end in any order.
#[async_trait]
pub trait Host: Send + Sync {
    /// A mailbox was tested. Its report has the steps from opening it on.
    async fn visited(&self, mailbox: &RosterMailbox, report: Report);

    /// Something is about to be written to a mailbox. It is written only after this returned `Ok`, as in a check.
    async fn writing_begins(&self, _mailbox: &RosterMailbox, _item: &TestItem) -> Result<(), NotNoted> {
        Ok(())
    }

    /// It is not in that mailbox: it was removed, or was never written.
    async fn removed(&self, _mailbox: &RosterMailbox, _thing: TestThing) {}
}

/// Tells a host of what one visit writes. Nobody follows its steps, and it does not sign in.
pub(super) struct AtMailbox<'a> {
    host: &'a dyn Host,
    mailbox: &'a RosterMailbox,
}

#[async_trait]
impl Observer for AtMailbox<'_> {
    async fn step_ended(&self, _seq: usize, _step: &Step) {}

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        Ok(())
    }

    async fn sign_in_answered(&self, _accepted: bool) {}

    async fn writing_begins(&self, item: &TestItem) -> Result<(), NotNoted> {
        self.host.writing_begins(self.mailbox, item).await
    }

    async fn removed(&self, thing: TestThing) {
        self.host.removed(self.mailbox, thing).await;
    }
}

/// Which mailboxes are visited, and how.
pub struct Visits<'a> {
    /// The mailboxes, in the order in which they begin.
    pub mailboxes: &'a [RosterMailbox],
    /// So many at the same time, at least one. A customer's own server gets no more connections than this.
    pub at_once: usize,
    /// Once it is cancelled no further mailbox begins; those under way end and are cleaned up.
    pub stop: CancellationToken,
    /// Who is told.
    pub host: &'a dyn Host,
}

impl<'a> Visits<'a> {
    /// Whom a visit to this mailbox tells.
    pub(super) const fn at(&self, mailbox: &'a RosterMailbox) -> AtMailbox<'a> {
        AtMailbox { host: self.host, mailbox }
    }

    /// Visits each, so many at the same time.
    pub(super) async fn each<F>(&self, visit: impl Fn(&'a RosterMailbox) -> F + Send + Sync)
    where
        F: Future<Output = Report> + Send,
    {
        let next = AtomicUsize::new(0);
        let at_once = self.at_once.clamp(1, self.mailboxes.len().max(1));
        join_all((0..at_once).map(|_| Box::pin(self.one_after_the_other(&next, &visit)))).await;
    }

    /// Takes the next mailbox until none is left.
    async fn one_after_the_other<F>(
        &self,
        next: &AtomicUsize,
        visit: &(impl Fn(&'a RosterMailbox) -> F + Send + Sync),
    ) where
        F: Future<Output = Report> + Send,
    {
        while !self.stop.is_cancelled()
            && let Some(mailbox) = self.mailboxes.get(next.fetch_add(1, Ordering::Relaxed))
        {
            // Boxed: a visit is many steps deep, and there are many at the same time.
            let report = Box::pin(visit(mailbox)).await;
            self.host.visited(mailbox, report).await;
        }
    }
}
