//! Exchange: servers of offices' own with autodiscover and EWS, and EWS in Microsoft 365.
//!
//! | place | holds |
//! |---|---|
//! | [`hosts`], [`routes`] | which name belongs to whom, which path is what |
//! | [`autodiscover`] | where a mailbox is, in XML, in JSON and by redirects |
//! | [`login`], [`online`], [`accounts`] | who is calling: an account of the office, an app with a token, an account in Microsoft 365 |
//! | [`act_as`] | for whom: impersonation by role groups and scopes |
//! | [`schema`], [`asked`], [`order`], [`said`] | requests read by their schema, answers and refusals written |
//! | [`calls`] and the files of its operations | what a mailbox does |

pub(crate) mod accounts;
pub(crate) mod act_as;
pub(crate) mod asked;
pub(crate) mod autodiscover;
pub(crate) mod calls;
pub(crate) mod contact;
pub(crate) mod create;
pub(crate) mod directory;
pub(crate) mod event;
pub(crate) mod find;
pub(crate) mod folders;
pub(crate) mod hosts;
pub(crate) mod items;
pub(crate) mod login;
pub(crate) mod online;
pub(crate) mod order;
pub(crate) mod routes;
pub(crate) mod said;
pub(crate) mod schema;
pub(crate) mod session;
pub(crate) mod shape;
pub(crate) mod sync;
