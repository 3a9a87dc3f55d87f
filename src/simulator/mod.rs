//! The outside world for demo and tests. It shares no code with the rest of the crate.
