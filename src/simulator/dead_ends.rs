//! Sockets that lead nowhere: one on which nothing listens, one behind which packets vanish.

use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::settings::StartError;

/// Both sockets, for as long as the simulator runs.
pub(crate) struct DeadEnds {
    /// Taken, so that nobody else listens there, and never listened on.
    _closed: TcpSocket,
    pub(crate) closed: SocketAddr,
    _silent: TcpListener,
    /// The one connection that fills the queue; nobody accepts it.
    _waiting: TcpStream,
    pub(crate) silent: SocketAddr,
}

/// Opens both.
pub(crate) async fn open(ip: IpAddr) -> Result<DeadEnds, StartError> {
    let address = SocketAddr::new(ip, 0);
    let failed = |source| StartError::Listen { address, source };
    let closed = bound(address).map_err(failed)?;
    // A queue of no length holds one connection; what comes then is dropped without an answer.
    let silent = bound(address).map_err(failed)?.listen(0).map_err(failed)?;
    let at = silent.local_addr().map_err(failed)?;
    let waiting = TcpStream::connect(at).await.map_err(failed)?;
    Ok(DeadEnds {
        closed: closed.local_addr().map_err(failed)?,
        _closed: closed,
        _silent: silent,
        _waiting: waiting,
        silent: at,
    })
}

fn bound(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.bind(address)?;
    Ok(socket)
}
