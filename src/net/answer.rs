//! What comes back from a call, and how we present ourselves in one.

use http::{HeaderMap, StatusCode};

/// How we present ourselves, everywhere and always: admins put it on their lists.
pub const USER_AGENT: &str = "MoxiEngage/1.0 (onboarding check)";

/// An answer, read whole.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, at most as long as the cap.
    pub body: Vec<u8>,
}
