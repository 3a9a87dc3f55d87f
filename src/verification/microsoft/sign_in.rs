//! The tenant and the token.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use http::{Method, Response, StatusCode};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret as OauthSecret, HttpRequest, HttpResponse, Scope,
    TokenResponse, TokenUrl, basic::BasicClient,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{
        address::MailDomain,
        app::Proof,
        credential::{ClientSecret, TenantName},
        guid::Guid,
    },
    net::{Failure, provider::Answer},
    verification::{
        bearer::Bearer,
        cut::Cut,
        evidence::{Evidence, Finding},
        progress::Running,
        scrub::Scrub,
        segment::segment,
    },
};

use super::{
    answer::sign_in_shown,
    assertion::{self, Signer},
    call::{Caller, call_to},
    claims::Claims,
    cloud::{Cloud, cloud_of, logins},
    page::Discovery,
    permissions::Service,
};

/// The longest answer to a token request, in bytes; real ones have two to five thousand. What reads it keeps every word
/// of some members.
const TOKEN: usize = 64 * 1024;

/// The most characters of a permission's name.
const ROLE: usize = 60;

/// A tenant that exists.
pub(super) struct Tenant {
    pub(super) id: Guid,
    pub(super) cloud: &'static Cloud,
}

/// What a sign-in brought.
pub(super) struct Access {
    pub(super) bearer: Arc<Bearer>,
    /// The permissions in the token, where it could be read.
    pub(super) roles: Option<Vec<String>>,
    /// Works, and should be mended.
    pub(super) advice: Option<Finding>,
}

/// Looks the tenant up and, where checks are bound to a domain, holds it against the one that owns this domain. Nobody
/// tries secrets at other people's tenants this way: it happens before any secret leaves.
pub(super) async fn find_own_tenant(
    caller: &Caller,
    name: &TenantName,
    bound_to: Option<&MailDomain>,
    running: &mut Running,
    cut: &Cut,
) -> Result<Tenant, Evidence> {
    let tenant = find_tenant(caller, name, running, cut).await?;
    let Some(domain) = bound_to else { return Ok(tenant) };
    let name = TenantName::Domain(domain.clone());
    // What the second look learns is of no interest to the admin: its facts go with it.
    let mut aside = running.aside();
    match find_tenant(caller, &name, &mut aside, cut).await {
        Ok(own) if own.id == tenant.id => Ok(tenant),
        Ok(_) => Err(Evidence::Found(Finding::ForeignTenant)),
        // The domain has no tenant: then this one is not its own.
        Err(Evidence::Shown(shown)) if shown.status == StatusCode::BAD_REQUEST => {
            Err(Evidence::Found(Finding::ForeignTenant))
        }
        // Anything else proves nothing, and is no fault of the admin's either.
        Err(evidence) => Err(evidence),
    }
}

/// The number with which a sign-in service says that it knows no such tenant.
const UNKNOWN_TENANT: u32 = 90002;

/// Looks the tenant up by what the admin gave: its id or one of its domains. Whom the first sign-in service does not
/// know is looked for at those of the other clouds; what the first one said stands when none of them knows it either.
async fn find_tenant(
    caller: &Caller,
    name: &TenantName,
    running: &mut Running,
    cut: &Cut,
) -> Result<Tenant, Evidence> {
    let mut first = None;
    for login in logins() {
        let found = find_tenant_at(login, caller, name, running, cut).await;
        let unknown = matches!(&found, Err(Evidence::Shown(shown)) if shown.aad.contains(&UNKNOWN_TENANT));
        match found {
            Err(evidence) if unknown && first.is_none() => first = Some(evidence),
            // A tenant that is there, in a cloud that we cannot serve, says more than one that nobody knows.
            found @ (Ok(_) | Err(Evidence::Found(_))) => return found,
            Err(evidence) if first.is_none() => return Err(evidence),
            Err(_) => {}
        }
    }
    Err(first.unwrap_or(Evidence::Lost(Failure::BadCall)))
}

