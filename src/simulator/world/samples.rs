//! Sample credentials: one for each interesting outcome, each in a tenant of its own.

use jiff::{Timestamp, civil};
use serde::Serialize;

use super::google::{self, GoogleSample};
use super::script::{Kind, SampleScript, Uploaded};
use super::tenant::{App, Tenant};
use crate::simulator::google::keys::Keys;
use crate::simulator::identity::{stable_guid, stable_secret};
use crate::simulator::sample_key::SampleKey;

/// A credential to try, and what a check should make of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// Short name, the tenant's.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The access kind.
    pub kind: &'static str,
    /// As the person types it.
    pub tenant_id: String,
    /// The mail domain of the tenant and of everybody in it.
    pub tenant_domain: String,
    /// As the person types it.
    pub client_id: String,
    /// As the person types it.
    pub client_secret: String,
    /// As the person types it: in a sample whose secret has expired, they believe in a later day.
    pub secret_expires_on: civil::Date,
    /// The mailbox the check acts as.
    pub test_mailbox: String,
    /// Who brings it.
    pub brokerage: Brokerage,
    /// `passed`, `passed_with_warnings`, `failed`, `waiting_for_provider` or `could_not_tell`.
    pub expected_verdict: String,
    /// The cause, or the warning, that goes with the verdict.
    pub expected_cause: Option<String>,
    /// Does it pass some time after the first request?
    pub heals: bool,
    /// A good credential of the same tenant, for the second attempt.
    pub second: Option<Credential>,
    /// A mailbox of the same tenant with which this credential passes.
    pub other_mailbox: Option<String>,
    /// The key pair of the app, in a sample with a certificate; client secret and its last day are empty there.
    pub certificate: Option<KeyPair>,
    /// A mailbox that must be refused, where the person names one.
    pub outside_mailbox: Option<String>,
    /// The service account, in a sample of an Exchange server or of a password in Microsoft 365. Tenant and secret are
    /// empty there, and so is the client, unless the account signs in through an app.
    pub account: Option<Account>,
    /// A good service account of the same office, for the second attempt.
    pub second_account: Option<Account>,
    /// What is entered for a Google Workspace; tenant, client and secret are empty there.
    pub google: Option<GoogleSample>,
    /// What is entered for it at a good second attempt.
    pub second_google: Option<GoogleSample>,
}

/// What a person gives of an app's key pair at a terminal. A portal makes a pair of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyPair {
    /// The certificate, as PEM.
    pub certificate: String,
    /// The private key, as PEM.
    pub private_key: String,
    /// Whether the person uploads the certificate to the app before they submit.
    pub uploads: bool,
}

/// What a person types of a service account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// The login.
    pub service_account: String,
    /// The password.
    pub password: String,
    /// Where EWS is; none leaves it to autodiscover.
    pub ews_url: Option<String>,
    /// The fingerprint of the server's certificate, where it is to be pinned.
    pub certificate_sha256: Option<String>,
    /// The display name of the account.
    pub account_name: String,
    /// The role group the account is in.
    pub role_group: String,
}

/// The brokerage a sample belongs to; all invented.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Brokerage {
    /// Company name.
    pub company: String,
    /// Contact name.
    pub person: String,
    /// The admin's address, of the tenant's domain.
    pub admin_email: String,
}

/// What a person types for one attempt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Credential {
    /// Tenant id.
    pub tenant_id: String,
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// Its last day.
    pub secret_expires_on: civil::Date,
    /// The mailbox the check acts as.
    pub test_mailbox: String,
    /// The key pair in place of the secret.
    pub certificate: Option<KeyPair>,
}

/// The sample of a tenant, if its script has one. `pin` is the fingerprint of the certificate that offices with an
/// authority of their own present.
pub(crate) fn sample_of(
    tenant: &Tenant,
    started: Timestamp,
    pin: &str,
    (keys, key): (&Keys, &SampleKey),
) -> Option<Sample> {
    let script = tenant.script.sample.as_ref()?;
    let kind = kind_of(tenant, script);
    let mut sample = Sample {
        name: tenant.name.clone(),
        title: tenant.script.title.clone(),
        kind: kind.word(),
        tenant_id: String::new(),
        tenant_domain: tenant.domain.clone(),
        client_id: String::new(),
        client_secret: String::new(),
        secret_expires_on: civil::Date::default(),
        test_mailbox: tenant.address(&script.mailbox),
        brokerage: Brokerage {
            company: tenant.script.company.clone(),
            person: tenant.script.person.clone(),
            admin_email: tenant.address(&tenant.script.admin),
        },
        expected_verdict: script.verdict.word().into(),
        expected_cause: script.cause.clone(),
        heals: tenant.script.heals,
        second: None,
        other_mailbox: script.other_mailbox.as_deref().map(|local| tenant.address(local)),
        certificate: None,
        outside_mailbox: script.outside.as_deref().map(|local| tenant.address(local)),
        account: None,
        second_account: None,
        google: None,
        second_google: None,
    };
    if matches!(kind, Kind::GoogleDelegated | Kind::GoogleKey) {
        sample.google = Some(google::first(tenant, script, kind, keys)?);
        sample.second_google = google::second(tenant, script, kind, keys);
        return Some(sample);
    }
    if matches!(kind, Kind::ExchangeBasic | Kind::Microsoft365Password) {
        if let Some(app) = script.app.as_deref().and_then(|name| named(tenant, Some(name))) {
            sample.client_id.clone_from(&app.client_id);
        }
        sample.account = Some(account(tenant, script, script.account.as_deref(), pin)?);
        let second = script.second_account.as_deref();
        sample.second_account = second.and_then(|name| account(tenant, script, Some(name), pin));
        return Some(sample);
    }
    let app = named(tenant, script.app.as_deref())?;
    sample.tenant_id = typed_tenant(tenant, script);
    sample.client_id.clone_from(&app.client_id);
    let key = (kind == Kind::GraphCertificate).then_some(key);
    match key {
        Some(key) => sample.certificate = Some(pair(app, key)),
        None => {
            sample.client_secret = typed_secret(tenant, app, script);
            sample.secret_expires_on = believed_expiry(app, started);
        }
    }
    let second = script.second.as_deref().and_then(|name| named(tenant, Some(name)));
    sample.second = second.map(|app| credential(tenant, app, script, key));
    Some(sample)
}

