//! The code for tokens: the OAuth library makes the request, our own client carries it, and the raw answer is read
//! here, because the library drops the token that matters.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use http::StatusCode;
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, TokenUrl, basic::BasicClient,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{discovery::Discovery, login::Login, refusal::Refusal, settings::Settings, way::Way};
use crate::net::{Answer, Failure};

/// What the code was worth.
pub(super) struct Tokens {
    pub(super) id_token: SecretString,
    pub(super) access_token: SecretString,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    id_token: Option<SecretString>,
    #[serde(default)]
    access_token: Option<SecretString>,
    #[serde(default)]
    error: Option<String>,
}

/// Ends the library's exchange; why is kept beside it.
#[derive(Debug, thiserror::Error)]
#[error("the token request brought no answer")]
struct NoAnswer;

struct Carrier<'a> {
    way: &'a Way,
    kept: Mutex<Option<Result<Answer, Failure>>>,
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, call: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let sent = self.way.send(call).await;
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
            Err(NoAnswer)
        })
    }
}

/// Exchanges the code, once. Our secret leaves in this one request.
pub(super) async fn exchange(
    way: &Way,
    settings: &Settings,
    discovery: &Discovery,
    login: &Login,
    code: &str,
) -> Result<Tokens, Refusal> {
    let redirect = RedirectUrl::new(settings.redirect_uri.clone()).map_err(|_| Refusal::NotKnown)?;
    let auth = if discovery.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
    let client = BasicClient::new(ClientId::new(settings.client_id.clone()))
        .set_client_secret(ClientSecret::new(settings.client_secret.expose_secret().to_owned()))
        .set_auth_type(auth)
        .set_redirect_uri(redirect)
        .set_token_uri(TokenUrl::from_url(discovery.token.clone()));
    let carrier = Carrier { way, kept: Mutex::new(None) };
    let asked = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()))
        .request_async(&carrier)
        .await;
    // Always an error: the answer is the one that was kept.
    drop(asked);
    let answer = carrier.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    read(answer.unwrap_or(Err(Failure::BadCall)).map_err(Refusal::Away)?)
}

fn read(answer: Answer) -> Result<Tokens, Refusal> {
    if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Refusal::Busy);
    }
    let body: Body = serde_json::from_slice(&answer.body).map_err(|_| Refusal::Malformed)?;
    match (answer.status, body) {
        (StatusCode::OK, Body { id_token: Some(id_token), access_token: Some(access_token), .. }) => {
            Ok(Tokens { id_token, access_token })
        }
        // The code was used before, is another's, or too old.
        (_, Body { error: Some(error), .. }) if error == "invalid_grant" => Err(Refusal::Stale),
        (_, Body { error: Some(error), .. })
            if ["invalid_client", "unauthorized_client", "invalid_request"].contains(&error.as_str()) =>
        {
            Err(Refusal::NotKnown)
        }
        _ => Err(Refusal::Malformed),
    }
}
