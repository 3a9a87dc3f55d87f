//! Found in the answers themselves, before anything is sent.

use super::parts::{ANSWER, KEEP, OUR_TURN, OURS, RENEW_SECRET, run, say};
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
        scenarios: &["fault:mangled_id_typed"],
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
        scenarios: &["fault:same_key_from_two_offices"],
        ..OURS
    },
    Cause {
        id: "form_password_non_ascii",
        title: "The password holds letters beyond a to z",
        meaning: "Over Basic authentication some servers read such letters differently and refuse the password, although it is right.",
        mend: &[
            run(
                "Set a password of plain letters, digits and signs. In the Exchange Management Shell on the server:",
                "Set-ADAccountPassword '{service_account}' -Reset -NewPassword (Read-Host -AsSecureString)",
            ),
            say("Start a new attempt with it. All names stay as they are."),
        ],
        scenarios: &["fault:foreign_letters_in_password"],
        ..RENEW_SECRET
    },
    Cause {
        id: "form_ews_url",
        title: "This is not the address of EWS",
        meaning: "The address begins with https, has your server's public name, and ends in /EWS/Exchange.asmx. It has no other port, and no name or password in it.",
        mend: &[
            run(
                "In the Exchange Management Shell on the server, see the address for outside:",
                "Get-WebServicesVirtualDirectory -ADPropertiesOnly | Format-List Server, ExternalUrl",
            ),
            say("Or leave the field empty: we then look for the server ourselves."),
        ],
        scenarios: &["fault:other_path_typed"],
        ..KEEP
    },
    Cause {
        id: "form_wrong_path_exo",
        title: "This is the address of Microsoft 365, not of a server of your own",
        meaning: "Your mailboxes are in Microsoft 365. What we ask for here belongs to an Exchange server that your office runs itself.",
        mend: &[say("Create a new connection and choose \"Microsoft 365\".")],
        scenarios: &["fault:address_of_microsoft_365_typed"],
        ..KEEP
    },
    Cause {
        id: "form_consumer_account",
        title: "This is a private mailbox, not one of your office",
        meaning: "Addresses of Gmail, Outlook.com and others like them belong to private persons. No administrator can let MoxiEngage act for them.",
        mend: &[say("Enter an address of your office's own domain.")],
        scenarios: &["fault:private_mailbox_typed"],
        ..ANSWER
    },
    Cause {
        id: "form_domain_mismatch",
        title: "This mailbox belongs to another domain than your office",
        meaning: "You have shown that your office's domain is yours, by the code that we sent there. For another domain we do not know that yet.",
        mend: &[
            say("Look at the spelling of the domain."),
            say(
                "If your office has several domains, write to {support}. Once our people have accepted your brokerage, other domains are taken, too.",
            ),
        ],
        scenarios: &["fault:mailbox_of_others_typed"],
        ..ANSWER
    },
    Cause {
        id: "form_same_mailbox",
        title: "The test mailbox is the service account's own",
        meaning: "An account may always open its own mailbox. Only another one shows whether it may act for your agents.",
        mend: &[say("Enter the address of an ordinary agent who has opened Outlook at least once.")],
        scenarios: &["fault:own_mailbox_typed"],
        ..ANSWER
    },
    Cause {
        id: "form_private_key_uploaded",
        title: "A private key was put where it does not belong",
        meaning: "A private key stays with whoever made it. We did not keep this one. But whoever saw it on its way could use it.",
        mend: &[
            say("Delete the certificate or the key that belongs to it, and make a new one."),
            say("Where a certificate is asked for, choose the public file. Its name ends in .cer."),
        ],
        scenarios: &["fault:private_key_typed"],
        ..KEEP
    },
    Cause {
        id: "form_secret_in_notes",
        title: "The secret stands in a field that everybody may read",
        meaning: "Names and other answers are shown on pages and in mails. We did not keep what looked like the secret.",
        mend: &[say("Put the secret into its own field only, and write the other answer again.")],
        scenarios: &["fault:secret_in_another_field"],
        ..KEEP
    },
];
