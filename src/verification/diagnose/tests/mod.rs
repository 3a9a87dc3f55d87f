//! Recorded evidence and the cause it must end in.

mod across;
mod google;
mod password;

use super::*;
use crate::verification::{
    evidence::Finding,
    rules::{Rule, Sign, rules},
    step::{GRAPH, StepId},
};

fn scene(step: StepId) -> Scene<'static> {
    let speaker =
        if matches!(step, StepId::Tenant | StepId::Token) { Speaker::SignIn } else { Speaker::Graph };
    Scene::of(speaker, step)
}

fn aad(number: u32) -> Evidence {
    Evidence::Shown(Box::new(Shown {
        status: 401,
        codes: vec!["invalid_client".to_owned()],
        aad: vec![number],
        ..Shown::default()
    }))
}

fn graph(status: u16, code: &str, phrases: &[&'static str]) -> Evidence {
    let codes = vec![code.to_owned()];
    Evidence::Shown(Box::new(Shown { status, codes, phrases: phrases.to_vec(), ..Shown::default() }))
}

const RAOP: &[&str] = &["[raop]", "apponly accesspolicy", "access to odata is disabled"];

#[test]
fn every_rule_points_into_the_catalogue_and_can_be_reached() {
    for rules in Speaker::ALL.iter().map(|speaker| rules(*speaker).concat()) {
        for (at, rule) in rules.iter().enumerate() {
            assert!(causes::find(rule.cause).is_some(), "{}", rule.cause);
            assert!(!rule.signs.is_empty(), "{}", rule.cause);
            for sign in rule.signs {
                if let Sign::Says(phrase) = sign {
                    assert!(crate::verification::rules::PHRASES.contains(phrase), "{phrase}");
                }
            }
            // The same signs further up would shadow it.
            let same = |other: &Rule| format!("{:?}", other.signs) == format!("{:?}", rule.signs);
            assert!(!rules[..at].iter().any(same), "{}", rule.cause);
        }
    }
    assert!(Finding::ALL.iter().all(|found| causes::find(finding(*found)).is_some()));
}

#[test]
fn every_cause_without_a_rule_comes_from_elsewhere() {
    let failures = [
        Failure::Dns(DnsProblem::NxDomain),
        Failure::Dns(DnsProblem::NoAddress),
        Failure::Dns(DnsProblem::ServFail),
        Failure::Dns(DnsProblem::Timeout),
        Failure::Private,
        Failure::Forbidden,
        Failure::NotMapped,
        Failure::Tcp(TcpProblem::Timeout),
        Failure::Tcp(TcpProblem::Refused),
        Failure::Tcp(TcpProblem::Unreachable),
        Failure::Tls(TlsProblem::Expired),
        Failure::Tls(TlsProblem::NotYetValid),
        Failure::Tls(TlsProblem::UnknownIssuer),
        Failure::Tls(TlsProblem::SelfSigned),
        Failure::Tls(TlsProblem::PrivateCa),
        Failure::Tls(TlsProblem::ChainIncomplete),
        Failure::Tls(TlsProblem::NoSan),
        Failure::Tls(TlsProblem::NotPinned),
        Failure::Tls(TlsProblem::ClientCertRequired),
        Failure::Tls(TlsProblem::NameMismatch),
        Failure::Tls(TlsProblem::NoCommonCipher),
        Failure::Tls(TlsProblem::VersionTooOld),
        Failure::Tls(TlsProblem::NotTls),
        Failure::Tls(TlsProblem::Reset),
        Failure::Tls(TlsProblem::Closed),
        Failure::Tls(TlsProblem::Timeout),
        Failure::Tls(TlsProblem::Other),
        Failure::Tls(TlsProblem::SelfSigned),
        Failure::Tls(TlsProblem::PrivateCa),
        Failure::Tls(TlsProblem::ChainIncomplete),
        Failure::Tls(TlsProblem::NoSan),
        Failure::Tls(TlsProblem::NotPinned),
        Failure::Tls(TlsProblem::ClientCertRequired),
        Failure::Private,
        Failure::Compressed,
        Failure::HttpTimeout,
        Failure::Truncated,
        Failure::TooLarge,
        Failure::Compressed,
        Failure::Malformed,
        Failure::Redirected(None),
        Failure::BadCall,
    ];
    let mut reached: Vec<&str> = failures.iter().map(cause_of_failure).collect();
    assert!(reached.iter().all(|id| causes::find(id).is_some()));
    reached.extend(Speaker::ALL.iter().flat_map(|speaker| rules(*speaker).concat()).map(|rule| rule.cause));
    reached.extend(["unknown_response", "entra_other", "check_timed_out", "sign_in_paused"]);
    reached.extend(Finding::ALL.iter().map(|found| finding(*found)));
    reached.push("ipv6_broken");
    // Found with many mailboxes.
    reached.extend(["exo_rbac_scope_excludes", "exo_ews_partial_off"]);
    // Other offices decide whether it is an incident.
    reached.extend(["provider_incident", "our_network_down"]);
    // The worker tells it, which has both secrets.
    reached.push("secret_not_renewed");
    // These are told by people, at a step of a guide.
    reached.extend(causes::all().filter(|cause| cause.told.is_some()).map(|cause| cause.id));
    let listed = causes::all().filter(|cause| !cause.id.starts_with("form_"));
    let lost: Vec<&str> = listed.map(|cause| cause.id).filter(|id| !reached.contains(id)).collect();
    assert!(lost.is_empty(), "nothing points to {lost:?}");
}

#[test]
fn numbers_of_the_sign_in_service_have_their_causes() {
    for (number, cause) in [
        (90002, "tenant_not_found"),
        (900_023, "tenant_id_malformed"),
        (90124, "tenant_common_endpoint"),
        (50128, "tenant_not_identified"),
        (900_432, "national_cloud"),
        (700_016, "app_not_found"),
        (7_000_112, "app_disabled"),
        (7_000_229, "service_principal_missing"),
        (7_000_215, "client_secret_invalid"),
        (7_000_222, "client_secret_expired"),
        (7_000_218, "client_secret_missing"),
        (700_025, "app_is_public_client"),
        (9_002_313, "token_request_invalid"),
        (500_011, "resource_missing"),
        (650_052, "org_lacks_service"),
        (65001, "consent_missing"),
        (90095, "consent_needs_admin"),
        (650_056, "app_permissions_misconfigured"),
        (70002, "client_credentials_rejected"),
        (50105, "app_assignment_required"),
        (53003, "workload_conditional_access"),
        (530_032, "security_policy_blocked"),
        (530_034, "partner_admin_blocked"),
        (500_021, "tenant_restrictions"),
        (90033, "entra_transient"),
        (50196, "token_loop"),
        (99_999_999, "entra_other"),
    ] {
        assert_eq!(cause_of(&aad(number), &scene(StepId::Token)), cause, "{number}");
    }
    let unnumbered = graph(401, "invalid_client", &[]);
    assert_eq!(cause_of(&unnumbered, &scene(StepId::Token)), "client_credentials_rejected");
    let odd = Evidence::Shown(Box::new(Shown { status: 200, ..Shown::default() }));
    assert_eq!(cause_of(&odd, &scene(StepId::Token)), "unknown_response");
    let busy = Evidence::Shown(Box::new(Shown { status: 503, ..Shown::default() }));
    assert_eq!(cause_of(&busy, &scene(StepId::Tenant)), "entra_transient");
}

#[test]
fn answers_of_the_mailbox_service_have_their_causes() {
    use StepId::{Account, ContactWrite, ContactsSync, Mailbox, SendRight};
    for (step, status, code, cause) in [
        (Account, 403, "Authorization_RequestDenied", "directory_read_not_granted"),
        (Account, 404, "Request_ResourceNotFound", "graph_user_not_found"),
        (Mailbox, 403, "NoPermissionsInAccessToken", "graph_no_permissions"),
        (Mailbox, 401, "NoPermissionsInAccessToken", "graph_no_permissions"),
        (Mailbox, 401, "InvalidAuthenticationToken", "graph_token_rejected"),
        (Mailbox, 404, "MailboxNotEnabledForRESTAPI", "mailbox_not_in_exo"),
        (Mailbox, 404, "ResourceNotFound", "mailbox_not_in_exo"),
        (Mailbox, 404, "MailboxNotHostedInExchangeOnline", "mailbox_on_premises"),
        (Mailbox, 404, "ErrorInvalidUser", "graph_user_invalid"),
        (ContactsSync, 404, "ErrorItemNotFound", "contact_folder_gone"),
        (ContactsSync, 410, "syncStateNotFound", "sync_state_invalid"),
        (ContactWrite, 404, "ErrorFolderNotFound", "eventual_consistency"),
        (ContactWrite, 409, "ErrorIrresolvableConflict", "write_conflict"),
        (ContactWrite, 412, "", "write_conflict"),
        (ContactWrite, 507, "", "mailbox_full"),
        (ContactWrite, 403, "ErrorQuotaExceeded", "mailbox_full"),
        (SendRight, 403, "ErrorSendAsDenied", "send_as_denied"),
        (SendRight, 403, "ErrorMessageSubmissionBlocked", "sending_blocked"),
        (SendRight, 202, "", "probe_sent_something"),
        (Mailbox, 429, "ApplicationThrottled", "throttled"),
        (Mailbox, 503, "serviceNotAvailable", "graph_transient"),
        (Mailbox, 400, "RequestBodyRead", "request_invalid"),
        (Mailbox, 200, "", "unknown_response"),
        (Mailbox, 418, "", "unknown_response"),
        (Mailbox, 403, "SomethingNew", "unknown_response"),
    ] {
        assert_eq!(cause_of(&graph(status, code, &[]), &scene(step)), cause, "{status} {code}");
    }
    let challenge = Shown { status: 401, claims_challenge: true, ..Shown::default() };
    let challenge = Evidence::Shown(Box::new(challenge));
    assert_eq!(cause_of(&challenge, &scene(Mailbox)), "workload_conditional_access");
}

#[test]
fn a_refusal_means_what_its_surroundings_say() {
    let plain = graph(403, "ErrorAccessDenied", &[]);
    let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (none, calendar) = (roles(&[]), roles(&["Calendars.ReadWrite"]));
    let seen = |roles| Scene { roles, needs: &["Calendars.ReadWrite"], ..scene(StepId::CalendarRead) };
    assert_eq!(cause_of(&plain, &seen(Some(&none))), "graph_permission_missing");
    assert_eq!(cause_of(&plain, &seen(Some(&calendar))), "graph_access_denied");
    assert_eq!(cause_of(&plain, &seen(None)), "graph_access_denied", "an unreadable token proves nothing");

    let raop = graph(403, "ErrorAccessDenied", RAOP);
    assert_eq!(cause_of(&raop, &seen(Some(&calendar))), "exo_rbac_required");
    let others = Scene { opened: true, ..seen(Some(&calendar)) };
    assert_eq!(cause_of(&raop, &others), "exo_rbac_role_missing");
    let agents = graph(403, "ErrorAccessDenied", &["access to odata is disabled"]);
    assert_eq!(cause_of(&agents, &seen(Some(&calendar))), "exo_rest_blocked");

    let nothing = graph(404, "MailboxNotEnabledForRESTAPI", &[]);
    let licensed = |licensed| Scene { licensed, ..scene(StepId::Mailbox) };
    assert_eq!(cause_of(&nothing, &licensed(Some(false))), "mailbox_no_licence");
    assert_eq!(cause_of(&nothing, &licensed(Some(true))), "mailbox_not_provisioned");
    assert_eq!(cause_of(&nothing, &licensed(None)), "mailbox_not_in_exo");
}

fn step(id: &str, outcome: Outcome, cause: Option<&'static str>) -> Step {
    Step {
        id: id.to_owned(),
        title: id.to_owned(),
        outcome,
        elapsed: Duration::ZERO,
        facts: Vec::new(),
        words: None,
        cause: cause.map(CauseId::known),
    }
}

#[test]
fn the_weightiest_cause_makes_the_verdict() {
    let told = |causes: &[&'static str]| {
        let steps = causes.iter().map(|cause| step("s", Outcome::Failed, Some(cause))).collect();
        let report = report(&GRAPH, steps, &[], true, Some(Duration::from_secs(7)), false);
        (
            report.verdict,
            report.cause.map(|cause| cause.as_str().to_owned()).unwrap_or_default(),
            report.again,
        )
    };
    let on_press = |verdict, cause: &str| (verdict, cause.to_owned(), Again::OnPress);
    assert_eq!(
        told(&["throttled", "graph_permission_missing"]),
        on_press(Verdict::Failed, "graph_permission_missing")
    );
    assert_eq!(told(&["mailbox_full", "exo_rbac_required"]), on_press(Verdict::Failed, "mailbox_full"));
    assert_eq!(told(&["mailbox_full", "probe_sent_something"]).1, "probe_sent_something");
    assert_eq!(told(&["unknown_response"]), on_press(Verdict::CouldNotTell, "unknown_response"));
    let soon = Again::Soon(Some(Duration::from_secs(7)));
    assert_eq!(
        told(&["unknown_response", "throttled"]),
        (Verdict::CouldNotTell, "throttled".to_owned(), soon)
    );
    let ladder = (Verdict::WaitingForProvider, "graph_access_denied".to_owned(), Again::OnLadder);
    assert_eq!(told(&["throttled", "graph_access_denied"]), ladder);
}

#[test]
fn warnings_pass_and_are_named_once() {
    let steps = vec![
        step("token", Outcome::Warning, Some("excess_permissions")),
        step("account", Outcome::Skipped, Some("directory_read_not_granted")),
        step("mailbox", Outcome::Passed, None),
    ];
    let report = report(&GRAPH, steps, &["client_secret_expires_soon"], true, None, false);
    assert_eq!((report.verdict, report.cause.is_none()), (Verdict::PassedWithWarnings, true));
    let warnings: Vec<&str> = report.warnings.iter().map(CauseId::as_str).collect();
    assert_eq!(warnings, ["excess_permissions", "client_secret_expires_soon"]);
}

#[test]
fn what_was_left_out_never_passes() {
    let told = |left_out: &str, late| {
        let planned = GRAPH.shown.iter().map(|planned| {
            let outcome = if planned.id == left_out { Outcome::Skipped } else { Outcome::Passed };
            step(planned.id, outcome, None)
        });
        let report = report(&GRAPH, planned.collect(), &["client_secret_expires_soon"], true, None, late);
        (report.verdict, report.cause.map(|cause| cause.as_str().to_owned()), report.again)
    };
    for planned in GRAPH.shown.iter().filter(|planned| !GRAPH.is_optional(planned.id)) {
        let late = (Verdict::CouldNotTell, Some("check_timed_out".to_owned()), Again::Soon(None));
        assert_eq!(told(planned.id, true), late, "{}", planned.id);
        let odd = (Verdict::CouldNotTell, Some("unknown_response".to_owned()), Again::OnPress);
        assert_eq!(told(planned.id, false), odd, "{}", planned.id);
    }
    for optional in ["account", "outside_mailbox"] {
        assert_eq!(told(optional, true).0, Verdict::PassedWithWarnings);
    }
}

#[test]
fn a_failed_step_without_a_known_cause_passes_no_check() {
    for cause in [None, Some("of_another_version"), Some("excess_permissions")] {
        let report = report(&GRAPH, vec![step("mailbox", Outcome::Failed, cause)], &[], true, None, false);
        assert_eq!(report.verdict, Verdict::CouldNotTell, "{cause:?}");
    }
    let failed = vec![
        step("mailbox", Outcome::Failed, Some("mailbox_not_in_exo")),
        step("contact_write", Outcome::Skipped, None),
    ];
    let report = report(&GRAPH, failed, &[], true, None, true);
    assert_eq!(report.cause, Some(CauseId::known("mailbox_not_in_exo")), "a failed step says more");
}
