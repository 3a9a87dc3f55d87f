//! Waking those who wait. After a commit the process tells itself in memory, and where several processes share
//! the database one background task tells the others, at most once in 20 ms. It is a hint, never the truth:
//! whoever is woken reads the rows again, and a slow poll is the safety net.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{broadcast, mpsc};

use super::{dialect::Pool, error::StoreError};
use crate::{
    clock::Clock,
    domain::{
        ids::{CheckId, LookId, RosterId},
        instant::Instant,
    },
};

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
    /// A roster moved on.
    Roster(RosterId),
    /// A press that asks for a secret has its answer.
    Look(LookId),
    /// There are audit lines to seal.
    Audit,
    /// Audit lines were sealed.
    Sealed,
    /// Which connections need a human, or who took them.
    Needs,
    /// A connection was made or moved on.
    Connections,
    /// A domain's mail system was looked at.
    Recognised,
    /// Something may have been missed: look at everything.
    Everything,
}

impl Topic {
    fn payload(&self) -> String {
        match self {
            Self::Jobs => "jobs".to_owned(),
            Self::Check(id) => format!("check:{id}"),
            Self::Roster(id) => format!("roster:{id}"),
            Self::Look(id) => format!("look:{id}"),
            Self::Audit => "audit".to_owned(),
            Self::Sealed => "sealed".to_owned(),
            Self::Needs => "needs".to_owned(),
            Self::Connections => "connections".to_owned(),
            Self::Recognised => "recognised".to_owned(),
            Self::Everything => "everything".to_owned(),
        }
    }

    fn parse(payload: &str) -> Self {
        match payload.split_once(':') {
            Some(("check", id)) => CheckId::parse(id).map_or(Self::Everything, Self::Check),
            Some(("roster", id)) => RosterId::parse(id).map_or(Self::Everything, Self::Roster),
            Some(("look", id)) => LookId::parse(id).map_or(Self::Everything, Self::Look),
            _ if payload == "jobs" => Self::Jobs,
            _ if payload == "audit" => Self::Audit,
            _ if payload == "sealed" => Self::Sealed,
            _ if payload == "needs" => Self::Needs,
            _ if payload == "connections" => Self::Connections,
            _ if payload == "recognised" => Self::Recognised,
            _ => Self::Everything,
        }
    }
}

/// Where topics are told and heard.
#[derive(Clone)]
pub struct Wakes {
    here: broadcast::Sender<Topic>,
    elsewhere: mpsc::UnboundedSender<Topic>,
    clock: Clock,
    changed: Arc<Changed>,
}

/// When this process heard last of what the queue of our people shows, in microseconds.
struct Changed {
    needs: AtomicI64,
    connections: AtomicI64,
}

impl Wakes {
    pub(super) fn new(clock: Clock) -> (Self, mpsc::UnboundedReceiver<Topic>) {
        let (elsewhere, told) = mpsc::unbounded_channel();
        // What was before this process it has not heard.
        let begun = clock.now().as_micros();
        let changed = Changed { needs: AtomicI64::new(begun), connections: AtomicI64::new(begun) };
        (Self { here: broadcast::channel(256).0, elsewhere, clock, changed: Arc::new(changed) }, told)
    }

    /// Hears every topic from now on. A listener that lags hears an error once and should look at everything.
    pub fn hear(&self) -> broadcast::Receiver<Topic> {
        self.here.subscribe()
    }

    /// When what the queue shows may have changed last, as far as this process heard: its needs and owners, and with
    /// `all` also connections that were made or moved on.
    pub fn queue_changed(&self, all: bool) -> Instant {
        let needs = self.changed.needs.load(Ordering::SeqCst);
        let connections = if all { self.changed.connections.load(Ordering::SeqCst) } else { i64::MIN };
        Instant::from_micros(needs.max(connections))
    }

    pub(super) fn tell(&self, topic: Topic) {
        self.repeat(topic.clone());
        let _ = self.elsewhere.send(topic);
    }

    fn repeat(&self, topic: Topic) {
        let now = self.clock.now().as_micros();
        if matches!(topic, Topic::Needs | Topic::Everything) {
            self.changed.needs.store(now, Ordering::SeqCst);
        }
        if matches!(topic, Topic::Connections | Topic::Everything) {
            self.changed.connections.store(now, Ordering::SeqCst);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_read_back_from_what_other_processes_are_told() {
        let check = Topic::Check(CheckId::from_random([1; 16]));
        let look = Topic::Look(LookId::from_random([2; 16]));
        for topic in [
            Topic::Jobs,
            check,
            look,
            Topic::Audit,
            Topic::Sealed,
            Topic::Needs,
            Topic::Connections,
            Topic::Everything,
        ] {
            assert_eq!(Topic::parse(&topic.payload()), topic);
        }
        assert_eq!(Topic::parse("something of tomorrow"), Topic::Everything);
    }

    #[test]
    fn when_the_queue_changed_is_remembered_for_those_who_come_later() {
        let clock = Clock::standing_at(Instant::from_micros(1_795_257_720_000_000));
        let second = || {
            clock.advance(Duration::from_secs(1));
            clock.now()
        };
        let begun = clock.now();
        let (wakes, _told) = Wakes::new(clock.clone());
        let changed = || (wakes.queue_changed(false), wakes.queue_changed(true));
        assert_eq!(changed(), (begun, begun), "what was before is not known");
        let moved = second();
        wakes.tell(Topic::Connections);
        assert_eq!(changed(), (begun, moved));
        let needed = second();
        wakes.tell(Topic::Needs);
        assert_eq!(changed(), (needed, needed));
        second();
        for other in [Topic::Jobs, Topic::Audit] {
            wakes.tell(other);
        }
        assert_eq!(changed(), (needed, needed));
        let missed = second();
        wakes.repeat(Topic::Everything);
        assert_eq!(changed(), (missed, missed));
    }
}
