//! The test mailbox.

use super::parts::{ANSWER, KEEP, other, run, say};
use crate::domain::cause::{Cause, Mend, Remedy};

const RIGHT_ADDRESS: &[Mend] = &[
    say(
        "Compare the test mailbox {agent} with Users > Active users in the Microsoft 365 admin center (admin.microsoft.com). Use the address under \"Username\".",
    ),
    run(
        "Or look it up with Exchange Online PowerShell:",
        "Connect-ExchangeOnline\nGet-EXOMailbox '{agent}' | Format-List UserPrincipalName, PrimarySmtpAddress, RecipientTypeDetails",
    ),
    other("Enter the right address in a new attempt. The app stays as it is."),
];

const LICENCE: Mend = say(
    "In the Microsoft 365 admin center (admin.microsoft.com) open Users > Active users > {agent} > Licenses and apps. Assign a licence with Exchange Online.",
);
const OPEN_ONCE: Mend = say(
    "Sign in once as {agent} at outlook.office.com, then check again. A new mailbox can take up to 24 hours.",
);
const ON_SERVER: Mend = say(
    "If this mailbox is on your own Exchange server, choose an agent whose mailbox is in Microsoft 365. If all are on your server, create a connection for Exchange Server instead.",
);

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "graph_user_invalid",
        title: "There is no mailbox with this address",
        meaning: "Exchange Online knows no user {agent}. It is mistyped, belongs to another tenant, or is a guest, a group or a contact.",
        mend: RIGHT_ADDRESS,
        scenarios: &["mailbox-unknown"],
        ..ANSWER
    },
    Cause {
        id: "graph_user_not_found",
        title: "Your directory knows no user with this address",
        meaning: "There is no user {agent} in the tenant. An alias does not work here; it takes the user name or the main address.",
        mend: RIGHT_ADDRESS,
        scenarios: &["mailbox-unknown-directory"],
        ..ANSWER
    },
    Cause {
        id: "mailbox_not_in_exo",
        title: "The account has no mailbox in Exchange Online",
        meaning: "The user exists, but we found no mailbox in the cloud. Either the licence is missing, or the mailbox is still being made, or it is on your own server.",
        mend: &[LICENCE, OPEN_ONCE, ON_SERVER],
        scenarios: &["mailbox-without-cloud"],
        ..KEEP
    },
    Cause {
        id: "mailbox_no_licence",
        title: "The test mailbox has no licence",
        meaning: "The user {agent} has no licence with Exchange Online, so there is no mailbox to open.",
        mend: &[LICENCE, OPEN_ONCE],
        scenarios: &["mailbox-without-licence"],
        ..KEEP
    },
    Cause {
        id: "mailbox_not_provisioned",
        title: "Microsoft is still making the test mailbox",
        meaning: "The user {agent} has a licence, and its mailbox is not ready yet. With a new licence this can take up to 24 hours.",
        mend: &[OPEN_ONCE, say("Otherwise you have nothing to do: we look again by ourselves.")],
        remedy: Remedy::Wait,
        waits: Some("up to 24 hours after the licence is assigned"),
        scenarios: &["waiting-for-mailbox"],
        ..KEEP
    },
    Cause {
        id: "mailbox_on_premises",
        title: "The test mailbox is on your own Exchange server",
        meaning: "The account is in Microsoft 365, but its mailbox is not. We can only reach mailboxes in the cloud this way.",
        mend: &[ON_SERVER, say("If you have both kinds of mailboxes, create two connections.")],
        scenarios: &["mailbox-on-premises", "mailbox-hybrid", "ews-hybrid"],
        ..KEEP
    },
    Cause {
        id: "mailbox_full",
        title: "The test mailbox is full",
        meaning: "Reading works, but nothing new can be stored in {agent}.",
        mend: &[
            say("Free some space in {agent} and empty its Deleted Items, or raise its limit."),
            other("Or enter another test mailbox in a new attempt."),
        ],
        scenarios: &["mailbox-full"],
        ..KEEP
    },
    Cause {
        id: "sending_blocked",
        title: "The test mailbox may not send mail",
        meaning: "Microsoft has restricted {agent} from sending, often after too many messages or a suspicion of misuse.",
        mend: &[
            say(
                "Open security.microsoft.com > Email & collaboration > Review > Restricted entities. If {agent} is listed, select it and then \"Unblock\".",
            ),
            other("Or enter another test mailbox in a new attempt."),
        ],
        scenarios: &["sending-blocked"],
        ..KEEP
    },
];
