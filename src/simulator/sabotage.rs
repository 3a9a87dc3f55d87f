//! How planned HTTP faults look on the wire.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::time::sleep;

use super::faults::Fault;
use super::web::{empty, set};

/// The connection is to be dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
pub(crate) struct Dropped;

/// What the fault makes of a request whose true answer is `work`; work that a fault forestalls is not done.
pub(crate) async fn apply<F>(fault: Fault, host: &str, path: &str, work: F) -> Result<Response, Dropped>
where
    F: Future<Output = Response>,
{
    Ok(match fault {
        Fault::Status { code, headers, body } => {
            let mut response =
                text(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body);
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        Fault::Throttled(after) if host.ends_with(".googleapis.com") => throttled_by_google(&after),
        Fault::Throttled(after) => throttled(&after),
        Fault::Hang => std::future::pending().await,
        Fault::Late(millis) => {
            sleep(Duration::from_millis(millis)).await;
            work.await
        }
        Fault::CloseBefore => return Err(Dropped),
        Fault::LoseAnswer => {
            work.await;
            return Err(Dropped);
        }
        Fault::HoldAnswer => {
            work.await;
            std::future::pending().await
        }
        Fault::CloseMid => close_mid(work.await).await,
        Fault::Truncated => truncated(work.await).await,
        Fault::Empty => empty(StatusCode::OK),
        Fault::Endless => endless(),
        Fault::Drip(millis) => drip(millis),
        Fault::GzipBomb => gzip_bomb(),
        Fault::Html => html(),
        Fault::WrongContentType => {
            let mut response = work.await;
            set(&mut response, "content-type", "text/plain");
            response
        }
        Fault::DeepJson => text(StatusCode::OK, format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        Fault::DuplicateKeys => text(StatusCode::OK, DUPLICATES.into()),
        Fault::HugeHeader => {
            let mut response = work.await;
            set(&mut response, "x-filler", &"x".repeat(512 * 1024));
            response
        }
        Fault::Redirect(host) => {
            let mut response = empty(StatusCode::FOUND);
            set(&mut response, "location", &format!("https://{host}{path}"));
            response
        }
        _ => work.await,
    })
}

const DUPLICATES: &str = r#"{"access_token":"first","access_token":"second","token_type":"Bearer","expires_in":3599,
"issuer":"https://one.example","issuer":"https://two.example","id":"1","id":"2","value":[],"value":[{"id":"3"}],
"error":{"code":"ErrorAccessDenied","code":"ErrorInvalidUser"}}"#;

fn text(status: StatusCode, body: String) -> Response {
    let kind = if body.trim_start().starts_with(['{', '[']) { "application/json" } else { "text/plain" };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    set(&mut response, "content-type", kind);
    response
}

fn throttled(after: &str) -> Response {
    let body = r#"{"error":{"code":"ApplicationThrottled","message":"Application is over its MailboxConcurrency limit."}}"#;
    let mut response = text(StatusCode::TOO_MANY_REQUESTS, body.into());
    set(&mut response, "retry-after", after);
    set(&mut response, "x-ms-throttle-scope", "Tenant_Application/ReadWrite");
    response
}

fn throttled_by_google(after: &str) -> Response {
    let text = "Quota exceeded for quota metric 'Critical read requests' and limit 'Critical read requests per minute \
                per user' of the service.";
    let body = serde_json::json!({"error": {
        "code": 429,
        "message": text,
        "errors": [{"message": text, "domain": "usageLimits", "reason": "rateLimitExceeded"}],
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com"}],
    }});
    let mut response =
        super::web::json(StatusCode::TOO_MANY_REQUESTS, "application/json; charset=UTF-8", &body);
    set(&mut response, "retry-after", after);
    response
}

async fn whole(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(|collected| collected.to_bytes()).unwrap_or_default();
    (parts, bytes)
}

/// Promises the whole body and breaks off after half of it.
async fn close_mid(response: Response) -> Response {
    let (mut parts, bytes) = whole(response).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len().max(2)));
    let half = bytes.slice(..bytes.len() / 2);
    // The half must be on its way before the break, or the client would see no answer at all.
    let broken = stream::iter([Ok(half)]).chain(stream::once(async {
        sleep(Duration::from_millis(30)).await;
        Err(Dropped)
    }));
    Response::from_parts(parts, Body::from_stream(broken))
}

async fn truncated(response: Response) -> Response {
    let (mut parts, bytes) = whole(response).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

fn endless() -> Response {
    let filler = Bytes::from(vec![b'x'; 16 * 1024]);
    let start = Bytes::from_static(b"{\"value\":[{\"id\":\"");
    let chunks = stream::iter([start]).chain(stream::repeat(filler)).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(chunks));
    set(&mut response, "content-type", "application/json");
    response
}

fn drip(millis: u64) -> Response {
    let bytes = stream::repeat(Bytes::from_static(b" ")).then(move |byte| async move {
        sleep(Duration::from_millis(millis)).await;
        Ok::<_, Infallible>(byte)
    });
    let mut response = Response::new(Body::from_stream(bytes));
    set(&mut response, "content-type", "application/json");
    response
}

fn html() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\">\
                <input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>";
    let mut response = text(StatusCode::OK, page.into());
    set(&mut response, "content-type", "text/html; charset=utf-8");
    response
}

/// A gzip stream made by hand: one literal, then "repeat the last byte 258 times" over and over. That order
/// takes 13 bits, so the stream repeats itself every 13 bytes; the pattern fills two megabytes.
fn gzip_bomb() -> Response {
    let mut bits = Bits::default();
    // The last block, with the fixed codes; the literal 0; then length 258, distance 1.
    bits.push(&[1, 1, 0]);
    bits.push(&[0, 0, 1, 1, 0, 0, 0, 0]);
    for _ in 0..16 {
        bits.push(&[1, 1, 0, 0, 0, 1, 0, 1]);
        bits.push(&[0; 5]);
    }
    let (start, pattern) = (&bits.bytes[..2], &bits.bytes[2..15]);
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    body.extend_from_slice(start);
    body.extend(pattern.iter().cycle().take(2 * 1024 * 1024));
    let mut response = Response::new(Body::from(body));
    set(&mut response, "content-type", "application/json");
    set(&mut response, "content-encoding", "gzip");
    response
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn push(&mut self, bits: &[u8]) {
        for bit in bits {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (self.used % 8);
            }
            self.used += 1;
        }
    }
}
