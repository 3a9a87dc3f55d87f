//! The roles of a process, put together from its settings.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{exit::Stopped, settings::key_files};
use crate::{
    app::App,
    clock::{Clock, Randomness},
    config::{Settings, Site},
    http, jobs,
    store::Store,
    telemetry::Metrics,
    vault::files::Holds,
};

/// Connections to the database: readers of the pages and the worker's own.
const CONNECTIONS: u32 = 16;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Role {
    /// The site for brokerages; cannot open a secret
    Portal,
    /// The listener for staff; cannot open a secret
    Staff,
    /// Checks, mails and schedules; the only role that opens secrets
    Worker,
}

/// A process whose roles run.
pub(super) struct Running {
    /// Where the portal listens.
    pub(super) portal: Option<SocketAddr>,
    /// Where the staff listener listens.
    pub(super) staff: Option<SocketAddr>,
    store: Store,
    stop: CancellationToken,
    tasks: JoinSet<&'static str>,
}

/// Opens what the roles need and starts them. When this returns every listener answers.
pub(super) async fn start(settings: Settings, roles: &BTreeSet<Role>) -> Result<Running, Stopped> {
    let metrics = Metrics::new();
    let app = open(settings, roles).await?;
    let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
    let mut portal = None;
    if roles.contains(&Role::Portal) {
        let router = http::portal(app.clone(), metrics.clone(), stop.clone());
        portal = Some(listen(&app.settings.portal, router, "portal", &mut tasks, &stop).await?);
    }
    let mut staff = None;
    if roles.contains(&Role::Staff) {
        let router = http::health(app.clone(), metrics.clone());
        staff = Some(listen(&app.settings.staff, router, "staff", &mut tasks, &stop).await?);
    }
    if roles.contains(&Role::Worker) {
        let (app, stop) = (app.clone(), stop.clone());
        tasks.spawn(async move {
            jobs::run(app, stop).await;
            "worker"
        });
    }
    Ok(Running { portal, staff, store: app.store.clone(), stop, tasks })
}

async fn open(settings: Settings, roles: &BTreeSet<Role>) -> Result<App, Stopped> {
    let (clock, randomness) = (Clock::system(), Randomness::system());
    let files = key_files(&settings);
    let url = settings.database.url.expose_secret().to_owned();
    let alone = url.starts_with("sqlite:") && roles.len() == 3;
    if alone {
        files.create_missing(clock.today(), &randomness).map_err(|error| Stopped::new(error.to_string()))?;
    }
    let holds = if roles.contains(&Role::Worker) { Holds::OpeningKeys } else { Holds::SealingKeys };
    let vault = files.open(holds, &randomness).map_err(|error| Stopped::new(error.to_string()))?;
    let store = Store::open(&url, CONNECTIONS, clock.clone(), randomness.clone())
        .await
        .map_err(|error| Stopped::new(format!("{error}. Is [database] url right, and does the database run?")))?;
    Ok(App::new(store, vault, clock, randomness, settings))
}

async fn listen(
    site: &Site,
    router: axum::Router,
    name: &'static str,
    tasks: &mut JoinSet<&'static str>,
    stop: &CancellationToken,
) -> Result<SocketAddr, Stopped> {
    let listener = http::Listener::bind(site).await.map_err(|error| Stopped::new(error.to_string()))?;
    let address = listener.address();
    let stop = stop.clone();
    tasks.spawn(async move {
        listener.serve(router, stop).await;
        name
    });
    Ok(address)
}

impl Running {
    /// Waits until somebody asks to stop or a role ends by itself, then stops the others in order.
    pub(super) async fn until(mut self, asked: impl Future<Output = ()>) -> Result<(), Stopped> {
        let ended = tokio::select! {
            () = asked => None,
            ended = self.tasks.join_next() => ended,
        };
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.store.close().await;
        match ended {
            None => Ok(()),
            Some(Ok(name)) => Err(Stopped::new(format!("the {name} ended by itself; the log says why"))),
            Some(Err(error)) => Err(Stopped::new(format!("a part of the process broke: {error}"))),
        }
    }
}
