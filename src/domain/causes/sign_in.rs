//! The app and its secret at Microsoft's sign-in service.

use super::parts::{
    ACT_THEN_WAIT, ADVISE, ANSWER, KEEP, OUR_TURN, OURS, RENEW_SECRET, RETRY, TRY_SOON, run, say,
};
use crate::domain::cause::{Cause, Mend};

const NEW_SECRET: &[Mend] = &[
    say(
        "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications > {app_name} > Certificates & secrets.",
    ),
    say("Select \"New client secret\", choose 24 months, and select \"Add\"."),
    say(
        "Copy the column \"Value\" at once; not the \"Secret ID\". Enter it in a new attempt together with the day under \"Expires\".",
    ),
];

const COPY_CLIENT: &[Mend] = &[
    say(
        "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications > {app_name} > Overview.",
    ),
    say(
        "Copy \"Application (client) ID\" and \"Directory (tenant) ID\" from this one page. Do not copy \"Object ID\".",
    ),
    say(
        "If the app is not in the list, look under \"Deleted applications\" and select \"Restore app registration\". After 30 days it is gone, and you register a new one.",
    ),
];

const FRESH_OR_RESTORED: Mend = say(
    "If the IDs are right and the app was made or restored within the last minutes, wait ten minutes and select \"Check again\".",
);

const FRESH_SECRET: Mend = say(
    "If you copied the Value and made the secret within the last minutes, Microsoft may not know it everywhere yet: wait five minutes, then enter it once more.",
);

const ENTERPRISE: &[Mend] = &[
    say(
        "In the Microsoft Entra admin center open Entra ID > Enterprise applications > {app_name} > Properties.",
    ),
    say(
        "Set \"Enabled for users to sign in?\" to Yes and \"Assignment required?\" to No, then select \"Save\".",
    ),
];

