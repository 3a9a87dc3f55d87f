//! The checks of Microsoft 365 with an app's client secret: over Graph and over EWS.
//!
//! | file | holds |
//! |---|---|
//! | `app` | what both checks begin with: the tenant, the token |
//! | `ladder`, `online` | the whole check over Graph; the whole check over EWS |
//! | `sign_in`, `claims`, `permissions`, `bearer`, `cloud` | tenant and token |
//! | `reading`, `probes` | the steps that only read |
//! | `writing`, `writes`, `sync`, `test_item` | the steps that write, and what removes it again |
//! | `call`, `graph`, `answer`, `page` | one call; Graph as the test mailbox; what answers say |

mod answer;
mod app;
mod bearer;
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

pub(super) use ladder::check;
pub(super) use online::check as check_ews;
