//! What the page of a connection shows.

use askama::Template;

use super::{
    certificate::Made,
    differences::Changes,
    leftovers::LeftoverView,
    status_verified::VerifiedView,
    status_view::{LeftView, Moment, StepView},
};
use crate::{
    actions::cause_words::CauseWords,
    domain::{ids::ConnectionId, renewal::Renewal},
    http::layout::Layout,
};

/// The page.
#[derive(Template)]
#[template(path = "portal/status.html")]
pub struct StatusPage {
    pub(super) layout: Layout,
    pub(super) id: ConnectionId,
    /// The address of this page.
    pub(super) here: String,
    /// What stays in use whatever comes of this attempt: on the page of a renewal.
    pub(super) kept: Option<Kept>,
    /// How the renewal of its secret stands: on the page of a verified connection.
    pub(super) beside: Option<Beside>,
    /// What can be withdrawn: the id of the attempt, empty for a renewal that is not submitted.
    pub(super) withdraw: Option<String>,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) number: i64,
    pub(super) h1: String,
    pub(super) lede: String,
    pub(super) tag: (&'static str, &'static str),
    pub(super) submitted: Moment,
    pub(super) decided: Option<Moment>,
    /// Our own people had it checked again, and why.
    pub(super) asked_by_us: Option<&'static str>,
    /// A worker was lost and the check began again.
    pub(super) interrupted: bool,
    /// Where steps are told as they end, while there is something to wait for.
    pub(super) events: Option<String>,
    /// Whether a check runs or is about to.
    pub(super) runs: bool,
    /// The steps of a failed check that passed; of any other check none.
    pub(super) worked: Vec<StepView>,
    /// The steps that were never tried, once the check has ended.
    pub(super) skipped: Vec<StepView>,
    /// Every other step.
    pub(super) steps: Vec<StepView>,
    /// When a person had it checked again and the answer was the same as before.
    pub(super) same_answer: Option<Moment>,
    pub(super) cause: Option<CauseWords>,
    /// The step of the guide that mends it: address and title.
    pub(super) guide_step: Option<(String, String)>,
    pub(super) words: Option<String>,
    pub(super) warnings: Vec<CauseWords>,
    /// What of ours may still be in the mailbox.
    pub(super) left: Vec<LeftView>,
    /// Whether something was left there and is gone by now.
    pub(super) cleared: bool,
    pub(super) next_look: Option<Moment>,
    /// What the last check that was not put off had found, while we pause between sign-ins: then `cause` is that one.
    pub(super) paused: bool,
    pub(super) again: Option<Again>,
    /// The button that ends the waiting, because nothing was changed: the version of the connection it was shown with.
    pub(super) stop: Option<i64>,
    /// The way to the next attempt while this one waits for what the office has to do.
    pub(super) instead: Option<Instead>,
    pub(super) next_attempt: Option<NextAttempt>,
    /// What sentences call the secret.
    pub(super) secret: &'static str,
    /// Whether our side makes it.
    pub(super) made_here: bool,
    /// The certificate of the attempt, where it has one.
    pub(super) certificate: Option<Made>,
    /// What the page of a verified connection says besides.
    pub(super) after: Option<VerifiedView>,
    /// Whether all mailboxes can be checked, or were.
    pub(super) all_mailboxes: bool,
    pub(super) mailed_to: Vec<String>,
    /// Where the letter for the mail provider is, where there is one.
    pub(super) letter: Option<String>,
    /// What changed since the attempt before.
    pub(super) changes: Option<Changes>,
    /// What earlier attempts left, on the page of a verified connection.
    pub(super) leftovers: Vec<LeftoverView>,
    pub(super) past: Vec<Past>,
}

/// The credential in use beside an attempt that is to take its place.
pub(super) struct Kept {
    pub(super) number: i64,
    pub(super) ends: Option<Moment>,
}

/// How a renewal stands, in a line with its tag and a link.
pub(super) struct Beside {
    pub(super) tag: (&'static str, &'static str),
    pub(super) words: String,
    pub(super) url: String,
    pub(super) label: &'static str,
}

