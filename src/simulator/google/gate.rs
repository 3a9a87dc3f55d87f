//! Who may call which method, and for whom.
//!
//! The front of all APIs looks at the token, the project and the scopes; the organisation's own switches come after.

use std::sync::Arc;

use super::api::{Api, Method, scope};
use super::refusal::Refusal;
use super::tokens::Grant;
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::mailbox::Mailbox;
use crate::simulator::world::script::Sending;
use crate::simulator::world::tenant::Tenant;
use crate::simulator::world::workspace::{CalendarState, GmailState, UserScript};

/// Somebody who has come in.
pub(crate) struct Actor {
    /// Whom the calls are for: a user, or the service account itself.
    pub(crate) address: String,
    /// The user and their organisation, where a user is acted for.
    user: Option<(Arc<Tenant>, UserScript)>,
}

impl Actor {
    /// Works on the contents of their mailbox.
    pub(crate) fn open<T>(&self, world: &World, work: impl FnOnce(&mut Mailbox) -> T) -> T {
        match &self.user {
            Some((tenant, _)) => world.with_mailbox(tenant, &self.address, work),
            None => world.with_program(&self.address, work),
        }
    }

    /// Is the one acted for a user, rather than the service account?
    pub(crate) fn is_user(&self) -> bool {
        self.user.is_some()
    }

    /// What happens to their mail.
    pub(crate) fn sending(&self) -> Sending {
        let mailbox = self.user.as_ref().and_then(|(tenant, _)| tenant.mailbox(&self.address));
        mailbox.map(|mailbox| mailbox.sending).unwrap_or_default()
    }
}

/// What the token of a request is good for, whether or not it has ended.
pub(crate) fn grant(call: &Call, world: &World) -> Option<Grant> {
    world.google.tokens.find(bearer(call)?)
}

fn bearer(call: &Call) -> Option<&str> {
    let (scheme, token) = call.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// Lets somebody in at a method, or says why not.
pub(crate) fn enter(call: &Call, method: &Method, world: &World) -> Result<Actor, Refusal> {
    bearer(call).ok_or_else(|| Refusal::anonymous(method))?;
    let grant = grant(call, world).ok_or_else(|| Refusal::unknown_token(method, false))?;
    if grant.ends <= (world.now)() {
        return Err(Refusal::unknown_token(method, true));
    }
    let subject = grant.subject.clone();
    let tenant = subject.as_deref().and_then(|address| world.tenant(address.rsplit_once('@')?.1));
    check_project(&grant, method.api, tenant.as_deref(), world)?;
    if !method.scopes.iter().any(|word| grant.scopes.contains(&scope(word))) {
        return Err(Refusal::short_of_scope(method));
    }
    let (Some(tenant), Some(address)) = (tenant, subject) else {
        return Ok(Actor { address: grant.account, user: None });
    };
    // Somebody deleted since the token was given has no services.
    let user = tenant.google.as_ref().and_then(|workspace| {
        let local = tenant.mailbox(&address)?.name.clone();
        Some(workspace.user(&local))
    });
    let user = user.ok_or_else(|| Refusal::unknown_token(method, false))?;
    check_switches(method.api, &tenant, &user)?;
    Ok(Actor { address, user: Some((tenant, user)) })
}

fn check_project(grant: &Grant, api: Api, tenant: Option<&Tenant>, world: &World) -> Result<(), Refusal> {
    let own = world.service_account(&grant.account);
    if own.as_ref().is_some_and(|(_, account)| account.script.project_suspended) {
        return Err(Refusal::suspended(api, &grant.project));
    }
    // A project belongs to the owner of the account. What is off in ours is off in one tenant's sight only, so that
    // one sample does not spoil the others.
    let owner = own.as_ref().and_then(|(owner, _)| owner.as_deref());
    let script = tenant.or(owner).and_then(|tenant| tenant.google.as_ref());
    if script.is_some_and(|workspace| workspace.script.disabled_apis.contains(&api)) {
        return Err(Refusal::disabled(api, &grant.project));
    }
    Ok(())
}

fn check_switches(api: Api, tenant: &Tenant, user: &UserScript) -> Result<(), Refusal> {
    if tenant.google.as_ref().is_some_and(|workspace| workspace.script.access_blocked.contains(&api)) {
        return Err(Refusal::by_policy(api));
    }
    match (api, user.calendar, user.gmail) {
        (Api::Calendar, CalendarState::Off, _) => Err(Refusal::not_a_calendar_user()),
        (Api::Calendar, CalendarState::NeverOpened, _) => Err(Refusal::not_found(api)),
        (Api::Gmail, _, GmailState::Off) => Err(Refusal::precondition("Mail service not enabled")),
        (Api::Gmail, _, GmailState::NotReady) => Err(Refusal::precondition("Precondition check failed.")),
        _ => Ok(()),
    }
}
