//! An EWS call from its arrival to its answer: who calls, for whom, and which operation.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use roxmltree::Document;

use super::asked::{self, Asked};
use super::login::{self, Outside};
use super::said::{self, Problem, Refused};
use super::session::Session;
use super::{act_as, create, directory, find, folders, items, sync};
use crate::simulator::faults::{Fault, Layer};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, empty};
use crate::simulator::world::live::World;
use crate::simulator::world::server::Envelope;
use crate::simulator::world::tenant::{Account, Server, Tenant};

/// Answers a call to an office's server.
pub(crate) fn respond(call: &Call, tenant: &Arc<Tenant>, server: &Server, world: &World) -> Response {
    let account = match login::caller(call, tenant, server) {
        Ok(account) => account,
        Err(Outside::Web(response)) => return *response,
        Err(Outside::Ews(refused)) => {
            return said::fault(&refused, server.script.envelope, server.script.version.numbers());
        }
    };
    let let_in = |asked: &Asked<'_>| enter(asked, account, tenant, server, world);
    read_and_answer(call, tenant, let_in, server.script.envelope, server.script.version.numbers(), world)
}

/// The session of an account of the office.
fn enter<'a>(
    asked: &Asked<'_>,
    account: Option<&Account>,
    tenant: &Arc<Tenant>,
    server: &Server,
    world: &'a World,
) -> Result<Session<'a>, Refused> {
    let own = account.filter(|account| !account.script.without_mailbox);
    let own = own.map(|account| account.script.name.as_str());
    let Some(impersonation) = asked.impersonation else {
        return Ok(Session::new(world, tenant.clone(), own));
    };
    let mailbox = act_as::mailbox(impersonation, tenant)?.name.clone();
    act_as::allowed(server, account.map_or("", |account| &account.script.name), &mailbox)?;
    Ok(Session::new(world, tenant.clone(), Some(&mailbox)))
}

/// Reads the request, lets it in, answers it; faults of this layer come in between.
pub(crate) fn read_and_answer<'a>(
    call: &Call,
    tenant: &Tenant,
    let_in: impl Fn(&Asked<'_>) -> Result<Session<'a>, Refused>,
    kind: Envelope,
    version: [u16; 4],
    world: &World,
) -> Response {
    let Some(text) = std::str::from_utf8(&call.body).ok().filter(|text| !text.trim().is_empty()) else {
        return empty(StatusCode::BAD_REQUEST);
    };
    // Document types are refused by the reader itself.
    let Ok(document) = Document::parse(text) else { return empty(StatusCode::BAD_REQUEST) };
    let result = asked::read(&document).and_then(|asked| {
        let session = let_in(&asked)?;
        let operation = asked::operation(asked.call).unwrap_or(Operation::EwsOther);
        match world.fault(Layer::Ews, &call.host, operation, Some(tenant)) {
            Some(Fault::SoapFault { code, text, back_off_millis }) => {
                Err(Refused::new(&code, said_or_code(&text, &code)).waiting(back_off_millis))
            }
            Some(Fault::ErrorMessage(code)) => {
                let name = asked.call.tag_name().name();
                Ok(said::answer(
                    name,
                    vec![Err(Problem::new(&code, "The operation could not be completed."))],
                ))
            }
            _ => perform(operation, &asked, &session),
        }
    });
    match result {
        Ok(inner) => said::envelope(&inner, kind, version),
        Err(refused) => said::fault(&refused, kind, version),
    }
}

fn said_or_code(text: &str, code: &str) -> String {
    if text.is_empty() { format!("The server refused the call: {code}.") } else { text.to_owned() }
}

fn perform(operation: Operation, asked: &Asked<'_>, session: &Session<'_>) -> Result<String, Refused> {
    match operation {
        Operation::EwsTimeZones => Ok(directory::time_zones(asked.call)),
        Operation::EwsPasswordExpiry => directory::password_expiry(asked.call, session),
        Operation::EwsConvertId => Ok(directory::convert_id(asked.call)),
        Operation::EwsResolveNames => directory::resolve_names(asked.call, session),
        Operation::EwsGetFolder => folders::get(asked.call, session),
        Operation::EwsFindFolder => folders::find(asked.call, session),
        Operation::EwsSync => sync::items(asked.call, session),
        Operation::EwsFindItem => find::items(asked.call, session),
        Operation::EwsGetItem => items::get(asked.call, session),
        Operation::EwsCreateItem => create::items(asked.call, session),
        Operation::EwsDeleteItem => items::delete(asked.call, session),
        _ => Err(Refused::schema("The operation is not known.")),
    }
}
