//! The command line, met as the people at a terminal and the programs behind it meet it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::world::{Folder, Process, free_port, runs};

/// The simulated world as a program of its own, and what its ready file says.
async fn outside(folder: &Path) -> (Process, Value) {
    let ready = folder.join("ready.json");
    let listen = free_port().to_string();
    let arguments = ["simulator", "--listen", &listen, "--data", "world", "--ready-file", "ready.json"];
    let mut process = Process::start("simulator", folder, &arguments);
    process.ready(&format!("http://{listen}/addresses")).await;
    while !ready.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let text = fs::read_to_string(&ready).expect("the ready file");
    (process, serde_json::from_str(&text).expect("JSON"))
}

fn code(output: &std::process::Output) -> Option<i32> {
    output.status.code()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn check(folder: &Path, file: &str, input: &str, json: bool) -> std::process::Output {
    check_of("graph_secret", folder, file, input, json)
}

fn check_of(kind: &str, folder: &Path, file: &str, input: &str, json: bool) -> std::process::Output {
    fs::write(folder.join(file), input).expect("an input file");
    let mut arguments = vec!["check", "--kind", kind, "--input", file];
    arguments.extend(json.then_some("--json"));
    runs(folder, &arguments)
}

/// The exit code that belongs to a verdict.
fn expected_code(verdict: &str) -> i32 {
    match verdict {
        "passed" | "passed_with_warnings" => 0,
        "failed" => 1,
        _ => 3,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_gives_its_verdict_cause_and_exit_code() {
    let folder = Folder::new();
    let (process, ready) = outside(folder.path()).await;
    let samples = ready["samples"].as_array().expect("samples").clone();
    assert!(samples.len() > 30);
    let mut wrong = BTreeMap::new();
    for few in samples.chunks(4) {
        let checked = few.iter().map(|sample| {
            let (folder, sample) = (folder.path().to_owned(), sample.clone());
            tokio::task::spawn_blocking(move || {
                let name = sample["name"].as_str().expect("a name").to_owned();
                let input = sample["input"].as_str().expect("an input");
                let kind = sample["kind"].as_str().expect("a kind");
                (name.clone(), check_of(kind, &folder, &format!("{name}.toml"), input, true), sample)
            })
        });
        for checked in checked.collect::<Vec<_>>() {
            let (name, output, sample) = checked.await.expect("no panic");
            if let Err(difference) = compare(&sample, &output) {
                wrong.insert(name, difference);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    process.kill();
}

/// Holds one answer against what its sample promises, and against the shape that programs rely on.
fn compare(sample: &Value, output: &std::process::Output) -> Result<(), String> {
    let verdict = sample["expected_verdict"].as_str().expect("a verdict");
    let text = said(output);
    let answer: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {text}"))?;
    let expected = (verdict, &sample["expected_cause"], Some(expected_code(verdict)));
    let found = (answer["verdict"].as_str().unwrap_or_default(), &answer["cause"], code(output));
    if expected != found {
        return Err(format!("expected {expected:?}, found {found:?}: {text}"));
    }
    let secret: toml::Table = sample["input"].as_str().expect("an input").parse().expect("TOML");
    let keys = ["client_secret", "password", "private_key", "service_account_key"];
    let secret = keys.iter().find_map(|key| secret.get(*key)?.as_str());
    // Of a key a piece of its middle: its beginning and its end belong to every key.
    let secret = secret.expect("a secret");
    if text.contains(secret.get(700..760).unwrap_or(secret)) {
        return Err("the answer shows the secret".to_owned());
    }
    for step in answer["steps"].as_array().ok_or("there are steps")? {
        for key in ["id", "title", "outcome", "elapsed_ms", "cause", "facts"] {
            if step.get(key).is_none() {
                return Err(format!("a step has no {key}: {step}"));
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_the_steps_and_the_mend() {
    let folder = Folder::new();
    let (process, ready) = outside(folder.path()).await;
    let input = |name: &str| {
        let samples = ready["samples"].as_array().expect("samples");
        let sample = samples.iter().find(|sample| sample["name"] == name).expect("the sample");
        sample["input"].as_str().expect("an input").to_owned()
    };
    let passed = check(folder.path(), "healthy.toml", &input("healthy"), false);
    assert_eq!(code(&passed), Some(0), "{}", said(&passed));
    assert!(said(&passed).matches('✓').count() >= 8, "{}", said(&passed));

    let failed = check(folder.path(), "wrong.toml", &input("secret-wrong"), false);
    assert_eq!(code(&failed), Some(1));
    let cause = moxi_onboard::domain::causes::find("client_secret_invalid").expect("the cause");
    let text = said(&failed);
    assert!(text.contains(cause.title) && text.contains(cause.mend[1].text), "{text}");
    process.kill();
}

#[tokio::test]
async fn input_with_a_mistake_is_answered_with_its_line_and_sends_nothing() {
    let folder = Folder::new();
    let good = "tenant_id = \"lakeshore.example\"\nclient_id = \"2f6c1b7e-4a65-4f0b-9d3e-8b1f6f2a9c11\"\nclient_secret = \"Abc8Q~abcdefghijklmnopqrstuvwxyz0123456789\"\nsecret_expires_on = \"2099-01-01\"\ntest_mailbox = \"agent@lakeshore.example\"\n[network]\nonly_mapped = true\n";
    let broken = [
        ("an unknown name", good.replace("client_id", "client_idd"), "line 2"),
        ("no TOML", good.replace("client_secret = ", "client_secret "), "line 3"),
        ("a number", good.replace("\"agent@lakeshore.example\"", "12"), "line 5"),
        ("no address", good.replace("agent@lakeshore.example", "agent at lakeshore"), "line 5"),
        ("no day", good.replace("2099-01-01", "2099-02-30"), "line 4"),
    ];
    for (what, input, line) in broken {
        let output = check(folder.path(), "broken.toml", &input, false);
        assert_eq!(code(&output), Some(2), "{what}: {}", said(&output));
        assert!(said(&output).contains(line), "{what}: {}", said(&output));
        assert!(!said(&output).contains("Abc8Q~"), "{what}: {}", said(&output));
    }
    // A slip that the catalogue has an entry for is a result: it names the line and its cause.
    let slip = check(folder.path(), "broken.toml", &good.replace("2f6c1b7e-4a65", "2f6c"), false);
    assert_eq!(code(&slip), Some(1), "{}", said(&slip));
    assert!(said(&slip).contains("line 2"), "{}", said(&slip));
    let missing = runs(folder.path(), &["check", "--kind", "graph_secret", "--input", "not-there.toml"]);
    assert_eq!(code(&missing), Some(2));
    assert!(said(&missing).contains("not-there.toml"));
    let kind = runs(folder.path(), &["check", "--kind", "carrier_pigeon", "--input", "broken.toml"]);
    assert_eq!(code(&kind), Some(2));
    assert!(said(&kind).contains("graph_secret"), "{}", said(&kind));
}

#[tokio::test]
async fn programs_read_the_catalogue_of_causes() {
    let folder = Folder::new();
    let output = runs(folder.path(), &["causes", "--json"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let entries = list.as_array().expect("a list");
    assert!(entries.len() >= 20);
    for entry in entries {
        for key in ["id", "title", "meaning", "mend", "who", "waits", "renew", "scenarios"] {
            assert!(entry.get(key).is_some(), "no {key}: {entry}");
        }
        let id = entry["id"].as_str().expect("an id");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
    }
    let people = runs(folder.path(), &["causes"]);
    assert!(said(&people).contains("client_secret_invalid"));
}

fn settings(folder: &Path, more: &str) {
    let text = format!(
        "[product]\nenvironment = \"test\"\n[database]\nurl = \"sqlite:{0}/portal.db\"\n[vault]\npublic_keys_file = \"{0}/public.keys\"\nprivate_keys_file = \"{0}/private.keys\"\nsettings_key_file = \"{0}/settings.key\"\n[mail]\ntransport = \"files\"\ndir = \"{0}\"\nfrom = \"a@moxi.example\"\n{more}",
        folder.display()
    );
    fs::write(folder.join("settings.toml"), text).expect("a settings file");
}

#[tokio::test]
async fn keys_are_made_listed_and_never_printed() {
    let folder = Folder::new();
    settings(folder.path(), "");
    let made = runs(folder.path(), &["keys", "--config", "settings.toml", "new"]);
    assert_eq!(code(&made), Some(0), "{}", said(&made));
    let listed = runs(folder.path(), &["keys", "--config", "settings.toml", "list"]);
    assert_eq!(
        (code(&listed), said(&listed).matches("sealing  current").count()),
        (Some(0), 1),
        "{}",
        said(&listed)
    );
    let again = runs(folder.path(), &["keys", "--config", "settings.toml", "new"]);
    assert_eq!(code(&again), Some(0));
    let listed = runs(folder.path(), &["keys", "--config", "settings.toml", "list"]);
    assert_eq!(said(&listed).matches("sealing  older").count(), 1, "{}", said(&listed));
    for file in ["private.keys", "settings.key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join(file);
        assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
        let secret = fs::read_to_string(&path).expect("text");
        let words = secret.split_whitespace().filter(|word| word.len() >= 40);
        for word in words {
            assert!(!said(&made).contains(word) && !said(&listed).contains(word), "{file} is printed");
        }
    }
}

#[tokio::test]
async fn the_doctor_is_red_when_the_network_is_not_the_real_one() {
    let folder = Folder::new();
    settings(folder.path(), "");
    runs(folder.path(), &["keys", "--config", "settings.toml", "new"]);
    let well = runs(folder.path(), &["doctor", "--config", "settings.toml"]);
    assert_eq!(code(&well), Some(0), "{}", said(&well));
    assert!(said(&well).contains("about.support_address"), "what is unset is listed: {}", said(&well));
    for (setting, name) in [
        ("resolver = \"127.0.0.1:5353\"", "network.resolver"),
        ("only_mapped = true", "network.only_mapped"),
        ("dial = { \"20.190.128.1:443\" = \"127.0.0.1:8443\" }", "network.dial"),
    ] {
        settings(folder.path(), &format!("[network]\n{setting}\n"));
        let sick = runs(folder.path(), &["doctor", "--config", "settings.toml", "--json"]);
        assert_eq!(code(&sick), Some(1), "{}", said(&sick));
        let report: Value = serde_json::from_slice(&sick.stdout).expect("JSON");
        let red = report["findings"].as_array().expect("findings").iter().find(|one| one["colour"] == "red");
        assert!(
            red.is_some_and(|red| red["text"].as_str().is_some_and(|text| text.contains(name))),
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_guide_with_a_mistake_is_told_with_file_and_line() {
    let folder = Folder::new();
    settings(folder.path(), "[guides]\ndir = \"guides\"\n");
    runs(folder.path(), &["keys", "--config", "settings.toml", "new"]);
    fs::create_dir_all(folder.path().join("guides/exchange_basic")).expect("a folder");
    let well = runs(folder.path(), &["doctor", "--config", "settings.toml"]);
    assert!(said(&well).contains("guide.md"), "the file is missing: {}", said(&well));
    let guide = "---\ntitle: Ours\nversion: one\n";
    fs::write(folder.path().join("guides/exchange_basic/guide.md"), guide).expect("written");
    for command in ["doctor", "serve"] {
        let output = runs(folder.path(), &[command, "--config", "settings.toml"]);
        assert_ne!(code(&output), Some(0));
        let told = said(&output);
        assert!(
            told.contains("exchange_basic/guide.md, line 3: version: a whole number"),
            "{command}: {told}"
        );
    }
}

#[tokio::test]
async fn settings_with_a_mistake_are_answered_with_line_reason_and_what_is_allowed() {
    let folder = Folder::new();
    settings(folder.path(), "[portal]\nlisten = \"nowhere\"\ncolour = 3\n");
    let output = runs(folder.path(), &["serve", "--config", "settings.toml"]);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
    for words in ["settings.toml line 14", "settings.toml line 15", "an address and a port"] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
}
