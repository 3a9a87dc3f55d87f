//! A roster on a terminal, and as JSON.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use serde_json::{Value, json};

use super::results::Told;
use crate::{
    cli::check::{
        ending::{Ending, works},
        print::{Live, print_cause, report_json, verdict},
    },
    domain::{
        cause::{Cause, Names, fill},
        causes,
        check::{Report, Verdict},
    },
};

/// So many addresses of a group are printed; the results file and the JSON have all.
const SHOWN: usize = 10;

/// What will be done.
pub(super) fn opening(
    left: usize,
    before: usize,
    bad: usize,
    at_once: usize,
    live: &Live<'_, '_>,
) -> io::Result<()> {
    live.says(&format!("{left} mailboxes, {at_once} at the same time, after one sign-in."))?;
    if before > 0 {
        live.says(&format!("{before} passed in an earlier run and are not checked again."))?;
    }
    if bad > 0 {
        live.says(&format!("{bad} lines of the table cannot be used and are left out."))?;
    }
    live.says("")
}

/// One mailbox, and how far the roster is.
pub(super) fn visited(
    told: &Told,
    (count, wanted): (usize, usize),
    elapsed: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sign = match told.verdict {
        Verdict::Passed => '✓',
        Verdict::PassedWithWarnings => '!',
        Verdict::Failed => '✗',
        Verdict::WaitingForProvider | Verdict::CouldNotTell => '?',
    };
    let place = format!("[{count} of {wanted}{}]", left(count, wanted, elapsed));
    write!(out, "{sign} {:<44} {place}", told.mailbox)?;
    if let Some(cause) = told.cause.as_deref().and_then(causes::find) {
        write!(out, "  {}", title(cause))?;
    }
    writeln!(out)?;
    out.flush()
}

/// About how long the rest takes, at the pace so far; nothing before there is a pace.
fn left(count: usize, wanted: usize, elapsed: Duration) -> String {
    if count < 5 || count >= wanted {
        return String::new();
    }
    let rest = elapsed.as_secs_f64() / count as f64 * (wanted - count) as f64;
    match rest {
        rest if rest < 60.0 => format!(", about {} s left", rest.ceil()),
        rest if rest < 5400.0 => format!(", about {} min left", (rest / 60.0).ceil()),
        rest => format!(", about {} h left", (rest / 3600.0).ceil()),
    }
}

/// What came of the whole.
pub(super) struct Summary {
    /// The report of the sign-in.
    pub(super) door: Report,
    /// What came of each mailbox of this run.
    pub(super) done: Vec<Told>,
    /// Those that passed in an earlier run.
    pub(super) before: usize,
    /// Those that this run had to check.
    pub(super) wanted: usize,
    /// How long it took.
    pub(super) elapsed: Duration,
}

impl Summary {
    /// The worst there is decides: the sign-in, then any mailbox that does not work, then any that nobody can tell of.
    fn verdict(&self) -> Verdict {
        let is = |verdict| self.done.iter().any(|told| told.verdict == verdict);
        match self.door.verdict {
            door if !works(door) => door,
            _ if is(Verdict::Failed) => Verdict::Failed,
            _ if is(Verdict::WaitingForProvider) => Verdict::WaitingForProvider,
            _ if is(Verdict::CouldNotTell) || self.done.len() < self.wanted => Verdict::CouldNotTell,
            Verdict::PassedWithWarnings => Verdict::PassedWithWarnings,
            _ if is(Verdict::PassedWithWarnings) => Verdict::PassedWithWarnings,
            _ => Verdict::Passed,
        }
    }

    /// How the command ends.
    pub(super) fn ending(&self) -> Ending {
        Ending::of(self.verdict())
    }

    /// Those that did not pass, by cause; the largest group first.
    fn groups(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for told in self.done.iter().filter(|told| !works(told.verdict)) {
            groups
                .entry(told.cause.as_deref().unwrap_or("unknown_response"))
                .or_default()
                .push(&told.mailbox);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        for (_, mailboxes) in &mut groups {
            mailboxes.sort_unstable();
        }
        groups.sort_by_key(|(_, mailboxes)| std::cmp::Reverse(mailboxes.len()));
        groups
    }

    /// For people.
    pub(super) fn text(&self, names: &Names, out: &mut dyn Write) -> io::Result<()> {
        if !works(self.door.verdict) {
            return verdict(&self.door, names, out);
        }
        let good = self.done.iter().filter(|told| works(told.verdict)).count();
        let bad = self.done.len() - good;
        let seconds = self.elapsed.as_secs_f64();
        writeln!(out, "\n{} mailboxes in {seconds:.1} s: {good} work, {bad} do not.", self.done.len())?;
        if self.done.len() < self.wanted {
            let open = self.wanted - self.done.len();
            writeln!(out, "Stopped: {open} were not checked. Run it again with the same --results file.")?;
        }
        for (id, mailboxes) in self.groups() {
            self.group(id, &mailboxes, names, out)?;
        }
        for id in &self.door.warnings {
            if let Some(cause) = causes::find(id.as_str()) {
                print_cause(&cause.on(names.own_server), names, out)?;
            }
        }
        Ok(())
    }

    fn group(&self, id: &str, mailboxes: &[&str], names: &Names, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "\n{} of {}:", mailboxes.len(), self.done.len())?;
        match causes::find(id) {
            Some(cause) => {
                let first = mailboxes.first().copied().unwrap_or_default();
                let names = names.clone().for_one_of_many(first);
                print_cause(&cause.on(names.own_server), &names, out)?;
            }
            None => writeln!(out, " {id}")?,
        }
        for mailbox in mailboxes.iter().take(SHOWN) {
            writeln!(out, "   {mailbox}")?;
        }
        if mailboxes.len() > SHOWN {
            writeln!(out, "   and {} more", mailboxes.len() - SHOWN)?;
        }
        Ok(())
    }

    /// For programs.
    pub(super) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let groups: Vec<Value> = self
            .groups()
            .into_iter()
            .map(|(id, mailboxes)| {
                let title = causes::find(id).map(title);
                json!({ "cause": id, "title": title, "count": mailboxes.len(), "mailboxes": mailboxes })
            })
            .collect();
        let verdict = self.verdict();
        let worst = (!works(verdict)).then(|| groups.first().map(|group| group["cause"].clone())).flatten();
        let cause = self.door.cause.as_ref().map(|cause| json!(cause)).or(worst);
        let all = json!({
            "verdict": verdict,
            "cause": cause,
            "sign_in": report_json(&self.door),
            "wanted": self.wanted,
            "checked": self.done.len(),
            "passed_before": self.before,
            "elapsed_ms": u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            "groups": groups,
            "mailboxes": self.done,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)
    }
}

/// The title of a cause as it reads of a mailbox out of a list.
fn title(cause: &Cause) -> String {
    fill(cause.title, &Names::default().for_one_of_many(""))
}
