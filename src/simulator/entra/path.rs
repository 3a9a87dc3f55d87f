//! Which path of the sign-in service is which operation.

use axum::http::Method;

use crate::simulator::operation::Operation;
use crate::simulator::web::Call;

/// The operation, and the tenant's name in the path; the path is compared without case.
pub(crate) fn classify(call: &Call) -> (Operation, Option<String>) {
    let segments = call.segments();
    let parts: Vec<String> = segments.iter().map(|part| part.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (&call.method, parts.as_slice()) {
        (&Method::GET, ["common", "discovery", "instance"]) => (Operation::Instances, None),
        (&Method::GET, [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            (Operation::Discovery, Some((*tenant).to_owned()))
        }
        (&Method::GET, [tenant, "discovery", "v2.0", "keys"]) => {
            (Operation::Keys, Some((*tenant).to_owned()))
        }
        (_, [tenant, "oauth2", "v2.0", "token"]) => (Operation::Token, Some((*tenant).to_owned())),
        _ => (Operation::Other, None),
    }
}
