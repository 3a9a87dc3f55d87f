//! The roles of a process, put together from its settings.

use std::{collections::BTreeSet, net::SocketAddr};

use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{exit::Stopped, settings::key_files};
use crate::{
    app::{App, guides::Guides, outside},
    clock::{Clock, Randomness},
    config::{Settings, Site},
    http::{door::Door, health, limits::Limits, portal, serve::serve, staff as staff_site},
    jobs::{self, WorkerSettings},
    store::Store,
    vault::files::Holds,
};

/// Connections to the database: readers of the pages and the worker's own.
const CONNECTIONS: u32 = 16;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Role {
    /// The site for brokerages; cannot open a secret
    Portal,
    /// The site for staff; cannot open a secret
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
    /// What they work with.
    pub(super) app: App,
    stop: CancellationToken,
    tasks: JoinSet<&'static str>,
}

/// Opens what the roles need and starts them. When this returns every listener answers.
pub(super) async fn start(settings: Settings, roles: &BTreeSet<Role>) -> Result<Running, Stopped> {
    let app = open(settings, roles).await?;
    let metrics = app.metrics.clone();
    let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
    let mut portal = None;
    if roles.contains(&Role::Portal) {
        let router = portal::site(app.clone(), metrics.clone());
        portal = Some(listen(&app.settings.portal, router, "portal", &mut tasks, &stop).await?);
    }
    let mut staff = None;
    if roles.contains(&Role::Staff) {
        if app.settings.openid.is_none() {
            tracing::warn!("nobody can sign in on the staff site: [staff.openid] is not set");
        }
        let router = staff_site::site(app.clone(), metrics.clone());
        staff = Some(listen(&app.settings.staff, router, "staff", &mut tasks, &stop).await?);
    }
    if roles.contains(&Role::Worker) {
        if let Some(at) = app.settings.worker.listen {
            let site = Site { listen: at, ..app.settings.staff.clone() };
            listen(
                &site,
                health::routes(app.clone(), metrics.clone()),
                "worker's listener",
                &mut tasks,
                &stop,
            )
            .await?;
        }
        let (app, stop) = (app.clone(), stop.clone());
        let worker = WorkerSettings::from_section(&app.settings.worker);
        tasks.spawn(async move {
            jobs::run(app, worker, stop).await;
            "worker"
        });
    }
    Ok(Running { portal, staff, app, stop, tasks })
}

async fn open(settings: Settings, roles: &BTreeSet<Role>) -> Result<App, Stopped> {
    let (clock, randomness) = (Clock::system(), Randomness::system());
    let guides = Guides::read(settings.guides.dir.as_deref())
        .map_err(|problem| Stopped::usage(format!("[guides] dir: {problem}")))?;
    let files = key_files(&settings);
    let url = settings.database.url.expose_secret().to_owned();
    let alone = settings.database.is_embedded() && roles.len() == 3;
    if alone {
        files.create_missing(clock.today(), &randomness).map_err(|error| Stopped::new(error.to_string()))?;
    }
    let holds = if roles.contains(&Role::Worker) { Holds::OpeningKeys } else { Holds::SealingKeys };
    let vault = files.open(holds, &randomness).map_err(|error| Stopped::new(error.to_string()))?;
    let store = Store::open(&url, CONNECTIONS, clock.clone(), randomness.clone()).await.map_err(|error| {
        Stopped::new(format!("{error}. Is [database] url right, and does the database run?"))
    })?;
    let mut app = App::new(store, vault, clock, randomness, settings).with_guides(guides);
    if roles.contains(&Role::Staff)
        && let Some(openid) = outside::openid(&app.settings, &app.clock).map_err(told)?
    {
        app = app.with_openid(openid);
    }
    if roles.contains(&Role::Worker) { with_ways_out(app) } else { Ok(app) }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn told(error: crate::net::SettingsProblem) -> Stopped {
    Stopped::usage(format!("[network]: {error}"))
}

fn with_ways_out(app: App) -> Result<App, Stopped> {
    let verifier = outside::verifier(&app.settings, &app.clock, &app.randomness).map_err(told)?;
    let google = outside::google_key(&app.settings)
        .map_err(|problem| Stopped::usage(format!("[google] key_file: {problem}")))?;
    let verifier = match google {
        Some(key) => verifier.with_google_key(key),
        None => verifier,
    };
    let mailer = outside::mailer(&app.settings).map_err(told)?;
    Ok(app.with_verifier(verifier).with_mailer(mailer))
}

async fn listen(
    site: &Site,
    router: axum::Router,
    name: &'static str,
    tasks: &mut JoinSet<&'static str>,
    stop: &CancellationToken,
) -> Result<SocketAddr, Stopped> {
    let door = Door::open(site, Limits::default()).await.map_err(|error| Stopped::new(error.to_string()))?;
    let address = door.address().map_err(|error| Stopped::new(error.to_string()))?;
    let stop = stop.clone();
    tasks.spawn(async move {
        serve(door, router, stop).await;
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
        self.app.store.close().await;
        match ended {
            None => Ok(()),
            Some(Ok(name)) => Err(Stopped::new(format!("the {name} ended by itself; the log says why"))),
            Some(Err(error)) => Err(Stopped::new(format!("a part of the process broke: {error}"))),
        }
    }
}
