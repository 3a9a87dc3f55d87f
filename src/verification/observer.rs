//! Who is told of a check while it runs.

use async_trait::async_trait;

use crate::domain::{
    check::Step,
    instant::Instant,
    test_item::{TestItem, TestThing},
};

/// A sign-in that may not be made now: too many refused tries of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInDenied {
    /// When it may be made again, where that is known.
    pub until: Option<Instant>,
}

/// What is about to be written to a mailbox could not be noted. So it is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotNoted;

/// Is told of each step as it ends, and is asked before a secret is tried and before something is written.
#[async_trait]
pub trait Observer: Send + Sync {
    /// A step ended. `seq` counts from 1 in the order in which steps end, which differs from the plan's order.
    async fn step_ended(&self, seq: usize, step: &Step);

    /// A secret is about to be sent. The bytes leave only after this returned `Ok`: whoever counts tries has
    /// committed this one by then. Asked at most once a check.
    async fn sign_in_begins(&self) -> Result<(), SignInDenied>;

    /// The sign-in service judged the try: accepted (also where it named a policy that only a good secret meets),
    /// or refused. Not called when no answer came or the service was busy, since then nothing was judged.
    async fn sign_in_answered(&self, accepted: bool);

    /// Something is about to be written to the mailbox. It is written only after this returned `Ok`: whoever removes
    /// what a lost worker left behind has committed the note by then. Who keeps no notes lets it be written.
    async fn writing_begins(&self, _item: &TestItem) -> Result<(), NotNoted> {
        Ok(())
    }

    /// It was written, and the mail system told its id.
    async fn written(&self, _item: &TestItem) {}

    /// It is not in the mailbox: it was removed, or was never written.
    async fn removed(&self, _thing: TestThing) {}
}

/// Tells nobody and allows the sign-in: for checks that are not recorded.
pub struct Nobody;

#[async_trait]
impl Observer for Nobody {
    async fn step_ended(&self, _seq: usize, _step: &Step) {}

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        Ok(())
    }

    async fn sign_in_answered(&self, _accepted: bool) {}
}
