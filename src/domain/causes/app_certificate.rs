//! The certificate with which an app proves who it is at Microsoft's sign-in service.

use super::parts::{ADVISE, KEEP, OUR_TURN, OURS, RENEW_SECRET, say};
use crate::domain::cause::{Cause, Mend};

const UPLOAD: &[Mend] = &[
    say(
        "Download the certificate of this attempt from this connection's page. The file's name ends in \".cer\".",
    ),
    say(
        "In the Microsoft Entra admin center (entra.microsoft.com) open Entra ID > App registrations > All applications > {app_name} > Certificates & secrets > Certificates.",
    ),
    say(
        "Select \"Upload certificate\", choose the file, and select \"Add\". The column \"Thumbprint\" must then read {thumbprint}.",
    ),
    say("Wait a minute, then check again. Nothing has to be entered twice."),
];

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "client_assertion_invalid",
        title: "The certificate is not with your app",
        meaning: "Microsoft does not find the certificate of this attempt at the app with the client ID {client}. It was not uploaded, was uploaded to another app, or was removed.",
        mend: UPLOAD,
        scenarios: &["certificate-not-uploaded", "certificate-wrong"],
        ..KEEP
    },
    Cause {
        id: "client_certificate_expired",
        title: "The certificate has ended",
        meaning: "Microsoft takes a certificate only until the day under \"Expires\". That day is over.",
        mend: &[
            say("Start a new attempt. We make a new certificate for it, and your app keeps its name."),
            say(
                "Upload the new certificate under Certificates & secrets > Certificates, and delete the one that has ended.",
            ),
        ],
        scenarios: &["certificate-expired"],
        ..RENEW_SECRET
    },
    Cause {
        id: "client_cert_not_allowed",
        title: "A rule of your tenant does not allow this certificate",
        meaning: "The certificate is with the app. But your tenant takes only certificates of certain names or issuers, and this one signs itself.",
        mend: &[
            say(
                "Ask whoever set the app management policy in Entra for an exception for {app_name}. The certificate's thumbprint is {thumbprint}.",
            ),
            say("Then check again. Nothing has to be entered twice."),
            say("If there can be no exception, make a connection with a client secret instead."),
        ],
        scenarios: &["certificate-not-allowed"],
        ..KEEP
    },
    Cause {
        id: "client_certificate_rejected",
        title: "Microsoft did not accept the app's certificate",
        meaning: "Microsoft gave no closer reason. Most often the certificate of this attempt is not with the app.",
        mend: UPLOAD,
        scenarios: &["fault:certified_70002"],
        ..KEEP
    },
    Cause {
        id: "client_assertion_out_of_time",
        title: "Microsoft's clock and ours do not agree",
        meaning: "What we sign is good for some minutes only, and Microsoft found it too early or too late. That is our fault.",
        mend: OUR_TURN,
        scenarios: &["fault:aad_700024"],
        ..OURS
    },
    Cause {
        id: "client_certificate_expires_soon",
        title: "The certificate ends soon",
        meaning: "It works today. On its last day synchronisation stops. We remind you in time.",
        mend: &[
            say(
                "Ask us for a new certificate: {support}. Upload it beside the old one; both work side by side.",
            ),
            say("When the new one is verified, delete the old one."),
        ],
        scenarios: &["fault:certificate_ends_soon"],
        ..ADVISE
    },
];
