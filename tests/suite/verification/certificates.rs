//! An app that proves itself with a certificate, checked and typed at a terminal.

use clap::Parser;
use jiff::ToSpan as _;
use moxi_onboard::{
    cli::check::{self, CheckError, Ending},
    clock::{Clock, Randomness},
    domain::{
        app::ProofTerms,
        cause::{Names, fill},
        causes,
        check::Verdict,
        credential::Credential,
    },
    simulator::{ALWAYS, Fault, Operation, Target, Upload},
};

use super::lab::{Folder, Lab, Witness, cause, credential, noon};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    check: check::Args,
}

fn refusal(number: u32) -> Fault {
    let body = format!(
        r#"{{"error":"invalid_client","error_codes":[{number}],"error_description":"AADSTS{number}: x"}}"#
    );
    Fault::Status { code: 401, headers: Default::default(), body }
}

#[tokio::test]
async fn the_same_refusal_means_something_else_to_a_certificate() {
    let lab = Lab::open().await;
    for (number, of_a_certificate, of_a_secret) in [
        (70002, "client_certificate_rejected", "client_credentials_rejected"),
        (7_000_222, "client_certificate_expired", "client_secret_expired"),
        (700_027, "client_assertion_invalid", "client_assertion_invalid"),
        (700_021, "token_request_invalid", "token_request_invalid"),
    ] {
        lab.simulator.inject(Target::Operation(Operation::Token), refusal(number), ALWAYS);
        for (sample, expected) in [("certificate-healthy", of_a_certificate), ("healthy", of_a_secret)] {
            let (report, _) = lab.check(sample).await;
            assert_eq!(cause(&report), Some(expected), "{number} {sample}");
        }
        lab.simulator.clear_faults();
    }
}

