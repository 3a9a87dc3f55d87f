//! `audit verify`: looks through the audit's chain, from the database and the public keys alone, or from a file that was
//! taken from it.

mod export;

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
3 an exported file that is a selection: nothing in it is wrong, and it is not the whole audit."
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

/// Verifies and prints. The exit code is 0 when everything is as it was sealed, 1 when something is not, 2 when the
/// settings, the keys or the database cannot be read.
pub(super) async fn run(args: Args) -> ExitCode {
    let Command::Verify(args) = args.command;
    if let Some((file, keys)) = args.export.as_ref().zip(args.public_key.as_ref()) {
        return export::run(file, keys, &args.checkpoint, args.json);
    }
    match verified(&args).await {
        Ok(found) => match print(&found, args.json, &mut io::stdout()) {
            Ok(()) if found.wrong.is_none() => ExitCode::SUCCESS,
            Ok(()) => ExitCode::FAILURE,
            Err(error) => exit::told(&format!("the answer cannot be written: {error}")),
        },
        Err(stopped) => exit::from(Err(stopped)),
    }
}

async fn verified(args: &Verify) -> Result<Verified, Stopped> {
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
    found.map_err(away)
}

fn print(found: &Verified, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        let wrong = found.wrong.as_ref();
        let content = json!({
            "intact": wrong.is_none(),
            "sealed": found.sealed,
            "waiting": found.waiting,
            "checkpoint": found.last.map(|(head, _)| head.to_string()),
            "checkpoint_at": found.last.map(|(_, at)| at.timestamp().to_string()),
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
    writeln!(out, "Intact: {} rows are as they were sealed.", found.sealed)?;
    if found.waiting > 0 {
        writeln!(out, "{} lines wait for the sealer and are not covered yet.", found.waiting)?;
    }
    match found.last {
        Some((head, at)) => writeln!(out, "Last checkpoint, of {}:\n{head}", at.timestamp()),
        None => writeln!(out, "There is no checkpoint yet."),
    }
}
