//! What the page of one check shows: every step with everything that is kept of it. Never a secret.

use askama::Template;
use jiff::SignedDuration;

use super::{
    check_case::{Detail, RunOf},
    check_words::{asked_by, verdict},
    news::News,
    settings_rows::settings_rows,
    words::tag,
};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        progress::{EndedStep, planned},
    },
    app::App,
    domain::{
        cause::Names,
        check::{Fact, Outcome, Verdict},
        connection::{Phase, State},
        ids::{BrokerageId, CheckId, ConnectionId},
        instant::Instant,
        kind::AccessKind,
        staff::Deed,
    },
    http::{
        layout::Layout,
        pages::portal::status_view::{Moment, look},
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/check.html")]
pub(super) struct CheckPage {
    pub(super) layout: Layout,
    pub(super) id: ConnectionId,
    pub(super) check: CheckId,
    pub(super) brokerage_id: BrokerageId,
    pub(super) company: String,
    pub(super) name: String,
    /// Of the attempt, where it tested one.
    pub(super) reference: String,
    /// The number of the attempt; none for a test before a submission.
    pub(super) attempt: Option<i64>,
    pub(super) kind: &'static str,
    pub(super) verdict: (String, &'static str),
    pub(super) asked: String,
    pub(super) times: Vec<(&'static str, Moment)>,
    /// Everything else about it that is no time.
    pub(super) about: Vec<(&'static str, String)>,
    /// Where an attempt can stand; the one where it does is marked.
    pub(super) nodes: Vec<Node>,
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) cause: Option<CauseWords>,
    pub(super) warnings: Vec<CauseWords>,
    /// The latest first.
    pub(super) runs: Vec<RunView>,
    /// Where the page hears that the check ended; none once it has.
    pub(super) news: Option<News>,
    /// Whether the reader can have its attempt checked again on the connection's page.
    pub(super) again: bool,
}

/// A place where an attempt can stand.
pub(super) struct Node {
    pub(super) tag: (&'static str, &'static str),
    pub(super) here: bool,
}

/// A run.
pub(super) struct RunView {
    pub(super) number: i64,
    /// How its sign-in went, where it came so far.
    pub(super) sign_in: Option<(Moment, &'static str)>,
    pub(super) steps: Vec<StepDetail>,
    /// The titles of planned steps that it did not come to.
    pub(super) not_run: Vec<&'static str>,
}

/// A step with everything that is kept of it.
pub(super) struct StepDetail {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) look: &'static str,
    pub(super) took: String,
    pub(super) open: bool,
    /// The id and the title of its cause.
    pub(super) cause: Option<(String, String)>,
    pub(super) facts: Vec<Fact>,
    /// Where the provider explains the code of its answer.
    pub(super) explained: Option<String>,
    pub(super) words: Option<String>,
}

impl Detail {
    /// The page that shows it.
    pub(super) fn page(&self, app: &App, layout: Layout) -> CheckPage {
        let (check, connection) = (&self.entry.check, &self.connection);
        let kind = self.attempt.as_ref().map_or(connection.kind, |attempt| attempt.kind);
        let names = match (&self.settings, &self.attempt) {
            (Some(settings), Some(attempt)) => names(app, settings, attempt.number),
            (Some(settings), None) => names(app, settings, 1),
            (None, _) => Names::default(),
        };
        let failed = !matches!(check.verdict, None | Some(Verdict::Passed | Verdict::PassedWithWarnings));
        CheckPage {
            layout,
            id: connection.id.clone(),
            check: check.id.clone(),
            brokerage_id: self.brokerage.id.clone(),
            company: self.brokerage.company.as_str().to_owned(),
            name: connection.name.as_str().to_owned(),
            reference: match &self.attempt {
                Some(attempt) => connection.reference.of_attempt(attempt.number),
                None => connection.reference.as_str().to_owned(),
            },
            attempt: self.attempt.as_ref().map(|attempt| attempt.number),
            kind: kind.title(),
            verdict: verdict(check),
            asked: asked_by(&self.entry),
            times: self.times(),
            about: self.about(),
            nodes: self.attempt.as_ref().map(|it| nodes(it.state, it.phase)).unwrap_or_default(),
            settings: self.settings.as_ref().map(settings_rows).unwrap_or_default(),
            cause: failed.then(|| CauseWords::of(check.cause.as_ref(), &names)),
            warnings: check.warnings.iter().map(|cause| CauseWords::of(Some(cause), &names)).collect(),
            runs: self.runs.iter().map(|run| self.run(run, kind, &names)).collect(),
            again: self.can_be_asked_again(),
            news: self.news.clone(),
        }
    }

    /// Whether its attempt is the one that is being decided, or else in use, and the reader may do something about it.
    fn can_be_asked_again(&self) -> bool {
        let attempt = self.attempt.as_ref().map(|attempt| &attempt.id);
        let shown = self.connection.candidate.as_ref().or(self.connection.in_use.as_ref());
        let shown = shown.filter(|_| self.connection.state != State::Closed);
        attempt.is_some() && attempt == shown && self.scope.may(Deed::CheckAgain)
    }

    fn times(&self) -> Vec<(&'static str, Moment)> {
        let check = &self.entry.check;
        let began = check.started_at.map(|at| ("Latest run began", Moment::of(at)));
        let ended = check.decided_at.map(|at| ("Verdict", Moment::of(at)));
        let due = (check.verdict.is_none() && check.run == 0).then(|| ("Due", Moment::of(check.due_at)));
        let asked = Some(("Asked for", Moment::of(check.created_at)));
        [asked, due, began, ended].into_iter().flatten().collect()
    }

    fn about(&self) -> Vec<(&'static str, String)> {
        let check = &self.entry.check;
        let mut rows = vec![("Check", check.id.as_str().to_owned())];
        rows.extend(check.attempt_id.as_ref().map(|id| ("Attempt", id.as_str().to_owned())));
        rows.push(("Runs", check.run.to_string()));
        if check.rung > 0 || check.retries > 0 {
            let waits = format!("look {} on the ladder, {} short pauses", check.rung, check.retries);
            rows.push(("Waited before", waits));
        }
        if let Some((from, to)) = check.started_at.zip(check.decided_at) {
            rows.push(("Took", exact(to.since(from))));
        }
        rows
    }

    fn run(&self, run: &RunOf, kind: AccessKind, names: &Names) -> RunView {
        let tried = self.tries.iter().find(|tried| tried.run == run.number);
        let mut steps: Vec<&(Instant, EndedStep)> = run.steps.iter().collect();
        let plan = planned(kind);
        steps.sort_by_key(|(_, step)| (plan.iter().position(|it| it.id == step.id), step.seq));
        let is_over = run.number < self.entry.check.run || self.entry.check.verdict.is_some();
        let absent = |id: &str| is_over && !run.steps.iter().any(|(_, step)| step.id == id);
        RunView {
            number: run.number,
            sign_in: tried.map(|tried| (Moment::of(tried.begun_at), said(tried.accepted))),
            steps: steps.into_iter().map(|(at, step)| detail(*at, step, names)).collect(),
            not_run: plan.iter().filter(|it| absent(it.id)).map(|it| it.title).collect(),
        }
    }
}

const fn said(accepted: Option<bool>) -> &'static str {
    match accepted {
        Some(true) => "accepted",
        Some(false) => "refused",
        None => "no answer",
    }
}

/// Everything of a step, what the engine timed before what the other side told.
fn detail(at: Instant, step: &EndedStep, names: &Names) -> StepDetail {
    let elapsed = SignedDuration::try_from(step.elapsed).unwrap_or(SignedDuration::ZERO);
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let skipped = step.outcome == Outcome::Skipped;
    let mut facts = vec![fact("Step", step.id.clone())];
    if !skipped {
        facts.push(fact("Began", at.plus(-elapsed).rfc3339()));
        facts.push(fact("Ended", at.rfc3339()));
        facts.push(fact("Took", exact(elapsed)));
    }
    facts.extend(step.notes.facts.iter().cloned());
    StepDetail {
        id: step.id.clone(),
        title: step.title.clone(),
        look: look(step.outcome),
        took: if skipped { String::new() } else { exact(elapsed) },
        open: matches!(step.outcome, Outcome::Failed | Outcome::Warning),
        cause: step
            .cause
            .as_ref()
            .map(|cause| (cause.as_str().to_owned(), CauseWords::of(Some(cause), names).title)),
        explained: explained(&facts),
        facts,
        words: step.notes.words.clone().filter(|words| !words.is_empty()),
    }
}

/// Where Microsoft explains the number of a refused sign-in, which none of our own words can do as exactly.
fn explained(facts: &[Fact]) -> Option<String> {
    let number = facts.iter().find_map(|fact| fact.value.strip_prefix("AADSTS"))?;
    let number: u32 = number.parse().ok()?;
    Some(format!("https://login.microsoftonline.com/error?code={number}"))
}

/// To the millisecond: this page is for comparing.
fn exact(took: SignedDuration) -> String {
    format!("{:.3} s", took.as_secs_f64())
}

/// Every place where an attempt can stand, in the order in which it usually goes.
fn nodes(state: State, phase: Option<Phase>) -> Vec<Node> {
    let submitted = Phase::ALL.iter().map(|phase| (State::Submitted, Some(*phase)));
    let ends = [State::Failed, State::Verified].map(|state| (state, None));
    let mut all: Vec<(State, Option<Phase>)> = submitted.chain(ends).collect();
    if !all.contains(&(state, phase)) {
        all.push((state, phase));
    }
    all.into_iter()
        .map(|place| {
            let here = place == (state, phase);
            let (look, words) = tag(place.0, place.1);
            Node { tag: (if here { look } else { "" }, words), here }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{layout::QUEUE, render::Sample};

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</code><script>\"'&{{7*7}}";

    fn step(id: &str, look: &'static str) -> StepDetail {
        StepDetail {
            id: id.to_owned(),
            title: HOSTILE.to_owned(),
            look,
            took: "0.312 s".to_owned(),
            open: look == "failed",
            cause: (look == "failed").then(|| ("client_secret_invalid".to_owned(), HOSTILE.to_owned())),
            facts: vec![Fact { label: "Tenant".to_owned(), value: HOSTILE.to_owned() }],
            explained: (look == "failed")
                .then(|| "https://login.microsoftonline.com/error?code=50105".to_owned()),
            words: (look == "failed").then(|| HOSTILE.to_owned()),
        }
    }

    fn sample(attempt: Option<i64>, runs: i64) -> CheckPage {
        let run = |number| RunView {
            number,
            sign_in: Some((Moment::of(AT), said(Some(number == 1)))),
            steps: vec![step("tenant", "passed"), step("token", "failed"), step("mailbox", "skipped")],
            not_run: vec!["Read contacts", "Read the calendar"],
        };
        CheckPage {
            layout: Layout::staff_sample().at(QUEUE),
            id: ConnectionId::from_random([1; 16]),
            check: CheckId::from_random([3; 16]),
            brokerage_id: BrokerageId::from_random([2; 16]),
            company: HOSTILE.to_owned(),
            name: HOSTILE.to_owned(),
            reference: "LKS-0042-1".to_owned(),
            attempt,
            kind: "Microsoft 365",
            verdict: if runs > 0 { ("Failed".to_owned(), "bad") } else { ("Runs".to_owned(), "") },
            asked: format!("Checked again by {HOSTILE}"),
            times: vec![("Asked for", Moment::of(AT)), ("Verdict", Moment::of(AT))],
            about: vec![("Check", "chk_1".to_owned()), ("Runs", runs.to_string())],
            nodes: attempt.map(|_| nodes(State::Failed, None)).unwrap_or_default(),
            settings: attempt.map(|_| ("Tenant", HOSTILE.to_owned())).into_iter().collect(),
            cause: (runs > 0).then(|| CauseWords::of(None, &Names::default())),
            warnings: vec![CauseWords::of(None, &Names::default())],
            runs: (1..=runs).rev().map(run).collect(),
            again: runs > 0,
            news: (runs == 0).then(News::sample),
        }
    }

    impl Sample for CheckPage {
        fn samples() -> Vec<Self> {
            vec![sample(Some(1), 2), sample(None, 1), sample(Some(3), 0)]
        }
    }

    #[test]
    fn every_sample_renders() {
        CheckPage::assert_renders();
    }

    #[test]
    fn one_place_is_marked_also_one_off_the_usual_way() {
        for (state, phase) in [
            (State::Submitted, Some(Phase::Queued)),
            (State::Verified, None),
            (State::Closed, None),
            (State::Compromised, None),
        ] {
            let marked = nodes(state, phase).into_iter().filter(|node| node.here);
            assert_eq!(marked.map(|node| node.tag).collect::<Vec<_>>(), [tag(state, phase)]);
        }
    }
}
