//! EWS in Exchange Online: its end, its two switches, and the app's right to use it.

use super::parts::{ACT_THEN_WAIT, ADVISE, KEEP, OUR_TURN, OURS, RETRY, run, say};
use crate::domain::cause::{Cause, Mend, Who};

const READ_SWITCH: Mend = run(
    "Open PowerShell as an Exchange Administrator and read how EWS is set:",
    "Connect-ExchangeOnline\nGet-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled, EwsAllowedAppIDs",
);
const WRITE_SWITCH: Mend = run(
    "Switch EWS on and write the whole list of apps. It replaces the old list, so every app shown above that you still use goes into it, separated by commas:",
    "Set-OrganizationConfig -EwsEnabled $true -EwsAllowedAppIDs '{client}'",
);
const FOR_MAILBOX: Mend = run(
    "See whether EWS is on for the test mailbox as well, and switch it on if it says False:",
    "Get-CASMailbox '{agent}' | Format-List EwsEnabled\nSet-CASMailbox '{agent}' -EwsEnabled $true",
);
const RATHER_GRAPH: Mend = say(
    "Better: create a connection for Microsoft 365 with a certificate. Microsoft ends EWS on April 1, 2027, and Graph needs none of these switches.",
);
const THEN_WAIT: Mend = say(
    "Then select \"Check again\". Microsoft takes up to 24 hours to apply it everywhere; we keep looking by ourselves.",
);
const SWITCH_TIME: Option<&str> = Some("up to 24 hours after the switch is changed");

const OPEN_PERMISSIONS: Mend = say(
    "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications > {app_name} > API permissions.",
);
const ADD_EWS: Mend = say(
    "Select \"Add a permission\" > \"APIs my organization uses\", type Office, and select \"Office 365 Exchange Online\". Select \"Application permissions\", open \"Other permissions\", tick full_access_as_app, and select \"Add permissions\".",
);
const CONSENT: Mend = say(
    "Select \"Grant admin consent\" and confirm with Yes. The line needs a green tick. This takes a Global Administrator or a Privileged Role Administrator.",
);

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "exo_ews_disabled",
        title: "EWS is switched off in your Microsoft 365",
        meaning: "The sign-in works. But EWS is off for your organization or for this mailbox. Since October 2026 Microsoft switches it off everywhere unless an administrator has asked to keep it.",
        mend: &[READ_SWITCH, WRITE_SWITCH, FOR_MAILBOX, RATHER_GRAPH, THEN_WAIT],
        waits: SWITCH_TIME,
        scenarios: &["ews-disabled"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_ews_app_not_allowed",
        title: "Your app is not on the list of apps that may use EWS",
        meaning: "The sign-in works, and EWS is on. But your organization keeps a list of apps that may use it, and {client} is not on it.",
        mend: &[READ_SWITCH, WRITE_SWITCH, RATHER_GRAPH, THEN_WAIT],
        waits: SWITCH_TIME,
        scenarios: &["ews-not-allowed"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_ews_partial_off",
        title: "EWS is off for some of your mailboxes",
        meaning: "Some mailboxes open over EWS and this one does not. It is off for this user, or the licence does not include it, or Microsoft is switching it off step by step.",
        mend: &[FOR_MAILBOX, READ_SWITCH, RATHER_GRAPH, THEN_WAIT],
        waits: SWITCH_TIME,
        scenarios: &["fault:ews_off_for_one_of_many"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_ews_retired",
        title: "EWS has ended in Microsoft 365",
        meaning: "Microsoft switched EWS off for everybody on April 1, 2027. There is no exception.",
        mend: &[say("Create a connection for Microsoft 365 with a certificate. It takes about 15 minutes.")],
        scenarios: &["fault:exo_ews_retired"],
        ..KEEP
    },
    Cause {
        id: "ews_retirement",
        title: "EWS ends on April 1, 2027",
        meaning: "On April 1, 2027 Microsoft switches EWS off for everybody, and this connection stops. Microsoft Graph takes its place.",
        mend: &[
            say(
                "On your overview select \"New connection\" and choose \"Microsoft 365 with a certificate\", while this one works.",
            ),
            say("When the new one is verified, this one is no longer needed."),
        ],
        scenarios: &[
            "ews-healthy",
            "ews-large-office",
            "ews-scope-kept",
            "password-healthy",
            "password-healthy-token",
        ],
        ..ADVISE
    },
    Cause {
        id: "exo_ews_permission_missing",
        title: "The app lacks the permission for EWS",
        meaning: "The sign-in works. But the app has not the application permission full_access_as_app, or nobody granted admin consent for it. User.Read, which may be listed, is not enough.",
        mend: &[OPEN_PERMISSIONS, ADD_EWS, CONSENT, say("Then select \"Check again\".")],
        waits: Some("a few minutes to an hour after consent is granted"),
        scenarios: &["ews-no-permission"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "exo_token_rejected",
        title: "Exchange Online did not take the app's sign-in",
        meaning: "Microsoft's sign-in service accepted the app, and Exchange Online then refused what it gave us. The app belongs to another tenant, or its entry in yours is damaged.",
        mend: &[
            say(
                "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > Enterprise applications > {app_name} > Properties. \"Enabled for users to sign in?\" has to say Yes.",
            ),
            OPEN_PERMISSIONS,
            say(
                "Look whether full_access_as_app of \"Office 365 Exchange Online\" is listed with a green tick.",
            ),
            say("If you had to change one of the two, select \"Check again\"."),
            say("If both were right, start a new attempt with a new app."),
        ],
        waits: Some("a few minutes to an hour after the app is mended"),
        scenarios: &["ews-token-rejected"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "token_expired",
        title: "The sign-in had run out when we used it",
        meaning: "What the provider gives us at sign-in lives for an hour. We used an old one, or our clock is wrong. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["google-token-rejected", "fault:token_expired"],
        ..OURS
    },
    Cause {
        id: "token_wrong_audience",
        title: "We showed the sign-in of one service to another",
        meaning: "A sign-in for Graph does not open EWS, and the reverse. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:token_wrong_audience"],
        ..OURS
    },
    Cause {
        id: "anchor_missing",
        title: "We asked Exchange Online without naming the mailbox",
        meaning: "Our request left out the line by which Microsoft finds the right server. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:anchor_missing"],
        ..OURS
    },
    Cause {
        id: "federation_unreachable",
        title: "Your own sign-in server does not answer Microsoft",
        meaning: "Your tenant leaves sign-in to a server of yours (AD FS), and Microsoft cannot reach it.",
        mend: &[
            say("Ask whoever runs that server to start it again."),
            say("With Graph and an app of its own this server is not needed at all."),
        ],
        who: Who::Admin,
        scenarios: &["password-federation-silent"],
        ..RETRY
    },
];
