//! Access tokens that were given: opaque to everybody, so what they are good for is kept here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// What a token is good for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The service account that asked for it, by its address.
    pub(crate) account: String,
    /// The number of the account's project, which calls are counted against.
    pub(crate) project: String,
    /// Whom it acts for; none acts for itself.
    pub(crate) subject: Option<String>,
    /// In full.
    pub(crate) scopes: Vec<String>,
    pub(crate) ends: Timestamp,
}

/// The tokens of one run.
#[derive(Default)]
pub(crate) struct Tokens {
    given: Mutex<BTreeMap<String, Grant>>,
}

/// How long an ended token is remembered, so that it can be told from one that never was.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Tokens {
    pub(crate) fn give(&self, token: String, grant: Grant, now: Timestamp) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, grant| grant.ends.checked_add(REMEMBERED).is_ok_and(|until| until > now));
        given.insert(token, grant);
    }

    pub(crate) fn find(&self, token: &str) -> Option<Grant> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}
