//! Answers on the way to EWS of a customer's own server.

use crate::verification::{
    evidence::Trait,
    step::StepId::{Autodiscover, Challenge, Mailbox, SignIn},
};

use super::sign::{
    Rule,
    Sign::{Code, Hosted, Is, Not, OlderLogin, On, Proven, Status},
    rule,
};

const EXCHANGE: super::sign::Sign = Is(Trait::Exchange);
const ELSE: super::sign::Sign = Not(Trait::Exchange);

/// What several steps say together.
pub const FIRST: &[Rule] = &[
    rule("autodiscover_busy", &[On(&[Autodiscover]), Status(&[429, 503])]),
    rule("account_locked", &[Status(&[401]), Is(Trait::LockedOut)]),
    rule("auth_flapping", &[Status(&[401]), Proven]),
    rule("mailbox_in_cloud", &[On(&[Mailbox]), Code(&["ErrorNonExistentMailbox"]), Hosted(true)]),
    rule("ews_anonymous", &[On(&[Challenge]), Status(&[200, 500]), Is(Trait::Soap)]),
];

/// Answers without a code of EWS: from the server's outer layers, or from what stands in front of it.
pub const REST: &[Rule] = &[
    // The ways to sign in, as the server offers them.
    rule("ews_modern_auth_only", &[On(&[Challenge]), Status(&[401]), Is(Trait::OnlyBearer)]),
    rule("ews_basic_disabled", &[On(&[Challenge]), Status(&[401]), Is(Trait::Challenge), Not(Trait::Basic)]),
    rule("ews_no_auth_method", &[On(&[Challenge]), Status(&[401]), Not(Trait::Challenge)]),
    rule("legacy_auth_policy", &[On(&[SignIn]), Status(&[401]), Is(Trait::BasicBlocked)]),
    rule("hosted_exchange_refuses", &[On(&[SignIn]), Status(&[401]), Is(Trait::Hoster)]),
    rule("autodiscover_all_401", &[On(&[Autodiscover]), Status(&[401])]),
    rule("login_name_format", &[On(&[SignIn]), Status(&[401]), OlderLogin]),
    rule("basic_credentials_rejected", &[Status(&[401])]),
    // Redirects.
    rule("preauth_forms", &[Is(Trait::ToForms)]),
    rule("preauth_federated", &[Is(Trait::ToFederation)]),
    rule("preauth_gateway", &[Is(Trait::ToGateway)]),
    rule("preauth_uag_misconfigured", &[Is(Trait::ToPortal)]),
    rule("ews_backend_outage", &[Is(Trait::ToErrorPage)]),
    rule("ews_redirected_host", &[Is(Trait::ToOtherHost)]),
    // Refusals.
    rule("waf_blocked", &[Status(&[403, 406]), Is(Trait::Wall)]),
    rule("our_egress_not_allowed", &[Status(&[403]), Is(Trait::AddressRejected)]),
    rule("ews_requires_ssl_mismatch", &[Status(&[403]), Is(Trait::SslRule)]),
    rule("iis_client_cert_required", &[Status(&[403]), Is(Trait::ClientCertificate)]),
    rule("ews_forbidden_onprem", &[On(&[Challenge]), Status(&[403]), EXCHANGE]),
    rule("ews_disabled_for_mailbox", &[Status(&[403]), EXCHANGE]),
    rule("waf_blocked", &[Status(&[403, 406])]),
    rule("ews_not_published", &[Status(&[404]), ELSE]),
    rule("ews_wrong_path", &[Status(&[404])]),
    rule("ews_method_not_allowed", &[Status(&[405, 501])]),
    rule("our_proxy_auth", &[Status(&[407])]),
    rule("proxy_body_rule", &[Status(&[411, 413])]),
    rule("waf_rate_limited", &[Status(&[429]), ELSE]),
    rule("exchange_overloaded", &[Status(&[429])]),
    rule("preauth_session_expired", &[Status(&[440])]),
    rule("proxy_host_mismatch", &[Status(&[400]), Is(Trait::HostUnknown)]),
    // Trouble.
    rule("http_body_too_large", &[Status(&[200, 500]), Is(Trait::Beyond)]),
    rule("ews_app_broken", &[Is(Trait::AppBroken)]),
    rule("exchange_frontend_error", &[Status(&[500]), Is(Trait::FrontEnd)]),
    rule("proxy_bad_gateway", &[Status(&[502, 504])]),
    rule("iis_app_pool_stopped", &[Status(&[503]), Is(Trait::HttpSys)]),
    rule("proxy_no_backend", &[Status(&[503]), ELSE]),
    rule("exchange_overloaded", &[Status(&[503])]),
    rule("server_error", &[Status(&[500]), EXCHANGE]),
    // Good statuses of something else.
    rule("login_page_instead_of_ews", &[Status(&[200]), Is(Trait::LoginForm)]),
    rule("empty_response", &[Status(&[200, 201, 202, 204]), Is(Trait::Empty)]),
    rule("not_soap", &[Status(&[200]), Is(Trait::Xml)]),
    rule("not_soap", &[Status(&[200]), Is(Trait::Html)]),
];
