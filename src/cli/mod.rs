//! The command line: one file per command.

pub mod causes;
pub mod check;
pub mod keys;
