//! Each sick tenant is sick in the way its sample says, and a second credential or time mends it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::visitor::{Visitor, first_refusal, stage, typed};
use base64::Engine;
use moxi_onboard::simulator::Sample;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// What each sample meets first; the samples not named here have a clear way.
const MET: &[(&str, &str)] = &[
    ("agent-rules", "settings: 403 ErrorAccessDenied"),
    ("app-disabled", "token: 400 7000112"),
    ("app-unknown", "token: 400 700016"),
    ("assignment-required", "token: 400 50105"),
    ("busy", "contacts: 429 ApplicationThrottled"),
    ("calendar-permission-missing", "calendar: 403 ErrorAccessDenied"),
    ("calendar-role-missing", "calendar: 403 ErrorAccessDenied"),
    ("china-cloud", "token: 400 90002"),
    ("defense-cloud", "token: 400 900382"),
    ("exchange-roles-required", "settings: 403 ErrorAccessDenied"),
    ("foreign-token", "settings: 401 InvalidAuthenticationToken"),
    ("government-cloud", "token: 400 900382"),
    ("mailbox-full", "contact: 507 ErrorQuotaExceeded"),
    ("mailbox-hybrid", "settings: 404 MailboxNotEnabledForRESTAPI"),
    ("mailbox-on-premises", "settings: 404 MailboxNotHostedInExchangeOnline"),
    ("mailbox-service-down", "settings: 503 serviceNotAvailable"),
    ("mailbox-unknown", "settings: 404 ErrorInvalidUser"),
    ("mailbox-unknown-directory", "settings: 404 ErrorInvalidUser"),
    ("mailbox-without-cloud", "settings: 404 MailboxNotEnabledForRESTAPI"),
    ("mailbox-without-licence", "settings: 404 MailboxNotEnabledForRESTAPI"),
    ("no-consent", "token: 400 65001"),
    ("no-enterprise-application", "token: 401 7000229"),
    ("no-permissions", "settings: 403 NoPermissionsInAccessToken"),
    ("no-subscription", "token: 400 650052"),
    ("outside-scope", "settings: 403 ErrorAccessDenied"),
    ("policy-blocks", "token: 400 53003"),
    ("probe-alarm", "send: 202 -"),
    ("public-client", "token: 401 700025"),
    ("roles-arrive-later", "settings: 403 ErrorAccessDenied"),
    ("secret-expired", "token: 401 7000222"),
    ("secret-wrong", "token: 401 7000215"),
    ("sending-blocked", "send: 403 ErrorMessageSubmissionBlocked"),
    ("service-never-used", "token: 400 500011"),
    ("sign-in-riddle", "token: 400 7999999"),
    ("sign-in-service-down", "token: 503 90033"),
    ("tenant-unknown", "token: 400 90002"),
    ("throttled", "contacts: 429 ApplicationThrottled"),
    ("token-rejected", "settings: 401 InvalidAuthenticationToken"),
    ("unserved-cloud", "token: 400 900382"),
    ("waiting", "settings: 403 ErrorAccessDenied"),
    ("waiting-for-mailbox", "settings: 404 MailboxNotEnabledForRESTAPI"),
];

#[tokio::test]
async fn every_sample_meets_what_it_was_made_for() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let mut met = BTreeMap::new();
    for sample in stage.simulator.samples().iter().filter(|sample| sample.kind == "graph_secret") {
        if let Some(refusal) = first_refusal(&visitor, &typed(sample)).await {
            met.insert(sample.name.as_str(), refusal);
        }
    }
    let expected: BTreeMap<&str, String> = MET.iter().map(|(name, met)| (*name, (*met).to_owned())).collect();
    assert_eq!(met, expected);
}

#[tokio::test]
async fn samples_are_fit_for_people() {
    let stage = stage().await;
    let samples = stage.simulator.samples();
    let causes: BTreeSet<_> = samples.iter().filter_map(|sample| sample.expected_cause.as_deref()).collect();
    assert!(causes.len() >= 22, "{causes:?}");
    for sample in samples {
        let domain = format!("@{}", sample.tenant_domain);
        assert!(sample.brokerage.admin_email.ends_with(&domain), "{}", sample.name);
        assert!(sample.test_mailbox.ends_with(&domain), "{}", sample.name);
        assert_ne!(sample.brokerage.admin_email, sample.test_mailbox);
        if let Some(pair) = &sample.certificate {
            assert!(pair.private_key.contains("PRIVATE KEY") && sample.client_secret.is_empty());
            continue;
        }
        if let Some(account) = &sample.account {
            assert!(account.password.len() == 24 && account.password.is_ascii(), "{}", sample.name);
            continue;
        }
        if sample.google.is_some() {
            continue;
        }
        assert!(sample.secret_expires_on > jiff::civil::date(2026, 12, 21), "{}", sample.name);
        assert_eq!(sample.client_secret.len(), 40);
        assert_ne!(sample.tenant_id, sample.client_id);
    }
    let secret = |sample: &Sample| match (&sample.account, &sample.google) {
        (Some(account), _) => account.password.clone(),
        // Where an office delegates to us, it has no secret.
        (None, Some(google)) => google.key_json.clone().unwrap_or_else(|| sample.name.clone()),
        (None, None) => sample.client_secret.clone(),
    };
    // The key pair for terminals is one for all: nobody types it into a portal.
    let typed: Vec<_> = samples.iter().filter(|sample| sample.certificate.is_none()).collect();
    let secrets: BTreeSet<_> = typed.iter().map(|sample| secret(sample)).collect();
    assert_eq!(secrets.len(), typed.len(), "a secret found somewhere must tell whose it is");
}

