//! From a request to the method that answers it.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::api::Api;
use super::page::Page;
use super::path::{self, Asked};
use super::refusal::{JSON, Refusal};
use super::{calendar, gmail, partial, people, token};
use crate::simulator::dns::zone::{CALENDAR, GMAIL};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, empty, json, set};
use crate::simulator::world::live::World;

/// Answers one request.
pub(crate) fn respond(call: &Call, world: &World) -> Response {
    let asked = path::parse(call);
    let mut response = match asked.operation {
        Operation::Token => token::issue(call, world),
        Operation::Other => nothing_here(call),
        _ => answered(&asked, call, world),
    };
    set(&mut response, "cache-control", "private");
    set(&mut response, "vary", "Origin");
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "x-frame-options", "SAMEORIGIN");
    set(&mut response, "x-xss-protection", "0");
    set(&mut response, "server", "ESF");
    response
}

fn answered(asked: &Asked, call: &Call, world: &World) -> Response {
    match answer(asked, call, world) {
        Ok(Page::Shown(value)) => {
            json(StatusCode::OK, JSON, &partial::left(value, call.query("fields").as_deref()))
        }
        Ok(Page::Gone) => empty(StatusCode::NO_CONTENT),
        Err(refusal) => refusal.response(api_of(&call.host)),
    }
}

fn api_of(host: &str) -> Api {
    match host {
        name if name == CALENDAR.name => Api::Calendar,
        name if name == GMAIL.name => Api::Gmail,
        _ => Api::People,
    }
}

fn answer(asked: &Asked, call: &Call, world: &World) -> Result<Page, Refusal> {
    let (owner, id) = (asked.owner.as_str(), asked.id.as_str());
    match asked.operation {
        Operation::ContactsList => people::list(call, world),
        Operation::ContactRead => people::read(id, call, world),
        Operation::ContactCreate => people::create(call, world),
        Operation::ContactDelete => people::delete(id, call, world),
        Operation::CalendarRead => calendar::whose(owner, call, world),
        Operation::CalendarView => calendar::list(owner, call, world),
        Operation::EventRead => calendar::read(owner, id, call, world),
        Operation::EventCreate => calendar::create(owner, call, world),
        Operation::EventDelete => calendar::delete(owner, id, call, world),
        Operation::MailboxSettings => gmail::send_as(owner, call, world),
        _ => gmail::send(owner, call, world),
    }
}

/// The page that every host of Google has for a path it does not know.
fn nothing_here(call: &Call) -> Response {
    let page = "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error 404 (Not Found)!!1</title>\n\
                <p><b>404.</b> <ins>That\u{2019}s an error.</ins>\n<p>The requested URL was not found on this \
                server. <ins>That\u{2019}s all we know.</ins>\n";
    let body = if call.method == Method::HEAD { Body::empty() } else { Body::from(page) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::NOT_FOUND;
    set(&mut response, "content-type", "text/html; charset=UTF-8");
    response
}
