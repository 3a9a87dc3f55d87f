//! What a check leaves in a mailbox on a customer's own server: nothing, or a word about it.

use moxi_onboard::{
    domain::{
        check::Outcome,
        test_item::{TestItem, TestThing},
    },
    simulator::{ALWAYS, Fault, Operation, Sample, Target},
    verification::{Fate, Nobody, NotNoted, Observer, SignInDenied},
};

use super::lab::{Lab, credential, step};

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

#[tokio::test]
async fn what_a_hold_keeps_is_told_apart_from_what_could_not_be_removed() {
    let lab = Lab::open().await;
    let (report, _) = lab.check("exchange-delete-refused").await;
    for id in ["contact_remove", "event_remove", "send_right"] {
        let removed = step(&report, id);
        assert_eq!(removed.outcome, Outcome::Warning, "{removed:?}");
        assert_eq!(removed.cause.as_ref().map(|cause| cause.as_str()), Some("delete_refused"));
    }
}

#[tokio::test]
async fn an_entry_that_somebody_else_removed_counts_as_removed_and_has_a_name() {
    let lab = Lab::open().await;
    let sample = healthy(&lab);
    let gone = Fault::ErrorMessage("ErrorItemNotFound".to_owned());
    lab.simulator.inject(Target::Operation(Operation::EwsDeleteItem), gone, ALWAYS);
    let (report, _) = lab.check(&sample.name).await;
    assert_eq!(report.cause, None, "{:?}", report.verdict);
    let removed = step(&report, "contact_remove");
    assert_eq!(removed.outcome, Outcome::Passed);
    assert_eq!(removed.cause.as_ref().map(|cause| cause.as_str()), Some("item_gone"));
}

/// Keeps the notes of a check as a worker does.
#[derive(Default)]
struct Notes {
    noted: std::sync::Mutex<Vec<TestItem>>,
    full: bool,
}

impl Notes {
    fn left(&self) -> Vec<TestItem> {
        self.noted.lock().expect("not poisoned").clone()
    }

    fn put(&self, item: &TestItem) {
        let mut noted = self.noted.lock().expect("not poisoned");
        noted.retain(|known| known.thing != item.thing);
        noted.push(item.clone());
    }
}

#[async_trait::async_trait]
impl Observer for Notes {
    async fn step_ended(&self, _seq: usize, _step: &moxi_onboard::domain::check::Step) {}

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        Ok(())
    }

    async fn sign_in_answered(&self, _accepted: bool) {}

    async fn writing_begins(&self, item: &TestItem) -> Result<(), NotNoted> {
        self.put(item);
        if self.full { Err(NotNoted) } else { Ok(()) }
    }

    async fn written(&self, item: &TestItem) {
        self.put(item);
    }

    async fn removed(&self, thing: TestThing) {
        self.noted.lock().expect("not poisoned").retain(|known| known.thing != thing);
    }
}

const KINDS: [(&str, [Operation; 2], [Operation; 2]); 3] = [
    (
        "healthy",
        [Operation::ContactCreate, Operation::EventCreate],
        [Operation::ContactDelete, Operation::EventDelete],
    ),
    ("ews-healthy", [Operation::EwsCreateItem; 2], [Operation::EwsDeleteItem; 2]),
    ("exchange-healthy", [Operation::EwsCreateItem; 2], [Operation::EwsDeleteItem; 2]),
];

#[tokio::test]
async fn what_cannot_be_noted_is_not_written() {
    for (name, [write, _], _) in KINDS {
        let lab = Lab::open().await;
        let notes = Notes { full: true, ..Notes::default() };
        lab.verifier().check(&credential(&lab.sample(name)), &notes).await;
        let written = lab.simulator.requests().iter().filter(|seen| seen.operation == write).count();
        assert_eq!(written, 0, "{name}");
    }
}

#[tokio::test]
async fn a_check_that_ends_well_leaves_no_note() {
    for (name, ..) in KINDS {
        let lab = Lab::open().await;
        let notes = Notes::default();
        lab.verifier().check(&credential(&lab.sample(name)), &notes).await;
        assert_eq!(notes.left(), [], "{name}");
    }
}

#[tokio::test]
async fn what_stayed_is_removed_later_by_its_id_or_by_its_mark_and_nothing_else() {
    for (name, _, deletes) in KINDS {
        for with_ids in [true, false] {
            let lab = Lab::open().await;
            let (sample, verifier) = (lab.sample(name), lab.verifier());
            for delete in deletes {
                lab.simulator.inject(Target::Operation(delete), Fault::CloseBefore, ALWAYS);
            }
            let notes = Notes::default();
            verifier.check(&credential(&sample), &notes).await;
            let mut left = notes.left();
            let mailbox = || lab.simulator.mailbox_items(&sample.test_mailbox);
            assert_eq!(mailbox().left_behind().len(), left.len(), "{name}");
            assert!(left.len() >= 2 && left.iter().all(|item| item.id.is_some()), "{name}: {left:?}");
            // Another run writes the same things and leaves them too: they are not ours to remove.
            let others = Notes::default();
            verifier.check(&credential(&sample), &others).await;
            let before = mailbox();
            if !with_ids {
                left.iter_mut().for_each(|item| item.id = None);
            }
            lab.simulator.clear_faults();
            let cleared = verifier.clear(&credential(&sample), &left, &Nobody).await;
            assert!(cleared.fates.iter().all(|fate| *fate == Fate::Gone), "{name}: {cleared:?}");
            let theirs: Vec<String> = others.left().into_iter().filter_map(|item| item.id).collect();
            let there = mailbox();
            let mut still: Vec<&str> = there.left_behind().iter().map(|item| item.id.as_str()).collect();
            let mut wanted: Vec<&str> = theirs.iter().map(String::as_str).collect();
            still.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(still, wanted, "{name}: {before:?}");
            let again = verifier.clear(&credential(&sample), &left, &Nobody).await;
            let gone = if with_ids { Fate::Gone } else { Fate::NotFound };
            assert!(again.fates.iter().all(|fate| *fate == gone), "{name}: {again:?}");
        }
    }
}

#[tokio::test]
async fn a_clean_up_that_does_not_reach_the_mailbox_says_why_and_how_long_it_shall_wait() {
    let lab = Lab::open().await;
    let sample = lab.sample("healthy");
    let item = TestItem {
        thing: TestThing::Contact,
        mark: "none".to_owned(),
        day: super::lab::noon().timestamp().to_zoned(jiff::tz::TimeZone::UTC).date(),
        id: Some("AAMkgone".to_owned()),
    };
    let busy = Fault::Throttled("120".to_owned());
    lab.simulator.inject(Target::Operation(Operation::ContactDelete), busy, ALWAYS);
    let cleared = lab.verifier().clear(&credential(&sample), std::slice::from_ref(&item), &Nobody).await;
    assert_eq!(
        (cleared.fates.as_slice(), cleared.asked.map(|asked| asked.as_secs())),
        ([Fate::Left].as_slice(), Some(120))
    );
    assert_eq!(cleared.cause.as_ref().map(|cause| cause.as_str()), Some("throttled"));
    let other = lab.sample("secret-wrong");
    let cleared = lab.verifier().clear(&credential(&other), &[item], &Nobody).await;
    assert_eq!(cleared.fates, [Fate::Left]);
    assert_eq!(cleared.cause.as_ref().map(|cause| cause.as_str()), other.expected_cause.as_deref());
}
