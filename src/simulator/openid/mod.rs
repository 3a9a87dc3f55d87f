//! An OpenID Connect provider on this machine: the company's sign-in for the demo's staff site, and in tests one that
//! lies.
//!
//! It speaks http on loopback. Its page shows the sample people; a press on a name signs that person in.

mod claims;
mod lies;
mod page;
mod people;
mod provider;
mod signing;

pub use lies::Lie;
pub use people::Colleague;
pub use provider::Provider;

pub(crate) use provider::start;
