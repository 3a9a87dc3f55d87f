//! What a request must be before any page sees it: a method we know, one host of ours, one plain path, one length.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version, header},
    response::{IntoResponse, Response},
};

use crate::config::PublicUrl;

use super::{peer::Peer, urls};

/// The names under which a site may be asked for.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    public: PublicUrl,
    allowed: Vec<String>,
}

impl Hosts {
    /// The public name, and this machine's own names with the listener's port.
    pub(super) fn new(public: PublicUrl, port: u16) -> Self {
        let own = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
        let allowed = [public.authority(), default_port(&public)].into_iter().chain(own).collect();
        Self { public, allowed }
    }

    pub(super) fn public(&self) -> &PublicUrl {
        &self.public
    }

    fn allows(&self, host: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

/// Some clients write the scheme's own port, too.
fn default_port(public: &PublicUrl) -> String {
    let authority = public.authority();
    if authority == public.host() {
        format!("{authority}:{}", if public.is_secure() { 443 } else { 80 })
    } else {
        authority
    }
}

/// The answer that ends the request here, if it may not go on.
pub(super) fn refusal<B>(request: &Request<B>, peer: Peer, hosts: &Hosts) -> Option<Response> {
    if request.uri().path() == urls::LIVEZ && request.uri().authority().is_none() {
        return Some("ok\n".into_response());
    }
    match verdict(request, hosts) {
        Err((status, sentence)) => Some(close((status, sentence).into_response())),
        Ok(()) if hosts.public.is_secure() && !peer.https => Some(to_https(request, hosts)),
        Ok(()) => None,
    }
}

type Wrong = (StatusCode, &'static str);

fn verdict<B>(request: &Request<B>, hosts: &Hosts) -> Result<(), Wrong> {
    known_method(request.method())?;
    let target = request.uri();
    if target.scheme().is_some() || target.authority().is_some() || !target.path().starts_with('/') {
        return Err((StatusCode::BAD_REQUEST, "Ask for a path, not for a whole address.\n"));
    }
    let headers = request.headers();
    // Two ways to tell a length are how requests are smuggled past a proxy; browsers only ever send one.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err((StatusCode::LENGTH_REQUIRED, "Send the body with a Content-Length.\n"));
    }
    if headers.contains_key(header::UPGRADE) || request.version() < Version::HTTP_10 {
        return Err((StatusCode::BAD_REQUEST, "This site speaks HTTP/1.1.\n"));
    }
    known_host(headers, hosts)
}

fn known_method(method: &Method) -> Result<(), Wrong> {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) {
        Ok(())
    } else {
        Err((StatusCode::METHOD_NOT_ALLOWED, "This method is not answered here.\n"))
    }
}

fn known_host(headers: &HeaderMap, hosts: &Hosts) -> Result<(), Wrong> {
    let mut lines = headers.get_all(header::HOST).iter();
    match (lines.next(), lines.next()) {
        (Some(host), None) if host.to_str().is_ok_and(|host| hosts.allows(host)) => Ok(()),
        (Some(_), None) => Err((StatusCode::MISDIRECTED_REQUEST, "This site has another name.\n")),
        _ => Err((StatusCode::BAD_REQUEST, "Name one host.\n")),
    }
}

/// A page that was asked for in the clear is shown where it is safe; a form is not, for it already travelled.
fn to_https<B>(request: &Request<B>, hosts: &Hosts) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let location = HeaderValue::from_str(&hosts.public.join(path));
    match location {
        Ok(location) if matches!(*request.method(), Method::GET | Method::HEAD) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
        }
        _ => close((StatusCode::FORBIDDEN, "Use https.\n").into_response()),
    }
}

/// After an odd request nothing more is read from the same connection.
fn close(mut response: Response<Body>) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
