//! The command line: one file per command.

mod audit;
pub mod causes;
pub mod check;
mod demo;
mod doctor;
mod exit;
pub mod keys;
mod protect;
mod ready;
mod roles;
mod serve;
mod settings;
mod signal;
mod simulator;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::{Clock, Randomness};

/// Connects the mail systems of real-estate brokerages to MoxiEngage.
#[derive(Parser)]
#[command(name = "moxi-onboard", version, about, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything in one process with a simulated Microsoft 365, to try the product
    Demo(demo::Args),
    /// Run the portal for real: any of the roles portal, staff and worker
    Serve(serve::Args),
    /// Run the simulated outside world alone, for other programs to talk to
    Simulator(simulator::Args),
    /// Check one credential from the terminal with the engine the portal uses
    Check(check::Args),
    /// List every cause a check can name, with what it means and how it is mended
    Causes(causes::Args),
    /// Make and list the keys of an installation
    Keys(KeysLine),
    /// Verify the audit
    Audit(audit::Args),
    /// Look over an installation and say what is missing or wrong
    Doctor(doctor::Args),
}

/// The arguments of `keys`: where the files are, and what to do with them.
#[derive(clap::Args)]
struct KeysLine {
    #[command(flatten)]
    from: settings::From,
    #[command(flatten)]
    args: keys::Args,
}

impl KeysLine {
    fn run(&self) -> Result<(), exit::Stopped> {
        let files = settings::key_files(&self.from.load()?);
        let (clock, randomness) = (Clock::system(), Randomness::system());
        keys::run(&self.args, &files, &clock, &randomness, &mut std::io::stdout())
            .map_err(|error| exit::Stopped::new(error.to_string()))
    }
}

async fn check(args: &check::Args) -> ExitCode {
    let (clock, randomness) = (Clock::system(), Randomness::system());
    match check::run(args, &clock, &randomness, &mut std::io::stdout()).await {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => exit::from(Err(exit::Stopped::usage(error.to_string()))),
    }
}

/// Whoever reads only the first lines of a list has what they wanted.
fn unwritten(error: std::io::Error) -> Result<(), exit::Stopped> {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(exit::Stopped::new(format!("the answer cannot be written: {error}"))),
    }
}

/// Runs the command that was given. The exit code is 0 when it did what was asked; each command's help names
/// its others.
pub fn run() -> ExitCode {
    let line = Line::parse();
    protect::this_process();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::told(&format!("the process gets no threads: {error}")),
    };
    runtime.block_on(async {
        match line.command {
            Command::Demo(args) => exit::from(demo::run(args).await),
            Command::Serve(args) => exit::from(serve::run(args).await),
            Command::Simulator(args) => exit::from(simulator::run(args).await),
            Command::Check(args) => check(&args).await,
            Command::Causes(args) => {
                exit::from(causes::run(&args, &mut std::io::stdout()).or_else(unwritten))
            }
            Command::Keys(line) => exit::from(line.run()),
            Command::Audit(args) => audit::run(args).await,
            Command::Doctor(args) => doctor::run(args).await,
        }
    })
}
