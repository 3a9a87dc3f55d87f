//! The RSA keys that service accounts sign with: one pair for MoxiWorks' own, one that stands for those of all offices.
//!
//! Making a pair takes a tenth of a second, so a process makes each once, and a folder keeps what it was given:
//! credentials of an earlier run go on working.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rcgen::{KeyPair, PKCS_RSA_SHA256};

use crate::simulator::files;
use crate::simulator::settings::StartError;

/// A key pair.
#[derive(Clone)]
pub(crate) struct Pair {
    /// The private half as PEM, as it stands in a key file.
    pub(crate) private: String,
    /// The public half: modulus and exponent in DER.
    pub(crate) public: Vec<u8>,
}

/// The pairs of a simulator.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) ours: Pair,
    pub(crate) offices: Pair,
}

static MADE: Mutex<Option<Keys>> = Mutex::new(None);

impl Keys {
    /// The pairs kept in this folder, or new ones that are kept from now on.
    pub(crate) fn open(data_dir: &Path) -> Result<Keys, StartError> {
        Ok(Keys {
            ours: kept(&data_dir.join("google-moxiworks-key.pem"), |keys| keys.ours)?,
            offices: kept(&data_dir.join("google-offices-key.pem"), |keys| keys.offices)?,
        })
    }
}

fn kept(file: &Path, choose: impl FnOnce(Keys) -> Pair) -> Result<Pair, StartError> {
    if let Some(pem) = files::read(file)? {
        let damaged =
            |error: rcgen::Error| StartError::Damaged { path: file.to_owned(), reason: error.to_string() };
        let key = KeyPair::from_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256).map_err(damaged)?;
        return Ok(Pair { private: pem, public: key.public_key_raw().to_vec() });
    }
    let pair = choose(made()?);
    let failed = |source| StartError::File { path: file.to_owned(), source };
    files::write(file, &pair.private, true).map_err(failed)?;
    Ok(pair)
}

fn made() -> Result<Keys, StartError> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(keys) = made.as_ref() {
        return Ok(keys.clone());
    }
    let keys = Keys { ours: fresh()?, offices: fresh()? };
    *made = Some(keys.clone());
    Ok(keys)
}

fn fresh() -> Result<Pair, StartError> {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256);
    let key = key.map_err(|error| StartError::Certificate(error.to_string()))?;
    Ok(Pair { private: key.serialize_pem(), public: key.public_key_raw().to_vec() })
}
