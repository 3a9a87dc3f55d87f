//! What the app may do: consent in Entra, roles in Exchange Online.

use super::parts::{ACT, ACT_THEN_WAIT, ADVISE, run, say};
use crate::domain::cause::{Cause, Mend, OwnServer, Remedy, Who};

const OPEN_PERMISSIONS: Mend = say(
    "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications > {app_name} > API permissions.",
);
const ADD_PERMISSIONS: Mend = say(
    "Select \"Add a permission\" > Microsoft Graph > \"Application permissions\". Tick Contacts.ReadWrite, Calendars.ReadWrite, Mail.Send and MailboxSettings.Read, then \"Add permissions\".",
);
const CONSENT: Mend = say(
    "Select \"Grant admin consent\" and confirm. Every line needs a green tick. This takes a Global Administrator or a Privileged Role Administrator.",
);

const FIND_OBJECT: Mend = say(
    "In the Microsoft Entra admin center open Entra ID > Enterprise applications > {app_name} > Overview and copy \"Object ID\". It differs from the one under App registrations.",
);
const GIVE_ROLES: Mend = run(
    "Open PowerShell as an Exchange Administrator, put the Object ID between the first quotes, and run:",
    "Connect-ExchangeOnline\n$object = 'paste the Object ID here'\nNew-ServicePrincipal -AppId '{client}' -ObjectId $object -DisplayName '{app_name}'\nNew-DistributionGroup -Name '{group}' -Type Security\nAdd-DistributionGroupMember '{group}' -Member '{agent}'\nforeach ($role in 'Application Contacts.ReadWrite', 'Application Calendars.ReadWrite', 'Application Mail.Send', 'Application MailboxSettings.Read') { New-ManagementRoleAssignment -App $object -Role $role -RecipientGroupScope '{group}' }",
);
const GIVE_EWS_ROLE: Mend = run(
    "If this connection goes over EWS, it takes one more role:",
    "New-ManagementRoleAssignment -App $object -Role 'Application EWS.AccessAsApp' -RecipientGroupScope '{group}'",
);
const TEST_ROLES: Mend = run(
    "See whether the roles reach the test mailbox. Every line should say True under InScope:",
    "Test-ServicePrincipalAuthorization -Identity $object -Resource '{agent}' | Format-Table RoleName, InScope",
);
const OLD_POLICY: Mend = run(
    "Look for an old access policy of this app. If there is one, it can shut the app out; remove it when the roles work:",
    "Get-ApplicationAccessPolicy | Where-Object AppId -eq '{client}'",
);
const THEN_WAIT: Mend = say(
    "Then check again. Microsoft takes from a few minutes to 24 hours to apply it everywhere; we keep looking by ourselves.",
);

/// The three steps of consent.
const GRANT: &[Mend] = &[OPEN_PERMISSIONS, ADD_PERMISSIONS, CONSENT];

