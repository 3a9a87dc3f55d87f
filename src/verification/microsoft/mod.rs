//! The check of Microsoft 365 over Graph with an app's client secret.
//!
//! | file | holds |
//! |---|---|
//! | `ladder` | the whole check, from the tenant to the verdict |
//! | `sign_in`, `claims`, `permissions`, `bearer`, `cloud` | tenant and token |
//! | `reading`, `probes` | the steps that only read |
//! | `writing`, `writes`, `sync`, `test_item` | the steps that write, and what removes it again |
//! | `call`, `graph`, `answer`, `page` | one call; Graph as the test mailbox; what answers say |

mod answer;
mod bearer;
mod call;
mod claims;
mod cloud;
mod graph;
mod ladder;
mod page;
mod permissions;
mod probes;
mod reading;
mod sign_in;
mod sync;
mod test_item;
mod writes;
mod writing;

pub(super) use ladder::{Means, check};
