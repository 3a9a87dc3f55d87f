//! `demo`: everything in one process on SQLite, with the simulated outside world and mail kept as files.

mod desk;
mod folder;
mod letter;
mod offices;
mod upload;
mod words;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::json;

use super::{
    exit::Stopped,
    ready,
    roles::{self, Role},
    signal, simulator,
};
use crate::{
    clock::Clock,
    config::Settings,
    simulator::{Settings as World, Simulator},
    telemetry,
};

/// How long a sample that waits for its provider stays sick.
const HEALS_AFTER: Duration = Duration::from_secs(60);

/// The arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the portal listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    portal: SocketAddr,
    /// Where the staff listener listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    staff: SocketAddr,
    /// Where the demo's desk listens: the mails that were sent, and credentials to try
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8082")]
    desk: SocketAddr,
    /// Where database, keys, mails and the simulated world are kept
    #[arg(long, value_name = "DIR", default_value = "moxi-demo")]
    data: PathBuf,
    /// Begin anew: what an earlier demo left in the folder is deleted
    #[arg(long)]
    fresh: bool,
    /// Play some twenty offices, so that the staff site has work from the start
    #[arg(long)]
    offices: bool,
    /// Written once everything answers: one JSON object
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs until it is stopped.
pub(super) async fn run(args: Args) -> Result<(), Stopped> {
    let folder = folder::Folder::take(&args.data, args.fresh)?;
    let data = folder.path().to_owned();
    let mut world = World::new(data.join("simulator"), World::clock(simulator::now(&Clock::system())));
    world.heal_after = HEALS_AFTER;
    let simulator = simulator::start(world).await?;
    folder::secret(&data.join(words::GOOGLE_KEY), &simulator.google_key())?;
    let settings = settings(&args, &data, &simulator)?;
    telemetry::start(&settings.log).map_err(|error| Stopped::usage(error.to_string()))?;
    let running = roles::start(settings, &BTreeSet::from([Role::Portal, Role::Staff, Role::Worker])).await?;
    let simulator = Arc::new(simulator);
    let desk = desk::start(args.desk, data.join("mail"), Arc::clone(&simulator)).await?;
    let (Some(portal), Some(staff)) = (running.portal, running.staff) else {
        return Err(Stopped::new("the demo runs every role"));
    };
    let content = json!({
        "portal_url": format!("http://{portal}"),
        "staff_url": format!("http://{staff}"),
        "desk_url": format!("http://{desk}"),
        "simulator": simulator.addresses(),
        "ca_file": simulator.addresses().ca_file,
        "mail_dir": data.join("mail"),
        "data_dir": data,
        "people": people(&simulator),
        "samples": ready::samples(&simulator),
    });
    ready::write(args.ready_file.as_deref(), &content)?;
    words::welcome(&words::Places { portal, staff, desk, data: &data }, &simulator);
    let play =
        args.offices.then(|| offices::play(running.app.clone(), Arc::clone(&simulator), data.join("mail")));
    let ended = running.until(played(play, signal::asked_to_stop())).await;
    simulator.stop().await;
    ended
}

/// Plays while nobody asks to stop; ends when somebody does.
async fn played(play: Option<impl Future<Output = ()>>, asked: impl Future<Output = ()>) {
    let play = async {
        if let Some(play) = play {
            Box::pin(play).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = asked => {}
        () = play => {}
    }
}

/// Who can sign in: each sample's admin, for a brokerage that begins when they first do; and our own people, at the
/// company's simulated sign-in.
fn people(simulator: &Simulator) -> Vec<serde_json::Value> {
    let one = |sample: &crate::simulator::Sample| {
        json!({
            "name": sample.brokerage.person,
            "email": sample.brokerage.admin_email,
            "company": sample.brokerage.company,
            "role": "brokerage_admin",
            "site": "portal",
            "sample": sample.name,
        })
    };
    simulator.samples().iter().map(one).chain(ready::colleagues(simulator)).collect()
}

/// The demo's settings go the way of every other settings file, so that what it shows is what `serve` does.
fn settings(args: &Args, data: &Path, simulator: &Simulator) -> Result<Settings, Stopped> {
    let text = words::settings(args.portal, args.staff, data, simulator, args.offices);
    let file = data.join("settings.toml");
    std::fs::write(&file, &text).map_err(|error| folder::refused(&file, &error))?;
    Settings::load(Some(&file), std::env::vars()).map_err(|problems| Stopped::usage(problems.to_string()))
}
