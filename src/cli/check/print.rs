//! A check as a tree on a terminal, and as JSON.

use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::InputProblem;
use crate::{
    domain::{
        cause::{Cause, Names, fill, fill_command},
        causes,
        check::{Outcome, Report, Step, Verdict},
        shell,
    },
    verification::{Observer, SignInDenied},
};

/// Prints each step as it ends.
pub(super) struct Live<'a, 'b> {
    out: &'a Mutex<&'b mut (dyn Write + Send)>,
    shown: bool,
}

impl<'a, 'b> Live<'a, 'b> {
    pub(super) const fn new(out: &'a Mutex<&'b mut (dyn Write + Send)>, shown: bool) -> Self {
        Self { out, shown }
    }
}

impl Live<'_, '_> {
    /// Prints a line. Errs when the terminal has gone away.
    pub(super) fn says(&self, line: &str) -> io::Result<()> {
        writeln!(self.out.lock().unwrap_or_else(PoisonError::into_inner), "{line}")
    }
}

#[async_trait]
impl Observer for Live<'_, '_> {
    async fn step_ended(&self, _seq: usize, step: &Step) {
        if self.shown {
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            // A terminal that has gone away stops no check; the verdict's own print reports it.
            let _ = print_step(step, &mut **out).and_then(|()| out.flush());
        }
    }

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        Ok(())
    }

    async fn sign_in_answered(&self, _accepted: bool) {}
}

fn print_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let sign = match step.outcome {
        Outcome::Passed => '✓',
        Outcome::Warning => '!',
        Outcome::Failed => '✗',
        Outcome::Skipped => '–',
    };
    let seconds = format!("{:.2} s", step.elapsed.as_secs_f64());
    let time = if step.outcome == Outcome::Skipped { "skipped" } else { &seconds };
    writeln!(out, "{sign} {:<52} {time:>9}", step.title)?;
    if matches!(step.outcome, Outcome::Passed | Outcome::Skipped) {
        return Ok(());
    }
    for title in step.cause.iter().filter_map(|id| causes::find(id.as_str())).map(|cause| cause.title) {
        writeln!(out, "    {title}")?;
    }
    for fact in &step.facts {
        writeln!(out, "    {}: {}", fact.label, fact.value)?;
    }
    if let Some(words) = &step.words {
        writeln!(out, "    \"{words}\"")?;
    }
    Ok(())
}

/// Prints the verdict, and for each cause what it means and how it is mended.
pub(super) fn verdict(report: &Report, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    let words = match report.verdict {
        Verdict::Passed => "Passed: MoxiEngage can work with this credential.",
        Verdict::PassedWithWarnings => "Passed, with something to mend:",
        Verdict::Failed => "Failed:",
        Verdict::WaitingForProvider => "Waiting for the provider:",
        Verdict::CouldNotTell => "Could not tell:",
    };
    writeln!(out, "\n{words}")?;
    if report.credential_accepted && report.verdict == Verdict::Failed {
        writeln!(out, "✓ The credential itself was accepted.")?;
    }
    for id in report.cause.iter().chain(&report.warnings) {
        match causes::find(id.as_str()) {
            Some(cause) => print_cause(&cause.on(names.own_server), names, out)?,
            None => writeln!(out, "{id}")?,
        }
    }
    Ok(())
}

/// Prints a cause with its meaning and mend.
pub(super) fn print_cause(cause: &Cause, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{} ({})", fill(cause.title, names), cause.id)?;
    writeln!(out, "{}", fill(cause.meaning, names))?;
    let mut told = shell::Told::default();
    for (at, mend) in cause.steps(names).enumerate() {
        writeln!(out, "{}. {}", at + 1, fill(mend.text, names))?;
        if let Some(value) = mend.copy {
            writeln!(out, "     {}", fill(value, names))?;
        }
        if let Some(command) = mend.command {
            let whole = told.before(command, names.own_server) + &fill_command(command, names);
            for line in whole.lines() {
                writeln!(out, "     {line}")?;
            }
        }
    }
    writeln!(out, "Who can mend it: {}. Waiting helps: {}.", cause.who.words(), cause.waits_words())
}

/// Prints the report as one JSON object.
pub(super) fn json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(&report_json(report))?)
}

/// Prints the same of a slip in the input file, with the line that it stands in.
pub(super) fn slip_json(report: &Report, slip: &InputProblem, out: &mut dyn Write) -> io::Result<()> {
    let mut whole = report_json(report);
    whole["problem"] = json!(slip.to_string());
    writeln!(out, "{}", serde_json::to_string_pretty(&whole)?)
}

/// The report as a JSON object.
pub(super) fn report_json(report: &Report) -> Value {
    let steps: Vec<Value> = report.steps.iter().map(step_json).collect();
    // A program that knows only `cause` learns of a warning, too.
    json!({
        "verdict": report.verdict.as_str(),
        "cause": report.cause.as_ref().or(report.warnings.first()),
        "warnings": report.warnings,
        "steps": steps,
    })
}

fn step_json(step: &Step) -> Value {
    json!({
        "id": step.id,
        "title": step.title,
        "outcome": step.outcome,
        "elapsed_ms": u64::try_from(step.elapsed.as_millis()).unwrap_or(u64::MAX),
        "cause": step.cause,
        "facts": step.facts,
        "words": step.words,
    })
}
