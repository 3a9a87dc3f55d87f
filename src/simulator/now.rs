//! The simulator's time: a closure handed in at the start, so that tests can move it.

use std::sync::Arc;

/// Tells the present moment.
pub type Now = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;
