//! Certificates and encryption of a customer's own server, beyond what a host of a provider can show.

use super::{
    own_server::{ON_BALANCER, RENEW, THEN_AGAIN},
    parts::{ADVISE, HOSTER, KEEP, run, say},
};
use crate::domain::cause::Cause;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "tls_cert_self_signed",
        title: "Your mail server shows the certificate it made for itself",
        meaning: "Exchange makes a certificate named \"Microsoft Exchange\" when it is installed. Nobody else vouches for it, so we cannot tell your server from an impostor. This step sent no password.",
        mend: &[RENEW, ON_BALANCER, THEN_AGAIN],
        scenarios: &["exchange-certificate-self-signed"],
        ..KEEP
    },
    Cause {
        id: "tls_chain_incomplete",
        title: "Your mail server sends only part of its certificate",
        meaning: "The certificate comes from a public authority, but the one between it and that authority is not sent along. Browsers fetch it silently, so web pages look fine. This step sent no password.",
        mend: &[
            say(
                "Download the \"intermediate certificate\" from the web site of the authority that issued yours. The step names it.",
            ),
            say(
                "On the server open certlm.msc > \"Intermediate Certification Authorities\" > Certificates > All Tasks > Import. Then restart the server's web service with iisreset.",
            ),
            say("If a load balancer ends the encryption, add it to the chain file there instead."),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-certificate-chain"],
        ..KEEP
    },
    Cause {
        id: "tls_cert_no_san",
        title: "Your mail server's certificate is of an old form",
        meaning: "It carries the server's name only as \"common name\". Today's programs look under \"Subject Alternative Name\", which is empty. This step sent no password.",
        mend: &[
            say("Get a new certificate that carries {host} as \"Subject Alternative Name\"."),
            RENEW,
            ON_BALANCER,
            THEN_AGAIN,
        ],
        scenarios: &["exchange-certificate-no-san"],
        ..KEEP
    },
    Cause {
        id: "tls_cert_not_pinned",
        title: "Your mail server shows another certificate than the one you agreed on",
        meaning: "For this connection we trust only the certificate, or the issuer, whose fingerprint you entered. The server shows another one: it was renewed, or something stands between us. This step sent no password.",
        mend: &[
            run(
                "In the Exchange Management Shell on the server, see the fingerprint of the certificate that it uses now, and compare it with the one that the step shows:",
                "Get-ExchangeCertificate | Where-Object { $_.Services -match 'IIS' } | ForEach-Object { [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($_.RawData)) }",
            ),
            say(
                "If they are the same, enter the new fingerprint. If the certificate now comes from a public authority, leave the field empty.",
            ),
            say("If they differ, ask whoever runs your network what answers at {host}."),
        ],
        scenarios: &["fault:other_fingerprint"],
        ..KEEP
    },
    Cause {
        id: "tls_client_cert_required",
        title: "Your mail server wants a certificate from us",
        meaning: "Whatever answers at {host} lets in only programs that show a certificate of their own. MoxiEngage signs in with the service account's password instead.",
        mend: &[
            say(
                "In IIS Manager on the server open Default Web Site > EWS > SSL Settings, set \"Client certificates\" to Ignore, and select Apply.",
            ),
            say(
                "If a gateway in front of the server asks for it, make an exception there for the path /EWS/ and our addresses: {egress}.",
            ),
            THEN_AGAIN,
        ],
        scenarios: &["exchange-client-certificate"],
        ..HOSTER
    },
    Cause {
        id: "tls_legacy_ciphers",
        title: "Your mail server encrypts in an old way",
        meaning: "It works. But the server offers only ciphers that are no longer recommended, as Windows Server 2012 R2 does.",
        mend: &[say(
            "Plan to move Exchange to a newer Windows Server. Until then, switch on TLS 1.2 with ECDHE cipher suites; the tool IIS Crypto with \"Best Practices\" does it.",
        )],
        scenarios: &["exchange-old-ciphers"],
        ..ADVISE
    },
    Cause {
        id: "tls_cert_expires_soon",
        title: "Your mail server's certificate ends soon",
        meaning: "It works today. On the certificate's last day, which the step shows, synchronisation stops.",
        mend: &[RENEW, ON_BALANCER],
        scenarios: &["exchange-certificate-soon"],
        ..ADVISE
    },
    Cause {
        id: "ipv6_broken",
        title: "Your mail server's newer address does not answer",
        meaning: "It works over the older kind of address (IPv4). But the name also has an IPv6 address, and nothing answers there.",
        mend: &[say(
            "Ask whoever runs your network to make the server answer over IPv6, or to take the AAAA record of {host} out of DNS.",
        )],
        scenarios: &["fault:newer_address_is_dead"],
        ..ADVISE
    },
];
