//! Events become mails here, and the mailer hands them over.
//!
//! 1. `compose` turns a [`notice::Notice`] into subject, text and HTML by templates: a [`composed::Composed`].
//! 2. `finish` turns those into the final bytes of a message. They are stored, so that a repeat is the same message
//!    to the last byte, and mail systems recognise it as a repeat.
//! 3. `mailer` hands the bytes to a mail server, a folder or a test, and tells apart what a retry must know:
//!    nothing left, refused for now, refused for good, and nobody knows.

pub mod catalogue;
pub mod compose;
pub mod composed;
mod dialogue;
pub mod finish;
mod flowed;
pub mod folder;
pub mod mailer;
pub mod memory;
pub mod mend;
pub mod notice;
pub mod outgoing;
pub mod parts;
pub mod smtp;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
