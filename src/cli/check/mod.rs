//! `check`: tests one credential from the terminal, with the engine that the portal uses and without a database.

mod ending;
mod input;
mod print;
mod roster;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use crate::{
    clock::{Clock, Randomness},
    domain::{
        check::{Again, Report, Verdict},
        kind::AccessKind,
    },
    verification::{Net, NetProblem, Verifier},
};

pub use ending::Ending;
pub use input::InputProblem;
use input::{Input, Read};
use print::Live;
use roster::Round;
pub use roster::{ResultsProblem, RosterArgs, RosterProblem};

/// The arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The access kind of the credential: exchange_basic, graph_certificate, graph_secret, ews_secret,
    /// microsoft365_password, google_delegated or google_key
    #[arg(long, value_parser = kind)]
    kind: AccessKind,
    /// A TOML file with the credential
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Print one JSON object instead of a tree
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    roster: RosterArgs,
}

fn kind(id: &str) -> Result<AccessKind, String> {
    let known: Vec<&str> = AccessKind::ALL.iter().map(|kind| kind.id()).collect();
    AccessKind::from_id(id).ok_or_else(|| format!("this version knows: {}", known.join(", ")))
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The input file has a mistake.
    #[error(transparent)]
    Input(#[from] InputProblem),
    /// The `[network]` table leads nowhere.
    #[error("[network]: {0}")]
    Network(#[from] NetProblem),
    /// The roster cannot be checked.
    #[error(transparent)]
    Roster(#[from] RosterProblem),
    /// The answer could not be printed.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Checks what the file holds and prints to `out` while it goes.
///
/// Errs when the file cannot be read, has unknown names or values that cannot be, or names a network that cannot
/// be used; the sentence says the line and what is allowed, and never shows a secret.
pub async fn run(
    args: &Args,
    clock: &Clock,
    randomness: &Randomness,
    out: &mut (dyn Write + Send),
) -> Result<Ending, CheckError> {
    let input = match input::read(&args.input, args.kind, clock.today()) {
        Ok(input) => input,
        Err(problem) => return slip(args, problem, out),
    };
    let Input { read, own_key, names, network } = input;
    let table = args.roster.table()?;
    let verifier = Verifier::new(Net::new(network)?, clock.clone(), randomness.clone());
    let verifier = match own_key {
        Some(key) => verifier.with_google_key(key),
        None => verifier,
    };
    let out = Mutex::new(out);
    let live = Live::new(&out, !args.json);
    let report = match (read, table) {
        (Read::Credential(credential), None) => verifier.check(&credential, &live).await,
        (Read::Credential(credential), Some(table)) => {
            let round = Round { verifier, clock, kind: args.kind, args: &args.roster, json: args.json };
            return Ok(round.run((&credential, &names), table, &out).await?);
        }
        (Read::Finding(cause), _) => found_in_the_form(cause),
    };
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    if args.json {
        print::json(&report, &mut **out)?;
    } else {
        print::verdict(&report, &names, &mut **out)?;
    }
    Ok(Ending::of(report.verdict))
}

/// What a line of the file shows by itself is a finding, where the catalogue knows it. Errs where it knows none: then the
/// file is at fault.
fn slip(args: &Args, problem: InputProblem, out: &mut (dyn Write + Send)) -> Result<Ending, CheckError> {
    let Some(cause) = problem.cause() else { return Err(problem.into()) };
    let report = found_in_the_form(cause);
    if args.json {
        print::slip_json(&report, &problem, out)?;
    } else {
        writeln!(out, "{problem}")?;
        print::verdict(&report, &input::names_of_nothing(), out)?;
    }
    Ok(Ending::of(report.verdict))
}

/// What the answers themselves show is reported without a single call.
fn found_in_the_form(cause: &'static str) -> Report {
    Report {
        verdict: Verdict::Failed,
        cause: Some(crate::domain::check::CauseId::known(cause)),
        warnings: Vec::new(),
        credential_accepted: false,
        again: Again::OnPress,
        steps: Vec::new(),
    }
}
