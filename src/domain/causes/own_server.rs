//! How the findings of the way to a server read where the server is the customer's own: it is they, or whoever runs
//! their network, who mend it.

use super::parts::{run, say};
use crate::domain::cause::{Mend, OwnServer, Remedy, Who};

/// The address from which phones and Outlook reach the server.
pub(super) const OUTSIDE_NAME: Mend = run(
    "In the Exchange Management Shell on the server, see under which name the server is reached from outside. It is the name in ExternalUrl:",
    "Get-WebServicesVirtualDirectory -ADPropertiesOnly | Format-List Server, InternalUrl, ExternalUrl",
);
const LOOK_IT_UP: Mend = run(
    "On a computer outside of your office, see whether the name {host} has an address:",
    "Resolve-DnsName '{host}' -Server 8.8.8.8",
);
const PUBLISH: Mend = say(
    "If it has none, ask whoever runs your domain to publish an A record with the server's public address. Or enter the name that works from outside as \"EWS URL\".",
);
pub(super) const OPEN_FIREWALL: Mend = say(
    "In your firewall allow TCP port 443 to {host} from our addresses: {egress}. Leave these addresses out of country filters and bot rules.",
);
pub(super) const THEN_AGAIN: Mend = say("Then select \"Check again\". Nothing has to be entered twice.");
pub(super) const SERVICES: Mend = run(
    "In the Exchange Management Shell, see whether the services of the server run. Every line should say True:",
    "Test-ServiceHealth | Format-Table Role, RequiredServicesRunning",
);
/// A new certificate, in the shell: the pages of the admin center can no longer import one.
pub(super) const RENEW: Mend = run(
    "Get a certificate for {host} from a public authority as a .pfx file. In the Exchange Management Shell put its path between the first quotes, and run:",
    "$file = 'C:\\path\\to\\certificate.pfx'\n$new = Import-ExchangeCertificate -FileData ([IO.File]::ReadAllBytes($file)) -Password (Read-Host 'Password of the file' -AsSecureString)\nEnable-ExchangeCertificate -Thumbprint $new.Thumbprint -Services IIS\nGet-ExchangeCertificate | Format-Table Thumbprint, NotAfter, Services, Subject",
);
pub(super) const ON_BALANCER: Mend =
    say("If a load balancer or firewall ends the encryption, the certificate is changed there instead.");
const SCHANNEL: Mend = say(
    "On the server, or on the load balancer in front of it, switch on TLS 1.2 with ECDHE cipher suites, then restart it. The tool IIS Crypto with \"Best Practices\" does both.",
);
const OLD_WINDOWS: Mend = say(
    "Windows Server 2012 R2 and older are past their end of support. Plan to move Exchange to a newer one.",
);
/// How EWS is found on the web, in one line.
pub(super) const RIGHT_URL: Mend = say(
    "The EWS URL has the form https://{host}/EWS/Exchange.asmx with the name that works from outside. Open it in a private browser window: the browser's own sign-in box has to appear.",
);
const WAIT_OR_LOOK: Mend = say(
    "We try again by ourselves in a few minutes. If it lasts, whoever runs the server should look at it:",
);
const BUSY: &[Mend] = &[WAIT_OR_LOOK, SERVICES, THEN_AGAIN];

const ADMIN: OwnServer =
    OwnServer { title: "", meaning: "", mend: &[], who: Who::Admin, remedy: Remedy::Act };
const NETWORK: OwnServer = OwnServer { who: Who::HostingProvider, ..ADMIN };

