//! What a check of a healthy credential does: exactly these calls, nothing sent, nothing left.

use std::{collections::BTreeSet, sync::Arc};

use moxi_onboard::{
    domain::check::{Again, Outcome, Verdict},
    simulator::{ALWAYS, Change, Fault, Operation, Target},
};

use super::lab::{Lab, Witness, credential, step};

#[tokio::test]
async fn a_healthy_check_makes_exactly_these_calls() {
    let lab = Lab::open().await;
    let (report, witness) = lab.check("healthy").await;
    assert_eq!((report.verdict, report.again), (Verdict::Passed, Again::OnPress));
    assert!(report.credential_accepted && report.cause.is_none() && report.warnings.is_empty());
    let mut calls: Vec<String> = Vec::new();
    for seen in lab.simulator.requests() {
        let plain = seen.path.split('?').next().unwrap_or_default();
        let segments = plain.split('/').map(|part| if part.len() > 35 { "ID" } else { part });
        calls.push(format!("{} {}{}", seen.method, seen.host, segments.collect::<Vec<_>>().join("/")));
        let expected = seen.operation != Operation::Discovery;
        assert_eq!(seen.authorised, expected, "{seen:?}");
    }
    let user = "graph.microsoft.com/v1.0/users/agent%40lakeshore.example";
    let in_order = [
        "GET login.microsoftonline.com/ID/v2.0/.well-known/openid-configuration".to_owned(),
        "POST login.microsoftonline.com/ID/oauth2/v2.0/token".to_owned(),
    ];
    assert_eq!(calls[..2], in_order);
    let reads =
        ["", "/mailboxSettings", "/contacts", "/calendarView"].map(|path| format!("GET {user}{path}"));
    assert_eq!(calls[2..6].iter().collect::<BTreeSet<_>>(), reads.iter().collect());
    let writes = [
        format!("POST {user}/contacts"),
        format!("GET {user}/contactFolders/ID/contacts/delta"),
        format!("DELETE {user}/contacts/ID"),
        format!("POST {user}/events"),
        format!("DELETE {user}/events/ID"),
        format!("POST {user}/sendMail"),
    ];
    assert_eq!(calls[6..].iter().collect::<BTreeSet<_>>(), writes.iter().collect());
    assert_eq!(calls.len(), 12);
    let mailbox = lab.simulator.mailbox_items(&lab.sample("healthy").test_mailbox);
    assert!(mailbox.left_behind().is_empty() && lab.simulator.sent_messages().is_empty());
    let told = witness.told();
    assert_eq!(told[..3], ["1 tenant passed", "sign-in begins", "sign-in answered true"]);
}

#[tokio::test]
async fn steps_are_told_once_each_in_the_order_in_which_they_end() {
    let lab = Lab::open().await;
    for name in ["healthy", "secret-wrong", "exchange-roles-required", "tenant-unknown"] {
        let (report, witness) = lab.check(name).await;
        let told = witness.told();
        let steps: Vec<&String> = told.iter().filter(|told| !told.starts_with("sign-in")).collect();
        for (at, told) in steps.iter().enumerate() {
            assert!(told.starts_with(&format!("{} ", at + 1)), "{name}: {told}");
        }
        let mut ids: Vec<&str> = steps.iter().filter_map(|told| told.split(' ').nth(1)).collect();
        let mut planned: Vec<&str> = report.steps.iter().map(|step| step.id.as_str()).collect();
        ids.sort_unstable();
        planned.sort_unstable();
        assert_eq!(ids, planned, "{name}");
    }
}

#[tokio::test]
async fn a_refused_secret_is_tried_once_and_reported_as_refused() {
    let lab = Lab::open().await;
    let (report, witness) = lab.check("secret-wrong").await;
    assert_eq!(witness.told()[1..4], ["sign-in begins", "sign-in answered false", "2 token failed"]);
    assert!(!report.credential_accepted);
    let token = step(&report, "token");
    assert!(token.words.as_ref().is_some_and(|words| words.starts_with("AADSTS7000215")), "{token:?}");
    for label in ["Error code", "Trace ID", "Correlation ID", "HTTP status"] {
        assert!(token.facts.iter().any(|fact| fact.label == label), "{label}: {:?}", token.facts);
    }
    assert_eq!(lab.simulator.token_requests("secret-wrong"), 1);
}

