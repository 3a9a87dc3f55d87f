//! Google Workspace: what is switched on for the project and for the user.

use super::parts::{KEEP, OUR_TURN, OURS, say};
use crate::domain::cause::{Cause, Remedy, Who};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "google_api_disabled",
        title: "A part of Google's interface is not switched on in your project",
        meaning: "The project {project} has to have three interfaces switched on: Gmail API, Google Calendar API and People API. The failed step shows which one is missing.",
        mend: &[
            say(
                "In the Google Cloud console (console.cloud.google.com) choose the project {project} and open APIs & Services > Library.",
            ),
            say(
                "Look for \"Gmail API\", \"Google Calendar API\" and \"People API\". Open each and select \"Enable\".",
            ),
            say("Wait five minutes, then check again."),
        ],
        remedy: Remedy::ActThenWait,
        waits: Some("about 5 minutes after you select \"Enable\""),
        scenarios: &["google-key-api-disabled"],
        ..KEEP
    },
    Cause {
        id: "google_project_suspended",
        title: "Your project in Google Cloud is suspended",
        meaning: "Google has stopped the project {project}, or something about its billing is open.",
        mend: &[
            say(
                "Open console.cloud.google.com, choose the project {project}, and follow the notice on top of its page.",
            ),
            say("Or make a new project and service account, and start a new attempt with its key."),
        ],
        scenarios: &["google-key-suspended"],
        ..KEEP
    },
    Cause {
        id: "google_api_access_blocked",
        title: "A rule of your Google Workspace blocks our access",
        meaning: "The delegation is there. But a rule in your Admin console keeps this app, or every app, away from contacts, calendar or mail.",
        mend: &[
            say(
                "In the Admin console (admin.google.com) open Security > Access and data control > API controls > \"Manage Third-Party App Access\". Add the app with the client ID {client} and set it to \"Trusted\".",
            ),
            say(
                "Under \"Manage Google Services\" look that Gmail, Calendar and Contacts are not restricted, or that trusted apps may use them.",
            ),
            say("Then check again."),
        ],
        scenarios: &["google-api-blocked"],
        ..KEEP
    },
    Cause {
        id: "google_calendar_off",
        title: "Google Calendar is off for the test mailbox",
        meaning: "{agent} cannot use Google Calendar, or has never opened it.",
        mend: &[
            say(
                "In the Admin console (admin.google.com) open Apps > Google Workspace > Calendar > \"Service status\". Switch it on for the organizational unit of {agent} and of your agents.",
            ),
            say("Sign in once as {agent} and open calendar.google.com, then check again."),
        ],
        scenarios: &["google-calendar-off", "google-no-calendar"],
        ..KEEP
    },
    Cause {
        id: "google_gmail_off",
        title: "Gmail is off for the test mailbox",
        meaning: "{agent} has no Gmail: the service is switched off for this user, or the user has no licence with mail.",
        mend: &[
            say(
                "In the Admin console (admin.google.com) open Apps > Google Workspace > Gmail > \"Service status\". Switch it on for the organizational unit of {agent} and of your agents.",
            ),
            say("Open Directory > Users > {agent} > Licenses and look for one with Gmail. Then check again."),
        ],
        scenarios: &["google-gmail-off", "google-gmail-precondition"],
        ..KEEP
    },
    Cause {
        id: "google_daily_limit",
        title: "The day's quota at Google is used up",
        meaning: "Google counts requests by the day, and the day's share of the project is used. It begins anew at midnight Pacific Time.",
        mend: &[say("You have nothing to do: we look again by ourselves.")],
        who: Who::MoxiWorks,
        remedy: Remedy::Wait,
        waits: Some("until midnight Pacific Time"),
        scenarios: &["google-daily-limit"],
        ..KEEP
    },
    Cause {
        id: "google_scope_insufficient",
        title: "We used a sign-in for something it is not for",
        meaning: "Google allowed us one thing, and we asked for another with it. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["google-token-of-another-scope"],
        ..OURS
    },
    Cause {
        id: "google_user_mismatch",
        title: "We named two different users to Google",
        meaning: "We signed in for one user and asked for another's mailbox. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["google-delegation-denied"],
        ..OURS
    },
];