fn kind_of(tenant: &Tenant, script: &SampleScript) -> Kind {
    let usual = match &tenant.google {
        Some(workspace) if workspace.accounts.is_empty() => Kind::GoogleDelegated,
        Some(_) => Kind::GoogleKey,
        None if tenant.server.is_some() => Kind::ExchangeBasic,
        None if tenant.directory.is_some() => Kind::Microsoft365Password,
        None => Kind::GraphSecret,
    };
    script.kind.unwrap_or(usual)
}

/// The account of this name, or the first. A password that is typed instead belongs to the first attempt only.
fn account(tenant: &Tenant, script: &SampleScript, name: Option<&str>, pin: &str) -> Option<Account> {
    let server = tenant.server.as_ref().or(tenant.directory.as_ref())?;
    let found = match name {
        None => server.accounts.first()?,
        Some(name) => server.account(name)?,
    };
    let local = &found.script.name;
    let first = name == script.account.as_deref();
    let typed = script.typed_password.clone().filter(|_| first);
    let label = tenant.domain.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let group = server.script.role_group.iter().find(|group| group.members.contains(local));
    Some(Account {
        service_account: if script.older_login { format!("{label}\\{local}") } else { tenant.address(local) },
        password: typed.unwrap_or_else(|| found.password.clone()),
        ews_url: (!script.without_url && tenant.server.is_some())
            .then(|| format!("https://mail.{}/EWS/Exchange.asmx", tenant.domain)),
        certificate_sha256: script.pinned.then(|| pin.to_owned()),
        account_name: found.script.title.clone(),
        role_group: group.map_or_else(|| "Impersonation".to_owned(), |group| group.name.clone()),
    })
}

fn named<'a>(tenant: &'a Tenant, name: Option<&str>) -> Option<&'a App> {
    match name {
        None => tenant.apps.first(),
        Some(name) => tenant.apps.iter().find(|app| app.script.name == name),
    }
}

fn typed_tenant(tenant: &Tenant, script: &SampleScript) -> String {
    match script.typed_tenant.as_deref() {
        None => tenant.id.clone(),
        Some("mistyped") => stable_guid(&format!("mistyped tenant {}", tenant.name)),
        Some(other) => other.to_owned(),
    }
}

/// `wrong` stands for a value of the right shape that no app has, `id` for a pasted secret ID.
fn typed_secret(tenant: &Tenant, app: &App, script: &SampleScript) -> String {
    match script.typed_secret.as_deref() {
        None => app.secret.clone(),
        Some("wrong") => stable_secret(&format!("wrong {}", tenant.name)),
        Some("id") => stable_guid(&format!("secret id {}", tenant.name)),
        Some(other) => other.to_owned(),
    }
}

fn believed_expiry(app: &App, started: Timestamp) -> civil::Date {
    if app.secret_expires > started {
        return app.secret_expires_on();
    }
    let later = started.checked_add(jiff::SignedDuration::from_hours(300 * 24)).unwrap_or(started);
    later.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn pair(app: &App, key: &SampleKey) -> KeyPair {
    KeyPair {
        certificate: key.certificate.clone(),
        private_key: key.private_key.clone(),
        uploads: app.script.certificate == Uploaded::Own,
    }
}

fn credential(tenant: &Tenant, app: &App, script: &SampleScript, key: Option<&SampleKey>) -> Credential {
    Credential {
        tenant_id: tenant.id.clone(),
        client_id: app.client_id.clone(),
        client_secret: if key.is_some() { String::new() } else { app.secret.clone() },
        secret_expires_on: app.secret_expires_on(),
        test_mailbox: tenant.address(&script.mailbox),
        certificate: key.map(|key| pair(app, key)),
    }
}
