//! From a request to the page of the sign-in service that answers it.

use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::{discovery, password, path, token};
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, empty, set};
use crate::simulator::world::live::World;

/// Answers one request.
pub(crate) fn respond(call: &Call, world: &World) -> Response {
    let (operation, tenant) = path::classify(call);
    let tenant = tenant.unwrap_or_default();
    let mut response = match operation {
        Operation::Instances => discovery::instances(call, world),
        Operation::Discovery => discovery::configuration(&tenant, call, world),
        Operation::Keys => discovery::keys(),
        Operation::Token
            if call.method == Method::POST && call.form("grant_type").as_deref() == Some("password") =>
        {
            password::issue(&tenant, call, world)
        }
        Operation::Token if call.method == Method::POST => token::issue(&tenant, call, world),
        Operation::Token => empty(StatusCode::METHOD_NOT_ALLOWED),
        _ => empty(StatusCode::NOT_FOUND),
    };
    set(&mut response, "x-ms-request-id", &world.ids.guid());
    set(&mut response, "cache-control", "no-store, no-cache");
    response
}
