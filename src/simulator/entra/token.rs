//! Token requests by client credentials, checked in the order in which the real service finds fault.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::assertion;
use super::discovery::{existing, stands_for_many};
use super::refusal::Refusal;
use super::ticket;
use crate::simulator::faults::{Change, Fault, Layer};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, json};
use crate::simulator::world::live::World;
use crate::simulator::world::script::Service;
use crate::simulator::world::tenant::{App, Tenant};

pub(super) const OUTLOOK: &str = "https://outlook.office365.com";
/// Seconds a token lasts.
const LIFETIME: i64 = 3599;

/// Answers a token request.
pub(crate) fn issue(name: &str, call: &Call, world: &World) -> Response {
    match granted(name, call, world) {
        Ok(body) => json(StatusCode::OK, "application/json; charset=utf-8", &body),
        Err(refusal) => refusal.response(Some(call), world),
    }
}

fn granted(name: &str, call: &Call, world: &World) -> Result<Value, Refusal> {
    let grant = call.form("grant_type").ok_or_else(|| missing("grant_type"))?;
    let tenant = asked_tenant(name, call, world)?;
    if grant != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        return Err(Refusal::new(400, "unsupported_grant_type", 70003, text));
    }
    let (client_id, secret) = credentials(call)?;
    let app = usable_app(&tenant, &client_id)?;
    check_proof((&tenant, name, app), secret.as_deref(), call, world)?;
    let resource = check_scope(call.form("scope"), &tenant)?;
    check_policies(app, &tenant)?;
    Ok(token(&tenant, (app, certified(call)), &resource, world))
}

/// Did the app prove itself with a certificate?
fn certified(call: &Call) -> bool {
    call.form("client_assertion").is_some()
}

/// The tenant a token is asked of, unless it refuses whatever is asked.
pub(super) fn asked_tenant(name: &str, call: &Call, world: &World) -> Result<Arc<Tenant>, Refusal> {
    if stands_for_many(name) {
        return Err(for_many(name));
    }
    let tenant = existing(name, call, world)?;
    if let Some(refusal) = &tenant.script.refusal {
        return Err(Refusal::new(refusal.status, &refusal.error, refusal.code, refusal.text.clone()));
    }
    if tenant.script.cloud.hosts().login.name != call.host {
        let text = "Confidential Client is not supported in Cross Cloud request.";
        return Err(Refusal::new(400, "invalid_request", 900382, text));
    }
    Ok(tenant)
}

pub(super) fn missing(parameter: &str) -> Refusal {
    let text = format!("The request body must contain the following parameter: '{parameter}'.");
    Refusal::new(400, "invalid_request", 900144, text)
}

fn for_many(name: &str) -> Refusal {
    if name.eq_ignore_ascii_case("common") {
        let text = "Application is not configured as a multi-tenant application. Usage of the /common endpoint is \
                    not supported for such applications. Use a tenant-specific endpoint.";
        return Refusal::new(400, "invalid_request", 50194, text);
    }
    let text =
        format!("The grant type is not supported over the /{name} endpoint. Use a tenant-specific endpoint.");
    Refusal::new(400, "invalid_request", 9001023, text)
}

/// Client id and secret, from the form or from basic authentication, where each part is form-encoded.
fn credentials(call: &Call) -> Result<(String, Option<String>), Refusal> {
    if let Some(pair) = basic(call) {
        return Ok((pair.0, Some(pair.1)));
    }
    let id = call.form("client_id").filter(|id| !id.is_empty()).ok_or_else(|| missing("client_id"))?;
    Ok((id, call.form("client_secret")))
}

fn basic(call: &Call) -> Option<(String, String)> {
    let (scheme, coded) = call.header("authorization")?.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(coded.trim()).ok())??;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |part: &str| {
        let form = format!("v={part}");
        url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

pub(super) fn usable_app<'a>(tenant: &'a Tenant, client_id: &str) -> Result<&'a App, Refusal> {
    let Some(app) = tenant.app(client_id) else {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in \
             the tenant. You may have sent your authentication request to the wrong tenant.",
            tenant.script.company
        );
        return Err(Refusal::new(400, "unauthorized_client", 700016, text));
    };
    if !app.script.enabled {
        let text = format!("Application '{}'({}) is disabled.", app.client_id, app.script.name);
        return Err(Refusal::new(400, "unauthorized_client", 7000112, text));
    }
    if !app.script.enterprise_application {
        let text = format!(
            "The client application '{}' is missing service principal in the tenant '{}'.",
            app.client_id, tenant.id
        );
        return Err(Refusal::new(401, "invalid_client", 7000229, text));
    }
    Ok(app)
}

