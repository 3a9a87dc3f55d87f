//! Refusals of the sign-in service: a number, a sentence, and three things to find the event by.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::simulator::web::{Call, json};
use crate::simulator::world::live::World;

/// One refusal.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The word of the OAuth standard.
    pub(crate) error: String,
    /// The number of the service.
    pub(crate) code: u32,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, error: &str, code: u32, text: impl Into<String>) -> Refusal {
        Refusal { status, error: error.to_owned(), code, text: text.into() }
    }

    /// The answer, with a trace of its own and the correlation the client asked for.
    pub(crate) fn response(&self, call: Option<&Call>, world: &World) -> Response {
        let trace = world.ids.guid();
        let asked = call.and_then(|call| call.header("client-request-id"));
        let correlation = asked.map_or_else(|| world.ids.guid(), str::to_owned);
        let timestamp = (world.now)().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let Refusal { error, code, text, .. } = self;
        let body = json!({
            "error": error,
            "error_description":
                format!("AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        json(status, "application/json; charset=utf-8", &body)
    }
}
