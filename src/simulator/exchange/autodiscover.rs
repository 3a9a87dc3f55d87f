//! Where a mailbox is: told in XML to those who sign in, in JSON to anybody, or by sending on.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use roxmltree::Document;
use serde_json::json;

use super::hosts::Part;
use super::login::{self, Outside};
use super::said::escaped;
use crate::simulator::web::{self, Call, empty, set};
use crate::simulator::world::live::World;
use crate::simulator::world::script::Place;
use crate::simulator::world::server::Autodiscover;
use crate::simulator::world::tenant::{Server, Tenant};

const ASKS: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const TELLS: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
const PATH: &str = "/autodiscover/autodiscover.xml";
/// A hoster's name under another domain.
const HOSTER: &str = "elsewhere.simulator.example";

/// Autodiscover in XML.
pub(crate) fn pox(call: &Call, part: Part, tenant: &Tenant, server: &Server) -> Response {
    let other = if part == Part::Mail { "autodiscover" } else { "mail" };
    let wanted = server.script.autodiscover;
    match wanted {
        Autodiscover::Loop => return sent_on(&format!("https://{other}.{}{PATH}", tenant.domain)),
        Autodiscover::Hoster => return sent_on(&format!("https://{HOSTER}{PATH}")),
        Autodiscover::Insecure => return sent_on(&format!("http://{other}.{}{PATH}", tenant.domain)),
        Autodiscover::Json | Autodiscover::Nothing => return empty(StatusCode::NOT_FOUND),
        _ => {}
    }
    if call.method != Method::POST {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    match login::caller(call, tenant, server) {
        Err(Outside::Web(response)) => *response,
        Err(Outside::Ews(_)) => login::challenge(tenant, server),
        Ok(_) => settings(call, wanted, tenant),
    }
}

fn settings(call: &Call, wanted: Autodiscover, tenant: &Tenant) -> Response {
    let Some(address) = address(call) else {
        return told(&error(600, "Invalid Request"));
    };
    if wanted == Autodiscover::Cloud {
        let label = tenant.domain.split('.').next().unwrap_or_default();
        let local = address.split('@').next().unwrap_or_default();
        let there = format!("{local}@{label}.mail.onmicrosoft.com");
        return told(&format!(
            "<Account><Action>redirectAddr</Action><RedirectAddr>{}</RedirectAddr></Account>",
            escaped(&there)
        ));
    }
    let (local, _) = address.split_once('@').unwrap_or((address.as_str(), ""));
    let main = local.strip_suffix(".main").filter(|_| wanted == Autodiscover::OtherAddress);
    if wanted == Autodiscover::OtherAddress && main.is_none() {
        let other = tenant.address(&format!("{local}.main"));
        return told(&format!(
            "<Account><Action>redirectAddr</Action><RedirectAddr>{}</RedirectAddr></Account>",
            escaped(&other)
        ));
    }
    let asked = main.map_or_else(|| address.clone(), |main| tenant.address(main));
    let known = tenant.mailbox(&asked).is_some_and(|mailbox| mailbox.place == Place::Cloud);
    if wanted == Autodiscover::Unknown || !known {
        return told(&error(500, "The email address can't be found."));
    }
    let external = format!("https://mail.{}/EWS/Exchange.asmx", tenant.domain);
    let inside = "https://ex01.corp.local/EWS/Exchange.asmx";
    let url = |url: &str| format!("<ASUrl>{url}</ASUrl><EwsUrl>{url}</EwsUrl>");
    let (inner, outer) = match wanted {
        Autodiscover::NoUrl => (String::new(), None),
        Autodiscover::Internal => (url(inside), None),
        _ => (url(inside), Some(url(&external))),
    };
    let outer = outer.map(|urls| format!("<Protocol><Type>EXPR</Type>{urls}</Protocol>"));
    told(&format!(
        "<User><DisplayName>{}</DisplayName></User><Account><AccountType>email</AccountType><Action>settings</Action>\
         <Protocol><Type>EXCH</Type><Server>ex01.corp.local</Server>{inner}</Protocol>{}</Account>",
        escaped(&address),
        outer.unwrap_or_default()
    ))
}

/// The address a request asks about.
fn address(call: &Call) -> Option<String> {
    let document = Document::parse(std::str::from_utf8(&call.body).ok()?).ok()?;
    let found = document.descendants().find(|node| node.has_tag_name((ASKS, "EMailAddress")))?;
    found.text().map(|text| text.trim().to_owned())
}

fn error(code: u16, text: &str) -> String {
    format!(
        "<Error Time=\"10:00:00.0000000\" Id=\"1\"><ErrorCode>{code}</ErrorCode><Message>{text}</Message><DebugData/>\
         </Error>"
    )
}

fn told(inner: &str) -> Response {
    let outer = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    // Errors stand in the outer schema, settings in that of Outlook.
    let schema = if inner.starts_with("<Error") { outer } else { TELLS };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"{outer}\"><Response xmlns=\"{schema}\">{inner}\
         </Response></Autodiscover>"
    );
    let mut response = Response::new(Body::from(text));
    set(&mut response, "content-type", "text/xml; charset=utf-8");
    response
}