/// A switch of the app, set in Entra.
const SETTING_TIME: Option<&str> = Some("a few minutes after the setting is saved");

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "app_not_found",
        title: "There is no app with this client ID in your tenant",
        meaning: "The client ID is mistyped, is the Object ID by mistake, belongs to another tenant, or the app was deleted.",
        mend: &[COPY_CLIENT[0], COPY_CLIENT[1], COPY_CLIENT[2], FRESH_OR_RESTORED],
        waits: Some("about ten minutes after the app is made or restored"),
        answer: true,
        // What is mistyped costs no new app: it keeps its name until somebody finds that it is gone.
        renew: false,
        scenarios: &["app-unknown"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "app_disabled",
        title: "The app is switched off",
        meaning: "The app registration or its enterprise application is disabled in your tenant.",
        mend: ENTERPRISE,
        waits: SETTING_TIME,
        scenarios: &["app-disabled"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "service_principal_missing",
        title: "The app has no enterprise application in your tenant",
        meaning: "The app registration is there, but the entry that lets it act in your tenant is missing. A new entry takes up to ten minutes to work.",
        mend: &[
            run(
                "Create the entry with Microsoft Graph PowerShell:",
                "Connect-MgGraph -Scopes 'Application.ReadWrite.All'\nNew-MgServicePrincipal -AppId '{client}'",
            ),
            say("Wait ten minutes, then check again."),
        ],
        waits: Some("about ten minutes after the entry is created"),
        scenarios: &["no-enterprise-application"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "client_secret_invalid",
        title: "The client secret is not the right one",
        meaning: "Most often the \"Secret ID\" was copied instead of the \"Value\", the Value was cut, or it belongs to another app.",
        mend: &[NEW_SECRET[0], NEW_SECRET[1], NEW_SECRET[2], FRESH_SECRET],
        scenarios: &["secret-wrong"],
        ..RENEW_SECRET
    },
    Cause {
        id: "client_secret_expired",
        title: "The client secret has ended",
        meaning: "Microsoft takes a secret only until the day under \"Expires\". That day is over.",
        mend: NEW_SECRET,
        scenarios: &["secret-expired"],
        ..RENEW_SECRET
    },
    Cause {
        id: "client_secret_missing",
        title: "We asked Microsoft without a credential",
        meaning: "Our request carried no credential. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:aad_7000218"],
        ..OURS
    },
    Cause {
        id: "secret_not_renewed",
        title: "This is the same secret as before",
        meaning: "What you entered is the secret that is in use already, so nothing was renewed. Do not delete it in your mail system.",
        mend: &[
            say(
                "If you made a new one, renew once more and enter that one. A client secret's Value is shown only right after it was made.",
            ),
            say("If only its last day was to be corrected, you have nothing more to do."),
        ],
        scenarios: &["fault:same_secret_renewed"],
        ..ADVISE
    },
    Cause {
        id: "client_credentials_rejected",
        title: "Microsoft did not accept the app's credential",
        meaning: "Microsoft gave no closer reason. Most often the secret is not the right one.",
        mend: &[NEW_SECRET[0], NEW_SECRET[1], NEW_SECRET[2], FRESH_SECRET],
        scenarios: &["fault:aad_70002"],
        ..RENEW_SECRET
    },
    Cause {
        id: "app_is_public_client",
        title: "The app is set up as a public client",
        meaning: "A public client is an app on somebody's phone or computer. Microsoft takes no credential from it.",
        mend: &[
            say(
                "In the Microsoft Entra admin center open Entra ID > App registrations > All applications > {app_name} > Authentication.",
            ),
            say(
                "Set \"Allow public client flows\" to No, remove the platform \"Mobile and desktop applications\", and select \"Save\".",
            ),
        ],
        waits: SETTING_TIME,
        scenarios: &["public-client"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "app_assignment_required",
        title: "The app waits for an assignment it does not have",
        meaning: "The credential is right. But the enterprise application demands that whoever uses it is assigned first.",
        mend: ENTERPRISE,
        waits: SETTING_TIME,
        scenarios: &["assignment-required"],
        ..ACT_THEN_WAIT
    },
    Cause {
        id: "workload_conditional_access",
        title: "A Conditional Access policy blocks the app",
        meaning: "The credential is right. A policy for workload identities in your tenant does not let the app in from our addresses.",
        mend: &[
            say(
                "In the Microsoft Entra admin center open Entra ID > Conditional Access > Policies. Look for policies for \"Workload identities\".",
            ),
            say("Exclude {app_name}, or allow our addresses: {egress}."),
            say(
                "To see which policy it was, open Monitoring & health > Sign-in logs > Service principal sign-ins.",
            ),
            say("Then select \"Check again\"."),
        ],
        scenarios: &["policy-blocks"],
        ..KEEP
    },
    Cause {
        id: "token_request_invalid",
        title: "The provider could not read our sign-in request",
        meaning: "Our request had a mistake in it. That is our fault, not yours.",
        mend: OUR_TURN,
        scenarios: &["fault:aad_70011", "google-scope-refused"],
        ..OURS
    },
    Cause {
        id: "token_mismatch",
        title: "The IDs do not belong together",
        meaning: "Microsoft let us in, but as another app or for another tenant than the ones you named.",
        mend: COPY_CLIENT,
        scenarios: &["foreign-token"],
        ..ANSWER
    },
    Cause {
        id: "token_not_app",
        title: "Microsoft gave us a person's sign-in instead of an app's",
        meaning: "We asked for the app's own access and got something else. That is for us to look at.",
        mend: OUR_TURN,
        scenarios: &["fault:token_scp"],
        ..OURS
    },
    Cause {
        id: "token_loop",
        title: "We asked Microsoft too often",
        meaning: "Microsoft saw many sign-ins in a short time and wants a pause. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:aad_50196"],
        ..OURS
    },
    Cause {
        id: "entra_transient",
        title: "Microsoft's sign-in service is busy",
        meaning: "It could not answer now. Your credential was neither accepted nor refused.",
        mend: TRY_SOON,
        scenarios: &["sign-in-service-down"],
        ..RETRY
    },
    Cause {
        id: "entra_other",
        title: "Microsoft refused the sign-in for a reason we do not know yet",
        meaning: "The code in Microsoft's answer is not in our list, so we do not guess. Our people look it up.",
        mend: OUR_TURN,
        scenarios: &["sign-in-riddle"],
        ..OURS
    },
    Cause {
        id: "client_secret_expires_soon",
        title: "The client secret ends soon",
        meaning: "It works today. On its last day synchronisation stops. We remind you in time.",
        mend: &[
            say(
                "Create a second client secret under Certificates & secrets and choose 24 months. Both work side by side.",
            ),
            say("Enter the new one here. When it is verified, delete the old one."),
        ],
        scenarios: &["secret-expires-soon"],
        ..ADVISE
    },
];