/// How long consent takes to reach what Microsoft gives us at sign-in.
const CONSENT_TIME: Option<&str> = Some("about 15 minutes after consent is granted");

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "consent_missing",
        title: "Nobody has granted admin consent to the app yet",
        meaning: "The credential is right. The permissions are on the app, but an administrator still has to approve them.",
        mend: &[OPEN_PERMISSIONS, CONSENT],
        waits: CONSENT_TIME,
        scenarios: &["no-consent"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "consent_needs_admin",
        title: "The consent needs a higher administrator",
        meaning: "The credential is right. Only a Global Administrator or a Privileged Role Administrator can approve these permissions.",
        mend: &[OPEN_PERMISSIONS, CONSENT],
        waits: CONSENT_TIME,
        scenarios: &["fault:aad_90094"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "app_permissions_misconfigured",
        title: "The permissions we need are not on the app",
        meaning: "Microsoft compared our request with the app's list of permissions and did not find them there.",
        mend: GRANT,
        waits: CONSENT_TIME,
        scenarios: &["fault:aad_650057"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "graph_permission_missing",
        title: "The app lacks a permission",
        meaning: "The sign-in works. But a permission is missing that MoxiEngage needs. Often it was added as \"Delegated\", or \"Grant admin consent\" was not selected afterwards.",
        mend: &[OPEN_PERMISSIONS, ADD_PERMISSIONS, CONSENT, THEN_WAIT],
        waits: CONSENT_TIME,
        scenarios: &["calendar-permission-missing", "certificate-no-permission"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "graph_no_permissions",
        title: "The app has no permission at all",
        meaning: "The sign-in works. But the app was given no permission in Entra, and no role in Exchange Online either.",
        mend: &[OPEN_PERMISSIONS, ADD_PERMISSIONS, CONSENT, THEN_WAIT],
        waits: CONSENT_TIME,
        scenarios: &["no-permissions"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "graph_access_denied",
        title: "Microsoft has not opened the mailbox to the app yet",
        meaning: "The app has the permission, and still the mailbox is closed to it. After a fresh consent this is usual for up to an hour. Later it means that a policy or a role leaves this mailbox out.",
        mend: &[
            say(
                "If you granted consent within the last hour, you have nothing to do: we look again by ourselves.",
            ),
            OLD_POLICY,
            FIND_OBJECT,
            GIVE_ROLES,
        ],
        remedy: Remedy::Wait,
        waits: Some("up to an hour"),
        scenarios: &["waiting", "certificate-waiting"],
        ..ACT
    },
    Cause {
        id: "exo_rbac_required",
        title: "Exchange Online wants a role for the app",
        meaning: "The secret and the consent are right. But your Exchange Online lets an app into a mailbox only when the app has a role there that reaches this mailbox.",
        mend: &[FIND_OBJECT, GIVE_ROLES, GIVE_EWS_ROLE, TEST_ROLES, OLD_POLICY, THEN_WAIT],
        waits: Some("a few minutes to 24 hours after the roles are assigned"),
        scenarios: &["exchange-roles-required", "roles-arrive-later", "outside-scope", "ews-rbac"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_rbac_scope_excludes",
        title: "The app's roles do not reach this mailbox",
        meaning: "The app may open other mailboxes, but this one is not in the group that its roles are limited to. Only direct members of the group count.",
        mend: &[
            run(
                "Add the mailbox to the group:",
                "Connect-ExchangeOnline\nAdd-DistributionGroupMember '{group}' -Member '{agent}'",
            ),
            FIND_OBJECT,
            run(
                "See whether the roles reach the mailbox now:",
                "$object = 'paste the Object ID here'\nTest-ServicePrincipalAuthorization -Identity $object -Resource '{agent}' | Format-Table RoleName, InScope",
            ),
            THEN_WAIT,
        ],
        waits: Some("up to two hours after the mailbox joins the group"),
        scenarios: &["fault:scope_excludes_one_of_many"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_rbac_role_missing",
        title: "The app lacks one of its roles in Exchange Online",
        meaning: "Some steps work and others are refused, so a role is missing.",
        mend: &[
            FIND_OBJECT,
            run(
                "Assign the roles that are missing; those that exist are reported and stay:",
                "Connect-ExchangeOnline\n$object = 'paste the Object ID here'\nforeach ($role in 'Application Contacts.ReadWrite', 'Application Calendars.ReadWrite', 'Application Mail.Send', 'Application MailboxSettings.Read') { New-ManagementRoleAssignment -App $object -Role $role -RecipientGroupScope '{group}' }",
            ),
            TEST_ROLES,
            THEN_WAIT,
        ],
        waits: Some("up to two hours after the role is assigned"),
        scenarios: &["calendar-role-missing"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_rest_blocked",
        title: "A rule of your Exchange Online keeps our program out",
        meaning: "Your organization has a list of programs that may or may not connect. MoxiEngage is not let through.",
        mend: &[
            run("Look at the lists:", "Connect-ExchangeOnline\nGet-OrganizationConfig | Format-List Ews*"),
            run(
                "If EwsApplicationAccessPolicy says EnforceAllowList, add us to the list. If it says EnforceBlockList, take us off EwsBlockList instead:",
                "Set-OrganizationConfig -EwsApplicationAccessPolicy EnforceAllowList -EwsAllowList @{Add='MoxiEngage*'}",
            ),
            OLD_POLICY,
            THEN_WAIT,
        ],
        waits: Some("up to 24 hours after the list is changed"),
        scenarios: &["agent-rules"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "scope_not_effective",
        title: "A mailbox opened that must be refused",
        meaning: "It works. But the app also reached the mailbox that you named as out of its reach. A permission in Entra reaches every mailbox, and it adds up with roles that have a scope.",
        mend: &[
            run(
                "In Exchange Online PowerShell, look at the app's roles and at the scope of each:",
                "Connect-ExchangeOnline\nGet-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal | Format-List Name, Role, RoleAssigneeName, RecipientGroupScope, CustomResourceScope",
            ),
            OPEN_PERMISSIONS,
            say(
                "Once every role there has its scope, remove the same permissions here: Contacts.ReadWrite, Calendars.ReadWrite, Mail.Send, MailboxSettings.Read, and full_access_as_app.",
            ),
            say(
                "Then select \"Check again\" in a few hours. If MoxiEngage may reach everybody, leave this field empty in the next attempt.",
            ),
        ],
        scenarios: &["scope-open", "ews-scope-open", "exchange-scope-open"],
        own_server: Some(&OwnServer {
            title: "A mailbox opened that must be refused",
            meaning: "It works. But the service account may also act for the mailbox that you named as out of its reach. Its role has no scope, or the scope lets this mailbox in.",
            mend: &[
                run(
                    "In the Exchange Management Shell, see the scope of the role:",
                    "Get-ManagementRoleAssignment -Role ApplicationImpersonation -GetEffectiveUsers | Format-Table Name, EffectiveUserName, CustomRecipientWriteScope",
                ),
                run(
                    "Give it one. Put the name of the assignment from the list and the name of your scope between the quotes:",
                    "$assignment = 'name of the assignment'\n$scope = 'name of the scope'\nSet-ManagementRoleAssignment $assignment -CustomRecipientWriteScope $scope",
                ),
                say("If MoxiEngage may reach everybody, leave this field empty in the next attempt."),
            ],
            who: Who::Admin,
            remedy: Remedy::Advise,
        }),
        ..ADVISE
    },
    Cause {
        id: "excess_permissions",
        title: "The app may do more than it needs",
        meaning: "It works. But the app has permissions that MoxiEngage never uses; the step \"Sign in as your app\" lists them. Fewer permissions mean less harm if a secret is ever lost.",
        mend: &[
            OPEN_PERMISSIONS,
            say(
                "Keep Contacts.ReadWrite, Calendars.ReadWrite, Mail.Send and MailboxSettings.Read. For every other line select \"...\" > \"Remove permission\".",
            ),
            CONSENT,
        ],
        scenarios: &["too-many-permissions"],
        ..ADVISE
    },
    Cause {
        id: "directory_read_not_granted",
        title: "We may not look up the account in your directory",
        meaning: "That permission is optional. We only use it to explain problems with the test mailbox better.",
        mend: &[say(
            "You have nothing to do. If you want closer explanations, add the application permission User.Read.All and grant consent.",
        )],
        scenarios: &["healthy"],
        ..ADVISE
    },
];
