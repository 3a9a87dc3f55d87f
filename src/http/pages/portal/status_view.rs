//! What the page of a connection says, from how the connection stands. Pure: the handler reads, this words.

use std::time::Duration;

use crate::{
    actions::{
        cause_words::CauseWords,
        left_items::StillThere,
        progress::{EndedStep, planned},
    },
    domain::{
        cause::Names,
        check::{CauseId, Check, Fact, Origin, Outcome, Verdict},
        check_reason::CheckReason,
        connection::{Connection, Phase, State},
        instant::Instant,
        kind::AccessKind,
    },
};

/// A point in time for machines and for people.
#[derive(Default)]
pub(in crate::http::pages) struct Moment {
    pub(in crate::http::pages) machine: String,
    pub(in crate::http::pages) words: String,
}

impl Moment {
    pub(in crate::http::pages) fn of(at: Instant) -> Self {
        Self { machine: at.rfc3339(), words: at.words() }
    }
}

/// A test entry of ours that may still be in a mailbox.
pub(in crate::http::pages) struct LeftView {
    pub(in crate::http::pages) thing: &'static str,
    pub(in crate::http::pages) mailbox: String,
    pub(in crate::http::pages) since: Moment,
    /// Whether we still try to remove it.
    pub(in crate::http::pages) tried: bool,
}

impl LeftView {
    pub(in crate::http::pages) fn of(left: StillThere) -> Self {
        Self { thing: left.thing, mailbox: left.mailbox, since: Moment::of(left.since), tried: left.tried }
    }
}

/// A step of the check as the list shows it.
pub(in crate::http::pages) struct StepView {
    pub(in crate::http::pages) id: String,
    pub(in crate::http::pages) title: String,
    /// `passed`, `warning`, `failed`, `skipped`, `running`, `waiting`.
    pub(in crate::http::pages) look: &'static str,
    pub(in crate::http::pages) time: String,
    /// Whether there is more to read, and whether it is open from the start.
    pub(in crate::http::pages) has_more: bool,
    pub(in crate::http::pages) open: bool,
    pub(in crate::http::pages) trouble: String,
    pub(in crate::http::pages) facts: Vec<Fact>,
    pub(in crate::http::pages) words: Option<String>,
}

impl StepView {
    /// A step that ended.
    pub(in crate::http::pages) fn ended(step: &EndedStep, open: bool, trouble: String) -> Self {
        let words = step.notes.words.clone().filter(|words| !words.is_empty());
        Self {
            id: step.id.clone(),
            title: step.title.clone(),
            look: look(step.outcome),
            time: if step.outcome == Outcome::Skipped { String::new() } else { time_words(step.elapsed) },
            has_more: !step.notes.facts.is_empty() || words.is_some() || !trouble.is_empty(),
            open,
            trouble,
            facts: step.notes.facts.clone(),
            words,
        }
    }

    fn coming(id: &str, title: &str, look: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            look,
            time: String::new(),
            has_more: false,
            open: false,
            trouble: String::new(),
            facts: Vec::new(),
            words: None,
        }
    }
}

/// The word for an outcome, by which pages choose sign and colour.
pub(in crate::http::pages) const fn look(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Warning => "warning",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
    }
}

/// "0.3 s": tenths below ten seconds, whole seconds from there.
pub(in crate::http::pages) fn time_words(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    match seconds {
        _ if seconds < 0.1 => "under 0.1 s".to_owned(),
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        _ => format!("{seconds:.0} s"),
    }
}

/// The steps of a check in the order of the plan: what ended with its time, then what runs, then what waits.
///
/// `trouble` words the cause of a step. The first step that carries `blamed` is open from the start; what the server
/// said there stands further down, ready to be copied.
pub(in crate::http::pages) fn steps(
    kind: AccessKind,
    check: &Check,
    ended: &[EndedStep],
    blamed: Option<&str>,
    trouble: impl Fn(&EndedStep) -> String,
) -> Vec<StepView> {
    let runs = check.run > 0 && check.verdict.is_none();
    let mut next = if runs { "running" } else { "waiting" };
    let mut blamed = blamed;
    planned(kind)
        .iter()
        .map(|plan| match ended.iter().find(|step| step.id == plan.id) {
            Some(step) => {
                let is_blamed = blamed.is_some_and(|blamed| is_to_blame(step, blamed));
                let view = StepView::ended(step, is_blamed, trouble(step));
                if is_blamed {
                    blamed = None;
                    return StepView { words: None, ..view };
                }
                view
            }
            None if check.verdict.is_some() => StepView::coming(plan.id, plan.title, "skipped"),
            None => StepView::coming(plan.id, plan.title, std::mem::replace(&mut next, "waiting")),
        })
        .collect()
}

/// The steps of a failed check in two lists: what worked, and the rest. Of any other check there is one.
pub(in crate::http::pages) fn parted(failed: bool, all: Vec<StepView>) -> (Vec<StepView>, Vec<StepView>) {
    all.into_iter().partition(|step| failed && matches!(step.look, "passed" | "warning"))
}

/// The steps of a check that ended in two lists: those that were never tried, and the rest.
pub(in crate::http::pages) fn untried(all: Vec<StepView>) -> (Vec<StepView>, Vec<StepView>) {
    all.into_iter().partition(|step| step.look == "skipped" && !step.open)
}

