//! The password's gate: it opens once a check, and only after whoever counts tries has written this one down.
//!
//! Autodiscover that wants a password counts as the sign-in: what it accepts is used again without asking, and what it
//! refuses ends the check. So one press of a person is one try, whatever way leads to the server.

use tokio::sync::Mutex;

use crate::{
    net::dialer::Authorization,
    verification::{evidence::Evidence, observer::Observer, progress::Running},
};

/// The one credential of a check, in whatever form it is sent.
pub(in crate::verification) struct Gate<'a, C = Authorization> {
    observer: &'a dyn Observer,
    credential: C,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Denied,
    Tried,
    Accepted,
    Refused,
}

impl<'a, C> Gate<'a, C> {
    /// Closed.
    pub(in crate::verification) fn new(observer: &'a dyn Observer, credential: C) -> Self {
        Self { observer, credential, state: Mutex::new(State::Closed) }
    }

    /// The credential, for a try that may be made now. Errs when it may not, or when it was refused before.
    pub(in crate::verification) async fn open(&self, running: &mut Running) -> Result<&C, Evidence> {
        let mut state = self.state.lock().await;
        match *state {
            State::Accepted => return Ok(&self.credential),
            // A try without a judgement may have been counted all the same: it is not made again by itself.
            State::Denied | State::Tried | State::Refused => return Err(Evidence::Paused),
            State::Closed => {}
        }
        match self.observer.sign_in_begins().await {
            Ok(()) => {
                *state = State::Tried;
                Ok(&self.credential)
            }
            Err(denied) => {
                *state = State::Denied;
                if let Some(until) = denied.until {
                    running.learn("Paused until", until.words());
                }
                Err(Evidence::Paused)
            }
        }
    }

    /// A server judged the credential. Told once for each change of mind.
    pub(in crate::verification) async fn judged(&self, accepted: bool) {
        let mut state = self.state.lock().await;
        let judged = if accepted { State::Accepted } else { State::Refused };
        if *state != judged {
            *state = judged;
            self.observer.sign_in_answered(accepted).await;
        }
    }

    /// Whether it was accepted before.
    pub(super) async fn is_proven(&self) -> bool {
        *self.state.lock().await == State::Accepted
    }

    /// Whether it was refused.
    pub(super) async fn is_refused(&self) -> bool {
        *self.state.lock().await == State::Refused
    }

    /// The credential, once the gate has been opened; for requests that follow an accepted one.
    pub(super) const fn credential(&self) -> &C {
        &self.credential
    }
}
