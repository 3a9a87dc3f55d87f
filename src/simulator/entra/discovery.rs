//! What the sign-in service tells anybody: does a tenant exist, which cloud does it live in.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::simulator::clouds::Cloud;
use crate::simulator::identity::is_guid;
use crate::simulator::web::{Call, json};
use crate::simulator::world::live::World;
use crate::simulator::world::tenant::Tenant;

const JSON: &str = "application/json; charset=utf-8";

/// Names in place of a tenant that stand for many.
pub(crate) fn stands_for_many(name: &str) -> bool {
    ["common", "organizations", "consumers"].iter().any(|many| many.eq_ignore_ascii_case(name))
}

/// Does the sign-in service at this host know the tenants of this cloud?
fn knows(host: &str, cloud: Cloud) -> bool {
    let own = cloud.hosts();
    own.login.name == host || own.known_worldwide && host == Cloud::Worldwide.hosts().login.name
}

/// The tenant called this, or the refusal for a name that is none.
pub(crate) fn existing(name: &str, call: &Call, world: &World) -> Result<Arc<Tenant>, Refusal> {
    let by_id_or_domain = |tenant: &Arc<Tenant>| !tenant.name.eq_ignore_ascii_case(name);
    if let Some(tenant) = world.tenant(name).filter(by_id_or_domain)
        && tenant.script.exists
        && tenant.is_in_microsoft_365()
        && knows(&call.host, tenant.script.cloud)
    {
        return Ok(tenant);
    }
    if is_guid(name) || looks_like_a_domain(name) {
        let text = format!(
            "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud. Check with your subscription administrator, this may happen if there are no active \
             subscriptions for the tenant."
        );
        return Err(Refusal::new(400, "invalid_tenant", 90002, text));
    }
    let text = format!(
        "Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain."
    );
    Err(Refusal::new(400, "invalid_request", 900023, text))
}

fn looks_like_a_domain(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(label)
}

/// The OpenID configuration of a tenant.
pub(crate) fn configuration(name: &str, call: &Call, world: &World) -> Response {
    if stands_for_many(name) {
        return json(StatusCode::OK, JSON, &document("{tenantid}", name, Cloud::Worldwide));
    }
    match existing(name, call, world) {
        Ok(tenant) => json(StatusCode::OK, JSON, &document(&tenant.id, &tenant.id, tenant.script.cloud)),
        Err(refusal) => refusal.response(None, world),
    }
}

fn document(issuer: &str, tenant: &str, cloud: Cloud) -> Value {
    let hosts = cloud.hosts();
    let (login, graph) = (hosts.login.name, hosts.graph.name);
    let base = format!("https://{login}/{tenant}");
    let mut document = json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("https://{login}/{issuer}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("https://{graph}/oidc/userinfo"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "tid", "ver", "email"],
        "tenant_region_scope": hosts.region,
        "cloud_instance_name": hosts.instance,
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": graph,
        "rbac_url": "https://pas.windows.net",
    });
    if let Some(part) = hosts.sub_region {
        document["tenant_region_sub_scope"] = json!(part);
    }
    document
}

/// Which host names mean the same sign-in service: token clients ask before they trust one.
pub(crate) fn instances(call: &Call, world: &World) -> Response {
    let endpoint = call.query("authorization_endpoint").unwrap_or_default();
    let tenant =
        url::Url::parse(&endpoint).ok().and_then(|url| Some(url.path_segments()?.next()?.to_owned()));
    let Some(tenant) = tenant else {
        let text = "The request body must contain the following parameter: 'authorization_endpoint'.";
        return Refusal::new(400, "invalid_request", 900144, text).response(Some(call), world);
    };
    let document =
        format!("https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration");
    let body = json!({
        "tenant_discovery_endpoint": document,
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        }],
    });
    json(StatusCode::OK, JSON, &body)
}

/// No keys: the tokens here are signed for this simulator alone, and clients have no business verifying them.
pub(crate) fn keys() -> Response {
    json(StatusCode::OK, JSON, &json!({"keys": []}))
}
