//! What a page of the mailbox service answers with.

use serde_json::Value;

/// A good answer; everything else is a refusal.
pub(crate) enum Page {
    /// 200 and a value.
    Shown(Value),
    /// 201, the value and where it is from now on.
    Created(Value, String),
    /// 202 without a body.
    Accepted,
    /// 204.
    Gone,
}
