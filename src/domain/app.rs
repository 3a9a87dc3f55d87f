//! An app registration of Microsoft Entra, however it proves who it is: by a client secret that the office makes, or by
//! a certificate whose private key never leaves our side. A third way, a permission given to an app of our own, would
//! be a third proof: everything else of an app stays as it is, in the code and in what is stored.

use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};

use super::{
    address::MailAddress, client_secret::ClientSecret, guid::Guid, naming::AppNames, tenant_name::TenantName,
};

/// What is known of an app registration and shown again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AppSettings {
    /// The tenant.
    pub tenant: TenantName,
    /// The application (client) id.
    pub client_id: Guid,
    /// The mailbox the check acts as.
    pub test_mailbox: MailAddress,
    /// A mailbox that the credential must not reach, where the office named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_mailbox: Option<MailAddress>,
    /// What the admin called the app and what belongs to it.
    pub names: AppNames,
    /// By what the app proves who it is, as far as that is no secret.
    #[serde(flatten)]
    pub terms: ProofTerms,
}

impl AppSettings {
    /// The last day of what the app proves itself with.
    pub const fn ends_on(&self) -> Date {
        match &self.terms {
            ProofTerms::Certificate { certificate } => certificate.ends_on,
            ProofTerms::Secret { secret_expires_on } => *secret_expires_on,
        }
    }

    /// The certificate, for an app that signs in with one.
    pub const fn certificate(&self) -> Option<&AppCertificate> {
        match &self.terms {
            ProofTerms::Certificate { certificate } => Some(certificate),
            ProofTerms::Secret { .. } => None,
        }
    }
}

/// By what an app proves who it is, as far as that is no secret. Stored without a word for the kind: its own fields tell.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum ProofTerms {
    /// A certificate that our side made.
    Certificate {
        /// The certificate.
        certificate: AppCertificate,
    },
    /// A client secret that the office made.
    Secret {
        /// The day it ends, as the admin read it in Entra.
        secret_expires_on: Date,
    },
}

/// The public half of a key pair: what the office uploads to its app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AppCertificate {
    /// The certificate itself: DER, written in base64.
    pub der: String,
    /// Its thumbprint as Entra shows it: SHA-1, 40 hexadecimal digits in capitals.
    pub thumbprint: String,
    /// Whose it is, in its own words: "CN=MoxiEngage for Lakeshore Realty". Empty in what an earlier version stored.
    #[serde(default)]
    pub subject: String,
    /// The first day it may be used.
    pub starts_on: Date,
    /// The day it ends on.
    pub ends_on: Date,
}

/// The private key of an app's certificate, as PEM. It shows itself to nobody: no `Debug`, no `Display`, no `Clone`.
pub struct PrivateKey(SecretString);

impl PrivateKey {
    /// Takes a key that was just made, or that the vault opened.
    pub const fn from_opened(pem: SecretString) -> Self {
        Self(pem)
    }

    /// The PEM, for the vault that seals it and for the signature that needs it. Nobody else asks.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// By what an app proves who it is, as the check takes it.
pub enum Proof {
    /// A client secret, which is sent along.
    Secret(ClientSecret),
    /// A private key, which stays here and signs.
    Certificate {
        /// The key.
        key: PrivateKey,
        /// The certificate that the office uploaded to its app.
        certificate: AppCertificate,
    },
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::credential::CredentialSettings;

    const STORED: &str = r#"{"kind":"graph_secret","tenant":{"domain":"lakeshore.example"},"client_id":"5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11","secret_expires_on":"2028-11-21","test_mailbox":"pat@lakeshore.example","names":{"app":"MoxiEngage","secret":"Engage access"}}"#;

    fn settings(terms: ProofTerms) -> AppSettings {
        let CredentialSettings::GraphSecret(read) = stored() else { panic!("a secret's settings") };
        AppSettings { terms, ..read }
    }

    fn stored() -> CredentialSettings {
        from_json(STORED)
    }

    fn from_json(text: &str) -> CredentialSettings {
        serde_json::from_str(text).expect("settings")
    }

    #[test]
    fn what_an_earlier_version_stored_is_read() {
        let CredentialSettings::GraphSecret(read) = stored() else { panic!("a secret's settings") };
        assert_eq!(read.ends_on(), date(2028, 11, 21));
        assert_eq!(read.names.secret.as_ref().map(|name| name.as_str()), Some("Engage access"));
        assert_eq!(read.certificate(), None);
        let written = serde_json::to_string(&CredentialSettings::GraphSecret(read.clone())).expect("JSON");
        assert_eq!(from_json(&written), CredentialSettings::GraphSecret(read));
    }

    #[test]
    fn a_certificate_is_read_as_it_was_stored() {
        let certificate = AppCertificate {
            der: "MIIC".to_owned(),
            thumbprint: "AB".repeat(20),
            subject: String::new(),
            starts_on: date(2026, 11, 20),
            ends_on: date(2028, 11, 21),
        };
        let read = settings(ProofTerms::Certificate { certificate: certificate.clone() });
        assert_eq!((read.ends_on(), read.certificate()), (date(2028, 11, 21), Some(&certificate)));
        let written =
            serde_json::to_string(&CredentialSettings::GraphCertificate(read.clone())).expect("JSON");
        assert_eq!(from_json(&written), CredentialSettings::GraphCertificate(read));
    }
}
