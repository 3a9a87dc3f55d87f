//! A portal whose worker runs: offices submit samples of the simulator, and tests wait for what comes of it.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        create_connection::{TypedConnection, create_connection},
        save_answers::Goal,
        submit::submit,
    },
    app::{App, turns::Turns},
    domain::{
        answers::Answers,
        attempt::Attempt,
        check::Check,
        connection::{Connection, Phase, State},
        ids::{AttemptId, ConnectionId},
        kind::AccessKind,
        mail::MailKind,
        scope::Scope,
    },
    jobs::{self, WorkerSettings},
    notify::{
        mailer::Mailer,
        memory::{Memory, Sent},
    },
    simulator::Sample,
    store::Topic,
    verification::Verifier,
};
use tokio_util::sync::CancellationToken;

use crate::{
    databases::Database,
    office::{self, SESSION, fresh_key, save, typed},
};

/// A portal and the mails it sends.
pub struct Portal {
    pub app: App,
    pub mails: Memory,
}

/// A submission.
#[derive(Clone)]
pub struct Submission {
    pub scope: Scope,
    pub connection: ConnectionId,
    pub attempt: AttemptId,
}

impl Portal {
    pub async fn open(database: &Database) -> Self {
        let mails = Memory::default();
        let app = office::portal(database).await.with_mailer(Mailer::Memory(mails.clone()));
        Self { app, mails }
    }

    /// The same portal with an engine.
    pub fn with(self, verifier: Verifier) -> Self {
        Self { app: self.app.with_verifier(verifier), mails: self.mails }
    }

    /// Another process on the same database and keys, with a store of its own.
    pub async fn beside(&self, database: &Database) -> App {
        let mut other = self.app.clone();
        other.store = database.open(&self.app.clock).await;
        other
    }

    /// An office with one admin; staff have accepted it.
    pub async fn office(&self, domain: &str) -> Scope {
        office::office_of(&self.app, domain, true, &["Iris"]).await
    }

    /// A new connection of an office, submitted with a sample's credential.
    pub async fn submit(&self, scope: &Scope, sample: &Sample) -> Submission {
        let connection = self.connection(scope, &sample.name).await;
        let attempt = self.submit_to(scope, &connection, sample, 1).await;
        Submission { scope: scope.clone(), connection, attempt }
    }

    /// A new office submits its sample.
    pub async fn newcomer(&self, sample: &Sample) -> Submission {
        let scope = self.office(&sample.tenant_domain).await;
        self.submit(&scope, sample).await
    }

    pub async fn connection(&self, scope: &Scope, name: &str) -> ConnectionId {
        let typed = TypedConnection {
            name: name.to_owned(),
            external_id: String::new(),
            kind: "graph_secret".to_owned(),
        };
        create_connection(&self.app, scope, &typed, &fresh_key()).await.expect("a connection")
    }

    /// Fills in the answers of an attempt and submits them.
    pub async fn submit_to(
        &self,
        scope: &Scope,
        connection: &ConnectionId,
        sample: &Sample,
        number: i64,
    ) -> AttemptId {
        let ends = sample.secret_expires_on;
        let answers = Answers::proposed(AccessKind::GraphSecret, number)
            .with("tenant", &sample.tenant_id)
            .with("client_id", &sample.client_id)
            .with("ends_month", ends.month().to_string())
            .with("ends_day", ends.day().to_string())
            .with("ends_year", ends.year().to_string())
            .with("test_mailbox", &sample.test_mailbox);
        let typed = typed(answers, &sample.client_secret);
        let saved = save(&self.app, scope, connection, typed, Goal::Review).await;
        assert_eq!(saved.expect("saved").errors, []);
        let mut read = self.app.store.read().await.expect("a transaction");
        let draft = read.draft(&scope.brokerage, connection).await.expect("rows").expect("a draft");
        drop(read);
        submit(&self.app, scope, SESSION, connection, draft.version, &fresh_key()).await.expect("submitted")
    }

    /// The connection and its attempt as they stand.
    pub async fn standing(&self, of: &Submission) -> (Connection, Attempt) {
        let mut read = self.app.store.read().await.expect("a transaction");
        let connection =
            read.connection(&of.scope.brokerage, &of.connection).await.expect("rows").expect("one");
        let attempt = read.attempt(&of.scope.brokerage, &of.attempt).await.expect("rows").expect("one");
        (connection, attempt.attempt)
    }

    /// The checks of a submission, first one first.
    pub async fn checks(&self, of: &Submission) -> Vec<Check> {
        let mut read = self.app.store.read().await.expect("a transaction");
        let mut checks = read.checks_of_attempt(&of.scope, &of.attempt, 100).await.expect("rows");
        checks.reverse();
        checks
    }

    /// Starts a worker.
    pub fn worker(&self) -> Worker {
        worker(self.app.clone())
    }

    /// Waits until the connection stands so.
    pub async fn settles(&self, of: &Submission, state: State, phase: Option<Phase>) {
        self.until(&format!("the connection is {state:?} {phase:?}"), async || {
            let (connection, _) = self.standing(of).await;
            ((connection.state, connection.phase) == (state, phase)).then_some(())
        })
        .await;
    }

    /// Waits until a mail of this kind went out.
    pub async fn mailed(&self, kind: MailKind) -> Sent {
        let sent = async || self.mails.sent().into_iter().find(|mail| mail.kind == kind);
        self.until(&format!("a mail of {kind:?}"), sent).await
    }

    /// Waits until something holds, looking again whenever the store tells of a change.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        until(&self.app, what, &mut look).await
    }
}

/// Waits until something holds, looking again whenever the store tells of a change.
pub async fn until<T>(app: &App, what: &str, look: &mut impl AsyncFnMut() -> Option<T>) -> T {
    let mut woken = app.store.wakes().hear();
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            // Bookkeeping without a topic (a finished job) is found by the short poll.
            let _ = tokio::time::timeout(Duration::from_millis(50), async {
                let _: Result<Topic, _> = woken.recv().await;
            })
            .await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}

/// A worker that runs until it is stopped; dropping it is like pulling the plug.
pub struct Worker {
    task: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

pub fn worker(app: App) -> Worker {
    worker_with(app, |_| {})
}

/// Each worker is a process of its own, which knows nothing of the checks that another has under way.
pub fn worker_with(mut app: App, change: impl FnOnce(&mut WorkerSettings)) -> Worker {
    app.turns = Turns::default();
    let mut settings = WorkerSettings {
        name: "test".to_owned(),
        checks_at_once: 4,
        mails_at_once: 2,
        lease: Duration::from_secs(30),
        heartbeat: Duration::from_secs(5),
        poll: Duration::from_millis(20),
        grace: Duration::from_secs(10),
    };
    change(&mut settings);
    let stop = CancellationToken::new();
    let task = tokio::spawn(jobs::run(app, settings, stop.clone()));
    Worker { task, stop }
}

impl Worker {
    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) {
        self.stop.cancel();
        (&mut self.task).await.expect("it ends in order");
    }

    /// Pulls the plug.
    pub async fn kill(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}
