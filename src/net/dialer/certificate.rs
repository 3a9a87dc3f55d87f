//! What a certificate says of itself, kept also when it is not trusted.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
    public_key::PublicKey,
    x509::X509Name,
};

/// The most names of a certificate that are kept.
const NAMES: usize = 100;

/// The most characters of a name that are kept: a server writes here what it likes.
const LETTERS: usize = 256;

/// The facts of a presented certificate. Texts come from the server: they are cut, and hold no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whom it is for, in the words of its issuer.
    pub subject: String,
    /// The hosts it names, at most 100.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// The first moment it holds.
    pub valid_from: Timestamp,
    /// The last moment it holds.
    pub valid_until: Timestamp,
    /// SHA-256 over the whole certificate, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// How many certificates the server sent, this one included.
    pub chain_length: usize,
    /// Kind and size of its key, such as `RSA 2048`.
    pub key: String,
    /// Whether it signs itself.
    pub self_signed: bool,
}

impl CertificateFacts {
    /// Reads the first certificate of a chain. `None` when there is none that can be read.
    pub(super) fn read(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let der = chain.first()?;
        let certificate = parsed(der)?;
        let validity = certificate.validity();
        Some(Self {
            subject: shown(&certificate.subject().to_string()),
            names: names(&certificate),
            issuer: shown(&certificate.issuer().to_string()),
            valid_from: moment(validity.not_before.timestamp()),
            valid_until: moment(validity.not_after.timestamp()),
            sha256: fingerprint(der),
            chain_length: chain.len(),
            key: key(&certificate),
            self_signed: signs_itself(&certificate),
        })
    }
}

/// SHA-256 over a certificate, in lower-case hexadecimal.
pub(super) fn fingerprint(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}

/// A certificate, when these bytes are one and nothing else.
pub(super) fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der)
        .ok()
        .filter(|(rest, _)| rest.is_empty())
        .map(|(_, certificate)| certificate)
}

/// The organisations of a name, as written.
pub(super) fn organisations<'a>(name: &'a X509Name<'_>) -> impl Iterator<Item = &'a str> {
    name.iter_organization().filter_map(|part| part.as_str().ok())
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let Some(alternative) = alternative else { return Vec::new() };
    let written = alternative.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(host) => Some(shown(host)),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    written.take(NAMES).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let four: Option<[u8; 4]> = bytes.try_into().ok();
    let sixteen: Option<[u8; 16]> = bytes.try_into().ok();
    let address = four.map(std::net::IpAddr::from).or(sixteen.map(std::net::IpAddr::from));
    address.map(|address| address.to_string())
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let public = certificate.public_key();
    match public.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC {}", point.key_size()),
        _ => shown(&public.algorithm.algorithm.to_id_string()),
    }
}

fn signs_itself(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
        && certificate.verify_signature(None).is_ok()
}

/// A moment that the calendar cannot hold is its end.
fn moment(second: i64) -> Timestamp {
    let end = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(second).unwrap_or(end)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LETTERS).collect()
}