#[tokio::test]
async fn a_second_credential_or_another_mailbox_passes() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let mut seconds = Vec::new();
    for sample in stage.simulator.samples().iter().filter(|sample| sample.kind == "graph_secret") {
        if let Some(second) = &sample.second {
            // Only who mistyped the tenant's id has another one to correct it with.
            let mistyped = sample.expected_cause.as_deref() == Some("tenant_not_found");
            assert_eq!(second.tenant_id != sample.tenant_id, mistyped, "{}", sample.name);
            assert_eq!(first_refusal(&visitor, second).await, None, "{}", sample.name);
            seconds.push(sample.expected_cause.clone().unwrap_or_default());
        }
        if let Some(mailbox) = &sample.other_mailbox {
            let mut credential = typed(sample);
            credential.test_mailbox.clone_from(mailbox);
            assert_eq!(first_refusal(&visitor, &credential).await, None, "{}", sample.name);
        }
    }
    for cause in ["client_secret_invalid", "app_not_found", "client_secret_expired", "tenant_not_found"] {
        assert!(seconds.iter().any(|second| second == cause), "{seconds:?}");
    }
}

#[tokio::test]
async fn a_sick_tenant_heals_some_time_after_it_was_first_asked() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    // Time that passes before anybody asks heals nobody.
    stage.hands.advance(Duration::from_secs(3600));
    for name in ["waiting", "waiting-for-mailbox", "roles-arrive-later"] {
        let sample = stage.simulator.sample(name).expect("a sample");
        assert!(sample.heals);
        assert!(first_refusal(&visitor, &typed(sample)).await.is_some(), "{name}");
        stage.hands.advance(Duration::from_secs(59));
        assert!(first_refusal(&visitor, &typed(sample)).await.is_some(), "{name}");
        stage.hands.advance(Duration::from_secs(1));
        assert_eq!(first_refusal(&visitor, &typed(sample)).await, None, "{name}");
    }
    assert!(!stage.simulator.heal("secret-wrong"));
}

#[tokio::test]
async fn the_same_refusal_is_told_apart_by_its_words_only_where_the_real_service_does() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let message = async |name: &str, what: &str| {
        let sample = stage.simulator.sample(name).expect("a sample").clone();
        let token = visitor.ticket(&typed(&sample)).await;
        let (_, body) = visitor.get(&token, &format!("/users/{}/{what}", sample.test_mailbox)).await;
        assert!(body["error"]["innerError"]["request-id"].is_string());
        body["error"]["message"].as_str().expect("words").to_owned()
    };
    assert!(message("exchange-roles-required", "mailboxSettings").await.contains("[RAOP]"));
    assert!(message("outside-scope", "contacts").await.contains("[RAOP]"));
    assert_eq!(message("agent-rules", "contacts").await, "Access to OData is disabled.");
    assert!(message("waiting", "contacts").await.starts_with("Access is denied."));
    let window = "calendarView?startDateTime=2026-11-21T00:00:00Z&endDateTime=2026-11-22T00:00:00Z";
    assert!(message("calendar-role-missing", window).await.contains("[RAOP]"));
    assert!(message("calendar-permission-missing", window).await.starts_with("Access is denied."));
}

#[tokio::test]
async fn a_token_says_what_was_granted() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let claims = async |name: &str| {
        let token = visitor.ticket(&typed(stage.simulator.sample(name).expect("a sample"))).await;
        let part = token.split('.').nth(1).expect("claims").to_owned();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).expect("base64");
        serde_json::from_slice::<Value>(&bytes).expect("JSON")
    };
    let sample = stage.simulator.sample("healthy").expect("a sample");
    let healthy = claims("healthy").await;
    assert_eq!(healthy["tid"], json!(sample.tenant_id));
    assert_eq!(healthy["appid"], json!(sample.client_id));
    assert_eq!(healthy["idtyp"], "app");
    assert_eq!(healthy["roles"].as_array().map(Vec::len), Some(4));
    assert!(claims("healthy-exchange-roles").await.get("roles").is_none());
    assert!(claims("too-many-permissions").await["roles"].to_string().contains("Directory.ReadWrite.All"));
}

