//! A token of a service account, for which its password is sent once.

use oauth2::{
    AuthType, ClientId, ResourceOwnerPassword, ResourceOwnerUsername, Scope, TokenResponse, TokenUrl,
    basic::BasicClient,
};
use secrecy::SecretString;

use crate::{
    domain::{exchange::ServicePassword, guid::Guid},
    net::Failure,
    verification::{bearer::Bearer, cut::Cut, evidence::Evidence, progress::Running, scrub::Scrub},
};

use super::{
    call::Caller,
    claims::Claims,
    permissions::Service,
    sign_in::{Carrier, Tenant, bearer},
};

/// What an account may be given for EWS: to work as itself there. Acting for others was never a part of a token, but a
/// role in Exchange Online.
const PERMISSION: &str = "EWS.AccessAsUser.All";

/// Who signs in, and through which app.
pub(super) struct Account<'a> {
    pub(super) login: &'a str,
    pub(super) password: &'a ServicePassword,
    pub(super) client: &'a Guid,
}

/// Signs in as the account, once. The password leaves in the body of this one request.
pub(super) async fn sign_in(
    caller: &Caller,
    tenant: &Tenant,
    account: &Account<'_>,
    (running, scrub): (&mut Running, &Scrub),
    cut: &Cut,
) -> Result<Bearer, Evidence> {
    let bad = |_| Evidence::Lost(Failure::BadCall);
    let url = format!("https://{}/{}/oauth2/v2.0/token", tenant.cloud.login, tenant.id);
    // An app of this way has no secret: it is named in the body, and the account's password is all that is shown.
    let app = BasicClient::new(ClientId::new(account.client.as_str().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(url).map_err(bad)?);
    let carrier = Carrier::new(caller, cut);
    let login = ResourceOwnerUsername::new(account.login.to_owned());
    let password = ResourceOwnerPassword::new(account.password.expose().to_owned());
    let scope = Scope::new(format!("https://{}/{PERMISSION}", tenant.cloud.ews));
    let token = app.exchange_password(&login, &password).add_scope(scope).request_async(&carrier).await;
    let token = token.ok().map(|token| SecretString::from(token.access_token().secret().clone()));
    let answer = carrier.into_answer()?;
    let bearer = bearer(&answer, token, scrub)?;
    let claims = Claims::read(secrecy::ExposeSecret::expose_secret(bearer.secret()));
    let audiences = Service::Ews.audiences(tenant.cloud);
    match claims.and_then(|claims| claims.objection(&tenant.id, account.client, &audiences)) {
        Some(objection) => Err(Evidence::Found(objection)),
        None => {
            running.learn("Signed in with", "a token, through your app");
            Ok(bearer)
        }
    }
}
