//! `simulator`: the simulated outside world alone, for other programs to talk to.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{exit::Stopped, ready, signal};
use crate::{
    clock::Clock,
    simulator::{Scenarios, Settings, Simulator},
};

/// The arguments of `simulator`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where its control endpoint listens (loopback only)
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// More tenants, or other ones under the same names (TOML)
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
    /// Where certificate authority and mailbox contents are kept
    #[arg(long, value_name = "DIR", default_value = "moxi-simulator")]
    data: PathBuf,
    /// Pause before every answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Written once everything answers: one JSON object
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs until it is stopped.
pub(super) async fn run(args: Args) -> Result<(), Stopped> {
    // What it prints names files, and whoever reads that may stand in another folder.
    let data = std::path::absolute(&args.data)
        .map_err(|error| Stopped::new(format!("{} is no folder: {error}", args.data.display())))?;
    let mut settings = Settings::new(&data, Settings::clock(now(&Clock::system())));
    settings.control = Some(args.listen);
    settings.latency = Duration::from_millis(args.latency);
    settings.scenarios = args.scenarios.map_or(Scenarios::BuiltIn, Scenarios::File);
    let simulator = start(settings).await?;
    println!("The simulated outside world answers. Its addresses and samples: http://{}", args.listen);
    ready::write(args.ready_file.as_deref(), &ready::of_simulator(&simulator))?;
    signal::asked_to_stop().await;
    simulator.shutdown().await;
    Ok(())
}

/// Starts a simulator; its own sentence says what keeps it from starting.
pub(super) async fn start(settings: Settings) -> Result<Simulator, Stopped> {
    crate::simulator::start(settings).await.map_err(|error| Stopped::new(error.to_string()))
}

/// The clock as the simulator reads it.
pub(super) fn now(clock: &Clock) -> impl Fn() -> jiff::Timestamp + Send + Sync + 'static {
    let clock = clock.clone();
    move || clock.now().timestamp()
}
