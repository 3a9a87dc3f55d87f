//! A credential: a typed secret and its settings.
//!
//! The secret is a type that cannot be shown or copied by accident. The settings are shown again on pages and
//! kept encrypted at rest.

use jiff::civil::Date;

use super::{
    address::MailAddress,
    app::{AppSettings, Proof},
    exchange::{ExchangeNames, ExchangeSettings, Login, ServicePassword},
    google::{GoogleDelegatedSettings, GoogleKey, GoogleKeySettings},
    kind::AccessKind,
    microsoft365::PasswordSettings,
};
pub use super::{
    client_secret::{ClientSecret, SecretProblem},
    tenant_name::TenantName,
};

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
    /// For [`AccessKind::Microsoft365Password`].
    Microsoft365Password(PasswordSettings),
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
            Self::Microsoft365Password(_) => AccessKind::Microsoft365Password,
        }
    }

    /// The app registration, for the kinds that sign in as one.
    pub const fn app(&self) -> Option<&AppSettings> {
        match self {
            Self::ExchangeBasic(_)
            | Self::Microsoft365Password(_)
            | Self::GoogleDelegated(_)
            | Self::GoogleKey(_) => None,
            Self::GraphCertificate(settings) | Self::GraphSecret(settings) => Some(settings),
            Self::EwsSecret(settings) => Some(&settings.app),
        }
    }

    /// The service account's login and names, for the kinds that sign in as one.
    pub const fn service_account(&self) -> Option<(&Login, &ExchangeNames)> {
        match self {
            Self::ExchangeBasic(settings) => Some((&settings.service_account, &settings.names)),
            Self::Microsoft365Password(settings) => Some((&settings.service_account, &settings.names)),
            Self::GraphCertificate(_)
            | Self::GraphSecret(_)
            | Self::EwsSecret(_)
            | Self::GoogleDelegated(_)
            | Self::GoogleKey(_) => None,
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
            Self::Microsoft365Password(settings) => &settings.test_mailbox,
        }
    }

    /// The same, but for another mailbox to act as.
    #[must_use]
    pub fn at(mut self, mailbox: MailAddress) -> Self {
        *match &mut self {
            Self::ExchangeBasic(settings) => &mut settings.test_mailbox,
            Self::GraphCertificate(settings) | Self::GraphSecret(settings) => &mut settings.test_mailbox,
            Self::EwsSecret(settings) => &mut settings.app.test_mailbox,
            Self::GoogleDelegated(settings) => &mut settings.test_mailbox,
            Self::GoogleKey(settings) => &mut settings.test_mailbox,
            Self::Microsoft365Password(settings) => &mut settings.test_mailbox,
        } = mailbox;
        self
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
    /// For [`AccessKind::Microsoft365Password`].
    Microsoft365Password {
        /// What goes with the password.
        settings: PasswordSettings,
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

    #[test]
    fn the_last_day_lies_between_30_days_and_24_months_ahead() {
        let today = date(2026, 11, 21);
        assert_eq!(expiry_fits(date(2026, 11, 20), today), Err(ExpiryProblem::Past));
        assert_eq!(expiry_fits(date(2026, 12, 20), today), Err(ExpiryProblem::TooSoon));
        assert_eq!(expiry_fits(date(2026, 12, 21), today), Ok(()));
        assert_eq!(expiry_fits(date(2028, 11, 21), today), Ok(()));
        assert_eq!(expiry_fits(date(2029, 1, 1), today), Err(ExpiryProblem::TooFar));
    }
}
