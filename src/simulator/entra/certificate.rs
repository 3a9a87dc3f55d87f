//! Certificates as an app registration holds them.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sha2::{Digest, Sha256};

/// A certificate that somebody uploaded.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// What the page of the admin centre shows: SHA-1 in capitals.
    pub(crate) thumbprint: String,
    /// The same digest as a token request may name it.
    pub(crate) sha1: String,
    /// SHA-256 as a token request may name it.
    pub(crate) sha256: String,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    /// The RSA public key.
    pub(crate) public: Vec<u8>,
}

impl Certificate {
    /// Reads a file as an admin uploads it: DER or PEM. None when it is no certificate with an RSA key.
    pub(crate) fn read(bytes: &[u8]) -> Option<Certificate> {
        let der = der_of(bytes)?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
        let key = parsed.public_key();
        matches!(key.parsed(), Ok(x509_parser::public_key::PublicKey::RSA(_))).then_some(())?;
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
        let at = |seconds: i64| Timestamp::from_second(seconds).ok();
        Some(Certificate {
            thumbprint: sha1.as_ref().iter().map(|byte| format!("{byte:02X}")).collect(),
            sha1: URL_SAFE_NO_PAD.encode(sha1),
            sha256: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)),
            starts: at(parsed.validity().not_before.timestamp())?,
            ends: at(parsed.validity().not_after.timestamp())?,
            public: key.subject_public_key.data.to_vec(),
        })
    }
}

/// The certificate itself, from either form.
fn der_of(bytes: &[u8]) -> Option<CertificateDer<'_>> {
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        return CertificateDer::from_pem_slice(bytes).ok();
    }
    Some(CertificateDer::from(bytes))
}
