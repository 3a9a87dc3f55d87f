//! `keys new` and `keys list`: the sealing keys of an installation.

use std::io::{self, Write};

use crate::{
    clock::{Clock, Randomness},
    vault::{
        KeyFileError,
        files::{Holds, KeyFiles},
        keyring::PublicKey,
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
    /// Make a new sealing key; makes all key files where there are none yet
    New,
    /// List the sealing keys with their fingerprints, and say whether the files belong together
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
        Command::New => new(files, clock, randomness, out),
        Command::List => list(files, randomness, out),
    }
}

fn new(
    files: &KeyFiles,
    clock: &Clock,
    randomness: &Randomness,
    out: &mut dyn Write,
) -> Result<(), KeysError> {
    if files.create_missing(clock.today(), randomness)? {
        writeln!(out, "Made new key files:")?;
        print(out, "current", files.read_public()?.current())?;
        writeln!(out)?;
        writeln!(
            out,
            "Keep a copy of the private key file offline: without it no credential can be opened."
        )?;
    } else {
        let key = files.add_current(clock.today(), randomness)?;
        writeln!(out, "Made a new key:")?;
        print(out, "current", &key)?;
        writeln!(out)?;
        writeln!(out, "1. Copy the private key file to every worker, and restart the workers.")?;
        writeln!(
            out,
            "2. Then copy the public key file to every portal and staff process, and restart those."
        )?;
        writeln!(out, "3. Keep a copy of the private key file offline. What was sealed before still opens.")?;
    }
    Ok(())
}

fn list(files: &KeyFiles, randomness: &Randomness, out: &mut dyn Write) -> Result<(), KeysError> {
    let holds = if files.private_keys.exists() { Holds::OpeningKeys } else { Holds::SealingKeys };
    let vault = files.open(holds, randomness)?;
    let keyring = vault.sealing.keyring();
    for (place, key) in keyring.all().enumerate() {
        print(out, if place == 0 { "current" } else { "older" }, key)?;
    }
    writeln!(out)?;
    writeln!(out, "Settings key {}.", vault.settings.id())?;
    match holds {
        Holds::OpeningKeys => {
            writeln!(out, "The private key file holds the other half of each of these keys.")?
        }
        Holds::SealingKeys => writeln!(out, "No private key file here: this process seals and cannot open.")?,
    }
    Ok(())
}

fn print(out: &mut dyn Write, standing: &str, key: &PublicKey) -> io::Result<()> {
    writeln!(out, "{standing:8} {}  made on {}", key.id(), key.made_on())?;
    writeln!(out, "         {}", key.fingerprint())
}
