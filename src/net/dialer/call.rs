//! One call and its answer over a connection, within the caps on time and size.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, uri::PathAndQuery};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::AlertDescription;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinSet,
    time::timeout,
};

use crate::net::{
    answer::{Answer, USER_AGENT},
    caps::Caps,
    failure::{Failure, TlsProblem},
    guard::HostName,
};

/// A call to the host that a connection leads to.
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query, beginning with a slash.
    pub path: String,
    /// Headers beside those that the dialer sets itself: host, user agent, encoding, length, credential.
    pub headers: HeaderMap,
    /// The body; none when empty.
    pub body: Vec<u8>,
}

/// The most bytes of an answer's head.
const HEAD: usize = 32 * 1024;

/// The most headers of an answer.
const HEADERS: usize = 100;

/// The most answers that only inform, before the answer itself.
const HINTS: usize = 4;

/// Headers that a call may not bring along: they are the dialer's, or nobody's.
const RESERVED: &[header::HeaderName] = &[
    header::HOST,
    header::USER_AGENT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::EXPECT,
    header::TE,
];

pub(super) type Body = Full<Bytes>;

/// HTTP/1.1 over a stream. Ends with all its tasks when it goes.
pub(super) struct Wire {
    sender: SendRequest<Body>,
    _driver: JoinSet<()>,
}

/// Why a call brought no answer.
pub(super) enum Lost {
    /// Nothing of it was sent: the other side had closed before.
    Unsent,
    /// It may have been received.
    Failed(Failure),
}

impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Wire {
    pub(super) async fn over<S>(stream: S) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let made = http1::Builder::new()
            .max_headers(HEADERS)
            .max_header_size(HEAD)
            .max_buf_size(HEAD)
            .handshake(TokioIo::new(stream))
            .await;
        let (sender, connection) = made.map_err(|_| Failure::Truncated)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // What goes wrong is told to the call that is under way.
            let _ = connection.await;
        });
        Ok(Self { sender, _driver: driver })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a call and reads the head of its answer.
    pub(super) async fn head(
        &mut self,
        mut call: Request<Body>,
        caps: &Caps,
    ) -> Result<Response<Incoming>, Lost> {
        let enough = count_hints(&mut call);
        let answered = async {
            tokio::select! {
                answered = self.sender.try_send_request(call) => answered.map_err(|mut error| {
                    let unsent = error.take_message().is_some();
                    if unsent { Lost::Unsent } else { Lost::Failed(failure_of(error.error())) }
                }),
                () = enough.notified() => Err(Lost::Failed(Failure::Malformed)),
            }
        };
        let answered =
            timeout(caps.first_byte, answered).await.unwrap_or(Err(Failure::HttpTimeout.into()))?;
        // A change of protocol is nothing that was asked for.
        if answered.status().is_informational() { Err(Failure::Malformed.into()) } else { Ok(answered) }
    }

    /// Sends a call and reads its whole answer.
    pub(super) async fn send(&mut self, call: Request<Body>, caps: &Caps) -> Result<Answer, Lost> {
        let answered = self.head(call, caps).await?;
        let (head, body) = answered.into_parts();
        let (status, headers) = (head.status, head.headers);
        if is_coded(&headers) {
            return Err(Failure::Compressed.into());
        }
        let body = whole(body, caps.body).await?;
        Ok(Answer { status, headers, body })
    }
}

/// A call as it goes out, without a credential.
///
/// Errs when it is not well-formed, or brings headers of the dialer's own.
pub(super) fn request(host: &HostName, call: &Call) -> Result<Request<Body>, Failure> {
    let path: PathAndQuery = call.path.parse().map_err(|_| Failure::BadCall)?;
    if !call.path.starts_with('/') || RESERVED.iter().any(|name| call.headers.contains_key(name)) {
        return Err(Failure::BadCall);
    }
    let body = Full::new(Bytes::copy_from_slice(&call.body));
    let mut request = Request::new(body);
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = path.into();
    let headers = request.headers_mut();
    let name = HeaderValue::from_str(host.as_str()).map_err(|_| Failure::BadCall)?;
    headers.insert(header::HOST, name);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.extend(call.headers.clone());
    Ok(request)
}

/// Tells when more hints have come than an honest server sends.
fn count_hints(call: &mut Request<Body>) -> Arc<Notify> {
    let enough = Arc::new(Notify::new());
    let (tell, seen) = (Arc::clone(&enough), AtomicUsize::new(0));
    hyper::ext::on_informational(call, move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) == HINTS {
            tell.notify_one();
        }
    });
    enough
}

/// Whether the body is anything but the plain bytes that were asked for.
fn is_coded(headers: &HeaderMap) -> bool {
    let other = |name, plain: &str| {
        headers.get_all(name).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    other(header::CONTENT_ENCODING, "identity") || other(header::TRANSFER_ENCODING, "chunked")
}

async fn whole(mut body: Incoming, cap: usize) -> Result<Vec<u8>, Failure> {
    use hyper::body::Body as _;
    if body.size_hint().lower() > cap as u64 {
        return Err(Failure::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match failure_of(&error) {
            Failure::Malformed => Failure::Truncated,
            failure => failure,
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > cap {
            return Err(Failure::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn failure_of(error: &hyper::Error) -> Failure {
    if error.is_parse_too_large() {
        return Failure::TooLarge;
    }
    if error.is_parse() {
        return Failure::Malformed;
    }
    let alert = std::iter::successors(error.source(), |layer| below(*layer))
        .take(8)
        .find_map(|layer| layer.downcast_ref::<rustls::Error>());
    match alert {
        // Under TLS 1.3 a server can say so only now.
        Some(rustls::Error::AlertReceived(AlertDescription::CertificateRequired)) => {
            Failure::Tls(TlsProblem::ClientCertRequired)
        }
        _ if error.is_user() => Failure::BadCall,
        _ => Failure::Truncated,
    }
}

/// An `io::Error` hides its inner error from `source`, so it is asked itself.
fn below<'a>(layer: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match layer.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => layer.source(),
    }
}

/// What a plain call tells: nothing but where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainAnswer {
    /// The status.
    pub status: StatusCode,
    /// Where the answer points, as written.
    pub location: Option<String>,
}

impl PlainAnswer {
    pub(super) fn of(answered: &Response<Incoming>) -> Self {
        let location = answered.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        Self { status: answered.status(), location: location.map(str::to_owned) }
    }
}