#[tokio::test]
async fn a_policy_that_only_a_right_secret_meets_proves_the_secret() {
    let lab = Lab::open().await;
    for name in ["policy-blocks", "no-consent", "assignment-required"] {
        let (report, witness) = lab.check(name).await;
        assert!(report.credential_accepted && report.verdict == Verdict::Failed, "{name}");
        assert!(witness.told().contains(&"sign-in answered true".to_owned()), "{name}");
    }
    let (_, witness) = lab.check("sign-in-service-down").await;
    assert!(!witness.told().iter().any(|told| told.contains("answered")), "nothing was judged");
}

#[tokio::test]
async fn a_server_that_echoes_secrets_gets_them_nowhere() {
    let lab = Lab::open().await;
    let sample = lab.sample("healthy");
    let secret = &sample.client_secret;
    let body = format!(
        r#"{{"error":"{secret}","error_codes":[7000215],"error_description":"You sent {secret} and {}","trace_id":"{secret}"}}"#,
        &secret[..20]
    );
    let echo = Fault::Status { code: 401, headers: Default::default(), body };
    lab.simulator.inject(Target::Operation(Operation::Token), echo, ALWAYS);
    let (report, _) = lab.check("healthy").await;
    let kept = format!("{report:?}");
    assert!(
        kept.contains("[removed]") && !kept.contains(&secret[..8]) && !kept.contains(&secret[20..30]),
        "{kept}"
    );
}

#[tokio::test]
async fn odd_tokens_are_objected_to_before_they_are_used() {
    let lab = Lab::open().await;
    let token =
        |change: Change| lab.simulator.inject(Target::Operation(Operation::Token), Fault::Token(change), 1);
    let other = Some("5f0c2b7e-4a65-4f0b-9d3e-8b1f6f2a9c11".to_owned());
    let cases = [
        (Change { tid: other.clone(), ..Change::default() }, "token_mismatch"),
        (Change { appid: other, ..Change::default() }, "token_mismatch"),
        (
            Change { aud: Some("https://graph.windows.net".to_owned()), ..Change::default() },
            "graph_token_rejected",
        ),
        (Change { text: Some("no token".to_owned()), ..Change::default() }, "unknown_response"),
        (Change { text: Some("x".repeat(20_000)), ..Change::default() }, "unknown_response"),
        (Change { text: Some("x".repeat(1 << 20)), ..Change::default() }, "http_body_too_large"),
        (Change { expires_in: Some(-1), ..Change::default() }, "unknown_response"),
    ];
    for (change, expected) in cases {
        token(change.clone());
        lab.simulator.clear_requests();
        let (report, _) = lab.check("healthy").await;
        lab.simulator.clear_faults();
        assert_eq!(report.cause.as_ref().map(|cause| cause.as_str()), Some(expected), "{change:?}");
        let used = lab.simulator.requests().iter().any(|seen| seen.host == "graph.microsoft.com");
        assert!(!used, "{expected}");
    }
    token(Change { text: Some("opaque".to_owned()), ..Change::default() });
    let (report, _) = lab.check("healthy").await;
    assert_eq!(report.cause.as_ref().map(|cause| cause.as_str()), Some("graph_token_rejected"));
}

#[tokio::test]
async fn checks_of_many_run_at_the_same_time_over_one_net() {
    let lab = Arc::new(Lab::open().await);
    let verifier = lab.verifier();
    let checks = (0..16).map(|_| {
        let (lab, verifier) = (Arc::clone(&lab), verifier.clone());
        tokio::spawn(async move {
            verifier.check(&credential(&lab.sample("healthy")), &Witness::default()).await.verdict
        })
    });
    for check in checks.collect::<Vec<_>>() {
        assert_eq!(check.await.expect("ended"), Verdict::Passed);
    }
    let mailbox = lab.simulator.mailbox_items(&lab.sample("healthy").test_mailbox);
    assert!(mailbox.left_behind().is_empty());
}

#[tokio::test]
async fn an_optional_step_never_decides() {
    let lab = Lab::open().await;
    lab.simulator.inject(Target::Operation(Operation::User), Fault::Html, ALWAYS);
    let (report, _) = lab.check("healthy").await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(step(&report, "account").outcome, Outcome::Skipped);
}
