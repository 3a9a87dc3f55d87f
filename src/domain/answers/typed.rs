//! The answers as they were typed: a text for each field of the form, so that a refused form shows them again.
//!
//! The secret is not among them: it is sealed by itself and never kept as text.

use std::collections::BTreeMap;

use super::{
    super::{causes, google::ServiceAccount, kind::AccessKind, refused::FieldError},
    rules::bare,
};

/// The names of the fields, as they stand in forms and in stored drafts.
pub mod field {
    /// What the app is called.
    pub const APP_NAME: &str = "app_name";
    /// The tenant's id or one of its domains.
    pub const TENANT: &str = "tenant";
    /// The application (client) id.
    pub const CLIENT_ID: &str = "client_id";
    /// The description of the client secret.
    pub const SECRET_NAME: &str = "secret_name";
    /// The certificate that we make for the app. Nobody types it: the page shows it in this place.
    pub const APP_CERTIFICATE: &str = "app_certificate";
    /// The client secret.
    pub const CLIENT_SECRET: &str = "client_secret";
    /// The month the secret ends in: a number or a name.
    pub const ENDS_MONTH: &str = "ends_month";
    /// The day it ends on.
    pub const ENDS_DAY: &str = "ends_day";
    /// The year it ends in.
    pub const ENDS_YEAR: &str = "ends_year";
    /// `yes` when the admin says that a day more than 24 months ahead is right.
    pub const ENDS_SURE: &str = "ends_sure";
    /// The mailbox the check acts as.
    pub const TEST_MAILBOX: &str = "test_mailbox";
    /// `yes` when the admin says that the test mailbox is an ordinary user's who has opened it. Nothing depends on it: what
    /// was not said is pointed out before anything is submitted.
    pub const MAILBOX_USED: &str = "mailbox_used";
    /// A mailbox that must be refused.
    pub const OUTSIDE_MAILBOX: &str = "outside_mailbox";
    /// The service account: its login, or its address where it has no password here.
    pub const SERVICE_ACCOUNT: &str = "service_account";
    /// What the service account is called.
    pub const ACCOUNT_NAME: &str = "account_name";
    /// The password of the service account.
    pub const PASSWORD: &str = "password";
    /// The role group that carries the right to impersonate.
    pub const ROLE_GROUP: &str = "role_group";
    /// Where EWS is, when it is not to be looked for.
    pub const EWS_URL: &str = "ews_url";
    /// The fingerprint of the one certificate that is trusted besides those of public authorities.
    pub const CERTIFICATE: &str = "certificate_sha256";
    /// The key file of a service account, as text.
    pub const SERVICE_ACCOUNT_KEY: &str = "service_account_key";
}
use field::*;

/// What is worth saying of the password that was sealed. Stored beside the answers and no field of the form.
const REMARK: &str = "password_remark";
/// Whose key was sealed. The same holds for these.
const KEY_EMAIL: &str = "sealed_key_email";
const KEY_CLIENT: &str = "sealed_key_client_id";
const KEY_PROJECT: &str = "sealed_key_project";
const KEY_ID: &str = "sealed_key_id";

/// Before a field's name: what was wrong with something typed there that was not kept, so that it cannot be found
/// again. The entry of the catalogue comes first, on a line of its own.
const SLIP: &str = "slip:";

/// What is stored beside the answers and is no field of any form.
const BESIDE: &[&str] = &[REMARK, KEY_EMAIL, KEY_CLIENT, KEY_PROJECT, KEY_ID];

const APP_FIELDS: &[&str] = &[
    APP_NAME,
    TENANT,
    CLIENT_ID,
    SECRET_NAME,
    CLIENT_SECRET,
    ENDS_MONTH,
    ENDS_DAY,
    ENDS_YEAR,
    ENDS_SURE,
    TEST_MAILBOX,
    MAILBOX_USED,
    OUTSIDE_MAILBOX,
];
const CERTIFICATE_FIELDS: &[&str] =
    &[APP_NAME, TENANT, CLIENT_ID, APP_CERTIFICATE, TEST_MAILBOX, MAILBOX_USED, OUTSIDE_MAILBOX];
const EWS_FIELDS: &[&str] = &[
    APP_NAME,
    TENANT,
    CLIENT_ID,
    SECRET_NAME,
    CLIENT_SECRET,
    ENDS_MONTH,
    ENDS_DAY,
    ENDS_YEAR,
    ENDS_SURE,
    SERVICE_ACCOUNT,
    TEST_MAILBOX,
    MAILBOX_USED,
    OUTSIDE_MAILBOX,
];
const EXCHANGE_FIELDS: &[&str] = &[
    ACCOUNT_NAME,
    SERVICE_ACCOUNT,
    PASSWORD,
    ROLE_GROUP,
    EWS_URL,
    CERTIFICATE,
    TEST_MAILBOX,
    MAILBOX_USED,
    OUTSIDE_MAILBOX,
];
const DELEGATED_FIELDS: &[&str] = &[TEST_MAILBOX, MAILBOX_USED];
const GOOGLE_KEY_FIELDS: &[&str] = &[SERVICE_ACCOUNT_KEY, TEST_MAILBOX, MAILBOX_USED];

