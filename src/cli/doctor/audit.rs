//! The audit's chain, to its head.

use super::{Finding, Findings};
use crate::{
    actions::verify_audit::{Verified, verify_audit},
    clock::Clock,
    domain::{audit::Checkpoint, instant::Instant},
    store::Store,
    vault::audit_key::AuditPublicKeys,
};

/// Lines are sealed within a second, and within a lease when the sealer was lost.
const LATE: i64 = 2 * 60;

pub(super) async fn look(
    store: &Store,
    keys: Option<&AuditPublicKeys>,
    signed: Option<Checkpoint>,
    clock: &Clock,
    findings: &mut Findings,
) {
    let Some(keys) = keys else { return };
    findings.add(match verify_audit(store, keys, signed.as_slice()).await {
        Ok(found) => finding(&found, clock.now()),
        Err(error) => Finding::red("audit", error.to_string(), "see whether the database runs"),
    });
}

fn finding(found: &Verified, now: Instant) -> Finding {
    if let Some(wrong) = &found.wrong {
        return Finding::red(
            "audit",
            wrong.to_string(),
            "keep the database as it is, and find out who could write to it; `audit verify` says more",
        );
    }
    let waits = found.waiting_since.map(|since| now.since(since).as_secs()).unwrap_or_default();
    if waits > LATE {
        return Finding::red(
            "audit",
            format!("{} lines wait to be sealed, the oldest for {} min", found.waiting, waits / 60),
            "start a worker that has audit.key; until then these lines can be changed unseen",
        );
    }
    let checkpoint = found.last.map_or_else(
        || "there is no checkpoint yet".to_owned(),
        |(head, at)| format!("the last checkpoint, {} min old, is {head}", now.since(at).as_secs() / 60),
    );
    Finding::good("audit", format!("{} rows are as they were sealed; {checkpoint}", found.sealed))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::actions::verify_audit::Wrong;

    #[test]
    fn a_chain_is_red_when_it_is_broken_or_nobody_seals() {
        let now = Instant::from_micros(1_795_257_720_000_000);
        let ago = |minutes| Some(now.plus(-SignedDuration::from_mins(minutes)));
        let last = Some((Checkpoint { seq: 7, hash: [1; 32] }, now.plus(-SignedDuration::from_mins(9))));
        let good = Verified { sealed: 7, waiting: 1, waiting_since: ago(0), last, wrong: None };
        let printed = |found: &Verified| serde_json::to_string(&finding(found, now)).expect("JSON");
        let said = printed(&good);
        assert!(said.contains("\"good\"") && said.contains("9 min old, is 7:0101"), "{said}");
        let late = printed(&Verified { waiting_since: ago(3), ..good.clone() });
        assert!(late.contains("\"red\"") && late.contains("start a worker"), "{late}");
        let broken = printed(&Verified { wrong: Some(Wrong::Gap { seq: 3 }), ..good });
        assert!(broken.contains("\"red\"") && broken.contains("row 3 of the chain is missing"), "{broken}");
    }
}
