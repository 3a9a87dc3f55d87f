//! Independent programs, unmodified, against the simulated outside world.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use moxi_onboard::clock::Clock;
use moxi_onboard::simulator::{Account, Operation, Sample, Settings, Simulator};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The Python that has the clients; none where skipping is allowed.
pub fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = std::env::var_os("MOXI_PEERS_PYTHON").map(PathBuf::from);
    let python = told.unwrap_or_else(|| home.join("target/peers/bin/python"));
    if python.is_file() {
        return Some(python);
    }
    let skips = std::env::var("MOXI_ALLOW_SKIPS").is_ok_and(|value| value == "1");
    assert!(
        skips,
        "{} is missing: run scripts/peers once, or set MOXI_PEERS_PYTHON to a Python with \
         tests/peers/requirements.txt installed (MOXI_ALLOW_SKIPS=1 leaves these tests out)",
        python.display()
    );
    eprintln!("left out: {} is missing", python.display());
    None
}

/// A simulator that stands at a fixed time, in a folder of its own.
async fn a_simulator(folder: &Path) -> Simulator {
    let now: jiff::Timestamp = "2026-11-21T09:00:00Z".parse().expect("a time");
    let settings = Settings::new(folder, Settings::clock(move || now));
    moxi_onboard::simulator::start(settings).await.expect("a start")
}

/// The same at the present, for a client that asks the machine for the time.
async fn a_present_simulator(folder: &Path) -> Simulator {
    let clock = Clock::system();
    let settings = Settings::new(folder, Settings::clock(move || clock.now().timestamp()));
    moxi_onboard::simulator::start(settings).await.expect("a start")
}

/// Where its hosts are, for a program that maps names to sockets by itself.
fn hosts(simulator: &Simulator) -> serde_json::Map<String, Value> {
    simulator.addresses().hosts.iter().map(|(name, at)| (name.clone(), json!(at.loopback))).collect()
}

