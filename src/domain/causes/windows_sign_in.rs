//! The service account at a customer's own Exchange server: how it may sign in, and what becomes of its password.

use super::{
    own_server::{OPEN_FIREWALL, THEN_AGAIN},
    parts::{ACT, ADVISE, DOUBT_SECRET, HOSTER, KEEP, run, say},
    password::{ENTER_IT, NEVER_EXPIRES, NEW_PASSWORD},
};
use crate::domain::cause::{Cause, Mend, OwnServer, Remedy, SecretFault, Who};

const BASIC_ON: Mend = run(
    "In the Exchange Management Shell, switch Basic authentication on for EWS. Windows authentication stays on, because the servers need it:",
    "Get-WebServicesVirtualDirectory -ADPropertiesOnly | Set-WebServicesVirtualDirectory -BasicAuthentication $true\nGet-WebServicesVirtualDirectory -ADPropertiesOnly | Format-Table Server, BasicAuthentication, WindowsAuthentication",
);
const BASIC_IN_CENTER: Mend = say(
    "Or in the Exchange admin center open servers > virtual directories > EWS (Default Web Site) > authentication, tick \"Basic authentication\", and select save.",
);
const RESTART_WEB: Mend =
    run("Then restart the web service. Outlook connects again by itself:", "iisreset /noforce");
const BASIC_RISK: Mend = say(
    "The password then travels with each call, inside of the encrypted connection. To narrow that, let your firewall admit EWS from our addresses: {egress}.",
);
const BASIC: &[Mend] = &[BASIC_ON, BASIC_IN_CENTER, RESTART_WEB, BASIC_RISK, THEN_AGAIN];

