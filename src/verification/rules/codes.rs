//! Error codes of EWS, wherever it runs.

use crate::verification::step::StepId;

use super::sign::{
    Rule,
    Sign::{Code, On, SomeCode},
    rule,
};

const WRITES: &[StepId] = &[
    StepId::ContactWrite,
    StepId::ContactRemove,
    StepId::EventWrite,
    StepId::EventRemove,
    StepId::SendRight,
];

/// The most precise first.
pub const RULES: &[Rule] = &[
    rule("impersonation_denied_user", &[Code(&["ErrorImpersonateUserDenied"])]),
    rule("impersonation_denied_server", &[Code(&["ErrorImpersonationDenied"])]),
    rule("impersonation_failed", &[Code(&["ErrorImpersonationFailed"])]),
    rule(
        "impersonation_header_invalid",
        &[Code(&["ErrorInvalidExchangeImpersonationHeaderData", "ErrorInvalidSid", "ErrorInvalidUserSid"])],
    ),
    rule("upn_not_found", &[Code(&["ErrorInvalidUserPrincipalName"])]),
    rule("address_unparsable", &[Code(&["ErrorInvalidSmtpAddress"])]),
    rule("mailbox_not_found", &[Code(&["ErrorNonExistentMailbox"])]),
    rule(
        "service_account_no_mailbox",
        &[Code(&["ErrorMissingEmailAddress", "ErrorNameResolutionNoMailbox"])],
    ),
    rule("password_expired", &[Code(&["ErrorPasswordExpired"])]),
    rule("password_must_change", &[Code(&["ErrorPasswordChangeRequired"])]),
    rule("account_disabled", &[Code(&["ErrorAccountDisabled"])]),
    rule("service_account_invalid", &[Code(&["ErrorCallerIsInvalidADAccount"])]),
    rule("write_access_denied", &[Code(&["ErrorCreateItemAccessDenied"])]),
    rule("write_access_denied", &[On(WRITES), Code(&["ErrorAccessDenied"])]),
    rule("delete_refused", &[Code(&["ErrorCannotDeleteObject"])]),
    rule("folder_access_denied", &[Code(&["ErrorAccessDenied"])]),
    rule("send_as_denied", &[Code(&["ErrorSendAsDenied"])]),
    rule("folder_missing", &[Code(&["ErrorFolderNotFound", "ErrorSyncFolderNotFound"])]),
    rule("mailbox_moving", &[Code(&["ErrorMailboxMoveInProgress"])]),
    rule("mailbox_store_unavailable", &[Code(&["ErrorMailboxStoreUnavailable"])]),
    rule("mailbox_failover", &[Code(&["ErrorMailboxFailover"])]),
    rule("mailbox_misconfigured", &[Code(&["ErrorMailboxConfiguration"])]),
    rule("mailbox_logon_failed", &[Code(&["ErrorMailboxLogonFailed", "ErrorConnectionFailed"])]),
    rule(
        "throttled",
        &[Code(&["ErrorServerBusy", "ErrorExceededFindCountLimit", "ErrorExceededSubscriptionCount"])],
    ),
    rule("too_many_connections", &[Code(&["ErrorExceededConnectionCount"])]),
    rule("server_timeout", &[Code(&["ErrorTimeoutExpired"])]),
    rule("exchange_overloaded", &[Code(&["ErrorInsufficientResources"])]),
    rule("transient_server_error", &[Code(&["ErrorInternalServerTransientError"])]),
    rule("server_error", &[Code(&["ErrorInternalServerError"])]),
    rule("directory_unavailable", &[Code(&["ErrorADUnavailable", "ErrorADOperation"])]),
    rule("no_server_in_site", &[Code(&["ErrorNoRespondingCASInDestinationSite"])]),
    rule("cross_site_request", &[Code(&["ErrorCrossSiteRequest"])]),
    rule("site_windows_auth_missing", &[Code(&["ErrorNoDestinationCASDueToKerberosRequirements"])]),
    rule("site_ssl_mismatch", &[Code(&["ErrorNoDestinationCASDueToSSLRequirements"])]),
    rule(
        "server_version_mix",
        &[Code(&[
            "ErrorNoDestinationCASDueToVersionMismatch",
            "ErrorInvalidSchemaVersionForMailboxVersion",
            "ErrorWrongServerVersion",
        ])],
    ),
    rule(
        "proxy_discovery_failed",
        &[Code(&["ErrorProxyServiceDiscoveryFailed", "ErrorServiceDiscoveryFailed"])],
    ),
    rule("too_many_groups", &[Code(&["ErrorProxyGroupSidLimitExceeded"])]),
    rule(
        "schema_too_new",
        &[Code(&[
            "ErrorInvalidServerVersion",
            "ErrorIncorrectSchemaVersion",
            "ErrorInvalidRequestServerVersion",
        ])],
    ),
    rule(
        "request_invalid",
        &[Code(&[
            "ErrorSchemaValidation",
            "ErrorInvalidRequest",
            "ErrorRequestStreamTooBig",
            "ErrorADSessionFilter",
            "ErrorCalendarViewRangeTooBig",
        ])],
    ),
    rule("sync_state_invalid", &[Code(&["ErrorInvalidSyncStateData"])]),
    rule("mailbox_full", &[Code(&["ErrorQuotaExceeded"])]),
    rule("send_limit", &[Code(&["ErrorSubmissionQuotaExceeded", "ErrorMessageSizeExceeded"])]),
    rule("auth_context_invalid", &[Code(&["ErrorInvalidAuthorizationContext"])]),
    rule("server_to_server_right_missing", &[Code(&["ErrorTokenSerializationDenied"])]),
    rule("mailbox_no_licence", &[Code(&["ErrorInvalidLicense"])]),
    rule("tenant_being_removed", &[Code(&["ErrorOrganizationAccessBlocked"])]),
    rule("ews_other_error", &[SomeCode]),
];
