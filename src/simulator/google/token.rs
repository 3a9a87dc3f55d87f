//! Token requests of service accounts, checked in the order in which the real service finds fault.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::api;
use super::assertion::{Assertion, Claims};
use super::key_file::TOKEN_URI;
use super::keys::Pair;
use super::tokens::Grant;
use crate::simulator::faults::{Change, Fault, Layer};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, json};
use crate::simulator::world::live::World;
use crate::simulator::world::tenant::Tenant;
use crate::simulator::world::workspace::{AccountState, KeyState, ServiceAccount, UserState};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Other names of the token endpoint that statements may be made out to.
const ELDER: [&str; 2] =
    ["https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token"];
/// Seconds a token lasts.
const LIFETIME: i64 = 3599;
/// Seconds a statement may last.
const LONGEST: i64 = 3600;
/// Seconds by which clocks may differ.
const LEEWAY: i64 = 300;

/// One refusal: status, word and sentence.
struct Refusal(u16, String, String);

fn refuse<T>(status: u16, error: &str, text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(status, error.to_owned(), text.into()))
}

/// Answers a token request.
pub(crate) fn issue(call: &Call, world: &World) -> Response {
    let kind = "application/json; charset=utf-8";
    match granted(call, world) {
        Ok(body) => json(StatusCode::OK, kind, &body),
        Err(Refusal(status, error, text)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            let mut body = json!({"error": error});
            if !text.is_empty() {
                body["error_description"] = json!(text);
            }
            json(status, kind, &body)
        }
    }
}

/// The service account and the person that a request names, believed or not.
pub(crate) fn named(call: &Call) -> (Option<String>, Option<String>) {
    let claims = call.form("assertion").and_then(|text| Assertion::read(&text)).map(|read| read.claims);
    claims.map_or((None, None), |claims| (claims.iss, claims.sub))
}

fn granted(call: &Call, world: &World) -> Result<Value, Refusal> {
    let grant = call.form("grant_type").unwrap_or_default();
    if grant != GRANT {
        return refuse(400, "unsupported_grant_type", format!("Invalid grant_type: {grant}"));
    }
    let Some(text) = call.form("assertion").filter(|text| !text.is_empty()) else {
        return refuse(400, "invalid_request", "Missing required parameter: assertion");
    };
    let Some(assertion) = Assertion::read(&text) else { return refuse(400, "invalid_grant", "Bad Request") };
    let claims = &assertion.claims;
    let (owner, account) = known_account(claims, world)?;
    check_signature(&assertion, &account, owner.is_some(), world)?;
    let tenant = subject(claims, &account).and_then(|who| tenant_of(who, world));
    let concerned = tenant.as_ref().or(owner.as_ref());
    check_times(claims, concerned.map(|tenant| &**tenant), world)?;
    if let Some(said) = concerned.and_then(|tenant| tenant.google.as_ref()?.script.refusal.clone()) {
        return refuse(said.status, &said.error, said.text);
    }
    let scopes = check_scopes(claims)?;
    if let Some(who) = subject(claims, &account) {
        check_subject(who, tenant.as_deref(), &account, &scopes)?;
    }
    Ok(token(claims, &account, concerned.map(|tenant| &**tenant), scopes, world))
}

/// Whom the account asks to act for; itself is nobody.
fn subject<'a>(claims: &'a Claims, account: &ServiceAccount) -> Option<&'a str> {
    claims.sub.as_deref().filter(|who| !who.eq_ignore_ascii_case(&account.email))
}

fn tenant_of(address: &str, world: &World) -> Option<Arc<Tenant>> {
    let (_, domain) = address.rsplit_once('@')?;
    world
        .tenant(domain)
        .filter(|tenant| tenant.google.is_some() && tenant.domain.eq_ignore_ascii_case(domain))
}

fn known_account(claims: &Claims, world: &World) -> Result<(Option<Arc<Tenant>>, ServiceAccount), Refusal> {
    let issuer = claims.iss.as_deref().unwrap_or_default();
    if issuer.trim() != issuer || !issuer.contains('@') {
        return refuse(401, "invalid_client", "The OAuth client was not found.");
    }
    let found = world.service_account(issuer);
    let found = found.filter(|(_, account)| account.script.state != AccountState::Deleted);
    match found {
        None => refuse(400, "invalid_grant", "Invalid grant: account not found"),
        Some((_, account)) if account.script.state == AccountState::Disabled => {
            refuse(401, "disabled_client", "The OAuth client was disabled.")
        }
        Some(found) => Ok(found),
    }
}

