//! Where a credential goes: into one secured connection, and nowhere else. Every byte that reaches any server of the
//! town is written down and searched.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use moxi_onboard::net::{
    Failure,
    dialer::{Authorization, Call, Secured},
    failure::TlsProblem,
};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::{
    dialer::{basic, name, post},
    town::{Authority, House, Leaf, OK, Play, Town, Watched, answering, answering_plainly, play, request},
};

const PASSWORD: &str = "Lake view 7!";
const HOST: &str = "mail.lakeshore.example";

/// Forms in which the password could be found.
fn needles() -> Vec<Vec<u8>> {
    let pair = STANDARD.encode(format!("moxi.svc@lakeshore.example:{PASSWORD}"));
    let alone = STANDARD.encode(PASSWORD);
    let url: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    [PASSWORD.to_owned(), pair, alone.trim_end_matches('=').to_owned(), url]
        .into_iter()
        .map(String::into_bytes)
        .collect()
}

fn holds(bytes: &[u8]) -> bool {
    needles().iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle.as_slice()))
}

/// How often the password came out of TLS here. Over the wire it must never be seen.
fn found(house: &House) -> usize {
    assert!(!holds(&house.wire()), "the password went over the wire in the clear");
    String::from_utf8_lossy(&house.plain()).to_ascii_lowercase().matches("authorization: basic ").count()
}

async fn secured(town: &Town) -> Result<Secured, Failure> {
    super::dialer::secured(&town.net(), HOST).await
}

