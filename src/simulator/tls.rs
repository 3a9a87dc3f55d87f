//! The private certificate authority, and a certificate for each host and each way one can be wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use super::faults::Fault;
use super::keep;
use super::settings::StartError;

/// The authority whose certificate clients are to trust.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
}

/// What one host may present.
pub(crate) struct Certificates {
    good: Arc<ServerConfig>,
    other_authority: Arc<ServerConfig>,
    wrong_name: Arc<ServerConfig>,
    expired: Arc<ServerConfig>,
    /// Differs from start to start, as every key does.
    pub(crate) seed: [u8; 32],
}

impl Authority {
    /// The authority kept in this folder, or a new one that is kept from now on.
    pub(crate) fn open(data_dir: &Path) -> Result<Authority, StartError> {
        let (file, key_file) = (data_dir.join("ca.pem"), data_dir.join("ca-key.pem"));
        match (keep::read(&file)?, keep::read(&key_file)?) {
            (Some(certificate), Some(key)) => kept(certificate, &key, file, key_file),
            (None, None) => fresh(file, &key_file),
            (Some(_), None) => Err(damaged(&file, "its key ca-key.pem is missing")),
            (None, Some(_)) => Err(damaged(&key_file, "its certificate ca.pem is missing")),
        }
    }

    /// Fresh certificates for a host.
    pub(crate) fn certificates(&self, host: &str) -> Result<Certificates, StartError> {
        let stranger = Issuer::new(authority_params("Unknown Authority"), new_key()?);
        let (good, seed) = leaf(&self.issuer, host, (2024, 2124))?;
        Ok(Certificates {
            good,
            other_authority: leaf(&stranger, host, (2024, 2124))?.0,
            wrong_name: leaf(&self.issuer, "wrong.simulator.example", (2024, 2124))?.0,
            expired: leaf(&self.issuer, host, (2019, 2020))?.0,
            seed,
        })
    }
}

impl Certificates {
    /// The configuration to shake hands with, given a planned fault.
    pub(crate) fn for_fault(&self, fault: Option<&Fault>) -> Arc<ServerConfig> {
        match fault {
            Some(Fault::OtherAuthority) => self.other_authority.clone(),
            Some(Fault::WrongName) => self.wrong_name.clone(),
            Some(Fault::Expired) => self.expired.clone(),
            _ => self.good.clone(),
        }
    }
}

fn kept(certificate: String, key: &str, file: PathBuf, key_file: PathBuf) -> Result<Authority, StartError> {
    let key = KeyPair::from_pem(key).map_err(|error| damaged(&key_file, &error.to_string()))?;
    let public = key.public_key_raw().to_vec();
    let issuer =
        Issuer::from_ca_cert_pem(&certificate, key).map_err(|error| damaged(&file, &error.to_string()))?;
    // The key in the certificate stands there as it is, so a mixed-up pair shows without parsing.
    let der = rustls::pki_types::pem::PemObject::from_pem_slice(certificate.as_bytes());
    let der: rustls::pki_types::CertificateDer<'_> =
        der.map_err(|error| damaged(&file, &format!("{error:?}")))?;
    if !der.windows(public.len()).any(|window| window == public) {
        return Err(damaged(&key_file, "it is not the key of ca.pem"));
    }
    Ok(Authority { issuer, file })
}

fn fresh(file: PathBuf, key_file: &Path) -> Result<Authority, StartError> {
    let key = new_key()?;
    let params = authority_params("MoxiEngage Simulator CA");
    let certificate = params.self_signed(&key).map_err(failed)?;
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::File { path, source }
    };
    keep::write(key_file, &key.serialize_pem(), true).map_err(at(key_file))?;
    keep::write(&file, &certificate.pem(), false).map_err(at(&file))?;
    Ok(Authority { issuer: Issuer::new(params, key), file })
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2124, 1, 1));
    params
}

fn leaf(
    issuer: &Issuer<'_, KeyPair>,
    host: &str,
    years: (i32, i32),
) -> Result<(Arc<ServerConfig>, [u8; 32]), StartError> {
    let key = new_key()?;
    let mut params = CertificateParams::new(vec![host.to_owned()]).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, host);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
    let certificate = params.signed_by(&key, issuer).map_err(failed)?;
    let der = key.serialize_der();
    let seed = Sha256::digest(&der).into();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)),
        )
        .map_err(failed)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((Arc::new(config), seed))
}

fn new_key() -> Result<KeyPair, StartError> {
    KeyPair::generate().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> StartError {
    StartError::Certificate(error.to_string())
}

fn damaged(path: &Path, reason: &str) -> StartError {
    StartError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}
