//! Refusals of the mailbox service.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::simulator::web::{Call, json, set};
use crate::simulator::world::live::World;

/// One refusal: status, code, sentence.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    code: &'static str,
    text: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { status, code, text: text.into() }
    }

    pub(crate) fn unauthorised(text: &str) -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", text)
    }

    /// What no policy explains.
    pub(crate) fn denied() -> Refusal {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    pub(crate) fn bad(code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, code, text)
    }

    pub(crate) fn no_item() -> Refusal {
        let text = "The specified object was not found in the store.";
        Refusal::new(StatusCode::NOT_FOUND, "ErrorItemNotFound", text)
    }

    /// The answer: the code, and inside it what support would ask for.
    pub(crate) fn response(&self, call: &Call, world: &World, request_id: &str) -> Response {
        let date = (world.now)().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let client = call.header("client-request-id").unwrap_or(request_id);
        let mut inner = json!({"date": date, "request-id": request_id, "client-request-id": client});
        if self.status == StatusCode::GONE {
            inner["innerError"] = json!({"code": "resyncRequired"});
        }
        let body = json!({"error": {"code": self.code, "message": self.text, "innerError": inner}});
        let mut response = json(self.status, "application/json", &body);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                             client_id=\"00000003-0000-0000-c000-000000000000\"";
            set(&mut response, "www-authenticate", challenge);
        }
        response
    }
}
