//! What the net is made from.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use super::{caps::Caps, guard::Network};

/// A certificate authority that is trusted beside the public ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtraRoot {
    /// A PEM file.
    File(PathBuf),
    /// PEM text.
    Pem(String),
}

/// Settings of everything that leaves. All of them but `own_addresses` and `caps` are for tests and the demo.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The name server to ask; the machine's own when there is none.
    pub resolver: Option<SocketAddr>,
    /// Public address and port to the address and port that is dialled instead.
    pub dial: BTreeMap<SocketAddr, SocketAddr>,
    /// Whether only addresses in `dial` may be called.
    pub only_mapped: bool,
    /// Authorities trusted beside the public ones.
    pub extra_roots: Vec<ExtraRoot>,
    /// Networks of our own, which are never called.
    pub own_addresses: Vec<Network>,
    /// Caps on time and size.
    pub caps: Caps,
}

/// Why the net cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsProblem {
    /// An extra root cannot be read or holds no certificate.
    #[error(
        "{origin} holds no certificate that can be read. Give the path of a PEM file with the authority's certificate."
    )]
    Root {
        /// The file, or "extra_roots".
        origin: String,
    },
    /// The machine's own resolver settings cannot be read.
    #[error("the machine names no resolver that can be used. Set [network] resolver to the address of one.")]
    Resolver,
    /// A service that speaks http is not on this machine.
    #[error("without https only an address of this machine may be called")]
    NotLoopback,
    /// The encryption library refuses its settings.
    #[error("secure connections cannot be set up")]
    Tls,
}
