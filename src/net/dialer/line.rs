//! One address of one host: how it is dialled and secured, the first time and again.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use rustls::{RootCertStore, crypto::CryptoProvider};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    domain::exchange::CertificatePin,
    net::{
        caps::Caps,
        failure::{Failure, TcpProblem, TlsProblem},
        guard::HostName,
        route::Route,
    },
};

use super::{
    certificate::CertificateFacts,
    handshake::{Demands, Refused, Verified, shake},
    trust::Trust,
};

/// What all connections share.
pub(super) struct Gear {
    pub(super) route: Arc<Route>,
    pub(super) caps: Caps,
    trust: Arc<Trust>,
    provider: Arc<CryptoProvider>,
}

impl Gear {
    pub(super) fn new(route: Arc<Route>, roots: Arc<RootCertStore>, caps: Caps) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let trust = Arc::new(Trust::new(roots, provider.signature_verification_algorithms));
        Self { route, caps, trust, provider }
    }
}

/// A connection that could not be secured.
#[derive(Debug)]
pub struct Unsecured {
    /// Why.
    pub failure: Failure,
    /// The certificate that the server presented, when it came to that. Nobody vouches for it.
    pub certificate: Option<CertificateFacts>,
}

/// An address of a host that has been looked at, and the socket behind it.
pub(super) struct Line {
    pub(super) gear: Arc<Gear>,
    pub(super) host: HostName,
    pub(super) address: IpAddr,
    pub(super) target: SocketAddr,
}

impl Line {
    /// Connects again to the same address.
    pub(super) async fn dial(&self) -> Result<TcpStream, TcpProblem> {
        timeout(self.gear.caps.connect, connected(self.target)).await.unwrap_or(Err(TcpProblem::Timeout))
    }

    /// Secures a connection within the cap on time.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        pin: Option<&CertificatePin>,
    ) -> Result<Verified, Unsecured> {
        let demands = Demands { host: &self.host, pin, trust: &self.gear.trust };
        let shaken = shake(stream, demands, &self.gear.provider);
        // Boxed: a handshake makes a future of many kilobytes, and callers nest it.
        let shaken = timeout(self.gear.caps.secure, Box::pin(shaken)).await;
        let late = Err(Refused { problem: TlsProblem::Timeout, certificate: None });
        shaken.unwrap_or(late).map_err(|refused| Unsecured {
            failure: Failure::Tls(refused.problem),
            certificate: refused.certificate,
        })
    }
}

/// Connects to a socket, and to no other: the other end is looked at.
pub(super) async fn connected(target: SocketAddr) -> Result<TcpStream, TcpProblem> {
    let stream = TcpStream::connect(target).await.map_err(|error| problem_of(&error))?;
    let there = stream.peer_addr().map_err(|error| problem_of(&error))?;
    if there != target {
        return Err(TcpProblem::Unreachable);
    }
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn problem_of(error: &io::Error) -> TcpProblem {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => TcpProblem::Refused,
        io::ErrorKind::TimedOut => TcpProblem::Timeout,
        _ => TcpProblem::Unreachable,
    }
}
