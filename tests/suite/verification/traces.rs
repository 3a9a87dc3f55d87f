//! What a check leaves in a mailbox on a customer's own server: nothing, or a word about it.

use moxi_onboard::{
    domain::check::Outcome,
    simulator::{ALWAYS, Fault, Operation, Sample, Target},
};

use super::lab::{Lab, step};

/// A server of a customer's own on which all is well.
fn healthy(lab: &Lab) -> Sample {
    let found = lab.simulator.samples().iter().find(|sample| {
        sample.kind == "exchange_basic"
            && sample.expected_verdict == "passed"
            && sample.expected_cause.is_none()
    });
    found.expect("a sample").clone()
}

#[tokio::test]
async fn a_draft_that_cannot_be_removed_is_named() {
    let lab = Lab::open().await;
    let sample = healthy(&lab);
    let denied = Fault::ErrorMessage("ErrorAccessDenied".to_owned());
    lab.simulator.inject(Target::Operation(Operation::EwsDeleteItem), denied, ALWAYS);
    let (report, _) = lab.check(&sample.name).await;
    for (id, thing) in
        [("contact_remove", "contact"), ("event_remove", "calendar entry"), ("send_right", "draft")]
    {
        let removed = step(&report, id);
        assert_eq!(removed.outcome, Outcome::Warning, "{removed:?}");
        assert!(removed.cause.as_ref().is_some_and(|cause| cause.as_str() == "test_item_left_behind"));
        let named = |fact: &&moxi_onboard::domain::check::Fact| {
            fact.label == "Left behind" && fact.value.starts_with(&format!("the {thing} \"MoxiEngage"))
        };
        assert_eq!(removed.facts.iter().filter(named).count(), 1, "{:?}", removed.facts);
    }
    assert_eq!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind().len(), 3);
    assert!(lab.simulator.sent_messages().is_empty());
}

#[tokio::test]
async fn what_was_written_is_found_by_its_mark_when_the_answer_was_lost() {
    let lab = Lab::open().await;
    let sample = healthy(&lab);
    lab.simulator.inject(Target::Operation(Operation::EwsCreateItem), Fault::LoseAnswer, ALWAYS);
    let (report, _) = lab.check(&sample.name).await;
    for (write, remove) in [("contact_write", "contact_remove"), ("event_write", "event_remove")] {
        assert_eq!(step(&report, write).outcome, Outcome::Failed, "{write}");
        assert_eq!(step(&report, remove).outcome, Outcome::Passed, "{:?}", step(&report, remove).facts);
    }
    let draft = step(&report, "send_right");
    assert_eq!(draft.outcome, Outcome::Failed);
    assert!(draft.facts.iter().all(|fact| fact.label != "Left behind"), "{:?}", draft.facts);
    let creations =
        lab.simulator.requests().iter().filter(|seen| seen.operation == Operation::EwsCreateItem).count();
    assert_eq!(creations, 3, "nothing is written twice");
    assert_eq!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind(), Vec::<&_>::new());
}
