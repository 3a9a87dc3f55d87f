//! What an admin types for a credential, and the rules that read it before any network is asked.

mod app;
mod exchange;
mod google;
mod microsoft365;
mod rules;
mod typed;

use super::{credential::CredentialSettings, kind::AccessKind, refused::FieldError, renewal::Renewal};

use rules::Found;
pub use rules::{Earlier, Rules};
pub use typed::{Answers, field, fields, secret_field, secret_noun, secret_verb};

impl Answers {
    /// Empty answers with the names that attempt `n` proposes.
    pub fn proposed(kind: AccessKind, attempt: i64) -> Self {
        let empty = Self::empty(kind);
        match kind {
            AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => {
                exchange::proposed(empty, attempt)
            }
            AccessKind::GraphCertificate | AccessKind::GraphSecret | AccessKind::EwsSecret => {
                app::proposed(empty, attempt)
            }
            // Nothing is named: a key file names its account itself.
            AccessKind::GoogleDelegated | AccessKind::GoogleKey => empty,
        }
    }

    /// The answers of a new attempt after one that failed: everything that is not secret and that its cause does not
    /// use up, and new names for the rest.
    pub fn after(earlier: &CredentialSettings, attempt: i64, renewal: Renewal) -> Self {
        let empty = Self::empty(earlier.kind());
        match earlier {
            CredentialSettings::ExchangeBasic(earlier) => exchange::after(empty, earlier, attempt, renewal),
            CredentialSettings::Microsoft365Password(earlier) => {
                microsoft365::after(empty, earlier, attempt, renewal)
            }
            CredentialSettings::GraphCertificate(earlier) | CredentialSettings::GraphSecret(earlier) => {
                app::after(empty, earlier, attempt, renewal)
            }
            CredentialSettings::EwsSecret(earlier) => {
                let account = earlier.service_account.as_ref().map(|account| account.as_str());
                app::after(empty, &earlier.app, attempt, renewal)
                    .with(field::SERVICE_ACCOUNT, account.unwrap_or_default())
            }
            CredentialSettings::GoogleDelegated(_) | CredentialSettings::GoogleKey(_) => {
                empty.with(field::TEST_MAILBOX, earlier.test_mailbox().as_str())
            }
        }
    }

    /// Reads the answers; errs with everything that is wrong, in the order of the page.
    pub fn read(&self, rules: &Rules<'_>) -> Result<CredentialSettings, Vec<FieldError>> {
        let mut found = Found::default();
        let settings = match self.kind() {
            AccessKind::ExchangeBasic => {
                exchange::read(self, rules, &mut found).map(CredentialSettings::ExchangeBasic)
            }
            AccessKind::GraphCertificate => {
                app::read_certified(self, rules, &mut found).map(CredentialSettings::GraphCertificate)
            }
            AccessKind::Microsoft365Password => {
                microsoft365::read(self, rules, &mut found).map(CredentialSettings::Microsoft365Password)
            }
            AccessKind::GraphSecret => {
                app::read(self, rules, &mut found).map(CredentialSettings::GraphSecret)
            }
            AccessKind::EwsSecret => {
                app::read_ews(self, rules, &mut found).map(CredentialSettings::EwsSecret)
            }
            AccessKind::GoogleDelegated => {
                google::read_delegated(self, rules, &mut found).map(CredentialSettings::GoogleDelegated)
            }
            AccessKind::GoogleKey => {
                google::read_key(self, rules, &mut found).map(CredentialSettings::GoogleKey)
            }
        };
        settings.ok_or_else(|| in_page_order(self.kind(), found.0))
    }
}

/// Puts errors into the order of the page.
pub fn in_page_order(kind: AccessKind, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    let fields = fields(kind);
    errors.sort_by_key(|error| fields.iter().position(|field| *field == error.field));
    errors
}

#[cfg(test)]
mod tests;
