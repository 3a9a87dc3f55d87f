//! What Google says.

use super::*;

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
