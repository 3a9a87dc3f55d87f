//! The check of Exchange Server with a service account's password.
//!
//! | file | holds |
//! |---|---|
//! | `ladder` | the whole check, from the server's name to the verdict |
//! | `autodiscover`, `probe`, `pox`, `cloud`, `place` | finding the server by the mailbox's domain |
//! | `connect`, `lines` | reaching and securing; the connections of a check |
//! | `agreement` | which hosts may be shown the password |
//! | `gate`, `signing` | the password's gate; what the server wants, and the sign-in |
//! | `account` | what the service account's own mailbox and password say |
//! | `visits` | many mailboxes over one sign-in |

mod account;
mod agreement;
mod autodiscover;
pub(super) mod cloud;
mod connect;
mod gate;
mod ladder;
mod lines;
mod place;
mod pox;
mod probe;
mod signing;
mod visits;

pub(super) use account::password_expiry;
pub(super) use gate::Gate;
pub(super) use ladder::{check, clear};
pub(super) use signing::sign_in;
pub(super) use visits::visit;