#[tokio::test]
async fn a_token_ends_and_a_secret_too() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let credential = typed(stage.simulator.sample("healthy").expect("a sample"));
    let token = visitor.ticket(&credential).await;
    let path = format!("/users/{}/mailboxSettings", credential.test_mailbox);
    assert_eq!(visitor.get(&token, &path).await.0, 200);
    stage.hands.advance(Duration::from_secs(3600));
    let (status, body) = visitor.get(&token, &path).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    stage.hands.advance(Duration::from_secs(608 * 24 * 3600));
    assert_eq!(visitor.token(&credential).await.1["error_codes"], json!([7000222]));
}

#[tokio::test]
async fn token_requests_that_are_not_in_order_are_refused_one_by_one() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy").expect("a sample").clone();
    let whole = [
        ("grant_type", "client_credentials"),
        ("client_id", sample.client_id.as_str()),
        ("client_secret", sample.client_secret.as_str()),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let ask = async |tenant: &str, change: (&str, Option<&str>)| {
        let mut form: Vec<(&str, &str)> =
            whole.iter().filter(|(name, _)| *name != change.0).copied().collect();
        form.extend(change.1.map(|value| (change.0, value)));
        let url = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token");
        let response = visitor.client.post(url).form(&form).send().await.expect("an answer");
        let body: Value = response.json().await.expect("JSON");
        body["error_codes"][0].as_u64().unwrap_or(0)
    };
    let tenant = sample.tenant_id.as_str();
    assert_eq!(ask(tenant, ("", None)).await, 0);
    assert_eq!(ask(tenant, ("scope", None)).await, 900144);
    assert_eq!(ask(tenant, ("scope", Some("https://graph.microsoft.com/Mail.Send"))).await, 70011);
    assert_eq!(ask(tenant, ("scope", Some("https://vault.azure.net/.default"))).await, 500011);
    assert_eq!(ask(tenant, ("client_secret", None)).await, 7000218);
    assert_eq!(ask(tenant, ("grant_type", Some("password"))).await, 7000218);
    assert_eq!(ask(tenant, ("grant_type", Some("carrier_pigeon"))).await, 70003);
    assert_eq!(ask("common", ("", None)).await, 50194);
    assert_eq!(ask("organizations", ("", None)).await, 9001023);

    let basic = visitor.client.post(format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"));
    let coded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = basic.basic_auth(coded(&sample.client_id), Some(coded(&sample.client_secret)));
    let basic = basic.form(&[whole[0], whole[3]]).send().await.expect("an answer");
    assert_eq!(basic.status(), 200);
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_to_another_tenant() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let healthy = stage.simulator.sample("healthy").expect("a sample").clone();
    let other = stage.simulator.sample("healthy-large").expect("a sample").clone();
    let path = |mailbox: &str| format!("/users/{mailbox}/contacts");
    for token in ["", "a.b.c", "nonsense"] {
        let (status, body) = visitor.get(token, &path(&healthy.test_mailbox)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    }
    let token = visitor.ticket(&typed(&healthy)).await;
    let (status, body) = visitor.get(&token, &path(&other.test_mailbox)).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!("ErrorInvalidUser")));
    let (status, body) = visitor.get(&token, &format!("/users/{}", healthy.test_mailbox)).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (403, &json!("Authorization_RequestDenied")));
}

#[tokio::test]
async fn a_real_message_and_an_invitation_are_noticed() {
    let stage = stage().await;
    let visitor = Visitor::new(&stage.simulator).await;
    let sample = stage.simulator.sample("healthy").expect("a sample").clone();
    let token = visitor.ticket(&typed(&sample)).await;
    let to = json!([{"emailAddress": {"address": "buyer@elsewhere.example"}}]);
    let message = json!({"message": {"subject": "Hello", "toRecipients": to}});
    let user = format!("/users/{}", sample.test_mailbox);
    let (status, _) = visitor.graph(&token, Method::POST, &format!("{user}/sendMail"), Some(message)).await;
    assert_eq!(status, 202);
    let mut event = super::visitor::an_event();
    event["attendees"] = to;
    visitor.graph(&token, Method::POST, &format!("{user}/events"), Some(event)).await;
    let subjects: Vec<_> = stage.simulator.sent_messages().into_iter().map(|sent| sent.subject).collect();
    assert_eq!(subjects, ["Hello", "safe to delete"]);
}
