//! What a method answers with.

use serde_json::Value;

/// A good answer; everything else is a refusal.
pub(crate) enum Page {
    /// 200 and a value.
    Shown(Value),
    /// 204.
    Gone,
}
