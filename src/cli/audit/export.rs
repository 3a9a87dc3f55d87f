//! `audit verify --export`: a file that was taken from the audit, held against the public keys, on any machine.

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::Path,
    process::ExitCode,
};

use serde_json::json;

use super::{
    exit::{self, Stopped},
    words::{NOT_PROVEN, NOTHING_KEPT},
};
use crate::{
    actions::verify_export::{Part, VerifiedExport, verify_export},
    domain::audit::Checkpoint,
    vault::files::audit_public_keys,
};

/// Bytes that are read at a time.
const READ: usize = 1 << 16;

/// What stands in a file for people and is no part of the chain.
const NOT_SEALED: &str = "The names beside the ids are for reading. They are not sealed.";

/// Verifies and prints.
pub(super) fn run(file: &Path, keys: &Path, kept: &[Checkpoint], json: bool) -> ExitCode {
    match verified(file, keys, kept) {
        Ok(found) => match print(&found, kept, json, &mut io::stdout()) {
            Ok(()) if found.found.wrong.is_some() => ExitCode::FAILURE,
            Ok(()) if !found.is_proven() => ExitCode::from(NOT_PROVEN),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => exit::told(&format!("the answer cannot be written: {error}")),
        },
        Err(stopped) => exit::from(Err(stopped)),
    }
}

fn verified(file: &Path, keys: &Path, kept: &[Checkpoint]) -> Result<VerifiedExport, Stopped> {
    let keys = audit_public_keys(keys).map_err(|error| Stopped::usage(error.to_string()))?;
    let name = file.display();
    let open = File::open(file).map_err(|error| Stopped::usage(format!("{name}: {error}")))?;
    verify_export(BufReader::with_capacity(READ, open), &keys, kept)
        .map_err(|unreadable| Stopped::usage(format!("{name}, {unreadable}")))
}

fn print(export: &VerifiedExport, kept: &[Checkpoint], json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", machine(export));
    }
    let found = &export.found;
    if let Some(wrong) = &found.wrong {
        writeln!(out, "NOT INTACT, line {}: {wrong}.", export.line)?;
        if export.part.is_none() {
            writeln!(out, "{}", found.proven())?;
        }
        return Ok(());
    }
    if let Some(part) = &export.part {
        said(part, out)?;
    } else {
        let verdict = if export.is_proven() { "Intact" } else { "NOT PROVEN TO ITS END" };
        writeln!(out, "{verdict}: {} rows are as they were sealed.", found.sealed)?;
    }
    if found.waiting > 0 {
        writeln!(
            out,
            "{} lines were not sealed yet when the file was taken. Nothing proves them: whoever held the file could \
             have written them.",
            found.waiting
        )?;
    }
    writeln!(out, "Taken, as the file says: {}", export.taken.timestamp())?;
    match found.last {
        Some((head, at)) => writeln!(out, "Last checkpoint, of {}:\n{head}", at.timestamp())?,
        None => writeln!(out, "No signed checkpoint is in it, so nothing of it is proven.")?,
    }
    if export.part.is_none() && !export.tells_of_itself {
        writeln!(
            out,
            "The line that tells of this file is not sealed in it: no sealer ran then, or its end was cut off."
        )?;
    }
    let end = found.last.map_or(0, |(head, _)| head.seq);
    if export.part.is_none() && kept.iter().all(|kept| kept.seq < end) {
        writeln!(out, "{NOTHING_KEPT}")?;
    }
    writeln!(out, "{NOT_SEALED}")
}

/// How far a part of the audit is proven.
fn said(part: &Part, out: &mut dyn Write) -> io::Result<()> {
    let Part { proven, own, unmet, ended, chosen } = part;
    match ended {
        Some(why) => writeln!(out, "This export is not whole. It says of itself: {why:?}.")?,
        None => writeln!(
            out,
            "This export is a selection, not the whole audit: what was left out, nobody can tell from it."
        )?,
    }
    writeln!(out, "{proven} rows are as they were sealed, up to a signed checkpoint or one that was kept.")?;
    if *own > 0 && *chosen {
        writeln!(
            out,
            "{own} rows match their own hash, and the rows that tie them to a checkpoint are not in it: that finds a slip, \
             not somebody who calculated the hash anew, and proves no row's number."
        )?;
    } else if *own > 0 {
        writeln!(
            out,
            "{own} rows behind them fit the chain, and the checkpoint that covers them is not in it."
        )?;
    }
    if *unmet > 0 {
        writeln!(out, "Kept checkpoints of rows that are not in it: {unmet}.")?;
    }
    Ok(())
}

fn machine(export: &VerifiedExport) -> serde_json::Value {
    let VerifiedExport { found, line, taken, tells_of_itself, part } = export;
    let intact = if found.wrong.is_some() { Some(false) } else { export.is_proven().then_some(true) };
    json!({
        "intact": intact,
        "sealed": found.sealed,
        "waiting": found.waiting,
        "taken_at": taken.timestamp().to_string(),
        "tells_of_itself": tells_of_itself,
        "checkpoint": found.last.map(|(head, _)| head.to_string()),
        "checkpoint_at": found.last.map(|(_, at)| at.timestamp().to_string()),
        "part": part.as_ref().map(|part| json!({
            "selection": part.chosen,
            "proven": part.proven,
            "own_hash_only": part.own,
            "kept_checkpoints_not_in_it": part.unmet,
            "ended": part.ended,
        })),
        "not_sealed": ["name"],
        "wrong": found.wrong.as_ref().map(|wrong| json!({
            "kind": wrong.word(),
            "row": wrong.seq(),
            "line": line,
            "text": wrong.to_string(),
        })),
    })
}
