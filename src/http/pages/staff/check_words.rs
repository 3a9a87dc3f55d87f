//! What pages say of a check in a line: what came of it, and who asked for it.

use crate::{
    domain::{
        check::{Check, Origin, Verdict},
        check_reason::CheckReason,
    },
    store::all_brokerages::CheckEntry,
};

/// What came of it so far, and its colour.
pub(super) fn verdict(check: &Check) -> (String, &'static str) {
    let (words, look) = match check.verdict {
        None if check.run == 0 => ("Waits for its turn", ""),
        None => ("Runs", ""),
        Some(Verdict::Passed) => ("Passed", "ok"),
        Some(Verdict::PassedWithWarnings) => ("Passed with warnings", "ok"),
        Some(Verdict::Failed) => ("Failed", "bad"),
        Some(Verdict::WaitingForProvider) => ("Waiting for the provider", ""),
        Some(Verdict::CouldNotTell) => ("Could not tell", "warn"),
    };
    (words.to_owned(), look)
}

/// Who or what asked for it, and why.
pub(super) fn asked_by(entry: &CheckEntry) -> String {
    let check = &entry.check;
    let person = || entry.person.as_ref().map_or("the office", |name| name.as_str());
    match check.origin {
        Origin::Submission => format!("Submitted by {}", person()),
        Origin::CheckAgain => format!("Checked again by {}", person()),
        Origin::Schedule => "A later look by ourselves".to_owned(),
        Origin::ByHand => {
            format!("Decided by hand, wanted by {}", entry.staff.as_deref().unwrap_or("MoxiWorks"))
        }
        Origin::DryRun => format!("Tested before submission by {}", person()),
        Origin::Staff => {
            let reason = check.reason.map_or("", CheckReason::title).to_lowercase();
            format!("Checked again by {}: {reason}", entry.staff.as_deref().unwrap_or("MoxiWorks"))
        }
        Origin::InUse => {
            let reason = check.reason.map_or("", CheckReason::title).to_lowercase();
            format!("Checked in use by {}: {reason}", entry.staff.as_deref().unwrap_or("MoxiWorks"))
        }
    }
}
