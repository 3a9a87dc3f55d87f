//! What servers say only when something of their own is broken: each answer is played once and ends in its cause.

use std::{collections::BTreeMap, time::Duration};

use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::check::Report,
    simulator::{ALWAYS, Fault, Operation, Target},
    verification::{Nobody, Verifier},
};

use super::lab::{Lab, credential, noon};

/// A sample of the way that is broken, what goes wrong there, and the cause that the check has to name.
pub struct Case(pub &'static str, &'static str, Target, Fault);

fn at(sample: &str, operation: Operation) -> Target {
    Target::Tenant(sample.to_owned(), operation)
}

fn answer(code: u16, headers: &[(&str, &str)], body: &str) -> Fault {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Status { code, headers, body: body.to_owned() }
}

fn of_exchange(code: u16) -> Fault {
    answer(code, &[("server", "Microsoft-IIS/10.0"), ("x-feserver", "EX01"), ("request-id", "1")], "")
}

fn told(number: u32) -> Fault {
    let body = format!(
        r#"{{"error":"invalid_request","error_codes":[{number}],"error_description":"AADSTS{number}: No."}}"#
    );
    answer(400, &[], &body)
}

/// Codes of EWS on a server of the customer's own, each said when the test mailbox is opened.
const CODES: &[(&str, &str)] = &[
    ("impersonation_header_invalid", "ErrorInvalidExchangeImpersonationHeaderData"),
    ("upn_not_found", "ErrorInvalidUserPrincipalName"),
    ("address_unparsable", "ErrorInvalidSmtpAddress"),
    ("folder_missing", "ErrorFolderNotFound"),
    ("mailbox_failover", "ErrorMailboxFailover"),
    ("mailbox_misconfigured", "ErrorMailboxConfiguration"),
    ("mailbox_logon_failed", "ErrorMailboxLogonFailed"),
    ("too_many_connections", "ErrorExceededConnectionCount"),
    ("server_timeout", "ErrorTimeoutExpired"),
    ("exchange_overloaded", "ErrorInsufficientResources"),
    ("transient_server_error", "ErrorInternalServerTransientError"),
    ("directory_unavailable", "ErrorADUnavailable"),
    ("no_server_in_site", "ErrorNoRespondingCASInDestinationSite"),
    ("cross_site_request", "ErrorCrossSiteRequest"),
    ("site_windows_auth_missing", "ErrorNoDestinationCASDueToKerberosRequirements"),
    ("site_ssl_mismatch", "ErrorNoDestinationCASDueToSSLRequirements"),
    ("server_version_mix", "ErrorWrongServerVersion"),
    ("proxy_discovery_failed", "ErrorProxyServiceDiscoveryFailed"),
    ("too_many_groups", "ErrorProxyGroupSidLimitExceeded"),
    ("schema_too_new", "ErrorInvalidServerVersion"),
    ("send_limit", "ErrorSubmissionQuotaExceeded"),
    ("auth_context_invalid", "ErrorInvalidAuthorizationContext"),
    ("server_to_server_right_missing", "ErrorTokenSerializationDenied"),
];