fn check_proof(
    (tenant, name, app): (&Tenant, &str, &App),
    secret: Option<&str>,
    call: &Call,
    world: &World,
) -> Result<(), Refusal> {
    let refuse = |code, text: String| Err(Refusal::new(401, "invalid_client", code, text));
    let id = &app.client_id;
    if app.script.public_client {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        return refuse(700025, text.into());
    }
    if let Some(text) = call.form("client_assertion") {
        let kind = call.form("client_assertion_type");
        return assertion::check((kind.as_deref(), &text), (tenant, name, app), world);
    }
    match secret {
        None | Some("") => refuse(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
                .into(),
        ),
        Some(given) if given != app.secret => refuse(
            7000215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{id}'."
            ),
        ),
        Some(_) if app.secret_expires <= (world.now)() => refuse(
            7000222,
            format!(
                "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new \
                 keys for your app, or consider using certificate credentials for added security."
            ),
        ),
        Some(_) => Ok(()),
    }
}

/// The service that the scope means.
fn check_scope(scope: Option<String>, tenant: &Tenant) -> Result<String, Refusal> {
    let scope = scope.filter(|scope| !scope.trim().is_empty()).ok_or_else(|| missing("scope"))?;
    let resource = scope.trim().strip_suffix("/.default").filter(|resource| !resource.contains(' '));
    let Some(resource) = resource else {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input \
             parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::new(400, "invalid_scope", 70011, text));
    };
    let name = &tenant.script.company;
    let hosts = tenant.script.cloud.hosts();
    let known = [hosts.graph, hosts.ews].map(|host| format!("https://{}", host.name));
    let known = known.into_iter().find(|known| known == resource);
    let Some(known) = known.filter(|_| tenant.script.graph != Service::Missing) else {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {name}. This can happen if \
             the application has not been installed by the administrator of the tenant or consented to by any user \
             in the tenant. You might have sent your authentication request to the wrong tenant."
        );
        return Err(Refusal::new(400, "invalid_resource", 500011, text));
    };
    if tenant.script.graph == Service::NotSubscribed {
        let text = format!(
            "The app is trying to access a service '{resource}' that your organization '{name}' lacks a service \
             principal for. Contact your IT Admin to review the configuration of your service subscriptions."
        );
        return Err(Refusal::new(400, "invalid_client", 650052, text));
    }
    Ok(known)
}

fn check_policies(app: &App, tenant: &Tenant) -> Result<(), Refusal> {
    let name = &app.script.name;
    if tenant.script.policy_blocks {
        let text = "Access has been blocked by Conditional Access policies. The access policy does not allow token \
                    issuance.";
        return Err(Refusal::new(400, "invalid_grant", 53003, text));
    }
    if app.script.assignment_required {
        let text = format!(
            "Your administrator has configured the application {name} ('{}') to block users unless they are \
             specifically granted ('assigned') access to the application.",
            app.client_id
        );
        return Err(Refusal::new(400, "invalid_grant", 50105, text));
    }
    if !app.script.consent {
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{}' named '{name}'. Send \
             an interactive authorization request for this user and resource.",
            app.client_id
        );
        return Err(Refusal::new(400, "invalid_grant", 65001, text));
    }
    Ok(())
}

fn token(tenant: &Tenant, (app, certified): (&App, bool), resource: &str, world: &World) -> Value {
    let hosts = tenant.script.cloud.hosts();
    let fault = world.fault(Layer::Token, hosts.login.name, Operation::Token, Some(tenant));
    let change = match fault {
        Some(Fault::Token(change)) => change,
        _ => Change::default(),
    };
    let lifetime = change.expires_in.unwrap_or(LIFETIME);
    let text = match &change.text {
        Some(text) => text.clone(),
        None => ticket::sign(
            &claims(tenant, (app, certified), resource, &change, lifetime, world),
            world.ids.key(),
        ),
    };
    json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": text})
}

fn claims(
    tenant: &Tenant,
    (app, certified): (&App, bool),
    resource: &str,
    change: &Change,
    lifetime: i64,
    world: &World,
) -> Value {
    let now = (world.now)().as_second();
    let tid = change.tid.as_ref().unwrap_or(&tenant.id);
    let mut claims = json!({
        "aud": change.aud.as_deref().unwrap_or(resource),
        "iss": format!("https://sts.windows.net/{tid}/"),
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(lifetime),
        "app_displayname": app.script.name,
        "appid": change.appid.as_ref().unwrap_or(&app.client_id),
        "appidacr": if certified { "2" } else { "1" },
        "idp": format!("https://sts.windows.net/{tid}/"),
        "oid": app.object_id,
        "sub": app.object_id,
        "tid": tid,
        "uti": world.ids.short(),
        "ver": "1.0",
    });
    match &change.scp {
        Some(scopes) => claims["scp"] = json!(scopes),
        None => claims["idtyp"] = json!("app"),
    }
    // A token without any permission has no such claim at all, rather than an empty one.
    let graph = format!("https://{}", tenant.script.cloud.hosts().graph.name);
    let own = if resource == graph { &app.script.roles } else { &app.script.office_roles };
    let roles = change.roles.as_ref().unwrap_or(own);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    claims
}
