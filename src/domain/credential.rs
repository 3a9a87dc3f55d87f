//! A credential: a typed secret and its settings.
//!
//! The secret is a type that cannot be shown or copied by accident. The settings are shown again on pages and
//! kept encrypted at rest.

use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};

use super::{
    address::{MailAddress, MailDomain},
    app::{AppSettings, Proof},
    exchange::{ExchangeSettings, ServicePassword},
    google::{GoogleDelegatedSettings, GoogleKey, GoogleKeySettings},
    guid::Guid,
    kind::AccessKind,
};

/// How a tenant was named: by its id, or by one of its domains.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantName {
    /// The directory (tenant) id.
    Id(Guid),
    /// A verified domain of the tenant.
    Domain(MailDomain),
}

impl TenantName {
    /// Reads what an admin pastes. `None` when it is neither a GUID nor a domain, or one of the words
    /// `common`, `organizations`, `consumers`, with which an app cannot sign in.
    pub fn parse(raw: &str) -> Option<Self> {
        Guid::parse(raw).map(Self::Id).or_else(|| MailDomain::parse(raw).ok().map(Self::Domain))
    }

    /// The name as it stands in addresses of the provider and on pages.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(guid) => guid.as_str(),
            Self::Domain(domain) => domain.as_str(),
        }
    }
}

/// What goes with a client secret that is used over EWS.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EwsSecretSettings {
    /// The app and its secret: the same as over Graph.
    pub app: AppSettings,
    /// A service account, where the admin made one; the check does not need it.
    pub service_account: Option<MailAddress>,
}

/// The settings of a credential, by kind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CredentialSettings {
    /// For [`AccessKind::ExchangeBasic`].
    ExchangeBasic(ExchangeSettings),
    /// For [`AccessKind::GraphCertificate`].
    GraphCertificate(AppSettings),
    /// For [`AccessKind::GraphSecret`].
    GraphSecret(AppSettings),
    /// For [`AccessKind::EwsSecret`].
    EwsSecret(EwsSecretSettings),
    /// For [`AccessKind::GoogleDelegated`].
    GoogleDelegated(GoogleDelegatedSettings),
    /// For [`AccessKind::GoogleKey`].
    GoogleKey(GoogleKeySettings),
}

impl CredentialSettings {
    /// The kind these settings are for.
    pub const fn kind(&self) -> AccessKind {
        match self {
            Self::ExchangeBasic(_) => AccessKind::ExchangeBasic,
            Self::GraphCertificate(_) => AccessKind::GraphCertificate,
            Self::GraphSecret(_) => AccessKind::GraphSecret,
            Self::EwsSecret(_) => AccessKind::EwsSecret,
            Self::GoogleDelegated(_) => AccessKind::GoogleDelegated,
            Self::GoogleKey(_) => AccessKind::GoogleKey,
        }
    }

    /// The app registration, for the kinds that sign in as one.
    pub const fn app(&self) -> Option<&AppSettings> {
        match self {
            Self::ExchangeBasic(_) | Self::GoogleDelegated(_) | Self::GoogleKey(_) => None,
            Self::GraphCertificate(settings) | Self::GraphSecret(settings) => Some(settings),
            Self::EwsSecret(settings) => Some(&settings.app),
        }
    }

    /// The day the secret ends, for the kinds whose secrets do: a certificate's last day as well as a client secret's.
    pub fn secret_expires_on(&self) -> Option<Date> {
        self.app().map(AppSettings::ends_on)
    }

    /// The mailbox the check acts as.
    pub const fn test_mailbox(&self) -> &MailAddress {
        match self {
            Self::ExchangeBasic(settings) => &settings.test_mailbox,
            Self::GraphCertificate(settings) | Self::GraphSecret(settings) => &settings.test_mailbox,
            Self::EwsSecret(settings) => &settings.app.test_mailbox,
            Self::GoogleDelegated(settings) => &settings.test_mailbox,
            Self::GoogleKey(settings) => &settings.test_mailbox,
        }
    }
}

/// What is wrong with a text that was given as a client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretProblem {
    /// Nothing was entered.
    Empty,
    /// It is a GUID: the secret's id was copied, not its value.
    IsSecretId,
    /// Dots, bullets or stars: the masked value was copied.
    Masked,
    /// Blanks, line breaks, quotes, zero-width or typographic characters within it.
    Foreign,
    /// Far shorter than any value Entra makes (about 40 characters).
    TooShort,
    /// Longer than any value Entra makes.
    TooLong,
}

impl SecretProblem {
    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter the client secret",
            Self::IsSecretId => {
                "This is the Secret ID. Copy the column \"Value\" instead; it is shown only once, so create a new client secret if it is gone"
            }
            Self::Masked => {
                "This is the masked value. Create a new client secret and copy its Value before you leave the page"
            }
            Self::Foreign => {
                "Copy the client secret again: it holds blanks, quotes or characters that cannot be seen"
            }
            Self::TooShort => "Copy the whole client secret: a Value has about 40 characters",
            Self::TooLong => "Copy only the client secret's Value: it has about 40 characters",
        }
    }
}

