//! Checks of a Google Workspace: where they go, and what a Google that fails, lies or stalls makes of them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use moxi_onboard::{
    domain::check::{Outcome, Verdict},
    simulator::{ALWAYS, Fault, Operation, Target},
};

use super::lab::{Lab, cause, step};

const STRANGER: &str = "elsewhere.simulator.example";
const TOKENS: &str = "oauth2.googleapis.com";
const HOSTS: [&str; 4] = [TOKENS, "people.googleapis.com", "www.googleapis.com", "gmail.googleapis.com"];
/// One with our own service account, one with a key of the office's own.
const BOTH: [&str; 2] = ["google-healthy", "google-key-healthy"];

#[tokio::test]
async fn statements_and_tokens_go_to_their_own_hosts_only() {
    for name in BOTH {
        let lab = Lab::open().await;
        let (report, _) = lab.check(name).await;
        assert_eq!(report.verdict, Verdict::Passed, "{name}: {:?}", cause(&report));
        assert!(report.credential_accepted, "{name}");
        let seen = lab.simulator.requests();
        let hosts: BTreeSet<&str> = seen.iter().map(|seen| seen.host.as_str()).collect();
        assert_eq!(hosts, BTreeSet::from(HOSTS), "{name}");
        for one in &seen {
            let signs_in = one.host == TOKENS;
            assert_eq!(one.operation == Operation::Token, signs_in, "{name}: {one:?}");
            assert_eq!(one.scheme.as_deref(), (!signs_in).then_some("Bearer"), "{name}: {one:?}");
            assert!(one.secured && one.authorised && one.status.is_some_and(|status| status < 500));
            let secret = ["assertion", "access_token", "ya29", "eyJ"];
            assert!(!secret.iter().any(|word| one.path.contains(word)), "{name}: {one:?}");
        }
        // The proof, and one for each scope.
        assert_eq!(seen.iter().filter(|seen| seen.operation == Operation::Token).count(), 5, "{name}");
        let mailbox = lab.simulator.mailbox_items(&lab.sample(name).test_mailbox);
        assert!(mailbox.left_behind().is_empty() && lab.simulator.sent_messages().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_refused_key_is_tried_once_and_nothing_of_it_is_told() {
    let lab = Lab::open().await;
    let (report, witness) = lab.check("google-key-revoked").await;
    assert_eq!(cause(&report), Some("google_key_revoked"));
    assert!(!report.credential_accepted);
    assert_eq!(lab.simulator.token_requests("google-key-revoked"), 1);
    let told = witness.told();
    assert_eq!(told[..2], ["sign-in begins", "sign-in answered false"], "{told:?}");
    let google = lab.sample("google-key-revoked").google.expect("a workspace");
    let file: serde_json::Value = serde_json::from_str(&google.key_json.expect("a file")).expect("JSON");
    let key = file["private_key"].as_str().expect("a key");
    let report = format!("{report:?}");
    assert!(!key.lines().any(|line| report.contains(line)), "{report}");
}

#[tokio::test]
async fn a_redirect_of_googles_gets_nothing_at_all() {
    let lab = Lab::open().await;
    for operation in [Operation::Token, Operation::ContactsList, Operation::EventCreate, Operation::SendMail]
    {
        for name in BOTH {
            lab.simulator.inject(Target::Operation(operation), Fault::Redirect(STRANGER.to_owned()), ALWAYS);
            let (report, _) = lab.check(name).await;
            lab.simulator.clear_faults();
            assert_eq!(cause(&report), Some("provider_redirected"), "{name} {operation:?}");
            let failed = report.steps.iter().find(|step| step.outcome == Outcome::Failed).expect("a step");
            let named =
                failed.facts.iter().any(|fact| fact.label == "Redirected to" && fact.value == STRANGER);
            assert!(named, "{name} {operation:?}: {:?}", failed.facts);
        }
    }
    assert!(lab.simulator.requests().iter().all(|seen| seen.host != STRANGER));
}

fn at(operation: Operation, fault: Fault) -> (Target, Fault) {
    (Target::Operation(operation), fault)
}

fn host(name: &str, fault: Fault) -> (Target, Fault) {
    (Target::Host(name.to_owned()), fault)
}

fn unavailable() -> Fault {
    let body = r#"{"error":{"code":503,"message":"Backend Error","status":"UNAVAILABLE"}}"#.to_owned();
    Fault::Status { code: 503, headers: Default::default(), body }
}

/// What goes wrong, and the cause it ends in.
fn cases() -> Vec<((Target, Fault), &'static str)> {
    use Operation::{CalendarView, ContactCreate, ContactsList, EventCreate, SendMail, Token};
    vec![
        ((Target::Name(TOKENS.to_owned()), Fault::NxDomain), "dns_nxdomain"),
        (host(TOKENS, Fault::OtherAuthority), "tls_cert_private_ca"),
        (host(HOSTS[1], Fault::WrongName), "tls_cert_name_mismatch"),
        (host(HOSTS[2], Fault::HandshakeReset), "tls_reset_in_handshake"),
        (at(Token, Fault::Hang), "http_timeout"),
        (at(Token, Fault::Html), "unknown_response"),
        (at(Token, Fault::Endless), "http_body_too_large"),
        (at(Token, Fault::Empty), "unknown_response"),
        (at(Token, Fault::Truncated), "unknown_response"),
        (at(Token, Fault::DeepJson), "unknown_response"),
        (at(Token, Fault::DuplicateKeys), "unknown_response"),
        (at(Token, unavailable()), "google_transient"),
        (at(ContactsList, Fault::Hang), "http_timeout"),
        (at(ContactsList, Fault::Drip(100)), "http_timeout"),
        (at(ContactsList, Fault::GzipBomb), "http_body_too_large"),
        (at(ContactsList, Fault::CloseMid), "http_truncated"),
        (at(ContactsList, Fault::HugeHeader), "http_odd"),
        (at(ContactCreate, Fault::LoseAnswer), "http_truncated"),
        (at(ContactCreate, unavailable()), "google_transient"),
        (at(CalendarView, Fault::Truncated), "unknown_response"),
        (at(EventCreate, Fault::LoseAnswer), "http_truncated"),
        (at(EventCreate, Fault::Html), "unknown_response"),
        (at(SendMail, Fault::Html), "probe_sent_something"),
        (at(SendMail, Fault::Throttled("3600".to_owned())), "throttled"),
    ]
}

#[tokio::test]
async fn whatever_google_does_costs_little_and_leaves_nothing() {
    let lab = Lab::open().await;
    let sample = lab.sample("google-healthy");
    let mut wrong = Vec::new();
    for ((target, fault), expected) in cases() {
        let what = format!("{target:?} {fault:?}");
        lab.simulator.inject(target, fault, ALWAYS);
        let began = Instant::now();
        let (report, witness) = lab.check(&sample.name).await;
        let took = began.elapsed();
        lab.simulator.clear_faults();
        if cause(&report) != Some(expected) || report.verdict != Verdict::CouldNotTell {
            wrong.push(format!("{what}: {:?} {:?}, not {expected}", report.verdict, cause(&report)));
        }
        if took > Duration::from_secs(8) {
            wrong.push(format!("{what}: took {took:?}"));
        }
        let left = lab.simulator.mailbox_items(&sample.test_mailbox);
        if !left.left_behind().is_empty() {
            wrong.push(format!("{what}: left {:?}: {:?}", left.left_behind(), witness.told()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(lab.simulator.sent_messages(), []);
}

#[tokio::test]
async fn what_cannot_be_removed_is_told() {
    for (operation, id) in
        [(Operation::ContactDelete, "contact_remove"), (Operation::EventDelete, "event_remove")]
    {
        let lab = Lab::open().await;
        let body = r#"{"error":{"code":403,"message":"Forbidden","status":"PERMISSION_DENIED"}}"#.to_owned();
        let refused = Fault::Status { code: 403, headers: Default::default(), body };
        lab.simulator.inject(Target::Operation(operation), refused, ALWAYS);
        let (report, _) = lab.check("google-healthy").await;
        assert_eq!(report.verdict, Verdict::PassedWithWarnings, "{:?}", cause(&report));
        assert!(report.warnings.iter().any(|warning| warning.as_str() == "test_item_left_behind"));
        assert_ne!(step(&report, id).outcome, Outcome::Passed);
        let mailbox = lab.simulator.mailbox_items(&lab.sample("google-healthy").test_mailbox);
        assert_eq!(mailbox.left_behind().len(), 1);
    }
}

#[tokio::test]
async fn a_token_that_ended_meanwhile_is_told_as_ours() {
    let lab = Lab::open().await;
    let change = moxi_onboard::simulator::Change { expires_in: Some(0), ..Default::default() };
    lab.simulator.inject(Target::Operation(Operation::Token), Fault::Token(change), ALWAYS);
    let (report, _) = lab.check("google-healthy").await;
    assert_eq!(report.verdict, Verdict::CouldNotTell, "{:?}", cause(&report));
    assert!(report.credential_accepted, "the key itself was accepted");
}
