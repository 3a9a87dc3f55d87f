//! Key files as Google Cloud hands them out, and those that people mistake for one.

use serde_json::{Value, json};

use crate::simulator::identity::{stable_hex, stable_secret};
use crate::simulator::world::workspace::ServiceAccount;

/// Where service accounts get their tokens.
pub(crate) const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const AUTH_URI: &str = "https://accounts.google.com/o/oauth2/auth";
const CERTIFICATES: &str = "https://www.googleapis.com/oauth2/v1/certs";

/// The key file of a service account.
pub(crate) fn service_account(account: &ServiceAccount, key_id: &str, private: &str) -> String {
    let email: String = url::form_urlencoded::byte_serialize(account.email.as_bytes()).collect();
    written(&json!({
        "type": "service_account",
        "project_id": account.project_id,
        "private_key_id": key_id,
        "private_key": private,
        "client_email": account.email,
        "client_id": account.client_id,
        "auth_uri": AUTH_URI,
        "token_uri": TOKEN_URI,
        "auth_provider_x509_cert_url": CERTIFICATES,
        "client_x509_cert_url": format!("https://www.googleapis.com/robot/v1/metadata/x509/{email}"),
        "universe_domain": "googleapis.com",
    }))
}

/// What is typed in place of a good key file; the file as it is for a word nobody knows.
pub(crate) fn spoilt(good: String, account: &ServiceAccount, how: &str) -> String {
    match how {
        "oauth_client" => oauth_client(account),
        "authorized_user" => authorized_user(account),
        "other_token_uri" => good.replace(TOKEN_URI, "https://elsewhere.simulator.example/token"),
        "truncated" => good.chars().take(good.len() * 2 / 3).collect(),
        "broken_key" => good.replacen("\\nMII", "\\n", 1),
        _ => good,
    }
}

/// The file of an OAuth client: the console offers it one page further on.
fn oauth_client(account: &ServiceAccount) -> String {
    let tail = stable_hex(&format!("client {}", account.email));
    written(&json!({"installed": {
        "client_id": format!("{}-{}.apps.googleusercontent.com", account.project_number, &tail[..32]),
        "project_id": account.project_id,
        "auth_uri": AUTH_URI,
        "token_uri": TOKEN_URI,
        "auth_provider_x509_cert_url": CERTIFICATES,
        "client_secret": format!("GOCSPX-{}", &stable_secret(&account.email)[..28]),
        "redirect_uris": ["http://localhost"],
    }}))
}

/// The file that a person's own login at the command line leaves behind.
fn authorized_user(account: &ServiceAccount) -> String {
    let tail = stable_hex(&format!("user {}", account.email));
    written(&json!({
        "type": "authorized_user",
        "account": "",
        "client_id": format!("{}-{}.apps.googleusercontent.com", account.project_number, &tail[..32]),
        "client_secret": format!("GOCSPX-{}", &stable_secret(&tail)[..28]),
        "quota_project_id": account.project_id,
        "refresh_token": format!("1//0{tail}"),
        "universe_domain": "googleapis.com",
    }))
}

fn written(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