/// The client secret of an app registration. It shows itself to nobody: no `Debug`, no `Display`, no `Clone`.
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Parses what an admin pasted; blanks around it are cut off, since none belongs to a value.
    ///
    /// Errs when the text cannot be a client secret's value: see [`SecretProblem`].
    pub fn parse(raw: &str) -> Result<Self, SecretProblem> {
        let text = raw.trim_matches(|c: char| c.is_whitespace() || super::text::is_hidden(c));
        let letters = text.chars().count();
        let masked = text.contains('•')
            || text.contains("...")
            || text.contains('…')
            || text.contains("***")
            || text.chars().all(|c| "*.".contains(c));
        match () {
            () if text.is_empty() => Err(SecretProblem::Empty),
            () if Guid::parse(text).is_some() => Err(SecretProblem::IsSecretId),
            () if masked => Err(SecretProblem::Masked),
            () if !text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`<>".contains(&b)) => {
                Err(SecretProblem::Foreign)
            }
            () if letters < 16 => Err(SecretProblem::TooShort),
            () if letters > 256 => Err(SecretProblem::TooLong),
            () => Ok(Self(SecretString::from(text.to_owned()))),
        }
    }

    /// Takes back what the vault opened.
    pub fn from_opened(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The value, for the vault that seals it and for the request that carries it. Nobody else asks.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many characters it has: all that pages say of it.
    pub fn letters(&self) -> usize {
        self.0.expose_secret().chars().count()
    }
}

/// A credential as the check takes it.
pub enum Credential {
    /// For [`AccessKind::ExchangeBasic`].
    ExchangeBasic {
        /// What goes with the password.
        settings: ExchangeSettings,
        /// The service account's password.
        password: ServicePassword,
    },
    /// For [`AccessKind::EwsSecret`].
    EwsSecret {
        /// What goes with the proof.
        settings: EwsSecretSettings,
        /// The proof: a client secret.
        proof: Proof,
    },
    /// For the kinds that reach Microsoft 365 over Graph as an app, whatever it proves itself with.
    Graph {
        /// What goes with the proof.
        settings: AppSettings,
        /// The proof.
        proof: Proof,
    },
    /// For [`AccessKind::GoogleDelegated`]: the key is our own and belongs to whoever checks.
    GoogleDelegated {
        /// Whom the delegation is for.
        settings: GoogleDelegatedSettings,
    },
    /// For [`AccessKind::GoogleKey`].
    GoogleKey {
        /// What goes with the key.
        settings: GoogleKeySettings,
        /// The key.
        key: GoogleKey,
    },
}

/// What a rule about the secret's last day says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryProblem {
    /// The day is gone.
    Past,
    /// Fewer than 30 days are left: too little to be worth setting up.
    TooSoon,
    /// More than 24 months ahead, which the admin centre does not offer: probably a slip of the pen.
    TooFar,
}

impl ExpiryProblem {
    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Past => "This day is over. Create a new client secret and enter the day it ends",
            Self::TooSoon => {
                "This secret ends in less than 30 days. Create one that lasts 24 months, the most Entra offers"
            }
            Self::TooFar => "Check the date: Entra offers at most 24 months. Look in the column \"Expires\"",
        }
    }
}

/// Whether a secret may end on this day. 30 days is our own floor; 24 months is the most Entra's pages offer.
pub fn expiry_fits(ends: Date, today: Date) -> Result<(), ExpiryProblem> {
    let days = (ends - today).get_days();
    // 24 months and a day on either side of the date line.
    if days < 0 {
        Err(ExpiryProblem::Past)
    } else if days < 30 {
        Err(ExpiryProblem::TooSoon)
    } else if days > 733 {
        Err(ExpiryProblem::TooFar)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const VALUE: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

    #[test]
    fn a_value_is_taken_byte_for_byte() {
        let secret = ClientSecret::parse(&format!(" {VALUE}\r\n"));
        assert!(secret.is_ok_and(|s| s.expose() == VALUE && s.letters() == VALUE.len()));
    }

    #[test]
    fn what_is_no_value_is_named() {
        for (raw, problem) in [
            (" ", SecretProblem::Empty),
            ("5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11", SecretProblem::IsSecretId),
            ("Xq1••••••••••••••••", SecretProblem::Masked),
            ("****************", SecretProblem::Masked),
            ("Xq1***************************", SecretProblem::Masked),
            ("Xq18Q~abc defghijklmnopqrst", SecretProblem::Foreign),
            ("“Xq18Q~abcdefghijklmnopqrst”", SecretProblem::Foreign),
            ("Xq18Q~", SecretProblem::TooShort),
        ] {
            assert_eq!(ClientSecret::parse(raw).err(), Some(problem), "{raw}");
        }
        assert_eq!(ClientSecret::parse(&"x".repeat(257)).err(), Some(SecretProblem::TooLong));
    }

    #[test]
    fn the_last_day_lies_between_30_days_and_24_months_ahead() {
        let today = date(2026, 11, 21);
        assert_eq!(expiry_fits(date(2026, 11, 20), today), Err(ExpiryProblem::Past));
        assert_eq!(expiry_fits(date(2026, 12, 20), today), Err(ExpiryProblem::TooSoon));
        assert_eq!(expiry_fits(date(2026, 12, 21), today), Ok(()));
        assert_eq!(expiry_fits(date(2028, 11, 21), today), Ok(()));
        assert_eq!(expiry_fits(date(2029, 1, 1), today), Err(ExpiryProblem::TooFar));
    }

    #[test]
    fn a_tenant_is_an_id_or_a_domain() {
        assert!(matches!(TenantName::parse("lakeshore.example"), Some(TenantName::Domain(_))));
        assert!(matches!(TenantName::parse("5F1B9A52-7a0e-4c43-9a5a-3a7e0f6c2d11"), Some(TenantName::Id(_))));
        for wrong in ["common", "organizations", "", "not a tenant", "../x"] {
            assert_eq!(TenantName::parse(wrong), None, "{wrong}");
        }
    }
}
