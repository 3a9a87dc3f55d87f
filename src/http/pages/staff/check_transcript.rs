//! Everything that is kept of a check as text: one JSON object a line. What the engine keeps holds no secret, and nothing
//! else goes in.

use serde_json::{Value, json};

use super::check_case::{Detail, RunOf};
use crate::{
    actions::progress::EndedStep,
    domain::{
        check::{CauseId, Check},
        instant::Instant,
    },
    store::Try,
};

/// The lines, the oldest run first.
pub(super) fn transcript_of(detail: &Detail) -> String {
    let mut lines = vec![head(detail)];
    for run in detail.runs.iter().rev() {
        lines.extend(detail.tries.iter().filter(|tried| tried.run == run.number).map(sign_in));
        lines.extend(run.steps.iter().map(|(at, ended)| step(run, *at, ended)));
    }
    lines.extend(verdict(&detail.entry.check));
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

fn head(detail: &Detail) -> Value {
    let (check, connection) = (&detail.entry.check, &detail.connection);
    let attempt = detail.attempt.as_ref();
    json!({
        "line": "check",
        "id": check.id.as_str(),
        "reference": attempt.map_or_else(
            || connection.reference.as_str().to_owned(),
            |attempt| connection.reference.of_attempt(attempt.number),
        ),
        "kind": attempt.map_or(connection.kind, |attempt| attempt.kind).id(),
        "attempt": attempt.map(|attempt| attempt.number),
        "asked_by": check.origin.as_str(),
        "reason": check.reason.map(|reason| reason.as_str()),
        "asked_at": check.created_at.rfc3339(),
        "due_at": check.due_at.rfc3339(),
        "rung": check.rung,
        "short_pauses": check.retries,
        "runs": check.run,
    })
}

fn sign_in(tried: &Try) -> Value {
    json!({
        "line": "sign_in",
        "run": tried.run,
        "at": tried.begun_at.rfc3339(),
        "accepted": tried.accepted,
    })
}

fn step(run: &RunOf, at: Instant, ended: &EndedStep) -> Value {
    let facts: Vec<Value> =
        ended.notes.facts.iter().map(|fact| json!({ "label": fact.label, "value": fact.value })).collect();
    json!({
        "line": "step",
        "run": run.number,
        "seq": ended.seq,
        "step": ended.id,
        "title": ended.title,
        "outcome": ended.outcome.as_str(),
        "ended_at": at.rfc3339(),
        "elapsed_us": u64::try_from(ended.elapsed.as_micros()).unwrap_or(u64::MAX),
        "cause": ended.cause.as_ref().map(CauseId::as_str),
        "facts": facts,
        "server_words": ended.notes.words,
    })
}

fn verdict(check: &Check) -> Option<Value> {
    let (verdict, at) = check.verdict.zip(check.decided_at)?;
    let warnings: Vec<&str> = check.warnings.iter().map(CauseId::as_str).collect();
    Some(json!({
        "line": "verdict",
        "verdict": verdict.as_str(),
        "cause": check.cause.as_ref().map(CauseId::as_str),
        "warnings": warnings,
        "at": at.rfc3339(),
    }))
}
