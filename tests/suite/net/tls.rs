//! What the dialer tells of certificates and handshakes, each against a server that really shows it.

use std::sync::Arc;

use moxi_onboard::{
    domain::exchange::CertificatePin,
    net::{
        Failure,
        dialer::{CertificateFacts, Secured},
        failure::TlsProblem,
    },
};
use rcgen::{BasicConstraints, IsCa, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig,
    server::{ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use tokio::io::AsyncReadExt;

use super::{
    dialer::{name, post},
    town::{
        AUTHORITY, Authority, Leaf, OK, Play, Town, answering, blurting, fingerprint, play, server, silent,
        versions,
    },
};

const HOST: &str = "mail.lakeshore.example";

/// Secures a connection to the one host of a town.
async fn shaken(town: &Town, pin: Option<&str>) -> Result<Secured, (Failure, Option<CertificateFacts>)> {
    let pin = pin.map(|pin| CertificatePin::parse(pin).expect("a pin"));
    let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
    let connected = resolved.connect().await.expect("connected");
    connected.secure(pin.as_ref()).await.map_err(|lost| (lost.failure, lost.certificate))
}

#[tokio::test]
async fn each_flaw_of_a_certificate_has_its_name_and_the_certificate_is_shown() {
    let mut town = Town::open().await;
    let private = Authority::new("Lakeshore Private CA", Some("Lakeshore Realty"));
    let between = town.authority.below("Lakeshore Trust R3", Some(AUTHORITY));
    let is_authority = |params: &mut rcgen::CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let cases: Vec<(&str, Arc<ServerConfig>, TlsProblem)> = vec![
        (
            "expired",
            town.authority.leaf(&[HOST], |params| params.not_after = date_time_ymd(2024, 2, 1)).config(&[]),
            TlsProblem::Expired,
        ),
        (
            "not yet valid",
            town.authority.leaf(&[HOST], |params| params.not_before = date_time_ymd(2101, 2, 1)).config(&[]),
            TlsProblem::NotYetValid,
        ),
        (
            "another name",
            town.authority.leaf(&["owa.lakeshore.example", "20.1.2.3"], |_| {}).config(&[]),
            TlsProblem::NameMismatch,
        ),
        ("no names", town.authority.leaf(&[], |_| {}).config(&[]), TlsProblem::NoSan),
        ("signed by itself", Leaf::self_signed(&[HOST], |_| {}).config(&[]), TlsProblem::SelfSigned),
        (
            "signed by itself as an authority",
            Leaf::self_signed(&[HOST], is_authority).config(&[]),
            TlsProblem::SelfSigned,
        ),
        ("a private authority", private.leaf(&[HOST], |_| {}).config(&[]), TlsProblem::PrivateCa),
        (
            "a private authority that shows itself",
            private.leaf(&[HOST], |_| {}).config(&[&private.der]),
            TlsProblem::PrivateCa,
        ),
        ("a lacking link", between.leaf(&[HOST], |_| {}).config(&[]), TlsProblem::ChainIncomplete),
        (
            "a lacking link, with the root",
            between.leaf(&[HOST], |_| {}).config(&[&town.authority.der]),
            TlsProblem::ChainIncomplete,
        ),
        (
            "a link of a well-known authority that lacks",
            Authority::new("R11", Some("Let's Encrypt")).leaf(&[HOST], |_| {}).config(&[]),
            TlsProblem::ChainIncomplete,
        ),
    ];
    let public = town.address();
    town.name(HOST, &[public.into()]);
    for (what, config, problem) in cases {
        let house = town.build(public, 443, answering(config, OK)).await;
        let (failure, certificate) = shaken(&town, None).await.err().expect(what);
        assert_eq!(failure, Failure::Tls(problem), "{what}");
        let certificate = certificate.expect(what);
        assert!(certificate.subject.contains("CN=mail.lakeshore.example"), "{what}: {certificate:?}");
        assert_eq!(certificate.self_signed, problem == TlsProblem::SelfSigned, "{what}");
        assert_eq!((house.connections(), house.plain()), (1, vec![]), "{what}");
    }
}

#[tokio::test]
async fn the_facts_are_those_of_the_certificate() {
    let mut town = Town::open().await;
    let between = town.authority.below("Lakeshore Trust R3", Some(AUTHORITY));
    let leaf = between.leaf(&[HOST, "autodiscover.lakeshore.example", "20.1.2.3"], |params| {
        params.not_before = date_time_ymd(2025, 1, 2);
        params.not_after = date_time_ymd(2091, 3, 4);
    });
    town.host(HOST, answering(leaf.config(&[&between.der]), OK)).await;
    let mut secured = shaken(&town, None).await.map_err(|lost| lost.0).expect("secured");
    let facts = secured.certificate();
    assert_eq!(facts.names, [HOST, "autodiscover.lakeshore.example", "20.1.2.3"]);
    assert!(facts.issuer.contains("CN=Lakeshore Trust R3"), "{}", facts.issuer);
    assert_eq!(facts.valid_from.to_string(), "2025-01-02T00:00:00Z");
    assert_eq!(facts.valid_until.to_string(), "2091-03-04T00:00:00Z");
    assert_eq!((facts.sha256.clone(), facts.chain_length), (leaf.sha256(), 2));
    assert_eq!((facts.key.as_str(), facts.self_signed), ("EC 256", false));
    assert_eq!(secured.send(post("/", b"")).await.expect("an answer").body, b"ok");
}

#[tokio::test]
async fn a_pin_trusts_one_certificate_or_one_issuer_and_nothing_else() {
    let mut town = Town::open().await;
    let (private, other) = (Authority::new("Private CA", None), Authority::new("Private CA", None));
    let own = Leaf::self_signed(&[HOST], |_| {});
    let misnamed = Leaf::self_signed(&["owa.lakeshore.example"], |_| {});
    let old = Leaf::self_signed(&[HOST], |params| params.not_after = date_time_ymd(2024, 2, 1));
    let issued = private.leaf(&[HOST], |_| {});
    let late = private.leaf(&[HOST], |params| params.not_after = date_time_ymd(2024, 2, 1));
    let forged = other.leaf(&[HOST], |_| {});
    let vouched = town.authority.leaf(&[HOST], |_| {});
    let authority = fingerprint(&private.der);
    // An ordinary certificate is no issuer, even when its key has signed another.
    let ordinary = Authority::ordinary(HOST);
    let child = ordinary.leaf(&[HOST], |_| {});
    let cases: Vec<(&str, Arc<ServerConfig>, String, Option<TlsProblem>)> = vec![
        ("the leaf itself", own.config(&[]), own.sha256(), None),
        ("the issuer", issued.config(&[&private.der]), authority.clone(), None),
        ("a public leaf", vouched.config(&[]), vouched.sha256(), None),
        (
            "the leaf for another name",
            misnamed.config(&[]),
            misnamed.sha256(),
            Some(TlsProblem::NameMismatch),
        ),
        ("the leaf, expired", old.config(&[]), old.sha256(), Some(TlsProblem::Expired)),
        (
            "the issuer of an expired leaf",
            late.config(&[&private.der]),
            authority.clone(),
            Some(TlsProblem::Expired),
        ),
        ("another leaf", own.config(&[]), misnamed.sha256(), Some(TlsProblem::NotPinned)),
        ("a public leaf that is not it", vouched.config(&[]), own.sha256(), Some(TlsProblem::NotPinned)),
        ("an issuer that is not shown", issued.config(&[]), authority.clone(), Some(TlsProblem::NotPinned)),
        (
            "an issuer that is shown beside a foreign leaf",
            forged.config(&[&private.der]),
            authority,
            Some(TlsProblem::NotPinned),
        ),
        (
            "a leaf that has signed another",
            child.config(&[&ordinary.der]),
            fingerprint(&ordinary.der),
            Some(TlsProblem::NotPinned),
        ),
        (
            "a leaf that is shown beside a foreign one",
            forged.config(&[&own.der]),
            own.sha256(),
            Some(TlsProblem::NotPinned),
        ),
        ("the leaf without its key", stolen(&own, &misnamed), own.sha256(), Some(TlsProblem::Other)),
    ];
    let public = town.address();
    town.name(HOST, &[public.into()]);
    for (what, config, pin, problem) in cases {
        town.build(public, 443, answering(config, OK)).await;
        match (shaken(&town, Some(&pin)).await, problem) {
            (Ok(mut secured), None) => {
                assert!(secured.tls().pinned, "{what}");
                assert!(secured.send(post("/", b"")).await.is_ok(), "{what}");
            }
            (Err((failure, certificate)), Some(problem)) => {
                assert_eq!(failure, Failure::Tls(problem), "{what}");
                assert!(certificate.is_some(), "{what}");
            }
            (shaken, _) => panic!("{what}: {:?}", shaken.map(|_| ()).map_err(|lost| lost.0)),
        }
    }
}

/// A server that shows one certificate and holds the key of another.
fn stolen(shown: &Leaf, held: &Leaf) -> Arc<ServerConfig> {
    #[derive(Debug)]
    struct Thief(Arc<CertifiedKey>);
    impl ResolvesServerCert for Thief {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }
    let (_, key) = held.presented(&[]);
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).expect("a key");
    let pair = CertifiedKey::new(vec![shown.der.clone()], key);
    Arc::new(server().with_no_client_auth().with_cert_resolver(Arc::new(Thief(Arc::new(pair)))))
}

#[tokio::test]
async fn each_broken_handshake_has_its_name() {
    let mut town = Town::open().await;
    let reset = play(|_, mut stream, _| async move {
        let _ = stream.read_u8().await;
        let _ = stream.set_zero_linger();
    });
    let close = play(|_, mut stream, _| async move {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello).await;
    });
    let demanding = |only: &[&'static rustls::SupportedProtocolVersion]| {
        let mut roots = RootCertStore::empty();
        roots.add(town.authority.der.clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let (chain, key) = town.authority.leaf(&[HOST], |_| {}).presented(&[]);
        let config = versions(only).with_client_cert_verifier(verifier.build().expect("a verifier"));
        answering(Arc::new(config.with_single_cert(chain, key).expect("a certificate")), OK)
    };
    let filler: Vec<_> = (0..100).map(|_| town.authority.leaf(&[HOST; 40], |_| {}).der).collect();
    let long = town.authority.leaf(&[HOST], |_| {}).config(&filler.iter().collect::<Vec<_>>());
    let cases: Vec<(&str, Play, &[TlsProblem])> = vec![
        ("plain HTTP", blurting(b"HTTP/1.1 400 Bad Request\r\n\r\n"), &[TlsProblem::NotTls]),
        ("mail", blurting(b"220 mail.lakeshore.example ESMTP\r\n"), &[TlsProblem::NotTls]),
        ("a reset", reset, &[TlsProblem::Reset]),
        ("an end", close, &[TlsProblem::Closed]),
        ("silence", silent(), &[TlsProblem::Timeout]),
        ("alert protocol version", blurting(b"\x15\x03\x01\x00\x02\x02\x46"), &[TlsProblem::VersionTooOld]),
        ("alert handshake failure", blurting(b"\x15\x03\x03\x00\x02\x02\x28"), &[TlsProblem::NoCommonCipher]),
        ("alert internal error", blurting(b"\x15\x03\x03\x00\x02\x02\x50"), &[TlsProblem::Other]),
        (
            "a certificate of ours, 1.2",
            demanding(&[&rustls::version::TLS12]),
            &[TlsProblem::ClientCertRequired],
        ),
        (
            "a certificate of ours, 1.3",
            demanding(&[&rustls::version::TLS13]),
            &[TlsProblem::ClientCertRequired],
        ),
        ("a chain of a hundred", answering(long, OK), &[TlsProblem::Other]),
    ];
    let public = town.address();
    town.name(HOST, &[public.into()]);
    for (what, play, problems) in cases {
        let house = town.build(public, 443, play).await;
        let failure = shaken(&town, None).await.err().map(|lost| lost.0);
        let Some(Failure::Tls(problem)) = failure else { panic!("{what}: {failure:?}") };
        assert!(problems.contains(&problem), "{what}: {problem:?}");
        assert_eq!(house.plain(), b"", "{what}");
    }
}
