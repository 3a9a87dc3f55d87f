//! What every page of one site shares.

use std::sync::Arc;

use crate::{
    clock::{Clock, Randomness},
    config::{About, PublicUrl},
};

/// For whom a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// Brokerages: the portal.
    #[default]
    Brokerages,
    /// Our own people: the staff site.
    Staff,
}

/// What every page of one site shares; the walls put it into each request.
#[derive(Clone)]
pub struct Front {
    /// For whom the site is.
    pub audience: Audience,
    /// The address people open. Links in answers come from it, never from the request.
    pub public_url: PublicUrl,
    /// What pages say of us.
    pub about: Arc<About>,
    /// Time.
    pub clock: Clock,
    /// Form keys, references, cookies.
    pub randomness: Randomness,
}
