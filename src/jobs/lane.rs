//! A lane: the jobs of one kind, so many at a time. Lanes keep slow checks from delaying mails.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, broadcast::error::RecvError},
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    backoff::{is_worn_out, next_try},
    run::carry_out,
    settings::WorkerSettings,
};
use crate::{
    actions::{give_up::give_up, undone::Undone},
    app::App,
    domain::job::Claimed,
    store::{self, Quiet, Topic},
};

/// A job whose holder died this often is given to staff instead of a fourth worker.
const MOST_CRASHES: i64 = 3;
/// Where two workers reached for the same job, the slower one looks again after this.
const AFTER_A_RACE: Duration = Duration::from_millis(5);
/// How long a lane waits before it speaks to a database that was away.
const AFTER_AN_OUTAGE: Duration = Duration::from_secs(1);

/// The jobs of one kind.
pub(super) struct Lane {
    pub(super) app: App,
    pub(super) settings: Arc<WorkerSettings>,
    pub(super) kind: &'static str,
    pub(super) at_once: usize,
    /// No more jobs are taken.
    pub(super) stop: CancellationToken,
    /// Running jobs are broken off and given back.
    pub(super) break_off: CancellationToken,
}

impl Lane {
    /// Takes and carries out jobs until it is told to stop, then waits for the running ones.
    pub(super) async fn run(self) {
        let slots = Arc::new(Semaphore::new(self.at_once.max(1)));
        let mut running = JoinSet::new();
        let mut woken = self.app.store.wakes().hear();
        let lane = Arc::new(self);
        loop {
            while running.try_join_next().is_some() {}
            let slot = tokio::select! {
                () = lane.stop.cancelled() => break,
                slot = Arc::clone(&slots).acquire_owned() => slot,
            };
            match lane.claim().await {
                Ok(Some(claimed)) => {
                    let lane = Arc::clone(&lane);
                    running.spawn(async move {
                        lane.hold(claimed).await;
                        drop(slot);
                    });
                }
                Ok(None) => {
                    drop(slot);
                    let pause = lane.pause().await;
                    tokio::select! {
                        () = lane.stop.cancelled() => break,
                        _ = timeout(pause, until_jobs(&mut woken)) => {}
                    }
                }
                Err(error) => {
                    drop(slot);
                    tracing::warn!(%error, kind = lane.kind, "no job could be taken");
                    tokio::select! {
                        () = lane.stop.cancelled() => break,
                        () = sleep(AFTER_AN_OUTAGE) => {}
                    }
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn claim(&self) -> store::Result<Option<Claimed>> {
        let mut write = self.app.store.write().await?;
        let token = self.app.randomness.bytes();
        let claimed = write.claim_job(self.kind, &self.settings.name, token, self.settings.lease).await?;
        // Also without a job: one that cannot be read was parked.
        write.commit_quietly(Quiet::Lease).await?;
        Ok(claimed)
    }

    /// How long nothing is due: until the next job's time, at most the poll.
    async fn pause(&self) -> Duration {
        let next = async { self.app.store.read().await?.next_run(self.kind).await };
        match next.await {
            Ok(Some(at)) => {
                let left = Duration::try_from(at.since(self.app.clock.now())).unwrap_or(Duration::ZERO);
                left.clamp(AFTER_A_RACE, self.settings.poll.max(AFTER_A_RACE))
            }
            Ok(None) | Err(_) => self.settings.poll,
        }
    }

    /// Works on a job while renewing its lease. Dropping this breaks the work off and leaves the lease to end.
    async fn hold(&self, claimed: Claimed) {
        let mut work = JoinSet::new();
        work.spawn(self.work(claimed.clone()));
        let mut heartbeat = interval(self.settings.heartbeat.max(Duration::from_millis(1)));
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            tokio::select! {
                ended = work.join_next() => {
                    return self.settle(&claimed, ended.unwrap_or(Ok(Ok(())))).await;
                }
                () = self.break_off.cancelled() => {
                    work.shutdown().await;
                    return self.release(&claimed).await;
                }
                _ = heartbeat.tick() => {
                    if !self.renew(&claimed).await {
                        self.app.metrics.job(self.kind, "lost");
                        tracing::warn!(job = %claimed.id, kind = self.kind, "a lease was lost; its result is dropped");
                        return;
                    }
                }
            }
        }
    }

    fn work(&self, claimed: Claimed) -> impl Future<Output = Result<(), Undone>> + Send + 'static {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        async move {
            if claimed.crashes >= MOST_CRASHES {
                return give_up(&app, &claimed, "its workers were lost three times").await;
            }
            carry_out(app, claimed, stop).await
        }
    }

    /// Whether the lease is still ours. A database that is away leaves it open; the lease's own end decides then.
    async fn renew(&self, claimed: &Claimed) -> bool {
        let renewed = async {
            let mut write = self.app.store.write().await?;
            let still = write.renew_job(claimed, self.settings.lease).await?;
            write.commit_quietly(Quiet::Lease).await?;
            store::Result::Ok(still)
        };
        renewed.await.unwrap_or_else(|error| {
            tracing::warn!(%error, job = %claimed.id, "a lease was not renewed");
            true
        })
    }

    /// What follows from how the work ended.
    async fn settle(&self, claimed: &Claimed, ended: Result<Result<(), Undone>, JoinError>) {
        let settled = match ended {
            Ok(Ok(())) => {
                self.app.metrics.job(self.kind, "done");
                Ok(())
            }
            Ok(Err(Undone::LeaseLost)) => {
                self.app.metrics.job(self.kind, "lost");
                tracing::warn!(job = %claimed.id, kind = self.kind, "a lease was lost; its result is dropped");
                Ok(())
            }
            Ok(Err(Undone::Ours(why))) => self.again(claimed, &why).await,
            Err(error) if error.is_panic() => self.crashed(claimed).await,
            Err(_) => Ok(()),
        };
        if let Err(error) = settled {
            tracing::warn!(%error, job = %claimed.id, "a job was not given back; its lease ends by itself");
        }
    }

    async fn again(&self, claimed: &Claimed, why: &str) -> Result<(), Undone> {
        tracing::warn!(job = %claimed.id, kind = self.kind, tries = claimed.attempts + 1, why, "a job is tried again");
        if is_worn_out(claimed, self.app.clock.now()) {
            self.app.metrics.job(self.kind, "given_up");
            return give_up(&self.app, claimed, why).await;
        }
        self.app.metrics.job(self.kind, "again");
        let at = next_try(self.app.clock.now(), claimed.attempts, &self.app.randomness);
        let mut write = self.app.store.write().await?;
        if write.reschedule_job(claimed, at, why).await? {
            write.commit_quietly(Quiet::Lease).await?;
        }
        Ok(())
    }

    async fn crashed(&self, claimed: &Claimed) -> Result<(), Undone> {
        tracing::error!(job = %claimed.id, kind = self.kind, crashes = claimed.crashes + 1, "a job panicked");
        self.app.metrics.job(self.kind, "crashed");
        if claimed.crashes + 1 >= MOST_CRASHES {
            return give_up(&self.app, claimed, "it panicked three times").await;
        }
        let at = next_try(self.app.clock.now(), claimed.crashes + 3, &self.app.randomness);
        let mut write = self.app.store.write().await?;
        if write.crash_job(claimed, at, "it panicked").await? {
            write.commit_quietly(Quiet::Lease).await?;
        }
        Ok(())
    }

    async fn release(&self, claimed: &Claimed) {
        let released = async {
            let mut write = self.app.store.write().await?;
            write.release_job(claimed).await?;
            write.commit_quietly(Quiet::Lease).await
        };
        if let Err(error) = released.await {
            tracing::warn!(%error, job = %claimed.id, "a lease was not given back; it ends by itself");
        }
    }
}

/// Returns when there may be jobs, also when something may have been missed.
async fn until_jobs(woken: &mut tokio::sync::broadcast::Receiver<Topic>) {
    loop {
        match woken.recv().await {
            Ok(
                Topic::Check(_)
                | Topic::Roster(_)
                | Topic::Look(_)
                | Topic::Audit
                | Topic::Sealed
                | Topic::Needs
                | Topic::Connections
                | Topic::Recognised,
            ) => {}
            Ok(Topic::Jobs | Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            // The store is gone; the pause decides.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
