//! Google Workspace: the key, the delegation, the user.

use super::parts::{
    ACT_THEN_WAIT, ANSWER, DOUBT_SECRET, KEEP, OUR_TURN, OURS, RENEW_SECRET, RETRY, TRY_SOON, copy, other,
    say,
};
use crate::domain::cause::{Cause, Mend, Remedy};

const OPEN_LINK: Mend = copy(
    "Sign in to Google as a super administrator and open this address. It opens the Admin console with the number and the scopes filled in. Select \"Authorize\".",
    "{link}",
);
const OR_BY_HAND: Mend = say(
    "Or do it by hand: open admin.google.com > Security > Access and data control > API controls > \"Manage domain wide delegation\". Select \"Add new\", or \"Edit\" where the number is listed.",
);
const CLIENT_ID: Mend = copy("As \"Client ID\" enter this number, not an e-mail address:", "{client}");
const ALL_SCOPES: Mend =
    copy("As \"OAuth scopes\" enter all of these, parted by commas. Then select \"Authorize\":", "{scopes}");
const THEN_CHECK: Mend = say(
    "Then check again. It usually works after some minutes, and at the latest after 24 hours; we keep looking by ourselves.",
);

/// The delegation, as Google's pages name it.
const DELEGATE: &[Mend] = &[OPEN_LINK, OR_BY_HAND, CLIENT_ID, ALL_SCOPES, THEN_CHECK];

const NEW_KEY: &[Mend] = &[
    say(
        "In the Google Cloud console (console.cloud.google.com) choose the project {project}. Open IAM & Admin > Service Accounts > {service_account} > Keys.",
    ),
    say("Select \"Add key\" > \"Create new key\" > JSON > \"Create\". The file is downloaded."),
    say("Start a new attempt and choose this file. When it is verified, delete the older key."),
];

const RIGHT_USER: &[Mend] = &[
    say(
        "In the Admin console (admin.google.com) open Directory > Users and look for {agent}. The user must be active, and the address must be the main one: no alias and no group.",
    ),
    other(
        "Enter the right address in a new attempt. If you changed the user at Google instead, check again.",
    ),
];

const WAITS: Option<&str> = Some("some minutes, and at most 24 hours, after you select \"Authorize\"");

