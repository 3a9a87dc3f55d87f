//! The TLS handshake, with the presented certificate kept whatever comes of it.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, ProtocolVersion,
    SignatureScheme,
    client::{
        ResolvesClientCert, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::CertifiedKey,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::TcpStream,
    time::{Duration, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    domain::exchange::CertificatePin,
    net::{failure::TlsProblem, guard::HostName, trace::tls_problem},
};

use super::{
    certificate::CertificateFacts,
    ear::Ear,
    trust::{Judgement, Trust, Trusted},
};

/// A stream of either library.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// How a connection is secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, such as `TLS 1.2`.
    pub version: &'static str,
    /// The cipher suite, in the words of the library.
    pub suite: String,
    /// Whether only suites of old servers did.
    pub legacy: bool,
    /// Whether the certificate is trusted because of a pin.
    pub pinned: bool,
}

/// A stream whose other end has proven to be the host. Only a handshake with a trusted certificate makes one.
pub(super) struct Verified {
    pub(super) stream: Box<dyn Socket>,
    pub(super) tls: TlsFacts,
    pub(super) certificate: CertificateFacts,
    pub(super) trusted: Trusted,
}

/// Why there is none, with the certificate when one was presented.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) problem: TlsProblem,
    pub(super) certificate: Option<CertificateFacts>,
    /// Whether the server cut the line without a word, as old Windows does where it finds no suite in common.
    pub(super) mute: bool,
}

impl From<TlsProblem> for Refused {
    fn from(problem: TlsProblem) -> Self {
        Self { problem, certificate: None, mute: false }
    }
}

/// What a handshake is held to.
#[derive(Clone, Copy)]
pub(super) struct Demands<'a> {
    pub(super) host: &'a HostName,
    pub(super) pin: Option<&'a CertificatePin>,
    pub(super) trust: &'a Arc<Trust>,
}

/// How long a server has to say that it wants a client certificate after all: under TLS 1.3 it says so only when we
/// believe the handshake done. Waited only where it asked for one.
const AFTERTHOUGHT: Duration = Duration::from_millis(400);

/// Shakes hands. The caller limits the time.
pub(super) async fn shake(
    stream: TcpStream,
    demands: Demands<'_>,
    provider: &Arc<CryptoProvider>,
) -> Result<Verified, Refused> {
    let examiner = Arc::new(Examiner {
        trust: Arc::clone(demands.trust),
        host: demands.host.clone(),
        pin: demands.pin.cloned(),
        provider: Arc::clone(provider),
        seen: Mutex::default(),
    });
    let name = ServerName::try_from(demands.host.as_str().to_owned()).map_err(|_| TlsProblem::Other)?;
    let config = config(&examiner).map_err(|_| TlsProblem::Other)?;
    let spoke = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&spoke);
    let ear = Ear::on(stream, move |_| {
        heard.store(true, Ordering::Relaxed);
        false
    });
    match TlsConnector::from(Arc::new(config)).connect(name, ear).await {
        Ok(stream) => verified(stream, &examiner).await,
        Err(error) => {
            let refused = examiner.refused(&error);
            let mute = refused.problem == TlsProblem::Reset && !spoke.load(Ordering::Relaxed);
            Err(Refused { mute, ..refused })
        }
    }
}

fn config(examiner: &Arc<Examiner>) -> Result<ClientConfig, Error> {
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&examiner.provider))
        .with_protocol_versions(&versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(examiner) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(examiner) as Arc<dyn ResolvesClientCert>);
    // A resumed connection shows no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

async fn verified(mut stream: TlsStream<Ear>, examiner: &Examiner) -> Result<Verified, Refused> {
    if examiner.look(|seen| seen.asked)
        && stream.get_ref().1.protocol_version() == Some(ProtocolVersion::TLSv1_3)
    {
        // A server speaks only when it is spoken to, so whatever comes now is a refusal.
        if let Ok(spoken) = timeout(AFTERTHOUGHT, stream.read_u8()).await {
            let error = spoken.err().unwrap_or_else(|| io::ErrorKind::InvalidData.into());
            return Err(examiner.refused(&error));
        }
    }
    let connection = stream.get_ref().1;
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS 1.2",
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    let judged = examiner.look(|seen| seen.judgement.take());
    match judged {
        Some(Judgement { facts: Some(certificate), verdict: Ok(trusted) }) => {
            let suite = suite.unwrap_or_default();
            let tls = TlsFacts { version, suite, legacy: false, pinned: trusted.by_pin() };
            Ok(Verified { stream: Box::new(stream), tls, certificate, trusted })
        }
        _ => Err(TlsProblem::Other.into()),
    }
}

/// Judges the presented chain and remembers it.
struct Examiner {
    trust: Arc<Trust>,
    host: HostName,
    pin: Option<CertificatePin>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    judgement: Option<Judgement>,
    /// Whether a certificate of ours was asked for.
    asked: bool,
}

impl Examiner {
    fn look<T>(&self, at: impl FnOnce(&mut Seen) -> T) -> T {
        at(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, error: &io::Error) -> Refused {
        let (judgement, asked) = self.look(|seen| (seen.judgement.take(), seen.asked));
        let (certificate, distrust) =
            judgement.map_or((None, None), |judged| (judged.facts, judged.verdict.err()));
        let problem = distrust.unwrap_or_else(|| problem_of(error, asked));
        Refused { problem, certificate, mute: false }
    }
}

fn problem_of(error: &io::Error, asked: bool) -> TlsProblem {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (tls, error.kind()) {
        // The refusals with which servers meet a client without the certificate they want.
        (Some(Error::AlertReceived(_)), _) if asked => TlsProblem::ClientCertRequired,
        (Some(Error::AlertReceived(AlertDescription::CertificateRequired)), _) => {
            TlsProblem::ClientCertRequired
        }
        // The chain was good, so it is the signature that is not: the server does not hold the certificate's key.
        (Some(Error::InvalidCertificate(_)), _) => TlsProblem::Other,
        (Some(tls), _) => tls_problem(tls),
        (
            None,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe,
        ) => TlsProblem::Reset,
        (None, io::ErrorKind::UnexpectedEof) => TlsProblem::Closed,
        (None, _) => TlsProblem::Other,
    }
}

impl std::fmt::Debug for Examiner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Examiner")
    }
}

impl ServerCertVerifier for Examiner {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<CertificateDer<'_>> =
            std::iter::once(end_entity).chain(intermediates).cloned().collect();
        let judgement = self.trust.judge(&chain, &self.host, self.pin.as_ref(), now);
        let trusted = judgement.verdict.is_ok();
        self.look(|seen| seen.judgement = Some(judgement));
        if trusted {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Examiner {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.look(|seen| seen.asked = true);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