/// The button that checks the same attempt again.
pub(super) struct Again {
    pub(super) seen: i64,
    pub(super) first: bool,
}

/// The button that withdraws what waits, so that the next attempt begins.
pub(super) struct Instead {
    /// The attempt that is withdrawn.
    pub(super) attempt: String,
    /// The one that begins.
    pub(super) number: i64,
}

/// The button that starts the next attempt, or goes on with it.
pub(super) struct NextAttempt {
    /// Where the button leads while it is not begun.
    pub(super) action: String,
    pub(super) number: i64,
    pub(super) begun: bool,
    pub(super) renewal: Renewal,
    /// Whether it goes on with the secret of this one.
    pub(super) keeps_secret: bool,
    /// What the button says while it is not begun.
    pub(super) label: String,
    pub(super) first: bool,
}

/// An attempt in the history.
pub(super) struct Past {
    pub(super) number: i64,
    pub(super) reference: String,
    pub(super) submitted: Moment,
    pub(super) outcome: String,
    pub(super) look: &'static str,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        actions::progress::{EndedStep, StepNotes},
        domain::{
            cause::Names,
            check::{CauseId, Check, Fact, Origin, Outcome, Verdict},
            connection::{Connection, Phase, State as Standing},
            ids::{AttemptId, BrokerageId, CheckId},
            instant::Instant,
            kind::AccessKind,
            reference::Reference,
            text::ConnectionName,
        },
        http::{
            layout::OVERVIEW,
            pages::portal::status_view::{headline, parted, steps, untried},
            render::Sample,
            urls,
        },
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</code><script>\"'&";

    fn connection(state: Standing, phase: Option<Phase>) -> Connection {
        Connection {
            id: ConnectionId::from_random([1; 16]),
            version: 3,
            brokerage_id: BrokerageId::from_random([2; 16]),
            reference: Reference::new("Lakeshore Realty", 42),
            name: ConnectionName::from_stored(HOSTILE.to_owned()),
            external_id: None,
            kind: AccessKind::GraphSecret,
            state,
            phase,
            in_use: None,
            candidate: None,
            created_at: AT,
            changed_at: AT,
            closing: None,
            enabled_on: None,
            kind_chosen: true,
        }
    }

    fn check(run: i64, verdict: Option<Verdict>, cause: Option<&'static str>) -> Check {
        Check {
            id: CheckId::from_random([3; 16]),
            attempt_id: Some(AttemptId::from_random([4; 16])),
            connection_id: ConnectionId::from_random([1; 16]),
            brokerage_id: BrokerageId::from_random([2; 16]),
            origin: Origin::Submission,
            reason: None,
            run,
            rung: 0,
            retries: 0,
            created_at: AT,
            due_at: AT,
            started_at: None,
            verdict,
            cause: cause.map(CauseId::known),
            warnings: Vec::new(),
            decided_at: verdict.map(|_| AT),
        }
    }

    fn ended(id: &str, outcome: Outcome, cause: Option<&'static str>) -> EndedStep {
        EndedStep {
            seq: 1,
            id: id.to_owned(),
            title: HOSTILE.to_owned(),
            outcome,
            elapsed: Duration::from_millis(312),
            cause: cause.map(CauseId::known),
            notes: StepNotes {
                facts: vec![Fact { label: "Tenant".to_owned(), value: HOSTILE.to_owned() }],
                words: cause.map(|_| HOSTILE.to_owned()),
            },
        }
    }

