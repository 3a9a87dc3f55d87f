//! The key file of a service account, read before anything is sent: what it says of the account, and its key. What is
//! no such file is named by what it is.

use aws_lc_rs::signature::RsaKeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::domain::{
    google::{GoogleKey, KeyFileProblem, ServiceAccount},
    text::is_hidden,
};

/// The most characters of a key file. Google's have about 2,400; one with the largest key has 4,300.
pub const KEY_FILE_MOST: usize = 16 * 1024;

/// The one address at which a service account signs in. A file that names another would send the proof of the account
/// there.
pub const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

const TYPE: &str = "service_account";

/// The members that are kept; nothing else of the file is.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "type")]
    kind: String,
    project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
    client_id: String,
    token_uri: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.private_key.zeroize();
    }
}

/// Reads a key file as it was chosen or pasted.
///
/// Errs with what it is instead, or with what is wrong with it.
pub fn read_key_file(text: &str) -> Result<(ServiceAccount, GoogleKey), KeyFileProblem> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c));
    if text.len() > KEY_FILE_MOST {
        return Err(KeyFileProblem::TooLong);
    }
    let mut file = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(file)) => Wiped(file),
        Ok(_) | Err(_) => return Err(instead_of_json(text)),
    };
    let file = &mut file.0;
    named_by_type(file)?;
    let mut taken = |member: &'static str| match file.get_mut(member).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(KeyFileProblem::Missing(member)),
    };
    let kept = Kept {
        kind: TYPE.to_owned(),
        private_key: taken("private_key")?,
        client_email: taken("client_email")?,
        client_id: taken("client_id")?,
        project_id: taken("project_id")?,
        private_key_id: taken("private_key_id")?,
        token_uri: taken("token_uri")?,
    };
    if kept.token_uri != TOKEN_URI {
        return Err(KeyFileProblem::ForeignTokenUri);
    }
    let account = account_of(&kept).shaped()?;
    key_pair(&kept.private_key).ok_or(KeyFileProblem::BadKey)?;
    let whole = Zeroizing::new(serde_json::to_string(&kept).map_err(|_| KeyFileProblem::Damaged)?);
    Ok((account, GoogleKey::from_checked(SecretString::from(whole.as_str()))))
}

/// The account and the pair of keys in what [`read_key_file`] gave. `None` for anything else.
pub(super) fn open(key: &GoogleKey) -> Option<(ServiceAccount, RsaKeyPair)> {
    let kept: Kept = serde_json::from_str(key.expose()).ok()?;
    let account = account_of(&kept).shaped().ok()?;
    Some((account, key_pair(&kept.private_key)?))
}

fn account_of(kept: &Kept) -> ServiceAccount {
    ServiceAccount {
        email: kept.client_email.clone(),
        client_id: kept.client_id.clone(),
        project: kept.project_id.clone(),
        key_id: kept.private_key_id.clone(),
    }
}

/// The members of a file, whose texts are cleared from memory when it is dropped.
struct Wiped(Map<String, Value>);

impl Drop for Wiped {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

/// What something is that is no JSON object.
fn instead_of_json(text: &str) -> KeyFileProblem {
    let api_key = |text: &str| {
        text.starts_with("AIza") && text.len() == 39 && text.bytes().all(|b| b.is_ascii_graphic())
    };
    match text {
        "" => KeyFileProblem::Empty,
        text if text.contains('\u{fffd}') || text.contains('\0') => KeyFileProblem::Binary,
        text if api_key(text) => KeyFileProblem::ApiKey,
        text if text.starts_with("-----BEGIN") => KeyFileProblem::BareKey,
        // A PKCS#12 container in base64 begins like this.
        text if text.starts_with("MII") && !text.contains('{') => KeyFileProblem::Binary,
        _ => KeyFileProblem::Damaged,
    }
}

/// Whether the file says that it belongs to a service account; errs with what it belongs to instead.
fn named_by_type(file: &Map<String, Value>) -> Result<(), KeyFileProblem> {
    let has = |member: &str| file.contains_key(member);
    match file.get("type").and_then(Value::as_str) {
        Some(TYPE) => Ok(()),
        Some("authorized_user") => Err(KeyFileProblem::Person),
        Some("external_account" | "impersonated_service_account" | "external_account_authorized_user") => {
            Err(KeyFileProblem::Federated)
        }
        Some(_) => Err(KeyFileProblem::OtherType),
        None if has("installed") || has("web") || has("client_secret") => Err(KeyFileProblem::OauthClient),
        None if has("refresh_token") => Err(KeyFileProblem::Person),
        None if has("private_key") => Err(KeyFileProblem::Missing("type")),
        None => Err(KeyFileProblem::OtherType),
    }
}

/// The pair of keys in a private key as Google writes it: PEM around PKCS#8 around RSA of 2048 bits or more.
fn key_pair(pem: &str) -> Option<RsaKeyPair> {
    let body = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?;
    let body = body.strip_suffix("-----END PRIVATE KEY-----")?;
    let letters: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    let der = Zeroizing::new(STANDARD.decode(letters.as_bytes()).ok()?);
    RsaKeyPair::from_pkcs8(&der).ok()
}

#[cfg(test)]
mod tests;
