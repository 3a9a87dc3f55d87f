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
    legacy,
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

impl From<Refused> for Unsecured {
    fn from(refused: Refused) -> Self {
        Self { failure: Failure::Tls(refused.problem), certificate: refused.certificate }
    }
}

/// An address of a host that has been looked at, and the socket behind it.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) gear: Arc<Gear>,
    pub(super) host: HostName,
    pub(super) address: IpAddr,
    pub(super) target: SocketAddr,
}

impl Line {
    /// Connects again to the same address.
    async fn dial(&self) -> Result<TcpStream, TcpProblem> {
        timeout(self.gear.caps.connect, connected(self.target)).await.unwrap_or(Err(TcpProblem::Timeout))
    }

    /// Secures a connection within the cap on time. Old suites are tried over connections of their own, and only after
    /// the server has refused all others: by the alert that says so, or by cutting the line at our greeting. Neither is
    /// proven to come from the server, so the second way is no weaker than the first.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        pin: Option<&CertificatePin>,
    ) -> Result<Verified, Unsecured> {
        match self.secure_newly(stream, pin).await {
            Err(Refused { problem: TlsProblem::NoCommonCipher, .. }) => self.secure_old(pin).await,
            Err(cut) if cut.mute => self.secure_old(pin).await.map_err(|lost| more_telling(cut, lost)),
            shaken => shaken.map_err(Unsecured::from),
        }
    }

    /// Connects to the same address and secures the connection in the way that led there before, and in no other.
    pub(super) async fn secure_again(
        &self,
        pin: Option<&CertificatePin>,
        legacy: bool,
    ) -> Result<Verified, Unsecured> {
        if legacy {
            return self.secure_old(pin).await;
        }
        let stream = self.dial().await.map_err(dialled)?;
        self.secure_newly(stream, pin).await.map_err(Unsecured::from)
    }

    async fn secure_newly(
        &self,
        stream: TcpStream,
        pin: Option<&CertificatePin>,
    ) -> Result<Verified, Refused> {
        self.in_time(shake(stream, self.demands(pin), &self.gear.provider)).await
    }

    /// Connects to the same address and secures the connection with old suites.
    async fn secure_old(&self, pin: Option<&CertificatePin>) -> Result<Verified, Unsecured> {
        let stream = self.dial().await.map_err(dialled)?;
        let known = self.in_time(legacy::learn(stream, self.demands(pin))).await.map_err(Unsecured::from)?;
        let stream = self.dial().await.map_err(dialled)?;
        self.in_time(legacy::shake(stream, &self.host, known)).await.map_err(Unsecured::from)
    }

    fn demands<'a>(&'a self, pin: Option<&'a CertificatePin>) -> Demands<'a> {
        Demands { host: &self.host, pin, trust: &self.gear.trust }
    }

    async fn in_time<T>(&self, shaking: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
        let late = Err(TlsProblem::Timeout.into());
        // Boxed: a handshake makes a future of many kilobytes, and callers nest it.
        timeout(self.gear.caps.secure, Box::pin(shaking)).await.unwrap_or(late)
    }
}

/// A firewall cuts every line. Only what a server says to the greeting with old suites tells more than that.
fn more_telling(cut: Refused, lost: Unsecured) -> Unsecured {
    use TlsProblem::{Closed, Other, Reset, Timeout};
    match lost.failure {
        Failure::Tls(Closed | Other | Reset | Timeout) => cut.into(),
        Failure::Tls(_) => lost,
        _ => cut.into(),
    }
}

fn dialled(problem: TcpProblem) -> Unsecured {
    Unsecured { failure: Failure::Tcp(problem), certificate: None }
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