    fn sample(
        state: Standing,
        phase: Option<Phase>,
        run: i64,
        verdict: Option<Verdict>,
        cause: Option<&'static str>,
    ) -> StatusPage {
        let (connection, check) = (connection(state, phase), check(run, verdict, cause));
        let steps_ended = [ended("tenant", Outcome::Passed, None), ended("token", Outcome::Failed, cause)];
        let words = cause.map(|_| CauseWords::of(check.cause.as_ref(), &Names::default()));
        let top = headline(&connection, &check, words.as_ref());
        let failed = state == Standing::Failed;
        let verified = state == Standing::Verified;
        let all = steps(connection.kind, &check, &steps_ended, cause, |step| step.title.clone());
        let (worked, steps) = parted(failed, all);
        let (skipped, steps) = if verdict.is_none() { (Vec::new(), steps) } else { untried(steps) };
        let certified = cause.is_some_and(|cause| cause.starts_with("client_assertion"));
        StatusPage {
            layout: Layout::sample().at(OVERVIEW),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(2),
            kind: connection.kind.title(),
            number: 2,
            h1: top.h1,
            lede: top.lede,
            tag: top.tag,
            submitted: Moment::of(AT),
            decided: verdict.map(|_| Moment::of(AT)),
            asked_by_us: (run > 1).then_some("Our people had this checked again."),
            interrupted: run > 1,
            events: verdict.is_none().then(|| urls::connection_events(&connection.id, &check.id, "1.2")),
            runs: verdict.is_none(),
            steps,
            skipped,
            worked,
            same_answer: (run == 1 && verdict.is_some()).then(|| Moment::of(AT)),
            words: cause.map(|_| HOSTILE.to_owned()),
            warnings: if verified { words.clone().into_iter().collect() } else { Vec::new() },
            left: [true, false]
                .into_iter()
                .filter(|tried| verified && *tried == (run > 0) || failed)
                .map(|tried| LeftView {
                    thing: "contact",
                    mailbox: HOSTILE.to_owned(),
                    since: Moment::of(AT),
                    tried,
                })
                .collect(),
            cleared: state == Standing::Closed,
            next_look: (phase == Some(Phase::WaitingForProvider)).then(|| Moment::of(AT)),
            paused: cause == Some("basic_credentials_rejected"),
            again: (failed || phase.is_some()).then_some(Again { seen: 3, first: !failed }),
            stop: (phase == Some(Phase::WaitingForProvider)).then_some(3),
            instead: (phase == Some(Phase::WaitingForProvider))
                .then(|| Instead { attempt: "att_1".to_owned(), number: 3 }),
            withdraw: (phase.is_some() || failed).then(|| "att_1".to_owned()),
            here: urls::connection(&connection.id),
            kept: (phase == Some(Phase::Checking)).then(|| Kept {
                number: 1,
                ends: (run > 1).then(|| Moment {
                    machine: "2028-11-21".to_owned(),
                    words: "21 November 2028".to_owned(),
                }),
            }),
            beside: verified.then(|| Beside {
                tag: ("bad", "Not renewed"),
                words: HOSTILE.to_owned(),
                url: urls::renew(&connection.id),
                label: "See what to do",
            }),
            next_attempt: failed.then(|| NextAttempt {
                action: urls::attempts(&connection.id),
                number: 3,
                begun: run > 1,
                renewal: Renewal::Names,
                keeps_secret: false,
                label: "Start attempt 3 with new names".to_owned(),
                first: true,
            }),
            secret: if certified { "certificate" } else { "client secret" },
            made_here: certified,
            certificate: certified.then(Made::sample),
            after: verified.then(|| {
                let kind = if run > 1 { AccessKind::GoogleDelegated } else { connection.kind };
                let on = |year, month, day| jiff::civil::date(year, month, day);
                let ends = (run == 1).then(|| on(2028, 11, 21));
                VerifiedView::of(&connection.id, kind, ends, ends.map(|_| on(2026, 11, 30)), AT.date())
            }),
            all_mailboxes: verified || run > 1,
            mailed_to: vec!["ida@lakeshore.example".to_owned(), "tom@lakeshore.example".to_owned()],
            letter: failed.then(|| urls::letter(&connection.id)),
            changes: (run > 1 || verified).then(|| Changes::sample(HOSTILE)),
            leftovers: if verified { LeftoverView::samples(HOSTILE) } else { Vec::new() },
            past: vec![Past {
                number: 1,
                reference: "LKS-0042-1".to_owned(),
                submitted: Moment::of(AT),
                outcome: HOSTILE.to_owned(),
                look: "bad",
            }],
            guide_step: words
                .as_ref()
                .filter(|_| failed)
                .map(|_| (urls::guide_step(connection.id.as_str(), "secret"), "Create it".to_owned())),
            cause: if verified { None } else { words },
            id: connection.id,
        }
    }