/// The delegation was asked for and is not there: the same attempt is looked at again.
const DELEGATION: Cause = Cause { remedy: Remedy::ActThenWait, waits: WAITS, ..KEEP };

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "dwd_not_authorised",
        title: "Google does not let the service account act for your users yet",
        meaning: "The service account itself is in order. In your Admin console its number is not listed under domain-wide delegation, another number was entered, or Google has not applied it yet.",
        mend: DELEGATE,
        scenarios: &[
            "google-no-delegation",
            "google-other-client",
            "google-access-denied",
            "google-waiting",
            "google-key-no-delegation",
        ],
        ..DELEGATION
    },
    Cause {
        id: "dwd_scope_missing",
        title: "A scope is missing in the domain-wide delegation",
        meaning: "The service account may do a part of what is needed. The failed step names the scope that is missing or misspelt.",
        mend: DELEGATE,
        scenarios: &[
            "google-scope-missing",
            "google-send-scope-misspelt",
            "google-send-refused",
            "google-key-scope-missing",
        ],
        ..DELEGATION
    },
    Cause {
        id: "dwd_sub_missing",
        title: "Google let the service account in as itself",
        meaning: "We asked to work for {agent}, and Google opened what belongs to the service account, which has no mail. Nothing is wrong with your settings: our request did not reach Google whole.",
        mend: OUR_TURN,
        scenarios: &["google-acts-as-itself"],
        ..OURS
    },
    Cause {
        id: "google_user_unknown",
        title: "Google knows no user with this address",
        meaning: "{agent} is not a user of your Google Workspace. It may be an alias, a group, a private Gmail address, or mistyped.",
        mend: RIGHT_USER,
        scenarios: &[
            "google-user-unknown",
            "google-user-alias",
            "google-user-malformed",
            "google-key-user-unknown",
        ],
        ..ANSWER
    },
    Cause {
        id: "google_user_deleted",
        title: "The user of the test mailbox was deleted",
        meaning: "Google says that {agent} was deleted not long ago.",
        mend: &[
            say(
                "In the Admin console (admin.google.com) open Directory > Users. Restore {agent} if it was deleted by mistake: that works for 20 days.",
            ),
            other("Or start a new attempt with the mailbox of another agent."),
        ],
        scenarios: &["google-user-deleted"],
        ..KEEP
    },
    Cause {
        id: "google_key_revoked",
        title: "Google does not accept this key any more",
        meaning: "The key was deleted or switched off in the project, or the file belongs to another one.",
        mend: NEW_KEY,
        scenarios: &["google-key-revoked"],
        ..RENEW_SECRET
    },
    Cause {
        id: "service_account_deleted",
        title: "The service account is gone or switched off",
        meaning: "Google does not know {service_account} any more, or it is disabled. The project may have been shut down.",
        mend: &[
            say(
                "In the Google Cloud console (console.cloud.google.com) choose the project {project} and open IAM & Admin > Service Accounts. If {service_account} is listed as disabled, select \"Enable\", then \"Check again\" here.",
            ),
            say(
                "If it is gone, create a new service account and a new key of the type JSON. Delegate to its new number, then start a new attempt with its file.",
            ),
        ],
        waits: Some("a few minutes after the account is enabled"),
        scenarios: &["google-key-account-deleted", "google-key-client-disabled"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "google_grant_other",
        title: "Google refused the sign-in and does not say why",
        meaning: "Google answered with its most general refusal. Most often it is the test mailbox; sometimes it is the key.",
        mend: &[
            say(
                "Look up {agent} in the Admin console (admin.google.com) under Directory > Users: it must be active, and this must be its main address.",
            ),
            say("If that is right, create a new key of the type JSON and start a new attempt with it."),
        ],
        scenarios: &["google-key-grant-other"],
        ..DOUBT_SECRET
    },
    Cause {
        id: "google_reauth_policy",
        title: "A rule of your Google Workspace asks for a new sign-in",
        meaning: "Google applied a rule about the length of sessions. It is meant for people and should not touch a service account, so our people look at it.",
        mend: OUR_TURN,
        scenarios: &["google-key-reauth"],
        ..OURS
    },
    Cause {
        id: "google_our_setup",
        title: "Our own access to Google is not in order",
        meaning: "Our own service account could not show Google who it is, or its project is not set up. That has nothing to do with your settings.",
        mend: OUR_TURN,
        scenarios: &["google-our-key", "google-our-api-disabled"],
        ..OURS
    },
    Cause {
        id: "clock_skew",
        title: "Our clock and Google's differ",
        meaning: "Google says that our request was made at another time than it is. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["google-clock"],
        ..OURS
    },
    Cause {
        id: "google_transient",
        title: "Google is not available at the moment",
        meaning: "It answered that it cannot serve us now. That has nothing to do with your settings.",
        mend: TRY_SOON,
        scenarios: &["google-backend-error", "google-service-down"],
        ..RETRY
    },
    Cause {
        id: "google_key_creation_blocked",
        title: "A rule of your organization forbids new keys",
        meaning: "Google Cloud says \"Key creation is not allowed on this service account\". Organizations made since May 2024 have this rule from the start.",
        mend: &[
            say(
                "The better way needs no key: create a new connection and choose \"Google Workspace\". You then allow our own service account.",
            ),
            say(
                "To keep your own key: give yourself the role \"Organization Policy Administrator\". Being a super administrator is not enough.",
            ),
            say(
                "Open IAM & Admin > Organization Policies and look for \"Disable service account key creation\". Set both rules of this name to \"Not enforced\" for this one project.",
            ),
        ],
        told: Some("Google says \"Key creation is not allowed on this service account\""),
        scenarios: &["guide:google_key/key"],
        ..KEEP
    },
];
