//! What EWS itself answers about the right to act for others and about the mailbox. What is wrong with the server behind it
//! stands in a file of its own.

use super::{
    own_server::SERVICES,
    parts::{ACT_THEN_WAIT, ADVISE, ANSWER, KEEP, OUR_TURN, OURS, RETRY, TRY_SOON, other, run, say},
};
use crate::domain::cause::{Cause, Mend, Remedy, Who};

pub(super) const SEE_ROLE: Mend = run(
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
pub(super) const DIRECTORY: Mend = say(
    "Look in the server's Event Viewer under Windows Logs > Application for errors of \"MSExchange ADAccess\". Then see whether a domain controller can be reached.",
);
pub(super) const IF_IT_LASTS: Mend = say("We try again by ourselves in a few minutes. If it lasts:");
pub(super) const SERVER: Cause = Cause { who: Who::Admin, ..RETRY };

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
];
