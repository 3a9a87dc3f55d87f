//! `causes`: the catalogue of what can be wrong, for people and for machines.

mod paper;

use std::io::{self, Write};

use crate::domain::{
    cause::{Cause, Mend, Who},
    causes,
};

/// The arguments of `causes`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON list instead of text
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the paper `docs/CAUSES.md` instead of text
    #[arg(long)]
    markdown: bool,
}

/// An entry as machines read it.
#[derive(serde::Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    mend: &'static [Mend],
    who: Who,
    waits: &'static str,
    renew: bool,
    /// Who sees it: a check, or an administrator who tells it at a step of a guide.
    seen_by: &'static str,
    scenarios: &'static [&'static str],
    /// How it reads where the server is the customer's own; left out where it reads the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_server: Option<OnOwnServer>,
}

/// The part of an entry that differs there.
#[derive(serde::Serialize)]
struct OnOwnServer {
    title: &'static str,
    meaning: &'static str,
    mend: &'static [Mend],
    who: Who,
}

impl From<&'static Cause> for Entry {
    fn from(cause: &'static Cause) -> Self {
        Self {
            id: cause.id,
            title: cause.title,
            meaning: cause.meaning,
            mend: cause.mend,
            who: cause.who,
            waits: cause.waits_words(),
            renew: cause.renew,
            seen_by: if cause.told.is_some() { "administrator" } else { "check" },
            scenarios: cause.scenarios,
            own_server: cause.own_server.map(|own| OnOwnServer {
                title: own.title,
                meaning: own.meaning,
                mend: own.mend,
                who: own.who,
            }),
        }
    }
}

/// Prints the catalogue to `out`. Errs when that cannot be written to.
pub fn run(args: &Args, out: &mut dyn Write) -> io::Result<()> {
    if args.json {
        let entries: Vec<Entry> = causes::all().map(Entry::from).collect();
        return writeln!(out, "{}", serde_json::to_string_pretty(&entries)?);
    }
    if args.markdown {
        return paper::print(out);
    }
    for cause in causes::all() {
        print(cause, out)?;
    }
    Ok(())
}

fn print(cause: &Cause, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", cause.id)?;
    print_reading(cause, out)?;
    if cause.own_server.is_some() {
        writeln!(out, "  On your own Exchange server:")?;
        print_reading(&cause.on(true), out)?;
    }
    writeln!(out)
}

fn print_reading(cause: &Cause, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {}\n  {}", cause.title, cause.meaning)?;
    for (at, mend) in cause.mend.iter().enumerate() {
        writeln!(out, "  {}. {}", at + 1, mend.text)?;
        for line in mend.copy.iter().chain(&mend.command).flat_map(|text| text.lines()) {
            writeln!(out, "       {line}")?;
        }
    }
    writeln!(out, "  Who can mend it: {}. Waiting helps: {}.", cause.who.words(), cause.waits_words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_read_every_entry_whole() {
        let mut out = Vec::new();
        run(&Args { json: true, markdown: false }, &mut out).expect("printed");
        let list: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let entries = list.as_array().expect("a list");
        assert_eq!(entries.len(), causes::all().count());
        let keys = ["id", "meaning", "mend", "renew", "scenarios", "seen_by", "title", "waits", "who"];
        for entry in entries {
            let entry = entry.as_object().expect("an object");
            let named = entry.keys().map(String::as_str).filter(|key| *key != "own_server");
            assert_eq!(named.collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn people_read_every_title() {
        let mut out = Vec::new();
        run(&Args { json: false, markdown: false }, &mut out).expect("printed");
        let text = String::from_utf8(out).expect("text");
        assert!(causes::all().all(|cause| text.contains(cause.title) && text.contains(cause.id)));
    }
}
