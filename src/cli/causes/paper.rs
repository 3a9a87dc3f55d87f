//! The catalogue as a paper: `docs/CAUSES.md`.

use std::io::{self, Write};

use crate::domain::{cause::Cause, causes};

const HEAD: &str = "# Causes

What a check can find, what it means and how it is mended. `moxi-onboard causes --markdown > docs/CAUSES.md` writes
this page from the catalogue; a test fails when it is out of date. The staff site shows the same under \"Causes\".
Words in braces stand for the names of an attempt.
";

/// Prints the paper. Errs when `out` cannot be written to.
pub(super) fn print(out: &mut dyn Write) -> io::Result<()> {
    let all = causes::all().count();
    let told = causes::all().filter(|cause| cause.told.is_some()).count();
    let without = causes::all().filter(|cause| cause.scenarios.is_empty()).count();
    writeln!(out, "{HEAD}")?;
    writeln!(
        out,
        "{all} causes: {} are seen by the check and provoked in the tests, {told} are told by the administrator at a step of a \
         guide, {without} are without a scenario.",
        all - told - without
    )?;
    causes::all().try_for_each(|cause| entry(cause, out))
}

fn entry(cause: &Cause, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n\n`{}`", plain(cause.title), cause.id)?;
    reading(cause, out)?;
    if cause.own_server.is_some() {
        let own = cause.on(true);
        writeln!(out, "\n**On the office's own server: {}**", plain(own.title))?;
        reading(&own, out)?;
    }
    let Some(sign) = cause.told else {
        return writeln!(out, "\nProvoked by `{}`.", cause.scenarios.join("`, `"));
    };
    let places: Vec<String> =
        cause.told_at().map(|(kind, step)| format!("step `{step}` of the guide `{kind}`")).collect();
    writeln!(out, "\nTold by the administrator at {}: {}.", places.join(", "), plain(sign))
}

fn reading(cause: &Cause, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", plain(cause.meaning))?;
    for (at, mend) in cause.mend.iter().enumerate() {
        writeln!(out, "{}. {}", at + 1, plain(mend.text))?;
        if let Some(value) = mend.copy {
            writeln!(out, "\n   ```text\n   {value}\n   ```\n")?;
        }
        if let Some(command) = mend.command {
            writeln!(out, "\n   ```powershell")?;
            command.lines().try_for_each(|line| writeln!(out, "   {line}"))?;
            writeln!(out, "   ```\n")?;
        }
    }
    writeln!(out, "\nWho can mend it: {}. Waiting helps: {}.", cause.who.words(), cause.waits_words())
}

/// A text whose signs mean nothing but themselves.
fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#') {
            out.push('\\');
        }
        out.push(letter);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_says_what_the_catalogue_says() {
        let mut made = Vec::new();
        print(&mut made).expect("printed");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CAUSES.md");
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        // The whole of it would fill the screen.
        assert!(
            String::from_utf8_lossy(&made) == kept,
            "docs/CAUSES.md is out of date: run `cargo run -- causes --markdown > docs/CAUSES.md`"
        );
        assert!(kept.contains(" 0 are without a scenario."));
    }

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(plain("a_b <script> `x` [y](z)"), "a\\_b \\<script> \\`x\\` \\[y\\](z)");
    }
}