const TRY_IN_BROWSER: Mend = say(
    "In a private browser window open https://{host}/owa and sign in with exactly {service_account} and the password you entered. Paste it; do not type it.",
);
const RESET: Mend = run(
    "Set a new password of at least 20 plain characters. In the Exchange Management Shell, on a server that has the Active Directory module, run:",
    "$account = (Get-User '{service_account}').SamAccountName\nSet-ADAccountPassword $account -Reset -NewPassword (Read-Host 'New password' -AsSecureString)\nSet-ADUser $account -PasswordNeverExpires $true -ChangePasswordAtLogon $false",
);
const NEXT_ATTEMPT: Mend = say(
    "Start the next attempt and enter the new password; everything else is filled in. If the password you gave us is right after all, select \"Check again\" instead.",
);
const LOOK_AT_ACCOUNT: Mend = run(
    "In the Exchange Management Shell, on a server that has the Active Directory module, look at the account:",
    "$account = (Get-User '{service_account}').SamAccountName\nGet-ADUser $account -Properties LockedOut, PasswordExpired, AccountExpirationDate | Format-List Enabled, LockedOut, PasswordExpired, AccountExpirationDate",
);
const ADMIN_CENTER_BOX: Mend = say(
    "Or in Active Directory Users and Computers open the account > Account. Clear \"User must change password at next logon\" and tick \"Password never expires\".",
);

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "ews_basic_disabled",
        title: "Your server does not let programs sign in with a password",
        meaning: "EWS on {host} takes only Windows authentication. Exchange is installed that way. Your password may well be right.",
        mend: BASIC,
        scenarios: &["exchange-ntlm-only"],
        ..KEEP
    },
    Cause {
        id: "ews_no_auth_method",
        title: "Your server offers no way to sign in",
        meaning: "EWS on {host} refused us and named no way to sign in. All ways are switched off, or a proxy removes the header \"WWW-Authenticate\".",
        mend: &[
            BASIC_ON,
            RESTART_WEB,
            say(
                "If a proxy stands in front of the server, let it hand on the headers \"WWW-Authenticate\" and \"Authorization\" unchanged.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-no-method"],
        ..KEEP
    },
    Cause {
        id: "ews_modern_auth_only",
        title: "Your server takes only modern authentication",
        meaning: "EWS on {host} wants a token instead of a password. A service account signs in with a password.",
        mend: BASIC,
        scenarios: &["exchange-bearer-only"],
        ..KEEP
    },
    Cause {
        id: "ews_anonymous",
        title: "Your server answered without asking who we are",
        meaning: "EWS on {host} gave an answer before any sign-in. Exchange does not do that. Our people look at it together with you.",
        mend: &[
            say(
                "You have nothing to do at first. Write to {support} if you know of a proxy that signs in for others.",
            ),
            say(
                "If there is one, let it pass /EWS/ through without a sign-in of its own, then select \"Check again\".",
            ),
        ],
        who: Who::MoxiWorks,
        scenarios: &["exchange-anonymous"],
        ..KEEP
    },
    Cause {
        id: "basic_credentials_rejected",
        title: "Your server did not accept the login or the password",
        meaning: "The server takes passwords, but not this one for {service_account}. It gives the same answer for a wrong password and for an account that is locked, disabled or has to change its password. We tried once.",
        mend: &[
            TRY_IN_BROWSER,
            say(
                "If that works, the login may have to be written the other way: as name@your-domain.com instead of DOMAIN\\name, or the reverse.",
            ),
            LOOK_AT_ACCOUNT,
            RESET,
            NEXT_ATTEMPT,
        ],
        scenarios: &["exchange-wrong-password"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "login_name_format",
        title: "Your server did not accept the login, or not in this form",
        meaning: "The server takes passwords, but it refused {service_account}. Some servers know an account only as name@your-domain.com, not as DOMAIN\\name. A wrong password looks the same. We tried once.",
        mend: &[
            run(
                "In the Exchange Management Shell, see how the account is written the other way:",
                "$account = '{service_account}'.Split('\\')[-1]\nGet-User $account | Format-List UserPrincipalName, SamAccountName, WindowsEmailAddress",
            ),
            say(
                "Start the next attempt and enter the UserPrincipalName as the login, with the same password. Everything else is filled in.",
            ),
            TRY_IN_BROWSER,
        ],
        scenarios: &["exchange-login-format"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "extended_protection_blocks",
        title: "Extended Protection on your server refuses the sign-in",
        meaning: "Windows authentication is bound to the encrypted connection, and something between us and the server ends that connection. We sign in with a password instead, which this does not concern.",
        mend: &[
            say("Let the load balancer hand the encrypted connection on, with the server's own certificate."),
            say("Or let EWS take a password over Basic authentication from our addresses: {egress}."),
        ],
        told: Some(
            "Another program signs in with Windows sign-in, and your server's log has the code 0xC000035B",
        ),
        scenarios: &["guide:exchange_basic/basic"],
        ..KEEP
    },
    Cause {
        id: "ntlm_version_or_proxy",
        title: "Windows authentication does not come through to your server",
        meaning: "The server allows only an old version of it, or a proxy does not keep the connection on which it depends. We sign in with a password instead, which this does not concern.",
        mend: &[say("Let EWS take a password over Basic authentication from our addresses: {egress}.")],
        told: Some("Another program signs in with Windows sign-in, and is refused with the right password"),
        scenarios: &["guide:exchange_basic/basic"],
        ..KEEP
    },
    Cause {
        id: "legacy_auth_policy",
        title: "A policy keeps the service account from signing in with a password",
        meaning: "The server says that an authentication policy blocks passwords for {service_account} in web services. Whether the password is right it did not look at.",
        mend: &[
            run(
                "In the Exchange Management Shell, see whether the account has one:",
                "Get-User '{service_account}' | Format-List AuthenticationPolicy",
            ),
            run(
                "If it has, give it one that lets web services through:",
                "New-AuthenticationPolicy 'MoxiEngage'\nSet-User '{service_account}' -AuthenticationPolicy 'MoxiEngage'",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["fault:legacy_auth_policy"],
        ..KEEP
    },
    Cause {
        id: "account_locked",
        title: "The service account is locked",
        meaning: "Too many wrong passwords were tried for {service_account}, by us or by another program, and Windows locked it.",
        mend: &[
            run(
                "Unlock it. In the Exchange Management Shell, on a server that has the Active Directory module, run:",
                "$account = (Get-User '{service_account}').SamAccountName\nUnlock-ADAccount $account",
            ),
            say(
                "If an old program still tries an old password with this account, stop it; else it locks again.",
            ),
            say(
                "Select \"Check again\" if the password is right. If you are not sure, set a new one and start a new attempt.",
            ),
        ],
        scenarios: &["exchange-locked"],
        ..KEEP
    },
    Cause {
        id: "account_disabled",
        title: "The service account is disabled",
        meaning: "The account {service_account} exists, but it is switched off in Active Directory.",
        mend: &[
            run(
                "Switch it on. In the Exchange Management Shell, on a server that has the Active Directory module, run:",
                "$account = (Get-User '{service_account}').SamAccountName\nEnable-ADAccount $account",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-disabled"],
        ..KEEP
    },
    Cause {
        id: "password_expired",
        title: "The service account's password has expired",
        meaning: "The password was right, but its time is over. A service account needs a password that never expires.",
        mend: &[NEW_PASSWORD, ENTER_IT],
        scenarios: &["exchange-password-expired", "password-expired"],
        own_server: Some(&OwnServer {
            title: "The service account's password has expired",
            meaning: "The password was right, but its time is over. A service account needs a password that never expires.",
            mend: &[RESET, NEXT_ATTEMPT],
            who: Who::Admin,
            remedy: Remedy::Act,
        }),
        ..DOUBT_SECRET
    },
    Cause {
        id: "password_must_change",
        title: "The service account has to change its password first",
        meaning: "\"User must change password at next logon\" is ticked for {service_account}. A program cannot do that.",
        mend: &[ADMIN_CENTER_BOX, RESET, NEXT_ATTEMPT],
        scenarios: &["exchange-must-change"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "password_expires_soon",
        title: "The service account's password expires soon",
        meaning: "It works today. On the day that the step shows, the password expires and synchronisation stops.",
        mend: &[NEVER_EXPIRES],
        scenarios: &["exchange-password-soon", "password-soon"],
        own_server: Some(&OwnServer {
            title: "The service account's password expires soon",
            meaning: "It works today. On the day that the step shows, the password expires and synchronisation stops.",
            mend: &[
                run(
                    "Let it never expire. In the Exchange Management Shell, on a server that has the Active Directory module, run:",
                    "$account = (Get-User '{service_account}').SamAccountName\nSet-ADUser $account -PasswordNeverExpires $true",
                ),
                ADMIN_CENTER_BOX,
            ],
            who: Who::Admin,
            remedy: Remedy::Advise,
        }),
        ..ADVISE
    },
    Cause {
        id: "auth_flapping",
        title: "Your server accepted the password before, and now it does not",
        meaning: "The same login and password worked within the last hour. The account may be locked, its password is being changed, or the server is overloaded.",
        mend: &[LOOK_AT_ACCOUNT, THEN_AGAIN],
        scenarios: &["fault:auth_flapping"],
        ..KEEP
    },
    Cause {
        id: "ews_disabled_for_mailbox",
        title: "EWS is switched off for the service account",
        meaning: "The sign-in works, but the server does not let {service_account} use EWS. It is off for this account or for all, or a list of programs leaves ours out.",
        mend: &[
            run(
                "In the Exchange Management Shell, switch EWS on for the account:",
                "Get-CASMailbox '{service_account}' | Format-List Ews*\nSet-CASMailbox '{service_account}' -EwsEnabled $true",
            ),
            run(
                "Look at the switch for all, and at the list of programs:",
                "Get-OrganizationConfig | Format-List Ews*",
            ),
            run("If EwsEnabled is False there, switch it on:", "Set-OrganizationConfig -EwsEnabled $true"),
            run(
                "If EwsApplicationAccessPolicy says EnforceAllowList, add our program to the list:",
                "Set-OrganizationConfig -EwsApplicationAccessPolicy EnforceAllowList -EwsAllowList @{Add='MoxiEngage*'}",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-ews-off"],
        ..KEEP
    },
    Cause {
        id: "ews_forbidden_onprem",
        title: "Your server forbids us to use EWS",
        meaning: "Exchange answered and refused before it looked at the sign-in. A rule for addresses in IIS does that, or a list of programs.",
        mend: &[
            say(
                "In IIS Manager on the server open Default Web Site > EWS > \"IP Address and Domain Restrictions\" and allow our addresses: {egress}.",
            ),
            run(
                "In the Exchange Management Shell, look at the list of programs:",
                "Get-OrganizationConfig | Format-List Ews*",
            ),
            OPEN_FIREWALL,
            THEN_AGAIN,
        ],
        scenarios: &["fault:ews_forbidden_onprem"],
        ..KEEP
    },
    Cause {
        id: "service_account_invalid",
        title: "The service account is no account that Exchange can use",
        meaning: "The sign-in works, but Exchange does not find {service_account} as a user in its directory. It may belong to another forest or be a computer's account.",
        mend: &[
            run(
                "In the Exchange Management Shell, make a plain user with a mailbox:",
                "New-Mailbox -Name '{account_name}' -UserPrincipalName '{service_account}' -Password (Read-Host 'Password' -AsSecureString)",
            ),
            say("Start a new attempt with the login and the password of that account."),
        ],
        scenarios: &["fault:service_account_invalid"],
        ..ACT
    },
    Cause {
        id: "service_account_no_mailbox",
        title: "The service account has no mailbox",
        meaning: "It works for the test mailbox. But some versions of Exchange need a mailbox for the account that acts for others.",
        mend: &[run("In the Exchange Management Shell, give it one:", "Enable-Mailbox '{service_account}'")],
        scenarios: &["exchange-no-own-mailbox"],
        ..ADVISE
    },
    Cause {
        id: "hosted_exchange_refuses",
        title: "Your hosting provider's server refuses the service account",
        meaning: "The server belongs to a provider of hosted Exchange, and it did not accept {service_account}. Many such providers do not let one account act for other mailboxes. A wrong password looks the same.",
        mend: &[
            TRY_IN_BROWSER,
            say(
                "Ask your provider in writing for \"EWS with Basic authentication over the internet, and Exchange impersonation for one service account over our mailboxes\".",
            ),
            say(
                "If the provider refuses, moving to Microsoft 365 or Google Workspace is the way. Write to {support}.",
            ),
        ],
        scenarios: &["fault:hosted_exchange_refuses"],
        secret: SecretFault::Maybe,
        ..HOSTER
    },
];
