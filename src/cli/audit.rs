//! `audit verify`: looks through the audit's chain, from the database and the public keys alone, or from a file that was
//! taken from it.

mod export;
mod words;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{
    exit::{self, Stopped},
    settings,
};
use crate::{
    actions::verify_audit::{Verified, verify_audit},
    clock::{Clock, Randomness},
    domain::audit::Checkpoint,
    store::Store,
    vault::{audit_head::AuditHead, files::audit_public_keys},
};
use words::{NOT_PROVEN, NOTHING_KEPT};

const NEEDS: &str = "audit verify needs the portal's settings file, for its database and its public audit keys: give it with --config FILE; or a file that was taken from the audit, with --export FILE --public-key FILE";

/// The arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Find every line that was changed, taken out, put in, moved or cut off, in the database or in an exported file
    #[command(
        after_help = "Exit codes: 0 intact; 1 not intact; 2 the settings, the keys, the database or the file cannot be read; \
3 nothing is wrong and not everything is proven: lines have waited long for the sealer, or an exported file is a selection \
or holds lines that no checkpoint covers."
    )]
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Verify {
    #[command(flatten)]
    from: settings::From,
    /// The public audit keys, where they are not the file that the settings name
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Verify this file instead of a database: the audit as NDJSON, from its page on the staff site; needs no settings
    #[arg(long, value_name = "FILE", requires = "public_key", conflicts_with = "config")]
    export: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere, such as one from a mail; may be given several times
    #[arg(long, value_name = "SEQ:HASH", value_parser = checkpoint)]
    checkpoint: Vec<Checkpoint>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn checkpoint(text: &str) -> Result<Checkpoint, String> {
    Checkpoint::parse(text)
        .ok_or_else(|| "a checkpoint is a number, a colon and 64 hexadecimal digits".to_owned())
}

/// Whether everything up to now is proven.
fn is_proven(found: &Verified) -> bool {
    found.is_proven_until(Clock::system().now())
}

/// Verifies and prints. The exit code is 0 when everything is as it was sealed, 1 when something is not, 2 when the
/// settings, the keys or the database cannot be read, 3 when lines wait that should have been sealed.
pub(super) async fn run(args: Args) -> ExitCode {
    let Command::Verify(args) = args.command;
    if let Some((file, keys)) = args.export.as_ref().zip(args.public_key.as_ref()) {
        return export::run(file, keys, &args.checkpoint, args.json);
    }
    match verified(&args).await {
        Ok((found, kept)) => match print(&found, kept, args.json, &mut io::stdout()) {
            Ok(()) if found.wrong.is_some() => ExitCode::FAILURE,
            Ok(()) if !is_proven(&found) => ExitCode::from(NOT_PROVEN),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => exit::told(&format!("the answer cannot be written: {error}")),
        },
        Err(stopped) => exit::from(Err(stopped)),
    }
}

/// Gives also how many checkpoints that were kept elsewhere the chain was held against.
async fn verified(args: &Verify) -> Result<(Verified, usize), Stopped> {
    let settings = args.from.load_for(NEEDS)?;
    let file = args.public_key.as_ref().unwrap_or(&settings.vault.audit_public_keys_file);
    let keys = audit_public_keys(file).map_err(|error| Stopped::usage(error.to_string()))?;
    // What this machine signed last itself, where it seals.
    let remembered = AuditHead::at(settings.vault.audit_head_file.clone()).read();
    let remembered = remembered.map_err(|error| Stopped::usage(error.to_string()))?;
    let kept: Vec<Checkpoint> = args.checkpoint.iter().copied().chain(remembered).collect();
    let url = settings.database.url.expose_secret();
    let away = |error: crate::store::StoreError| Stopped::usage(format!("{error}. Is [database] url right?"));
    let store = Store::open_to_look(url, Clock::system(), Randomness::system()).await.map_err(away)?;
    let found = verify_audit(&store, &keys, &kept).await;
    store.close().await;
    Ok((found.map_err(away)?, kept.len()))
}

fn print(found: &Verified, kept: usize, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        let wrong = found.wrong.as_ref();
        let content = json!({
            "intact": if wrong.is_some() { Some(false) } else { is_proven(found).then_some(true) },
            "sealed": found.sealed,
            "waiting": found.waiting,
            "waiting_since": found.waiting_since.map(|since| since.timestamp().to_string()),
            "checkpoint": found.last.map(|(head, _)| head.to_string()),
            "checkpoint_at": found.last.map(|(_, at)| at.timestamp().to_string()),
            "kept_checkpoints": kept,
            "wrong": wrong.map(|wrong| json!({
                "kind": wrong.word(),
                "row": wrong.seq(),
                "text": wrong.to_string(),
            })),
        });
        return writeln!(out, "{content}");
    }
    if let Some(wrong) = &found.wrong {
        writeln!(out, "NOT INTACT: {wrong}.")?;
        return writeln!(out, "{}", found.proven());
    }
    let verdict = if is_proven(found) { "Intact" } else { "NOT PROVEN TO ITS END" };
    writeln!(out, "{verdict}: {} rows are as they were sealed.", found.sealed)?;
    if let Some(since) = found.waiting_since {
        let waiting = found.waiting;
        writeln!(
            out,
            "{waiting} lines wait for the sealer, since {}. Nothing proves them.",
            since.timestamp()
        )?;
    }
    match found.last {
        Some((head, at)) => writeln!(out, "Last checkpoint, of {}:\n{head}", at.timestamp())?,
        None => writeln!(out, "There is no checkpoint yet.")?,
    }
    if kept == 0 {
        writeln!(out, "{NOTHING_KEPT}")?;
    }
    Ok(())
}
