//! Answers of Google.

use crate::verification::step::StepId;

use super::sign::{
    Rule, Sign,
    Sign::{Code, Itself, On, OthersOpened, Ours, Says, Status},
    rule,
};

/// The account itself shows who it is, for nobody yet.
const PROOF: Sign = On(&[StepId::Token]);
const MAIL: Sign = On(&[StepId::SendRight, StepId::MailSettings]);
const CALENDAR: Sign = On(&[StepId::CalendarRead, StepId::CalendarSync, StepId::EventWrite]);

const DISABLED: Sign = Code(&["accessNotConfigured", "SERVICE_DISABLED"]);
const SUSPENDED: Sign =
    Code(&["CONSUMER_SUSPENDED", "CONSUMER_INVALID", "BILLING_DISABLED", "billingNotEnabled"]);
const NO_CLIENT: Sign = Code(&["invalid_client", "deleted_client", "disabled_client"]);
const BUSY: &[u16] = &[500, 502, 503, 504];

/// For answers of the place where service accounts sign in.
pub const TOKEN: &[Rule] = &[
    rule("clock_skew", &[Says("reasonable timeframe")]),
    rule("google_transient", &[Status(BUSY)]),
    rule("google_transient", &[Code(&["internal_failure", "temporarily_unavailable"])]),
    rule("throttled", &[Status(&[429])]),
    rule("throttled", &[Code(&["rate_limit_exceeded"])]),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("token_request_invalid", &[Code(&["invalid_scope", "unsupported_grant_type"])]),
    // With our own account nothing about the account is for the office to mend.
    rule("google_our_setup", &[Ours, PROOF, Status(&[400, 401, 403])]),
    rule("google_our_setup", &[Ours, Says("invalid jwt signature")]),
    rule("google_our_setup", &[Ours, Says("no valid verifier")]),
    rule("google_our_setup", &[Ours, Says("account not found")]),
    rule("google_our_setup", &[Ours, NO_CLIENT]),
    rule("google_key_revoked", &[Says("invalid jwt signature")]),
    rule("google_key_revoked", &[Says("no valid verifier")]),
    rule("service_account_deleted", &[Says("account not found")]),
    rule("service_account_deleted", &[NO_CLIENT]),
    rule("google_reauth_policy", &[Says("reauth related error")]),
    rule("google_user_deleted", &[Says("the account has been deleted")]),
    rule("google_user_unknown", &[Says("invalid email or user id")]),
    rule("google_user_unknown", &[Says("invalid impersonation")]),
    // Whether another scope was given tells a missing row from a missing scope.
    rule("dwd_scope_missing", &[Code(&["unauthorized_client", "access_denied"]), OthersOpened]),
    rule("dwd_not_authorised", &[Code(&["unauthorized_client", "access_denied"])]),
    rule("google_grant_other", &[Code(&["invalid_grant"])]),
];

/// For answers of contacts, calendar and mail.
pub const INTERFACES: &[Rule] = &[
    rule("probe_sent_something", &[On(&[StepId::SendRight]), Status(&[200, 201, 202, 204])]),
    rule("google_our_setup", &[Ours, DISABLED]),
    rule("google_our_setup", &[Ours, SUSPENDED]),
    rule("google_api_disabled", &[DISABLED]),
    rule("google_project_suspended", &[SUSPENDED]),
    rule("google_daily_limit", &[Code(&["dailyLimitExceeded"])]),
    rule(
        "throttled",
        &[Code(&[
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "quotaExceeded",
            "RATE_LIMIT_EXCEEDED",
            "RESOURCE_EXHAUSTED",
        ])],
    ),
    rule("throttled", &[Status(&[429])]),
    rule("google_api_access_blocked", &[Code(&["domainPolicy", "domainCannotUseApis", "accessBlocked"])]),
    rule("google_calendar_off", &[Code(&["notACalendarUser"])]),
    rule("google_calendar_off", &[CALENDAR, Status(&[404])]),
    // Without anybody to act for, Gmail answers as it does for a user without mail.
    rule("dwd_sub_missing", &[MAIL, Status(&[400]), Itself]),
    rule("google_gmail_off", &[MAIL, Status(&[400]), Says("mail service not enabled")]),
    rule("google_gmail_off", &[MAIL, Status(&[400]), Says("precondition check failed")]),
    rule("google_gmail_off", &[MAIL, Status(&[400]), Code(&["failedPrecondition", "FAILED_PRECONDITION"])]),
    rule("google_user_mismatch", &[Says("delegation denied")]),
    rule("sync_state_invalid", &[Code(&["fullSyncRequired", "EXPIRED_SYNC_TOKEN"])]),
    rule("sync_state_invalid", &[Status(&[410])]),
    rule("token_expired", &[Status(&[401])]),
    rule("dwd_scope_missing", &[On(&[StepId::SendRight]), Status(&[403]), OthersOpened]),
    rule(
        "google_scope_insufficient",
        &[Code(&["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"])],
    ),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("write_conflict", &[Status(&[409, 412])]),
    rule("request_invalid", &[Status(&[400])]),
    rule("google_transient", &[Status(BUSY)]),
];
