//! The private certificate authority, and a certificate for each host and each way one can be wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};

use super::faults::Fault;
use super::files;
use super::settings::StartError;

/// The authority whose certificate clients are to trust.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pub(crate) file: PathBuf,
}

/// Whose authority it says to be; a certificate below it says the same.
const ORGANISATION: &str = "MoxiEngage Simulator";

/// What hosts present: made when first asked for, since most are never.
pub(crate) struct Certificates {
    authority: Authority,
    office: Authority,
    /// Certificates with RSA keys, and their keys, by host.
    old: Mutex<BTreeMap<String, (String, String)>>,
    made: Mutex<BTreeMap<(String, String), Arc<ServerConfig>>>,
}

impl Authority {
    /// The authority kept in this folder, or a new one that is kept from now on.
    pub(crate) fn open(data_dir: &Path) -> Result<Authority, StartError> {
        Authority::named(data_dir, "ca", "MoxiEngage Simulator CA", Some(ORGANISATION))
    }

    /// The authority that offices have of their own, which clients are not to trust.
    pub(crate) fn of_offices(data_dir: &Path) -> Result<Authority, StartError> {
        Authority::named(data_dir, "office-ca", "Office Internal CA", None)
    }

    fn named(
        data_dir: &Path,
        stem: &str,
        name: &str,
        organisation: Option<&str>,
    ) -> Result<Authority, StartError> {
        let (file, key_file) =
            (data_dir.join(format!("{stem}.pem")), data_dir.join(format!("{stem}-key.pem")));
        match (files::read(&file)?, files::read(&key_file)?) {
            (Some(certificate), Some(key)) => kept(certificate, &key, file, key_file),
            (None, None) => fresh(file, &key_file, authority_params(name, organisation)),
            (Some(_), None) => Err(damaged(&file, &format!("its key {stem}-key.pem is missing"))),
            (None, Some(_)) => Err(damaged(&key_file, &format!("its certificate {stem}.pem is missing"))),
        }
    }
}

impl Certificates {
    pub(crate) fn new(authority: Authority, office: Authority) -> Certificates {
        let (old, made) = (Mutex::default(), Mutex::default());
        Certificates { authority, office, old, made }
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
        let made = match fault {
            Some(Fault::OtherAuthority) => {
                let stranger = Issuer::new(authority_params("Unknown Authority", None), new_key()?);
                plan.signed(&stranger)?
            }
            Some(Fault::WrongName) => Leaf::good("wrong.simulator.example").signed(ours)?,
            Some(Fault::NoNames) => Leaf { hosts: Vec::new(), ..plan }.signed(ours)?,
            Some(Fault::Expired) => Leaf { from: (2019, 1, 1), until: (2020, 1, 1), ..plan }.signed(ours)?,
            Some(Fault::NotYetValid) => Leaf { from: (2120, 1, 1), ..plan }.signed(ours)?,
            Some(Fault::ExpiresSoon) => plan.until_soon(now).signed(ours)?,
            Some(Fault::SelfSigned) => plan.signed_by_itself()?,
            Some(Fault::ChainIncomplete) => plan.signed(&between()?)?,
            Some(Fault::PrivateAuthority) => {
                let mut made = plan.signed(&self.office.issuer)?;
                made.chain.push(self.office.certificate.clone());
                made
            }
            _ => plan.signed(ours)?,
        };
        let asks = matches!(fault, Some(Fault::ClientCertificate)).then_some(&self.authority.certificate);
        served(made, asks)
    }

    /// A certificate with an RSA key, which old suites need, as PEM: the certificate and its key.
    pub(crate) fn of_rsa(&self, host: &str) -> Result<(String, String), StartError> {
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pair) = old.get(host) {
            return Ok(pair.clone());
        }
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(failed)?;
        let mut params = Leaf::good(host).params()?;
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        let certificate = params.signed_by(&key, &self.authority.issuer).map_err(failed)?;
        let pair = (certificate.pem(), key.serialize_pem());
        old.insert(host.to_owned(), pair.clone());
        Ok(pair)
    }

    /// The fingerprint of the authority that offices have of their own: 64 hexadecimal digits.
    pub(crate) fn office_fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.office.certificate))
    }
}

/// An authority between ours and a host; its certificate is for nobody to see.
fn between() -> Result<Issuer<'static, KeyPair>, StartError> {
    Ok(Issuer::new(authority_params("Simulator Intermediate CA", Some(ORGANISATION)), new_key()?))
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
    Ok(Authority { issuer, certificate: der.into_owned(), file })
}

fn fresh(file: PathBuf, key_file: &Path, params: CertificateParams) -> Result<Authority, StartError> {
    let key = new_key()?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::File { path, source }
    };
    files::write(key_file, &key.serialize_pem(), true).map_err(at(key_file))?;
    files::write(&file, &certificate.pem(), false).map_err(at(&file))?;
    let certificate = certificate.der().clone();
    Ok(Authority { issuer: Issuer::new(params, key), certificate, file })
}

fn authority_params(name: &str, organisation: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::default();
    if let Some(organisation) = organisation {
        params.distinguished_name.push(DnType::OrganizationName, organisation);
    }
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

    /// As the set-up of Exchange makes one for the time until there is a better one.
    fn signed_by_itself(&self) -> Result<Made, StartError> {
        let key = new_key()?;
        let certificate = self.params()?.self_signed(&key).map_err(failed)?;
        Ok(Made { chain: vec![certificate.der().clone()], key })
    }
}

/// The configuration of a server that presents this, and wants a certificate of the client signed by `asks`.
fn served(made: Made, asks: Option<&CertificateDer<'static>>) -> Result<Arc<ServerConfig>, StartError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = match asks {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.clone()).map_err(failed)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().map_err(failed)?)
        }
    };
    let mut config = builder.with_single_cert(made.chain, key).map_err(failed)?;
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
