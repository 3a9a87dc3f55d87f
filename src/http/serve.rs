//! The accept loop. Every wait in it has an end: handshake, headers, idle connection, body, slow reader, shutdown.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    body_guard::Guarded, door::Door, gate, gate::Hosts, headers, limits::Limits, peer, seats::Seats,
    stall::Stall,
};
use crate::config::AddressRange;

/// Tells a stream that the process stops: it is in each request, and a stream that does not end by itself ends on it.
#[derive(Clone)]
pub struct Stopping(pub CancellationToken);

struct House {
    router: Router,
    hosts: Hosts,
    proxies: Vec<AddressRange>,
    limits: Limits,
    stop: CancellationToken,
}

/// Answers requests until `stop`, then lets open ones finish within the drain time and ends the rest.
pub async fn serve(door: Door, router: Router, stop: CancellationToken) {
    let Door { listener, tls, hosts, proxies, limits } = door;
    let seats = Seats::new(limits.connections, limits.per_address);
    let drain = limits.drain_time;
    let house = Arc::new(House { router, hosts, proxies, limits, stop: stop.clone() });
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((socket, from)) => {
                // Without a place the connection is closed at once, before it cost anything.
                if let Some(seat) = seats.take(from.ip(), peer::trusted(from.ip(), &house.proxies)) {
                    let (house, tls) = (house.clone(), tls.clone());
                    open.spawn(async move {
                        connection(house, tls, socket, from).await;
                        drop(seat);
                    });
                }
            }
            Err(error) => {
                // Out of file handles, most likely: the ones in use will be given back.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if timeout(drain, async { while open.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(open = open.len(), "requests were still open when the time to finish them was over");
    }
}

async fn connection(house: Arc<House>, tls: Option<TlsAcceptor>, socket: TcpStream, from: SocketAddr) {
    let _ = socket.set_nodelay(true);
    let socket = Stall::new(socket, house.limits.stall_time);
    match tls {
        None => talk(house, socket, from, false).await,
        Some(tls) => {
            let handshake = tokio::select! {
                handshake = timeout(house.limits.handshake_time, tls.accept(socket)) => handshake,
                () = house.stop.cancelled() => return,
            };
            if let Ok(Ok(socket)) = handshake {
                talk(house, socket, from, true).await;
            }
        }
    }
}

async fn talk<S>(house: Arc<House>, socket: S, from: SocketAddr, tls: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| answer(house.clone(), request, from, tls));
    let by_proxy = peer::trusted(from.ip(), &house.proxies);
    let patience = if by_proxy { house.limits.proxy_idle_time } else { house.limits.header_time };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_headers(house.limits.header_count)
        .max_header_size(house.limits.header_bytes)
        .max_buf_size(house.limits.header_bytes.max(64 * 1024))
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            () = house.stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    house: Arc<House>,
    request: Request<Incoming>,
    from: SocketAddr,
    tls: bool,
) -> Result<Response<Body>, Infallible> {
    let peer = peer::of(from.ip(), tls, request.headers(), &house.proxies);
    let mut response = match gate::refusal(&request, peer, &house.hosts) {
        Some(refusal) => refusal,
        None => {
            let (time, most) = (house.limits.body_time, house.limits.body_bytes);
            let mut request = request.map(|body| Body::new(Guarded::new(body, time, most)));
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Stopping(house.stop.clone()));
            match house.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    };
    headers::put(response.headers_mut(), house.hosts.public().is_secure());
    Ok(response)
}
