//! Input files of `check` for a service account of an Exchange server and for an app over EWS.

use clap::Parser;
use moxi_onboard::{
    cli::check::{self, CheckError, Ending},
    clock::{Clock, Randomness},
};

use super::lab::{Folder, noon};
use crate::office::KEY_FILE;

const PASSWORD: &str = "Needle pass-phrase 7#x";
const SECRET: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456._-";

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    check: check::Args,
}

/// A network that leads nowhere: nothing here may call.
const NOWHERE: &str = "\n[network]\nresolver = \"127.0.0.1:9\"\nonly_mapped = true\n";

fn exchange() -> String {
    format!(
        "service_account = 'LAKESHORE\\moxi.svc'\npassword = '{PASSWORD}'\n\
         ews_url = \"https://mail.lakeshore.example/EWS/Exchange.asmx\"\ncertificate_sha256 = \"{}\"\n\
         test_mailbox = \"agent@lakeshore.example\"\naccount_name = \"MoxiEngage Service2\"\n\
         role_group = \"Impersonation2\"\n{NOWHERE}",
        "AB:".repeat(31) + "AB"
    )
}

fn ews() -> String {
    format!(
        "tenant_id = \"lakeshore.example\"\nclient_id = \"5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11\"\n\
         client_secret = '{SECRET}'\nsecret_expires_on = 2028-11-01\ntest_mailbox = \"agent@lakeshore.example\"\n\
         service_account = \"moxi.svc@lakeshore.example\"\n{NOWHERE}"
    )
}

