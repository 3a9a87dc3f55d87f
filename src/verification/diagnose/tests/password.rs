//! What the sign-in service and Exchange Online say of a password.

use super::*;
use crate::verification::evidence::Trait;

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
        (&[530_032], "security_policy_blocked", false),
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
