//! The tenant and what it has subscribed to.

use super::parts::{ACT, ANSWER, KEEP, OUR_TURN, OURS, say};
use crate::domain::cause::{Cause, Mend, Who};

const COPY_TENANT: Mend = say(
    "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > Overview and copy \"Tenant ID\". You may also take your main domain; we then look the ID up.",
);

const ENTER_IT: Mend = say("Enter it in a new attempt. All names stay as they are.");

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "tenant_not_found",
        title: "Microsoft knows no tenant with this ID",
        meaning: "The tenant ID or domain {tenant} is mistyped, or the tenant no longer exists.",
        mend: &[COPY_TENANT, ENTER_IT],
        scenarios: &["tenant-unknown"],
        ..ANSWER
    },
    Cause {
        id: "tenant_of_others",
        title: "This tenant does not belong to your e-mail domain",
        meaning: "Until our people have seen your brokerage, only the Microsoft 365 tenant that owns your own e-mail domain can be checked. {tenant} is another one, so nothing was sent to it.",
        mend: &[
            COPY_TENANT,
            ENTER_IT,
            say(
                "If the tenant is yours and has another domain, ask us to look at your brokerage: {support}.",
            ),
        ],
        scenarios: &["fault:foreign_tenant"],
        ..ANSWER
    },
    Cause {
        id: "tenant_id_malformed",
        title: "The tenant is neither an ID nor a domain",
        meaning: "Microsoft cannot read {tenant} as a tenant ID or as a domain.",
        mend: &[COPY_TENANT, ENTER_IT],
        scenarios: &["fault:tenant_id_malformed"],
        ..ANSWER
    },
    Cause {
        id: "tenant_common_endpoint",
        title: "We asked at the wrong door of Microsoft's sign-in",
        meaning: "An app signs in at its own tenant, never at a common address. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:tenant_common_endpoint"],
        ..OURS
    },
    Cause {
        id: "tenant_not_identified",
        title: "Microsoft could not tell which tenant is meant",
        meaning: "The tenant we named did not lead to your organization.",
        mend: &[COPY_TENANT, ENTER_IT],
        scenarios: &["fault:aad_50059"],
        ..ANSWER
    },
    Cause {
        id: "national_cloud",
        title: "Your tenant lives in a Microsoft cloud that we do not know",
        meaning: "We know the worldwide cloud, those of the US government and the one in China. What Microsoft says of your tenant names another one, or does not fit together. Nothing secret was sent.",
        mend: &[say(
            "Write to {support} in which Microsoft cloud your tenant is. We then tell you what is possible.",
        )],
        who: Who::MoxiWorks,
        scenarios: &["unserved-cloud"],
        ..KEEP
    },
    Cause {
        id: "resource_missing",
        title: "Your tenant has never used Exchange Online",
        meaning: "The mail service itself is missing in the tenant. It appears when the first user gets a licence with Exchange Online.",
        mend: &[
            say(
                "In the Microsoft 365 admin center (admin.microsoft.com) open Users > Active users > {agent} > Licenses and apps, and assign a licence with Exchange Online.",
            ),
            say("Wait until that user can open Outlook on the web, then check again."),
        ],
        scenarios: &["service-never-used"],
        ..KEEP
    },
    Cause {
        id: "org_lacks_service",
        title: "Your organization has no subscription with Exchange Online",
        meaning: "Without a subscription there are no mailboxes in Microsoft 365 that we could reach.",
        mend: &[
            say(
                "In the Microsoft 365 admin center (admin.microsoft.com) open Billing > Your products. Look for a plan with Exchange Online.",
            ),
            say(
                "If your mailboxes are somewhere else, create a new connection with the mail system you really use.",
            ),
        ],
        scenarios: &["no-subscription"],
        ..KEEP
    },
    Cause {
        id: "partner_admin_blocked",
        title: "Your partner's access is blocked in its own tenant",
        meaning: "The company that administers your tenant has a security problem in its own, and Microsoft blocks it here too.",
        mend: &[say(
            "Ask the partner that administers your tenant to solve the risk that Microsoft shows in its own tenant, then check again.",
        )],
        who: Who::HostingProvider,
        scenarios: &["fault:partner_admin_blocked"],
        ..KEEP
    },
    Cause {
        id: "reseller_managed_tenant",
        title: "Your tenant is managed by a reseller",
        meaning: "It was bought through a company such as GoDaddy. Your sign-in may not be an administrator of Entra or Exchange.",
        mend: &[say(
            "Ask the reseller's support for an account with the role Global Administrator, or ask them to carry out the steps of the guide for you.",
        )],
        who: Who::HostingProvider,
        told: Some("Microsoft's admin pages do not let you in"),
        scenarios: &[
            "guide:graph_certificate/register",
            "guide:graph_secret/register",
            "guide:ews_secret/register",
        ],
        ..KEEP
    },
    Cause {
        id: "secret_policy_blocks",
        title: "A rule of your tenant forbids or shortens client secrets",
        meaning: "\"New client secret\" is greyed out, or Entra refuses a long end date. A policy of your tenant says so.",
        mend: &[say(
            "Ask whoever set the app management policy in Entra for an exception for {app_name}, or make a connection with a certificate, which needs no secret.",
        )],
        told: Some("\"New client secret\" is grey, or Entra refuses 24 months"),
        scenarios: &["guide:graph_secret/secret", "guide:ews_secret/secret"],
        ..ACT
    },
    Cause {
        id: "tenant_restrictions",
        title: "A rule on our own network blocks the tenant",
        meaning: "A gateway on our side allows only certain tenants. That is for us to mend.",
        mend: OUR_TURN,
        scenarios: &["fault:tenant_restrictions"],
        ..OURS
    },
    Cause {
        id: "security_policy_blocked",
        title: "A security rule of your tenant blocks the app",
        meaning: "Microsoft accepted the credential and then applied a security policy of your tenant.",
        mend: &[
            say(
                "In the Microsoft Entra admin center open Monitoring & health > Sign-in logs > Service principal sign-ins and open the failed entry. It names the policy.",
            ),
            say("Exclude {app_name} from that policy, or allow our addresses: {egress}."),
            say("Then select \"Check again\"."),
        ],
        scenarios: &["fault:aad_530032"],
        ..KEEP
    },
];
