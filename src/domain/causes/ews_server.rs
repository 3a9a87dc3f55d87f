//! What EWS answers when the fault lies with the server behind the mailbox, or between several servers.

use super::{
    ews::{DIRECTORY, IF_IT_LASTS, SEE_ROLE, SERVER},
    own_server::{OUTSIDE_NAME, RIGHT_URL, SERVICES, THEN_AGAIN},
    parts::{ACT, ANSWER, HOSTER, KEEP, OUR_TURN, OURS, RETRY, TRY_SOON, other, run, say},
};
use crate::domain::cause::Cause;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "too_many_connections",
        title: "Too many calls at once for the service account",
        meaning: "Another program uses the same account, or we called too often. We call less often now.",
        mend: &[
            say("You have nothing to do. We try again by ourselves."),
            say("If another program uses this account, give MoxiEngage an account of its own."),
        ],
        scenarios: &["fault:too_many_connections"],
        ..RETRY
    },
    Cause {
        id: "server_timeout",
        title: "The mail system took too long",
        meaning: "It gave up on our request by itself. That has nothing to do with your answers.",
        mend: TRY_SOON,
        scenarios: &["fault:server_timeout"],
        ..RETRY
    },
    Cause {
        id: "transient_server_error",
        title: "The mail system had a passing fault",
        meaning: "It says itself that trying again helps.",
        mend: TRY_SOON,
        scenarios: &["fault:transient_server_error"],
        ..RETRY
    },
    Cause {
        id: "server_error",
        title: "Your mail server reports an internal error",
        meaning: "Exchange failed at our request and gives no closer reason. The step shows the number under which the server's log has more.",
        mend: &[
            IF_IT_LASTS,
            SERVICES,
            say(
                "Look in the server's Event Viewer under Windows Logs > Application for errors of \"MSExchange Web Services\" at the time of this check.",
            ),
        ],
        scenarios: &["exchange-server-error"],
        ..SERVER
    },
    Cause {
        id: "directory_unavailable",
        title: "Exchange cannot reach its directory",
        meaning: "Exchange looks every account up in Active Directory, and no domain controller answered it.",
        mend: &[IF_IT_LASTS, DIRECTORY],
        scenarios: &["fault:directory_unavailable"],
        ..SERVER
    },
    Cause {
        id: "no_server_in_site",
        title: "No server answers at the place of the test mailbox",
        meaning: "The mailbox {agent} lives at another site of your company, and no Exchange server answers there.",
        mend: &[IF_IT_LASTS, SERVICES],
        scenarios: &["fault:no_server_in_site"],
        ..SERVER
    },
    Cause {
        id: "proxy_discovery_failed",
        title: "Exchange could not find the server of the test mailbox",
        meaning: "The server we asked does not know which of your servers holds {agent}.",
        mend: &[IF_IT_LASTS, DIRECTORY],
        scenarios: &["fault:proxy_discovery_failed"],
        ..SERVER
    },
    Cause {
        id: "cross_site_request",
        title: "The test mailbox belongs to another of your servers",
        meaning: "The server we asked wants to be asked only for mailboxes of its own site.",
        mend: &[
            OUTSIDE_NAME,
            RIGHT_URL,
            say("Enter the EWS URL of the mailbox's own site in a new attempt."),
        ],
        scenarios: &["fault:cross_site_request"],
        ..ANSWER
    },
    Cause {
        id: "server_version_mix",
        title: "The test mailbox is on another version of Exchange",
        meaning: "The server we asked cannot serve mailboxes of the version that holds {agent}.",
        mend: &[
            OUTSIDE_NAME,
            say(
                "Enter the EWS URL of your newest Exchange server in a new attempt. All names stay as they are.",
            ),
        ],
        scenarios: &["fault:server_version_mix"],
        ..ANSWER
    },
    Cause {
        id: "site_windows_auth_missing",
        title: "Your servers cannot sign in to each other",
        meaning: "Exchange hands our request to the server at the mailbox's site, and that one does not take Windows authentication.",
        mend: &[
            run(
                "In the Exchange Management Shell, switch Windows authentication on for EWS on all servers:",
                "Get-WebServicesVirtualDirectory -ADPropertiesOnly | Set-WebServicesVirtualDirectory -WindowsAuthentication $true",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["fault:site_windows_auth_missing"],
        ..KEEP
    },
    Cause {
        id: "site_ssl_mismatch",
        title: "Your servers do not agree on encryption",
        meaning: "Exchange hands our request to the server at the mailbox's site, and the two differ in \"Require SSL\".",
        mend: &[
            say(
                "In IIS Manager on both servers open Default Web Site > EWS > SSL Settings and set \"Require SSL\" alike.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["fault:site_ssl_mismatch"],
        ..KEEP
    },
    Cause {
        id: "server_to_server_right_missing",
        title: "Your Exchange servers lack a right among themselves",
        meaning: "One server may not act for another, so our request got stuck between them.",
        mend: &[say(
            "Ask whoever runs the servers to look whether each is a member of the group \"Exchange Servers\" in Active Directory.",
        )],
        scenarios: &["fault:server_to_server_right_missing"],
        ..KEEP
    },
    Cause {
        id: "too_many_groups",
        title: "The service account is in too many groups",
        meaning: "Exchange hands an account on to another server only if it is in fewer than 3,000 groups.",
        mend: &[say("Start a new attempt with a new, plain account that is in no group but {role_group}.")],
        scenarios: &["fault:too_many_groups"],
        ..ACT
    },
    Cause {
        id: "schema_too_new",
        title: "Your Exchange server is older than we can work with",
        meaning: "It does not understand our requests, not even those for Exchange 2010.",
        mend: &[say(
            "MoxiEngage works with Exchange Server 2016, 2019 and SE. Write to {support} if yours is one of them.",
        )],
        scenarios: &["fault:schema_too_new"],
        ..KEEP
    },
    Cause {
        id: "send_limit",
        title: "The test mailbox has reached its limit for sending",
        meaning: "The mail system lets {agent} send no more for now.",
        mend: &[
            say("Wait a day, then check again."),
            other("Or enter another test mailbox in a new attempt. All names stay as they are."),
        ],
        scenarios: &["fault:send_limit"],
        ..KEEP
    },
    Cause {
        id: "auth_context_invalid",
        title: "Exchange lost the account's rights on the way",
        meaning: "The sign-in works, and then one part of Exchange did not believe another who we are.",
        mend: &[IF_IT_LASTS, SEE_ROLE, SERVICES],
        scenarios: &["fault:auth_context_invalid"],
        ..SERVER
    },
    Cause {
        id: "ews_other_error",
        title: "The mail system refused for a reason we do not know yet",
        meaning: "The code in its answer is not in our list, so we do not guess. Our people look it up.",
        mend: OUR_TURN,
        scenarios: &["exchange-unknown-code"],
        ..OURS
    },
    Cause {
        id: "tenant_being_removed",
        title: "Your organization is marked for removal",
        meaning: "Microsoft has closed the tenant, most often because a subscription ended or was not paid.",
        mend: &[say(
            "In the Microsoft 365 admin center (admin.microsoft.com) open Billing > Your products and see what has ended.",
        )],
        scenarios: &["fault:tenant_being_removed"],
        ..HOSTER
    },
];
