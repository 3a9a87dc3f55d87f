//! Recorded evidence and the cause it must end in.

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
    // Told by a person, found in the form, or found with a second mailbox.
    reached.extend(["reseller_managed_tenant", "secret_policy_blocks", "exo_rbac_scope_excludes"]);
    // Told by a person, found with many mailboxes, or met only by passwords in Exchange Online.
    reached.extend(["hosted_exchange_refuses", "exo_ews_partial_off", "federation_unreachable"]);
    // Never met by the way we ask: one place gets the password, and every question names its mailbox.
    reached.extend(["autodiscover_all_401", "anchor_missing"]);
    // Told by a person, and never met because every request names its mailbox.
    reached.extend(["google_key_creation_blocked", "dwd_sub_missing"]);
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
        (530_032, "security_policy_blocks"),
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
fn numbers_that_a_password_meets_have_their_causes() {
    let scene = Scene::of(Speaker::Password, StepId::SignIn);
    for (numbers, cause, right) in [
        (&[7_000_218][..], "public_client_flows_blocked", false),
        (&[53003], "conditional_access_blocked", true),
        (&[53000], "ca_device_not_compliant", true),
        (&[53001], "ca_device_not_joined", true),
        (&[53002], "ca_app_not_approved", true),
        (&[53004], "mfa_registration_blocked", true),
        (&[53010, 53011], "mfa_registration_restricted", false),
        (&[50131], "ca_external_challenge", false),
        (&[50158], "ca_external_challenge", true),
        (&[50076, 50079], "mfa_required", true),
        (&[50074, 50072, 50078], "mfa_required", false),
        (&[530_035], "security_defaults", false),
        (&[530_032], "security_policy_blocks", false),
        (&[530_034], "partner_admin_blocked", false),
        (&[50126], "user_or_password_wrong", false),
        (&[50034], "user_not_found", false),
        (&[50053], "user_locked_or_bad_ip", false),
        (&[50055, 50144], "password_expired", false),
        (&[50056], "password_missing", false),
        (&[50057], "user_disabled", false),
        (&[50135], "password_change_risk", false),
        (&[50173], "grant_revoked", false),
        (&[50107], "federated_realm_missing", false),
        (&[51004, 50020, 500_208, 16000], "wrong_tenant_account", false),
        (&[500_021, 500_022, 50002], "tenant_restrictions", false),
        (&[50064, 50132, 50133, 50097, 50129, 50155], "password_signin_refused", false),
        (&[65001], "delegated_consent_missing", true),
        (&[700_016], "app_not_found", false),
        (&[99_999_999], "entra_other", false),
    ] {
        for number in numbers {
            let evidence = aad(*number);
            assert_eq!(cause_of(&evidence, &scene), cause, "{number}");
            let Evidence::Shown(shown) = evidence else { panic!("an answer") };
            assert_eq!(judged_password(&shown, cause), Some(right), "{number}");
        }
    }
    // Nobody looked at the password: it was neither right nor wrong.
    for (number, cause) in [
        (80001, "passthrough_agent_problem"),
        (80014, "passthrough_agent_problem"),
        (90033, "entra_transient"),
    ] {
        let evidence = aad(number);
        assert_eq!(cause_of(&evidence, &scene), cause, "{number}");
        let Evidence::Shown(shown) = evidence else { panic!("an answer") };
        assert_eq!(judged_password(&shown, cause), None, "{number}");
    }
}

