//! What a journey typed and what it was shown, kept for the search for needles at its end.

use std::sync::{Arc, Mutex, PoisonError};

/// A text that must not be found where it does not belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// What it is, for the message.
    pub what: &'static str,
    pub text: String,
    pub kind: NeedleKind,
}

/// What a needle may be found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedleKind {
    /// Nowhere: not in the database, not in logs, mails or answers.
    Secret,
    /// Only in the one mail that brings it, and nowhere else.
    Code,
    /// In the cookie header of its own browser, and nowhere else.
    Cookie,
    /// On pages and in mails to the people it concerns; not in database files or logs.
    Setting,
}

/// One answer of the portal.
#[derive(Debug, Clone)]
pub struct Answer {
    pub request: String,
    pub status: u16,
    /// Header lines but for the cookies that it sets.
    pub headers: String,
    pub body: Vec<u8>,
}

/// Everything typed and shown in one world; clones share it.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    needles: Vec<Needle>,
    answers: Vec<Answer>,
}

impl Seen {
    /// Notes a text to look for. Short texts would be found by chance and are refused.
    pub fn typed(&self, kind: NeedleKind, what: &'static str, text: &str) {
        assert!(text.len() >= 8, "{what} is too short to be searched for");
        let needle = Needle { what, text: text.to_owned(), kind };
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.needles.contains(&needle) {
            inner.needles.push(needle);
        }
    }

    /// Notes an answer.
    pub fn answered(&self, answer: Answer) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answers.push(answer);
    }

    pub fn needles(&self) -> Vec<Needle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).needles.clone()
    }

    pub fn answers(&self) -> Vec<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answers.clone()
    }
}
