//! The private certificate authority, and a certificate for each host and each way one can be wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use super::faults::Fault;
use super::keep;
use super::settings::StartError;

/// The authority whose certificate clients are to trust.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
}

/// What hosts present: made when first asked for, since most are never.
pub(crate) struct Certificates {
    authority: Authority,
    made: Mutex<BTreeMap<(String, String), Arc<ServerConfig>>>,
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
}

impl Certificates {
    pub(crate) fn new(authority: Authority) -> Certificates {
        Certificates { authority, made: Mutex::new(BTreeMap::new()) }
    }

    /// The configuration to shake hands with for a host, given a fault. `now` is the present, for certificates that
    /// are about to end.
    pub(crate) fn config(
        &self,
        host: &str,
        fault: Option<&Fault>,
        now: Timestamp,
    ) -> Result<Arc<ServerConfig>, StartError> {
        let key = (host.to_ascii_lowercase(), fault.map(|fault| format!("{fault:?}")).unwrap_or_default());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.get(&key) {
            return Ok(config.clone());
        }
        let config = self.make(&key.0, fault, now)?;
        made.insert(key, config.clone());
        Ok(config)
    }

    fn make(
        &self,
        host: &str,
        fault: Option<&Fault>,
        now: Timestamp,
    ) -> Result<Arc<ServerConfig>, StartError> {
        let plan = Leaf::good(host);
        let ours = &self.authority.issuer;
        match fault {
            Some(Fault::OtherAuthority) => {
                let stranger = Issuer::new(authority_params("Unknown Authority"), new_key()?);
                served(plan.signed(&stranger)?)
            }
            Some(Fault::WrongName) => served(Leaf::good("wrong.simulator.example").signed(ours)?),
            Some(Fault::Expired) => {
                served(Leaf { from: (2019, 1, 1), until: (2020, 1, 1), ..plan }.signed(ours)?)
            }
            Some(Fault::ExpiresSoon) => served(plan.until_soon(now).signed(ours)?),
            _ => served(plan.signed(ours)?),
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
    let der: CertificateDer<'_> = der.map_err(|error| damaged(&file, &format!("{error:?}")))?;
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

/// A certificate to be made.
struct Leaf {
    /// Its common name.
    name: String,
    /// The host names in it.
    hosts: Vec<String>,
    /// First day: year, month, day.
    from: (i32, u8, u8),
    /// The day it ends.
    until: (i32, u8, u8),
}

/// A certificate with its key and what is sent beside it.
struct Made {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Leaf {
    fn good(host: &str) -> Leaf {
        Leaf { name: host.to_owned(), hosts: vec![host.to_owned()], from: (2024, 1, 1), until: (2124, 1, 1) }
    }

    /// The same, ending in twelve days.
    fn until_soon(self, now: Timestamp) -> Leaf {
        let ends = now.checked_add(SignedDuration::from_hours(12 * 24)).unwrap_or(now);
        let day = ends.to_zoned(TimeZone::UTC).date();
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        Leaf { until: (i32::from(day.year()), part(day.month()), part(day.day())), ..self }
    }

    fn params(&self) -> Result<CertificateParams, StartError> {
        let mut params = CertificateParams::new(self.hosts.clone()).map_err(failed)?;
        params.distinguished_name.push(DnType::CommonName, self.name.as_str());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let at = |(year, month, day)| date_time_ymd(year, month, day);
        (params.not_before, params.not_after) = (at(self.from), at(self.until));
        Ok(params)
    }

    fn signed(&self, issuer: &Issuer<'_, KeyPair>) -> Result<Made, StartError> {
        let key = new_key()?;
        let certificate = self.params()?.signed_by(&key, issuer).map_err(failed)?;
        Ok(Made { chain: vec![certificate.der().clone()], key })
    }
}

/// The configuration of a server that presents this.
fn served(made: Made) -> Result<Arc<ServerConfig>, StartError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(made.chain, key)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Bytes that differ from start to start, as every fresh key does.
pub(crate) fn seed() -> Result<[u8; 32], StartError> {
    Ok(Sha256::digest(new_key()?.serialize_der()).into())
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
