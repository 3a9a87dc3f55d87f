//! The checks of Microsoft 365 as an app: over Graph with a client secret or a certificate, and over EWS.
//!
//! | file | holds |
//! |---|---|
//! | `app` | what both checks begin with: the tenant, the token |
//! | `ladder`, `online` | the whole check over Graph; the whole check over EWS |
//! | `sign_in`, `assertion`, `claims`, `permissions`, `cloud` | tenant and token |
//! | `reading`, `probes` | the steps that only read |
//! | `writing`, `writes`, `sync`, `test_item` | the steps that write, and what removes it again |
//! | `call`, `graph`, `answer`, `page` | one call; Graph as the test mailbox; what answers say |

mod answer;
mod app;
mod assertion;
mod call;
mod claims;
mod cloud;
mod graph;
mod ladder;
mod online;
mod page;
mod permissions;
mod probes;
mod reading;
mod sign_in;
mod sync;
mod test_item;
mod writes;
mod writing;

pub use assertion::key_belongs;
pub(super) use ladder::check;
pub(super) use online::check as check_ews;
