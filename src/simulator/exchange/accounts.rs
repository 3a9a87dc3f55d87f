//! EWS in Microsoft 365 for service accounts: with a password where the organisation still lets one in, or with a token
//! of their own.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;

use super::asked::Asked;
use super::login::basic;
use super::online::{self, VERSION};
use super::said::Refused;
use super::session::Session;
use super::{act_as, calls};
use crate::simulator::entra::ticket;
use crate::simulator::web::{Call, set};
use crate::simulator::world::live::World;
use crate::simulator::world::password::AnswerScript;
use crate::simulator::world::server::{AccountState, Envelope};
use crate::simulator::world::tenant::{Account, Server, Tenant};

/// Answers a call of an account, or of somebody who asks how accounts sign in; `None` for whoever else calls.
pub(crate) fn respond(call: &Call, world: &World) -> Option<Response> {
    let tenant = world.tenant(&online::tenant_of(call, world)?)?;
    let directory = tenant.directory.as_ref()?;
    let account = match caller(call, &tenant, world) {
        Caller::App => return None,
        Caller::Nobody => return Some(challenge(&tenant)),
        Caller::Refused(answer) => return Some(refused(answer)),
        Caller::Account(account) => account,
    };
    if let Some(closed) = online::closed(&tenant, call) {
        return Some(closed);
    }
    let let_in = |asked: &Asked<'_>| enter(asked, account, &tenant, directory, world);
    Some(calls::read_and_answer(call, &tenant, let_in, Envelope::Usual, VERSION, world))
}

enum Caller<'a> {
    App,
    Nobody,
    Refused(&'a AnswerScript),
    Account(&'a Account),
}

fn caller<'a>(call: &Call, tenant: &'a Tenant, world: &World) -> Caller<'a> {
    let Some(script) = &tenant.script.password else { return Caller::App };
    if call.header("authorization").is_none() {
        return Caller::Nobody;
    }
    let Some((login, password)) = basic(call) else {
        let claims = online::bearer(call).and_then(|token| ticket::read(token, world.ids.key()));
        let account = claims.and_then(|claims| tenant.cloud_account(&claims.upn?));
        return account.map_or(Caller::App, Caller::Account);
    };
    match &script.answer {
        _ if script.tokens_only => Caller::Nobody,
        Some(answer) => Caller::Refused(answer),
        None => {
            let account = tenant.cloud_account(&login);
            let good = |account: &&Account| {
                account.password == password && account.script.state == AccountState::Good
            };
            account.filter(good).map_or(Caller::Nobody, Caller::Account)
        }
    }
}

fn challenge(tenant: &Tenant) -> Response {
    let mut response = online::challenge(None);
    let basic = tenant.script.password.as_ref().is_some_and(|script| !script.tokens_only);
    if basic && let Ok(value) = "Basic Realm=\"\"".parse() {
        response.headers_mut().append("www-authenticate", value);
    }
    response
}

fn refused(answer: &AnswerScript) -> Response {
    let mut response = online::challenge(None);
    if let Ok(status) = StatusCode::from_u16(answer.status) {
        *response.status_mut() = status;
    }
    if !answer.error.is_empty() {
        set(&mut response, "x-autodiscovery-error", &answer.error);
    }
    *response.body_mut() = Body::from(answer.body.clone());
    response
}

/// The session of an account: its own, or that of somebody whom the role groups let it be.
fn enter<'a>(
    asked: &Asked<'_>,
    account: &Account,
    tenant: &Arc<Tenant>,
    directory: &Server,
    world: &'a World,
) -> Result<Session<'a>, Refused> {
    let own = (!account.script.without_mailbox).then_some(account.script.name.as_str());
    let Some(impersonation) = asked.impersonation else {
        return Ok(Session::new(world, tenant.clone(), own));
    };
    let mailbox = act_as::mailbox(impersonation, tenant)?.name.clone();
    act_as::allowed(directory, &account.script.name, &mailbox)?;
    Ok(Session::new(world, tenant.clone(), Some(&mailbox)))
}