#[test]
fn exchange_online_says_of_a_password_what_its_headers_and_words_hold() {
    use crate::verification::evidence::Trait;
    let told = |status, traits: &[Trait], codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        Evidence::Shown(Box::new(Shown { status, codes, traits: traits.to_vec(), ..Shown::default() }))
    };
    let at = |step| Scene::of(Speaker::AccountOnline, step);
    for (evidence, step, cause) in [
        (told(401, &[Trait::Challenge, Trait::OnlyBearer], &[]), StepId::Challenge, "exo_basic_auth_retired"),
        (told(401, &[Trait::Challenge, Trait::Basic], &[]), StepId::Challenge, "unknown_response"),
        (told(401, &[Trait::Challenge, Trait::Basic], &[]), StepId::SignIn, "exo_basic_auth_retired"),
        (told(401, &[Trait::BasicBlocked], &[]), StepId::SignIn, "exo_basic_auth_blocked"),
        (told(456, &[Trait::AppPassword], &[]), StepId::SignIn, "exo_mfa_app_password"),
        (told(456, &[], &[]), StepId::SignIn, "exo_account_action_required"),
        (told(401, &[Trait::ConditionalAccess], &[]), StepId::SignIn, "exo_conditional_access_blocked"),
        (told(503, &[Trait::FederationSilent], &[]), StepId::SignIn, "federation_unreachable"),
        (told(503, &[], &[]), StepId::SignIn, "transient_server_error"),
        (told(403, &[Trait::EwsOff], &[]), StepId::SignIn, "exo_ews_disabled"),
        (told(403, &[], &[]), StepId::SignIn, "unknown_response"),
        (told(500, &[], &["ErrorImpersonateUserDenied"]), StepId::Mailbox, "exo_impersonation_role_retired"),
        (told(500, &[], &["ErrorNonExistentMailbox"]), StepId::Mailbox, "mailbox_not_found"),
    ] {
        assert_eq!(cause_of(&evidence, &at(step)), cause, "{evidence:?}");
    }
    let later = Scene { proven: true, ..at(StepId::Mailbox) };
    assert_eq!(cause_of(&told(401, &[], &[]), &later), "exo_account_turned_away");
    let retired = Scene { retired: true, ..at(StepId::Challenge) };
    assert_eq!(cause_of(&told(401, &[], &[]), &retired), "exo_ews_retired");
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
    for planned in GRAPH.shown.iter().filter(|planned| planned.id != "account") {
        let late = (Verdict::CouldNotTell, Some("check_timed_out".to_owned()), Again::Soon(None));
        assert_eq!(told(planned.id, true), late, "{}", planned.id);
        let odd = (Verdict::CouldNotTell, Some("unknown_response".to_owned()), Again::OnPress);
        assert_eq!(told(planned.id, false), odd, "{}", planned.id);
    }
    assert_eq!(told("account", true).0, Verdict::PassedWithWarnings);
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

fn google(status: u16, code: &str, words: &str) -> Evidence {
    let lower = words.to_lowercase();
    let phrases = crate::verification::rules::PHRASES.iter().copied().filter(|phrase| lower.contains(phrase));
    let codes = vec![code.to_owned()];
    Evidence::Shown(Box::new(Shown { status, codes, phrases: phrases.collect(), ..Shown::default() }))
}

#[test]
fn refused_sign_ins_of_google_have_their_causes() {
    let at = |step, ours, opened| Scene { ours, opened, ..Scene::of(Speaker::GoogleToken, step) };
    let theirs = at(StepId::ContactsToken, false, false);
    for (status, code, words, cause) in [
        (
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens",
            "dwd_not_authorised",
        ),
        (403, "access_denied", "Requested client not authorized.", "dwd_not_authorised"),
        (400, "invalid_grant", "Invalid email or User ID", "google_user_unknown"),
        (400, "invalid_request", "Invalid impersonation \"sub\" field", "google_user_unknown"),
        (400, "invalid_request", "Invalid impersonation prn email address", "google_user_unknown"),
        (400, "invalid_grant", "The account has been deleted", "google_user_deleted"),
        (
            400,
            "invalid_grant",
            "Token must be a short-lived token (60 minutes) and in a reasonable timeframe",
            "clock_skew",
        ),
        (400, "invalid_grant", "Invalid JWT Signature.", "google_key_revoked"),
        (400, "invalid_grant", "Invalid JWT: No valid verifier found for issuer", "google_key_revoked"),
        (400, "invalid_grant", "Invalid grant: account not found", "service_account_deleted"),
        (401, "invalid_client", "", "service_account_deleted"),
        (401, "deleted_client", "", "service_account_deleted"),
        (401, "disabled_client", "", "service_account_deleted"),
        (400, "invalid_scope", "", "token_request_invalid"),
        (400, "invalid_grant", "Bad Request", "google_grant_other"),
        (400, "invalid_grant", "Not a valid email", "google_grant_other"),
        (400, "invalid_grant", "reauth related error (invalid_rapt)", "google_reauth_policy"),
        (500, "internal_failure", "Backend Error", "google_transient"),
        (400, "internal_failure", "None", "google_transient"),
        (429, "", "", "throttled"),
        (400, "something_new", "", "unknown_response"),
    ] {
        assert_eq!(cause_of(&google(status, code, words), &theirs), cause, "{code}: {words}");
    }
    let unauthorised = google(401, "unauthorized_client", "");
    assert_eq!(cause_of(&unauthorised, &at(StepId::MailToken, false, true)), "dwd_scope_missing");
    let signature = google(400, "invalid_grant", "Invalid JWT Signature.");
    assert_eq!(cause_of(&signature, &at(StepId::Token, true, false)), "google_our_setup");
    assert_eq!(cause_of(&unauthorised, &at(StepId::ContactsToken, true, false)), "dwd_not_authorised");
    let late = google(400, "invalid_grant", "reasonable timeframe");
    assert_eq!(cause_of(&late, &at(StepId::Token, true, false)), "clock_skew");
}