#[tokio::test]
async fn an_uploaded_certificate_heals_the_same_credential() {
    let lab = Lab::open().await;
    for name in ["certificate-not-uploaded", "certificate-wrong"] {
        assert_eq!(cause(&lab.check(name).await.0), Some("client_assertion_invalid"), "{name}");
        let sample = lab.sample(name);
        let pem = sample.certificate.expect("a pair").certificate;
        assert!(matches!(lab.simulator.upload(&sample.client_id, pem.as_bytes()), Upload::Taken(_)));
        let (report, _) = lab.check(name).await;
        assert_eq!((report.verdict, cause(&report)), (Verdict::Passed, None), "{name}");
    }
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_worth_a_word() {
    let lab = Lab::open().await;
    let Credential::Graph { mut settings, proof } = credential(&lab.sample("certificate-healthy")) else {
        panic!("an app")
    };
    let ProofTerms::Certificate { certificate } = &mut settings.terms else { panic!("a certificate") };
    certificate.ends_on = noon().date().checked_add(45.days()).expect("a day");
    let report = lab.verifier().check(&Credential::Graph { settings, proof }, &Witness::default()).await;
    let warned: Vec<&str> = report.warnings.iter().map(|cause| cause.as_str()).collect();
    assert_eq!(
        (report.verdict, warned),
        (Verdict::PassedWithWarnings, vec!["client_certificate_expires_soon"])
    );
}

#[tokio::test]
async fn nothing_that_a_certificate_meets_speaks_of_a_client_secret() {
    let lab = Lab::open().await;
    for sample in lab.simulator.samples().iter().filter(|sample| sample.certificate.is_some()) {
        let Some(id) = &sample.expected_cause else { continue };
        let cause = causes::find(id).expect("a cause");
        let texts = [cause.title, cause.meaning].into_iter().chain(cause.mend.iter().map(|mend| mend.text));
        for text in texts.filter(|text| !text.contains("instead")) {
            let text = fill(text, &Names::default()).to_lowercase();
            assert!(!text.contains("client secret") && !text.contains("the secret"), "{id}: {text}");
        }
    }
}

async fn run(folder: &Folder, text: &str) -> (Result<Ending, CheckError>, String) {
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let file = folder.0.join("input.toml");
    std::fs::write(&file, text).expect("written");
    let words = ["check", "--kind", "graph_certificate", "--json", "--input", file.to_str().expect("a path")];
    let line = Line::try_parse_from(words).expect("arguments");
    let mut out = Vec::new();
    let clock = Clock::standing_at(noon());
    // No two runs sign the same: what was used before is refused.
    let ending = check::run(&line.check, &clock, &Randomness::system(), &mut out).await;
    (ending, String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn the_terminal_takes_a_pair_inline_and_from_files_and_names_the_line_of_a_mistake() {
    let (lab, folder) = (Lab::open().await, Folder::new());
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let sample = lab.sample("certificate-healthy");
    let pair = sample.certificate.expect("a pair");
    let at = lab.simulator.addresses();
    let dial: String = at.dial.iter().map(|(from, to)| format!("\"{from}\" = \"{to}\"\n")).collect();
    let network = format!(
        "[network]\nresolver = \"{}\"\nonly_mapped = true\nextra_roots = [{:?}]\n[network.dial]\n{dial}",
        at.dns,
        at.ca_file.display().to_string()
    );
    let input = |proof: &str| {
        format!(
            "tenant_id = \"{}\"\nclient_id = \"{}\"\ntest_mailbox = \"{}\"\n{proof}\n{network}",
            sample.tenant_id, sample.client_id, sample.test_mailbox
        )
    };
    let inline =
        format!("certificate = '''{}'''\nprivate_key = '''{}'''", pair.certificate, pair.private_key);
    std::fs::write(folder.0.join("app.cer"), &pair.certificate).expect("written");
    std::fs::write(folder.0.join("app.key"), &pair.private_key).expect("written");
    let files = "certificate_file = \"app.cer\"\nprivate_key_file = \"app.key\"";
    for proof in [inline.as_str(), files] {
        let (ending, out) = run(&folder, &input(proof)).await;
        assert_eq!(ending.expect("checked"), Ending::Passed, "{out}");
        assert!(!out.contains(pair.private_key.lines().nth(12).expect("a line")), "{out}");
    }
    let same = input(files).replace(&sample.tenant_id, &sample.client_id);
    let (ending, out) = run(&folder, &same).await;
    assert!(ending.expect("told") == Ending::Failed && out.contains("form_ids_identical"), "{out}");

    std::fs::write(
        folder.0.join("other.key"),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    )
    .expect("written");
    for (proof, said) in [
        ("certificate_file = \"app.cer\"", "private_key or private_key_file is missing"),
        ("private_key_file = \"app.key\"", "certificate or certificate_file is missing"),
        (
            "certificate_file = \"app.cer\"\nprivate_key_file = \"other.key\"",
            "line 5: private_key: give the RSA private key that belongs",
        ),
        (
            "certificate = 'no certificate'\nprivate_key_file = \"app.key\"",
            "line 4: certificate: give one X.509 certificate",
        ),
        (
            "certificate_file = \"gone.cer\"\nprivate_key_file = \"app.key\"",
            "line 4: the file that certificate_file names cannot be read",
        ),
        ("certificate_file = \"app.cer\"\ncertificate = 'x'\nprivate_key_file = \"app.key\"", "not both"),
        ("certificate_file = \"app.cer\"\nclient_secret = 'x'", "line 5"),
    ] {
        let problem = run(&folder, &input(proof)).await.0.expect_err(said).to_string();
        assert!(problem.contains(said), "{problem}");
    }
    // As Windows exports a certificate with its key: PKCS #12, of which only the head is looked at.
    std::fs::write(folder.0.join("app.pfx"), [0x30, 0x82, 0x0a, 0x10, 2, 1, 3, 0x30]).expect("written");
    for file in ["app.key", "app.pfx"] {
        let proof = format!("certificate_file = \"{file}\"\nprivate_key_file = \"app.key\"");
        let (ending, out) = run(&folder, &input(&proof)).await;
        assert_eq!(ending.expect("told"), Ending::Failed);
        let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(told["cause"], "form_private_key_uploaded");
        assert!(told["problem"].as_str().is_some_and(|said| said.contains("line 4: certificate:")), "{out}");
    }
}
