//! What a check leaves in the mailbox until it is removed.

use std::sync::{Mutex, PoisonError};

/// Something a check writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The test contact.
    Contact,
    /// The test calendar entry.
    Event,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trace {
    /// Nothing was written, or it was removed.
    None,
    /// It was asked for, and no answer says whether it is there.
    Asked,
    /// It is there, under this id.
    There(String),
}

/// The traces of one check.
pub(super) struct Traces(Mutex<[Trace; 2]>);

impl Traces {
    pub(super) const fn new() -> Self {
        Self(Mutex::new([Trace::None, Trace::None]))
    }

    pub(super) fn set(&self, kind: Kind, trace: Trace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[kind as usize] = trace;
    }

    pub(super) fn get(&self, kind: Kind) -> Trace {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[kind as usize].clone()
    }
}
