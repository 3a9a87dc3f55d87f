//! The name of a request: in its log lines, in its answer, and on an error page as the reference.

use crate::{clock::Randomness, domain::ids::crockford};

/// Ten letters; short enough to be read out on the phone.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    pub(super) fn new(randomness: &Randomness) -> Self {
        let letters = crockford(u128::from_be_bytes(randomness.bytes()));
        Self(letters[letters.len() - 10..].to_owned())
    }
}
