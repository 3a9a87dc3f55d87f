//! Autodiscover: how the server is found from the domain of the test mailbox.

use super::{
    own_server::{OUTSIDE_NAME, RIGHT_URL},
    parts::{ACT, ADVISE, ANSWER, HOSTER, KEEP, RETRY, TRY_SOON, other, run, say},
};
use crate::domain::cause::{Cause, Mend};

const ENTER_URL: Mend = say(
    "Start a new attempt and enter that URL in the field \"EWS URL\". We then need no Autodiscover. All names stay as they are.",
);
const SET_URL: Mend = run(
    "In the Exchange Management Shell put your server's name and the name that works from outside between the quotes, and run:",
    "$server = 'name of your server'\n$outside = 'name that works from outside'\nSet-WebServicesVirtualDirectory -Identity \"$server\\EWS (Default Web Site)\" -ExternalUrl \"https://$outside/EWS/Exchange.asmx\"",
);
const BY_HAND: &[Mend] = &[OUTSIDE_NAME, RIGHT_URL, ENTER_URL];

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "autodiscover_root_is_website",
        title: "Your company's web site answered; that is usual",
        meaning: "The first place to ask is the domain {domain} itself. Your web site is there, and it knows nothing of mail servers. We went on to the next place.",
        mend: &[say("You have nothing to do.")],
        scenarios: &["exchange-autodiscover"],
        ..ADVISE
    },
    Cause {
        id: "autodiscover_nothing_found",
        title: "We could not find the mail server of your domain",
        meaning: "Outlook finds a server by asking for \"Autodiscover\" under the domain {domain}. We asked in all the usual places, and nothing answered.",
        mend: BY_HAND,
        scenarios: &["exchange-autodiscover-nothing"],
        ..ANSWER
    },
    Cause {
        id: "server_of_others",
        title: "This server does not belong to your e-mail domain",
        meaning: "Until our people have seen your brokerage, only a mail server under your own e-mail domain can be checked. This one lies under another domain, so nothing was sent to it.",
        mend: &[
            OUTSIDE_NAME,
            say(
                "If the server is yours or your hosting provider's, ask us to look at your brokerage: {support}.",
            ),
        ],
        scenarios: &["fault:foreign_server"],
        ..KEEP
    },
    Cause {
        id: "autodiscover_redirect_loop",
        title: "Autodiscover of your domain leads in a circle",
        meaning: "We asked where your mail server is and were sent from place to place, and in the end to a place where we had been.",
        mend: BY_HAND,
        scenarios: &["exchange-autodiscover-loop"],
        ..ANSWER
    },
    Cause {
        id: "autodiscover_redirect_other_domain",
        title: "Your domain sends us to a server of somebody else",
        meaning: "Autodiscover of {domain} points to a host of another domain, which the step names. That is usual with hosted Exchange. We do not send your password there unless you say so.",
        mend: &[
            say(
                "Look at the host in the step. Is it the one of your hosting provider, the same that Outlook uses?",
            ),
            say(
                "If it is, start a new attempt and enter https://, that host and /EWS/Exchange.asmx as \"EWS URL\". By that you agree that the password goes there.",
            ),
            say("If you do not know the host, ask your hosting provider or write to {support} first."),
        ],
        scenarios: &["exchange-autodiscover-hoster"],
        ..ANSWER
    },
    Cause {
        id: "autodiscover_not_agreed",
        title: "We found a mail server and did not send it your password",
        meaning: "Autodiscover of {domain} leads to the server that the step names. We send a password to it only if {domain} is the domain of your brokerage or of the service account's login. If you entered a certificate's fingerprint, the server must have that certificate, too.",
        mend: &[
            say("Look at the address of the test mailbox, {agent}: is its domain spelled right?"),
            OUTSIDE_NAME,
            say(
                "Start a new attempt and enter the EWS URL of your server. By that you agree that the password goes there. All names stay as they are.",
            ),
        ],
        scenarios: &["fault:login_of_another_domain"],
        ..ANSWER
    },
    Cause {
        id: "autodiscover_insecure_redirect",
        title: "Autodiscover leads to a place without encryption",
        meaning: "We were sent to an address that begins with http:// instead of https://. The password would travel in the open there, so we stopped.",
        mend: &[
            say(
                "Ask whoever runs the web server of {domain} to let Autodiscover lead to an address with https://.",
            ),
            OUTSIDE_NAME,
            ENTER_URL,
        ],
        scenarios: &["exchange-autodiscover-insecure"],
        ..KEEP
    },
    Cause {
        id: "mailbox_in_cloud",
        title: "The test mailbox is in Microsoft 365, not on your server",
        meaning: "Asked for {agent}, your mail system points to Microsoft 365. A service account on your own server cannot reach a mailbox there.",
        mend: &[
            say("If your agents' mailboxes are in Microsoft 365, create a connection for Microsoft 365."),
            other("If only this one is, choose a test mailbox that is on your own server."),
            run(
                "In the Exchange Management Shell, see where a mailbox is. RemoteUserMailbox means Microsoft 365:",
                "Get-Recipient '{agent}' | Format-List RecipientTypeDetails, PrimarySmtpAddress, Database",
            ),
            say("If you have both kinds of mailboxes, create two connections."),
        ],
        scenarios: &["exchange-in-cloud"],
        ..ANSWER
    },
    Cause {
        id: "autodiscover_unknown_address",
        title: "Your mail system knows no mailbox with this address",
        meaning: "Autodiscover answered and says that there is nobody with the address {agent}. It is mistyped, or it is no mailbox of its own.",
        mend: &[
            run(
                "In the Exchange Management Shell, look the address up:",
                "Get-Recipient '{agent}' | Format-List RecipientTypeDetails, PrimarySmtpAddress, Database",
            ),
            other("Enter the main address of a mailbox in a new attempt. All names stay as they are."),
        ],
        scenarios: &["exchange-autodiscover-unknown"],
        ..ANSWER
    },
    Cause {
        id: "autodiscover_no_ews_url",
        title: "Your mail server does not say where EWS is",
        meaning: "Autodiscover answered, but its answer names no address for EWS, the service that MoxiEngage uses. The server has no outside address for it, or hides it from this mailbox.",
        mend: &[OUTSIDE_NAME, SET_URL, say("Wait ten minutes, then select \"Check again\".")],
        scenarios: &["exchange-autodiscover-no-url"],
        ..KEEP
    },
    Cause {
        id: "autodiscover_internal_url_only",
        title: "Your mail server names only its address inside the office",
        meaning: "Autodiscover named an address for EWS that does not exist on the internet. The field ExternalUrl of your server is empty.",
        mend: &[OUTSIDE_NAME, SET_URL, say("Wait ten minutes, then select \"Check again\".")],
        scenarios: &["exchange-autodiscover-internal"],
        ..KEEP
    },
    Cause {
        id: "autodiscover_all_401",
        title: "Autodiscover did not let the service account in",
        meaning: "The place that looks like your mail server asked for a sign-in and did not take this one. We showed the password to no other place, and only once.",
        mend: &[
            say(
                "Sign in to Outlook on the web with exactly the login {service_account} and the password you entered.",
            ),
            say("If that works, enter the EWS URL in a new attempt, so that we need no Autodiscover."),
            say("If it does not, set a new password for the account and start a new attempt."),
        ],
        scenarios: &["fault:autodiscover_all_401"],
        ..ACT
    },
    Cause {
        id: "autodiscover_cname_certificate",
        title: "Autodiscover leads to a host whose certificate has another name",
        meaning: "In DNS, autodiscover.{domain} is another name for a host of your provider, and that host's certificate does not carry it. We sent nothing there.",
        mend: &[say("Ask your hosting provider for the EWS URL of your mailboxes."), ENTER_URL],
        answer: true,
        scenarios: &["fault:autodiscover_cname_certificate"],
        ..HOSTER
    },
    Cause {
        id: "autodiscover_busy",
        title: "Autodiscover of your mail server is busy",
        meaning: "The server answered that it cannot serve us now. That has nothing to do with your answers.",
        mend: TRY_SOON,
        scenarios: &["fault:autodiscover_busy"],
        ..RETRY
    },
];
