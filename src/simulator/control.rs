//! The control endpoint: plain HTTP on loopback, for programs that are not this one.
//!
//! `GET /addresses`, `/samples`, `/requests`, `/sent`, `/mailboxes/ADDRESS`; `POST /faults` with
//! `{"target": ..., "fault": ..., "times": 1}`, `POST /heal` with `{"tenant": ...}`, `POST /apps/CLIENT_ID/certificates`
//! with a certificate as PEM or DER; `DELETE /faults`, `/requests`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::addresses::Addresses;
use super::faults::{Fault, Target};
use super::listen;
use super::settings::StartError;
use super::world::live::{Upload, World};
use super::world::samples::Sample;

/// How long a client may take to finish when the simulator stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// What the endpoint shows and changes.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) world: Arc<World>,
    pub(crate) addresses: Addresses,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    target: Target,
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heal {
    tenant: String,
}

fn once() -> u32 {
    1
}

/// Opens the socket, on loopback or not at all.
pub(crate) async fn bind(
    address: Option<SocketAddr>,
) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    match address {
        None => Ok(None),
        Some(address) if !address.ip().is_loopback() => Err(StartError::NotLoopback(address)),
        Some(address) => listen::bind(address).await.map(Some),
    }
}

/// Serves until told to stop.
pub(crate) async fn serve(listener: TcpListener, view: View, stop: CancellationToken) {
    let router = Router::new()
        .route("/addresses", get(async |State(view): State<View>| Json(view.addresses)))
        .route("/samples", get(async |State(view): State<View>| Json(view.samples)))
        .route("/requests", get(requests).delete(forget))
        .route("/sent", get(async |State(view): State<View>| Json(view.world.sent())))
        .route("/mailboxes/{address}", get(mailbox))
        .route("/faults", post(plan).delete(clear))
        .route("/heal", post(heal))
        .route("/apps/{client_id}/certificates", post(upload))
        .layer(middleware::from_fn(only_programs))
        .with_state(view);
    #[expect(clippy::disallowed_methods, reason = "only this machine's own tests and demo speak to it")]
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        served = served => if let Err(error) = served {
            tracing::warn!(%error, "the simulator's control endpoint stopped");
        },
        () = late => {}
    }
}

/// A web page must not reach this through somebody's browser: neither by a name that points to loopback, nor by
/// a form.
async fn only_programs(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let local =
        host.parse::<SocketAddr>().is_ok_and(|at| at.ip().is_loopback()) || host.starts_with("localhost:");
    if !local || request.headers().contains_key(header::ORIGIN) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn requests(State(view): State<View>) -> Json<Value> {
    Json(json!(view.world.log.all()))
}

async fn forget(State(view): State<View>) -> StatusCode {
    view.world.log.clear();
    StatusCode::NO_CONTENT
}

async fn mailbox(State(view): State<View>, Path(address): Path<String>) -> Json<Value> {
    Json(json!(view.world.opened(&address).map(|mailbox| mailbox.items()).unwrap_or_default()))
}

async fn plan(State(view): State<View>, Json(planned): Json<Planned>) -> StatusCode {
    view.world.faults.plan(planned.target, planned.fault, planned.times);
    StatusCode::NO_CONTENT
}

async fn clear(State(view): State<View>) -> StatusCode {
    view.world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn heal(State(view): State<View>, Json(heal): Json<Heal>) -> StatusCode {
    if view.world.heal(&heal.tenant) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// What an admin does in the admin centre under "Upload certificate".
async fn upload(State(view): State<View>, Path(client_id): Path<String>, file: Bytes) -> Response {
    match view.world.upload(&client_id, &file) {
        Upload::Taken(thumbprint) => Json(json!({"thumbprint": thumbprint})).into_response(),
        Upload::NoSuchApp => StatusCode::NOT_FOUND.into_response(),
        Upload::NoCertificate => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}
