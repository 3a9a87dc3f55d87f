//! `serve`: the portal for real.

use std::collections::BTreeSet;

use super::{
    exit::Stopped,
    roles::{self, Role},
    settings, signal,
};
use crate::telemetry;

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    from: settings::From,
    /// What this process does
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["portal", "staff", "worker"])]
    roles: Vec<Role>,
}

/// Runs until it is asked to stop.
pub(super) async fn run(args: Args) -> Result<(), Stopped> {
    let settings = args.from.load()?;
    telemetry::start(&settings.log).map_err(|error| Stopped::usage(error.to_string()))?;
    let overrides = settings.network.overrides();
    if !overrides.is_empty() {
        tracing::warn!(
            settings = overrides.join(", "),
            "the network is not the real one: these settings are for tests"
        );
    }
    let roles: BTreeSet<Role> = args.roles.into_iter().collect();
    let running = roles::start(settings, &roles).await?;
    let (portal, staff) =
        (running.portal.map(tracing::field::display), running.staff.map(tracing::field::display));
    tracing::info!(portal, staff, "the portal answers");
    running.until(signal::asked_to_stop()).await
}
