//! Google Workspace, met over the wire with statements that are signed for real.

mod apis;
mod caller;
mod tokens;

use std::collections::BTreeMap;
use std::time::Duration;

use super::visitor::{Folder, Hands, stage};
use caller::{Caller, first_refusal};
use moxi_onboard::simulator::{Operation, start};

/// What each sample meets first; the samples not named here have a clear way.
const MET: &[(&str, &str)] = &[
    ("google-access-denied", "contacts token: 403 access_denied: Requested client not authorized."),
    ("google-acts-as-itself", "senders: 400 failedPrecondition Precondition check failed."),
    ("google-api-blocked", "calendar: 403 domainPolicy"),
    ("google-backend-error", "contacts token: 503 internal_failure: Backend Error"),
    ("google-busy", "contacts: 429 rateLimitExceeded"),
    ("google-calendar-off", "calendar: 403 notACalendarUser"),
    ("google-clock", "contacts token: 400 invalid_grant: Invalid JWT: Token must be a short-lived token"),
    ("google-daily-limit", "calendar: 403 dailyLimitExceeded"),
    ("google-delegation-denied", "send: 403 forbidden"),
    ("google-gmail-off", "senders: 400 failedPrecondition Mail service not enabled"),
    ("google-gmail-precondition", "senders: 400 failedPrecondition Precondition check failed."),
    ("google-key-account-deleted", "proof: 400 invalid_grant: Invalid grant: account not found"),
    ("google-key-api-disabled", "calendar: 403 accessNotConfigured"),
    ("google-key-client-disabled", "proof: 401 disabled_client: The OAuth client was disabled."),
    ("google-key-grant-other", "proof: 400 invalid_grant: Bad Request"),
    ("google-key-no-delegation", "contacts token: 401 unauthorized_client: Client is unauthorized"),
    ("google-key-reauth", "proof: 400 invalid_grant: reauth related error (invalid_rapt)"),
    ("google-key-revoked", "proof: 400 invalid_grant: Invalid JWT Signature."),
    ("google-key-scope-missing", "contacts token: 401 unauthorized_client: Client is unauthorized"),
    ("google-key-suspended", "contacts: 403 CONSUMER_SUSPENDED"),
    ("google-key-user-unknown", "contacts token: 400 invalid_grant: Invalid email or User ID"),
    ("google-no-calendar", "calendar: 404 notFound"),
    ("google-no-delegation", "contacts token: 401 unauthorized_client: Client is unauthorized"),
    ("google-other-client", "contacts token: 401 unauthorized_client: Client is unauthorized"),
    ("google-our-api-disabled", "contacts: 403 SERVICE_DISABLED"),
    ("google-our-key", "contacts token: 400 invalid_grant: Invalid JWT Signature."),
    ("google-page-instead-of-answer", "contacts: 200 not JSON"),
    ("google-probe-alarm", "send: 200"),
    ("google-riddle", "contacts token: 400 server_says_no: This is not documented."),
    ("google-scope-missing", "calendar token: 401 unauthorized_client: Client is unauthorized"),
    ("google-scope-refused", "contacts token: 400 invalid_scope: Invalid OAuth scope"),
    ("google-send-refused", "send: 403 insufficientPermissions"),
    ("google-send-scope-misspelt", "gmail.send token: 401 unauthorized_client: Client is unauthorized"),
    ("google-service-down", "calendar: 503 backendError"),
    ("google-sync-too-old", "calendar: 410 fullSyncRequired"),
    ("google-throttled", "contacts: 429 rateLimitExceeded"),
    ("google-token-of-another-scope", "contacts: 403 ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    ("google-token-rejected", "contacts: 401 ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    ("google-user-alias", "contacts token: 400 invalid_grant: Invalid email or User ID"),
    ("google-user-deleted", "contacts token: 400 invalid_grant: The account has been deleted"),
    (
        "google-user-malformed",
        "contacts token: 400 invalid_request: Invalid impersonation prn email address.",
    ),
    ("google-user-unknown", "contacts token: 400 invalid_grant: Invalid email or User ID"),
    ("google-waiting", "contacts token: 401 unauthorized_client: Client is unauthorized"),
];

/// The samples whose key file shows in the form that it is none.
const IN_THE_FORM: [&str; 5] = [
    "google-key-damaged",
    "google-key-of-oauth-client",
    "google-key-of-person",
    "google-key-other-token-uri",
    "google-key-truncated",
];

#[tokio::test]
async fn every_workspace_meets_what_it_was_made_for() {
    let stage = stage().await;
    let mut met = BTreeMap::new();
    for name in caller::samples() {
        if IN_THE_FORM.contains(&name.as_str()) {
            continue;
        }
        let caller = Caller::of(&stage.simulator, &name).await;
        if let Some(refusal) = first_refusal(&caller).await {
            met.insert(name.clone(), refusal);
        }
        let left = stage.simulator.mailbox_items(&caller.mailbox);
        assert!(left.left_behind().is_empty(), "{name}");
    }
    let expected: BTreeMap<String, &str> = MET.iter().map(|(name, met)| ((*name).to_owned(), *met)).collect();
    assert!(met.keys().eq(expected.keys()), "{met:#?}");
    for (name, met) in &met {
        assert!(met.starts_with(expected[name]), "{name}: {met}");
    }
    let sent = stage.simulator.sent_messages();
    assert!(sent.iter().all(|sent| sent.mailbox == "agent@eventide.example"), "only the alarm: {sent:?}");
    let seen = stage.simulator.requests();
    assert!(
        seen.iter().all(|seen| seen.host.ends_with(".googleapis.com") && seen.authorised && seen.secured)
    );
}

#[tokio::test]
async fn files_that_are_no_keys_are_like_the_real_ones() {
    let stage = stage().await;
    let text = |name: &str| {
        let google = stage.simulator.sample(name).and_then(|sample| sample.google.clone()).expect("a sample");
        google.key_json.expect("a file")
    };
    let json = |name: &str| serde_json::from_str::<serde_json::Value>(&text(name));
    let good = json("google-key-healthy").expect("JSON");
    assert_eq!(good["type"], "service_account");
    assert_eq!(good["token_uri"], "https://oauth2.googleapis.com/token");
    let client = json("google-key-of-oauth-client").expect("JSON");
    assert!(
        client["installed"]["client_id"]
            .as_str()
            .is_some_and(|id| id.ends_with(".apps.googleusercontent.com"))
    );
    assert_eq!(json("google-key-of-person").expect("JSON")["type"], "authorized_user");
    let elsewhere = json("google-key-other-token-uri").expect("JSON");
    assert_eq!(elsewhere["token_uri"], "https://elsewhere.simulator.example/token");
    assert!(json("google-key-truncated").is_err());
    let damaged = json("google-key-damaged").expect("JSON");
    assert_ne!(damaged["private_key"], good["private_key"]);
    assert!(
        damaged["private_key"].as_str().is_some_and(|pem| pem.starts_with("-----BEGIN PRIVATE KEY-----"))
    );
}

#[tokio::test]
async fn a_second_attempt_a_person_or_time_mends_it() {
    let stage = stage().await;
    let mut seconds = Vec::new();
    for name in caller::samples() {
        let sample = stage.simulator.sample(&name).expect("a sample").clone();
        if let Some(second) = &sample.second_google {
            let caller = Caller::with(&stage.simulator, second).await;
            assert_eq!(first_refusal(&caller).await, None, "{name}");
            seconds.push(sample.expected_cause.clone().unwrap_or_default());
        }
    }
    for cause in
        ["google_user_unknown", "google_key_revoked", "service_account_deleted", "form_google_key_type"]
    {
        assert!(seconds.iter().any(|second| second == cause), "{seconds:?}");
    }
    for name in
        ["google-no-delegation", "google-calendar-off", "google-key-api-disabled", "google-key-no-delegation"]
    {
        let caller = Caller::of(&stage.simulator, name).await;
        assert!(first_refusal(&caller).await.is_some(), "{name}");
        assert!(stage.simulator.heal(name), "{name}");
        assert_eq!(first_refusal(&caller).await, None, "{name}");
    }
    let waiting = Caller::of(&stage.simulator, "google-waiting").await;
    assert!(first_refusal(&waiting).await.is_some());
    stage.hands.advance(Duration::from_secs(59));
    assert!(first_refusal(&waiting).await.is_some());
    stage.hands.advance(Duration::from_secs(1));
    assert_eq!(first_refusal(&waiting).await, None);
    assert!(!stage.simulator.heal("google-key-revoked"));
}

#[tokio::test]
async fn keys_outlive_a_restart_and_tokens_do_not() {
    let (hands, folder) = (Hands::new(), Folder::new());
    let first = start(hands.settings(&folder.0)).await.expect("a start");
    let (ours, caller) = (first.google_key(), Caller::of(&first, "google-key-healthy").await);
    let token = caller.token("contacts").await;
    assert_eq!(caller.people(&token).await.0, 200);
    first.shutdown().await;

    let again = start(hands.settings(&folder.0)).await.expect("a second start");
    assert_eq!(again.google_key(), ours);
    let later = Caller::with(&again, &caller.sample).await;
    assert_eq!(first_refusal(&later).await, None, "the key of the first start");
    assert_eq!(later.people(&token).await.0, 401);
    again.shutdown().await;
    use std::os::unix::fs::PermissionsExt;
    for name in ["google-moxiworks-key.pem", "google-offices-key.pem"] {
        let key = std::fs::metadata(folder.0.join(name)).expect("a key");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn requests_are_told_by_operation_and_tenant() {
    let stage = stage().await;
    let caller = Caller::of(&stage.simulator, "google-key-healthy").await;
    assert_eq!(first_refusal(&caller).await, None);
    assert_eq!(stage.simulator.token_requests("google-key-healthy"), 5);
    let seen = stage.simulator.requests();
    for operation in [
        Operation::Token,
        Operation::ContactsList,
        Operation::ContactCreate,
        Operation::ContactDelete,
        Operation::CalendarView,
        Operation::EventCreate,
        Operation::EventDelete,
        Operation::MailboxSettings,
        Operation::SendMail,
    ] {
        let of_ours = |seen: &&moxi_onboard::simulator::Seen| {
            seen.operation == operation && seen.tenant.as_deref() == Some("google-key-healthy")
        };
        assert!(seen.iter().any(|seen| of_ours(&seen)), "{operation:?}");
    }
}