const MICROSOFT365_FIELDS: &[&str] =
    &[ACCOUNT_NAME, SERVICE_ACCOUNT, PASSWORD, ROLE_GROUP, CLIENT_ID, TEST_MAILBOX, MAILBOX_USED];

/// The fields of a kind's form in the order of the page; errors are told in this order.
pub const fn fields(kind: AccessKind) -> &'static [&'static str] {
    match kind {
        AccessKind::ExchangeBasic => EXCHANGE_FIELDS,
        AccessKind::GraphCertificate => CERTIFICATE_FIELDS,
        AccessKind::GraphSecret => APP_FIELDS,
        AccessKind::EwsSecret => EWS_FIELDS,
        AccessKind::GoogleDelegated => DELEGATED_FIELDS,
        AccessKind::GoogleKey => GOOGLE_KEY_FIELDS,
        AccessKind::Microsoft365Password => MICROSOFT365_FIELDS,
    }
}

/// The one field of them that is never kept as text: where the secret is typed, or shown that it is there. None, where
/// nothing secret is handed over.
pub const fn secret_field(kind: AccessKind) -> Option<&'static str> {
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => Some(PASSWORD),
        AccessKind::GraphCertificate => Some(APP_CERTIFICATE),
        AccessKind::GraphSecret | AccessKind::EwsSecret => Some(CLIENT_SECRET),
        AccessKind::GoogleKey => Some(SERVICE_ACCOUNT_KEY),
        AccessKind::GoogleDelegated => None,
    }
}

/// What sentences call it.
pub const fn secret_noun(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => "password",
        AccessKind::GraphCertificate => "certificate",
        AccessKind::GraphSecret | AccessKind::EwsSecret => "client secret",
        AccessKind::GoogleDelegated | AccessKind::GoogleKey => "key file",
    }
}

/// How somebody gives us the secret of a kind, where it is theirs to give.
pub const fn secret_verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::GoogleKey => "upload or paste",
        _ => "enter",
    }
}

/// The typed answers of one kind's form, as typed. A field that was left empty has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    kind: AccessKind,
    texts: BTreeMap<String, String>,
}

impl Answers {
    /// These answers with the last day that other ones give, and nothing else of them: what is renewed is the secret.
    pub fn renewed_by(&self, typed: &Self) -> Self {
        [ENDS_MONTH, ENDS_DAY, ENDS_YEAR, ENDS_SURE]
            .into_iter()
            .fold(self.clone(), |answers, field| answers.with(field, typed.text(field)))
    }

    /// A form that nobody has typed into.
    pub const fn empty(kind: AccessKind) -> Self {
        Self { kind, texts: BTreeMap::new() }
    }

    /// The answers as a draft holds them. What is no field of this kind is dropped.
    pub fn from_stored(kind: AccessKind, texts: BTreeMap<String, String>) -> Self {
        let mut answers = Self::empty(kind);
        for (field, text) in texts {
            answers.put(&field, text);
        }
        answers
    }

    /// The answers as a draft holds them.
    pub const fn to_stored(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// The kind whose form it is.
    pub const fn kind(&self) -> AccessKind {
        self.kind
    }

    /// What stands in a field; empty when nothing does.
    pub fn text(&self, field: &str) -> &str {
        self.texts.get(field).map(String::as_str).unwrap_or_default()
    }

    /// The same answers with another text in a field. What is no field of this kind is dropped.
    #[must_use]
    pub fn with(mut self, field: &str, text: impl Into<String>) -> Self {
        self.put(field, text.into());
        self
    }

    /// What is worth saying of the password that was sealed; empty when nothing is.
    pub fn remark(&self) -> &str {
        self.text(REMARK)
    }

    /// Whether it was said that the test mailbox is an ordinary user's who has opened it.
    pub fn says_mailbox_is_used(&self) -> bool {
        self.text(MAILBOX_USED) == "yes"
    }

    /// The same answers with that said, or not.
    #[must_use]
    pub fn with_mailbox_used(self, used: bool) -> Self {
        self.with(MAILBOX_USED, if used { "yes" } else { "" })
    }

    /// The same answers with this to be said of the password.
    #[must_use]
    pub fn with_remark(self, remark: &str) -> Self {
        self.with(REMARK, remark)
    }

    /// Whose key was sealed, where one was.
    pub fn sealed_account(&self) -> Option<ServiceAccount> {
        let [email, client_id, project, key_id] =
            [KEY_EMAIL, KEY_CLIENT, KEY_PROJECT, KEY_ID].map(|name| self.text(name).to_owned());
        (!email.is_empty()).then_some(ServiceAccount { email, client_id, project, key_id })
    }

    /// The same answers with this account as the one whose key was sealed.
    #[must_use]
    pub fn with_sealed_account(self, account: Option<&ServiceAccount>) -> Self {
        let text = |read: fn(&ServiceAccount) -> &String| account.map(read).cloned().unwrap_or_default();
        self.with(KEY_EMAIL, text(|account| &account.email))
            .with(KEY_CLIENT, text(|account| &account.client_id))
            .with(KEY_PROJECT, text(|account| &account.project))
            .with(KEY_ID, text(|account| &account.key_id))
    }

    /// What was wrong with that part of what was typed last that was not kept, in the order of the page: a secret that
    /// can be none, or one in a field of others.
    pub fn slips(&self) -> Vec<FieldError> {
        let one = |field: &&'static str| {
            let (cause, sentence) = self.texts.get(&format!("{SLIP}{field}"))?.split_once('\n')?;
            Some(FieldError::new(field, sentence).of(causes::find(cause).map(|cause| cause.id)))
        };
        fields(self.kind).iter().filter_map(one).collect()
    }

