//! The birth of a certificate: a key pair that is made where its private half will be opened, by the worker, and a
//! self-signed certificate for the public half. The private key is sealed as soon as it is there; only the certificate
//! goes on to pages.
//!
//! | what | why |
//! |---|---|
//! | RSA, 2048 bits | Entra takes RSA keys only, and asks for at least 2048 bits |
//! | 24 months | the longest life that Entra's pages offer for a client secret: one rhythm of renewal for both kinds, long enough not to be a burden, short enough that a key which was lost unnoticed ends |
//! | from the day before | a clock that is behind ours finds it good from the start |
//! | no authority, no extra use | Entra looks it up by its thumbprint and asks nobody who issued it |

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{
    ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData,
    SerialNumber, SignatureAlgorithm, SigningKey, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    clock::Randomness,
    domain::app::{AppCertificate, PrivateKey},
};

/// How long a certificate lasts, in months.
pub const LASTS_MONTHS: i32 = 24;
/// The most characters of a common name, by the standard for names in certificates.
const COMMON_NAME: usize = 64;
/// Characters in a line of PEM.
const LINE: usize = 64;

/// A key pair that was just made.
pub struct Born {
    /// The private half, to be sealed at once.
    pub key: PrivateKey,
    /// The public half.
    pub certificate: AppCertificate,
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum BirthError {
    /// The library made no key.
    #[error("no key pair could be made")]
    Key,
    /// The library made no certificate.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// What was made could not be read back.
    #[error("the certificate that was made cannot be read")]
    Unreadable,
}

/// Makes a key pair and its certificate for the app of a brokerage. It takes some tenths of a second of computing.
///
/// Errs when the library refuses, which a working machine never does.
pub fn bear(company: &str, today: Date, randomness: &Randomness) -> Result<Born, BirthError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| BirthError::Key)?;
    let der = params(company, today, randomness)?.self_signed(&Signer(&pair))?;
    let certificate = read_certificate(der.der()).ok_or(BirthError::Unreadable)?;
    let key: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| BirthError::Key)?;
    Ok(Born { key: PrivateKey::from_opened(pem(key.as_ref())), certificate })
}

fn params(company: &str, today: Date, randomness: &Randomness) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    let mut name = DistinguishedName::new();
    let common: String = format!("MoxiEngage for {company}").chars().take(COMMON_NAME).collect();
    name.push(DnType::CommonName, common.trim_end());
    params.distinguished_name = name;
    let midnight = |day: Date| {
        let [month, day_of_month] = [day.month(), day.day()].map(i8::unsigned_abs);
        date_time_ymd(i32::from(day.year()), month, day_of_month)
    };
    params.not_before = midnight(today.yesterday().unwrap_or(today));
    params.not_after = midnight(today.saturating_add(LASTS_MONTHS.months()));
    // Positive, whatever its first bit was.
    let mut serial: [u8; 16] = randomness.bytes();
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(params)
}

/// Lets the library sign with a key that it never holds.
struct Signer<'a>(&'a KeyPair);

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        let digest = digest::digest(&digest::SHA256, message);
        let signed = self.0.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature);
        signed.map(|()| signature).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// A key as PEM; every step of the way is overwritten when it goes.
fn pem(der: &[u8]) -> SecretString {
    let coded = Zeroizing::new(STANDARD.encode(der));
    let room = coded.len() + coded.len() / LINE + 64;
    // Room for all of it at once: a text that grows leaves copies behind.
    let mut text = String::with_capacity(room);
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (at, letter) in coded.chars().enumerate() {
        text.push(letter);
        if at % LINE == LINE - 1 {
            text.push('\n');
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    SecretString::from(text)
}

/// Reads a certificate from PEM or DER. `None` when it is none.
pub fn read_certificate(bytes: &[u8]) -> Option<AppCertificate> {
    let der = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        CertificateDer::from_pem_slice(bytes).ok()?
    } else {
        CertificateDer::from(bytes)
    };
    let (rest, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let validity = parsed.validity();
    Some(AppCertificate {
        thumbprint: thumbprint(&der),
        subject: parsed.subject().to_string(),
        starts_on: day_of(validity.not_before.timestamp())?,
        ends_on: day_of(validity.not_after.timestamp())?,
        der: STANDARD.encode(&der),
    })
}

/// SHA-1, because that is what Entra's page shows beside a certificate. Nothing is proven by it.
fn thumbprint(der: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

fn day_of(seconds: i64) -> Option<Date> {
    let day = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).date();
    (day > date(1970, 1, 1)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(company: &str) -> Born {
        bear(company, date(2026, 11, 21), &Randomness::seeded(7)).expect("a key pair")
    }

    #[test]
    fn a_certificate_names_the_brokerage_and_lasts_24_months() {
        let born = born("Lakeshore Realty");
        let der = STANDARD.decode(&born.certificate.der).expect("base64");
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).expect("a certificate");
        assert_eq!(parsed.subject().to_string(), "CN=MoxiEngage for Lakeshore Realty");
        assert_eq!(parsed.subject(), parsed.issuer());
        assert!(parsed.verify_signature(None).is_ok(), "signed by itself");
        assert!(!parsed.is_ca() && parsed.public_key().parsed().is_ok_and(|key| key.key_size() == 2048));
        assert_eq!(
            (born.certificate.starts_on, born.certificate.ends_on),
            (date(2026, 11, 20), date(2028, 11, 21))
        );
        assert_eq!(born.certificate.thumbprint.len(), 40);
        assert_eq!(born.certificate.subject, "CN=MoxiEngage for Lakeshore Realty");
    }

    #[test]
    fn each_birth_makes_another_key_and_a_long_name_is_cut() {
        let (one, other) = (born("x"), born(&"Ünïcode & Söns ".repeat(20)));
        assert_ne!(one.key.expose(), other.key.expose());
        assert_ne!(one.certificate.thumbprint, other.certificate.thumbprint);
        assert!(one.key.expose().starts_with("-----BEGIN PRIVATE KEY-----\nMII"));
        assert!(one.key.expose().lines().all(|line| line.len() <= LINE));
    }

    #[test]
    fn a_certificate_is_read_from_either_form_and_nothing_else_is() {
        let certificate = born("x").certificate;
        let der = STANDARD.decode(&certificate.der).expect("base64");
        let text = format!("\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", certificate.der);
        assert_eq!(read_certificate(&der).as_ref(), Some(&certificate));
        assert_eq!(read_certificate(text.as_bytes()).as_ref(), Some(&certificate));
        let mut longer = der.clone();
        longer.push(0);
        for wrong in
            [&b""[..], b"-----BEGIN", born("x").key.expose().as_bytes(), &longer, &der[..der.len() - 1]]
        {
            assert_eq!(read_certificate(wrong), None);
        }
    }
}