async fn find_tenant_at(
    login: &'static str,
    caller: &Caller,
    name: &TenantName,
    running: &mut Running,
    cut: &Cut,
) -> Result<Tenant, Evidence> {
    let tenant = segment(name.as_str()).ok_or(Evidence::Lost(Failure::BadCall))?;
    let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let answer = caller.send(call_to(Method::GET, login, &path, Vec::new())?, cut).await?;
    let scrub = Scrub::new(Vec::new());
    let shown = || Evidence::Shown(Box::new(sign_in_shown(&answer, &scrub)));
    if answer.status != StatusCode::OK {
        return Err(shown());
    }
    let found: Discovery = serde_json::from_slice(&answer.body).map_err(|_| shown())?;
    let id = tenant_in(&found.issuer).ok_or_else(shown)?;
    if matches!(name, TenantName::Id(asked) if *asked != id) {
        return Err(shown());
    }
    running.learn("Tenant ID", id.as_str());
    if let Some(region) = &found.tenant_region_scope {
        running.learn("Region", scrub.clean(region, ROLE));
    }
    let cloud = cloud_of(&found, login).ok_or(Evidence::Found(Finding::OtherCloud))?;
    running.learn("Cloud", cloud.name);
    Ok(Tenant { id, cloud })
}

/// The GUID in an issuer of the form `https://HOST/GUID/v2.0`.
pub(super) fn tenant_in(issuer: &str) -> Option<Guid> {
    let path = issuer.strip_prefix("https://")?.split_once('/')?.1;
    Guid::parse(path.strip_suffix("/v2.0")?)
}

/// Signs in as the app, once. A secret leaves in the body of this one request; of a certificate only what it signed.
pub(super) async fn sign_in(
    caller: &Caller,
    (tenant, service): (&Tenant, Service),
    client: &Guid,
    proof: &Proof,
    running: &mut Running,
    cut: &Cut,
) -> Result<Access, Evidence> {
    let url = format!("https://{}/{}/oauth2/v2.0/token", tenant.cloud.login, tenant.id);
    let sent = Sent::of(proof, client, &url, caller).ok_or(Evidence::Lost(Failure::BadCall))?;
    let scrub = Scrub::new(vec![sent.text()]);
    let (answer, token) = request_token(caller, (tenant, service), (client, &url), &sent, cut).await?;
    let bearer = Arc::new(bearer(&answer, token, &scrub)?);
    let claims = Claims::read(bearer.secret().expose_secret());
    let Some(claims) = claims else {
        running.learn("Permissions in the token", "could not be read");
        return Ok(Access { bearer, roles: None, advice: None });
    };
    if let Some(objection) = claims.objection_to_app(&tenant.id, client, &service.audiences(tenant.cloud)) {
        return Err(Evidence::Found(objection));
    }
    let roles: Vec<String> = claims.roles().iter().map(|role| scrub.clean(role, ROLE)).collect();
    let listed = if roles.is_empty() {
        "none: access can come from roles in Exchange Online only".to_owned()
    } else {
        roles.join(", ")
    };
    running.learn("Permissions in the token", listed);
    let excess: Vec<&str> =
        roles.iter().map(String::as_str).filter(|role| !service.harmless().contains(role)).collect();
    if !excess.is_empty() {
        running.learn("Not needed", excess.join(", "));
    }
    let advice = (!excess.is_empty()).then_some(Finding::ExcessPermissions);
    Ok(Access { bearer, roles: Some(roles), advice })
}

/// What leaves of a proof: a secret itself; of a private key only what it signed for this one request.
enum Sent<'a> {
    Secret(&'a ClientSecret),
    Signed(SecretString),
}

impl<'a> Sent<'a> {
    /// `None` when the key signs nothing.
    fn of(proof: &'a Proof, client: &Guid, url: &str, caller: &Caller) -> Option<Self> {
        match proof {
            Proof::Secret(secret) => Some(Self::Secret(secret)),
            Proof::Certificate { key, certificate } => {
                let signer = Signer::new(key, certificate)?;
                signer.assertion(client, url, caller.clock.now(), &caller.randomness).map(Self::Signed)
            }
        }
    }

    /// What may come back in an answer and must not be kept.
    fn text(&self) -> SecretString {
        match self {
            Self::Secret(secret) => SecretString::from(secret.expose().to_owned()),
            Self::Signed(signed) => signed.clone(),
        }
    }
}

/// The token of an answer. Errs with what the answer shows where it has none.
pub(super) fn bearer(
    answer: &Answer,
    token: Option<SecretString>,
    scrub: &Scrub,
) -> Result<Bearer, Evidence> {
    token.and_then(|token| Bearer::parse(token.expose_secret())).ok_or_else(|| {
        let mut shown = sign_in_shown(answer, scrub);
        // A token endpoint that answers 200 without a token says nothing by its other members.
        if answer.status == StatusCode::OK {
            (shown.codes, shown.aad) = (Vec::new(), Vec::new());
        }
        Evidence::Shown(Box::new(shown))
    })
}