/// Runs a script of tests/peers with JSON in and JSON out; it may take a minute.
pub async fn run(python: &Path, script: &str, input: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
    let mut child = Command::new(python)
        .arg(script)
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.to_string().as_bytes()).await.expect("it reads");
    drop(stdin);
    let ended = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output()).await;
    let output = ended.expect("it ends in time").expect("it ran");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn msal_takes_a_token_and_reads_refusals() {
    let Some(python) = python() else { return };
    let folder = std::env::temp_dir().join(format!("moxi-peers-{}", std::process::id()));
    let simulator = a_simulator(&folder).await;
    let names = [
        "healthy",
        "secret-wrong",
        "secret-expired",
        "app-unknown",
        "no-enterprise-application",
        "tenant-unknown",
    ];
    let credential = |name: &&str| {
        let sample = simulator.sample(name).expect("a sample");
        json!({
            "tenant_id": sample.tenant_id,
            "client_id": sample.client_id,
            "proof": sample.client_secret,
            // Both ways of a client: to trust its authority, and to ask about it first.
            "instance_discovery": *name == "healthy",
        })
    };
    let input = json!({
        "hosts": hosts(&simulator),
        "ca_file": simulator.addresses().ca_file,
        "credentials": names.iter().map(credential).collect::<Vec<_>>(),
    });
    let results = run(&python, "msal_token.py", &input).await;

    assert!(results[0]["token"].as_str().is_some_and(|token| token.split('.').count() == 3), "{results}");
    assert_eq!((&results[0]["expires_in"], &results[0]["cached"]), (&json!(3599), &json!(true)), "{results}");
    let codes = |at: usize| (results[at]["error"].clone(), results[at]["error_codes"].clone());
    assert_eq!(codes(1), (json!("invalid_client"), json!([7000215])));
    assert_eq!(codes(2), (json!("invalid_client"), json!([7000222])));
    assert_eq!(codes(3), (json!("unauthorized_client"), json!([700016])));
    assert_eq!(codes(4), (json!("invalid_client"), json!([7000229])));
    assert!(
        results[5]["refused"]
            .as_str()
            .is_some_and(|words| words.contains("Unable to get authority configuration"))
    );
    assert_eq!(simulator.token_requests("healthy"), 1);
    simulator.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn msal_signs_in_with_a_certificate_and_reads_refusals() {
    let Some(python) = python() else { return };
    let folder = std::env::temp_dir().join(format!("moxi-peers-certificate-{}", std::process::id()));
    let simulator = a_simulator(&folder).await;
    let names =
        ["certificate-healthy", "certificate-not-uploaded", "certificate-expired", "certificate-not-allowed"];
    let credential = |name: &str, newer: bool| {
        let sample = simulator.sample(name).expect("a sample");
        let pair = sample.certificate.as_ref().expect("a key pair");
        // Both ways of a client: with the certificate, which it names by SHA-256, and with its older thumbprint.
        let proof = if newer {
            json!({"private_key": pair.private_key, "public_certificate": pair.certificate})
        } else {
            let known =
                &simulator.thumbprints(&simulator.sample("certificate-healthy").expect("one").client_id)[0];
            json!({"private_key": pair.private_key, "thumbprint": known})
        };
        json!({"tenant_id": sample.tenant_id, "client_id": sample.client_id, "proof": proof})
    };
    let asked: Vec<Value> =
        names.iter().map(|name| credential(name, true)).chain([credential(names[0], false)]).collect();
    let input = json!({
        "hosts": hosts(&simulator),
        "ca_file": simulator.addresses().ca_file,
        "credentials": asked,
    });
    let results = run(&python, "msal_token.py", &input).await;
    for signed_in in [&results[0], &results[4]] {
        assert!(signed_in["token"].as_str().is_some_and(|token| token.split('.').count() == 3), "{results}");
    }
    for (at, code) in [(1, 700_027), (2, 700_027), (3, 700_030)] {
        let said = (&results[at]["error"], &results[at]["error_codes"]);
        assert_eq!(said, (&json!("invalid_client"), &json!([code])), "{results}");
    }
    simulator.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn msal_signs_in_with_a_password_and_reads_refusals() {
    let Some(python) = python() else { return };
    let folder = std::env::temp_dir().join(format!("moxi-peers-password-{}", std::process::id()));
    let simulator = a_simulator(&folder).await;
    let told = [
        ("password-healthy-token", None),
        ("password-wrong", Some(50126)),
        ("password-user-locked", Some(50053)),
        ("password-user-disabled", Some(50057)),
        ("password-expired", Some(50055)),
        ("password-mfa", Some(50076)),
        ("password-conditional-access", Some(53003)),
        ("password-no-consent", Some(65001)),
        ("password-no-public-client", Some(7_000_218)),
    ];
    let credential = |name: &str| {
        let sample = simulator.sample(name).expect("a sample");
        let account = sample.account.as_ref().expect("a service account");
        json!({
            // The domain of a login names its tenant.
            "tenant_id": sample.tenant_domain,
            "client_id": sample.client_id,
            "login": account.service_account,
            "password": account.password,
        })
    };
    let input = json!({
        "hosts": hosts(&simulator),
        "ca_file": simulator.addresses().ca_file,
        "credentials": told.iter().map(|(name, _)| credential(name)).collect::<Vec<_>>(),
    });
    let results = run(&python, "msal_token.py", &input).await;
    for (at, (name, code)) in told.iter().enumerate() {
        let result = &results[at];
        match code {
            Some(code) => assert_eq!(result["error_codes"], json!([code]), "{name}: {result}"),
            None => assert!(result["token"].is_string() && result["error"].is_null(), "{name}: {result}"),
        }
    }
    simulator.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

/// A case of the walk: a service account that acts for the sample's test mailbox.
fn on_premises(sample: &Sample, change: impl FnOnce(&mut Account)) -> Value {
    let mut account = sample.account.clone().expect("a service account");
    change(&mut account);
    json!({
        "server": format!("mail.{}", sample.tenant_domain),
        "login": account.service_account,
        "password": account.password,
        "mailbox": sample.test_mailbox,
    })
}

/// A case of the walk: an app with a token, in Exchange Online.
fn online(sample: &Sample) -> Value {
    json!({
        "tenant_id": sample.tenant_id,
        "client_id": sample.client_id,
        "client_secret": sample.client_secret,
        "mailbox": sample.test_mailbox,
    })
}

#[tokio::test]
async fn exchangelib_works_in_a_healthy_mailbox_and_meets_the_refusals() {
    let Some(python) = python() else { return };
    let folder = std::env::temp_dir().join(format!("moxi-peers-ews-{}", std::process::id()));
    let simulator = a_simulator(&folder).await;
    let sample = |name: &str| simulator.sample(name).expect("a sample").clone();
    let healthy = sample("exchange-healthy");
    let with = |mut case: Value, key: &str, value: Value| {
        case[key] = value;
        case
    };
    let plain = on_premises(&healthy, |_| {});
    let cases = [
        with(plain.clone(), "everything", json!(true)),
        on_premises(&healthy, |account| account.password.push('x')),
        on_premises(&sample("exchange-no-role"), |_| {}),
        with(plain, "mailbox", json!(format!("nobody@{}", healthy.tenant_domain))),
        with(on_premises(&sample("exchange-ntlm-only"), |_| {}), "basic", json!(false)),
        with(on_premises(&sample("exchange-busy"), |_| {}), "patient", json!(true)),
        on_premises(&sample("exchange-certificate-private-ca"), |_| {}),
        online(&sample("ews-healthy")),
        online(&sample("ews-not-allowed")),
        online(&sample("ews-rbac")),
    ];
    let input = json!({
        "hosts": hosts(&simulator),
        "offices": simulator.addresses().offices.loopback,
        "ca_file": simulator.addresses().ca_file,
        "cases": cases,
    });
    let results = run(&python, "exchangelib_walk.py", &input).await;
    let first = &results[0];
    assert_eq!(
        (&first["synced"], &first["listed"], &first["events"]),
        (&json!(12), &json!(12), &json!(3)),
        "{first}"
    );
    assert_eq!(first["changes"], json!([["create", "Piet Probe"]]), "{first}");
    assert_eq!(first["found"], json!([["Piet", "X & Y"]]), "{first}");
    assert_eq!(first["after"], json!(["delete"]), "{first}");
    assert_eq!(first["people"], json!([healthy.test_mailbox]), "{first}");
    assert!(first["folders"].as_array().is_some_and(|names| names.contains(&json!("Contacts"))), "{first}");
    for at in [5, 7] {
        let other = &results[at];
        assert_eq!((&other["synced"], &other["after"]), (&json!(12), &json!(["delete"])), "{other}");
    }
    for (at, error) in [(6, "SSL"), (8, "403"), (9, "[RAOP]")] {
        assert!(results[at]["text"].as_str().is_some_and(|text| text.contains(error)), "{}", results[at]);
    }
    let errors: Vec<&Value> = (1..5).map(|at| &results[at]["error"]).collect();
    let expected =
        ["UnauthorizedError", "ErrorImpersonateUserDenied", "ErrorNonExistentMailbox", "PermissionError"];
    assert_eq!(errors, expected.map(|name| json!(name)).iter().collect::<Vec<_>>(), "{results}");
    assert!(simulator.mailbox_items(&healthy.test_mailbox).left_behind().is_empty());
    assert!(simulator.sent_messages().is_empty());
    let seen = simulator.requests();
    let passwords = seen.iter().filter(|seen| seen.scheme.as_deref() == Some("Basic"));
    assert!(seen.iter().all(|seen| seen.secured));
    assert!(passwords.into_iter().all(|seen| seen.host.starts_with("mail.")), "a password went elsewhere");
    assert!(
        seen.iter()
            .any(|seen| seen.operation == Operation::EwsSync && seen.scheme.as_deref() == Some("Basic"))
    );
    simulator.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

/// A case of the walk: the service account of a sample, for its mailbox.
fn workspace(simulator: &Simulator, name: &str) -> Value {
    let sample = simulator.sample(name).and_then(|sample| sample.google.clone()).expect("a workspace");
    let key = sample.key_json.unwrap_or_else(|| simulator.google_key());
    json!({ "key": key, "mailbox": sample.test_mailbox })
}

#[tokio::test]
async fn google_auth_signs_in_with_and_without_a_user_and_meets_the_refusals() {
    let Some(python) = python() else { return };
    let folder = std::env::temp_dir().join(format!("moxi-peers-google-{}", std::process::id()));
    let simulator = a_present_simulator(&folder).await;
    let healthy = ["google-healthy", "google-healthy-large", "google-key-healthy"];
    let sick = [
        ("google-no-delegation", "unauthorized_client: Client is unauthorized to retrieve access tokens"),
        ("google-scope-missing", "unauthorized_client: Client is unauthorized to retrieve access tokens"),
        ("google-user-unknown", "invalid_grant: Invalid email or User ID"),
        ("google-user-deleted", "invalid_grant: The account has been deleted"),
        ("google-clock", "invalid_grant: Invalid JWT: Token must be a short-lived token"),
        ("google-key-revoked", "invalid_grant: Invalid JWT Signature."),
        ("google-key-account-deleted", "invalid_grant: Invalid grant: account not found"),
        ("google-key-client-disabled", "disabled_client: The OAuth client was disabled."),
        ("google-key-api-disabled", "403 accessNotConfigured"),
        ("google-calendar-off", "403 notACalendarUser"),
        ("google-gmail-off", "400 Mail service not enabled"),
        ("google-key-of-oauth-client", "MalformedError"),
        ("google-key-of-person", "MalformedError"),
        ("google-key-truncated", "JSONDecodeError"),
    ];
    let everything = healthy.iter().map(|name| {
        let mut case = workspace(&simulator, name);
        case["everything"] = json!(true);
        case
    });
    let refused = sick.iter().map(|(name, _)| workspace(&simulator, name));
    let input = json!({
        "hosts": hosts(&simulator),
        "ca_file": simulator.addresses().ca_file,
        "cases": everything.chain(refused).collect::<Vec<_>>(),
    });
    let results = run(&python, "google_walk.py", &input).await;
    for (at, name) in healthy.iter().enumerate() {
        let listed = if *name == "google-healthy-large" { 230 } else { 12 };
        let expected = json!({
            "listed": listed, "created": "Piet Probe", "changed": [true], "deleted": 200,
            "events": 3, "made": 200, "gone": 204,
            "send": 400, "words": "Recipient address required",
            "alone": 200, "own": {},
        });
        assert_eq!(results[at], expected, "{name}");
        let mailbox = input["cases"][at]["mailbox"].as_str().expect("a mailbox");
        assert!(simulator.mailbox_items(mailbox).left_behind().is_empty(), "{name}");
    }
    for (at, (name, expected)) in sick.iter().enumerate() {
        let result = &results[healthy.len() + at];
        let text = |name: &str| result[name].as_str().unwrap_or_default();
        let told = match (&result["status"], &result["send"]) {
            (Value::Number(status), _) => format!("{status} {}", text("reason")),
            (_, Value::Number(status)) => format!("{status} {}", text("words")),
            _ if result["told"].is_object() => {
                let part = |name: &str| result["told"][name].as_str().unwrap_or_default();
                format!("{}: {}", part("error"), part("error_description"))
            }
            _ => text("error").to_owned(),
        };
        assert!(told.starts_with(expected), "{name}: {result}");
    }
    assert!(simulator.sent_messages().is_empty());
    assert!(simulator.requests().iter().all(|seen| seen.secured && seen.host.ends_with(".googleapis.com")));
    simulator.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}
