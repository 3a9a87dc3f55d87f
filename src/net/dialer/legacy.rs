//! Old servers: suites that our usual library does not know, still under TLS 1.2, with the same demands on the
//! certificate.
//!
//! Two connections. The first trusts nobody and ends at the certificate, which is read in passing and judged like any
//! other. The second trusts exactly the certificate that was judged, so that what is secured is what was judged.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, UnixTime};
use s2n_tls::{
    config::Config,
    enums::Version,
    error::{Error, ErrorType},
    security::Policy,
};
use s2n_tls_tokio::{TlsConnector, TlsStream};
use tokio::{net::TcpStream, sync::Notify};

use crate::net::{failure::TlsProblem, guard::HostName};

use super::{
    ear::Ear,
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
    let chain = presented(stream, demands.host).await?;
    let judgement = demands.trust.judge(&chain, demands.host, demands.pin, UnixTime::now());
    match (judgement, chain.into_iter().next()) {
        (Judgement { facts, verdict: Err(problem) }, _) => {
            Err(Refused { certificate: facts, ..Refused::from(problem) })
        }
        (judgement, Some(leaf)) => Ok(Known { leaf, judgement }),
        (_, None) => Err(TlsProblem::Other.into()),
    }
}

/// The second connection: shakes hands with the holder of that certificate.
pub(super) async fn shake(stream: TcpStream, host: &HostName, known: Known) -> Result<Verified, Refused> {
    let Known { leaf, judgement } = known;
    let Judgement { facts: Some(certificate), verdict: Ok(trusted) } = judgement else {
        return Err(TlsProblem::Other.into());
    };
    let heard = Arc::new(Heard::default());
    match secured(listened_to(stream, &heard), host, &leaf).await {
        Ok((stream, suite)) => {
            let tls = TlsFacts { version: "TLS 1.2", suite, legacy: true, pinned: trusted.by_pin() };
            Ok(Verified { stream: Box::new(stream), tls, certificate, trusted })
        }
        Err(error) => {
            Err(Refused { certificate: Some(certificate), ..Refused::from(problem_of(&error, &heard)) })
        }
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
        ErrorType::Alert if heard.asked() => TlsProblem::ClientCertRequired,
        ErrorType::ConnectionClosed => TlsProblem::Closed,
        ErrorType::IOError => TlsProblem::Reset,
        _ => TlsProblem::Other,
    }
}

fn listened_to(stream: TcpStream, heard: &Arc<Heard>) -> Ear {
    let heard = Arc::clone(heard);
    Ear::on(stream, move |more| heard.hear(more))
}

/// Lets the library say hello and listens to the answer. The handshake goes no further than the certificate.
async fn presented(stream: TcpStream, host: &HostName) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let connector = TlsConnector::new(config(None).map_err(|_| TlsProblem::Other)?);
    let heard = Arc::new(Heard::default());
    let ear = listened_to(stream, &heard);
    let lost = tokio::select! {
        () = heard.enough.notified() => TlsProblem::Other,
        shaken = connector.connect(host.as_str(), ear) => match shaken {
            Err(error) => problem_of(&error, &heard),
            Ok(_) => TlsProblem::Other,
        },
    };
    let chain = heard.chain()?;
    if chain.is_empty() { Err(lost) } else { Ok(chain) }
}

/// What was heard of a first flight, and whether the certificate is in it.
#[derive(Default)]
struct Heard {
    so_far: Mutex<SoFar>,
    enough: Notify,
}

#[derive(Default)]
struct SoFar {
    flight: Flight,
    problem: Option<TlsProblem>,
}

impl Heard {
    fn look<T>(&self, at: impl FnOnce(&mut SoFar) -> T) -> T {
        at(&mut self.so_far.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The presented chain, empty where none has come. Errs when the server refused, or said something else.
    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
        self.look(|so_far| match so_far.problem {
            Some(problem) => Err(problem),
            None => Ok(std::mem::take(&mut so_far.flight.chain)),
        })
    }

    /// Whether a certificate of ours was asked for.
    fn asked(&self) -> bool {
        self.look(|so_far| so_far.problem.is_none() && so_far.flight.asked)
    }

    /// Reads on until the flight is whole. `false` when no more is wanted.
    fn hear(&self, more: &[u8]) -> bool {
        self.look(|SoFar { flight, problem }| {
            *problem = flight.read_on(more).err();
            if problem.is_some() || !flight.chain.is_empty() {
                self.enough.notify_one();
            }
            problem.is_none() && !flight.whole && flight.heard < flight::MOST
        })
    }
}