/// Ends the OAuth library's exchange; why is kept beside it.
#[derive(Debug, thiserror::Error)]
#[error("the token request brought no answer")]
pub(super) struct NoAnswer;

/// Carries the library's request through our own client, and keeps what came back.
pub(super) struct Carrier<'a> {
    caller: &'a Caller,
    cut: &'a Cut,
    kept: Mutex<Option<Result<Answer, Evidence>>>,
}

impl<'a> Carrier<'a> {
    /// Nothing was carried yet.
    pub(super) fn new(caller: &'a Caller, cut: &'a Cut) -> Self {
        Self { caller, cut, kept: Mutex::new(None) }
    }

    /// What came back.
    pub(super) fn into_answer(self) -> Result<Answer, Evidence> {
        let answer = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        answer.unwrap_or(Err(Evidence::Lost(Failure::BadCall)))
    }
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, call: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let sent = self.caller.send(call, self.cut).await;
            let sent = sent.and_then(|answer| match answer.body.len() {
                0..=TOKEN => Ok(answer),
                _ => Err(Evidence::Lost(Failure::TooLarge)),
            });
            let copy = sent.as_ref().ok().map(copied);
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
            copy.ok_or(NoAnswer)
        })
    }
}

/// The raw answer, whose numbers the OAuth library drops, and the token it found in it.
async fn request_token(
    caller: &Caller,
    (tenant, service): (&Tenant, Service),
    (client, url): (&Guid, &str),
    sent: &Sent<'_>,
    cut: &Cut,
) -> Result<(Answer, Option<SecretString>), Evidence> {
    let bad = |_| Evidence::Lost(Failure::BadCall);
    let app = BasicClient::new(ClientId::new(client.as_str().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(url.to_owned()).map_err(bad)?);
    let app = match sent {
        Sent::Secret(secret) => app.set_client_secret(OauthSecret::new(secret.expose().to_owned())),
        Sent::Signed(_) => app,
    };
    let carrier = Carrier::new(caller, cut);
    let scope = Scope::new(format!("https://{}/.default", service.host(tenant.cloud)));
    let mut asked = app.exchange_client_credentials().add_scope(scope);
    if let Sent::Signed(signed) = sent {
        asked = asked.add_extra_param("client_assertion_type", assertion::KIND);
        asked = asked.add_extra_param("client_assertion", signed.expose_secret());
    }
    let token = asked.request_async(&carrier).await;
    let token = token.ok().map(|token| SecretString::from(token.access_token().secret().clone()));
    Ok((carrier.into_answer()?, token))
}

fn copied(answer: &Answer) -> HttpResponse {
    let mut copy = Response::new(answer.body.clone());
    *copy.status_mut() = answer.status;
    *copy.headers_mut() = answer.headers.clone();
    copy
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The token that the library finds in an answer, as a bearer.
    fn token_in(status: u16, body: Vec<u8>) -> Option<Bearer> {
        let app = BasicClient::new(ClientId::new("x".to_owned()))
            .set_token_uri(TokenUrl::new("https://login.example/token".to_owned()).expect("an address"));
        let carrier = move |_: HttpRequest| {
            let mut answer = Response::new(body.clone());
            *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
            std::future::ready(Ok::<_, NoAnswer>(answer))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let token = runtime.block_on(app.exchange_client_credentials().request_async(&carrier)).ok()?;
        Bearer::parse(token.access_token().secret())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), status in 200..600_u16,
        ) {
            let _ = token_in(status, bytes);
        }

        #[test]
        fn a_token_is_one_that_fits_into_a_header_or_none(token in "([!-~]{1,40}|\\PC{0,40}|[!-~]{7990,8010})", life: i64) {
            let body = serde_json::json!({ "access_token": token, "token_type": "Bearer", "expires_in": life.unsigned_abs() });
            let found = token_in(200, body.to_string().into_bytes());
            let fits = (1..=8_000).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
            prop_assert_eq!(found.is_some_and(|found| found.secret().expose_secret() == token), fits);
            let _ = Claims::read(&token);
        }
    }
}
