//! The way out, against servers that answer whatever they like, byte by byte.

mod again;
mod capture;
mod dialer;
mod hostile_names;
mod hostile_servers;
mod names;
mod old_tls;
mod raw;
mod tls;
pub mod town;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use moxi_onboard::{
    net::{Failure, Net, provider::Answer},
    simulator::{ALWAYS, Fault, Operation, Target},
};

use raw::{Raw, Script};

use crate::verification::lab::Lab;

async fn get(net: &Net, url: &str) -> Result<Answer, Failure> {
    net.provider().send(http::Request::get(url).body(Vec::new()).expect("a call")).await
}

#[tokio::test]
async fn each_new_connection_is_looked_at_again() {
    let lab = Lab::open().await;
    let lists = vec![vec![lab.graph()], vec![IpAddr::from([127, 0, 0, 1])]];
    lab.simulator.inject(Target::Name("graph.microsoft.com".to_owned()), Fault::Rebinding(lists), ALWAYS);
    lab.simulator.inject(Target::Operation(Operation::ContactsList), Fault::CloseBefore, ALWAYS);
    let net = lab.net();
    let url = "https://graph.microsoft.com/v1.0/users/x/contacts";
    assert_eq!(get(&net, url).await.err(), Some(Failure::Truncated), "the first look found a public address");
    assert_eq!(get(&net, url).await.err(), Some(Failure::Forbidden), "the second found a private one");
}

#[tokio::test]
async fn a_call_says_who_we_are_and_asks_for_plain_bytes() {
    let (lab, raw) =
        Raw::beside(Lab::open().await, Script::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
            .await;
    let answer = get(&lab.net(), &raw.url("/x?y=1")).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, b"ok".as_slice()));
    let head = raw.head().await.to_ascii_lowercase();
    for line in [
        "get /x?y=1 http/1.1\r\n",
        "host: raw.simulator.example\r\n",
        "user-agent: moxiengage/1.0 (onboarding check)\r\n",
        "accept-encoding: identity\r\n",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
    assert!(!head.contains("referer") && !head.contains("cookie"), "{head}");
}

#[tokio::test]
async fn hostile_answers_end_soon_and_by_name() {
    let many: &'static [u8] =
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(10_000)).leak().as_bytes();
    let hints: &'static [u8] = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200_000).leak().as_bytes();
    let cases: [(&str, Script, &[Failure]); 14] = [
        (
            "10 GiB declared",
            Script::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\nx"),
            &[Failure::TooLarge],
        ),
        (
            "a chunk of 2^64",
            Script::Bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx"),
            &[Failure::Truncated, Failure::Malformed],
        ),
        (
            "endless chunks",
            Script::Repeat(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"400\r\n", 0x400),
            &[Failure::TooLarge],
        ),
        (
            "a length too long",
            Script::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"),
            &[Failure::Truncated],
        ),
        (
            "two lengths",
            Script::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"),
            &[Failure::Malformed],
        ),
        ("10,000 headers", Script::Bytes(many), &[Failure::Malformed]),
        (
            "a header without a colon",
            Script::Bytes(b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n"),
            &[Failure::Malformed],
        ),
        ("no HTTP", Script::Bytes(b"220 mail.lakeshore.example ESMTP\r\n"), &[Failure::Malformed]),
        ("nothing", Script::Bytes(b""), &[Failure::Truncated]),
        ("silence", Script::Silence(b""), &[Failure::HttpTimeout]),
        ("silence in the head", Script::Silence(b"HTTP/1.1 200 OK\r\n"), &[Failure::HttpTimeout]),
        (
            "silence in the body",
            Script::Silence(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"),
            &[Failure::HttpTimeout],
        ),
        (
            "a storm of hints",
            Script::Bytes(hints),
            &[Failure::Truncated, Failure::Malformed, Failure::HttpTimeout],
        ),
        (
            "a switch of protocols",
            Script::Bytes(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            &[Failure::Malformed, Failure::Truncated, Failure::TooLarge],
        ),
    ];
    for (what, script, expected) in cases {
        let (lab, raw) = Raw::beside(Lab::open().await, script).await;
        let began = Instant::now();
        let failure = get(&lab.net(), &raw.url("/")).await.err();
        assert!(failure.as_ref().is_some_and(|failure| expected.contains(failure)), "{what}: {failure:?}");
        assert!(began.elapsed() < Duration::from_secs(4), "{what}");
    }
}

#[tokio::test]
async fn every_kind_of_redirect_is_reported_and_not_followed() {
    for (location, host) in [
        ("http://raw.simulator.example/", Some("raw.simulator.example")),
        ("https://elsewhere.simulator.example/x", Some("elsewhere.simulator.example")),
        ("https://u:p@elsewhere.simulator.example:8443/x", Some("elsewhere.simulator.example")),
        ("https://169.254.169.254/latest/meta-data", None),
        ("/again", None),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let bytes =
                format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
            let (lab, raw) = Raw::beside(Lab::open().await, Script::Bytes(bytes.leak().as_bytes())).await;
            match get(&lab.net(), &raw.url("/")).await.err() {
                Some(Failure::Redirected(to)) => assert_eq!(to.as_ref().map(|to| to.as_str()), host),
                other => panic!("{status} to {location}: {other:?}"),
            }
            assert_eq!(raw.connections(), 1, "{status} to {location}");
            assert_eq!(lab.simulator.requests(), []);
        }
    }
}

#[tokio::test]
async fn failures_tell_neither_hosts_nor_addresses() {
    let lab = Lab::open().await;
    let net = lab.net();
    let failures = [
        get(&net, "https://nobody.simulator.example/secret?token=x").await.err(),
        get(&net, "https://127.0.0.1/secret").await.err(),
        get(&net, "https://[::1]/secret").await.err(),
        get(&net, "http://graph.microsoft.com/secret").await.err(),
        get(&net, "https://graph.microsoft.com:8443/secret").await.err(),
    ];
    for failure in failures {
        let text = failure.expect("a failure").to_string();
        for part in ["simulator", "127.0.0.1", "::1", "secret", "http", "microsoft"] {
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
    assert_eq!(lab.simulator.requests(), []);
}
