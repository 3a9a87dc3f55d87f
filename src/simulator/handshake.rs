//! Handshakes: good ones, and every way a server can spoil one.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use s2n_tls::{config::Config, security::Policy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::faults::Fault;
use super::hello::Rewound;
use super::tls::Certificates;

/// A client that does not finish its handshake is let go after this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// TLS 1.0 to 1.2 with suites of RSA key exchange and CBC alone; the library never changes what a dated policy means.
const OLD_SUITES: &str = "20150202";
/// A fatal alert that ends the handshake; the number of the reason follows.
const ALERT: [u8; 6] = [21, 3, 1, 0, 2, 2];
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;
const INTERNAL_ERROR: u8 = 80;

/// A connection over which HTTP is spoken from now on.
pub(crate) trait Secured: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Secured for S {}

/// What came of a handshake.
pub(crate) struct Shaken {
    pub(crate) stream: Box<dyn Secured>,
    /// Is the second version of HTTP spoken?
    pub(crate) http2: bool,
}

/// What is known of the host when the handshake begins.
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a str,
    pub(crate) fault: Option<&'a Fault>,
    /// Is only HTTP/1.1 spoken there?
    pub(crate) http1: bool,
    pub(crate) now: jiff::Timestamp,
}

/// Shakes hands, or does instead what the fault says; none when there is nothing more to say.
pub(crate) async fn shake(
    mut stream: Rewound,
    asked: Asked<'_>,
    certificates: &Certificates,
) -> Option<Shaken> {
    match asked.fault {
        Some(Fault::ConnectSilence) => std::future::pending().await,
        Some(Fault::HandshakeClose) => {
            let _ = stream.read(&mut [0u8; 64]).await;
            None
        }
        Some(Fault::HandshakeReset) => {
            stream.reset().await;
            None
        }
        Some(Fault::PlainHttp) => {
            speak_plainly(stream).await;
            None
        }
        Some(Fault::OldVersion) => alert(stream, PROTOCOL_VERSION).await,
        Some(Fault::HandshakeAlert) => alert(stream, INTERNAL_ERROR).await,
        Some(Fault::NoCommonCipher) => alert(stream, HANDSHAKE_FAILURE).await,
        Some(Fault::OldCiphers) if !stream.offers_old_suites() => alert(stream, HANDSHAKE_FAILURE).await,
        Some(Fault::OldCiphers) => in_old_suites(stream, asked.host, certificates).await,
        fault => {
            let config = certificates.config(asked.host, fault, asked.now).ok()?;
            let config = if asked.http1 { only_http1(&config) } else { config };
            let accepting = TlsAcceptor::from(config).accept(stream);
            let stream = timeout(PATIENCE, accepting).await.ok()?.ok()?;
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Some(Shaken { stream: Box::new(stream), http2 })
        }
    }
}

/// Exchange servers are spoken to in HTTP/1.1, which the sign-in by Windows accounts needs.
fn only_http1(config: &ServerConfig) -> Arc<ServerConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// What a web server without TLS makes of a TLS greeting.
async fn speak_plainly(mut stream: Rewound) {
    let _ = stream.read(&mut [0u8; 1024]).await;
    let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Refuses the greeting for this reason.
async fn alert(mut stream: Rewound, reason: u8) -> Option<Shaken> {
    let bytes: Vec<u8> = ALERT.into_iter().chain([reason]).collect();
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
    None
}

/// The handshake of an old Windows server, by another library: the usual one does not know its suites.
async fn in_old_suites(stream: Rewound, host: &str, certificates: &Certificates) -> Option<Shaken> {
    let (chain, key) = certificates.of_rsa(host).ok()?;
    let config = old_config(&chain, &key).ok()?;
    let acceptor = s2n_tls_tokio::TlsAcceptor::new(config);
    let stream = timeout(PATIENCE, acceptor.accept(stream)).await.ok()?.ok()?;
    Some(Shaken { stream: Box::new(stream), http2: false })
}

fn old_config(chain: &str, key: &str) -> Result<Config, s2n_tls::error::Error> {
    let mut builder = Config::builder();
    builder.with_system_certs(false)?;
    builder.set_security_policy(&Policy::from_version(OLD_SUITES)?)?;
    builder.load_pem(chain.as_bytes(), key.as_bytes())?;
    builder.set_max_blinding_delay(1)?;
    builder.build()
}