/// Every case.
pub fn cases() -> Vec<Case> {
    use Operation::{Autodiscover, Discovery, Ews, EwsGetFolder, EwsTimeZones, Token};
    const OWN: &str = "exchange-healthy";
    const ONLINE: &str = "ews-healthy";
    let error = |code: &str| Fault::ErrorMessage(code.to_owned());
    let mut cases: Vec<Case> =
        CODES.iter().map(|(cause, code)| Case(cause, OWN, at(OWN, EwsGetFolder), error(code))).collect();
    let diagnostics = |number: &str| {
        let said = format!("{number};reason=\"No.\";error_category=\"x\"");
        answer(401, &[("x-ms-diagnostics", said.as_str())], "")
    };
    let front = [
        ("preauth_uag_misconfigured", answer(302, &[("location", "/internalsite/internalerror.asp")], "")),
        ("ews_requires_ssl_mismatch", answer(403, &[], "<html>403.4 - Forbidden</html>")),
        ("iis_client_cert_required", answer(403, &[], "<html>403.7 - Forbidden</html>")),
        ("ews_forbidden_onprem", of_exchange(403)),
        ("our_egress_not_allowed", answer(403, &[], "<html>403.6 - Forbidden: IP address rejected</html>")),
        ("proxy_host_mismatch", answer(400, &[], "<html>Bad Request - Invalid Hostname</html>")),
        ("our_proxy_auth", answer(407, &[], "")),
        ("proxy_body_rule", answer(413, &[], "")),
        ("waf_rate_limited", answer(429, &[], "")),
        ("preauth_session_expired", answer(440, &[], "")),
    ];
    cases.extend(front.into_iter().map(|(cause, fault)| Case(cause, OWN, at(OWN, Ews), fault)));
    cases.push(Case(
        "service_account_invalid",
        OWN,
        at(OWN, EwsTimeZones),
        Fault::SoapFault {
            code: "ErrorCallerIsInvalidADAccount".to_owned(),
            text: String::new(),
            back_off_millis: None,
        },
    ));
    cases.push(Case("auth_flapping", OWN, at(OWN, EwsGetFolder), of_exchange(401)));
    let found = "exchange-autodiscover";
    cases.push(Case("autodiscover_busy", found, at(found, Autodiscover), of_exchange(503)));
    cases.push(Case(
        "tenant_being_removed",
        ONLINE,
        at(ONLINE, EwsGetFolder),
        error("ErrorOrganizationAccessBlocked"),
    ));
    cases.push(Case("token_expired", ONLINE, at(ONLINE, EwsGetFolder), diagnostics("2000002")));
    cases.push(Case("token_wrong_audience", ONLINE, at(ONLINE, EwsGetFolder), diagnostics("2000003")));
    let asks = |more: &[(&str, &str)]| {
        let basic = [("x-feserver", "EX01"), ("www-authenticate", "Basic realm=\"mail\"")];
        answer(401, &[&basic[..], more].concat(), "")
    };
    let by_policy = asks(&[("x-autodiscovery-error", "BasicAuthBlocked")]);
    cases.push(Case("legacy_auth_policy", OWN, at(OWN, Ews), by_policy));
    let hosted = asks(&[("server", "Intermedia Front Door")]);
    cases.push(Case("hosted_exchange_refuses", OWN, at(OWN, Ews), hosted));
    cases.push(Case("autodiscover_all_401", found, at(found, Autodiscover), asks(&[])));
    let no_anchor = answer(503, &[], "The header X-AnchorMailbox is missing.");
    cases.push(Case("anchor_missing", ONLINE, at(ONLINE, EwsGetFolder), no_anchor));
    for (cause, operation, number) in [
        ("tenant_id_malformed", Discovery, 900_023),
        ("tenant_common_endpoint", Token, 90124),
        ("partner_admin_blocked", Token, 530_034),
        ("tenant_restrictions", Token, 500_021),
    ] {
        cases.push(Case(cause, "healthy", at("healthy", operation), told(number)));
    }
    cases
}

/// Played below, each in a way of its own.
pub const ALONE: &[&str] = &["exo_ews_retired", "autodiscover_cname_certificate"];

fn named(report: &Report) -> Vec<&str> {
    let on_steps = report.steps.iter().filter_map(|step| step.cause.as_ref());
    report.cause.iter().chain(on_steps).map(|cause| cause.as_str()).collect()
}

#[tokio::test]
async fn each_answer_of_a_broken_server_ends_in_its_cause() {
    let lab = Lab::open().await;
    for Case(expected, sample, target, fault) in cases() {
        lab.simulator.inject(target, fault.clone(), ALWAYS);
        let (report, _) = lab.check(sample).await;
        lab.simulator.clear_faults();
        let cause = report.cause.as_ref().map(|cause| cause.as_str());
        assert_eq!(cause, Some(expected), "{fault:?}: {:?}", named(&report));
    }
}

#[tokio::test]
async fn after_its_last_day_ews_is_over() {
    let lab = Lab::open().await;
    let sample = lab.sample("ews-disabled");
    let later = Clock::standing_at(noon());
    later.advance(Duration::from_secs(150 * 24 * 3600));
    let verifier = Verifier::new(lab.net(), later, Randomness::seeded(1)).at_pace(lab.pace);
    let report = verifier.check(&credential(&sample), &Nobody).await;
    assert_eq!(
        report.cause.as_ref().map(|cause| cause.as_str()),
        Some("exo_ews_retired"),
        "{:?}",
        named(&report)
    );
}

#[tokio::test]
async fn an_alias_whose_host_has_a_certificate_for_other_names_is_told() {
    let lab = Lab::open().await;
    let sample = lab.sample("exchange-autodiscover");
    let host = format!("autodiscover.{}", sample.tenant_domain);
    lab.simulator.inject(Target::Host(host), Fault::WrongName, ALWAYS);
    let (report, _) = lab.check(&sample.name).await;
    assert!(named(&report).contains(&"autodiscover_cname_certificate"), "{:?}", named(&report));
}
