//! Evidence in, cause out. Nothing here calls, waits or knows the time.

use std::time::Duration;

use crate::{
    domain::{
        cause::{Cause, Remedy},
        causes,
        check::{Again, CauseId, Outcome, Report, Step, Verdict},
    },
    net::{
        Failure,
        failure::{DnsProblem, TcpProblem, TlsProblem},
    },
};

use super::{
    evidence::{Evidence, Shown},
    rules::{Scene, Speaker, finding, rules},
    step::Plan,
};

/// Numbers of the sign-in service that only a right secret meets: a policy, a missing consent, an assignment.
const PROVEN_BY: &[u32] = &[53003, 65001, 50105];

/// The same for a password: what is asked of its owner beyond it.
const PASSWORD_PROVEN_BY: &[u32] = &[50076, 50079, 50158, 53000, 53001, 53002, 53003, 53004, 65001, 50105];

/// The cause that evidence points to.
pub fn cause_of(evidence: &Evidence, scene: &Scene<'_>) -> &'static str {
    match evidence {
        Evidence::Lost(failure) => cause_of_failure(failure),
        Evidence::OutOfTime => "check_timed_out",
        Evidence::Found(found) => finding(*found),
        Evidence::Paused => "sign_in_paused",
        Evidence::Shown(shown) => cause_of_answer(shown, scene),
    }
}

fn cause_of_answer(shown: &Shown, scene: &Scene<'_>) -> &'static str {
    let told = !(shown.aad.is_empty() && shown.codes.is_empty());
    let rest = match scene.speaker {
        // A refusal with a number or a word nobody knows yet: honest, and shown to staff.
        Speaker::SignIn | Speaker::Password if told => "entra_other",
        _ => "unknown_response",
    };
    rules(scene.speaker)
        .iter()
        .copied()
        .flatten()
        .find(|rule| rule.holds(shown, scene))
        .map_or(rest, |rule| rule.cause)
}

const fn cause_of_failure(failure: &Failure) -> &'static str {
    match failure {
        Failure::Dns(DnsProblem::NxDomain) => "dns_nxdomain",
        Failure::Dns(DnsProblem::NoAddress) => "dns_no_address",
        Failure::Dns(DnsProblem::ServFail) => "dns_servfail",
        Failure::Dns(DnsProblem::Timeout) => "dns_timeout",
        Failure::Private => "dns_private_address",
        Failure::Forbidden => "dns_forbidden_address",
        Failure::NotMapped => "network_not_mapped",
        Failure::Tcp(TcpProblem::Timeout) => "tcp_timeout",
        Failure::Tcp(TcpProblem::Refused) => "tcp_refused",
        Failure::Tcp(TcpProblem::Unreachable) => "tcp_unreachable",
        Failure::Tls(TlsProblem::Expired) => "tls_cert_expired",
        Failure::Tls(TlsProblem::NotYetValid) => "tls_cert_not_yet_valid",
        Failure::Tls(TlsProblem::UnknownIssuer | TlsProblem::PrivateCa) => "tls_cert_private_ca",
        Failure::Tls(TlsProblem::SelfSigned) => "tls_cert_self_signed",
        Failure::Tls(TlsProblem::ChainIncomplete) => "tls_chain_incomplete",
        Failure::Tls(TlsProblem::NoSan) => "tls_cert_no_san",
        Failure::Tls(TlsProblem::NotPinned) => "tls_cert_not_pinned",
        Failure::Tls(TlsProblem::ClientCertRequired) => "tls_client_cert_required",
        Failure::Tls(TlsProblem::NameMismatch) => "tls_cert_name_mismatch",
        Failure::Tls(TlsProblem::NoCommonCipher) => "tls_no_common_cipher",
        Failure::Tls(TlsProblem::VersionTooOld) => "tls_version_too_old",
        Failure::Tls(TlsProblem::NotTls) => "tls_not_tls",
        Failure::Tls(TlsProblem::Reset) => "tls_reset_in_handshake",
        Failure::Tls(TlsProblem::Closed) => "tls_closed_in_handshake",
        Failure::Tls(TlsProblem::Timeout) => "tls_timeout",
        Failure::Tls(TlsProblem::Other) => "tls_failed",
        Failure::HttpTimeout => "http_timeout",
        Failure::Truncated => "http_truncated",
        Failure::TooLarge => "http_body_too_large",
        Failure::Compressed | Failure::Malformed => "http_odd",
        Failure::Redirected(_) => "provider_redirected",
        Failure::BadCall => "request_invalid",
    }
}

/// Whether the sign-in service judged the secret, and how: `None` when it was busy or never answered.
pub fn judged(shown: &Shown, cause: &str) -> Option<bool> {
    let busy = matches!(cause, "entra_transient" | "unknown_response" | "our_proxy_auth");
    (!busy).then(|| shown.aad.iter().any(|number| PROVEN_BY.contains(number)))
}

/// The same of a password. Where the office's own servers judge it and were silent, nobody did.
pub fn judged_password(shown: &Shown, cause: &str) -> Option<bool> {
    let accepted = shown.aad.iter().any(|number| PASSWORD_PROVEN_BY.contains(number));
    judged(shown, cause).filter(|_| cause != "passthrough_agent_problem").map(|_| accepted)
}

/// The report of a check, from its ended steps in the order of the plan.
///
/// The cause is that of the first failed step of the weightiest kind: an alarm, something to mend, something to
/// wait for, something busy, something of ours. Optional steps never fail a check by themselves. A check in which
/// something else was left out passes under no circumstances: it was late where `late` says so, and else it met
/// something that we do not know.
pub fn report(
    plan: &Plan,
    steps: Vec<Step>,
    warned: &[&'static str],
    accepted: bool,
    asked: Option<Duration>,
    late: bool,
) -> Report {
    let failed = steps.iter().filter(|step| step.outcome == Outcome::Failed);
    let causes = failed.filter_map(|step| step.cause.as_ref());
    // The first of equals wins, so the plan's order decides among them.
    let known = |id: &str| causes::find(id).map(|cause| cause.on(plan.own_server));
    let cause = causes.filter_map(|id| known(id.as_str())).min_by_key(weight);
    let cause = match cause {
        None | Some(Cause { remedy: Remedy::Advise, .. }) if !is_complete(plan, &steps) => {
            known(if late { "check_timed_out" } else { "unknown_response" })
        }
        known => known,
    };
    let on_steps = steps.iter().filter(|step| step.outcome == Outcome::Warning);
    let mut warnings: Vec<CauseId> = on_steps.filter_map(|step| step.cause.clone()).collect();
    for id in warned.iter().map(|id| CauseId::known(id)) {
        if !warnings.contains(&id) {
            warnings.push(id);
        }
    }
    let (verdict, again) = match cause {
        None if warnings.is_empty() => (Verdict::Passed, Again::OnPress),
        None => (Verdict::PassedWithWarnings, Again::OnPress),
        Some(cause) => verdict_of(&cause, asked),
    };
    let cause = cause.as_ref().map(Cause::cause_id);
    Report { verdict, cause, warnings, credential_accepted: accepted, again, steps }
}

/// Whether nothing failed and nothing was left out but what is optional.
fn is_complete(plan: &Plan, steps: &[Step]) -> bool {
    steps.iter().all(|step| match step.outcome {
        Outcome::Passed | Outcome::Warning => true,
        Outcome::Failed => false,
        Outcome::Skipped => plan.is_optional(&step.id),
    })
}

fn weight(cause: &Cause) -> u8 {
    match cause.remedy {
        _ if cause.id == "probe_sent_something" => 0,
        Remedy::Act | Remedy::ActThenWait => 1,
        Remedy::Wait => 2,
        Remedy::Retry => 3,
        Remedy::Ours => 4,
        Remedy::Advise => 5,
    }
}

/// What a cause makes of a check. Whoever runs checks on the ladder turns "waiting" into "failed" when the ladder
/// is used up; the verdict here is that of one look.
const fn verdict_of(cause: &Cause, asked: Option<Duration>) -> (Verdict, Again) {
    match cause.remedy {
        Remedy::Act | Remedy::ActThenWait => (Verdict::Failed, Again::OnPress),
        Remedy::Wait => (Verdict::WaitingForProvider, Again::OnLadder),
        Remedy::Retry => (Verdict::CouldNotTell, Again::Soon(asked)),
        Remedy::Ours => (Verdict::CouldNotTell, Again::OnPress),
        Remedy::Advise => (Verdict::PassedWithWarnings, Again::OnPress),
    }
}

#[cfg(test)]
mod tests;