/// What the page says of a check that our own people asked for.
pub(in crate::http::pages) fn asked_by_us(check: &Check) -> Option<&'static str> {
    if check.origin == Origin::ByHand {
        return Some("Our people looked at what the check found and decided this by hand.");
    }
    if check.origin != Origin::Staff {
        return None;
    }
    Some(match check.reason {
        Some(CheckReason::Mended) => {
            "Our people had this checked again, because you told them that it is mended. If the provider needs time to apply the change, we wait for it."
        }
        Some(CheckReason::OurSide) => {
            "Our people had this checked again, because something on our side is mended."
        }
        Some(CheckReason::Look) | None => "Our people had this checked again, to see how it stands.",
    })
}

/// What is wrong with a step, in words; empty where nothing is.
pub(in crate::http::pages) fn trouble(step: &EndedStep, names: &Names) -> String {
    let told = step.outcome == Outcome::Failed || step.outcome == Outcome::Warning;
    match &step.cause {
        Some(cause) if told => CauseWords::of(Some(cause), names).title,
        _ => String::new(),
    }
}

/// What the server said in the step that is to blame: the first of the plan, for steps that run at the same time end in
/// any order.
pub(in crate::http::pages) fn server_words(
    kind: AccessKind,
    ended: &[EndedStep],
    blamed: Option<&str>,
) -> Option<String> {
    let place = |step: &&EndedStep| planned(kind).iter().position(|plan| plan.id == step.id);
    let failed = ended.iter().filter(|step| blamed.is_some_and(|blamed| is_to_blame(step, blamed)));
    failed.min_by_key(place)?.notes.words.clone().filter(|words| !words.is_empty())
}

/// What each step found, and learned.
pub(in crate::http::pages) fn facts(
    ended: &[EndedStep],
) -> impl Iterator<Item = (Option<&CauseId>, &[Fact])> {
    ended.iter().map(|step| (step.cause.as_ref(), step.notes.facts.as_slice()))
}

/// Whether a step failed of this cause.
fn is_to_blame(step: &EndedStep, cause: &str) -> bool {
    step.outcome == Outcome::Failed && step.cause.as_ref().is_some_and(|found| found.as_str() == cause)
}

/// The heading, the sentence beneath it, and the tag.
pub(in crate::http::pages) struct Headline {
    pub(in crate::http::pages) h1: String,
    pub(in crate::http::pages) lede: String,
    pub(in crate::http::pages) tag: (&'static str, &'static str),
}

/// Words the standing of a connection. `cause` is that of the shown check.
pub(in crate::http::pages) fn headline(
    connection: &Connection,
    check: &Check,
    cause: Option<&CauseWords>,
) -> Headline {
    let say = |h1: &str, lede: &str, tag| Headline { h1: h1.to_owned(), lede: lede.to_owned(), tag };
    let title = |otherwise: &str| cause.map_or_else(|| otherwise.to_owned(), |cause| cause.title.clone());
    let meaning = cause.map(|cause| cause.meaning.clone()).unwrap_or_default();
    match (connection.state, connection.phase) {
        (State::Submitted, Some(Phase::WaitingForProvider)) => Headline {
            h1: title("Your provider still applies a change"),
            lede: meaning,
            tag: match cause {
                Some(cause) if cause.soon => ("info", "We try again"),
                _ => ("info", "Waiting for the provider"),
            },
        },
        (State::Submitted, Some(Phase::NeedsStaff)) => Headline {
            h1: title("We could not tell whether it works"),
            lede: meaning,
            tag: ("warn", "We are looking at it"),
        },
        (State::Submitted, _) if check.run == 0 => say(
            "Waiting for its check",
            "It usually starts within seconds. You can close this page: the result comes by e-mail.",
            ("info", "Queued"),
        ),
        (State::Submitted, _) => say(
            "Checking your access",
            "This usually takes under a minute. You can close this page: the result comes by e-mail.",
            ("info", "Being checked"),
        ),
        (State::Failed, _) => Headline {
            h1: title("The check found something to mend"),
            lede: meaning,
            tag: ("bad", "Not connected"),
        },
        (State::Verified, _) => Headline {
            h1: format!("Verified: {} is connected", connection.name),
            lede: if check.origin == Origin::ByHand {
                "Two of our people verified it by hand. You have nothing more to do."
            } else if check.verdict == Some(Verdict::PassedWithWarnings) {
                "It does everything that MoxiEngage needs. Something should be mended all the same: see below."
            } else {
                "It does everything that MoxiEngage needs. You have nothing more to do."
            }
            .to_owned(),
            tag: ("ok", "Verified"),
        },
        (State::Compromised, _) => say(
            "This credential may be in wrong hands",
            "It has to be replaced. Our people are in touch with you.",
            ("bad", "Credential at risk"),
        ),
        (State::Closed, _) => say("This connection is closed", "It is not used any more.", ("", "Closed")),
        (State::Draft, _) => say("Nothing was submitted yet", "", ("", "Not submitted")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let words = |millis| time_words(Duration::from_millis(millis));
        assert_eq!(
            [words(3), words(312), words(9949), words(12_400)],
            ["under 0.1 s", "0.3 s", "9.9 s", "12 s"]
        );
    }
}
