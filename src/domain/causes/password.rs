//! A service account of Microsoft 365 and its password: what Microsoft's sign-in service and Exchange Online say to it.
//!
//! Most of these have one honest way out, which is another access kind. Each says so.

use super::parts::{ACT, ANSWER, DOUBT_SECRET, KEEP, RENEW_SECRET, RETRY, run, say};
use crate::domain::cause::{Cause, Mend, Remedy, Who};

const RATHER_GRAPH: Mend = say(
    "Better: on your overview select \"New connection\" and choose \"Microsoft 365 with a certificate\". It needs neither a service account nor a password, and takes about 15 minutes.",
);
const ONLY_GRAPH: Mend = say(
    "Select \"New connection\" and choose \"Microsoft 365 with a certificate\". That way has an app of its own in place of the service account, and takes about 15 minutes.",
);
const DISABLE_ACCOUNT: Mend = run(
    "When that connection is verified, nobody needs the service account any more. Open PowerShell as an administrator and switch it off:",
    "Connect-MgGraph -Scopes 'User.ReadWrite.All'\nUpdate-MgUser -UserId '{service_account}' -AccountEnabled:$false",
);
const THEN_AGAIN: Mend = say("Then select \"Check again\".");

const LOOK_AT_LOG: Mend = say(
    "In the Microsoft Entra admin center (entra.microsoft.com) open Monitoring & health > Sign-in logs and open the failed entry of {service_account}. It names the policy.",
);
const EXCLUDE: Mend = say(
    "If you keep this way, open that policy and add {account_name} under Users > Exclude. Ask first whoever is responsible for security in your office.",
);
const POLICY: &[Mend] = &[RATHER_GRAPH, LOOK_AT_LOG, EXCLUDE, THEN_AGAIN];

const LET_BASIC_IN: Mend = run(
    "If you keep this way, let this one account use Basic authentication. Open PowerShell as an Exchange Administrator:",
    "Connect-ExchangeOnline\nNew-AuthenticationPolicy -Name '{policy}'\nSet-AuthenticationPolicy -Identity '{policy}' -AllowBasicAuthAutodiscover:$true -AllowBasicAuthWebServices:$true\nSet-User -Identity '{service_account}' -AuthenticationPolicy '{policy}'\nGet-User -Identity '{service_account}' | Format-List AuthenticationPolicy",
);
const BASIC_TIME: Mend = say(
    "It takes up to a day until it works. Then select \"Check again\". If the answer stays the same, Microsoft has switched passwords off for your whole tenant, and only Graph is left.",
);

/// A password that nobody has used yet and that never expires.
pub(super) const NEW_PASSWORD: Mend = run(
    "Set a new password of at least 20 plain characters, and let it never expire. Open PowerShell as an administrator:",
    "Connect-MgGraph -Scopes 'User.ReadWrite.All'\n$new = Read-Host 'New password'\nUpdate-MgUser -UserId '{service_account}' -PasswordProfile @{ Password = $new; ForceChangePasswordNextSignIn = $false } -PasswordPolicies DisablePasswordExpiration",
);
/// After a new password.
pub(super) const ENTER_IT: Mend =
    say("Start the next attempt and enter the new password; everything else is filled in.");
/// The password stays, and its end goes.
pub(super) const NEVER_EXPIRES: Mend = run(
    "Let it never expire. Open PowerShell as an administrator:",
    "Connect-MgGraph -Scopes 'User.ReadWrite.All'\nUpdate-MgUser -UserId '{service_account}' -PasswordPolicies DisablePasswordExpiration\nGet-MgUser -UserId '{service_account}' -Property PasswordPolicies | Format-List PasswordPolicies",
);
const OPEN_ACCOUNT: Mend = say(
    "In the Microsoft 365 admin center (admin.microsoft.com) open Users > Active users > {account_name}.",
);

const OPEN_APP: Mend = say(
    "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications and the app with the client ID {client}.",
);
const FEDERATION: &[Mend] = &[
    RATHER_GRAPH,
    say(
        "If you keep this way, ask whoever runs your own sign-in server to bring it back, then select \"Check again\".",
    ),
];

