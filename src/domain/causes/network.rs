//! The way to the provider: names, connections, encryption, answers that do not end as they should.
//!
//! They read as for hosts of the provider, which the customer did not name: whatever is wrong there is mended by us,
//! by the provider or by time. `own_server` has what is different on a server of the customer's own.

use super::own_server;
use super::parts::{KEEP, OUR_TURN, OURS, RETRY, TRY_SOON, say};
use crate::domain::cause::{Cause, Who};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "provider_incident",
        title: "Your mail provider has trouble right now",
        meaning: "Several offices meet the same trouble with the same provider within minutes. So it is nothing that you have set up wrong.",
        mend: &[say("You have nothing to do. We look again every ten minutes until it is over.")],
        who: Who::Provider,
        scenarios: &["fault:provider_incident"],
        ..RETRY
    },
    Cause {
        id: "our_network_down",
        title: "Our own network has trouble right now",
        meaning: "Nobody's mail system can be reached from our side at the moment. So it is nothing that you have set up wrong.",
        mend: &[say("You have nothing to do. We look again every ten minutes until it is over.")],
        who: Who::MoxiWorks,
        scenarios: &["fault:our_network_down"],
        ..RETRY
    },
    Cause {
        id: "our_egress_not_allowed",
        title: "Our address is not let in",
        meaning: "The server, or something in front of it, says that it refuses the address that we come from. Its list lacks our addresses, or has only some of them.",
        mend: &[say("Let all of these addresses in on port 443: {egress}.")],
        scenarios: &["fault:our_egress_not_allowed"],
        ..KEEP
    },
    Cause {
        id: "dns_nxdomain",
        title: "The name of the mail service could not be found",
        meaning: "The internet's directory of names (DNS) told us that the server's name does not exist. For a server of Microsoft or Google that points to a fault in our own network.",
        mend: TRY_SOON,
        who: Who::MoxiWorks,
        scenarios: &["exchange-no-name", "fault:nx_domain"],
        own_server: Some(&own_server::NXDOMAIN),
        ..RETRY
    },
    Cause {
        id: "dns_no_address",
        title: "The mail service's name has no address",
        meaning: "The internet's directory of names (DNS) knows the server's name but told us no address for it.",
        mend: TRY_SOON,
        who: Who::MoxiWorks,
        scenarios: &["exchange-no-address", "fault:no_data"],
        own_server: Some(&own_server::NO_ADDRESS),
        ..RETRY
    },
    Cause {
        id: "dns_servfail",
        title: "The directory of internet names did not work",
        meaning: "We asked for the server's address, and the directory (DNS) answered with an error.",
        mend: TRY_SOON,
        who: Who::MoxiWorks,
        scenarios: &["exchange-dns-broken", "fault:serv_fail", "fault:chain"],
        own_server: Some(&own_server::SERVFAIL),
        ..RETRY
    },
    Cause {
        id: "dns_timeout",
        title: "The directory of internet names did not answer",
        meaning: "We asked for the server's address, and no answer came within three seconds.",
        mend: TRY_SOON,
        who: Who::MoxiWorks,
        scenarios: &["fault:dns_silence"],
        own_server: Some(&own_server::DNS_SILENCE),
        ..RETRY
    },
    Cause {
        id: "dns_forbidden_address",
        title: "Our safety rules refused the server's address",
        meaning: "The name led to an address that is not on the public internet. We did not connect, and nothing was sent.",
        mend: OUR_TURN,
        scenarios: &["exchange-loopback", "fault:addresses", "fault:rebinding"],
        own_server: Some(&own_server::FORBIDDEN),
        ..OURS
    },
    Cause {
        id: "dns_private_address",
        title: "The server's name leads into a private network",
        meaning: "The name led to an address that works only inside of some office. Our safety rules refused it, and nothing was sent.",
        mend: OUR_TURN,
        scenarios: &["exchange-private-address"],
        own_server: Some(&own_server::PRIVATE),
        ..OURS
    },
    Cause {
        id: "network_not_mapped",
        title: "Our test settings have no way to this server",
        meaning: "This portal may only reach the servers of its own test world, and this one is not among them.",
        mend: OUR_TURN,
        scenarios: &["fault:not_mapped"],
        ..OURS
    },
    Cause {
        id: "tcp_timeout",
        title: "The mail service did not take our connection",
        meaning: "We called its address, and nothing came back within five seconds.",
        mend: TRY_SOON,
        scenarios: &["exchange-firewall"],
        own_server: Some(&own_server::TCP_TIMEOUT),
        ..RETRY
    },
    Cause {
        id: "tcp_refused",
        title: "The mail service refused our connection",
        meaning: "The machine answered, but no service was listening there.",
        mend: TRY_SOON,
        scenarios: &["exchange-port-closed", "fault:refused"],
        own_server: Some(&own_server::TCP_REFUSED),
        ..RETRY
    },
    Cause {
        id: "tcp_unreachable",
        title: "There is no way through the network to the mail service",
        meaning: "A router on the way told us that it knows no path to this address.",
        mend: TRY_SOON,
        who: Who::MoxiWorks,
        scenarios: &["fault:no_route"],
        own_server: Some(&own_server::TCP_UNREACHABLE),
        ..RETRY
    },
    Cause {
        id: "tls_timeout",
        title: "The mail service did not secure the connection in time",
        meaning: "It took our call and then said nothing, so no encrypted connection came about. Nothing was sent.",
        mend: TRY_SOON,
        scenarios: &["fault:connect_silence"],
        own_server: Some(&own_server::TLS_SILENCE),
        ..RETRY
    },
    Cause {
        id: "tls_cert_expired",
        title: "The server's certificate has ended",
        meaning: "The server showed a certificate whose last day is over. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-certificate-expired", "fault:expired"],
        own_server: Some(&own_server::EXPIRED),
        ..OURS
    },
    Cause {
        id: "tls_cert_not_yet_valid",
        title: "The server's certificate is not in force yet",
        meaning: "The server showed a certificate that begins later, or our own clock is wrong. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-certificate-future"],
        own_server: Some(&own_server::FUTURE),
        ..OURS
    },
    Cause {
        id: "tls_cert_private_ca",
        title: "The server's certificate comes from nobody we know",
        meaning: "Somebody on the way may be posing as the mail service. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-certificate-private-ca", "fault:other_authority"],
        own_server: Some(&own_server::PRIVATE_CA),
        ..OURS
    },
    Cause {
        id: "tls_cert_name_mismatch",
        title: "The server's certificate is for another name",
        meaning: "Somebody on the way may be posing as the mail service. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-certificate-wrong-name", "fault:wrong_name"],
        own_server: Some(&own_server::WRONG_NAME),
        ..OURS
    },
    Cause {
        id: "tls_no_common_cipher",
        title: "The server and we found no common way to encrypt",
        meaning: "We speak TLS 1.2 and 1.3 with today's ciphers. The server offered none of them.",
        mend: OUR_TURN,
        scenarios: &["exchange-no-cipher"],
        own_server: Some(&own_server::NO_CIPHER),
        ..OURS
    },
    Cause {
        id: "tls_version_too_old",
        title: "The server speaks only old encryption",
        meaning: "It offered TLS 1.0 or 1.1, which protect nothing any more. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-tls10"],
        own_server: Some(&own_server::OLD_TLS),
        ..OURS
    },
    Cause {
        id: "tls_not_tls",
        title: "The server does not encrypt",
        meaning: "Where an encrypted connection should begin, something else answered. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["exchange-plain-http", "fault:plain_http"],
        own_server: Some(&own_server::NOT_TLS),
        ..OURS
    },
    Cause {
        id: "tls_failed",
        title: "The encrypted connection did not come about",
        meaning: "The server and we could not agree on a secure connection. We sent nothing to it.",
        mend: OUR_TURN,
        scenarios: &["fault:handshake_alert"],
        own_server: Some(&own_server::TLS_OTHER),
        ..OURS
    },
    Cause {
        id: "tls_reset_in_handshake",
        title: "The connection was cut while it was being secured",
        meaning: "A firewall on the way, or the server itself, cut the line before it was encrypted. Nothing was sent.",
        mend: TRY_SOON,
        scenarios: &["exchange-tls-reset", "fault:handshake_close"],
        own_server: Some(&own_server::TLS_RESET),
        ..RETRY
    },
    Cause {
        id: "tls_closed_in_handshake",
        title: "The server hung up while the connection was being secured",
        meaning: "The server took our call and hung up before the line was encrypted. Nothing was sent.",
        mend: TRY_SOON,
        scenarios: &["exchange-tls-closed", "fault:handshake_close"],
        own_server: Some(&own_server::TLS_CLOSED),
        ..RETRY
    },
    Cause {
        id: "http_timeout",
        title: "The mail service did not answer in time",
        meaning: "It took our question over a secure connection, and no whole answer came in time.",
        mend: TRY_SOON,
        scenarios: &["exchange-silent", "fault:hang", "fault:drip"],
        own_server: Some(&own_server::HTTP_SILENCE),
        ..RETRY
    },
    Cause {
        id: "http_truncated",
        title: "The mail service's answer broke off",
        meaning: "The connection ended before the whole answer had arrived.",
        mend: TRY_SOON,
        scenarios: &["exchange-truncated", "fault:close_before", "fault:close_mid", "fault:lose_answer"],
        own_server: Some(&own_server::CUT_ANSWER),
        ..RETRY
    },
    Cause {
        id: "http_body_too_large",
        title: "The mail service's answer was far too long",
        meaning: "We stop reading after two megabytes, or where an answer has far too many parts: an honest one to our question is short.",
        mend: OUR_TURN,
        scenarios: &["exchange-huge", "fault:endless", "fault:token_endless", "fault:gzip_bomb"],
        own_server: Some(&own_server::HUGE),
        ..OURS
    },
    Cause {
        id: "provider_redirected",
        title: "The mail service sent us to another address",
        meaning: "We do not follow such a hint with a credential in hand, so nothing was sent there.",
        mend: OUR_TURN,
        scenarios: &["fault:redirect", "fault:token_redirect"],
        ..OURS
    },
    Cause {
        id: "unknown_response",
        title: "The mail service gave an answer we do not know",
        meaning: "Something other than the expected answer came back. We cannot say yet what it means, so we do not guess.",
        mend: OUR_TURN,
        scenarios: &[
            "page-instead-of-answer",
            "google-riddle",
            "google-page-instead-of-answer",
            "fault:html",
            "fault:empty",
            "fault:truncated",
            "fault:deep_json",
            "fault:duplicate_keys",
            "fault:token_html",
        ],
        ..OURS
    },
    Cause {
        id: "check_timed_out",
        title: "The check took too long",
        meaning: "We stop a check after 90 seconds. The steps that were done by then are shown below.",
        mend: TRY_SOON,
        scenarios: &["fault:late"],
        ..RETRY
    },
    Cause {
        id: "sign_in_paused",
        title: "We are waiting before we try this sign-in again",
        meaning: "The last tries were refused, or their answer is still open. More tries in a row could lock the account or look like an attack, so we pause.",
        mend: &[
            say("Look at the cause of the last failed check and mend it first."),
            say(
                "If this page names a time, we try again by ourselves then. If not, check again after an hour, or write to {support}.",
            ),
        ],
        scenarios: &["fault:sign_in_denied"],
        remedy: crate::domain::cause::Remedy::Ours,
        ..KEEP
    },
    Cause {
        id: "http_odd",
        title: "The mail service's answer broke the rules of the web",
        meaning: "What came back could not be read as an answer. Something on the way may have changed it.",
        mend: OUR_TURN,
        scenarios: &["fault:huge_header"],
        ..OURS
    },
    Cause {
        id: "our_proxy_auth",
        title: "Our own way out to the internet refused the connection",
        meaning: "A gateway in our network wants a sign-in of its own. That is for us to mend.",
        mend: OUR_TURN,
        scenarios: &["fault:our_proxy_auth"],
        ..OURS
    },
];
