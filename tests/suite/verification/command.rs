//! `check` from the terminal: input files, the tree, JSON, exit status.

use std::{fmt::Write as _, path::Path};

use clap::Parser;
use moxi_onboard::{
    cli::check::{self, CheckError, Ending},
    clock::{Clock, Randomness},
    simulator::Sample,
};

use super::lab::{Folder, Lab, noon};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    check: check::Args,
}

pub fn input(lab: &Lab, sample: &Sample) -> String {
    let at = lab.simulator.addresses();
    let mut text = format!(
        "tenant_id = \"{}\"\nclient_id = \"{}\"\nclient_secret = '{}'\nsecret_expires_on = {}\ntest_mailbox = \"{}\"\n\n\
         [network]\nresolver = \"{}\"\nonly_mapped = true\nextra_roots = [\"{}\"]\n\n[network.dial]\n",
        sample.tenant_id,
        sample.client_id,
        sample.client_secret,
        sample.secret_expires_on,
        sample.test_mailbox,
        at.dns,
        at.ca_file.display()
    );
    for (public, local) in &at.dial {
        writeln!(text, "\"{public}\" = \"{local}\"").expect("written");
    }
    text
}

async fn run(folder: &Path, text: &str, json: bool) -> (Result<Ending, CheckError>, String) {
    std::fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("input.toml");
    std::fs::write(&file, text).expect("written");
    let mut words = vec!["check", "--kind", "graph_secret", "--input", file.to_str().expect("a path")];
    words.extend(json.then_some("--json"));
    let line = Line::try_parse_from(words).expect("arguments");
    let mut out = Vec::new();
    let clock = Clock::standing_at(noon());
    let ending = check::run(&line.check, &clock, &Randomness::seeded(1), &mut out).await;
    (ending, String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn a_good_credential_passes_with_a_tree() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let (ending, out) = run(&folder.0, &input(&lab, &lab.sample("healthy")), false).await;
    assert_eq!(ending.expect("ran"), Ending::Passed);
    assert!(out.contains("✓ Sign in as your app"), "{out}");
    assert!(out.contains("– Look up the test mailbox's account (optional)"), "{out}");
    assert!(out.contains("Passed: MoxiEngage can work with this credential."), "{out}");
}

#[tokio::test]
async fn a_bad_one_says_what_is_wrong_and_how_to_mend_it() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let sample = lab.sample("exchange-roles-required");
    let (ending, out) = run(&folder.0, &input(&lab, &sample), false).await;
    assert_eq!(ending.expect("ran"), Ending::Failed);
    for part in [
        "✗ Open the test mailbox",
        "[RAOP]",
        "✓ The credential itself was accepted.",
        "Exchange Online wants a role for the app (exo_rbac_required)",
        &format!("Add-DistributionGroupMember 'MoxiEngage Agents' -Member '{}'", sample.test_mailbox),
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(!out.contains(&sample.client_secret));
}

#[tokio::test]
async fn json_has_the_shape_that_others_build_on() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    for (name, code) in
        [("secret-wrong", 1), ("waiting", 3), ("sign-in-riddle", 3), ("secret-expires-soon", 0)]
    {
        let sample = lab.sample(name);
        let (ending, out) = run(&folder.0, &input(&lab, &sample), true).await;
        assert_eq!(ending.expect("ran").code(), code, "{name}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(report["verdict"], sample.expected_verdict.as_str());
        let cause = report["cause"].as_str().or(report["warnings"][0].as_str());
        assert_eq!(cause, sample.expected_cause.as_deref());
        let step = report["steps"][0].as_object().expect("a step");
        let keys = ["cause", "elapsed_ms", "facts", "id", "outcome", "title", "words"];
        assert_eq!(step.keys().map(String::as_str).collect::<Vec<_>>(), keys);
        assert_eq!((&step["id"], &step["outcome"]), (&"tenant".into(), &"passed".into()));
        assert_eq!(step["facts"][0]["label"], "Tenant ID");
        assert!(!out.contains(&sample.client_secret), "{name}");
    }
}

#[tokio::test]
async fn what_the_form_shows_is_said_without_a_call() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let good = lab.sample("healthy");
    let with = |change: &dyn Fn(&mut Sample)| {
        let mut sample = good.clone();
        change(&mut sample);
        input(&lab, &sample)
    };
    for (cause, text) in [
        ("form_secret_is_id", with(&|s| s.client_secret = s.client_id.clone())),
        ("form_secret_masked", with(&|s| s.client_secret = "Xq1***".to_owned())),
        ("form_secret_whitespace", with(&|s| s.client_secret = "\"Xq18Q~abcdefghijklmnopqrst\"".to_owned())),
        ("form_ids_identical", with(&|s| s.client_id = s.tenant_id.clone())),
        ("form_expiry_invalid", with(&|s| s.secret_expires_on = jiff::civil::date(2026, 11, 20))),
    ] {
        let (ending, out) = run(&folder.0, &text, true).await;
        assert_eq!(ending.expect("ran"), Ending::Failed, "{cause}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((&report["cause"], &report["steps"]), (&cause.into(), &serde_json::json!([])));
    }
    assert_eq!(lab.simulator.requests(), []);
}

#[tokio::test]
async fn a_slip_that_the_catalogue_knows_is_told_with_its_line() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let good = input(&lab, &lab.sample("healthy"));
    for (wrong, cause, line) in [
        (
            good.replace("tenant_id = \"", "tenant_id = \"x y"),
            "form_id_malformed",
            "line 1: tenant_id: an ID has the form",
        ),
        (
            good.replace("client_id = \"", "client_id = \"zz"),
            "form_id_malformed",
            "line 2: client_id: an ID has the form",
        ),
        (
            good.replace("test_mailbox = \"", "test_mailbox = \"pat@gmail.com\" # "),
            "form_consumer_account",
            "line 5: test_mailbox: name one of the office",
        ),
    ] {
        let (ending, out) = run(&folder.0, &wrong, true).await;
        assert_eq!(ending.expect("told"), Ending::Failed);
        let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((&told["cause"], &told["steps"]), (&cause.into(), &serde_json::json!([])));
        assert!(told["problem"].as_str().is_some_and(|said| said.contains(line)), "{out}");
        let (ending, text) = run(&folder.0, &wrong, false).await;
        assert_eq!(ending.expect("told"), Ending::Failed);
        assert!(text.contains(line) && text.contains(&format!("({cause})")), "{text}");
    }
    assert_eq!(lab.simulator.requests(), []);
}

