//! On the way to a server of the customer's own: what the network, the certificate and the password do there.

use std::net::SocketAddr;

use moxi_onboard::{
    domain::{
        address::MailDomain,
        check::{Outcome, Verdict},
        credential::Credential,
        exchange::{CertificatePin, ServicePassword},
    },
    net::guard::HostName,
    simulator::{ALWAYS, Fault, Sample, Target},
    verification::Nobody,
};

use super::lab::{Lab, cause, credential, step};

const SAMPLE: &str = "exchange-healthy";

/// The sample's server: its name, and the public address at which the lab finds it.
async fn server(lab: &Lab, sample: &Sample) -> (String, SocketAddr) {
    let url = sample.account.as_ref().and_then(|account| account.ews_url.clone()).expect("a URL");
    let host = url.split('/').nth(2).expect("a host").to_owned();
    let name = HostName::parse(&host).expect("a name");
    let found = lab.net().dialer().resolve(&name).await.unwrap_or_else(|failure| panic!("{failure}"));
    (host, SocketAddr::new(found.addresses()[0], 443))
}

#[tokio::test]
async fn a_network_without_a_way_is_told_from_one_that_is_silent() {
    let mut lab = Lab::open().await;
    let (_, public) = server(&lab, &lab.sample(SAMPLE)).await;
    // The broadcast address of loopback: the system says at once that it knows no way to it.
    lab.settings.dial.insert(public, "127.255.255.255:443".parse().expect("an address"));
    let (report, witness) = lab.check(SAMPLE).await;
    assert_eq!(cause(&report), Some("tcp_unreachable"), "{:?}", step(&report, "tcp"));
    assert!(!witness.told().contains(&"sign-in begins".to_owned()));
}

#[tokio::test]
async fn a_newer_address_that_is_dead_is_a_warning() {
    let mut lab = Lab::open().await;
    let (host, public) = server(&lab, &lab.sample(SAMPLE)).await;
    let newer: SocketAddr = "[2a01:4f8:1:2::3]:443".parse().expect("an address");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    lab.settings.dial.insert(newer, closed.expect("a port"));
    let both = Fault::Addresses(vec![newer.ip(), public.ip()]);
    lab.simulator.inject(Target::Name(host), both, ALWAYS);
    let (report, _) = lab.check(SAMPLE).await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::PassedWithWarnings, None), "{:?}", report.steps);
    let tcp = step(&report, "tcp");
    assert_eq!(tcp.outcome, Outcome::Warning);
    assert_eq!(tcp.cause.as_ref().map(|cause| cause.as_str()), Some("ipv6_broken"));
}

#[tokio::test]
async fn another_certificate_than_the_agreed_one_gets_no_password() {
    let lab = Lab::open().await;
    let Credential::ExchangeBasic { mut settings, password } = credential(&lab.sample(SAMPLE)) else {
        panic!("an Exchange server")
    };
    settings.certificate = CertificatePin::parse(&"ab".repeat(32));
    let report = lab.verifier().check(&Credential::ExchangeBasic { settings, password }, &Nobody).await;
    assert_eq!(cause(&report), Some("tls_cert_not_pinned"), "{:?}", step(&report, "tls"));
    assert!(lab.simulator.requests().iter().all(|seen| !seen.authorised));
}

#[tokio::test]
async fn a_brokerage_that_nobody_has_accepted_reaches_servers_of_its_own_domain_alone() {
    let lab = Lab::open().await;
    let sample = lab.sample(SAMPLE);
    let elsewhere = MailDomain::parse("elsewhere.example").expect("a domain");
    let report = lab.verifier().bound_to(elsewhere).check(&credential(&sample), &Nobody).await;
    assert_eq!(cause(&report), Some("server_of_others"));
    assert_eq!(lab.simulator.requests(), []);
    let own = MailDomain::parse(&sample.tenant_domain).expect("a domain");
    let report = lab.verifier().bound_to(own).check(&credential(&sample), &Nobody).await;
    assert_eq!(cause(&report), None);
}

#[tokio::test]
async fn a_refused_password_with_foreign_letters_gets_a_word_about_them() {
    let lab = Lab::open().await;
    for (typed, warned) in [("Not-the-pass-phrase-7#x", false), ("Nicht-das-Paßwort-7#x", true)] {
        let Credential::ExchangeBasic { settings, .. } = credential(&lab.sample(SAMPLE)) else {
            panic!("an Exchange server")
        };
        let password = ServicePassword::parse(typed).unwrap_or_else(|problem| panic!("{problem:?}"));
        let report = lab.verifier().check(&Credential::ExchangeBasic { settings, password }, &Nobody).await;
        assert_eq!(cause(&report), Some("basic_credentials_rejected"));
        let said = report.warnings.iter().any(|cause| cause.as_str() == "form_password_non_ascii");
        assert_eq!(said, warned, "{typed}");
    }
}
