//! What a person types into the form of a credential, whatever its kind.

use moxi_onboard::simulator::{Account, Credential, GoogleSample, Sample};

use serde_json::Value;

use super::{
    html::Form,
    seen::{NeedleKind, Seen},
};

/// The answers of one attempt, by the names of the form's fields.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The field that is never kept as text, and what is typed there.
    pub secret: (&'static str, String),
    /// Everything else, in the order of the page.
    pub fields: Vec<(&'static str, String)>,
}

impl Typed {
    /// What the sample's person types at the first attempt.
    pub fn first(sample: &Sample) -> Typed {
        if let Some(google) = &sample.google {
            return Typed::of_google(google);
        }
        let mut typed = match &sample.account {
            Some(account) => Typed::of_account(account, sample),
            None => Typed::of_app(&Credential {
                tenant_id: sample.tenant_id.clone(),
                client_id: sample.client_id.clone(),
                client_secret: sample.client_secret.clone(),
                secret_expires_on: sample.secret_expires_on,
                test_mailbox: sample.test_mailbox.clone(),
                certificate: sample.certificate.clone(),
            }),
        };
        typed.fields.extend(sample.outside_mailbox.clone().map(|outside| ("outside_mailbox", outside)));
        typed
    }

    /// What they type at the second, where the sample has a good credential for it.
    pub fn second(sample: &Sample) -> Option<Typed> {
        if let Some(google) = &sample.second_google {
            return Some(Typed::of_google(google));
        }
        let account = sample.second_account.as_ref();
        let account = account.map(|account| Typed::of_account(account, sample));
        account.or_else(|| sample.second.as_ref().map(Typed::of_app))
    }

    fn of_app(credential: &Credential) -> Typed {
        let ends = credential.secret_expires_on;
        Typed {
            secret: ("client_secret", credential.client_secret.clone()),
            fields: vec![
                ("tenant", credential.tenant_id.clone()),
                ("client_id", credential.client_id.clone()),
                ("ends_month", ends.month().to_string()),
                ("ends_day", ends.day().to_string()),
                ("ends_year", ends.year().to_string()),
                ("test_mailbox", credential.test_mailbox.clone()),
            ],
        }
    }

    fn of_account(account: &Account, sample: &Sample) -> Typed {
        let mut fields = vec![
            ("account_name", account.account_name.clone()),
            ("service_account", account.service_account.clone()),
            ("role_group", account.role_group.clone()),
        ];
        if sample.kind == "microsoft365_password" {
            fields.push(("client_id", sample.client_id.clone()));
        } else {
            fields.push(("ews_url", account.ews_url.clone().unwrap_or_default()));
            fields.push(("certificate_sha256", account.certificate_sha256.clone().unwrap_or_default()));
        }
        fields.push(("test_mailbox", sample.test_mailbox.clone()));
        Typed { secret: ("password", account.password.clone()), fields }
    }

    /// Where an office delegates to us, nothing secret is typed.
    fn of_google(google: &GoogleSample) -> Typed {
        Typed {
            secret: ("service_account_key", google.key_json.clone().unwrap_or_default()),
            fields: vec![("test_mailbox", google.test_mailbox.clone())],
        }
    }

    /// Everything with the secret, as it is typed.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = self.fields.iter().map(|(name, text)| (*name, text.as_str()));
        let secret = Some((self.secret.0, self.secret.1.as_str())).filter(|(_, text)| !text.is_empty());
        secret.into_iter().chain(fields)
    }

    /// The form filled in.
    pub fn filled_into(&self, form: Form) -> Form {
        self.all().fold(form, |form, (name, text)| form.with(name, text))
    }

    /// What gives the secret away: of a key file the lines of its key, for nothing else of it is secret.
    fn telltales(&self) -> Vec<String> {
        let (field, text) = &self.secret;
        if *field != "service_account_key" {
            return vec![text.clone()];
        }
        let file: Value = serde_json::from_str(text).unwrap_or_default();
        let key = file["private_key"].as_str().unwrap_or_default();
        key.lines().filter(|line| line.len() == 64).map(str::to_owned).collect()
    }

    /// Notes what must be found nowhere in clear: the secret, and what stands encrypted.
    pub fn note(&self, seen: &Seen) {
        for piece in self.telltales() {
            seen.typed(NeedleKind::Secret, "a secret", &piece);
        }
        for (name, text) in &self.fields {
            let private = matches!(
                *name,
                "tenant" | "client_id" | "service_account" | "test_mailbox" | "outside_mailbox"
            );
            if private && !text.is_empty() {
                seen.typed(NeedleKind::Setting, name, text);
            }
        }
    }
}