pub(super) const NXDOMAIN: OwnServer = OwnServer {
    title: "The name of your mail server does not exist on the internet",
    meaning: "We asked the internet's directory of names (DNS) for {host} and were told that there is no such name. It is mistyped, or it is a name that works only inside your office.",
    mend: &[LOOK_IT_UP, OUTSIDE_NAME, PUBLISH, THEN_AGAIN],
    ..ADMIN
};
pub(super) const NO_ADDRESS: OwnServer = OwnServer {
    title: "The name of your mail server has no address",
    meaning: "The internet's directory of names (DNS) knows {host} but has no address for it.",
    mend: &[LOOK_IT_UP, PUBLISH, THEN_AGAIN],
    ..ADMIN
};
const DNS_PROVIDER: Mend = say(
    "We try again by ourselves. If it lasts, ask whoever runs the DNS of {domain} to look at its name servers and at DNSSEC.",
);
pub(super) const SERVFAIL: OwnServer = OwnServer {
    title: "The directory of names of your domain is broken",
    meaning: "We asked for the address of {host}, and the name servers of the domain (DNS) answered with an error.",
    mend: &[DNS_PROVIDER, THEN_AGAIN],
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const DNS_SILENCE: OwnServer = OwnServer {
    title: "The directory of names of your domain did not answer",
    meaning: "We asked for the address of {host}, and no answer came within three seconds.",
    mend: &[DNS_PROVIDER, THEN_AGAIN],
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const PRIVATE: OwnServer = OwnServer {
    title: "The name of your mail server leads into your office network",
    meaning: "The name {host} has an address that works only inside of your office, so nobody outside can reach it. We did not connect.",
    mend: &[
        OUTSIDE_NAME,
        say(
            "Ask whoever runs your domain to publish the server's public address for {host}. If you have another name for use from outside, enter that one as \"EWS URL\".",
        ),
        OPEN_FIREWALL,
        THEN_AGAIN,
    ],
    ..ADMIN
};
pub(super) const FORBIDDEN: OwnServer = OwnServer {
    title: "The name of your mail server leads to an address we may not use",
    meaning: "The name {host} leads to an address that is not on the public internet, such as the computer itself. Our safety rules forbid to connect there, so nothing was sent.",
    mend: &[LOOK_IT_UP, OUTSIDE_NAME, PUBLISH, THEN_AGAIN],
    ..ADMIN
};
pub(super) const TCP_TIMEOUT: OwnServer = OwnServer {
    title: "Your mail server did not take our connection",
    meaning: "We called {host} on port 443, and nothing came back. Most often a firewall lets only known addresses through, and ours are not among them.",
    mend: &[OPEN_FIREWALL, THEN_AGAIN],
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const TCP_REFUSED: OwnServer = OwnServer {
    title: "Your mail server refused our connection",
    meaning: "The machine behind {host} answered, but no service was listening on port 443. The web service is stopped, or the port leads to the wrong machine.",
    mend: &[
        SERVICES,
        say(
            "Look in your firewall or router: port 443 has to lead to the Exchange server or to the load balancer in front of it.",
        ),
        THEN_AGAIN,
    ],
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const TCP_UNREACHABLE: OwnServer = OwnServer {
    title: "There is no way through the network to your mail server",
    meaning: "A router on the way told us that it knows no path to the address of {host}.",
    mend: &[OPEN_FIREWALL, THEN_AGAIN],
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const TLS_SILENCE: OwnServer = OwnServer {
    title: "Your mail server did not secure the connection in time",
    meaning: "The server {host} took our call and then said nothing, so no encrypted connection came about. Nothing was sent.",
    mend: BUSY,
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const EXPIRED: OwnServer = OwnServer {
    title: "Your mail server's certificate has ended",
    meaning: "The server {host} showed a certificate whose last day is over. The step shows the day. This step sent no password.",
    mend: &[RENEW, ON_BALANCER, THEN_AGAIN],
    ..ADMIN
};
pub(super) const FUTURE: OwnServer = OwnServer {
    title: "Your mail server's certificate is not in force yet",
    meaning: "The server {host} showed a certificate that begins on a later day, which the step shows. This step sent no password.",
    mend: &[
        say("Check the date and time of the server and of whoever made the certificate."),
        RENEW,
        ON_BALANCER,
        THEN_AGAIN,
    ],
    ..ADMIN
};
pub(super) const PRIVATE_CA: OwnServer = OwnServer {
    title: "Your mail server's certificate comes from your company's own authority",
    meaning: "Computers in your office know that authority; we do not. Without knowing it we cannot tell your server from somebody who poses as it, so this step sent no password.",
    mend: &[
        say(
            "The best mend is a certificate from a public authority, which also serves phones and home offices.",
        ),
        RENEW,
        say(
            "Or let us trust this one certificate: compare its SHA-256 fingerprint in the step with the one on your server, and enter it as \"Certificate fingerprint\" in a new attempt.",
        ),
    ],
    ..ADMIN
};
pub(super) const WRONG_NAME: OwnServer = OwnServer {
    title: "Your mail server's certificate is for another name",
    meaning: "We called {host}, and the certificate it showed is for other names, which the step lists. This step sent no password.",
    mend: &[
        say("If one of those names is that of your mail server, enter it in the EWS URL."),
        say("If none is, get a certificate that carries {host}:"),
        RENEW,
        ON_BALANCER,
        THEN_AGAIN,
    ],
    ..ADMIN
};
pub(super) const NO_CIPHER: OwnServer = OwnServer {
    title: "Your mail server and we found no common way to encrypt",
    meaning: "We speak TLS 1.2 and 1.3, and for old servers some older ciphers. The server {host} offered none of them.",
    mend: &[SCHANNEL, OLD_WINDOWS, THEN_AGAIN],
    ..ADMIN
};
pub(super) const OLD_TLS: OwnServer = OwnServer {
    title: "Your mail server speaks only old encryption",
    meaning: "The server {host} offered TLS 1.0 or 1.1, which protect nothing any more. This step sent no password.",
    mend: &[SCHANNEL, OLD_WINDOWS, THEN_AGAIN],
    ..ADMIN
};
pub(super) const NOT_TLS: OwnServer = OwnServer {
    title: "Something without encryption answers in your mail server's place",
    meaning: "On port 443 of {host}, where an encrypted connection should begin, something else answered. We sent nothing to it.",
    mend: &[
        RIGHT_URL,
        say("Look in your firewall or router whether port 443 leads to the right machine and port."),
        THEN_AGAIN,
    ],
    ..ADMIN
};
pub(super) const TLS_OTHER: OwnServer = OwnServer {
    title: "The encrypted connection to your mail server did not come about",
    meaning: "The server {host} and we could not agree on a secure connection. This step sent no password.",
    mend: &[SCHANNEL, ON_BALANCER, THEN_AGAIN],
    ..ADMIN
};
pub(super) const TLS_RESET: OwnServer = OwnServer {
    title: "The connection to your mail server was cut while it was being secured",
    meaning: "A firewall, a country filter or a rule of the load balancer cut the line before it was encrypted. An old Windows does so too when it knows none of the ciphers that we offer. Nothing was sent.",
    mend: &[OPEN_FIREWALL, SCHANNEL, THEN_AGAIN],
    ..NETWORK
};
pub(super) const TLS_CLOSED: OwnServer = OwnServer {
    title: "Your mail server hung up while the connection was being secured",
    meaning: "Something took our call on {host} and hung up before the line was encrypted. Often it is a load balancer that has no working server behind it.",
    mend: &[SERVICES, OPEN_FIREWALL, THEN_AGAIN],
    ..NETWORK
};
pub(super) const HTTP_SILENCE: OwnServer = OwnServer {
    title: "Your mail server did not answer in time",
    meaning: "The server {host} took our question over a secure connection, and no whole answer came in time.",
    mend: BUSY,
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const CUT_ANSWER: OwnServer = OwnServer {
    title: "Your mail server's answer broke off",
    meaning: "The connection to {host} ended before the whole answer had arrived. The server or something in front of it cut it.",
    mend: BUSY,
    remedy: Remedy::Retry,
    ..NETWORK
};
pub(super) const HUGE: OwnServer = OwnServer {
    title: "What answered is not Exchange: the answer was far too long",
    meaning: "We stop reading after two megabytes, or where an answer has far too many parts: one of Exchange to our question is short.",
    mend: &[RIGHT_URL, THEN_AGAIN],
    ..ADMIN
};