#[test]
fn answers_of_googles_interfaces_have_their_causes() {
    use StepId::{CalendarRead, CalendarSync, ContactsRead, ContactsSync, SendRight};
    let at = |step, ours| Scene { ours, opened: true, ..Scene::of(Speaker::Google, step) };
    for (step, status, code, words, cause) in [
        (ContactsRead, 403, "accessNotConfigured", "", "google_api_disabled"),
        (ContactsRead, 403, "SERVICE_DISABLED", "", "google_api_disabled"),
        (ContactsRead, 403, "CONSUMER_SUSPENDED", "", "google_project_suspended"),
        (CalendarRead, 403, "notACalendarUser", "", "google_calendar_off"),
        (CalendarRead, 404, "notFound", "", "google_calendar_off"),
        (SendRight, 400, "failedPrecondition", "Mail service not enabled", "google_gmail_off"),
        (SendRight, 400, "failedPrecondition", "Precondition check failed.", "google_gmail_off"),
        (ContactsRead, 403, "insufficientPermissions", "", "google_scope_insufficient"),
        (SendRight, 403, "insufficientPermissions", "", "dwd_scope_missing"),
        (SendRight, 403, "forbidden", "Delegation denied for a@b.example", "google_user_mismatch"),
        (ContactsRead, 401, "authError", "", "token_expired"),
        (CalendarRead, 403, "domainPolicy", "", "google_api_access_blocked"),
        (ContactsRead, 403, "userRateLimitExceeded", "", "throttled"),
        (ContactsRead, 429, "RESOURCE_EXHAUSTED", "", "throttled"),
        (CalendarRead, 403, "dailyLimitExceeded", "", "google_daily_limit"),
        (CalendarSync, 410, "fullSyncRequired", "", "sync_state_invalid"),
        (ContactsSync, 400, "EXPIRED_SYNC_TOKEN", "", "sync_state_invalid"),
        (SendRight, 200, "", "", "probe_sent_something"),
        (ContactsRead, 503, "backendError", "", "google_transient"),
        (ContactsRead, 403, "somethingNew", "", "unknown_response"),
        (ContactsRead, 200, "", "", "unknown_response"),
    ] {
        assert_eq!(
            cause_of(&google(status, code, words), &at(step, false)),
            cause,
            "{status} {code} {words}"
        );
    }
    assert_eq!(cause_of(&google(403, "SERVICE_DISABLED", ""), &at(ContactsRead, true)), "google_our_setup");
    assert_eq!(cause_of(&google(403, "CONSUMER_SUSPENDED", ""), &at(ContactsRead, true)), "google_our_setup");
    let alone = Scene { opened: false, ..at(SendRight, false) };
    assert_eq!(cause_of(&google(403, "insufficientPermissions", ""), &alone), "google_scope_insufficient");
}
