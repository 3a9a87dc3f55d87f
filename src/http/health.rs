//! Health and metrics, for listeners that only our own operators reach.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::SignedDuration;

use super::urls;
use crate::{
    app::App,
    domain::instant::Instant,
    store::{self, OpenMails, Read, Sealing},
    telemetry::{Figures, Metrics},
};

/// A worker does something each minute: one that has not for so long is away, or stuck.
const WORKER_SEEN: SignedDuration = SignedDuration::from_mins(3);
/// A mail that waits for longer waits for a mail server.
const MAIL_WAITS: SignedDuration = SignedDuration::from_mins(10);
/// Lines of the audit are sealed within a second.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// `/livez` says that the process lives, `/readyz` that it can work, `/metrics` what it did and how all stands
/// (Prometheus).
pub fn routes(app: App, metrics: Metrics) -> Router {
    Router::new()
        .route(urls::LIVEZ, get(async || "alive\n"))
        .route(urls::READYZ, get(ready))
        .route(urls::METRICS, get(numbers))
        .with_state((app, metrics))
}

/// Not ready is who cannot answer: without the database. What else is wrong is said, and takes nobody out of service: a
/// site without a worker still takes submissions.
async fn ready(State((app, _)): State<(App, Metrics)>) -> Response {
    match troubles(&app).await {
        Ok(troubles) if troubles.is_empty() => "ready\n".into_response(),
        Ok(troubles) => format!("ready, but\n{}\n", troubles.join("\n")).into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database is away");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is away\n").into_response()
        }
    }
}

/// What is not as it should be.
async fn troubles(app: &App) -> store::Result<Vec<String>> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let all = [
        worker_trouble(read.worker_beat().await?, now),
        late("mails", "a mail has not been taken for", read.open_mails().await?.oldest, now, MAIL_WAITS),
        late("audit", "a line has not been sealed for", read.sealing().await?.oldest, now, SEALED_WITHIN),
    ];
    Ok(all.into_iter().flatten().collect())
}

fn worker_trouble(beat: Option<(Instant, bool)>, now: Instant) -> Option<String> {
    match beat {
        None => Some("worker: none has ever started".to_owned()),
        Some((_, true)) => None,
        Some((due, false)) => late("worker", "none has taken a job for", Some(due), now, WORKER_SEEN),
    }
}

fn late(
    what: &str,
    words: &str,
    since: Option<Instant>,
    now: Instant,
    most: SignedDuration,
) -> Option<String> {
    let waited = now.since(since?);
    (waited > most).then(|| format!("{what}: {words} {} s", waited.as_secs()))
}

async fn numbers(State((app, metrics)): State<(App, Metrics)>) -> Response {
    let figures = match figures(&app).await {
        Ok(figures) => Some(figures),
        Err(error) => {
            tracing::warn!(%error, "the metrics are told without those of the database: it is away");
            None
        }
    };
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text(figures.as_ref())).into_response()
}

async fn figures(app: &App) -> store::Result<Figures> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let age = |since: Option<Instant>| since.map_or(0, |since| now.since(since).as_secs().max(0));
    let OpenMails { counts, oldest } = read.open_mails().await?;
    let Sealing { head, unsealed, oldest: unsealed_since } = read.sealing().await?;
    Ok(Figures {
        jobs: jobs(&mut read).await?,
        oldest_due_job: age(read.oldest_due_job().await?),
        needs: needs(&mut read).await?,
        mails: counts.into_iter().map(|(state, count)| (state.as_str(), count)).collect(),
        oldest_mail: age(oldest),
        audit_head: head,
        audit_unsealed: unsealed,
        oldest_unsealed: age(unsealed_since),
    })
}

async fn jobs(read: &mut Read) -> store::Result<Vec<(String, &'static str, i64)>> {
    const STATES: [&str; 4] = ["waiting", "due", "running", "parked"];
    let word = |state: &str| STATES.into_iter().find(|word| *word == state).unwrap_or("waiting");
    let found = read.open_jobs().await?;
    Ok(found.into_iter().map(|(kind, state, count)| (kind, word(&state), count)).collect())
}

async fn needs(read: &mut Read) -> store::Result<Vec<(&'static str, bool, i64)>> {
    let found = read.need_counts().await?;
    Ok(found.into_iter().map(|(rule, overdue, count)| (rule.as_str(), overdue, count)).collect())
}
