//! What changed since the attempt before: in what was handed in, and in what came of it, step by step.

use crate::{
    actions::{
        cause_words::CauseWords,
        progress::{EndedStep, planned},
    },
    domain::{
        cause::Names,
        check::Outcome,
        credential::CredentialSettings,
        differences::{Difference, between},
        kind::AccessKind,
    },
};

/// The part of a page that tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http::pages) struct Changes {
    /// The number of the attempt before.
    pub(in crate::http::pages) since: i64,
    /// What was handed in otherwise.
    pub(in crate::http::pages) answers: Vec<Difference>,
    /// What came out otherwise, or still is as it was although it failed.
    pub(in crate::http::pages) steps: Vec<StepChange>,
}

/// How a step ended this time, and before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http::pages) struct StepChange {
    pub(in crate::http::pages) title: String,
    pub(in crate::http::pages) look: &'static str,
    pub(in crate::http::pages) words: String,
}

/// An attempt as it is compared: its number, its settings and the steps of its deciding check.
pub(in crate::http::pages) struct Compared<'a> {
    pub(in crate::http::pages) number: i64,
    pub(in crate::http::pages) settings: &'a CredentialSettings,
    pub(in crate::http::pages) steps: &'a [EndedStep],
}

impl Changes {
    /// Compares two attempts of one connection.
    pub(in crate::http::pages) fn of(kind: AccessKind, before: &Compared<'_>, now: &Compared<'_>) -> Self {
        // Without steps on both sides there is nothing to compare: it runs still, or its steps were deleted on time.
        let comparable = !before.steps.is_empty() && !now.steps.is_empty();
        let steps = if comparable { step_changes(kind, before.steps, now.steps) } else { Vec::new() };
        Self { since: before.number, answers: between(before.settings, now.settings), steps }
    }

    #[cfg(test)]
    pub(in crate::http::pages) fn sample(text: &str) -> Self {
        let answer = |what, before: Option<&str>, now: Option<&str>| Difference {
            what,
            before: before.map(str::to_owned),
            now: now.map(str::to_owned),
        };
        let step = |look, words: &str| StepChange { title: text.to_owned(), look, words: words.to_owned() };
        Self {
            since: 1,
            answers: vec![
                answer("Name of the app", Some(text), Some(text)),
                answer("Test mailbox", None, Some(text)),
                answer("Service account", Some(text), None),
            ],
            steps: vec![step("ok", "works now"), step("bad", text), step("", "was not reached this time")],
        }
    }
}

fn step_changes(kind: AccessKind, before: &[EndedStep], now: &[EndedStep]) -> Vec<StepChange> {
    let changed = |id: &str| {
        let find = |steps: &'_ [EndedStep]| steps.iter().find(|step| step.id == id).cloned();
        let (before, now) = (find(before), find(now));
        let (look, words) = change(before.as_ref(), now.as_ref())?;
        let title = now.or(before).map(|step| step.title)?;
        Some(StepChange { title, look, words })
    };
    planned(kind).iter().filter_map(|plan| changed(plan.id)).collect()
}

#[derive(PartialEq, Eq)]
enum End {
    Works,
    Fails,
    Away,
}

fn end(step: Option<&EndedStep>) -> End {
    match step.map(|step| step.outcome) {
        Some(Outcome::Passed | Outcome::Warning) => End::Works,
        Some(Outcome::Failed) => End::Fails,
        Some(Outcome::Skipped) | None => End::Away,
    }
}

/// How a step's end differs; `None` where there is nothing to tell.
fn change(before: Option<&EndedStep>, now: Option<&EndedStep>) -> Option<(&'static str, String)> {
    let title = |step: Option<&EndedStep>| match step.and_then(|step| step.cause.as_ref()) {
        Some(cause) => format!(": {}", CauseWords::of(Some(cause), &Names::default()).title),
        None => String::new(),
    };
    let cause = |step: Option<&EndedStep>| step.and_then(|step| step.cause.clone());
    Some(match (end(before), end(now)) {
        (End::Works, End::Works) | (End::Away, End::Away) => return None,
        (End::Fails, End::Works) => ("ok", "works now".to_owned()),
        (End::Away, End::Works) => ("ok", "is reached now, and works".to_owned()),
        (End::Works, End::Fails) => ("bad", format!("worked before and fails now{}", title(now))),
        (End::Away, End::Fails) => ("bad", format!("is reached now, and fails{}", title(now))),
        (End::Fails, End::Fails) if cause(before) == cause(now) => {
            ("bad", format!("still fails{}", title(now)))
        }
        (End::Fails, End::Fails) => ("bad", format!("fails of something else now{}", title(now))),
        (End::Works | End::Fails, End::Away) => ("", "was not reached this time".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{actions::progress::StepNotes, domain::check::CauseId};

    fn step(outcome: Outcome, cause: Option<&'static str>) -> EndedStep {
        EndedStep {
            seq: 1,
            id: "sign_in".to_owned(),
            title: "Sign in".to_owned(),
            outcome,
            elapsed: Duration::ZERO,
            cause: cause.map(CauseId::known),
            notes: StepNotes::default(),
        }
    }

    fn words(before: Option<EndedStep>, now: Option<EndedStep>) -> Option<String> {
        change(before.as_ref(), now.as_ref()).map(|(_, words)| words)
    }

    #[test]
    fn a_step_tells_how_it_ended_otherwise() {
        let (works, fails) =
            (|| Some(step(Outcome::Passed, None)), |id| Some(step(Outcome::Failed, Some(id))));
        assert_eq!(words(works(), works()), None);
        assert_eq!(words(fails("client_secret_invalid"), works()).as_deref(), Some("works now"));
        assert_eq!(words(None, works()).as_deref(), Some("is reached now, and works"));
        let still = words(fails("client_secret_invalid"), fails("client_secret_invalid"));
        assert_eq!(still.as_deref(), Some("still fails: The client secret is not the right one"));
        let other = words(fails("client_secret_invalid"), fails("client_secret_expired"));
        assert_eq!(other.as_deref(), Some("fails of something else now: The client secret has ended"));
        assert_eq!(
            words(works(), Some(step(Outcome::Skipped, None))).as_deref(),
            Some("was not reached this time")
        );
    }
}
