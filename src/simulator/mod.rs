//! The outside world for demo and tests. It shares no code with the rest of the crate.
//!
//! Clients meet it the way they meet the real one: a DNS server tells them public addresses, a dial map
//! brings those to loopback, and behind them HTTPS servers answer with certificates of a private authority.
//!
//! | place | holds |
//! |---|---|
//! | [`settings`], [`run`] | what a start needs; the running simulator and its accessors |
//! | `world/` | tenants, mailboxes, samples: what the scripts say and what clients have changed since |
//! | `dns/` | messages on the wire, the zone, the server |
//! | `entra/`, `graph/` | the sign-in service and the mailbox service of Microsoft 365 |
//! | `exchange/` | Exchange servers of offices' own, and EWS in Microsoft 365 |
//! | `google/` | Google Workspace: tokens of service accounts, People, Calendar and Gmail |
//! | [`openid`] | the company's sign-in for the staff site |
//! | [`faults`], `sabotage` | what can be made to go wrong, and how it looks on the wire |
//! | [`log`] | who asked for what, for tests to look at and to wait on |
//! | `tls`, `hello`, `handshake`, `listen`, `dead_ends` | certificates, the client's greeting, handshakes, sockets |
//! | `files`, `keep`, `sample_key`, `control` | files, what outlives a start, the key pair of samples, the control endpoint |
//!
//! A further provider is a sibling of `graph/` and one line in `listen::answer`.

mod addresses;
mod clouds;
mod control;
mod dead_ends;
mod dns;
mod entra;
mod exchange;
pub mod faults;
mod files;
mod gauge;
mod google;
mod graph;
mod handshake;
mod hello;
mod identity;
mod keep;
mod listen;
pub mod log;
mod now;
pub mod openid;
mod operation;
pub mod run;
mod sabotage;
mod sample_key;
pub mod settings;
mod tls;
mod web;
mod world;

pub use addresses::{Addresses, HostAddress, OpenIdAddress};
pub use faults::{ALWAYS, Change, Fault, Target};
pub use log::Seen;
pub use operation::Operation;
pub use run::{Simulator, start};
pub use settings::{Ports, Scenarios, Settings, StartError};
pub use world::google::GoogleSample;
pub use world::live::Upload;
pub use world::mailbox::{Item, Items};
pub use world::samples::{Account, Brokerage, Credential, KeyPair, Sample};
pub use world::sent::Sent;