    impl Sample for StatusPage {
        fn samples() -> Vec<Self> {
            let submitted =
                |phase, run, verdict, cause| sample(Standing::Submitted, Some(phase), run, verdict, cause);
            vec![
                submitted(Phase::Queued, 0, None, None),
                submitted(Phase::Checking, 1, None, None),
                submitted(Phase::Checking, 2, None, None),
                submitted(
                    Phase::WaitingForProvider,
                    1,
                    Some(Verdict::WaitingForProvider),
                    Some("mailbox_not_provisioned"),
                ),
                submitted(
                    Phase::WaitingForProvider,
                    1,
                    Some(Verdict::WaitingForProvider),
                    Some("graph_permission_missing"),
                ),
                submitted(
                    Phase::WaitingForProvider,
                    1,
                    Some(Verdict::CouldNotTell),
                    Some("basic_credentials_rejected"),
                ),
                submitted(Phase::NeedsStaff, 1, Some(Verdict::CouldNotTell), Some("a_cause_of_tomorrow")),
                sample(Standing::Failed, None, 1, Some(Verdict::Failed), Some("client_secret_invalid")),
                sample(Standing::Failed, None, 2, Some(Verdict::Failed), Some("exo_rbac_required")),
                sample(Standing::Failed, None, 1, Some(Verdict::Failed), Some("client_assertion_invalid")),
                sample(
                    Standing::Verified,
                    None,
                    1,
                    Some(Verdict::PassedWithWarnings),
                    Some("client_secret_expires_soon"),
                ),
                sample(Standing::Verified, None, 2, Some(Verdict::Passed), None),
                sample(Standing::Verified, None, 3, Some(Verdict::Passed), None),
                sample(Standing::Closed, None, 1, Some(Verdict::Passed), None),
                sample(Standing::Compromised, None, 1, Some(Verdict::Passed), None),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        StatusPage::assert_renders();
        for sample in StatusPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
            let ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
            assert!(html.matches("<details open").count() <= 1);
        }
    }

    #[test]
    fn the_cause_is_the_heading_and_its_step_is_open() {
        let page = sample(Standing::Failed, None, 1, Some(Verdict::Failed), Some("client_secret_invalid"));
        let html = page.render().expect("renders");
        let cause = CauseWords::of(Some(&CauseId::known("client_secret_invalid")), &Names::default());
        assert!(html.contains(&format!("<h1>{}</h1>", cause.title)), "{html}");
        assert!(html.contains("What worked") && html.contains("What failed</h2>"));
        let order =
            ["<h1>", "How to mend it", "Start attempt 3", "What failed", "What worked", "were not tried"];
        let places = order.map(|words| html.find(words));
        assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
        assert_eq!(html.matches("id=\"step-tenant\"").count(), 1, "no step stands twice");
        assert_eq!(html.matches("<details open").count(), 1);
        assert!(html.contains("Start attempt 3 with new names"));
    }

    #[test]
    fn what_ended_runs_and_waits_is_told_apart() {
        let running = check(1, None, None);
        let done = [ended("tenant", Outcome::Passed, None)];
        let looks = |check: &Check| -> Vec<&str> {
            let list = steps(AccessKind::GraphSecret, check, &done, None, |_| String::new());
            list.iter().map(|step| step.look).take(3).collect()
        };
        assert_eq!(looks(&running), ["passed", "running", "waiting"]);
        assert_eq!(looks(&check(0, None, None)), ["passed", "waiting", "waiting"]);
        assert_eq!(looks(&check(1, Some(Verdict::Failed), None)), ["passed", "skipped", "skipped"]);
    }
}
