//! A guide: the steps by which an admin sets up one access kind, with the names of one attempt filled in.
//!
//! The text is a file that people write; [`parse`](Guide::parse) reads it strictly, so that a mistake is told with its
//! line instead of being shown to an admin. Nothing in a file reaches a page as markup.

mod content;
mod lines;
mod parse;
mod picture;
mod script;
mod text;

pub use content::{Block, Guide, Step};
pub use picture::{Part, Picture, Row};
pub use script::{Script, script};
pub use text::{BLANKS, GuideNames, Mistake, Piece, Shown, Text, title_of};

#[cfg(test)]
mod tests;
