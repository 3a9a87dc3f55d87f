//! Where the simulator's sockets are.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

use super::dns::zone::{CLOSED, OFFICES, SENDS_ON, SILENT, WEB};
use super::listen::Place;

/// Where everything is, for clients and for the ready file.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses {
    /// The DNS server, UDP and TCP: `127.0.0.1:PORT`.
    pub dns: String,
    /// From the public address and port a client would dial to the one that answers here.
    pub dial: BTreeMap<String, String>,
    /// The hosts served, by name.
    pub hosts: BTreeMap<String, HostAddress>,
    /// Every host of an office with an Exchange server of its own: which one a client means is told by its greeting.
    pub offices: HostAddress,
    /// The certificate to trust, PEM.
    pub ca_file: PathBuf,
    /// The company's sign-in for the staff site.
    pub openid: Option<OpenIdAddress>,
    /// The control endpoint, when there is one: `127.0.0.1:PORT`.
    pub control: Option<String>,
}

/// How a site signs people in at the company.
#[derive(Clone, Debug, Serialize)]
pub struct OpenIdAddress {
    /// The issuer: `http://127.0.0.1:PORT`.
    pub issuer: String,
    /// The site's id there.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: String,
}

/// The two addresses of a host.
#[derive(Clone, Debug, Default, Serialize)]
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
            offices: HostAddress::default(),
            ca_file,
            openid: None,
            control: None,
        }
    }

    pub(crate) fn add(&mut self, place: Place, local: SocketAddr) {
        let at = |public: Ipv4Addr| HostAddress { public: public.to_string(), loopback: local.to_string() };
        let mut dial = |public: Ipv4Addr, port: u16| {
            self.dial.insert(format!("{public}:{port}"), local.to_string());
        };
        match place {
            Place::Provider(host) => {
                dial(host.public, 443);
                self.hosts.insert(host.name.to_owned(), at(host.public));
            }
            Place::Offices => {
                dial(OFFICES, 443);
                dial(WEB, 443);
                self.offices = at(OFFICES);
            }
            Place::OfficesPlain => {
                dial(OFFICES, 80);
                dial(SENDS_ON, 80);
            }
        }
    }

    pub(crate) fn add_dead_ends(&mut self, closed: SocketAddr, silent: SocketAddr) {
        for (public, local) in [(CLOSED, closed), (SENDS_ON, closed), (SILENT, silent)] {
            self.dial.insert(format!("{public}:443"), local.to_string());
        }
    }
}
