//! Answers to a service account of Microsoft 365 and its password: of the sign-in service, and of Exchange Online.
//!
//! Which number means what is Microsoft's list of sign-in errors; what is not in it falls to the tables of an app.

use crate::verification::{
    evidence::Trait,
    step::StepId::{Challenge, SignIn},
};

use super::sign::{
    Rule,
    Sign::{Aad, Code, Is, Not, On, Proven, Retired, Status},
    rule,
};

/// The sign-in service, asked for a token of the account.
pub const SIGN_IN: &[Rule] = &[
    rule("public_client_flows_blocked", &[On(&[SignIn]), Aad(&[7_000_218])]),
    rule("conditional_access_blocked", &[On(&[SignIn]), Aad(&[53003])]),
    rule("ca_device_not_compliant", &[Aad(&[53000])]),
    rule("ca_device_not_joined", &[Aad(&[53001])]),
    rule("ca_app_not_approved", &[Aad(&[53002])]),
    rule("mfa_registration_blocked", &[Aad(&[53004])]),
    rule("mfa_registration_restricted", &[Aad(&[53010, 53011])]),
    rule("ca_external_challenge", &[Aad(&[50131, 50158])]),
    rule("mfa_required", &[Aad(&[50076, 50079, 50074, 50072, 50078])]),
    rule("security_defaults", &[Aad(&[530_035])]),
    rule("user_or_password_wrong", &[Aad(&[50126])]),
    rule("user_not_found", &[Aad(&[50034])]),
    rule("user_locked_or_bad_ip", &[Aad(&[50053])]),
    rule("password_expired", &[Aad(&[50055, 50144])]),
    rule("password_missing", &[Aad(&[50056])]),
    rule("user_disabled", &[Aad(&[50057])]),
    rule("password_change_risk", &[Aad(&[50135])]),
    rule("grant_revoked", &[Aad(&[50173])]),
    rule("federated_realm_missing", &[Aad(&[50107])]),
    rule("wrong_tenant_account", &[Aad(&[51004, 50020, 500_208, 16000])]),
    rule("passthrough_agent_problem", &[Aad(&[80001, 80002, 80005, 80007, 80012, 80013, 80014])]),
    rule("password_signin_refused", &[Aad(&[50064, 50132, 50133, 50097, 50129, 50155])]),
    rule("delegated_consent_missing", &[On(&[SignIn]), Aad(&[65001])]),
];

/// Exchange Online, asked as the account: what stands above the codes.
pub const ONLINE_FIRST: &[Rule] = &[
    rule("exo_ews_retired", &[Status(&[401, 403, 404, 410, 456]), Retired]),
    rule("exo_conditional_access_blocked", &[Is(Trait::ConditionalAccess)]),
    rule("exo_mfa_app_password", &[Is(Trait::AppPassword)]),
    rule("exo_basic_auth_blocked", &[Is(Trait::BasicBlocked)]),
    rule("federation_unreachable", &[Is(Trait::FederationSilent)]),
    rule("exo_account_action_required", &[Status(&[456])]),
    rule(
        "exo_impersonation_role_retired",
        &[Code(&["ErrorImpersonateUserDenied", "ErrorImpersonationDenied"])],
    ),
    // Before a password left: the server offers no way for it, or not the one that was asked for.
    rule("exo_basic_auth_retired", &[On(&[Challenge]), Status(&[401]), Not(Trait::Basic)]),
    rule("unknown_response", &[On(&[Challenge]), Status(&[401])]),
];

/// Exchange Online, asked as the account: answers without a code.
pub const ONLINE_REST: &[Rule] = &[
    rule("exo_basic_auth_retired", &[On(&[SignIn]), Status(&[401])]),
    rule("exo_account_turned_away", &[Status(&[401]), Proven]),
    // The tables of an app would speak of its permissions.
    rule("unknown_response", &[Status(&[403]), Not(Trait::EwsOff)]),
];