fn check_signature(
    assertion: &Assertion,
    account: &ServiceAccount,
    of_an_office: bool,
    world: &World,
) -> Result<(), Refusal> {
    let keys = &world.google.keys;
    let pair: &Pair = if of_an_office { &keys.offices } else { &keys.ours };
    let named = |id: &str| assertion.head.kid.as_deref().is_none_or(|kid| kid == id);
    let good = account.keys.iter().any(|(id, state)| *state == KeyState::Good && named(id));
    if good && assertion.is_signed_by(pair) {
        return Ok(());
    }
    refuse(400, "invalid_grant", "Invalid JWT Signature.")
}

fn check_times(claims: &Claims, tenant: Option<&Tenant>, world: &World) -> Result<(), Refusal> {
    let audience = claims.aud.as_deref().unwrap_or_default();
    if audience != TOKEN_URI && !ELDER.contains(&audience) {
        return refuse(400, "invalid_grant", "Invalid JWT: Failed audience check.");
    }
    let ahead =
        tenant.and_then(|tenant| tenant.google.as_ref()).map_or(0, |google| google.script.clock_ahead);
    let now = (world.now)().as_second() + ahead;
    let (begins, ends) = (claims.iat.unwrap_or_default(), claims.exp.unwrap_or_default());
    let short = ends > begins && ends - begins <= LONGEST;
    if short && begins <= now + LEEWAY && ends > now {
        return Ok(());
    }
    let text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                your iat and exp values in the JWT claim.";
    refuse(400, "invalid_grant", text)
}

fn check_scopes(claims: &Claims) -> Result<Vec<String>, Refusal> {
    let scopes: Vec<String> =
        claims.scope.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return refuse(400, "invalid_scope", "Empty or missing scope not allowed.");
    }
    if !scopes.iter().all(|scope| api::exists(scope)) {
        return refuse(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    }
    Ok(scopes)
}

/// Delegation first: who is not let in does not learn who exists.
fn check_subject(
    who: &str,
    tenant: Option<&Tenant>,
    account: &ServiceAccount,
    scopes: &[String],
) -> Result<(), Refusal> {
    let well_formed =
        who.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if !well_formed || who.contains(char::is_whitespace) {
        return refuse(400, "invalid_request", format!("Invalid impersonation \"sub\" field: {who}"));
    }
    let Some((tenant, workspace)) = tenant.and_then(|tenant| Some((tenant, tenant.google.as_ref()?))) else {
        return refuse(400, "invalid_grant", "Invalid email or User ID");
    };
    if !workspace.delegates(&account.client_id, scopes) {
        let text = "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
                    for any of the scopes requested.";
        return refuse(401, "unauthorized_client", text);
    }
    let state = tenant.mailbox(who).map(|mailbox| workspace.user(&mailbox.name).state);
    match state {
        Some(UserState::Active) => Ok(()),
        None | Some(UserState::Alias | UserState::Suspended) => {
            refuse(400, "invalid_grant", "Invalid email or User ID")
        }
        Some(UserState::Deleted) => refuse(400, "invalid_grant", "The account has been deleted"),
        Some(UserState::Gone) => refuse(400, "invalid_request", "Invalid impersonation prn email address."),
    }
}

fn token(
    claims: &Claims,
    account: &ServiceAccount,
    tenant: Option<&Tenant>,
    scopes: Vec<String>,
    world: &World,
) -> Value {
    let fault = world.fault(Layer::Token, "oauth2.googleapis.com", Operation::Token, tenant);
    let change = match fault {
        Some(Fault::Token(change)) => change,
        _ => Change::default(),
    };
    let lifetime = change.expires_in.unwrap_or(LIFETIME);
    let text = world.ids.google_token();
    let now: Timestamp = (world.now)();
    let ends = now.checked_add(SignedDuration::from_secs(lifetime)).unwrap_or(now);
    let itself = tenant.and_then(|tenant| tenant.google.as_ref()).is_some_and(|it| it.script.acts_as_itself);
    let grant = Grant {
        account: account.email.clone(),
        project: account.project_number.clone(),
        subject: subject(claims, account).filter(|_| !itself).map(str::to_ascii_lowercase),
        scopes: change.scp.as_ref().map_or(scopes, |scope| vec![api::scope(scope)]),
        ends,
    };
    world.google.tokens.give(text.clone(), grant, now);
    let told = change.text.unwrap_or(text);
    json!({"access_token": told, "expires_in": lifetime, "token_type": "Bearer"})
}
