//! The diagnosis as data: signs and the cause they point to.
//!
//! A rule holds when all its signs do; the first that holds wins. So rules that look at several steps stand
//! first, then the most specific of one answer, then what is left of a layer.

use super::{
    evidence::{Finding, Shown},
    step::StepId,
};

/// One thing to look at.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// It happened in one of these steps.
    On(&'static [StepId]),
    /// The status is one of these.
    Status(&'static [u16]),
    /// One of these error codes is in the answer, on any level.
    Code(&'static [&'static str]),
    /// One of these numbers of the sign-in service is in the answer.
    Aad(&'static [u32]),
    /// This phrase of [`PHRASES`] is in the server's words.
    Says(&'static str),
    /// The answer demands further claims.
    ClaimsChallenge,
    /// The token is readable and lacks the permission this step needs.
    RoleAbsent,
    /// Another step that reads the mailbox worked.
    OthersOpened,
    /// The directory shows (or does not show) a licence. Never holds when the directory was not read.
    Licensed(bool),
}

/// Signs and the cause they point to.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The cause.
    pub cause: &'static str,
    /// All of them must hold.
    pub signs: &'static [Sign],
}

/// What is known around the answer that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The step it belongs to.
    pub step: StepId,
    /// The permissions in the token, where it could be read.
    pub roles: Option<&'a [String]>,
    /// Whether another step that reads the mailbox worked.
    pub opened: bool,
    /// Whether the account has a licence, where the directory could be read.
    pub licensed: Option<bool>,
}

/// Every phrase a rule may look for, in lower case. Words are matched only where no code tells causes apart.
pub const PHRASES: &[&str] =
    &["[raop]", "apponly accesspolicy", "access to odata is disabled", "conditional access"];

const fn rule(cause: &'static str, signs: &'static [Sign]) -> Rule {
    Rule { cause, signs }
}

use Sign::{Aad, ClaimsChallenge, Code, Licensed, On, OthersOpened, RoleAbsent, Says, Status};

const NO_MAILBOX: Sign = Code(&["MailboxNotEnabledForRESTAPI", "ResourceNotFound"]);
const DENIED: Sign =
    Code(&["ErrorAccessDenied", "AccessDenied", "accessDenied", "Authorization_RequestDenied"]);

/// For answers of the sign-in service, discovery included.
pub const SIGN_IN: &[Rule] = &[
    rule("tenant_not_found", &[Aad(&[90002])]),
    rule("tenant_id_malformed", &[Aad(&[900_023])]),
    rule("tenant_common_endpoint", &[Aad(&[9_001_023, 90124, 90130, 50194])]),
    rule("tenant_not_identified", &[Aad(&[50059, 50128])]),
    rule("national_cloud", &[Aad(&[90038, 900_382, 900_432])]),
    rule("app_not_found", &[Aad(&[700_016, 700_011])]),
    rule("app_disabled", &[Aad(&[7_000_112, 70001])]),
    rule("service_principal_missing", &[Aad(&[7_000_229])]),
    rule("client_secret_invalid", &[Aad(&[7_000_215])]),
    rule("client_secret_expired", &[Aad(&[7_000_222])]),
    rule("client_secret_missing", &[Aad(&[7_000_218])]),
    rule("app_is_public_client", &[Aad(&[700_025])]),
    rule("token_request_invalid", &[Aad(&[70011, 1_002_012, 70003, 70000, 700_022, 900_144, 9_002_313])]),
    rule("resource_missing", &[Aad(&[500_011, 50001, 650_054])]),
    rule("org_lacks_service", &[Aad(&[650_052])]),
    rule("consent_missing", &[Aad(&[65001])]),
    rule("consent_needs_admin", &[Aad(&[90094, 90095])]),
    rule("app_permissions_misconfigured", &[Aad(&[65005, 650_056, 650_057])]),
    rule("client_credentials_rejected", &[Aad(&[70002])]),
    rule("app_assignment_required", &[Aad(&[50105])]),
    rule("workload_conditional_access", &[Aad(&[53003])]),
    rule("security_policy_blocks", &[Aad(&[530_032])]),
    rule("partner_admin_blocked", &[Aad(&[530_034])]),
    rule("tenant_restrictions", &[Aad(&[500_021, 500_022, 50002])]),
    rule("token_loop", &[Aad(&[50196])]),
    rule("entra_transient", &[Aad(&[50033, 90006, 90012, 90024, 90033, 90055])]),
    rule("entra_transient", &[Status(&[429, 500, 502, 503, 504])]),
    rule("entra_transient", &[Code(&["temporarily_unavailable", "server_error"])]),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("client_credentials_rejected", &[Status(&[400, 401]), Code(&["invalid_client"]), Aad(&[])]),
];

/// For answers of the mailbox service and the directory.
pub const GRAPH: &[Rule] = &[
    // Across steps.
    rule("exo_rbac_role_missing", &[Status(&[403]), Says("[raop]"), OthersOpened]),
    rule("exo_rbac_required", &[Status(&[403]), Says("[raop]")]),
    rule("exo_rbac_required", &[Status(&[403]), Says("apponly accesspolicy")]),
    rule("mailbox_no_licence", &[Status(&[404]), NO_MAILBOX, Licensed(false)]),
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
    rule("write_conflict", &[Status(&[409, 412])]),
    rule("sync_state_invalid", &[Status(&[410])]),
    rule("throttled", &[Status(&[429])]),
    rule("request_invalid", &[Status(&[400])]),
    rule("graph_transient", &[Status(&[500, 502, 503, 504, 509])]),
];

/// For what good answers say.
pub const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::OtherIdentity => "token_mismatch",
        Finding::OtherAudience => "graph_token_rejected",
        Finding::NotAnApp => "token_not_app",
        Finding::OtherCloud => "national_cloud",
        Finding::ForeignTenant => "tenant_of_others",
        Finding::NotListed => "change_feed_lag",
        Finding::LeftBehind => "test_item_left_behind",
        Finding::ExcessPermissions => "excess_permissions",
        Finding::ExpiresSoon => "client_secret_expires_soon",
    }
}

impl Rule {
    /// Whether all signs hold.
    pub fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        self.signs.iter().all(|sign| sign.holds(shown, scene))
    }
}

impl Sign {
    fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        match *self {
            On(steps) => steps.contains(&scene.step),
            Status(statuses) => statuses.contains(&shown.status),
            Code(codes) => shown.codes.iter().any(|code| codes.contains(&code.as_str())),
            // An empty list asks for an answer without any number.
            Aad([]) => shown.aad.is_empty(),
            Aad(numbers) => shown.aad.iter().any(|number| numbers.contains(number)),
            Says(phrase) => shown.phrases.contains(&phrase),
            ClaimsChallenge => shown.claims_challenge,
            RoleAbsent => scene.roles.is_some_and(|roles| !scene.step.is_permitted_by(roles)),
            OthersOpened => scene.opened,
            Licensed(wanted) => scene.licensed == Some(wanted),
        }
    }
}
