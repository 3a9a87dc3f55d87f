//! Old servers: suites that our usual library does not know, still under TLS 1.2, with the same demands on the
//! certificate.
//!
//! Two connections. The first trusts nobody and ends at the certificate, which is read in passing and judged like any
//! other. The second trusts exactly the certificate that was judged, so that what is secured is what was judged.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, UnixTime};
use s2n_tls::{
    config::Config,
    enums::Version,
    error::{Error, ErrorType},
    security::Policy,
};
use s2n_tls_tokio::{TlsConnector, TlsStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
};

use crate::net::{failure::TlsProblem, guard::HostName};

use super::{
    flight::{self, Flight},
    handshake::{Demands, Refused, TlsFacts, Verified},
    trust::Judgement,
};

/// TLS 1.2 alone, with the CBC, RSA-exchange and DHE suites that old Windows offers; the library never changes what a
/// dated policy means. Triple DES is not in it.
const POLICY: &str = "PQ-TLS-1-2-2024-10-08";

/// A certificate that was judged good.
pub(super) struct Known {
    leaf: CertificateDer<'static>,
    judgement: Judgement,
}

/// The first connection: reads and judges the certificate.
pub(super) async fn learn(stream: TcpStream, demands: Demands<'_>) -> Result<Known, Refused> {
    let refused = |problem| Refused { problem, certificate: None };
    let chain = presented(stream, demands.host).await.map_err(refused)?;
    let judgement = demands.trust.judge(&chain, demands.host, demands.pin, UnixTime::now());
    match (judgement, chain.into_iter().next()) {
        (Judgement { facts, verdict: Err(problem) }, _) => Err(Refused { problem, certificate: facts }),
        (judgement, Some(leaf)) => Ok(Known { leaf, judgement }),
        (_, None) => Err(refused(TlsProblem::Other)),
    }
}

/// The second connection: shakes hands with the holder of that certificate.
pub(super) async fn shake(stream: TcpStream, host: &HostName, known: Known) -> Result<Verified, Refused> {
    let Known { leaf, judgement } = known;
    let Judgement { facts: Some(certificate), verdict: Ok(trusted) } = judgement else {
        return Err(Refused { problem: TlsProblem::Other, certificate: None });
    };
    let heard = Arc::new(Heard::default());
    match secured(Ear { stream, heard: Some(Arc::clone(&heard)) }, host, &leaf).await {
        Ok((stream, suite)) => {
            let tls = TlsFacts { version: "TLS 1.2", suite, legacy: true, pinned: trusted.by_pin() };
            Ok(Verified { stream: Box::new(stream), tls, certificate, trusted })
        }
        Err(error) => Err(Refused { problem: problem_of(&error, &heard), certificate: Some(certificate) }),
    }
}

async fn secured(
    stream: Ear,
    host: &HostName,
    leaf: &CertificateDer<'_>,
) -> Result<(TlsStream<Ear>, String), Error> {
    let config = config(Some(leaf))?;
    let stream = TlsConnector::new(config).connect(host.as_str(), stream).await?;
    let connection = stream.as_ref();
    let chain = connection.peer_cert_chain()?;
    let same = match chain.iter().next() {
        Some(first) => first?.der()? == leaf.as_ref(),
        None => false,
    };
    if !same || connection.actual_protocol_version()? != Version::TLS12 {
        return Err(Error::application("another certificate or version than was judged".into()));
    }
    let suite = connection.cipher_suite()?.to_owned();
    Ok((stream, suite))
}

fn config(trusted: Option<&CertificateDer<'_>>) -> Result<Config, Error> {
    let mut builder = Config::builder();
    builder.with_system_certs(false)?;
    builder.set_security_policy(&Policy::from_version(POLICY)?)?;
    // The delay hides from an attacker how long a broken record took. It has a second within our own cap on time.
    builder.set_max_blinding_delay(1)?;
    if let Some(der) = trusted {
        builder.trust_pem(pem(der).as_bytes())?;
    }
    builder.build()
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

fn problem_of(error: &Error, heard: &Heard) -> TlsProblem {
    match error.kind() {
        ErrorType::Alert if heard.flight().is_ok_and(|flight| flight.asked) => TlsProblem::ClientCertRequired,
        ErrorType::ConnectionClosed => TlsProblem::Closed,
        ErrorType::IOError => TlsProblem::Reset,
        _ => TlsProblem::Other,
    }
}

/// Lets the library say hello and listens to the answer. The handshake goes no further than the certificate.
async fn presented(stream: TcpStream, host: &HostName) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let connector = TlsConnector::new(config(None).map_err(|_| TlsProblem::Other)?);
    let heard = Arc::new(Heard::default());
    let ear = Ear { stream, heard: Some(Arc::clone(&heard)) };
    let lost = tokio::select! {
        () = heard.enough.notified() => TlsProblem::Other,
        shaken = connector.connect(host.as_str(), ear) => match shaken {
            Err(error) => problem_of(&error, &heard),
            Ok(_) => TlsProblem::Other,
        },
    };
    let chain = heard.flight()?.chain;
    if chain.is_empty() { Err(lost) } else { Ok(chain) }
}

/// What was heard of a first flight, and whether the certificate is in it.
#[derive(Default)]
struct Heard {
    bytes: Mutex<Vec<u8>>,
    enough: Notify,
}

impl Heard {
    fn flight(&self) -> Result<Flight, TlsProblem> {
        flight::read(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps bytes until the flight is whole. `false` when no more are wanted.
    fn hear(&self, more: &[u8]) -> bool {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(more);
        let flight = flight::read(&bytes);
        if flight.as_ref().map_or(true, |flight| !flight.chain.is_empty()) {
            self.enough.notify_one();
        }
        bytes.len() < flight::MOST && flight.is_ok_and(|flight| !flight.whole)
    }
}

/// A stream that is listened to until the first flight is over.
struct Ear {
    stream: TcpStream,
    heard: Option<Arc<Heard>>,
}

impl AsyncRead for Ear {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let over = |heard: &Arc<Heard>| !heard.hear(&buffer.filled()[before..]);
        if self.heard.as_ref().is_some_and(over) {
            self.heard = None;
        }
        polled
    }
}

impl AsyncWrite for Ear {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
