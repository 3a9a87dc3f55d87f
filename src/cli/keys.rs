//! `keys new` and `keys list`: the keys of an installation.

use std::{
    io::{self, Write},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use jiff::civil::Date;

use crate::{
    clock::{Clock, Randomness},
    vault::{
        KeyFileError,
        files::{Holds, KeyFiles},
        keyring::{KeyId, PublicKey},
    },
};

/// The arguments of `keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a new sealing key; makes the files that an installation lacks first. No file is ever overwritten with
    /// another's key: what was sealed before still opens
    New {
        /// Make a new audit key instead; what the one before signed still verifies
        #[arg(long)]
        audit: bool,
    },
    /// List every key: kind, id, when it was made, which is current, who may read its file. Says whether the files
    /// belong together
    List,
}

/// Why the command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Something is wrong with the key files.
    #[error(transparent)]
    Files(#[from] KeyFileError),
    /// The answer could not be printed.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Runs the command against these files and prints to `out`. No key is ever printed, only fingerprints.
///
/// Errs when the files are missing, damaged, readable by others, or do not belong together.
pub fn run(
    args: &Args,
    files: &KeyFiles,
    clock: &Clock,
    randomness: &Randomness,
    out: &mut dyn Write,
) -> Result<(), KeysError> {
    match args.command {
        Command::New { audit } => new(audit, files, clock.today(), randomness, out),
        Command::List => list(files, randomness, out),
    }
}

fn new(
    audit: bool,
    files: &KeyFiles,
    today: Date,
    randomness: &Randomness,
    out: &mut dyn Write,
) -> Result<(), KeysError> {
    let sealing = files.create_missing_sealing(today, randomness)?;
    let signing = files.create_missing_audit(today, randomness)?;
    match (sealing, signing) {
        (true, _) => first(files, out),
        (false, true) => {
            writeln!(out, "Made the audit key, which this installation lacked:")?;
            print_audit(files, out)?;
            writeln!(
                out,
                "\nCopy {} to a worker, and restart it: it seals the audit.",
                files.audit_key.display()
            )?;
            Ok(())
        }
        (false, false) if audit => renewed_audit(files, today, randomness, out),
        (false, false) => renewed(files, today, randomness, out),
    }
}

fn first(files: &KeyFiles, out: &mut dyn Write) -> Result<(), KeysError> {
    writeln!(out, "Made new key files:")?;
    print(out, "current", files.read_public()?.current())?;
    print_audit(files, out)?;
    writeln!(out)?;
    writeln!(out, "Keep a copy of the private key file offline: without it no credential can be opened.")?;
    Ok(())
}

fn renewed(
    files: &KeyFiles,
    today: Date,
    randomness: &Randomness,
    out: &mut dyn Write,
) -> Result<(), KeysError> {
    let key = files.add_current(today, randomness)?;
    writeln!(out, "Made a new key:")?;
    print(out, "current", &key)?;
    writeln!(out)?;
    writeln!(out, "1. Copy the private key file to every worker, and restart the workers.")?;
    writeln!(out, "2. Then copy the public key file to every portal and staff process, and restart those.")?;
    writeln!(out, "3. Keep a copy of the private key file offline. What was sealed before still opens.")?;
    Ok(())
}

fn renewed_audit(
    files: &KeyFiles,
    today: Date,
    randomness: &Randomness,
    out: &mut dyn Write,
) -> Result<(), KeysError> {
    let key = files.renew_audit(today, randomness)?;
    writeln!(out, "Made a new audit key:")?;
    line(out, "audit", "current", key.id(), key.made_on())?;
    writeln!(out)?;
    writeln!(out, "1. Copy the file of public audit keys to whoever verifies the audit.")?;
    writeln!(out, "2. Copy the audit key file to the workers that hold one, and restart them.")?;
    writeln!(out, "What the key before it signed still verifies.")?;
    Ok(())
}

fn list(files: &KeyFiles, randomness: &Randomness, out: &mut dyn Write) -> Result<(), KeysError> {
    let holds = if files.private_keys.exists() { Holds::OpeningKeys } else { Holds::SealingKeys };
    let vault = files.open(holds, randomness)?;
    let keyring = vault.sealing.keyring();
    for (place, key) in keyring.all().enumerate() {
        print(out, if place == 0 { "current" } else { "older" }, key)?;
    }
    line(out, "settings", "current", vault.settings.id(), files.settings_made_on()?)?;
    print_audit(files, out)?;
    writeln!(out)?;
    for (what, path) in [
        ("public sealing keys", &files.public_keys),
        ("private sealing keys", &files.private_keys),
        ("settings key", &files.settings_key),
        ("private audit key", &files.audit_key),
        ("public audit keys", &files.audit_public_keys),
    ] {
        writeln!(out, "{what:20}  {}  {}", permissions(path), path.display())?;
    }
    writeln!(out)?;
    match holds {
        Holds::OpeningKeys => {
            writeln!(out, "The private key file holds the other half of each of these keys.")?
        }
        Holds::SealingKeys => writeln!(out, "No private key file here: this process seals and cannot open.")?,
    }
    Ok(())
}

/// The permission bits of a file, or that it is not here.
fn permissions(path: &Path) -> String {
    match path.metadata() {
        Ok(about) => format!("{:04o}    ", about.mode() & 0o7777),
        Err(_) => "not here".to_owned(),
    }
}

fn print(out: &mut dyn Write, standing: &str, key: &PublicKey) -> io::Result<()> {
    line(out, "sealing", standing, key.id(), key.made_on())?;
    writeln!(out, "                   {}", key.fingerprint())
}

/// The audit keys, as far as this machine knows them.
fn print_audit(files: &KeyFiles, out: &mut dyn Write) -> Result<(), KeysError> {
    if !files.audit_public_keys.exists() {
        writeln!(out, "audit    none here: `keys new` makes one on the worker's machine")?;
        return Ok(());
    }
    for (place, key) in files.read_audit_public()?.all().enumerate() {
        let standing = if place == 0 { "current" } else { "older" };
        line(out, "audit", standing, key.id(), key.made_on())?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, kind: &str, standing: &str, id: KeyId, made_on: Date) -> io::Result<()> {
    writeln!(out, "{kind:8} {standing:8} {id}  made on {made_on}")
}
