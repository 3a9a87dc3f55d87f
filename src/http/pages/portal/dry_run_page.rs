//! What the page of a test shows.

use askama::Template;

use super::status_view::{Moment, StepView};
use crate::{actions::cause_words::CauseWords, domain::ids::ConnectionId, http::layout::Layout};

/// The page.
#[derive(Template)]
#[template(path = "portal/dry_run.html")]
pub struct DryRunPage {
    pub(super) layout: Layout,
    pub(super) id: ConnectionId,
    pub(super) name: String,
    pub(super) reference: String,
    /// The way back: address and words.
    pub(super) back: (String, &'static str),
    /// This page.
    pub(super) here: String,
    /// Its steps as a growing list.
    pub(super) live: String,
    pub(super) h1: String,
    pub(super) lede: String,
    pub(super) tag: (&'static str, &'static str),
    pub(super) ended: Option<Moment>,
    /// How long ago that is.
    pub(super) ago: String,
    /// A worker was lost and the test began again.
    pub(super) interrupted: bool,
    /// Where steps are told as they end, while there is something to wait for.
    pub(super) events: Option<String>,
    pub(super) runs: bool,
    /// What to know before one more try.
    pub(super) notes: Vec<String>,
    pub(super) next: Next,
    /// The steps of a failed test that passed; of any other test none.
    pub(super) worked: Vec<StepView>,
    /// Every other step.
    pub(super) steps: Vec<StepView>,
    pub(super) cause: Option<CauseWords>,
    /// The step of the guide that mends it: address and title.
    pub(super) guide_step: Option<(String, String)>,
    pub(super) words: Option<String>,
    pub(super) warnings: Vec<CauseWords>,
}

/// What can be done next.
#[derive(Default)]
pub(super) struct Next {
    /// The version of the draft, where it can be submitted as it was tested.
    pub(super) submit: Option<i64>,
    pub(super) way: Option<Way>,
    pub(super) again: Option<Again>,
}

impl Next {
    /// Whether there is anything.
    fn shown(&self) -> bool {
        self.submit.is_some() || self.way.is_some() || self.again.is_some()
    }
}

/// A link.
pub(super) struct Way {
    pub(super) url: String,
    pub(super) label: &'static str,
    pub(super) quiet: bool,
}

/// The button that tests the same answers again.
pub(super) struct Again {
    pub(super) seen: i64,
    pub(super) quiet: bool,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        actions::{
            progress::{EndedStep, StepNotes},
            test_answers::Freshness,
        },
        domain::{
            cause::Names,
            check::{CauseId, Check, Fact, Origin, Outcome, Verdict},
            dry_run::DryRunEnd,
            ids::{BrokerageId, CheckId},
            instant::Instant,
            kind::AccessKind,
        },
        http::{
            layout::OVERVIEW,
            pages::portal::{
                dry_run_words::{Standing, headline, refused_lately, tests_again},
                status_view::{parted, steps},
            },
            render::Sample,
            urls,
        },
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</code><script>\"'&";

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
        verdict: Option<Verdict>,
        cause: Option<&'static str>,
        fresh: Freshness,
        ended_by: Option<DryRunEnd>,
    ) -> DryRunPage {
        let id = ConnectionId::from_random([1; 16]);
        let check = Check {
            id: CheckId::from_random([3; 16]),
            attempt_id: None,
            connection_id: id.clone(),
            brokerage_id: BrokerageId::from_random([2; 16]),
            origin: Origin::DryRun,
            reason: None,
            run: i64::from(verdict.is_some()),
            rung: 0,
            retries: 0,
            created_at: AT,
            due_at: AT,
            started_at: None,
            verdict,
            cause: cause.map(CauseId::known),
            warnings: Vec::new(),
            decided_at: verdict.map(|_| AT),
        };
        let words = cause.map(|_| CauseWords::of(check.cause.as_ref(), &Names::default()));
        let top = headline(&Standing { check: &check, ended_by, fresh, ready: true }, words.as_ref());
        let steps_ended = [ended("tenant", Outcome::Passed, None), ended("token", Outcome::Failed, cause)];
        let all = steps(AccessKind::GraphSecret, &check, &steps_ended, cause, |step| step.title.clone());
        let failed = verdict == Some(Verdict::Failed);
        let (worked, steps) = parted(failed, if ended_by.is_none() { all } else { Vec::new() });
        let open = verdict.is_some() && fresh != Freshness::Gone;
        DryRunPage {
            layout: Layout::sample().at(OVERVIEW),
            name: HOSTILE.to_owned(),
            reference: "LKS-0042-1".to_owned(),
            back: (urls::review(&id), "Back to your answers"),
            here: urls::test(&id, &check.id),
            live: urls::test_live(&id, &check.id),
            h1: top.h1,
            lede: top.lede,
            tag: top.tag,
            ended: verdict.map(|_| Moment::of(AT)),
            ago: "2 minutes ago".to_owned(),
            interrupted: failed,
            events: verdict.is_none().then(|| urls::connection_events(&id, &check.id, "1.2")),
            runs: verdict.is_none(),
            notes: refused_lately(2, None).into_iter().chain([tests_again(AT)]).filter(|_| failed).collect(),
            next: Next {
                submit: (open && !failed).then_some(4),
                way: open.then(|| Way {
                    url: urls::answers(&id),
                    label: "Change the answers",
                    quiet: !failed,
                }),
                again: failed.then_some(Again { seen: 4, quiet: true }),
            },
            guide_step: words
                .as_ref()
                .map(|_| (urls::guide_step(id.as_str(), "secret"), "Create it".to_owned())),
            words: cause.map(|_| HOSTILE.to_owned()),
            warnings: if verdict == Some(Verdict::PassedWithWarnings) {
                vec![CauseWords::of(Some(&CauseId::known("client_secret_expires_soon")), &Names::default())]
            } else {
                Vec::new()
            },
            worked,
            steps,
            cause: words,
            id,
        }
    }

    impl Sample for DryRunPage {
        fn samples() -> Vec<Self> {
            let same = |verdict, cause| sample(verdict, cause, Freshness::Same, None);
            vec![
                same(None, None),
                same(Some(Verdict::Passed), None),
                same(Some(Verdict::PassedWithWarnings), None),
                same(Some(Verdict::Failed), Some("client_secret_invalid")),
                same(Some(Verdict::WaitingForProvider), Some("mailbox_not_provisioned")),
                same(Some(Verdict::CouldNotTell), Some("a_cause_of_tomorrow")),
                sample(Some(Verdict::Passed), None, Freshness::Changed, None),
                sample(Some(Verdict::Passed), None, Freshness::Gone, None),
                sample(Some(Verdict::CouldNotTell), None, Freshness::Same, Some(DryRunEnd::Expired)),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        DryRunPage::assert_renders();
        for sample in DryRunPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
            let ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
        }
    }

    #[test]
    fn a_test_that_passed_is_submitted_from_its_page_and_a_stale_one_says_so() {
        let html = DryRunPage::samples()[1].render().expect("renders");
        assert!(
            html.contains("Submit these details") && html.contains("name=\"seen\" value=\"4\""),
            "{html}"
        );
        let stale = DryRunPage::samples()[6].render().expect("renders");
        assert!(stale.contains("The answers were changed since"), "{stale}");
    }
}
