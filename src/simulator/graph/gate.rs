//! Who may do what to which mailbox.
//!
//! Two ways lead in, and they add up: a permission with consent, which the token's roles tell, and an Exchange
//! role assigned to the app, which reaches some mailboxes or all. A tenant may take only the second way.

use std::sync::Arc;

use axum::http::StatusCode;

use super::refusal::Refusal;
use crate::simulator::entra::ticket::{self, Claims};
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::script::{MailboxScript, Place};
use crate::simulator::world::tenant::{Tenant, covers};

/// The mailbox service's own id, which tokens may name instead of its address.
const OWN_ID: &str = "00000003-0000-0000-c000-000000000000";
/// What the service says when application access is only for those with Exchange roles.
const ROLES_ONLY: &str =
    "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.";

/// A caller whose token is in order.
pub(crate) struct Caller {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) claims: Claims,
}

/// A mailbox that has been opened for one permission.
pub(crate) struct Opened {
    pub(crate) tenant: Arc<Tenant>,
    /// Its address, as the tenant writes it.
    pub(crate) address: String,
    pub(crate) rules: MailboxScript,
}

/// The claims of the token a request carries, whether or not they are good for anything.
pub(crate) fn claims(call: &Call, world: &World) -> Option<Claims> {
    ticket::read(bearer(call)?, world.ids.key())
}

fn bearer(call: &Call) -> Option<&str> {
    let (scheme, token) = call.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Reads the token.
pub(crate) fn caller(call: &Call, world: &World) -> Result<Caller, Refusal> {
    let token = bearer(call).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Refusal::unauthorised("Access token is empty."))?;
    if token.split('.').count() != 3 {
        let text = "IDX14100: JWT is not well formed, there are no dots (.).";
        return Err(Refusal::unauthorised(text));
    }
    let claims = ticket::read(token, world.ids.key())
        .ok_or_else(|| Refusal::unauthorised("Signing key is invalid."))?;
    if claims.aud != format!("https://{}", call.host) && claims.aud != OWN_ID {
        return Err(Refusal::unauthorised("Access token validation failure. Invalid audience."));
    }
    if claims.exp <= (world.now)().as_second() {
        return Err(Refusal::unauthorised("Lifetime validation failed, the token is expired."));
    }
    let tenant = world.tenant(&claims.tid).ok_or_else(|| Refusal::unauthorised("Invalid tenant."))?;
    if tenant.script.cloud.hosts().graph.name != call.host {
        return Err(Refusal::unauthorised("Access token validation failure. Invalid issuer."));
    }
    Ok(Caller { tenant, claims })
}

/// Opens a mailbox for a permission such as `Contacts.ReadWrite`.
pub(crate) fn open(user: &str, permission: &str, call: &Call, world: &World) -> Result<Opened, Refusal> {
    let caller = caller(call, world)?;
    let tenant = caller.tenant.clone();
    let rules = tenant.mailbox(user).filter(|mailbox| mailbox.place != Place::Nowhere).cloned();
    let rules = rules.ok_or_else(|| {
        let text = format!("The requested user '{user}' is invalid.");
        Refusal::new(StatusCode::NOT_FOUND, "ErrorInvalidUser", text)
    })?;
    match rules.place {
        Place::OnPremises => {
            let text = "The mailbox is not hosted in Exchange Online.";
            return Err(Refusal::new(StatusCode::NOT_FOUND, "MailboxNotHostedInExchangeOnline", text));
        }
        Place::NotProvisioned | Place::Hybrid => {
            let text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
            return Err(Refusal::new(StatusCode::NOT_FOUND, "MailboxNotEnabledForRESTAPI", text));
        }
        Place::Cloud | Place::Nowhere => {}
    }
    may(&caller, permission, &rules)?;
    Ok(Opened { address: tenant.address(&rules.name), tenant, rules })
}

fn may(caller: &Caller, permission: &str, mailbox: &MailboxScript) -> Result<(), Refusal> {
    let script = &caller.tenant.script;
    if script.agent_blocked {
        let text = "Access to OData is disabled.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", text));
    }
    let app = caller.tenant.app(&caller.claims.appid);
    if caller.claims.scp.is_some() || app.is_none() {
        return Err(Refusal::denied());
    }
    if app.is_some_and(|app| app.reaches(permission, mailbox)) {
        return Ok(());
    }
    if script.roles_only {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", ROLES_ONLY));
    }
    if caller.claims.roles.is_empty() && app.is_some_and(|app| app.script.exchange_roles.is_empty()) {
        let text = "The token contains no permissions, or permissions can not be understood.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "NoPermissionsInAccessToken", text));
    }
    let consented = caller.claims.roles.iter().any(|role| covers(role, permission));
    let denied = script.denied.contains(&mailbox.name);
    if consented && !denied { Ok(()) } else { Err(Refusal::denied()) }
}
