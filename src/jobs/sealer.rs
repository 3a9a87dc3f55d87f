//! The sealer's task: woken by commits, it seals the audit within a second. Each worker that holds the audit key has
//! one, and a lease sees to it that one of them works; where that one is lost, another takes over at the lease's end.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::settings::WorkerSettings;
use crate::{
    actions::seal_audit::{BATCH, Sealer, seal_audit, stop_sealing},
    app::App,
    store::Topic,
};

/// How long lines gather behind the first one: fewer signatures, and still each is sealed within a second.
const GATHER: Duration = Duration::from_millis(500);

/// Seals until it is told to stop, and then once more.
pub(super) async fn run(app: App, settings: Arc<WorkerSettings>, stop: CancellationToken) {
    if app.vault.audit.is_none() {
        tracing::warn!("there is no audit key here: another worker has to seal the audit");
        return;
    }
    let sealer = Sealer { name: settings.name.clone(), token: app.randomness.bytes(), lease: settings.lease };
    let mut woken = app.store.wakes().hear();
    loop {
        seal(&app, &sealer).await;
        tokio::select! {
            () = stop.cancelled() => break,
            () = until_due(&mut woken, settings.heartbeat) => {}
        }
    }
    seal(&app, &sealer).await;
    if let Err(error) = stop_sealing(&app, &sealer).await {
        tracing::warn!(%error, "the sealer's lease was not given back; it ends by itself");
    }
}

async fn seal(app: &App, sealer: &Sealer) {
    if let Err(error) = seal_audit(app, sealer).await {
        tracing::warn!(%error, "the audit was not sealed; it is tried again");
    }
}

/// Returns a moment after the first line, at once when a whole batch is there, and when the lease has to be renewed.
async fn until_due(woken: &mut Receiver<Topic>, heartbeat: Duration) {
    if timeout(heartbeat.max(Duration::from_millis(100)), until_lines(woken)).await.is_err() {
        return;
    }
    let batch = async {
        for _ in 1..BATCH {
            until_lines(woken).await;
        }
    };
    let _ = timeout(GATHER, batch).await;
}

/// Returns when there may be lines, also when something may have been missed.
async fn until_lines(woken: &mut Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(Topic::Audit | Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Topic::Jobs
                | Topic::Check(_)
                | Topic::Roster(_)
                | Topic::Look(_)
                | Topic::Sealed
                | Topic::Needs
                | Topic::Connections
                | Topic::Recognised,
            ) => {}
            // The store is gone; the heartbeat decides.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
