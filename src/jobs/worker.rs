//! The worker: its lanes, its start and its stop.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{lane::Lane, sealer, settings::WorkerSettings};
use crate::{
    actions::{remind::ensure_planned, staff_mail, sweep::ensure_scheduled},
    app::App,
    domain::job::Job,
};

/// Mails of sign-in codes at the same time, beside the other mails: a person waits for each.
const CODES_AT_ONCE: usize = 2;
/// Certificates made at the same time: each takes a processor for some tenths of a second.
const BIRTHS_AT_ONCE: usize = 2;
/// Rosters at the same time: each opens several mailboxes at once.
const ROSTERS_AT_ONCE: usize = 4;
/// Mailboxes cleaned up at the same time: nobody waits for it.
const MAILBOXES_AT_ONCE: usize = 2;
/// Domains looked at at the same time: each takes some questions to name servers and no work.
const LOOKS_AT_ONCE: usize = 4;
/// Secrets shown to our own people at the same time: each waits a moment for the audit.
const REVEALS_AT_ONCE: usize = 4;
/// How long the worker waits before it speaks to a database again that was away.
const AFTER_AN_OUTAGE: Duration = Duration::from_secs(1);

/// Takes and carries out jobs until `shutdown` is cancelled; running jobs then have a short time to end, and what
/// does not is broken off and given back. Returns when nothing runs any more.
///
/// Dropping the future instead is like pulling the plug: leases end by themselves.
pub async fn run(app: App, settings: WorkerSettings, shutdown: CancellationToken) {
    let settings = Arc::new(settings);
    let break_off = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(schedule_sweep(app.clone(), shutdown.clone()));
    running.spawn(sealer::run(app.clone(), Arc::clone(&settings), shutdown.clone()));
    for &kind in Job::KINDS {
        let at_once = at_once(kind, &settings);
        let lane = Lane {
            app: app.clone(),
            settings: Arc::clone(&settings),
            kind,
            at_once,
            stop: shutdown.clone(),
            break_off: break_off.clone(),
        };
        running.spawn(lane.run());
    }
    tracing::info!(worker = %settings.name, checks = settings.checks_at_once, "the worker takes jobs");
    shutdown.cancelled().await;
    let all = async { while running.join_next().await.is_some() {} };
    tokio::pin!(all);
    if tokio::time::timeout(settings.grace, &mut all).await.is_err() {
        tracing::info!("jobs that still run are broken off and given back");
        break_off.cancel();
        all.await;
    }
    tracing::info!(worker = %settings.name, "the worker stopped");
}

/// How many jobs of a kind are carried out at the same time. Every kind has a lane: a new one has a narrow one until
/// somebody says otherwise.
fn at_once(kind: &str, settings: &WorkerSettings) -> usize {
    match kind {
        "run_check" => settings.checks_at_once,
        "make_certificate" => BIRTHS_AT_ONCE,
        "check_roster" => ROSTERS_AT_ONCE,
        "clear_mailbox" => MAILBOXES_AT_ONCE,
        "recognise_domain" => LOOKS_AT_ONCE,
        "send_mail" => settings.mails_at_once,
        "send_code" => CODES_AT_ONCE,
        "reveal" => REVEALS_AT_ONCE,
        _ => 1,
    }
}

/// Sees to it that there is a round of the sweep, and that everything in use is reminded of, however long the database is
/// away.
async fn schedule_sweep(app: App, stop: CancellationToken) {
    while let Err(error) = ensure_scheduled(&app).await {
        tracing::warn!(%error, "the sweep was not scheduled; it is tried again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AFTER_AN_OUTAGE) => {}
        }
    }
    while let Err(error) = staff_mail::ensure_scheduled(&app).await {
        tracing::warn!(%error, "the mails to our own people were not scheduled; it is tried again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AFTER_AN_OUTAGE) => {}
        }
    }
    while let Err(error) = ensure_planned(&app).await {
        tracing::warn!(%error, "reminders were not planned; it is tried again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AFTER_AN_OUTAGE) => {}
        }
    }
}