#[test]
fn the_search_finds_what_it_is_for() {
    for needle in needles() {
        assert!(holds(&[b"x".as_slice(), &needle, b"y"].concat()));
    }
    assert!(!holds(b"GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_its_targets_are_left_alone() {
    for (to, status) in [
        ("https://owa.lakeshore.example/EWS/Exchange.asmx", 302),
        ("http://mail.lakeshore.example/EWS/Exchange.asmx", 307),
        ("https://mail.lakeshore.example:8443/EWS/Exchange.asmx", 308),
        ("https://u:p@owa.lakeshore.example/", 301),
        ("http://169.254.169.254/latest/meta-data", 303),
        ("/elsewhere", 302),
    ] {
        let mut town = Town::open().await;
        let answer = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {to}\r\nrefresh: 0; url={to}\r\n\
             alt-svc: h3=\"owa.lakeshore.example:443\"\r\nset-cookie: a=b\r\n\
             www-authenticate: Negotiate\r\nwww-authenticate: NTLM\r\ncontent-length: 0\r\n\r\n"
        );
        let public = town.address();
        town.name(HOST, &[public.into()]);
        let first = town.build(public, 443, answering(town.trusted(HOST), answer)).await;
        let plain = town.build(public, 80, answering_plainly(OK)).await;
        let third = town.build(public, 8443, answering(town.trusted(HOST), OK)).await;
        let owa =
            town.host("owa.lakeshore.example", answering(town.trusted("owa.lakeshore.example"), OK)).await;
        let mut secured = secured(&town).await.expect("secured");
        for _ in 0..2 {
            let answer = secured.send_as(post("/EWS/Exchange.asmx", b"<x/>"), &basic(PASSWORD)).await;
            let answer = answer.expect("an answer");
            assert_eq!(
                (answer.status.as_u16(), answer.headers["location"].as_bytes()),
                (status, to.as_bytes())
            );
        }
        let others = [&plain, &third, &owa].map(House::connections);
        assert_eq!((found(&first), first.connections(), others), (2, 1, [0, 0, 0]), "{status} {to}");
        let sent = String::from_utf8_lossy(&first.plain()).to_ascii_lowercase();
        assert!(!sent.contains("cookie:") && !sent.contains("ntlm") && !sent.contains("referer"), "{sent}");
    }
}

#[tokio::test]
async fn an_untrusted_certificate_gets_not_one_byte_of_a_call() {
    let mut town = Town::open().await;
    let (bad, good) = (town.address(), town.address());
    town.name(HOST, &[bad.into(), good.into()]);
    let second = town.build(good, 443, answering(town.trusted(HOST), OK)).await;
    for config in [
        Leaf::self_signed(&[HOST], |_| {}).config(&[]),
        Authority::new("Private CA", None).leaf(&[HOST], |_| {}).config(&[]),
        town.trusted("owa.lakeshore.example"),
    ] {
        let first = town.build(bad, 443, answering(config, OK)).await;
        assert!(matches!(secured(&town).await.err(), Some(Failure::Tls(_))));
        assert_eq!((first.connections(), first.plain(), found(&first)), (1, vec![], 0));
    }
    assert_eq!(second.connections(), 0, "the next address is not tried when the first is not trusted");
}

#[tokio::test]
async fn the_next_address_is_taken_only_before_anything_is_sent() {
    let mut town = Town::open().await;
    let (closed, open) = (town.address(), town.address());
    town.name(HOST, &[closed.into(), open.into()]);
    // Nothing listens behind the first address any more.
    let gone =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a socket").local_addr().expect("an address");
    town.lab.settings.dial.insert((closed, 443).into(), gone);
    let house = town.build(open, 443, dropping(town.trusted(HOST))).await;
    let mut secured = secured(&town).await.expect("secured");
    assert_eq!(secured.address(), std::net::IpAddr::from(open));
    let failure = secured.send_as(post("/", b""), &basic(PASSWORD)).await.err();
    assert_eq!(failure, Some(Failure::Truncated));
    assert_eq!((found(&house), house.connections()), (1, 1), "a call that was received is not sent again");
}

/// Reads a request and hangs up.
fn dropping(config: Arc<rustls::ServerConfig>) -> Play {
    let acceptor = TlsAcceptor::from(config);
    play(move |_, stream, book| {
        let acceptor = acceptor.clone();
        async move {
            let watched = Watched::new(stream, Arc::clone(&book));
            let Ok(mut stream) = acceptor.accept(watched).await else { return };
            request(&mut stream, &book).await;
        }
    })
}

/// Answers one request a connection; from the second connection on with another certificate.
fn changing(first: Arc<rustls::ServerConfig>, then: Arc<rustls::ServerConfig>) -> Play {
    play(move |nth, stream, book| {
        let acceptor = TlsAcceptor::from(Arc::clone(if nth == 0 { &first } else { &then }));
        async move {
            let watched = Watched::new(stream, Arc::clone(&book));
            let Ok(mut stream) = acceptor.accept(watched).await else { return };
            if request(&mut stream, &book).await {
                let _ = stream.write_all(OK).await;
                let _ = stream.shutdown().await;
            }
        }
    })
}

#[tokio::test]
async fn a_connection_that_was_closed_is_made_again_under_the_same_demands() {
    let mut town = Town::open().await;
    let public = town.address();
    town.name(HOST, &[public.into()]);
    let (good, bad) = (town.trusted(HOST), Leaf::self_signed(&[HOST], |_| {}).config(&[]));
    let same = town.build(public, 443, changing(Arc::clone(&good), Arc::clone(&good))).await;
    let mut again = secured(&town).await.expect("secured");
    for _ in 0..3 {
        assert!(again.send_as(post("/", b""), &basic(PASSWORD)).await.is_ok());
    }
    assert_eq!((found(&same), same.connections()), (3, 3));

    let swapped = town.build(public, 443, changing(good, bad)).await;
    let mut again = secured(&town).await.expect("secured");
    // What the name leads to by now makes no difference: the address has been looked at.
    town.name(HOST, &[std::net::IpAddr::from([20, 60, 2, 1])]);
    assert!(again.send_as(post("/", b""), &basic(PASSWORD)).await.is_ok());
    let failure = again.send_as(post("/", b""), &basic(PASSWORD)).await.err();
    assert_eq!(failure, Some(Failure::Tls(TlsProblem::SelfSigned)));
    assert_eq!((found(&swapped), swapped.connections()), (1, 2));
}

#[tokio::test]
async fn a_call_cannot_bring_a_credential_of_its_own() {
    let mut town = Town::open().await;
    let house = town.host(HOST, answering(town.trusted(HOST), OK)).await;
    let mut secured = secured(&town).await.expect("secured");
    for header in ["authorization", "proxy-authorization", "cookie", "host", "content-length", "expect"] {
        let mut call = post("/", b"");
        let header = http::HeaderName::from_bytes(header.as_bytes()).expect("a name");
        call.headers.insert(header, http::HeaderValue::from_static("x"));
        assert_eq!(secured.send(call).await.err(), Some(Failure::BadCall));
    }
    for path in ["https://owa.lakeshore.example/", "//x y", "", "x", "/ HTTP/1.1\r\nhost: owa", "*"] {
        assert_eq!(secured.send(post(path, b"")).await.err(), Some(Failure::BadCall), "{path}");
    }
    let broken = Authorization::Bearer("a\r\nhost: owa.lakeshore.example".into());
    assert_eq!(secured.send_as(post("/", b""), &broken).await.err(), Some(Failure::BadCall));
    assert_eq!(house.plain(), b"");
    let bearer = Authorization::Bearer("abc.def".into());
    assert!(secured.send_as(post("/", b""), &bearer).await.is_ok());
    assert!(String::from_utf8_lossy(&house.plain()).contains("authorization: Bearer abc.def\r\n"));
}

#[tokio::test]
async fn what_is_asked_in_the_clear_carries_no_more_than_the_question() {
    let mut town = Town::open().await;
    let public = town.address();
    town.name(HOST, &[public.into()]);
    let secure = town.build(public, 443, answering(town.trusted(HOST), OK)).await;
    let answer = "HTTP/1.1 302 Found\r\nlocation: https://owa.lakeshore.example/autodiscover/\r\n\
                  www-authenticate: Basic realm=\"x\"\r\ncontent-length: 5\r\n\r\nhello";
    let plain = town.build(public, 80, answering_plainly(answer)).await;
    let path = "/autodiscover/autodiscover.xml";
    let answer = town.net().dialer().ask_plain(&name(HOST), path).await.expect("an answer");
    assert_eq!(answer.status.as_u16(), 302);
    assert_eq!(answer.location.as_deref(), Some("https://owa.lakeshore.example/autodiscover/"));
    assert_eq!((plain.connections(), secure.connections()), (1, 0));
    let asked = String::from_utf8_lossy(&plain.plain()).into_owned();
    let mut lines: Vec<&str> = asked.trim_end().lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "GET /autodiscover/autodiscover.xml HTTP/1.1",
            "accept-encoding: identity",
            "host: mail.lakeshore.example",
            "user-agent: MoxiEngage/1.0 (onboarding check)",
        ]
    );
    let odd = Call { path: "x".to_owned(), ..post("/", b"") };
    assert_eq!(town.net().dialer().ask_plain(&name(HOST), &odd.path).await.err(), Some(Failure::BadCall));
}
