//! Every connection that leaves the process goes through here.
//!
//! A host is a name, never an address or a URL. It is resolved with a resolver of our own, every answer must be
//! public, and the connection goes to exactly the addresses that were looked at. Redirects, proxies and
//! environment variables have no say; time and size are capped.
//!
//! | file | holds |
//! |---|---|
//! | `guard` | which host names and which addresses are allowed |
//! | `interfaces` | the addresses of this machine |
//! | `resolver` | names to checked addresses, in bounded time |
//! | `dial` | where a checked address is really dialled: tests bring the simulator in here |
//! | `tls` | roots and versions |
//! | `provider` | the client for hosts of providers and hosts the operator names |
//! | `loopback` | the client for one service on this machine, in the demo and in tests |
//! | `dialer` | the way to hosts that customers name, phase by phase |
//! | `sensitive` | headers that hold a secret, overwritten when they go |
//! | `failure` | what can go wrong, by layer, free of addresses and secrets |

mod answer;
pub mod caps;
pub mod dial;
pub mod dialer;
pub mod failure;
pub mod guard;
pub mod interfaces;
mod loopback;
mod outbound;
pub mod provider;
pub mod resolver;
mod route;
pub mod sensitive;
mod settings;
pub mod tls;
mod trace;

pub use answer::{Answer, USER_AGENT};
pub use failure::Failure;
pub use loopback::Loopback;
pub use outbound::Net;
pub use route::Named;
pub use settings::{ExtraRoot, Settings, SettingsProblem};
