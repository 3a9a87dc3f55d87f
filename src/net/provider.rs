//! The client for hosts of providers and hosts that the operator names.
//!
//! One HTTP client, made so that the guard cannot be walked round: its only resolver is ours, address literals are
//! refused before it sees them, and it knows neither redirects nor proxies nor retries.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{net::TcpStream, time::timeout};

pub use super::answer::{Answer, USER_AGENT};

use super::{
    caps::Caps,
    failure::{Failure, TcpProblem, TlsProblem},
    guard::{HostName, port_allowed},
    route::{Named, Route},
    settings::SettingsProblem,
    trace::{Traced, trace},
};

/// The way to names: that of the settings, where there is one, and the public net for every other.
#[derive(Clone)]
struct Way {
    route: Arc<Route>,
    named: Option<Arc<Named>>,
}

impl Way {
    /// Whether this is the host of the settings.
    fn named(&self, host: &HostName) -> Option<&Named> {
        self.named.as_deref().filter(|named| named.host == *host)
    }

    async fn targets(&self, host: &HostName) -> Result<Vec<SocketAddr>, Failure> {
        match self.named(host) {
            Some(named) => self.route.targets_of(named).await,
            None => self.route.targets(host).await,
        }
    }

    fn host(&self, text: &str) -> Result<HostName, Failure> {
        let named = self.named.as_deref().filter(|named| text.eq_ignore_ascii_case(named.host.as_str()));
        named.map(|named| named.host.clone()).or_else(|| HostName::parse(text)).ok_or(Failure::Forbidden)
    }

    /// The host of an address that may be called: https, a proper name, its port, nobody's user info.
    fn callable(&self, uri: &http::Uri) -> Result<HostName, Failure> {
        let authority = uri.authority().ok_or(Failure::BadCall)?;
        let https = uri.scheme_str() == Some("https");
        if !https || authority.as_str().contains('@') {
            return Err(Failure::Forbidden);
        }
        let (host, port) = (self.host(authority.host())?, uri.port_u16().unwrap_or(443));
        let may = self.named(&host).map_or_else(|| port_allowed(port), |named| port == named.port);
        if may { Ok(host) } else { Err(Failure::Forbidden) }
    }
}

impl Resolve for Way {
    fn resolve(&self, name: Name) -> Resolving {
        let way = self.clone();
        Box::pin(async move {
            let host = way.host(name.as_str())?;
            let targets: Addrs = Box::new(way.targets(&host).await?.into_iter());
            Ok(targets)
        })
    }
}

/// Calls hosts of providers. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct ProviderClient {
    inner: reqwest::Client,
    way: Way,
    caps: Caps,
}

impl ProviderClient {
    pub(super) fn new(
        route: Arc<Route>,
        named: Option<Named>,
        tls: rustls::ClientConfig,
        caps: Caps,
    ) -> Result<Self, SettingsProblem> {
        let way = Way { route, named: named.map(Arc::new) };
        #[expect(clippy::disallowed_methods, reason = "this is the guard's own client")]
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(way.clone()))
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(caps.resolve + caps.connect)
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(4)
            .build()
            .map_err(|_| SettingsProblem::Tls)?;
        Ok(Self { inner, way, caps })
    }

    /// Makes one call and reads its whole answer, which is asked for without compression.
    ///
    /// Errs with the layer that failed. A redirect is a failure too: nothing is sent to its target.
    pub async fn send(&self, mut call: http::Request<Vec<u8>>) -> Result<Answer, Failure> {
        let host = self.way.callable(call.uri())?;
        call.headers_mut().insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
        let call = reqwest::Request::try_from(call).map_err(|_| Failure::BadCall)?;
        // Boxed: name look-ups and TLS make a future of many kilobytes, and callers nest it.
        match timeout(self.caps.call, Box::pin(self.answered(call, &host))).await {
            Ok(answered) => answered,
            Err(_) => Err(Failure::HttpTimeout),
        }
    }

    async fn answered(&self, call: reqwest::Request, host: &HostName) -> Result<Answer, Failure> {
        let response = match timeout(self.caps.first_byte, self.inner.execute(call)).await {
            Err(_) => return Err(Failure::HttpTimeout),
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.layer_of(&error, host).await),
        };
        whole(response, self.caps.body).await
    }

    async fn layer_of(&self, error: &reqwest::Error, host: &HostName) -> Failure {
        match trace(error) {
            Traced::Plain(failure) => failure,
            Traced::ConnectTimeout if self.takes_connections(host).await => Failure::Tls(TlsProblem::Timeout),
            Traced::ConnectTimeout => Failure::Tcp(TcpProblem::Timeout),
        }
    }

    /// Whether the host takes a bare connection, which tells silence of the network from silence of the server.
    async fn takes_connections(&self, host: &HostName) -> bool {
        let Ok(targets) = self.way.targets(host).await else { return false };
        let connected = timeout(Duration::from_secs(1), TcpStream::connect(targets.as_slice())).await;
        matches!(connected, Ok(Ok(_)))
    }
}

