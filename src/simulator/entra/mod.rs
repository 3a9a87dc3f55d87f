//! The sign-in service of Microsoft 365: discovery, tokens, and refusals in its own words.

pub(crate) mod assertion;
pub(crate) mod certificate;
pub(crate) mod discovery;
pub(crate) mod password;
pub(crate) mod path;
pub(crate) mod refusal;
pub(crate) mod routes;
pub(crate) mod ticket;
pub(crate) mod token;
