//! From a request to the page of the mailbox service that answers it.

use super::page::Page;
use super::path::{self, Asked};
use super::refusal::Refusal;
use super::{calendar, contacts, delta, gate, people, send};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, empty, json, set};
use crate::simulator::world::live::World;
use axum::http::StatusCode;
use axum::response::Response;

const JSON: &str =
    "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8";

/// Answers one request.
pub(crate) fn respond(call: &Call, world: &World) -> Response {
    let asked = path::parse(call);
    let request_id = world.ids.guid();
    let mut response = match answer(&asked, call, world) {
        Ok(Page::Shown(value)) => json(StatusCode::OK, JSON, &value),
        Ok(Page::Created(value, location)) => {
            let mut response = json(StatusCode::CREATED, JSON, &value);
            set(&mut response, "location", &location);
            response
        }
        Ok(Page::Accepted) => empty(StatusCode::ACCEPTED),
        Ok(Page::Gone) => empty(StatusCode::NO_CONTENT),
        Err(refusal) => refusal.response(call, world, &request_id),
    };
    set(&mut response, "request-id", &request_id);
    set(&mut response, "client-request-id", call.header("client-request-id").unwrap_or(&request_id));
    set(&mut response, "cache-control", "private");
    set(&mut response, "odata-version", "4.0");
    let zone = "{\"ServerInfo\":{\"DataCenter\":\"Simulator\",\"Slice\":\"E\",\"Ring\":\"1\",\"ScaleUnit\":\"000\"}}";
    set(&mut response, "x-ms-ags-diagnostic", zone);
    response
}

fn answer(asked: &Asked, call: &Call, world: &World) -> Result<Page, Refusal> {
    let user = asked.user.as_str();
    match asked.operation {
        Operation::User => people::user(user, call, world),
        Operation::MailboxSettings => people::settings(user, call, world),
        Operation::ContactsList => contacts::list(user, call, world),
        Operation::ContactRead => contacts::read(user, &asked.id, call, world),
        Operation::ContactCreate => contacts::create(user, call, world),
        Operation::ContactDelete => contacts::delete(user, &asked.id, call, world),
        Operation::ContactsDelta => delta::contacts(user, &asked.id, call, world),
        Operation::CalendarView => calendar::view(user, call, world),
        Operation::EventRead => calendar::read(user, &asked.id, call, world),
        Operation::EventCreate => calendar::create(user, call, world),
        Operation::EventDelete => calendar::delete(user, &asked.id, call, world),
        Operation::SendMail => send::send(user, call, world),
        _ => {
            gate::caller(call, world)?;
            let last = call.segments().pop().unwrap_or_default();
            Err(Refusal::bad("BadRequest", format!("Resource not found for the segment '{last}'.")))
        }
    }
}
