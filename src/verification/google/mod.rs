//! The checks of Google Workspace: with our own service account, and with one of the office's own.
//!
//! | file | holds |
//! |---|---|
//! | `ladder` | the whole check |
//! | `whose` | whose service account it is |
//! | `signing`, `token` | the proof of a service account; the token it is exchanged for |
//! | `call`, `answer`, `page` | one call; what answers say |
//! | `doors` | the tokens of a check, one scope each |
//! | `service` | Google's interfaces with one token |
//! | `visits` | many mailboxes with one account |
//! | `reading`, `sync`, `items`, `sending` | the steps that read, synchronise, write and remove, and ask for the right to send |

mod answer;
mod call;
mod doors;
mod items;
mod ladder;
mod page;
mod reading;
mod sending;
mod service;
mod signing;
mod sync;
mod token;
mod visits;
mod whose;

pub(super) use ladder::{check, clear, not_set_up};
pub use signing::SigningKey;
pub(super) use visits::visit;
pub(super) use whose::Whose;
