//! Google Workspace: the token endpoint for service accounts, and the People, Calendar and Gmail APIs, by real rules
//! of delegation.
//!
//! What is set up in the Admin console and in Google Cloud stands in `world/workspace.rs`; here is what answers.

pub(crate) mod api;
mod assertion;
mod calendar;
mod event;
mod feed;
mod gate;
mod gmail;
pub(crate) mod key_file;
pub(crate) mod keys;
mod message;
mod page;
mod partial;
pub(crate) mod path;
mod people;
mod person;
mod refusal;
pub(crate) mod routes;
mod token;
pub(crate) mod tokens;