async fn run(folder: &Folder, kind: &str, text: &str) -> (Result<Ending, CheckError>, String) {
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let file = folder.0.join("input.toml");
    std::fs::write(&file, text).expect("written");
    let words = ["check", "--kind", kind, "--json", "--input", file.to_str().expect("a path")];
    let line = Line::try_parse_from(words).expect("arguments");
    let mut out = Vec::new();
    let clock = Clock::standing_at(noon());
    let ending = check::run(&line.check, &clock, &Randomness::seeded(1), &mut out).await;
    (ending, String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn a_whole_file_of_each_kind_is_taken() {
    let folder = Folder::new();
    for (kind, text) in [("exchange_basic", exchange()), ("ews_secret", ews())] {
        let (ending, out) = run(&folder, kind, &text).await;
        assert_ne!(ending.expect(kind), Ending::Passed, "nothing answers there");
        assert!(!out.contains(PASSWORD) && !out.contains(SECRET), "{out}");
    }
    let few: String = exchange()
        .lines()
        .filter(|line| {
            !["ews_url", "certificate", "account_name", "role"].iter().any(|key| line.starts_with(key))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    run(&folder, "exchange_basic", &few).await.0.expect("what is optional may be left out");
}

#[tokio::test]
async fn a_password_may_stand_in_a_file_whose_line_end_is_not_part_of_it() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let text = exchange().replace(&format!("password = '{PASSWORD}'"), "password_file = 'word.txt'");
    for (held, good) in
        [("Pass word \r\n", true), ("Pass word\n", true), ("two\nlines\n", false), ("\n", false)]
    {
        std::fs::write(folder.0.join("word.txt"), held).expect("written");
        let (ending, _) = run(&folder, "exchange_basic", &text).await;
        assert_eq!(ending.is_ok(), good, "{held:?}: {ending:?}");
    }
}

#[tokio::test]
async fn a_mistake_is_named_by_its_line_and_shows_no_secret() {
    let folder = Folder::new();
    let good = exchange();
    for (wrong, expected) in [
        (
            good.replace("service_account = '", "service_account = 'x y"),
            "line 1: service_account: Write the login",
        ),
        (good.replace("service_account", "service_acount"), "line 1: unknown field `service_acount`"),
        (good.replace("password = '", "password = 5 # '"), "line 2: write password"),
        (good.replace(PASSWORD, "••••••"), "line 2: password: This is the masked password"),
        (good.replace(&format!("password = '{PASSWORD}'"), ""), "password or password_file is missing"),
        (good.replace("password = ", "password_file = 'x'\npassword = "), "not both"),
        (good.replace("password = ", "password_file = "), "line 2: the file that password_file names"),
        (
            good.replace("/EWS/Exchange.asmx", "/owa"),
            "line 3: ews_url: Write the whole address. It is probably https://mail.lakeshore.example/EWS/Exchange.asmx",
        ),
        (good.replace("mail.lakeshore.example", "outlook.office365.com"), "choose Microsoft 365"),
        (
            good.replace("mail.lakeshore.example", "mail.localhost"),
            "line 3: ews_url: This name works only inside",
        ),
        (good.replace("mail.lakeshore.example", "exch01.corp.local"), "This name works only inside"),
        (good.replace("AB:AB\"", "AB:A\""), "line 4: certificate_sha256: write the SHA-256 fingerprint"),
        (good.replace("test_mailbox = \"", "test_mailbox = \"@"), "line 5: Enter test_mailbox in the form"),
        (
            good.replace("LAKESHORE\\moxi.svc", "AGENT@lakeshore.example"),
            "line 5: test_mailbox: name another mailbox",
        ),
        (good.replace("Service2", "Service'2"), "line 6: Use letters"),
        (good.replace("Impersonation2", "$(id)"), "line 7: Use letters"),
        (format!("tenant_id = 'x'\n{good}"), "line 1: unknown field `tenant_id`"),
    ] {
        let (ending, out) = run(&folder, "exchange_basic", &wrong).await;
        let said = match ending {
            Err(problem) => problem.to_string(),
            // The catalogue knows it.
            Ok(ending) => {
                assert_eq!(ending, Ending::Failed, "{expected}");
                let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
                told["problem"].as_str().expect("a line").to_owned()
            }
        };
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(!(said + &out).contains(&PASSWORD[..8]), "{expected}");
    }
    let wrong = ews().replace("moxi.svc@", "moxi.svc");
    let said = run(&folder, "ews_secret", &wrong).await.0.expect_err("refused").to_string();
    assert!(said.contains("line 6: Enter service_account in the form"), "{said}");
    let said = run(&folder, "graph_secret", &ews()).await.0.expect_err("refused").to_string();
    assert!(said.contains("line 6: graph_secret takes no service_account"), "{said}");
}

#[tokio::test]
async fn a_slip_that_the_catalogue_knows_has_its_cause() {
    let folder = Folder::new();
    let good = exchange();
    let at = "mail.lakeshore.example";
    for (wrong, cause) in [
        (good.replace("/EWS/Exchange.asmx", "/owa"), "form_ews_url"),
        (good.replace("https://", "http://"), "form_ews_url"),
        (good.replace("https://", "https://svc:word@"), "form_ews_url"),
        (good.replace(at, "mail.lakeshore.example:8443"), "form_ews_url"),
        (good.replace(at, "exch01.corp.local"), "form_ews_url"),
        (good.replace(at, "outlook.office365.com"), "form_wrong_path_exo"),
        (good.replace("LAKESHORE\\moxi.svc", "agent@lakeshore.example"), "form_same_mailbox"),
        (good.replace("LAKESHORE\\moxi.svc", "moxi.svc@outlook.com"), "form_consumer_account"),
        (good.replace("agent@lakeshore.example", "pat@gmail.com"), "form_consumer_account"),
    ] {
        let (ending, out) = run(&folder, "exchange_basic", &wrong).await;
        assert_eq!(ending.expect(cause), Ending::Failed);
        let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(told["cause"], cause, "{wrong}");
    }
}

#[tokio::test]
async fn what_an_app_over_ews_shows_by_itself_is_said_without_a_call() {
    let folder = Folder::new();
    let text = ews().replace(SECRET, "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12");
    let (ending, out) = run(&folder, "ews_secret", &text).await;
    assert_eq!(ending.expect("ran"), Ending::Failed);
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["cause"], "form_secret_is_id");
}

fn workspace(key: &str) -> String {
    format!("test_mailbox = \"agent@lakeshore.example\"\nservice_account_key = '''{key}'''\n{NOWHERE}")
}

#[tokio::test]
async fn a_key_file_is_taken_as_text_or_from_a_file_for_both_ways_into_google() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).expect("a folder");
    std::fs::write(folder.0.join("key.json"), KEY_FILE.as_bytes()).expect("written");
    let from_file =
        workspace("").replace("service_account_key = ''''''", "service_account_key_file = \"key.json\"");
    for kind in ["google_delegated", "google_key"] {
        for text in [workspace(&KEY_FILE), from_file.clone()] {
            let (ending, out) = run(&folder, kind, &text).await;
            assert_ne!(ending.expect(kind), Ending::Passed, "nothing answers there");
            let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
            assert_eq!(report["steps"][0]["id"], "token", "{out}");
            assert!(!out.contains("PRIVATE KEY") && !out.contains(&KEY_FILE[300..360]), "{out}");
        }
        for wrong in ["{\"installed\": {}}", &KEY_FILE[..700], "AIza"] {
            let (ending, out) = run(&folder, kind, &workspace(wrong)).await;
            assert_eq!(ending.expect("ran"), Ending::Failed);
            let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
            assert_eq!(
                (&report["cause"], report["steps"].as_array().map(Vec::len)),
                (&"form_google_key_type".into(), Some(0))
            );
        }
        for (wrong, expected) in [
            (workspace(&KEY_FILE).replace("agent@", "agent"), "line 1: Enter test_mailbox in the form"),
            (workspace("5").replace("'''5'''", "5"), "line 2: write service_account_key"),
            (format!("service_account_key_file = \"key.json\"\n{}", workspace(&KEY_FILE)), "not both"),
            (
                format!("test_mailbox = \"a@b.example\"{NOWHERE}"),
                "service_account_key or service_account_key_file is missing",
            ),
        ] {
            let said = run(&folder, kind, &wrong).await.0.expect_err(expected).to_string();
            assert!(said.contains(expected) && !said.contains("PRIVATE KEY"), "{expected}: {said}");
        }
    }
}
