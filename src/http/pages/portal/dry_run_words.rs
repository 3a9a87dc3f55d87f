//! What the page of a test and the page with the answers say of it. Pure: the handler reads, this words.

use jiff::SignedDuration;

use crate::{
    actions::{
        cause_words::CauseWords,
        test_answers::{Freshness, is_ours},
    },
    domain::{
        check::{Check, Verdict},
        dry_run::DryRunEnd,
        instant::Instant,
    },
};

use super::status_view::Headline;

/// What the words depend on.
pub(super) struct Standing<'a> {
    pub(super) check: &'a Check,
    pub(super) ended_by: Option<DryRunEnd>,
    pub(super) fresh: Freshness,
    /// Whether nothing is missing of the answers now.
    pub(super) ready: bool,
}

impl Standing<'_> {
    /// Whether what kept it from a result is ours.
    pub(super) fn ours(&self) -> bool {
        self.check.verdict.is_some_and(|verdict| is_ours(verdict, self.check.cause.as_ref()))
    }
}

/// What is said once a secret was deleted because it was refused for what it is.
pub(super) fn secret_is_gone(noun: &str) -> String {
    format!(
        "The {noun} was refused, so we deleted it. Enter the one that works: everything else is still there."
    )
}

/// Words the standing of a test.
pub(super) fn headline(of: &Standing<'_>, cause: Option<&CauseWords>) -> Headline {
    let say = |h1: &str, lede: &str, tag| Headline { h1: h1.to_owned(), lede: lede.to_owned(), tag };
    if let Some(end) = of.ended_by {
        return not_looked(end);
    }
    // What a cause of ours means says that our people look at it: of a test nobody has told them.
    let named = |otherwise: &str, tag| match cause {
        Some(cause) if of.ours() => say(&cause.title, "", tag),
        Some(cause) => Headline { h1: cause.title.clone(), lede: cause.meaning.clone(), tag },
        None => say(otherwise, "", tag),
    };
    let top = match of.check.verdict {
        None if of.check.run == 0 => say(
            "Your details wait for their test",
            "It usually starts within seconds. Nothing is submitted, and nobody gets a mail.",
            ("info", "Queued"),
        ),
        None => say(
            "Testing your details",
            "This usually takes under a minute. Nothing is submitted, and nobody gets a mail.",
            ("info", "Being tested"),
        ),
        Some(Verdict::Passed) => {
            say("Your details work", "They do everything that MoxiEngage needs.", ("ok", "Test passed"))
        }
        Some(Verdict::PassedWithWarnings) => say(
            "Your details work",
            "They do everything that MoxiEngage needs. Something should be mended all the same: see below.",
            ("ok", "Test passed"),
        ),
        Some(Verdict::Failed) => named("The test found something to mend", ("bad", "Test failed")),
        Some(Verdict::WaitingForProvider) => {
            named("Your provider still applies a change", ("info", "Not ready yet"))
        }
        Some(Verdict::CouldNotTell) => named("We could not tell whether they work", ("warn", "No result")),
    };
    Headline { lede: joined(&top.lede, what_then(of)), ..top }
}

