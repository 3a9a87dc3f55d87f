//! The checks of Microsoft 365: as an app over Graph and over EWS, with a client secret or a certificate, and as a
//! service account with its password over EWS.
//!
//! | file | holds |
//! |---|---|
//! | `app` | what both checks begin with: the tenant, the token |
//! | `ladder`, `online`, `password` | the whole check over Graph; over EWS as an app; over EWS as a service account |
//! | `exchange_online` | EWS of Exchange Online with whatever signs its questions |
//! | `sign_in`, `assertion`, `account_token`, `claims`, `permissions`, `cloud` | tenant and token |
//! | `reading`, `probes` | the steps that only read |
//! | `writing`, `writes`, `sync`, `test_item` | the steps that write, and what removes it again |
//! | `known` | whether Microsoft knows a domain |
//! | `visits` | many mailboxes with one token |
//! | `call`, `graph`, `answer`, `page` | one call; Graph as the test mailbox; what answers say |

mod account_token;
mod answer;
mod app;
mod assertion;
mod call;
mod claims;
mod cloud;
mod exchange_online;
mod graph;
mod known;
mod ladder;
mod online;
mod page;
mod password;
mod permissions;
mod probes;
mod reading;
mod sign_in;
mod sync;
mod test_item;
mod visits;
mod writes;
mod writing;

pub use assertion::key_belongs;
pub(super) use known::tenant_of;
pub(super) use ladder::{check, clear};
pub(super) use online::{check as check_ews, clear as clear_ews};
pub(super) use password::{check as check_password, clear as clear_password, visit as visit_password};
pub(super) use visits::{Over, visit};