/// Reads an answer whole, up to so many bytes.
pub(super) async fn whole(mut response: reqwest::Response, most: usize) -> Result<Answer, Failure> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        return Err(Failure::Redirected(target_of(&headers)));
    }
    if status.is_informational() {
        return Err(Failure::Malformed);
    }
    let declared = response.content_length().and_then(|length| usize::try_from(length).ok());
    if declared.is_some_and(|length| length > most) {
        return Err(Failure::TooLarge);
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Answer { status, headers, body }),
            Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                return Err(Failure::TooLarge);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(broken_body(&error)),
        }
    }
}

fn target_of(headers: &HeaderMap) -> Option<HostName> {
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    HostName::parse(url::Url::parse(location).ok()?.host_str()?)
}

fn broken_body(error: &reqwest::Error) -> Failure {
    match trace(error) {
        Traced::Plain(Failure::Malformed) | Traced::ConnectTimeout => Failure::Truncated,
        Traced::Plain(failure) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{dial::Dial, resolver::Resolver};

    fn way(named: Option<(&str, u16)>) -> Way {
        let nowhere = "127.0.0.1:9".parse().expect("an address");
        let resolver = Resolver::new(Some(nowhere), Vec::new(), Duration::from_secs(1)).expect("a resolver");
        let named = named.map(|(host, port)| {
            let host = HostName::named_by_operator(host).expect("a name");
            Arc::new(Named { host, port, networks: Vec::new() })
        });
        Way { route: Arc::new(Route { resolver, dial: Dial::default() }), named }
    }

    #[test]
    fn only_named_https_hosts_are_callable() {
        for refused in [
            "http://graph.microsoft.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://u:p@graph.microsoft.com/",
            "https://graph.microsoft.com:8443/",
            "https://localhost/",
            "https://metadata.google.internal/",
        ] {
            let uri: http::Uri = refused.parse().expect("a uri");
            assert_eq!(way(None).callable(&uri), Err(Failure::Forbidden), "{refused}");
            assert_eq!(way(Some(("login.corp", 8443))).callable(&uri), Err(Failure::Forbidden), "{refused}");
        }
        let uri = http::Uri::from_static("https://graph.microsoft.com/v1.0");
        assert!(way(None).callable(&uri).is_ok());
        assert!(way(Some(("login.corp", 8443))).callable(&uri).is_ok());
    }

    #[test]
    fn a_host_of_the_settings_is_called_on_its_own_port_alone() {
        let way = way(Some(("login.corp", 8443)));
        for (address, may) in [
            ("https://login.corp:8443/realms/staff", true),
            ("https://LOGIN.corp:8443/", true),
            ("https://login.corp/", false),
            ("https://login.corp:8444/", false),
            ("http://login.corp:8443/", false),
            ("https://u@login.corp:8443/", false),
            ("https://other.corp:8443/", false),
            ("https://a.login.corp:8443/", false),
        ] {
            assert_eq!(way.callable(&address.parse().expect("a uri")).is_ok(), may, "{address}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_callable_is_https_on_the_usual_port(
            text in "(https?://|[a-z]{1,6}|[.]|@|:|:443|:80|/|%|[?#]|127[.]0[.]0[.]1|graph[.]microsoft[.]com|localhost|\\[::1\\]){1,8}",
        ) {
            let Ok(uri) = text.parse::<http::Uri>() else { return Ok(()) };
            if let Ok(host) = way(None).callable(&uri) {
                proptest::prop_assert_eq!(uri.scheme_str(), Some("https"));
                proptest::prop_assert!(uri.port_u16().is_none_or(|port| port == 443), "{text}");
                // Behind the host's name it is a letter like any other; before it, it would hide where the request goes.
                proptest::prop_assert!(uri.authority().is_none_or(|authority| !authority.as_str().contains('@')), "{text}");
                proptest::prop_assert!(host.as_str().contains('.'), "{text}");
            }
        }
    }

    #[test]
    fn a_redirects_target_is_named_only_when_it_is_a_name() {
        let to = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, header::HeaderValue::from_static(text));
            target_of(&headers).map(|host| host.as_str().to_owned())
        };
        assert_eq!(to("https://u:p@evil.example:8443/x?secret=1"), Some("evil.example".to_owned()));
        assert_eq!(to("http://169.254.169.254/latest"), None);
        assert_eq!(to("/elsewhere"), None);
    }
}
