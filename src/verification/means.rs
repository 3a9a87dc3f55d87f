//! What checks are made with.

use crate::{
    clock::{Clock, Randomness},
    domain::address::MailDomain,
    net::Net,
};

use super::pace::Pace;

/// What a check is made with. Cheap to clone.
#[derive(Clone)]
pub struct Means {
    /// The way out.
    pub net: Net,
    /// The time.
    pub clock: Clock,
    /// For ids.
    pub randomness: Randomness,
    /// How long things may take.
    pub pace: Pace,
    /// The domain whose servers and tenant alone may be looked at, where there is one.
    pub bound_to: Option<MailDomain>,
    /// The domain that is known to be that of whoever is checked, where one is.
    pub proven: Option<MailDomain>,
}
