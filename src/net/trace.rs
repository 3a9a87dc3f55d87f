//! From the HTTP library's nested errors to the layer that failed.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::failure::{Failure, TcpProblem, TlsProblem};

/// What a failed call tells of itself.
pub(super) enum Traced {
    /// The layer is plain.
    Plain(Failure),
    /// Connecting took too long; whether it was the connection or its encryption is not said.
    ConnectTimeout,
}

/// Finds the layer: our own resolver's failure, then TLS, then the socket, then HTTP.
pub(super) fn trace(error: &reqwest::Error) -> Traced {
    let connecting = error.is_connect();
    let found = layers(error).find_map(|layer| plain(layer, connecting));
    match found {
        Some(failure) => Traced::Plain(failure),
        None if error.is_timeout() && connecting => Traced::ConnectTimeout,
        None if error.is_timeout() => Traced::Plain(Failure::HttpTimeout),
        None if connecting => Traced::Plain(Failure::Tls(TlsProblem::Other)),
        None if error.is_builder() => Traced::Plain(Failure::BadCall),
        None => Traced::Plain(Failure::Malformed),
    }
}

/// The error and everything below it. An `io::Error` hides its inner error from `source`, so it is asked itself.
fn layers<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), below).take(16)
}

fn below<'a>(layer: &&'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let layer: &'a (dyn Error + 'static) = *layer;
    match layer.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => layer.source(),
    }
}

fn plain(layer: &(dyn Error + 'static), connecting: bool) -> Option<Failure> {
    if let Some(failure) = layer.downcast_ref::<Failure>() {
        return Some(failure.clone());
    }
    if let Some(tls) = layer.downcast_ref::<rustls::Error>() {
        // Once the handshake is done, a TLS fault is an answer that broke.
        return Some(if connecting { Failure::Tls(tls_problem(tls)) } else { Failure::Truncated });
    }
    if let Some(io) = layer.downcast_ref::<io::Error>() {
        return socket(io, connecting);
    }
    let http = layer.downcast_ref::<hyper::Error>()?;
    if http.is_incomplete_message() || http.is_closed() || http.is_canceled() {
        return Some(Failure::Truncated);
    }
    http.is_parse().then_some(Failure::Malformed)
}

fn socket(error: &io::Error, connecting: bool) -> Option<Failure> {
    use io::ErrorKind as Kind;
    // An error that wraps another is told by the inner one.
    if error.get_ref().is_some_and(|inner| inner.is::<io::Error>() || inner.is::<rustls::Error>()) {
        return None;
    }
    match (error.kind(), connecting) {
        (Kind::ConnectionRefused, _) => Some(Failure::Tcp(TcpProblem::Refused)),
        (Kind::HostUnreachable | Kind::NetworkUnreachable, _) => Some(Failure::Tcp(TcpProblem::Unreachable)),
        (Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe, true) => {
            Some(Failure::Tls(TlsProblem::Reset))
        }
        (Kind::UnexpectedEof, true) => Some(Failure::Tls(TlsProblem::Closed)),
        (Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof, false) => {
            Some(Failure::Truncated)
        }
        _ => None,
    }
}

pub(super) fn tls_problem(error: &rustls::Error) -> TlsProblem {
    match error {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsProblem::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsProblem::NameMismatch
            }
            // A self-signed certificate, and one whose signature does not fit its issuer, are nobody's either.
            CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                TlsProblem::UnknownIssuer
            }
            _ => TlsProblem::Other,
        },
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => TlsProblem::NoCommonCipher,
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => TlsProblem::VersionTooOld,
        rustls::Error::PeerIncompatible(_) => TlsProblem::VersionTooOld,
        // Nothing but TLS comes with a certificate message, however much too large it is.
        rustls::Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        ) => TlsProblem::Other,
        rustls::Error::InvalidMessage(_) => TlsProblem::NotTls,
        _ => TlsProblem::Other,
    }
}
