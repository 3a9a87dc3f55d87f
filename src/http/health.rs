//! Health and metrics, for listeners that only our own operators reach.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::urls;
use crate::{app::App, telemetry::Metrics};

/// `/livez` says that the process lives, `/readyz` that it can work, `/metrics` what it did (Prometheus).
pub fn routes(app: App, metrics: Metrics) -> Router {
    Router::new()
        .route(urls::LIVEZ, get(async || "alive\n"))
        .route(urls::READYZ, get(ready))
        .route(urls::METRICS, get(numbers))
        .with_state((app, metrics))
}

async fn ready(State((app, _)): State<(App, Metrics)>) -> Response {
    match app.store.version().await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database is away");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is away\n").into_response()
        }
    }
}

async fn numbers(State((_, metrics)): State<(App, Metrics)>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text()).into_response()
}
