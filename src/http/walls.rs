//! What stands around every page, from the outside in: name, log line and count; compression; frames for refusals;
//! panics; the visitor's cookie; the origin of changes. The session's layer goes around the router before.

use std::time::Instant as Stopwatch;

use axum::{
    Router,
    body::HttpBody,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, predicate::Predicate},
};
use tracing::Instrument;

use crate::telemetry::Metrics;

use super::{dress, error::PageError, front::Front, origin, request_id::RequestId, visitor};

/// Puts the walls around the pages of one site. Routes added afterwards stand outside.
pub fn around(pages: Router, front: Front, metrics: Metrics) -> Router {
    pages
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::WrongMethod)
        // Bodies are capped by the form and by the listener, each with its own page.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(origin::same_site))
        .layer(from_fn(visitor::recognise))
        .layer(CatchPanicLayer::custom(|_| PageError::Fault(None).into_response()))
        .layer(from_fn_with_state(front.clone(), dress::refusals))
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Best).compress_when(Whole))
        .layer(from_fn_with_state((front, metrics), watch))
}

/// Streams are never compressed: a step that has ended is seen at once. They are the bodies without a known length.
#[derive(Clone, Copy)]
struct Whole;

impl Predicate for Whole {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_text = kind.is_some_and(|kind| {
            ["text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"]
                .iter()
                .any(|text| kind.starts_with(text))
        });
        is_text && response.body().size_hint().exact().is_some_and(|length| length > 512)
    }
}

/// Names the request, hands on what all pages share, and writes one line and one count when it is answered.
async fn watch(
    State((front, metrics)): State<(Front, Metrics)>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Stopwatch::now();
    let id = RequestId::new(&front.randomness);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let span = tracing::info_span!("http", id = %id.0, method = %request.method(), route = %route);
    let name = HeaderValue::from_str(&id.0).unwrap_or(HeaderValue::from_static(""));
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(front);
    async move {
        let mut response = next.run(request).await;
        let (status, time) = (response.status().as_u16(), started.elapsed());
        metrics.request(&route, status, time.as_secs_f64());
        tracing::info!(status, ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX), "answered");
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), name);
        response
    }
    .instrument(span)
    .await
}