fn joined(lede: &str, then: &str) -> String {
    [lede, then].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What follows from it for whoever reads.
fn what_then(of: &Standing<'_>) -> &'static str {
    let passed = matches!(of.check.verdict, Some(Verdict::Passed | Verdict::PassedWithWarnings));
    match (of.check.verdict, of.fresh) {
        (None, _) => "",
        (_, Freshness::Gone) => {
            "These answers are not open any more: the connection's page says how it stands."
        }
        (_, Freshness::Changed) => {
            "The answers were changed since, so this says nothing of what stands there now."
        }
        (Some(Verdict::WaitingForProvider), _) => {
            "You can submit all the same: then we look again by ourselves, and write when it works."
        }
        (Some(Verdict::CouldNotTell), _) if of.ours() => {
            "It is not your fault, and it does not count as one of your tests. This was a test only, so nobody of ours was told. Test again, or submit all the same: then our people look at what the check cannot tell."
        }
        (Some(Verdict::CouldNotTell), _) => {
            "Test again, or submit all the same: then our people look at what the check cannot tell."
        }
        (_, Freshness::Same) if passed && !of.ready => {
            "The secret has to be entered once more before you submit: we keep it for 60 minutes and one session."
        }
        (_, Freshness::Same) if passed => "Submit them now: nothing is entered twice.",
        (_, Freshness::Same) => "",
    }
}

fn not_looked(end: DryRunEnd) -> Headline {
    let lede = match end {
        DryRunEnd::Submitted => {
            "The answers were submitted, or taken back, before the test's turn came. A submission has a check of its own: the connection's page shows how it stands."
        }
        DryRunEnd::Changed => {
            "Another secret was entered before the test's turn came, so there was nothing to test any more. Test the answers that stand there now."
        }
        DryRunEnd::Expired => {
            "We keep what was entered and not submitted for 60 minutes, and that time was over before the test's turn came. Enter the secret again, then test."
        }
    };
    Headline { h1: "This test was not made".to_owned(), lede: lede.to_owned(), tag: ("", "Not tested") }
}

/// "just now", "2 minutes ago", "3 hours ago".
pub(super) fn ago(now: Instant, at: Instant) -> String {
    let past = now.since(at).max(SignedDuration::ZERO);
    match (past.as_mins(), past.as_hours()) {
        (0, _) => "just now".to_owned(),
        (1, _) => "1 minute ago".to_owned(),
        (minutes @ 2..=119, _) => format!("{minutes} minutes ago"),
        (_, hours @ 2..=47) => format!("{hours} hours ago"),
        (_, hours) => format!("{} days ago", hours / 24),
    }
}

/// The last test in a line, for the page with the answers, and its look. `now` is the present.
pub(super) fn in_a_line(
    of: &Standing<'_>,
    cause: Option<&CauseWords>,
    now: Instant,
) -> (String, &'static str) {
    let Some(verdict) = of.check.verdict else {
        return ("A test is under way".to_owned(), "info");
    };
    if of.ended_by.is_some() {
        return ("The last test was not made".to_owned(), "");
    }
    let ago = of.check.decided_at.map(|at| ago(now, at)).unwrap_or_default();
    let because = cause.map(|cause| format!(": {}", cause.title)).unwrap_or_default();
    let (words, look) = match verdict {
        Verdict::Passed | Verdict::PassedWithWarnings => (format!("Passed {ago}"), "ok"),
        Verdict::Failed => (format!("Failed {ago}{because}"), "bad"),
        Verdict::WaitingForProvider => (format!("Not ready yet {ago}{because}"), "info"),
        Verdict::CouldNotTell => (format!("No result {ago}{because}"), "warn"),
    };
    if of.fresh == Freshness::Same {
        (words, look)
    } else {
        (format!("{words}. The answers were changed since, so it says nothing of these"), "")
    }
}

/// What is said once sign-ins were refused in a row; nothing before the second.
pub(super) fn refused_lately(refused: usize, paused_until: Option<Instant>) -> Option<String> {
    match (refused, paused_until) {
        (_, Some(until)) => Some(format!(
            "Three sign-ins with this account were refused within an hour. So that your mail system does not lock it, nobody tries it before {}.",
            until.time_words()
        )),
        (2.., None) => Some(
            "Two sign-ins with this account were refused within an hour. Look at it closely before you try again: after a third we stop for an hour, so that your mail system does not lock the account."
                .to_owned(),
        ),
        _ => None,
    }
}

/// What is said when there were too many tests.
pub(super) fn tests_again(until: Instant) -> String {
    format!(
        "You have made five tests within a quarter of an hour. The next one can begin at {}. You can submit without it.",
        until.time_words()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        check::Origin,
        ids::{BrokerageId, CheckId, ConnectionId},
    };

    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

    #[test]
    fn ages_are_words() {
        let before = |minutes: i64| ago(NOW, NOW.plus(SignedDuration::from_mins(-minutes)));
        let said = [before(-3), before(0), before(1), before(2), before(119), before(120), before(3000)];
        assert_eq!(
            said,
            [
                "just now",
                "just now",
                "1 minute ago",
                "2 minutes ago",
                "119 minutes ago",
                "2 hours ago",
                "2 days ago"
            ]
        );
    }

    #[test]
    fn a_test_of_older_answers_says_so_and_counts_as_neither_good_nor_bad() {
        let check = |verdict: Option<Verdict>| Check {
            id: CheckId::from_random([3; 16]),
            attempt_id: None,
            connection_id: ConnectionId::from_random([1; 16]),
            brokerage_id: BrokerageId::from_random([2; 16]),
            origin: Origin::DryRun,
            reason: None,
            run: 1,
            rung: 0,
            retries: 0,
            created_at: NOW,
            due_at: NOW,
            started_at: Some(NOW),
            verdict,
            cause: None,
            warnings: Vec::new(),
            decided_at: verdict.map(|_| NOW),
        };
        let line = |verdict, fresh| {
            let check = check(verdict);
            in_a_line(&Standing { check: &check, ended_by: None, fresh, ready: true }, None, NOW)
        };
        let passed = Some(Verdict::Passed);
        assert_eq!(line(passed, Freshness::Same), ("Passed just now".to_owned(), "ok"));
        let (words, look) = line(passed, Freshness::Changed);
        assert!(
            words.starts_with("Passed just now. The answers were changed since") && look.is_empty(),
            "{words}"
        );
        assert_eq!(line(None, Freshness::Same).0, "A test is under way");
    }

    #[test]
    fn the_second_refusal_warns_and_the_third_says_when_it_goes_on() {
        assert_eq!((refused_lately(0, None), refused_lately(1, None)), (None, None));
        assert!(refused_lately(2, None).is_some_and(|words| words.contains("after a third")));
        assert!(refused_lately(3, Some(NOW)).is_some_and(|words| words.contains(&NOW.time_words())));
    }
}
