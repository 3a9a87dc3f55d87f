//! What is said of the audit in the database and of a file of it alike.

/// What nothing but a checkpoint that was kept elsewhere can show.
pub(super) const NOTHING_KEPT: &str = "Whoever owns it could have cut it off behind a checkpoint, or put an older copy in its place. \
One that was kept elsewhere shows it, such as one of a later mail: --checkpoint SEQ:HASH.";

/// The exit code where nothing is wrong, and not everything is proven.
pub(super) const NOT_PROVEN: u8 = 3;
