//! The key pair with which certificate samples are tried from the terminal. A portal makes its own, so there nobody
//! needs it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber, date_time_ymd};
use serde::{Deserialize, Serialize};

use super::files;
use super::settings::StartError;

const FILE: &str = "sample-key.json";

/// A key pair, the certificate that is uploaded to good apps, and one that somebody uploaded by mistake.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleKey {
    /// As PEM.
    pub(crate) private_key: String,
    /// As PEM.
    pub(crate) certificate: String,
    /// As PEM, of the same key.
    pub(crate) other: String,
}

/// Made once a process: a key takes some tenths of a second, and which one it is matters to nobody.
static MADE: Mutex<Option<SampleKey>> = Mutex::new(None);

impl SampleKey {
    /// The one kept in this folder, or a new one that is kept from now on.
    pub(crate) fn open(data_dir: &Path) -> Result<SampleKey, StartError> {
        let path = data_dir.join(FILE);
        if let Some(text) = files::read(&path)? {
            return serde_json::from_str(&text)
                .map_err(|error| StartError::Damaged { path, reason: error.to_string() });
        }
        let key = SampleKey::made()?;
        let text = serde_json::to_string(&key).unwrap_or_default();
        files::write(&path, &text, true).map_err(|source| StartError::File { path, source })?;
        Ok(key)
    }

    fn made() -> Result<SampleKey, StartError> {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*made {
            return Ok(key.clone());
        }
        let failed = |error: rcgen::Error| StartError::Certificate(error.to_string());
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(failed)?;
        let certificate = |serial: u64| -> Result<String, StartError> {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, "MoxiEngage for everybody who tries");
            params.serial_number = Some(SerialNumber::from(serial));
            (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2124, 1, 1));
            Ok(params.self_signed(&pair).map_err(failed)?.pem())
        };
        let key = SampleKey {
            private_key: pair.serialize_pem(),
            certificate: certificate(1)?,
            other: certificate(2)?,
        };
        *made = Some(key.clone());
        Ok(key)
    }
}
