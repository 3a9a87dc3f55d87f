//! Answers of EWS in Exchange Online.

use crate::verification::{evidence::Trait, step::StepId::Mailbox};

use super::sign::{
    Rule,
    Sign::{Aad, Code, Hosted, Is, On, Retired, RoleAbsent, Says, Status},
    rule,
};

/// What stands above the codes.
pub const FIRST: &[Rule] = &[
    rule("exo_ews_retired", &[Status(&[401, 403, 404, 410]), Retired]),
    rule("exo_ews_disabled", &[Status(&[403]), Is(Trait::EwsOff)]),
    rule("exo_ews_app_not_allowed", &[Status(&[403]), Is(Trait::AppNotListed)]),
    rule("mailbox_on_premises", &[On(&[Mailbox]), Code(&["ErrorNonExistentMailbox"]), Hosted(false)]),
    rule("exo_rbac_required", &[Code(&["ErrorAccessDenied"]), Says("[raop]")]),
    rule("exo_rbac_required", &[Code(&["ErrorAccessDenied"]), Says("apponly accesspolicy")]),
    rule(
        "exo_ews_permission_missing",
        &[Code(&["ErrorAccessDenied", "ErrorImpersonateUserDenied"]), RoleAbsent],
    ),
];

/// Answers without a code.
pub const REST: &[Rule] = &[
    rule("token_expired", &[Status(&[401]), Aad(&[2_000_002])]),
    rule("token_wrong_audience", &[Status(&[401]), Aad(&[2_000_003])]),
    rule("exo_token_rejected", &[Status(&[401])]),
    rule("exo_ews_permission_missing", &[Status(&[403]), RoleAbsent]),
    rule(
        "exo_token_rejected",
        &[Status(&[403]), Aad(&[2_000_004, 2_000_005, 2_000_006, 2_000_007, 2_000_008])],
    ),
    rule("exo_ews_permission_missing", &[Status(&[403])]),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("throttled", &[Status(&[429])]),
    rule("http_body_too_large", &[Status(&[200, 500]), Is(Trait::Beyond)]),
    rule("anchor_missing", &[Status(&[500, 503]), Is(Trait::NoAnchor)]),
    rule("transient_server_error", &[Status(&[500, 502, 503, 504])]),
    rule("empty_response", &[Status(&[200, 201, 202, 204]), Is(Trait::Empty)]),
    rule("not_soap", &[Status(&[200]), Is(Trait::Xml)]),
    rule("not_soap", &[Status(&[200]), Is(Trait::Html)]),
];
