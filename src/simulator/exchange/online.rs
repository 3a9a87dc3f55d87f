//! EWS in Microsoft 365: apps with a token, by the policies of their organisation.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::asked::Asked;
use super::said::Refused;
use super::session::Session;
use super::{act_as, calls};
use crate::simulator::entra::ticket::{self, Claims};
use crate::simulator::web::{Call, empty, set};
use crate::simulator::world::live::World;
use crate::simulator::world::script::EwsPolicy;
use crate::simulator::world::server::Envelope;
use crate::simulator::world::tenant::Tenant;

/// Its own id, which tokens may name instead of its address.
const OWN_ID: &str = "00000002-0000-0ff1-ce00-000000000000";
/// The permission of the whole organisation, and the Exchange role that reaches some of it.
const WHOLE: &str = "full_access_as_app";
const ROLE: &str = "EWS.AccessAsApp";
pub(crate) const VERSION: [u16; 4] = [15, 20, 9388, 14];

/// The tenant a call is about: that of the mailbox it names, else that of its token.
pub(crate) fn tenant_of(call: &Call, world: &World) -> Option<String> {
    let anchor = call.header("x-anchormailbox").map(str::to_owned).or_else(|| call.query("Email"));
    let domain = anchor.and_then(|anchor| Some(anchor.rsplit_once('@')?.1.to_owned()));
    let domain = domain.or_else(|| Some(super::login::basic(call)?.0.rsplit_once('@')?.1.to_owned()));
    let known = domain.filter(|domain| world.tenant(domain).is_some());
    known.or_else(|| Some(ticket::read(bearer(call)?, world.ids.key())?.tid))
}

pub(crate) fn bearer(call: &Call) -> Option<&str> {
    let (scheme, token) = call.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Answers a call.
pub(crate) fn respond(call: &Call, world: &World) -> Response {
    let (tenant, claims) = match caller(call, world) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    if let Some(closed) = closed(&tenant, call) {
        return closed;
    }
    let app = tenant.app(&claims.appid);
    let by_role = app.is_some_and(|app| app.script.exchange_roles.iter().any(|role| role == ROLE));
    let by_consent = claims.roles.iter().any(|role| role == WHOLE);
    if !by_role && !by_consent {
        return empty(StatusCode::FORBIDDEN);
    }
    if call.header("x-anchormailbox").is_none() {
        return empty(StatusCode::SERVICE_UNAVAILABLE);
    }
    let let_in = |asked: &Asked<'_>| enter(asked, by_consent, &claims, &tenant, world);
    calls::read_and_answer(call, &tenant, let_in, Envelope::Usual, VERSION, world)
}

/// The refusal of an organisation that has not opened EWS to us, or not for the mailbox that the call names.
pub(crate) fn closed(tenant: &Tenant, call: &Call) -> Option<Response> {
    let named = call.header("x-anchormailbox").and_then(|anchor| anchor.split('@').next());
    let off = |named: &str| tenant.script.ews_off.iter().any(|one| one.eq_ignore_ascii_case(named));
    let reason = match tenant.script.ews {
        _ if named.is_some_and(off) => "EWS is disabled for this user or tenant",
        EwsPolicy::Allowed => return None,
        EwsPolicy::Disabled => "EWS is disabled for this user or tenant",
        EwsPolicy::NotListed => "EWS is blocked by policy for this user or tenant",
    };
    let mut response = empty(StatusCode::FORBIDDEN);
    set(&mut response, "x-ews-policy-reason", reason);
    Some(response)
}

/// Reads the token.
fn caller(call: &Call, world: &World) -> Result<(Arc<Tenant>, Claims), Box<Response>> {
    let Some(token) = bearer(call).filter(|token| !token.is_empty()) else { return Err(refused(None)) };
    let Some(claims) = ticket::read(token, world.ids.key()) else {
        return Err(refused(Some((2_000_001, "The token has an invalid signature.", "invalid_token"))));
    };
    if claims.aud != format!("https://{}", call.host) && claims.aud != OWN_ID {
        let reason = "The audience claim value is invalid for current resource.";
        return Err(refused(Some((2_000_003, reason, "invalid_resource"))));
    }
    if claims.exp <= (world.now)().as_second() {
        return Err(refused(Some((2_000_002, "The token has expired.", "token_expired"))));
    }
    let here = |tenant: &Arc<Tenant>| tenant.script.cloud.hosts().ews.name == call.host;
    let tenant = world.tenant(&claims.tid).filter(here);
    let tenant =
        tenant.ok_or_else(|| refused(Some((2_000_004, "The tenant is unknown.", "invalid_tenant"))))?;
    Ok((tenant, claims))
}

fn refused(wrong: Option<(u32, &str, &str)>) -> Box<Response> {
    Box::new(challenge(wrong))
}

/// "Who are you?", with what was wrong with the token given.
pub(crate) fn challenge(wrong: Option<(u32, &str, &str)>) -> Response {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    let words = "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", \
                 trusted_issuers=\"00000001-0000-0000-c000-000000000000@*\", \
                 token_types=\"app_asserted_user_v1 service_asserted_app_v1\", \
                 authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";
    set(&mut response, "www-authenticate", words);
    if let Some((number, reason, category)) = wrong {
        let text = format!("{number};reason=\"{reason}\";error_category=\"{category}\"");
        set(&mut response, "x-ms-diagnostics", &text);
    }
    response
}

/// The session of an app: always for somebody, whom the organisation's roles let it be.
fn enter<'a>(
    asked: &Asked<'_>,
    by_consent: bool,
    claims: &Claims,
    tenant: &Arc<Tenant>,
    world: &'a World,
) -> Result<Session<'a>, Refused> {
    let Some(impersonation) = asked.impersonation else {
        let text = "ExchangeImpersonation SOAP header must be present for this type of OAuth token.";
        return Err(Refused::new("ErrorImpersonationRequired", text));
    };
    let mailbox = act_as::mailbox(impersonation, tenant)?;
    let reached = tenant.app(&claims.appid).is_some_and(|app| app.reaches(ROLE, mailbox));
    if reached {
        return Ok(Session::new(world, tenant.clone(), Some(&mailbox.name)));
    }
    if tenant.script.roles_only {
        let text = "[RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.";
        return Err(Refused::new("ErrorAccessDenied", text));
    }
    let denied = tenant.script.denied.contains(&mailbox.name);
    if by_consent && !denied {
        return Ok(Session::new(world, tenant.clone(), Some(&mailbox.name)));
    }
    Err(Refused::new("ErrorAccessDenied", "Access is denied. Check credentials and try again."))
}