fn sent_on(to: &str) -> Response {
    let mut response = empty(StatusCode::FOUND);
    set(&mut response, "location", to);
    response
}

/// A request without encryption: a host that only sends on, and others that want encryption.
pub(crate) fn plain(call: &Call, part: Part, tenant: &Tenant, server: &Server) -> Response {
    let autodiscover = part == Part::Autodiscover && call.path.eq_ignore_ascii_case(PATH);
    if autodiscover && server.script.autodiscover == Autodiscover::HttpRedirect {
        return sent_on(&format!("https://mail.{}{PATH}", tenant.domain));
    }
    empty(StatusCode::FORBIDDEN)
}

/// Autodiscover in JSON, of an office's server.
pub(crate) fn json(call: &Call, tenant: &Tenant, server: &Server) -> Response {
    if server.script.autodiscover != Autodiscover::Json {
        return empty(StatusCode::NOT_FOUND);
    }
    let address = asked_for(call);
    let known = tenant.mailbox(&address).is_some_and(|mailbox| mailbox.place == Place::Cloud);
    if known { found(&format!("mail.{}", tenant.domain)) } else { not_found() }
}

/// Autodiscover in JSON, of Microsoft 365: it knows its own mailboxes and those that moved out of it.
pub(crate) fn cloud_json(call: &Call, world: &World) -> Response {
    let address = asked_for(call);
    let tenant = address.rsplit_once('@').and_then(|(_, domain)| world.tenant(domain));
    let Some(tenant) = tenant else { return not_found() };
    // Each cloud knows its own mailboxes alone.
    if tenant.script.cloud.hosts().ews.name != call.host {
        return not_found();
    }
    if let Some(server) = &tenant.server {
        let moved = server.script.autodiscover == Autodiscover::Cloud;
        return if moved { found(&call.host) } else { not_found() };
    }
    if !tenant.is_in_microsoft_365() {
        return not_found();
    }
    match tenant.mailbox(&address).map(|mailbox| mailbox.place) {
        Some(Place::Cloud | Place::NotProvisioned) => found(&call.host),
        Some(Place::OnPremises | Place::Hybrid) => found(&format!("mail.{}", tenant.domain)),
        Some(Place::Nowhere) | None => not_found(),
    }
}

/// The address in the query, or as the last part of the path.
fn asked_for(call: &Call) -> String {
    call.query("Email").or_else(|| call.segments().pop()).unwrap_or_default()
}

fn found(host: &str) -> Response {
    let body = json!({"Protocol": "Ews", "Url": format!("https://{host}/EWS/Exchange.asmx")});
    web::json(StatusCode::OK, "application/json", &body)
}

fn not_found() -> Response {
    let body = json!({"ErrorCode": "UserNotFound", "ErrorMessage": "The given user is not found."});
    web::json(StatusCode::NOT_FOUND, "application/json", &body)
}
