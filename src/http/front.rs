//! What every page of one site shares.

use std::sync::Arc;

use crate::{
    clock::{Clock, Randomness},
    config::{About, PublicUrl},
};

/// What every page of one site shares; the walls put it into each request.
#[derive(Clone)]
pub struct Front {
    /// The address people open. Links in answers come from it, never from the request.
    pub public_url: PublicUrl,
    /// What pages say of us.
    pub about: Arc<About>,
    /// Time.
    pub clock: Clock,
    /// Form keys, references, cookies.
    pub randomness: Randomness,
}
