//! Found in the answers themselves, before anything is sent.

use super::parts::{KEEP, OUR_TURN, OURS, say};
use crate::domain::cause::Cause;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "form_secret_is_id",
        title: "The Secret ID was pasted instead of the secret's Value",
        meaning: "Entra shows two columns for a client secret. The \"Secret ID\" only names it; the column \"Value\" is the secret itself.",
        mend: &[
            say(
                "In the Microsoft Entra admin center open Entra ID > App registrations > All applications > {app_name} > Certificates & secrets.",
            ),
            say(
                "Copy the column \"Value\". It is shown only once. If it is gone, select \"New client secret\" and copy the new Value before you leave the page.",
            ),
        ],
        scenarios: &["fault:secret_id_typed"],
        ..KEEP
    },
    Cause {
        id: "form_ids_identical",
        title: "The tenant ID and the client ID are the same",
        meaning: "They name two different things: your organization and your app. One of them was copied twice.",
        mend: &[say(
            "Open Entra ID > App registrations > All applications > {app_name} > Overview. Copy \"Application (client) ID\" and \"Directory (tenant) ID\" again.",
        )],
        scenarios: &["fault:same_id_typed"],
        ..KEEP
    },
    Cause {
        id: "form_id_malformed",
        title: "An ID has not the shape of a Microsoft ID",
        meaning: "An ID is 36 characters long, with four hyphens. The tenant may be given by its domain instead.",
        mend: &[say(
            "Open Entra ID > App registrations > All applications > {app_name} > Overview, and copy the ID again.",
        )],
        unprovoked: Some("the form and the command refuse it beside the field, before it becomes a finding"),
        ..KEEP
    },
    Cause {
        id: "form_expiry_invalid",
        title: "The secret's last day does not fit",
        meaning: "The day is over, is less than 30 days away, or is further away than Entra allows.",
        mend: &[
            say("Look at the column \"Expires\" under Certificates & secrets and enter that day."),
            say("If fewer than 30 days are left, select \"New client secret\" and choose 24 months."),
        ],
        scenarios: &["fault:past_day_typed"],
        ..KEEP
    },
    Cause {
        id: "form_secret_whitespace",
        title: "The client secret holds characters that do not belong to it",
        meaning: "A blank, a line break, a quote or a character that cannot be seen came along when it was copied.",
        mend: &[say(
            "Copy the Value again with the copy button beside it, and paste it without changing anything.",
        )],
        scenarios: &["fault:quoted_secret_typed"],
        ..KEEP
    },
    Cause {
        id: "form_secret_masked",
        title: "The client secret is cut or masked",
        meaning: "A Value has about 40 characters. Entra shows only its first letters once you have left the page.",
        mend: &[say(
            "Under Certificates & secrets select \"New client secret\", and copy the whole Value before you leave the page.",
        )],
        scenarios: &["fault:masked_secret_typed"],
        ..KEEP
    },
    Cause {
        id: "form_google_key_type",
        title: "This is not the key file of a service account",
        meaning: "Google makes several files that look alike. What we need is the JSON file that was downloaded when the key of the service account was created, without changes.",
        mend: &[
            say(
                "In the Google Cloud console (console.cloud.google.com) open IAM & Admin > Service Accounts, select the service account, and open \"Keys\".",
            ),
            say(
                "Select \"Add key\" > \"Create new key\" > JSON. Choose the file that is downloaded, as it is.",
            ),
        ],
        scenarios: &[
            "google-key-of-oauth-client",
            "google-key-of-person",
            "google-key-other-token-uri",
            "google-key-truncated",
            "google-key-damaged",
        ],
        ..KEEP
    },
    Cause {
        id: "form_duplicate_credential",
        title: "The same key was handed in for another brokerage",
        meaning: "One key stands for one office. Our people look at it before anything is switched on.",
        mend: OUR_TURN,
        unprovoked: Some("our own people are told, and it keeps no check from its verdict"),
        ..OURS
    },
];
