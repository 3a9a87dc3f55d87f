//! What a check leaves in the mailbox until it is removed.

use std::sync::{Mutex, PoisonError};

/// How far something that a check writes has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// Nothing was written, or it was removed.
    None,
    /// It was asked for, and no answer says whether it is there.
    Asked,
    /// It is there, under this id.
    There(String),
}

/// The traces of one check, by what was written.
pub struct Traces<T>(Mutex<Vec<(T, Trace)>>);

impl<T: Copy + PartialEq> Traces<T> {
    /// Nothing is there yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// How far this one has come now.
    pub fn set(&self, item: T, trace: Trace) {
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traces.retain(|(known, _)| *known != item);
        traces.push((item, trace));
    }

    /// How far this one has come.
    pub fn get(&self, item: T) -> Trace {
        let traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traces.iter().find(|(known, _)| *known == item).map_or(Trace::None, |(_, trace)| trace.clone())
    }
}
