//! From a request to what answers it: autodiscover, EWS, or a web site that knows of neither.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::asked::operation_of;
use super::hosts::{self, Part};
use super::{accounts, autodiscover, calls, online};
use crate::simulator::clouds;
use crate::simulator::operation::Operation;
use crate::simulator::web::{Call, empty, set};
use crate::simulator::world::live::World;
use crate::simulator::world::tenant::{Server, Tenant};

/// What a request is about, and what its tenant is called.
pub(crate) fn classify(call: &Call, world: &World) -> (Operation, Option<String>) {
    let path = call.path.to_ascii_lowercase();
    let operation = match path.as_str() {
        "/ews/exchange.asmx" => operation_of(&call.body),
        "/autodiscover/autodiscover.xml" => Operation::Autodiscover,
        path if path.starts_with("/autodiscover/autodiscover.json") => Operation::AutodiscoverJson,
        _ => Operation::Other,
    };
    if clouds::is_ews(&call.host) {
        return (operation, online::tenant_of(call, world));
    }
    (operation, hosts::find(&call.host, world).map(|(tenant, _)| tenant.name.clone()))
}

/// Answers one request.
pub(crate) fn respond(call: &Call, world: &World) -> Response {
    let (operation, _) = classify(call, world);
    if clouds::is_ews(&call.host) {
        return match operation {
            Operation::AutodiscoverJson => stamped(autodiscover::cloud_json(call, world), call, world),
            Operation::Other | Operation::Autodiscover => empty(StatusCode::NOT_FOUND),
            _ => {
                let answer = accounts::respond(call, world).unwrap_or_else(|| online::respond(call, world));
                stamped(answer, call, world)
            }
        };
    }
    let Some((tenant, part)) = hosts::find(&call.host, world) else {
        return empty(StatusCode::MISDIRECTED_REQUEST);
    };
    let Some(server) = &tenant.server else { return empty(StatusCode::NOT_FOUND) };
    if part == Part::Site {
        return web_site();
    }
    if !call.secured {
        return autodiscover::plain(call, part, &tenant, server);
    }
    stamped(exchange(operation, part, call, &tenant, server, world), call, world)
}

fn exchange(
    operation: Operation,
    part: Part,
    call: &Call,
    tenant: &std::sync::Arc<Tenant>,
    server: &Server,
    world: &World,
) -> Response {
    match operation {
        Operation::Autodiscover => autodiscover::pox(call, part, tenant, server),
        Operation::AutodiscoverJson => autodiscover::json(call, tenant, server),
        Operation::Other => empty(StatusCode::NOT_FOUND),
        _ if call.method == Method::POST => calls::respond(call, tenant, server, world),
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// The headers by which Exchange is known.
fn stamped(mut response: Response, call: &Call, world: &World) -> Response {
    let request = world.ids.guid();
    set(&mut response, "request-id", &request);
    if let Some(client) = call.header("client-request-id") {
        set(&mut response, "client-request-id", client);
    }
    set(&mut response, "x-feserver", "EX01");
    set(&mut response, "x-diaginfo", "EX01");
    if response.status() == StatusCode::OK {
        set(&mut response, "x-beserver", "EX01");
        set(&mut response, "x-calculatedbetarget", &format!("ex01.{}", call.host));
    }
    set(&mut response, "server", "Microsoft-IIS/10.0");
    set(&mut response, "x-aspnet-version", "4.0.30319");
    set(&mut response, "x-powered-by", "ASP.NET");
    set(&mut response, "cache-control", "private");
    response
}

/// The company's web site, which knows nothing of mail.
fn web_site() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>404</h1><p>Our homes are \
                elsewhere on this site.</p></body></html>";
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::NOT_FOUND;
    set(&mut response, "content-type", "text/html; charset=utf-8");
    set(&mut response, "server", "nginx");
    response
}