pub(super) const CAUSES: &[Cause] = &[
    // Exchange Online.
    Cause {
        id: "exo_basic_auth_retired",
        title: "Exchange Online takes no passwords any more",
        meaning: "Microsoft has switched off passwords over Basic authentication in Exchange Online. If ours was sent, a wrong password would have met the same answer.",
        mend: &[
            ONLY_GRAPH,
            DISABLE_ACCOUNT,
            say(
                "If passwords still work in your tenant, look whether you gave us the right one. Then select \"Check again\", or start the next attempt.",
            ),
        ],
        scenarios: &["password-basic-retired", "password-not-offered"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "exo_basic_auth_blocked",
        title: "A policy blocks passwords for the service account",
        meaning: "Exchange Online answered that Basic authentication is blocked for {service_account} or for your whole tenant. An authentication policy does that.",
        mend: &[RATHER_GRAPH, LET_BASIC_IN, BASIC_TIME],
        scenarios: &["password-basic-blocked"],
        ..KEEP
    },
    Cause {
        id: "exo_mfa_app_password",
        title: "The service account has to confirm each sign-in",
        meaning: "Exchange Online wants an app password, because multi-factor authentication is on for {service_account}. A program cannot confirm a sign-in on a telephone.",
        mend: &[
            RATHER_GRAPH,
            say(
                "If you keep this way, leave the account out: in the Microsoft Entra admin center open Users > All users > Per-user MFA, choose {account_name}, and select \"Disable MFA\".",
            ),
            LET_BASIC_IN,
            BASIC_TIME,
        ],
        scenarios: &["password-app-password"],
        ..KEEP
    },
    Cause {
        id: "exo_account_action_required",
        title: "Somebody has to sign in as the service account first",
        meaning: "Exchange Online says that {service_account} is locked, or has to do something before it may sign in: confirm itself, or set a new password.",
        mend: &[
            RATHER_GRAPH,
            say(
                "If you keep this way, sign in at outlook.office.com in a private browser window as {service_account}, and do what Microsoft asks for.",
            ),
            say("Then select \"Check again\". If you had to set a new password, start the next attempt."),
        ],
        scenarios: &["password-action-required"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "exo_conditional_access_blocked",
        title: "A Conditional Access policy blocks the service account",
        meaning: "Exchange Online took the password to Microsoft's sign-in service, and a policy of your tenant refused this sign-in.",
        mend: POLICY,
        scenarios: &["password-exo-conditional-access"],
        ..KEEP
    },
    Cause {
        id: "exo_impersonation_role_retired",
        title: "The right to act for others no longer exists in Microsoft 365",
        meaning: "The sign-in works. But Microsoft removed the role ApplicationImpersonation from Exchange Online in 2025, and {service_account} may not open {agent}.",
        mend: &[
            ONLY_GRAPH,
            DISABLE_ACCOUNT,
            run(
                "To see for yourself whether your tenant still has the role, open PowerShell as an Exchange Administrator:",
                "Connect-ExchangeOnline\nGet-ManagementRole ApplicationImpersonation\nGet-RoleGroup '{role_group}' | Format-List Roles, Members",
            ),
        ],
        scenarios: &["password-role-retired", "password-role-retired-token"],
        ..KEEP
    },
    Cause {
        id: "exo_account_turned_away",
        title: "Exchange Online took the sign-in and then turned it away",
        meaning: "The service account was let in, and its next call was refused. It was blocked a moment ago, or Exchange Online does not know it.",
        mend: &[
            RATHER_GRAPH,
            OPEN_ACCOUNT,
            say("Look whether sign-in is allowed there, then select \"Check again\"."),
        ],
        scenarios: &["password-turned-away"],
        ..KEEP
    },
    // The sign-in service: policies.
    Cause {
        id: "conditional_access_blocked",
        title: "A Conditional Access policy does not let the service account in",
        meaning: "The password is right. A policy of your tenant blocks this sign-in of {service_account}.",
        mend: POLICY,
        scenarios: &["password-conditional-access"],
        ..KEEP
    },
    Cause {
        id: "ca_device_not_compliant",
        title: "A policy wants the service account on a managed device",
        meaning: "The password is right. But a Conditional Access policy lets people in only from devices that your office manages, and our servers are none.",
        mend: POLICY,
        scenarios: &["password-device-compliant"],
        ..KEEP
    },
    Cause {
        id: "ca_device_not_joined",
        title: "A policy wants the service account on a device of your domain",
        meaning: "The password is right. But a Conditional Access policy lets people in only from devices that are joined to your domain.",
        mend: POLICY,
        scenarios: &["password-device-joined"],
        ..KEEP
    },
    Cause {
        id: "ca_app_not_approved",
        title: "A policy lets people in through approved apps only",
        meaning: "The password is right. But a Conditional Access policy asks for one of Microsoft's approved apps.",
        mend: POLICY,
        scenarios: &["password-app-approved"],
        ..KEEP
    },
    Cause {
        id: "ca_external_challenge",
        title: "A policy sends the service account to a further check",
        meaning: "Your tenant asks for one more proof, from Microsoft or from another company. A program cannot give it.",
        mend: POLICY,
        scenarios: &["password-external-challenge"],
        ..KEEP
    },
    Cause {
        id: "mfa_required",
        title: "The service account has to sign in with a second proof",
        meaning: "Your tenant asks {service_account} for multi-factor authentication. A program cannot confirm a sign-in on a telephone.",
        mend: POLICY,
        scenarios: &["password-mfa"],
        ..KEEP
    },
    Cause {
        id: "mfa_registration_blocked",
        title: "The service account has no second proof yet, and Microsoft wants one",
        meaning: "The sign-in looked unusual to Microsoft, and {service_account} has nothing set up to confirm it with.",
        mend: POLICY,
        scenarios: &["password-mfa-risk"],
        ..KEEP
    },
    Cause {
        id: "mfa_registration_restricted",
        title: "The service account may set up its second proof only in certain places",
        meaning: "Microsoft wants {service_account} to set up multi-factor authentication, and a policy of your tenant allows that in some places or on some devices only.",
        mend: POLICY,
        scenarios: &["password-mfa-place"],
        ..KEEP
    },
    Cause {
        id: "security_defaults",
        title: "Security defaults block passwords without a second proof",
        meaning: "Your tenant uses Microsoft's security defaults. They refuse every sign-in of a program with a password, and know no exceptions.",
        mend: &[
            ONLY_GRAPH,
            say(
                "If you keep this way, the guide shows how a Conditional Access policy takes the place of the security defaults. Ask first whoever is responsible for security in your office.",
            ),
        ],
        scenarios: &["password-security-defaults"],
        ..KEEP
    },
    // The account and its password.
    Cause {
        id: "user_or_password_wrong",
        title: "The login or the password is wrong",
        meaning: "Microsoft knows the tenant, but does not take this password for {service_account}. We tried once.",
        mend: &[
            say(
                "In a private browser window open outlook.office.com and sign in as {service_account} with the password you entered. Paste it; do not type it.",
            ),
            NEW_PASSWORD,
            ENTER_IT,
            RATHER_GRAPH,
        ],
        scenarios: &["password-wrong"],
        ..RENEW_SECRET
    },
    Cause {
        id: "user_not_found",
        title: "There is no such account in your tenant",
        meaning: "Microsoft found the tenant of {domain}, and no user {service_account} in it. The login is mistyped, or the account was deleted.",
        mend: &[
            say(
                "In the Microsoft 365 admin center (admin.microsoft.com) open Users > Active users and look for {account_name}. The column \"Username\" has the login.",
            ),
            say("Start a new attempt with the login that stands there, or make a new account by the guide."),
            RATHER_GRAPH,
        ],
        scenarios: &["password-user-unknown"],
        ..ANSWER
    },
    Cause {
        id: "user_disabled",
        title: "The service account is blocked from signing in",
        meaning: "The account {service_account} exists, and an administrator has blocked its sign-in.",
        mend: &[OPEN_ACCOUNT, say("Select \"Unblock sign-in\", and save."), THEN_AGAIN, RATHER_GRAPH],
        scenarios: &["password-user-disabled"],
        ..KEEP
    },
    Cause {
        id: "user_locked_or_bad_ip",
        title: "Microsoft has locked the sign-in for a while",
        meaning: "Too many wrong passwords were tried for {service_account}, by us or by another program, or Microsoft mistrusts the address the sign-in came from.",
        mend: &[
            say("Wait about 30 minutes. Trying again earlier makes the lock longer."),
            say(
                "In the Microsoft Entra admin center (entra.microsoft.com) open Monitoring & health > Sign-in logs. The entries of {service_account} say from which address the wrong passwords came.",
            ),
            say(
                "If it is the address that Microsoft mistrusts, our addresses are these: {egress}. Then select \"Check again\".",
            ),
            RATHER_GRAPH,
        ],
        remedy: Remedy::ActThenWait,
        waits: Some("about 30 minutes"),
        scenarios: &["password-user-locked"],
        ..KEEP
    },
    Cause {
        id: "password_missing",
        title: "Microsoft has no password for the service account",
        meaning: "The account {service_account} is in the directory, but no password is stored for it. It was copied from your own server without one, or was never given one.",
        mend: &[NEW_PASSWORD, ENTER_IT, RATHER_GRAPH],
        scenarios: &["password-none-stored"],
        ..RENEW_SECRET
    },
    Cause {
        id: "password_change_risk",
        title: "Microsoft wants a new password for the service account",
        meaning: "Microsoft thinks that the password of {service_account} may be known to others, and takes it no longer.",
        mend: &[
            NEW_PASSWORD,
            say(
                "In the Microsoft Entra admin center open Protection > Identity Protection > Risky users, choose {account_name}, and select \"Dismiss user risk\".",
            ),
            ENTER_IT,
            RATHER_GRAPH,
        ],
        scenarios: &["password-risk"],
        ..RENEW_SECRET
    },
    Cause {
        id: "grant_revoked",
        title: "The service account's sign-ins were ended",
        meaning: "The password of {service_account} was changed, or an administrator ended all its sign-ins, while we signed in.",
        mend: &[
            say(
                "Start the next attempt and enter the password that works now; everything else is filled in.",
            ),
            say("If the password you gave us is still the right one, select \"Check again\" instead."),
            RATHER_GRAPH,
        ],
        scenarios: &["password-revoked"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "password_signin_refused",
        title: "Microsoft broke off the sign-in with a password",
        meaning: "Microsoft wants something of {service_account} that only a person at a screen can do: look at a message, register a device, or sign in anew.",
        mend: &[
            RATHER_GRAPH,
            say(
                "If you keep this way, sign in at outlook.office.com in a private browser window as {service_account}, and do what Microsoft asks for.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["password-interrupted"],
        ..KEEP
    },
    Cause {
        id: "wrong_tenant_account",
        title: "The service account belongs to another tenant",
        meaning: "The account {service_account} is a guest in this tenant, or is kept by another company's sign-in. Only an account of your own tenant can be used.",
        mend: &[
            say("Make an account in your own tenant, by the guide, and start a new attempt with it."),
            RATHER_GRAPH,
        ],
        scenarios: &["password-other-tenant"],
        ..ACT
    },
    // Sign-in servers of the office's own.
    Cause {
        id: "federated_realm_missing",
        title: "Microsoft does not know your own sign-in server any more",
        meaning: "The domain {domain} leaves its sign-ins to a server of yours, and Microsoft finds no settings for it.",
        mend: &[
            RATHER_GRAPH,
            run(
                "If you keep this way, look at the settings of the domain. Open PowerShell as an administrator:",
                "Connect-MgGraph -Scopes 'Domain.Read.All'\nGet-MgDomainFederationConfiguration -DomainId '{domain}'",
            ),
            say("Ask whoever runs that server to repair them, then select \"Check again\"."),
        ],
        scenarios: &["password-federation-missing"],
        ..KEEP
    },
    Cause {
        id: "passthrough_agent_problem",
        title: "Your own servers did not answer Microsoft in time",
        meaning: "Your tenant has passwords looked at by an agent on a server of yours. Microsoft could not reach it, or it refused at this hour. Nobody judged the password.",
        mend: FEDERATION,
        scenarios: &["password-agent-silent"],
        who: Who::Admin,
        ..RETRY
    },
    // The app through which the account signs in.
    Cause {
        id: "public_client_flows_blocked",
        title: "The app does not let accounts sign in with a password",
        meaning: "The app with the client ID {client} wants a secret of its own. \"Allow public client flows\" is off, as it is in every new app.",
        mend: &[
            RATHER_GRAPH,
            OPEN_APP,
            say(
                "If you keep this way, open Authentication, set \"Allow public client flows\" to Yes, and select \"Save\". It weakens the app a little: whoever knows its ID may try passwords through it.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["password-no-public-client"],
        ..KEEP
    },
    Cause {
        id: "delegated_consent_missing",
        title: "Nobody allowed the app to reach mailboxes for the service account",
        meaning: "The password is right. But admin consent for EWS.AccessAsUser.All is missing, so the app may not open EWS for {service_account}.",
        mend: &[
            RATHER_GRAPH,
            OPEN_APP,
            say(
                "Open API permissions. Select \"Add a permission\" > \"APIs my organization uses\" > \"Office 365 Exchange Online\" > \"Delegated permissions\" and tick EWS.AccessAsUser.All.",
            ),
            say("Select \"Grant admin consent\", confirm with Yes, then select \"Check again\"."),
        ],
        scenarios: &["password-no-consent"],
        ..KEEP
    },
];
