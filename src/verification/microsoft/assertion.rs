//! What an app with a certificate signs to prove who it is: a short text for one sign-in service, good for ten minutes
//! and for one use. The private key signs it here and goes nowhere.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rsa::KeyPair,
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    clock::Randomness,
    domain::{
        app::{AppCertificate, PrivateKey},
        guid::Guid,
        instant::Instant,
    },
    verification::signed::signed,
};

/// The word for this kind of proof in a token request.
pub(super) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds for which a text is good before its making: clocks that are behind ours take it.
const BEFORE: i64 = 300;
/// And after it.
const AFTER: i64 = 600;

/// Signs as one app.
pub(super) struct Signer {
    pair: KeyPair,
    /// The digest by which the sign-in service finds the certificate.
    certificate: String,
}

impl Signer {
    /// `None` when the key is none, or is not the one of the certificate: whatever it signed would be refused.
    pub(super) fn new(key: &PrivateKey, certificate: &AppCertificate) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()?,
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()).ok()?,
            _ => return None,
        };
        let der = STANDARD.decode(&certificate.der).ok()?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
        let own = pair.public_key().as_ref() == parsed.public_key().subject_public_key.data.as_ref();
        own.then(|| Self { pair, certificate: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)) })
    }

    /// A text that proves the app to the token endpoint `audience`. `None` when the library does not sign.
    pub(super) fn assertion(
        &self,
        client: &Guid,
        audience: &str,
        now: Instant,
        randomness: &Randomness,
    ) -> Option<SecretString> {
        let at = now.timestamp().as_second();
        let head = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": self.certificate});
        let claims = json!({
            "aud": audience,
            "iss": client.as_str(),
            "sub": client.as_str(),
            "jti": hex::encode(randomness.bytes::<16>()),
            "nbf": at - BEFORE,
            "exp": at + AFTER,
        });
        signed(&self.pair, &head, &claims)
    }
}

/// Whether a private key is the one that belongs to a certificate.
pub fn key_belongs(key: &PrivateKey, certificate: &AppCertificate) -> bool {
    Signer::new(key, certificate).is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_lc_rs::{
        encoding::AsDer,
        rsa::KeySize,
        signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
    };
    use rcgen::{CertificateParams, PKCS_RSA_SHA256};
    use secrecy::ExposeSecret;
    use serde_json::Value;

    use super::*;

    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);
    const TOKEN: &str =
        "https://login.microsoftonline.com/5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11/oauth2/v2.0/token";

    fn client() -> Guid {
        Guid::parse("2f6c1b7e-4a65-4f0b-9d3e-8b1f6f2a9c11").expect("a guid")
    }

    /// A key and a certificate for it, as an office's own tools make them.
    fn pair() -> (PrivateKey, AppCertificate) {
        let made = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = made.as_der().expect("DER");
        let key = rcgen::KeyPair::from_der_and_sign_algo(
            &PrivateKeyDer::try_from(der.as_ref()).expect("a key"),
            &PKCS_RSA_SHA256,
        )
        .expect("a key");
        let made = CertificateParams::default().self_signed(&key).expect("a certificate");
        let day = jiff::civil::date(2026, 11, 21);
        let certificate = AppCertificate {
            der: STANDARD.encode(made.der()),
            thumbprint: String::new(),
            subject: String::new(),
            starts_on: day,
            ends_on: day,
        };
        (PrivateKey::from_opened(SecretString::from(key.serialize_pem())), certificate)
    }

    fn parts(text: &SecretString) -> Vec<Vec<u8>> {
        let parts = text.expose_secret().split('.');
        parts.map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64")).collect()
    }

    #[test]
    fn a_text_names_its_reader_its_app_its_certificate_and_its_time_and_is_signed() {
        let (key, certificate) = pair();
        let signer = Signer::new(&key, &certificate).expect("a signer");
        let text = signer.assertion(&client(), TOKEN, NOW, &Randomness::seeded(1)).expect("a text");
        let parts = parts(&text);
        let head: Value = serde_json::from_slice(&parts[0]).expect("JSON");
        let claims: Value = serde_json::from_slice(&parts[1]).expect("JSON");
        let der = STANDARD.decode(&certificate.der).expect("base64");
        let print = URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
        assert_eq!(head, json!({"alg": "RS256", "typ": "JWT", "x5t#S256": print}));
        let at = NOW.timestamp().as_second();
        assert_eq!(claims["aud"], TOKEN);
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!(client().as_str()), &json!(client().as_str())));
        assert_eq!((claims["nbf"].as_i64(), claims["exp"].as_i64()), (Some(at - 300), Some(at + 600)));
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).expect("a certificate");
        let public = UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA256,
            parsed.public_key().subject_public_key.data.to_vec(),
        );
        let signed = text.expose_secret().rsplit_once('.').expect("two").0;
        assert!(public.verify(signed.as_bytes(), &parts[2]).is_ok());
        assert!(public.verify(format!("{signed}x").as_bytes(), &parts[2]).is_err());
    }

    #[test]
    fn no_two_texts_are_the_same() {
        let (key, certificate) = pair();
        let signer = Signer::new(&key, &certificate).expect("a signer");
        let randomness = Randomness::system();
        let texts = (0..3).map(|_| signer.assertion(&client(), TOKEN, NOW, &randomness).expect("a text"));
        let ids: BTreeSet<String> = texts
            .map(|text| serde_json::from_slice::<Value>(&parts(&text)[1]).expect("JSON")["jti"].to_string())
            .collect();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn a_key_of_another_certificate_and_what_is_no_key_signs_nothing() {
        let ((key, certificate), (_, other)) = (pair(), pair());
        assert!(key_belongs(&key, &certificate) && !key_belongs(&key, &other));
        for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "hello"] {
            assert!(
                !key_belongs(&PrivateKey::from_opened(SecretString::from(text.to_owned())), &certificate),
                "{text}"
            );
        }
        let broken = AppCertificate { der: "AAAA".to_owned(), ..certificate };
        assert!(!key_belongs(&key, &broken));
    }
}
