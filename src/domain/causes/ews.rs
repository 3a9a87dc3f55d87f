//! What EWS itself answers: the right to act for others, the mailbox, the server behind it.

use super::{
    own_server::{OUTSIDE_NAME, RIGHT_URL, SERVICES, THEN_AGAIN},
    parts::{
        ACT, ACT_THEN_WAIT, ADVISE, ANSWER, HOSTER, KEEP, OUR_TURN, OURS, RETRY, TRY_SOON, other, run, say,
    },
};
use crate::domain::cause::{Cause, Mend, Remedy, Who};

const SEE_ROLE: Mend = run(
    "In the Exchange Management Shell, see who may impersonate. The service account has to be in the column EffectiveUserName:",
    "Get-ManagementRoleAssignment -Role ApplicationImpersonation -GetEffectiveUsers | Format-Table Name, EffectiveUserName, CustomRecipientWriteScope",
);
const GIVE_ROLE: Mend = run(
    "If it is not there, make the role group and put the account into it:",
    "New-RoleGroup '{role_group}' -Roles ApplicationImpersonation -Members '{service_account}'",
);
const ROLE_IN_CENTER: Mend = say(
    "Or in the Exchange admin center open permissions > admin roles and the group {role_group}. Roles must hold ApplicationImpersonation, and Members must hold {account_name}. Being the group's owner is not enough.",
);
const SCOPE: Mend = run(
    "If the column CustomRecipientWriteScope names a scope, see whether its filter lets the test mailbox in. Put the scope's name between the first quotes:",
    "$scope = 'name of the scope'\nGet-Recipient -RecipientPreviewFilter (Get-ManagementScope $scope).RecipientFilter | Where-Object PrimarySmtpAddress -eq '{agent}'",
);
const ROLE_WAIT: Mend = say(
    "Then select \"Check again\". A new right takes from a few minutes to an hour to work; we keep looking by ourselves.",
);
const ROLE: &[Mend] = &[SEE_ROLE, GIVE_ROLE, ROLE_IN_CENTER, SCOPE, ROLE_WAIT];
const ROLE_TIME: Option<&str> = Some("a few minutes to an hour after the role is given");

const LOOK_UP: Mend = run(
    "In the Exchange Management Shell (for Microsoft 365: in Exchange Online PowerShell), look the address up:",
    "Get-Recipient '{agent}' | Format-List RecipientTypeDetails, PrimarySmtpAddress, Database",
);
const OTHER_MAILBOX: Mend =
    other("Enter the main address of a mailbox in a new attempt. All names stay as they are.");
const OPEN_AS_AGENT: Mend =
    say("Sign in once as {agent} to Outlook on the web and look whether Contacts and Calendar open.");
