//! A guide: the steps by which an admin sets up one access kind, with the names of one attempt filled in.
//!
//! The text is a file that people write; [`parse`](Guide::parse) reads it strictly, so that a mistake is told with its
//! line instead of being shown to an admin. Nothing in a file reaches a page as markup.

mod content;
mod lines;
mod parse;

pub use content::{BLANKS, Block, Guide, GuideNames, Mistake, Piece, Shown, Step, Text};

#[cfg(test)]
mod tests;
