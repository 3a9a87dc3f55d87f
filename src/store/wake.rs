//! Waking those who wait. After a commit the process tells itself in memory, and where several processes share
//! the database one background task tells the others, at most once in 20 ms. It is a hint, never the truth:
//! whoever is woken reads the rows again, and a slow poll is the safety net.

use std::time::Duration;

use tokio::sync::{broadcast, mpsc};

use super::{dialect::Pool, error::StoreError};
use crate::domain::ids::CheckId;

/// How long the teller gathers topics before it speaks.
const GATHER: Duration = Duration::from_millis(20);
/// How long it waits after the database was away.
const PAUSE: Duration = Duration::from_secs(2);

/// What may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// There are jobs to do.
    Jobs,
    /// A check moved on.
    Check(CheckId),
    /// There are audit lines to seal.
    Audit,
    /// Something may have been missed: look at everything.
    Everything,
}

impl Topic {
    fn payload(&self) -> String {
        match self {
            Self::Jobs => "jobs".to_owned(),
            Self::Check(id) => format!("check:{id}"),
            Self::Audit => "audit".to_owned(),
            Self::Everything => "everything".to_owned(),
        }
    }

    fn parse(payload: &str) -> Self {
        match payload.split_once(':') {
            Some(("check", id)) => CheckId::parse(id).map_or(Self::Everything, Self::Check),
            _ if payload == "jobs" => Self::Jobs,
            _ if payload == "audit" => Self::Audit,
            _ => Self::Everything,
        }
    }
}

/// Where topics are told and heard.
#[derive(Clone)]
pub struct Wakes {
    here: broadcast::Sender<Topic>,
    elsewhere: mpsc::UnboundedSender<Topic>,
}

impl Wakes {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Topic>) {
        let (elsewhere, told) = mpsc::unbounded_channel();
        (Self { here: broadcast::channel(256).0, elsewhere }, told)
    }

    /// Hears every topic from now on. A listener that lags hears an error once and should look at everything.
    pub fn hear(&self) -> broadcast::Receiver<Topic> {
        self.here.subscribe()
    }

    pub(super) fn tell(&self, topic: Topic) {
        let _ = self.here.send(topic.clone());
        let _ = self.elsewhere.send(topic);
    }

    fn repeat(&self, topic: Topic) {
        let _ = self.here.send(topic);
    }
}

/// Tells other processes what changed here, until the store is gone.
pub(super) async fn tell_others(pool: Pool, mut told: mpsc::UnboundedReceiver<Topic>) {
    while let Some(first) = told.recv().await {
        tokio::time::sleep(GATHER).await;
        let mut topics = vec![first];
        while let Ok(more) = told.try_recv() {
            if !topics.contains(&more) {
                topics.push(more);
            }
        }
        for topic in topics {
            if let Err(error) = pool.notify(&topic.payload()).await {
                tracing::debug!(%error, "other processes were not told; their own poll finds it");
            }
        }
    }
}

/// Hears what other processes tell and repeats it here, until the task is ended.
pub(super) async fn hear_others(pool: Pool, wakes: Wakes) {
    loop {
        match hear_until_lost(&pool, &wakes).await {
            Ok(()) => return,
            // An orderly stop is no loss.
            Err(_) if pool.is_closed() => return,
            Err(error) => tracing::warn!(%error, "lost the line to other processes; listening again"),
        }
        wakes.repeat(Topic::Everything);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear_until_lost(pool: &Pool, wakes: &Wakes) -> Result<(), StoreError> {
    let Some(mut listener) = pool.listen().await? else { return Ok(()) };
    loop {
        let topic = listener.next().await?.map_or(Topic::Everything, |payload| Topic::parse(&payload));
        wakes.repeat(topic);
    }
}