const DIRECTORY: Mend = say(
    "Look in the server's Event Viewer under Windows Logs > Application for errors of \"MSExchange ADAccess\". Then see whether a domain controller can be reached.",
);
const IF_IT_LASTS: Mend = say("We try again by ourselves in a few minutes. If it lasts:");
const SERVER: Cause = Cause { who: Who::Admin, ..RETRY };

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "impersonation_denied_user",
        title: "The service account may not act for the test mailbox",
        meaning: "The sign-in works: login and password are right. But {service_account} has no right to act for {agent}. The role is missing, or its scope leaves this mailbox out.",
        mend: ROLE,
        waits: ROLE_TIME,
        scenarios: &["exchange-no-role", "exchange-outside-scope"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "impersonation_denied_server",
        title: "The service account may not act for others on this server",
        meaning: "The sign-in works: login and password are right. But the account has only a right of an old kind, which this server does not take.",
        mend: ROLE,
        waits: ROLE_TIME,
        scenarios: &["exchange-old-right"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "impersonation_failed",
        title: "Your server could not change over to the test mailbox",
        meaning: "The sign-in works, and then Exchange failed to act as {agent}. That is a fault of the server or of its directory, not of your answers.",
        mend: &[
            IF_IT_LASTS,
            DIRECTORY,
            say(
                "If you have one forest for accounts and one for Exchange, use a service account of the forest that holds Exchange.",
            ),
            SERVICES,
        ],
        scenarios: &["exchange-impersonation-broken"],
        ..SERVER
    },
    Cause {
        id: "impersonation_header_invalid",
        title: "The mail system could not read whom we act for",
        meaning: "Our request had a mistake in it. That is our fault, not yours.",
        mend: OUR_TURN,
        scenarios: &["fault:impersonation_header_invalid"],
        ..OURS
    },
    Cause {
        id: "service_account_outside_group",
        title: "The service account is not a member of its own role group",
        meaning: "It works for the test mailbox. But acting for the service account itself was refused: it owns the group and is no member, or lies outside its scope. Other programs test this first.",
        mend: &[
            run(
                "In the Exchange Management Shell, add the account as a member:",
                "Add-RoleGroupMember '{role_group}' -Member '{service_account}'",
            ),
            ROLE_IN_CENTER,
        ],
        scenarios: &["exchange-self-denied"],
        ..ADVISE
    },
    Cause {
        id: "mailbox_not_found",
        title: "There is no mailbox with this address",
        meaning: "The mail system knows no mailbox {agent}. It is mistyped, is a contact or a group, or was moved elsewhere.",
        mend: &[
            LOOK_UP,
            say(
                "UserMailbox is right. RemoteUserMailbox is in Microsoft 365. MailUser and MailContact have no mailbox here.",
            ),
            OTHER_MAILBOX,
        ],
        scenarios: &["exchange-mailbox-unknown", "ews-mailbox-unknown"],
        ..ANSWER
    },
    Cause {
        id: "upn_not_found",
        title: "The mail system knows no user with this name",
        meaning: "It was asked for the user {agent} and found none. A user's sign-in name and mail address may differ.",
        mend: &[LOOK_UP, OTHER_MAILBOX],
        scenarios: &["fault:upn_not_found"],
        ..ANSWER
    },
    Cause {
        id: "address_unparsable",
        title: "The mail system cannot read the test mailbox's address",
        meaning: "It says that {agent} has not the form of an address.",
        mend: &[
            say(
                "Compare it with the main address that your mail system shows for this user, letter by letter.",
            ),
            OTHER_MAILBOX,
        ],
        scenarios: &["fault:address_unparsable"],
        ..ANSWER
    },
    Cause {
        id: "folder_access_denied",
        title: "The account may act for the test mailbox but not open its folders",
        meaning: "Acting as {agent} was allowed, and then contacts or calendar stayed closed. Often the account has only a delegate's rights instead of the role.",
        mend: ROLE,
        waits: ROLE_TIME,
        scenarios: &["exchange-folder-denied"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "write_access_denied",
        title: "The account may read the test mailbox but not write to it",
        meaning: "Reading contacts and calendar works. Storing a test entry was refused, so synchronisation could go only one way.",
        mend: ROLE,
        waits: ROLE_TIME,
        scenarios: &["exchange-read-only"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "folder_missing",
        title: "A standard folder of the test mailbox is missing",
        meaning: "The contacts or the calendar of {agent} could not be found. A move from another system sometimes renames them.",
        mend: &[
            OPEN_AS_AGENT,
            run(
                "If one is missing, have Exchange repair the mailbox:",
                "New-MailboxRepairRequest -Mailbox '{agent}' -CorruptionType FolderView",
            ),
            other("Or enter another test mailbox in a new attempt. All names stay as they are."),
        ],
        scenarios: &["fault:folder_missing"],
        ..KEEP
    },
    Cause {
        id: "mailbox_moving",
        title: "The test mailbox is being moved",
        meaning: "Exchange is moving {agent} to another place, and it stays closed until that is done. A large mailbox takes hours.",
        mend: &[
            say("You have nothing to do: we look again by ourselves."),
            run(
                "To see how far it is, run this in the Exchange Management Shell:",
                "Get-MoveRequest '{agent}' | Get-MoveRequestStatistics",
            ),
            other("If you do not want to wait, enter another test mailbox in a new attempt."),
        ],
        remedy: Remedy::Wait,
        waits: Some("until the move has ended, up to a day"),
        scenarios: &["exchange-moving"],
        ..KEEP
    },
    Cause {
        id: "mailbox_store_unavailable",
        title: "The database with the test mailbox cannot be reached",
        meaning: "The server answers, but the database that holds {agent} is switched off or is starting.",
        mend: &[
            IF_IT_LASTS,
            run(
                "In the Exchange Management Shell, see whether the database is mounted:",
                "Get-MailboxDatabase -Status | Format-Table Name, Mounted, Server",
            ),
            say("If it says False, whoever runs the server should find out why and mount it."),
        ],
        scenarios: &["exchange-store-down"],
        ..SERVER
    },
    Cause {
        id: "mailbox_failover",
        title: "The mail system is switching to another server",
        meaning: "The database with the test mailbox changes its server at this moment. It takes a minute or two.",
        mend: TRY_SOON,
        scenarios: &["fault:mailbox_failover"],
        ..RETRY
    },
    Cause {
        id: "mailbox_misconfigured",
        title: "The test mailbox is not set up properly",
        meaning: "The directory's entry for {agent} has gaps, so Exchange cannot open the mailbox.",
        mend: &[
            OPEN_AS_AGENT,
            LOOK_UP,
            say("Ask whoever runs the server to look at {agent}."),
            other("Until then, enter another test mailbox in a new attempt. All names stay as they are."),
        ],
        scenarios: &["fault:mailbox_misconfigured"],
        ..KEEP
    },
    Cause {
        id: "mailbox_logon_failed",
        title: "EWS could not open the test mailbox",
        meaning: "The sign-in works, and then the part of Exchange that holds {agent} did not answer EWS.",
        mend: &[IF_IT_LASTS, OPEN_AS_AGENT, SERVICES],
        scenarios: &["fault:mailbox_logon_failed"],
        ..SERVER
    },
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
