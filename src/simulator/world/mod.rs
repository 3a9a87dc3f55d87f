//! Tenants, mailboxes and samples: what the scripts say, and what clients have changed since.

pub(crate) mod google;
pub(crate) mod live;
pub(crate) mod mailbox;
pub(crate) mod password;
pub(crate) mod samples;
pub(crate) mod scenarios;
pub(crate) mod script;
pub(crate) mod sent;
pub(crate) mod server;
pub(crate) mod tenant;
pub(crate) mod workspace;
