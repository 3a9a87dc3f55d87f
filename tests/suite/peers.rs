//! Independent programs, unmodified, against the simulated outside world.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use moxi_onboard::simulator::Settings;
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

/// Runs a script of tests/peers with JSON in and JSON out; it may take a minute.
async fn run(python: &Path, script: &str, input: &Value) -> Value {
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
    let now: jiff::Timestamp = "2026-11-21T09:00:00Z".parse().expect("a time");
    let settings = Settings::new(&folder, Settings::clock(move || now));
    let simulator = moxi_onboard::simulator::start(settings).await.expect("a start");
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
            "client_secret": sample.client_secret,
            // Both ways of a client: to trust its authority, and to ask about it first.
            "instance_discovery": *name == "healthy",
        })
    };
    let hosts: serde_json::Map<String, Value> =
        simulator.addresses().hosts.iter().map(|(name, at)| (name.clone(), json!(at.loopback))).collect();
    let input = json!({
        "hosts": hosts,
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
