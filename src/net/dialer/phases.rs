//! The first two phases: a name with its addresses, and a connection to one of them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

use crate::{
    domain::exchange::CertificatePin,
    net::{
        failure::{Failure, TcpProblem},
        guard::HostName,
    },
};

use super::{
    line::{Gear, Line, Unsecured, connected},
    secured::Secured,
};

/// A host whose name was looked up, and whose addresses are all public.
pub struct Resolved {
    pub(super) gear: Arc<Gear>,
    pub(super) host: HostName,
    pub(super) addresses: Vec<IpAddr>,
}

/// The least time an address gets when there are many.
const FAIR: Duration = Duration::from_millis(500);

/// How long the first IPv6 address may take longer than the address that was taken before it counts as broken.
const GRACE: Duration = Duration::from_millis(250);

impl Resolved {
    /// The addresses, those of IPv4 first.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Connects to the first address that takes the connection.
    ///
    /// Errs with what the first address came to when none does.
    pub async fn connect(self) -> Result<Connected, Failure> {
        let socket = |address: &IpAddr| Some((*address, self.gear.route.dial.target(*address, 443)?));
        let sockets: Vec<(IpAddr, SocketAddr)> = self.addresses.iter().filter_map(socket).collect();
        if sockets.is_empty() {
            return Err(Failure::NotMapped);
        }
        let newer = sockets.iter().find(|(address, _)| address.is_ipv6()).map(|(_, target)| *target);
        let (stream, (address, target), ipv6_broken) = first(&sockets, newer, self.gear.caps.connect).await?;
        let line = Line { gear: self.gear, host: self.host, address, target };
        Ok(Connected { line, stream, ipv6_broken })
    }
}

type Taken = (TcpStream, (IpAddr, SocketAddr), bool);

/// Takes the first socket that answers. Where a name has addresses of both families, the first of IPv6 is tried beside,
/// so that a broken one is seen although it was not needed.
async fn first(
    sockets: &[(IpAddr, SocketAddr)],
    newer: Option<SocketAddr>,
    within: Duration,
) -> Result<Taken, Failure> {
    let mixed = sockets.first().is_some_and(|(address, _)| address.is_ipv4());
    let beside = newer.filter(|_| mixed).map(|target| tokio::spawn(timeout(within, connected(target))));
    let taken = in_turn(sockets, within).await;
    let Some(mut beside) = beside else {
        return taken.map(|(stream, socket)| (stream, socket, false)).map_err(Failure::Tcp);
    };
    let seen = timeout(GRACE, &mut beside).await;
    beside.abort();
    // That our own network has no IPv6 says nothing of theirs.
    let works = matches!(seen, Ok(Ok(Ok(Ok(_) | Err(TcpProblem::Unreachable)))));
    taken.map(|(stream, socket)| (stream, socket, !works)).map_err(Failure::Tcp)
}

/// Each address gets an equal share of the time, and at least what is fair.
async fn in_turn(
    sockets: &[(IpAddr, SocketAddr)],
    within: Duration,
) -> Result<(TcpStream, (IpAddr, SocketAddr)), TcpProblem> {
    let share = FAIR.max(within / u32::try_from(sockets.len()).unwrap_or(u32::MAX).max(1));
    let mut problem = None;
    let one_by_one = async {
        for socket in sockets {
            match timeout(share, connected(socket.1)).await.unwrap_or(Err(TcpProblem::Timeout)) {
                Ok(stream) => return Some((stream, *socket)),
                Err(found) => problem = problem.or(Some(found)),
            }
        }
        None
    };
    let taken = timeout(within, one_by_one).await.unwrap_or(None);
    taken.ok_or(problem.unwrap_or(TcpProblem::Timeout))
}

/// A connection that is not secured yet. Nothing can be sent over it.
pub struct Connected {
    line: Line,
    stream: TcpStream,
    ipv6_broken: bool,
}

impl Connected {
    /// The address that took the connection.
    pub const fn address(&self) -> IpAddr {
        self.line.address
    }

    /// Whether the name also has an IPv6 address that does not take connections.
    pub const fn ipv6_broken(&self) -> bool {
        self.ipv6_broken
    }

    /// Secures the connection. With a pin, only the certificate or issuer that it names is trusted; name and dates
    /// have to fit all the same.
    ///
    /// Errs with why, and with the certificate that was presented.
    pub async fn secure(self, pin: Option<&CertificatePin>) -> Result<Secured, Unsecured> {
        let verified = self.line.secure(self.stream, pin).await?;
        Secured::by(self.line, pin.cloned(), verified).await
    }
}
