//! `doctor`: looks over an installation and says what is missing or wrong, and what to do about it. It only looks: it
//! makes no database and migrates none, and sends no mail.

mod audit;
mod data;
mod findings;
mod google;
mod guides;
mod hours;
mod keys;
mod machine;
mod outside;
mod sign_in;

use std::process::ExitCode;

use super::settings;
use crate::clock::Clock;
use findings::{Finding, Findings};

/// The arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    from: settings::From,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks at everything. The exit code is 0 when nothing is red, 1 when something is, 2 when the settings have
/// mistakes.
pub(super) async fn run(args: Args) -> ExitCode {
    let settings = match args.from.load() {
        Ok(settings) => settings,
        Err(stopped) => return super::exit::from(Err(stopped)),
    };
    let mut findings = Findings::default();
    findings.add(Finding::good("settings", "every setting is understood"));
    outside::network(&settings, &mut findings);
    let keys = keys::look(&settings, &mut findings);
    data::look(&settings, &keys, &mut findings).await;
    google::look(&settings, &mut findings);
    outside::mail(&settings, &mut findings).await;
    outside::sites(&settings, &mut findings);
    sign_in::look(&settings, &mut findings).await;
    outside::outgoing(&settings, &mut findings);
    machine::disk(&settings, &mut findings);
    let today = Clock::system().today();
    guides::look(&settings, today, &mut findings);
    hours::look(&settings, today, &mut findings);
    outside::about(&settings, &mut findings);
    findings.print(args.json)
}