    /// The same answers with these slips and no others.
    #[must_use]
    pub fn with_slips(mut self, slips: &[FieldError]) -> Self {
        self.texts.retain(|name, _| !name.starts_with(SLIP));
        slips.iter().fold(self, |answers, slip| {
            let told = format!("{}\n{}", slip.cause.unwrap_or_default(), slip.sentence);
            answers.with(&format!("{SLIP}{}", slip.field), told)
        })
    }

    fn put(&mut self, field: &str, text: String) {
        let slip = field.strip_prefix(SLIP).is_some_and(|of| fields(self.kind).contains(&of));
        let kept = slip || fields(self.kind).contains(&field) && secret_field(self.kind) != Some(field);
        if (!kept && !BESIDE.contains(&field)) || text.is_empty() {
            self.texts.remove(field);
        } else {
            self.texts.insert(field.to_owned(), text);
        }
    }

    /// Shortens what nobody types: no answer has more than 1,000 characters, and none holds a NUL.
    #[must_use]
    pub fn cut(mut self) -> Self {
        for text in self.texts.values_mut() {
            *text = text.chars().take(1000).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect();
        }
        self
    }

    /// Takes a secret out of the fields it does not belong in, so that it is neither kept nor shown. `given` is what
    /// stands in the secret's own field. Returns an error for each field that was emptied.
    pub fn drop_misplaced_secret(&mut self, given: &str) -> Vec<FieldError> {
        let (noun, mend) = match self.kind {
            AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => {
                ("your password", "Put it into the field \"Password\" only")
            }
            AccessKind::GraphCertificate => ("a client secret", "This way needs none: delete it in Entra"),
            AccessKind::GraphSecret | AccessKind::EwsSecret => {
                ("a client secret", "Put it into the field \"Client secret\" only")
            }
            AccessKind::GoogleKey => ("a private key", "Put it into the field \"Key file\" only"),
            AccessKind::GoogleDelegated => ("a private key", "This way needs none: send it to nobody"),
        };
        let mut errors = Vec::new();
        for field in fields(self.kind) {
            let text = self.text(field);
            if is_misplaced(self.kind, text, given.trim()) {
                let (cause, noun, mend) = match (is_private_key(text), self.kind) {
                    (true, AccessKind::GoogleDelegated | AccessKind::GoogleKey) => (UPLOADED, noun, mend),
                    (true, _) => {
                        (UPLOADED, "a private key", "Nobody else may have it: replace it by a new one")
                    }
                    (false, _) => ("form_secret_in_notes", noun, mend),
                };
                self.texts.remove(*field);
                let sentence = format!("This looked like {noun}, so we did not keep it here. {mend}");
                errors.push(FieldError::new(field, sentence).of(Some(cause)));
            }
        }
        errors
    }
}

/// A private key stands where none is asked for.
const UPLOADED: &str = "form_private_key_uploaded";

/// Whether a text gives the secret away. A word shorter than the ones counted here may stand in another answer by chance.
fn is_misplaced(kind: AccessKind, text: &str, given: &str) -> bool {
    let known = match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => {
            given.chars().count() >= 8 && text.contains(given) || !given.is_empty() && bare(text) == given
        }
        AccessKind::GraphCertificate => looks_like_secret(text),
        AccessKind::GraphSecret | AccessKind::EwsSecret => {
            given.chars().count() >= 16 && text.contains(given) || looks_like_secret(text)
        }
        AccessKind::GoogleDelegated | AccessKind::GoogleKey => false,
    };
    known || is_private_key(text)
}

/// A key as text, or a key file of Google's.
fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY") || text.contains("private_key")
}

/// Entra's values have a tilde among their letters; nothing else that belongs into the form is long and has one.
fn looks_like_secret(text: &str) -> bool {
    let text = bare(text);
    text.len() >= 20
        && text.contains('~')
        && !text.contains('@')
        && text.bytes().all(|b| b.is_ascii_graphic())
}
