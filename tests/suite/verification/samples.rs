//! Every sample gives its verdict and its cause.

use moxi_onboard::{
    domain::{causes, check::Outcome, kind::AccessKind},
    simulator::Sample,
    verification::plan,
};

use super::lab::{Lab, cause};

#[tokio::test]
async fn every_sample_gives_its_verdict_and_its_cause() {
    let lab = Lab::open().await;
    let mut wrong = Vec::new();
    // What a key file shows by itself ends before there is anything to check.
    let by_the_form = |sample: &&Sample| sample.expected_cause.as_deref() != Some("form_google_key_type");
    for sample in lab.simulator.samples().iter().filter(by_the_form) {
        let kind = AccessKind::from_id(sample.kind).expect("a kind");
        let planned: Vec<&str> = plan(kind).iter().map(|step| step.id).collect();
        let (report, witness) = lab.check(&sample.name).await;
        let warning = report.warnings.first().map(|cause| cause.as_str());
        let got = (report.verdict.as_str(), cause(&report).or(warning));
        let expected = (sample.expected_verdict.as_str(), sample.expected_cause.as_deref());
        if got != expected {
            let told = witness.told();
            let failed =
                report.steps.iter().find(|step| step.outcome != Outcome::Passed && step.cause.is_some());
            wrong.push(format!("{}: {got:?} instead of {expected:?}: {told:?}\n    {failed:?}", sample.name));
        }
        let ids: Vec<&str> = report.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids, planned, "{}: every step of the plan is told of", sample.name);
        if kind == AccessKind::GraphSecret {
            let found = report.steps[0].outcome == Outcome::Passed;
            assert_eq!(
                lab.simulator.token_requests(&sample.tenant_id),
                usize::from(found),
                "{}",
                sample.name
            );
        }
        let tries = witness.told().iter().filter(|told| *told == "sign-in begins").count();
        assert!(tries <= 1, "{}: {:?}", sample.name, witness.told());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sent = lab.simulator.sent_messages();
    let alarm =
        |mailbox: &str| ["@redfern.example", "@eventide.example"].iter().any(|end| mailbox.ends_with(end));
    assert!(sent.iter().all(|sent| alarm(&sent.mailbox)), "only the alarms: {sent:?}");
}

/// They explain an optional step that was left out of a check which passes.
const BESIDE_A_PASS: &[&str] = &["directory_read_not_granted", "autodiscover_root_is_website"];

#[tokio::test]
async fn every_sample_stands_with_its_cause_in_the_catalogue() {
    let lab = Lab::open().await;
    for sample in lab.simulator.samples() {
        if let Some(id) = &sample.expected_cause {
            let cause = causes::find(id).expect("a cause of the catalogue");
            assert!(cause.scenarios.contains(&sample.name.as_str()), "{id} does not name {}", sample.name);
        }
    }
    for cause in causes::all() {
        for name in cause.scenarios.iter().filter(|name| !name.contains(':')) {
            let sample = lab.simulator.sample(name);
            let sample = sample.unwrap_or_else(|| panic!("{} names {name}, which is no sample", cause.id));
            let provoked =
                sample.expected_cause.as_deref() == Some(cause.id) || BESIDE_A_PASS.contains(&cause.id);
            assert!(provoked, "{} names {name}, which ends otherwise", cause.id);
        }
    }
}
