//! The HTTPS sockets: accept, shake hands, read a request, answer it, write it down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::clouds::Host;
use super::dns::zone::STRANGER;
use super::faults::{Fault, Layer, Target};
use super::handshake::{self, Asked, PATIENCE, Shaken};
use super::hello::{self, Hello, Rewound};
use super::log::Seen;
use super::operation::Operation;
use super::sabotage::{self, Dropped};
use super::settings::StartError;
use super::tls::Certificates;
use super::web::{Call, empty};
use super::world::live::World;
use super::{clouds, entra, exchange, google, graph};

/// Larger requests are refused, as the real services do.
const LARGEST: usize = 4 * 1024 * 1024;

/// A socket and what answers on it.
pub(crate) struct Door {
    pub(crate) place: Place,
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) certificates: Arc<Certificates>,
}

/// What is behind a door.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// One host of a provider, over TLS.
    Provider(Host),
    /// All hosts of offices with an Exchange server, over TLS; the client's greeting names the one it means.
    Offices,
    /// The same hosts without encryption; the request names the one it means.
    OfficesPlain,
}

/// Opens a socket and tells where; port 0 lets the system choose.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Serves a host until told to stop.
pub(crate) async fn serve(door: Door, world: Arc<World>, tasks: TaskTracker, stop: CancellationToken) {
    let door = Arc::new(door);
    loop {
        let Ok((stream, _)) = door.listener.accept().await else {
            // Too many open files, usually: give others time to close theirs.
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let talk = talk(stream, door.clone(), world.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(talk));
    }
}

async fn talk(mut stream: TcpStream, door: Arc<Door>, world: Arc<World>) {
    let (host, hello) = match door.place {
        Place::OfficesPlain => return converse_plainly(stream, world).await,
        Place::Provider(host) => (host.name.to_owned(), Hello::unread(host.name)),
        Place::Offices => match timeout(PATIENCE, hello::read(&mut stream)).await {
            Ok(Some(hello)) => (hello.host.clone(), hello),
            _ => return,
        },
    };
    let hit = |target: &Target| matches!(target, Target::Host(name) if name.eq_ignore_ascii_case(&host));
    let planned = world.faults.next(Layer::Tls, true, hit).map(|(fault, _)| fault);
    let fault = planned.or_else(|| exchange::hosts::tls_fault(&host, &world));
    let http1 = matches!(door.place, Place::Offices);
    let asked = Asked { host: &host, fault: fault.as_ref(), http1, now: (world.now)() };
    let shaken = handshake::shake(Rewound::new(hello, stream), asked, &door.certificates).await;
    if let Some(shaken) = shaken {
        let counted = http1.then(|| world.office_lines.enter());
        converse(shaken, host, world.clone()).await;
        drop(counted);
    }
}

async fn converse(shaken: Shaken, host: String, world: Arc<World>) {
    let service = service_fn(move |request| answer(request, host.clone(), true, world.clone()));
    let stream = TokioIo::new(shaken.stream);
    // A connection that ends in an error has ended; there is nobody to tell.
    if shaken.http2 {
        let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _ = server.timer(TokioTimer::new()).serve_connection(stream, service).await;
    } else {
        let mut server = hyper::server::conn::http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let _ = server.serve_connection(stream, service).await;
    }
}

async fn converse_plainly(stream: TcpStream, world: Arc<World>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        answer(request, host, false, world.clone())
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    host: String,
    secured: bool,
    world: Arc<World>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let call = Call {
        host,
        secured,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes(),
    };
    let (operation, key) = classify(&call, &world);
    let tenant = key.as_deref().and_then(|key| world.tenant(key));
    if let Some(tenant) = &tenant {
        world.first_asked(tenant);
    }
    let path_and_query = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut watched = world.log.watch(Seen {
        host: call.host.clone(),
        secured,
        method: call.method.to_string(),
        path: path_and_query.clone(),
        operation,
        tenant: tenant.as_ref().map(|tenant| tenant.name.clone()),
        authorised: call.carries_credential(),
        scheme: call.header("authorization").and_then(|text| text.split(' ').next()).map(str::to_owned),
        status: None,
        at: (world.now)(),
    });
    sleep_if_any(world.latency()).await;
    let fault = world.fault(Layer::Http, &call.host, operation, tenant.as_deref());
    if matches!(fault, Some(Fault::Hang)) {
        // Written down before the silence begins, so that a test can wait for it.
        watched.ended(None);
    }
    let work = async { respond(&call, &world) };
    let result = match fault {
        Some(fault) => sabotage::apply(fault, &call.host, &path_and_query, work).await,
        None => Ok(work.await),
    };
    watched.ended(result.as_ref().ok().map(|response| response.status().as_u16()));
    drop(watched);
    result
}

async fn sleep_if_any(latency: Duration) {
    if !latency.is_zero() {
        sleep(latency).await;
    }
}

/// What a request is about, and what its tenant is called.
fn classify(call: &Call, world: &World) -> (Operation, Option<String>) {
    match call.host.as_str() {
        name if clouds::is_login(name) => entra::path::classify(call),
        name if clouds::is_graph(name) => graph::path::classify(call, world),
        name if google::path::is_google(name) => google::path::classify(call, world),
        _ => exchange::routes::classify(call, world),
    }
}

fn respond(call: &Call, world: &World) -> Response {
    match call.host.as_str() {
        name if clouds::is_login(name) => entra::routes::respond(call, world),
        name if clouds::is_graph(name) => graph::routes::respond(call, world),
        name if google::path::is_google(name) => google::routes::respond(call, world),
        name if name == STRANGER.name => empty(StatusCode::NO_CONTENT),
        _ => exchange::routes::respond(call, world),
    }
}
