//! The dialer for hosts that customers name.

use std::net::IpAddr;

use http::{HeaderMap, Method};
use moxi_onboard::{
    net::{
        Failure, Net,
        dialer::{Authorization, Call, Secured},
        failure::{DnsProblem, TcpProblem},
        guard::HostName,
    },
    simulator::{ALWAYS, Fault, Target},
};

use super::{
    names,
    raw::{Raw, Script},
    town::{OK, Town, answering},
};
use crate::verification::lab::Lab;

const HOST: &str = "mail.lakeshore.example";

pub fn name(text: &str) -> HostName {
    HostName::parse(text).expect("a name")
}

pub fn post(path: &str, body: &[u8]) -> Call {
    Call { method: Method::POST, path: path.to_owned(), headers: HeaderMap::new(), body: body.to_vec() }
}

pub fn basic(password: &str) -> Authorization {
    Authorization::Basic { login: "moxi.svc@lakeshore.example".to_owned(), password: password.into() }
}

pub async fn secured(net: &Net, host: &str) -> Result<Secured, Failure> {
    let connected = net.dialer().resolve(&name(host)).await?.connect().await?;
    connected.secure(None).await.map_err(|lost| lost.failure)
}

#[tokio::test]
async fn a_call_goes_out_secured_and_signed_in() {
    let answer =
        b"HTTP/1.1 302 Found\r\nlocation: https://owa.lakeshore.example/\r\ncontent-length: 2\r\n\r\nok";
    let (lab, raw) = Raw::beside(Lab::open().await, Script::Bytes(answer)).await;
    let mut secured = secured(&lab.net(), "raw.simulator.example").await.expect("secured");
    assert_eq!(
        (secured.tls().version, secured.tls().legacy, secured.tls().pinned),
        ("TLS 1.3", false, false)
    );
    assert_eq!(secured.certificate().names, ["raw.simulator.example"]);
    assert_eq!(secured.certificate().chain_length, 1);
    assert_eq!(secured.proof().host().as_str(), "raw.simulator.example");
    let answer = secured.send_as(post("/EWS/Exchange.asmx", b"<x/>"), &basic("Lake view 7")).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (302, b"ok".as_slice()));
    assert_eq!(answer.headers["location"], "https://owa.lakeshore.example/");
    let head = raw.head().await.to_ascii_lowercase();
    for line in [
        "post /ews/exchange.asmx http/1.1\r\n",
        "host: raw.simulator.example\r\n",
        "user-agent: moxiengage/1.0 (onboarding check)\r\n",
        "accept-encoding: identity\r\n",
        "content-length: 4\r\n",
        "authorization: basic bw94as5zdmnabgfrzxnob3jllmv4yw1wbgu6tgfrzsb2awv3idc=\r\n",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
}

#[tokio::test]
async fn each_address_is_tried_in_turn_and_a_broken_ipv6_is_noticed() {
    let newer: IpAddr = "2603:1006::17".parse().expect("an address");
    let gone =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a socket").local_addr().expect("an address");
    for (open, broken) in [(true, false), (false, true)] {
        let mut town = Town::open().await;
        let (closed, works) = (town.address(), town.address());
        town.name(HOST, &[closed.into(), works.into(), newer]);
        town.lab.settings.dial.insert((closed, 443).into(), gone);
        let house = town.build(works, 443, answering(town.trusted(HOST), OK)).await;
        town.lab.settings.dial.insert((newer, 443).into(), if open { house.local } else { gone });
        let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
        assert_eq!(resolved.addresses(), [closed.into(), works.into(), newer]);
        let connected = resolved.connect().await.expect("connected");
        assert_eq!((connected.address(), connected.ipv6_broken()), (works.into(), broken));
        assert!(connected.secure(None).await.is_ok());
    }
}

#[tokio::test]
async fn only_ipv6_is_enough_and_nothing_at_all_is_told() {
    let mut town = Town::open().await;
    let newer: IpAddr = "2603:1006::17".parse().expect("an address");
    town.name(HOST, &[newer]);
    let house = town.build(newer, 443, answering(town.trusted(HOST), OK)).await;
    let connected = town.net().dialer().resolve(&name(HOST)).await.expect("resolved").connect().await;
    let connected = connected.expect("connected");
    assert!(!connected.ipv6_broken() && connected.secure(None).await.is_ok());
    assert_eq!(house.connections(), 1);

    let gone =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a socket").local_addr().expect("an address");
    town.lab.settings.dial.insert((newer, 443).into(), gone);
    assert_eq!(secured(&town.net(), HOST).await.err(), Some(Failure::Tcp(TcpProblem::Refused)));
    town.lab.settings.dial.clear();
    assert_eq!(secured(&town.net(), HOST).await.err(), Some(Failure::NotMapped));
    for (fault, problem) in [
        (Fault::NxDomain, DnsProblem::NxDomain),
        (Fault::NoData, DnsProblem::NoAddress),
        (Fault::ServFail, DnsProblem::ServFail),
        (Fault::DnsSilence, DnsProblem::Timeout),
    ] {
        town.lab.simulator.clear_faults();
        town.lab.simulator.inject(Target::Name(HOST.to_owned()), fault, ALWAYS);
        assert_eq!(secured(&town.net(), HOST).await.err(), Some(Failure::Dns(problem)));
    }
}

#[tokio::test]
async fn services_are_sorted_and_only_those_for_https_are_named() {
    let told: &[(u16, u16, u16, &str)] = &[
        (10, 5, 443, "third.lakeshore.example"),
        (0, 1, 443, "second.lakeshore.example"),
        (0, 9, 443, "First.lakeshore.example"),
        (0, 9, 80, "plain.lakeshore.example"),
        (0, 9, 8443, "other.lakeshore.example"),
        (0, 9, 443, "localhost"),
        (0, 9, 443, ""),
    ];
    let mut lab = Lab::open().await;
    lab.settings.resolver = Some(names::told(told.to_vec()).await);
    let services = lab.net().dialer().services(&name("lakeshore.example")).await.expect("services");
    let hosts: Vec<&str> = services.iter().map(|service| service.host.as_str()).collect();
    assert_eq!(hosts, ["first.lakeshore.example", "second.lakeshore.example", "third.lakeshore.example"]);

    lab.settings.resolver = Some(names::told(Vec::new()).await);
    assert_eq!(lab.net().dialer().services(&name("lakeshore.example")).await, Ok(Vec::new()));
    let many = (0..60).map(|n| (n, 0, 443, "x.lakeshore.example")).collect();
    lab.settings.resolver = Some(names::told(many).await);
    let failure = Failure::Dns(DnsProblem::ServFail);
    assert_eq!(lab.net().dialer().services(&name("lakeshore.example")).await, Err(failure));
}
