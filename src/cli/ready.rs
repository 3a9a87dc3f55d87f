//! The ready file: written once everything answers, for programs that start the demo or the simulator.

use std::path::Path;

use serde_json::{Value, json};

use super::exit::Stopped;
use crate::simulator::{Account, Addresses, Credential, GoogleSample, Sample, Simulator};

/// Writes the file in one piece: beside it first, then renamed, so that nobody reads half of it.
pub(super) fn write(file: Option<&Path>, content: &Value) -> Result<(), Stopped> {
    let Some(file) = file else { return Ok(()) };
    let beside = file.with_extension("part");
    std::fs::write(&beside, content.to_string()).and_then(|()| std::fs::rename(&beside, file)).map_err(
        |error| Stopped::new(format!("the ready file {} cannot be written: {error}", file.display())),
    )
}

/// What the simulator alone tells.
pub(super) fn of_simulator(simulator: &Simulator) -> Value {
    json!({
        "simulator": simulator.addresses(),
        "ca_file": simulator.addresses().ca_file,
        "people": colleagues(simulator),
        "samples": samples(simulator),
    })
}

/// The samples of the contract: `input` is the text that `check --input` takes.
pub(super) fn samples(simulator: &Simulator) -> Vec<Value> {
    let addresses = simulator.addresses();
    let own = simulator.google_key();
    simulator.samples().iter().map(|sample| one(sample, addresses, &own)).collect()
}

/// `own` is the key file of our own service account at Google.
fn one(sample: &Sample, addresses: &Addresses, own: &str) -> Value {
    json!({
        "name": sample.name,
        "title": sample.title,
        "kind": sample.kind,
        "tenant_domain": sample.tenant_domain,
        "admin_email": sample.brokerage.admin_email,
        "company": sample.brokerage.company,
        "person": sample.brokerage.person,
        "input": input(first(sample, own), addresses),
        "second_input": second(sample, own).map(|typed| input(typed, addresses)),
        "other_mailbox": sample.other_mailbox,
        "heals": sample.heals,
        "expected_verdict": sample.expected_verdict,
        "expected_cause": sample.expected_cause,
    })
}

/// What is typed for the first attempt.
fn first(sample: &Sample, own: &str) -> toml::Table {
    if let Some(google) = &sample.google {
        return of_google(google, own);
    }
    let mut typed = match &sample.account {
        Some(account) => with_client(of_account(account, &sample.test_mailbox), sample),
        None => of_app(&Credential {
            tenant_id: sample.tenant_id.clone(),
            client_id: sample.client_id.clone(),
            client_secret: sample.client_secret.clone(),
            secret_expires_on: sample.secret_expires_on,
            test_mailbox: sample.test_mailbox.clone(),
            certificate: sample.certificate.clone(),
        }),
    };
    if let Some(outside) = &sample.outside_mailbox {
        typed.insert("outside_mailbox".to_owned(), outside.clone().into());
    }
    typed
}

/// What is typed for the second, where there is a good one.
fn second(sample: &Sample, own: &str) -> Option<toml::Table> {
    if let Some(google) = &sample.second_google {
        return Some(of_google(google, own));
    }
    let account = sample
        .second_account
        .as_ref()
        .map(|account| with_client(of_account(account, &sample.test_mailbox), sample));
    account.or_else(|| sample.second.as_ref().map(of_app))
}

/// The `[network]` table by which a process reaches the simulator.
pub(super) fn network(addresses: &Addresses) -> toml::Table {
    let dial: toml::Table =
        addresses.dial.iter().map(|(from, to)| (from.clone(), to.clone().into())).collect();
    let mut network = toml::Table::new();
    network.insert("resolver".to_owned(), addresses.dns.clone().into());
    network.insert("only_mapped".to_owned(), true.into());
    network.insert("extra_roots".to_owned(), vec![addresses.ca_file.display().to_string()].into());
    network.insert("dial".to_owned(), dial.into());
    network
}

/// The `[staff.openid]` table by which a staff site signs people in at the simulated company.
pub(super) fn openid(addresses: &Addresses) -> toml::Table {
    let said = addresses.openid.iter().flat_map(|openid| {
        [
            ("issuer", &openid.issuer),
            ("client_id", &openid.client_id),
            ("client_secret", &openid.client_secret),
        ]
    });
    said.map(|(key, value)| (key.to_owned(), value.clone().into())).collect()
}

/// The company's people, as the ready file lists them.
pub(super) fn colleagues(simulator: &Simulator) -> Vec<Value> {
    let people = simulator.openid().people().iter();
    people
        .map(|colleague| {
            json!({
                "name": colleague.name,
                "email": colleague.email,
                "account": colleague.account,
                "role": colleague.roles.first().copied().unwrap_or("none"),
                "site": "staff",
            })
        })
        .collect()
}

fn input(mut typed: toml::Table, addresses: &Addresses) -> String {
    typed.insert("network".to_owned(), network(addresses).into());
    typed.to_string()
}

fn of_app(credential: &Credential) -> toml::Table {
    let mut table = toml::Table::new();
    table.insert("tenant_id".to_owned(), credential.tenant_id.clone().into());
    table.insert("client_id".to_owned(), credential.client_id.clone().into());
    match &credential.certificate {
        Some(pair) => {
            table.insert("certificate".to_owned(), pair.certificate.clone().into());
            table.insert("private_key".to_owned(), pair.private_key.clone().into());
        }
        None => {
            table.insert("client_secret".to_owned(), credential.client_secret.clone().into());
            table.insert("secret_expires_on".to_owned(), credential.secret_expires_on.to_string().into());
        }
    }
    table.insert("test_mailbox".to_owned(), credential.test_mailbox.clone().into());
    table
}

/// The number of our own service account at Google, as its key file has it.
pub(super) fn own_google_number(simulator: &Simulator) -> String {
    let file: Value = serde_json::from_str(&simulator.google_key()).unwrap_or_default();
    file["client_id"].as_str().unwrap_or_default().to_owned()
}

/// Where the office delegates to us, whoever checks from a terminal brings our own key.
fn of_google(google: &GoogleSample, own: &str) -> toml::Table {
    let key = google.key_json.as_deref().unwrap_or(own);
    let mut table = toml::Table::new();
    table.insert("test_mailbox".to_owned(), google.test_mailbox.clone().into());
    table.insert("service_account_key".to_owned(), key.into());
    table
}

/// With the app through which the account signs in, where it does.
fn with_client(mut table: toml::Table, sample: &Sample) -> toml::Table {
    if !sample.client_id.is_empty() {
        table.insert("client_id".to_owned(), sample.client_id.clone().into());
    }
    table
}

fn of_account(account: &Account, test_mailbox: &str) -> toml::Table {
    let optional =
        [("ews_url", account.ews_url.clone()), ("certificate_sha256", account.certificate_sha256.clone())];
    let mut table = toml::Table::new();
    table.insert("service_account".to_owned(), account.service_account.clone().into());
    table.insert("password".to_owned(), account.password.clone().into());
    for (key, value) in optional {
        table.extend(value.map(|value| (key.to_owned(), value.into())));
    }
    table.insert("test_mailbox".to_owned(), test_mailbox.to_owned().into());
    table.insert("account_name".to_owned(), account.account_name.clone().into());
    table.insert("role_group".to_owned(), account.role_group.clone().into());
    table
}
