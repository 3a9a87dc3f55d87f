//! An app registration, the certificate that was uploaded to it, and the private key that belongs to the certificate.

use std::{ops::Range, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use toml::Spanned;

use super::{
    app::{Registration, identical},
    network::Network,
    source::{Given, InputProblem, Source},
};
use crate::{
    domain::{
        app::{AppCertificate, AppSettings, PrivateKey, Proof, ProofTerms},
        naming::{self, AppNames},
    },
    vault::birth::read_certificate,
    verification::{NetSettings, key_belongs},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant_id: Spanned<String>,
    client_id: Spanned<String>,
    certificate: Option<Spanned<String>>,
    certificate_file: Option<Spanned<PathBuf>>,
    private_key: Option<Spanned<String>>,
    private_key_file: Option<Spanned<PathBuf>>,
    test_mailbox: Spanned<String>,
    outside_mailbox: Option<Spanned<String>>,
    app_name: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

/// What the file says of an app with a certificate.
pub(super) struct CertificateInput {
    pub(super) settings: AppSettings,
    /// The proof, or the cause that the answers themselves show.
    pub(super) proof: Result<Proof, &'static str>,
    pub(super) network: NetSettings,
}

/// Reads it. Errs with the line of a name or value that cannot be.
pub(super) fn read(source: &Source<'_>) -> Result<CertificateInput, InputProblem> {
    let mut file: File = source.table()?;
    let network = file.network.settings(source)?;
    let outside = file.outside_mailbox.as_ref();
    let said = Registration::read(source, &file.tenant_id, &file.client_id, &file.test_mailbox, outside)?;
    let certificate = certificate(source, &file)?;
    let given = Given {
        key: "private_key",
        file_key: "private_key_file",
        text: file.private_key.take(),
        file: file.private_key_file.as_ref(),
    };
    let (pem, at) = source.secret(given)?;
    let key = PrivateKey::from_opened(SecretString::from(pem.as_str()));
    if !key_belongs(&key, &certificate) {
        return Err(source.problem(&at, NOT_ITS_KEY));
    }
    let app = source.object_name(file.app_name.as_ref(), "app_name", &naming::app_name(1))?;
    let names = AppNames { app, secret: None };
    let settings = said.settings(names, ProofTerms::Certificate { certificate: certificate.clone() });
    let proof = match identical(&settings) {
        Some(cause) => Err(cause),
        None => Ok(Proof::Certificate { key, certificate }),
    };
    Ok(CertificateInput { settings, proof, network })
}

const NOT_ITS_KEY: &str =
    "private_key: give the RSA private key that belongs to the certificate, as PEM without a password";

/// The certificate, inline as PEM or from a file as PEM or DER.
fn certificate(source: &Source<'_>, file: &File) -> Result<AppCertificate, InputProblem> {
    let (bytes, at): (Vec<u8>, Range<usize>) = match (&file.certificate, &file.certificate_file) {
        (Some(text), None) => (text.get_ref().as_bytes().to_vec(), text.span()),
        (None, Some(path)) => {
            let reason = |error| format!("the file that certificate_file names cannot be read: {error}");
            let bytes = std::fs::read(source.beside(path.get_ref()));
            (bytes.map_err(|error| source.problem(&path.span(), reason(error)))?, path.span())
        }
        (Some(_), Some(path)) => {
            return Err(source.problem(&path.span(), "give certificate or certificate_file, not both"));
        }
        (None, None) => return Err(source.problem(&(0..0), "certificate or certificate_file is missing")),
    };
    let problem = |reason: &str| source.problem(&at, format!("certificate: {reason}"));
    if holds_private_key(&bytes) {
        let reason = "this holds a private key; give the public certificate alone, as PEM or as a .cer file";
        return Err(problem(reason).of(Some("form_private_key_uploaded")));
    }
    read_certificate(&bytes).ok_or_else(|| problem("give one X.509 certificate, as PEM or as a .cer file"))
}

/// A key as PEM, or a .pfx: a sequence that begins with its version 3 (PKCS #12, RFC 7292, section 4).
fn holds_private_key(bytes: &[u8]) -> bool {
    let pem = bytes.windows(11).any(|window| window == b"PRIVATE KEY");
    let packed = bytes.first() == Some(&0x30)
        && bytes.get(1..8).is_some_and(|head| head.windows(3).any(|at| at == [2, 1, 3]));
    pem || packed
}