#[tokio::test]
async fn mistakes_in_the_file_are_named_by_line_and_show_no_secret() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let good = input(&lab, &lab.sample("healthy"));
    let secret = lab.sample("healthy").client_secret;
    for (wrong, expected) in [
        (good.replace("test_mailbox", "mailbox"), "line 5: unknown field `mailbox`"),
        (
            good.replace("secret_expires_on = ", "secret_expires_on = 1#"),
            "line 4: secret_expires_on: write the day",
        ),
        (good.replace("resolver = \"", "resolver = \"x"), "line 8: [network] resolver: write an address"),
        (good.replace("test_mailbox = \"", "test_mailbox = \"@"), "line 5: Enter test_mailbox in the form"),
        (good.replace("client_secret = '", "client_secret = 5 # '"), "line 3: write client_secret"),
        (
            good.replace("client_secret = ", "client_secret_file = "),
            "line 3: the file that client_secret_file names",
        ),
        (good.replace("client_secret =", "client_secret_file = 'x'\nclient_secret ="), "not both"),
        (format!("{good}\n[other]\n"), "unknown field `other`"),
        (good.replace("ca.pem", "none.pem").replace(".pem", ".nope"), "holds no certificate"),
    ] {
        let (ending, out) = run(&folder.0, &wrong, false).await;
        let said = ending.expect_err("refused").to_string();
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(out.is_empty() && !said.contains(&secret[..12]), "{said}");
    }
    assert_eq!(lab.simulator.requests(), []);
}

#[tokio::test]
async fn the_secret_may_stand_in_a_file_beside() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    let sample = lab.sample("healthy");
    std::fs::create_dir_all(&folder.0).expect("a folder");
    std::fs::write(folder.0.join("secret.txt"), format!("{}\n", sample.client_secret)).expect("written");
    let secret = format!("client_secret = '{}'", sample.client_secret);
    let text = input(&lab, &sample).replace(&secret, "client_secret_file = 'secret.txt'");
    let (ending, _) = run(&folder.0, &text, true).await;
    assert_eq!(ending.expect("ran"), Ending::Passed);
}
