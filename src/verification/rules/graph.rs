//! Answers of Graph.

use crate::verification::step::StepId;

use super::sign::{
    Rule, Sign,
    Sign::{ClaimsChallenge, Code, Hosted, Licensed, On, OthersOpened, RoleAbsent, Says, Status},
    rule,
};

/// Codes for an account without a mailbox that can be opened, for any of many reasons.
pub const NO_USABLE_MAILBOX: &[&str] = &["MailboxNotEnabledForRESTAPI", "ResourceNotFound"];

const NO_MAILBOX: Sign = Code(NO_USABLE_MAILBOX);
const DENIED: Sign =
    Code(&["ErrorAccessDenied", "AccessDenied", "accessDenied", "Authorization_RequestDenied"]);

/// For answers of the mailbox service and the directory.
pub const RULES: &[Rule] = &[
    // Across steps.
    rule("exo_rbac_role_missing", &[Status(&[403]), Says("[raop]"), OthersOpened]),
    rule("exo_rbac_required", &[Status(&[403]), Says("[raop]")]),
    rule("exo_rbac_required", &[Status(&[403]), Says("apponly accesspolicy")]),
    rule("mailbox_no_licence", &[Status(&[404]), NO_MAILBOX, Licensed(false)]),
    rule("mailbox_on_premises", &[Status(&[404]), NO_MAILBOX, Hosted(false)]),
    rule("mailbox_not_provisioned", &[Status(&[404]), NO_MAILBOX, Licensed(true)]),
    // One answer.
    rule("probe_sent_something", &[On(&[StepId::SendRight]), Status(&[200, 201, 202, 204])]),
    rule("exo_rest_blocked", &[Status(&[403]), Says("access to odata is disabled")]),
    rule("graph_no_permissions", &[Status(&[401, 403]), Code(&["NoPermissionsInAccessToken"])]),
    rule("directory_read_not_granted", &[On(&[StepId::Account]), Status(&[403])]),
    rule("mailbox_not_in_exo", &[Status(&[404]), NO_MAILBOX]),
    rule("mailbox_on_premises", &[Status(&[404]), Code(&["MailboxNotHostedInExchangeOnline"])]),
    rule("graph_user_not_found", &[Status(&[404]), Code(&["Request_ResourceNotFound"])]),
    rule("graph_user_invalid", &[Status(&[404]), Code(&["ErrorInvalidUser"])]),
    rule("contact_folder_gone", &[On(&[StepId::ContactsSync]), Status(&[404])]),
    rule("eventual_consistency", &[Status(&[404]), Code(&["ErrorItemNotFound", "ErrorFolderNotFound"])]),
    rule("send_as_denied", &[Status(&[403]), Code(&["ErrorSendAsDenied"])]),
    rule("sending_blocked", &[Code(&["ErrorMessageSubmissionBlocked", "ErrorExceededMessageLimit"])]),
    rule("mailbox_full", &[Code(&["ErrorQuotaExceeded"])]),
    rule("mailbox_full", &[Status(&[507])]),
    rule("workload_conditional_access", &[Status(&[401]), ClaimsChallenge]),
    rule("workload_conditional_access", &[Status(&[403]), Says("conditional access")]),
    rule("graph_token_rejected", &[Status(&[401])]),
    rule("graph_permission_missing", &[Status(&[403]), DENIED, RoleAbsent]),
    rule("graph_access_denied", &[Status(&[403]), DENIED]),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("delete_refused", &[Status(&[403]), Code(&["ErrorCannotDeleteObject"])]),
    rule("write_conflict", &[Status(&[409, 412])]),
    rule("sync_state_invalid", &[Status(&[410])]),
    rule("throttled", &[Status(&[429])]),
    rule("request_invalid", &[Status(&[400])]),
    rule("graph_transient", &[Status(&[500, 502, 503, 504, 509])]),
];
