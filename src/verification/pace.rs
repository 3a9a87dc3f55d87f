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
    /// How many pauses a server is given within one step.
    pub pauses: usize,
    /// Between two looks at something that was written a moment ago.
    pub settle: Duration,
    /// Removing one thing after the whole check is over.
    pub cleanup: Duration,
}

impl Pace {
    /// For one of many mailboxes: a busy server is given 15 minutes for each, in as many pauses as it likes to ask for,
    /// because whoever tests a whole office waits rather than begins anew.
    pub const fn of_many() -> Self {
        Self {
            whole: Duration::from_secs(20 * 60),
            step: Duration::from_secs(16 * 60),
            waits: Duration::from_secs(15 * 60),
            pauses: 100,
            settle: Duration::from_secs(5),
            cleanup: Duration::from_secs(60),
        }
    }
}

impl Default for Pace {
    /// 90 s, 30 s, 10 s, 5 s and 10 s: somebody is watching, and a mailbox service answers within a second.
    fn default() -> Self {
        Self {
            whole: Duration::from_secs(90),
            step: Duration::from_secs(30),
            waits: Duration::from_secs(10),
            pauses: 2,
            settle: Duration::from_secs(5),
            cleanup: Duration::from_secs(10),
        }
    }
}
