//! EWS: asking an Exchange server as a test mailbox, whoever runs the server.
//!
//! | file | holds |
//! |---|---|
//! | `xml`, `envelope`, `requests` | escaping and reading; the envelope; what is asked |
//! | `reply`, `answer`, `who` | messages and faults; answers reduced to evidence; who answered |
//! | `challenge` | the ways to sign in that a server offers |
//! | `client` | one question with its pauses and its step down to an older schema |
//! | `probes`, `sync` | the steps that only read |
//! | `items`, `writes`, `works` | the steps that write, and what removes it again |

mod answer;
mod challenge;
mod client;
mod envelope;
mod items;
mod probes;
mod reply;
mod requests;
mod sync;
mod who;
mod works;
mod writes;
mod xml;

pub use answer::{marks, shown};
pub use challenge::ways;
pub use client::{Carrier, Ews, Guise, has, question_headers};
pub use envelope::{Schema, envelope};
pub use probes::{folders, mailbox, note, password_end};
pub use reply::{Body, read};
pub use requests::ZONES;
pub use who::traits;
pub use works::{look, works};
pub use xml::{Element, NotRead, escape, read as read_xml};

#[cfg(test)]
mod tests;
