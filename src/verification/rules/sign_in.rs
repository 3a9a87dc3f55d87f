//! Answers of the sign-in service.

use super::sign::{
    Rule,
    Sign::{Aad, Code, Status},
    rule,
};

/// For answers of the sign-in service, discovery included.
pub const RULES: &[Rule] = &[
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
