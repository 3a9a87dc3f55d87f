//! What a start needs, and why it may fail.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::now::Now;

/// How one simulator is to be started.
#[derive(Clone)]
pub struct Settings {
    /// Folder for the certificate authority and the mailbox contents; made when it is missing.
    pub data_dir: PathBuf,
    /// Tells the present moment; tests hand in one they can move.
    pub now: Now,
    /// How long after its first request a tenant that heals stays sick.
    pub heal_after: Duration,
    /// Added before every HTTP answer.
    pub latency: Duration,
    /// Where all sockets listen.
    pub listen_ip: IpAddr,
    /// Fixed ports; each 0 lets the system choose.
    pub ports: Ports,
    /// Tenants beside, or instead of, the built-in ones.
    pub scenarios: Scenarios,
    /// Where the company's sign-in answers; loopback only, port 0 lets the system choose.
    pub openid: SocketAddr,
    /// Where the plain HTTP control endpoint listens, if anywhere; loopback only.
    pub control: Option<SocketAddr>,
}

impl Settings {
    /// Settings for a folder and a clock: loopback, ports of the system's choice, one minute to heal.
    pub fn new(data_dir: impl Into<PathBuf>, now: Now) -> Settings {
        Settings {
            data_dir: data_dir.into(),
            now,
            heal_after: Duration::from_secs(60),
            latency: Duration::ZERO,
            listen_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports: Ports::default(),
            scenarios: Scenarios::BuiltIn,
            openid: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: None,
        }
    }

    /// A clock from a closure: the machine's own, or one that a test moves.
    pub fn clock(read: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Now {
        Arc::new(read)
    }
}

/// Ports of the simulator's sockets; 0 lets the system choose.
#[derive(Clone, Copy, Default)]
pub struct Ports {
    /// DNS, for UDP and TCP alike.
    pub dns: u16,
    /// The sign-in service.
    pub entra: u16,
    /// The mailbox service.
    pub graph: u16,
    /// The offices' own servers.
    pub offices: u16,
}

/// Which tenants exist.
#[derive(Clone)]
pub enum Scenarios {
    /// Only the built-in ones.
    BuiltIn,
    /// The built-in ones, with those of a file added; one of the same name replaces the built-in.
    File(PathBuf),
    /// The same, from a text at hand.
    Text(String),
}

/// Why the simulator did not start. The sentence names the file or address and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of an earlier run is not what the simulator wrote.
    #[error("{path} is damaged ({reason}). Delete it to start with fresh contents.")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A scenario text has a mistake.
    #[error("{origin}, line {line}: {reason}")]
    Scenario {
        /// The file, or "built-in scenarios".
        origin: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// A socket could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The control endpoint may only listen on loopback.
    #[error("the control endpoint gives out credentials and takes faults: {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The certificate authority or a certificate could not be made.
    #[error("certificates: {0}")]
    Certificate(String),
}
