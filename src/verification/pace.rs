//! How long a check may take, and how long it pauses.

use std::time::Duration;

/// The times of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The whole check, cleaning up not counted.
    pub whole: Duration,
    /// One step with its pauses.
    pub step: Duration,
    /// The pauses a server asks for, added up within one step.
    pub waits: Duration,
    /// Between two looks at something that was written a moment ago.
    pub settle: Duration,
    /// Removing one thing after the whole check is over.
    pub cleanup: Duration,
}

impl Default for Pace {
    /// 90 s, 30 s, 10 s, 5 s and 10 s: somebody is watching, and a mailbox service answers within a second.
    fn default() -> Self {
        Self {
            whole: Duration::from_secs(90),
            step: Duration::from_secs(30),
            waits: Duration::from_secs(10),
            settle: Duration::from_secs(5),
            cleanup: Duration::from_secs(10),
        }
    }
}
