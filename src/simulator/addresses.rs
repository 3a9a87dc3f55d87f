//! Where the simulator's sockets are.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

/// Where everything is, for clients and for the ready file.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses {
    /// The DNS server, UDP and TCP: `127.0.0.1:PORT`.
    pub dns: String,
    /// From the public address and port a client would dial to the one that answers here.
    pub dial: BTreeMap<String, String>,
    /// The hosts served, by name.
    pub hosts: BTreeMap<String, HostAddress>,
    /// The certificate to trust, PEM.
    pub ca_file: PathBuf,
    /// The control endpoint, when there is one: `127.0.0.1:PORT`.
    pub control: Option<String>,
}

/// The two addresses of a host.
#[derive(Clone, Debug, Serialize)]
pub struct HostAddress {
    /// What DNS answers.
    pub public: String,
    /// Where it listens: `127.0.0.1:PORT`.
    pub loopback: String,
}

impl Addresses {
    pub(crate) fn new(dns: SocketAddr, ca_file: PathBuf) -> Addresses {
        Addresses {
            dns: dns.to_string(),
            dial: BTreeMap::new(),
            hosts: BTreeMap::new(),
            ca_file,
            control: None,
        }
    }

    pub(crate) fn add(&mut self, name: &str, public: Ipv4Addr, local: SocketAddr) {
        self.dial.insert(format!("{public}:443"), local.to_string());
        let host = HostAddress { public: public.to_string(), loopback: local.to_string() };
        self.hosts.insert(name.to_owned(), host);
    }
}
