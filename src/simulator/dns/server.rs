//! The DNS sockets: UDP and TCP on one port.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::message::{self, Refused};
use super::zone;
use crate::simulator::settings::StartError;
use crate::simulator::world::live::World;

/// A TCP client that says nothing is let go after this.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a port that is free for UDP but not for TCP is exchanged for another.
const TRIES: usize = 20;

/// Both sockets of one port.
pub(crate) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
    pub(crate) address: SocketAddr,
}

/// Opens both sockets on one port; 0 lets the system choose.
pub(crate) async fn bind(ip: IpAddr, port: u16) -> Result<Sockets, StartError> {
    let wanted = SocketAddr::new(ip, port);
    let failed = |source| StartError::Listen { address: wanted, source };
    let mut tries = TRIES;
    loop {
        let udp = UdpSocket::bind(wanted).await.map_err(failed)?;
        let address = udp.local_addr().map_err(failed)?;
        match TcpListener::bind(address).await {
            Ok(tcp) => return Ok(Sockets { udp, tcp, address }),
            Err(error) if port != 0 || tries == 0 => return Err(failed(error)),
            Err(_) => tries -= 1,
        }
    }
}

/// Answers until told to stop.
pub(crate) fn serve(sockets: Sockets, world: Arc<World>, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(stop.clone().run_until_cancelled_owned(answer_datagrams(sockets.udp, world.clone())));
    let accept = accept(sockets.tcp, world, tasks.clone(), stop.clone());
    tasks.spawn(stop.clone().run_until_cancelled_owned(accept));
}

async fn answer_datagrams(udp: UdpSocket, world: Arc<World>) {
    let mut buffer = [0u8; 4096];
    loop {
        let Ok((length, from)) = udp.recv_from(&mut buffer).await else { continue };
        if let Some(answer) = reply(&world, &buffer[..length], true) {
            let _ = udp.send_to(&answer, from).await;
        }
    }
}

async fn accept(tcp: TcpListener, world: Arc<World>, tasks: TaskTracker, stop: CancellationToken) {
    loop {
        let Ok((stream, _)) = tcp.accept().await else { continue };
        tasks.spawn(stop.clone().run_until_cancelled_owned(answer_stream(stream, world.clone())));
    }
}

async fn answer_stream(mut stream: TcpStream, world: Arc<World>) {
    while let Ok(Ok(length)) = timeout(PATIENCE, stream.read_u16()).await {
        let mut packet = vec![0u8; usize::from(length)];
        if !matches!(timeout(PATIENCE, stream.read_exact(&mut packet)).await, Ok(Ok(_))) {
            return;
        }
        let Some(answer) = reply(&world, &packet, false) else { continue };
        let Ok(length) = u16::try_from(answer.len()) else { return };
        if stream.write_all(&[&length.to_be_bytes()[..], &answer].concat()).await.is_err() {
            return;
        }
    }
}

fn reply(world: &World, packet: &[u8], datagram: bool) -> Option<Vec<u8>> {
    match message::read(packet) {
        Err(Refused::Silent) => None,
        Err(Refused::Told(id, code)) => Some(message::refusal(id, code)),
        Ok(question) => {
            let answer = zone::answer(world, &question)?;
            let too_long = datagram && answer.len() > question.udp_limit();
            Some(if too_long { question.truncated() } else { answer })
        }
    }
}
