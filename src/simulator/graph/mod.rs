//! The mailbox service of Microsoft 365: users, contacts, calendar and the send probe, by real permission rules.

pub(crate) mod calendar;
pub(crate) mod contacts;
pub(crate) mod delta;
pub(crate) mod gate;
pub(crate) mod odata;
pub(crate) mod page;
pub(crate) mod path;
pub(crate) mod people;
pub(crate) mod refusal;
pub(crate) mod routes;
pub(crate) mod send;
