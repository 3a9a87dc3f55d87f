//! Forty ways to lead us astray by a name, a port or an address, each through the front door.

use std::net::{IpAddr, SocketAddr};

use moxi_onboard::{
    domain::exchange::EwsUrl,
    net::{
        Failure,
        failure::DnsProblem,
        guard::{HostName, Network},
    },
    simulator::{ALWAYS, Fault, Target},
};

use super::{
    dialer::{name, secured},
    town::{OK, Town, answering},
};

/// 1 to 25 and 31 to 38 and 40: what a person may type in place of a host. None is one, so none is ever looked up.
#[test]
fn what_is_no_host_name_is_never_looked_up() {
    let (label, host) = ("a".repeat(64), format!("{}.example", "a.".repeat(124)));
    let rows: &[(&str, &[&str])] = &[
        ("1", &["127.0.0.1"]),
        ("2", &["127.1"]),
        ("3", &["0177.0.0.1"]),
        ("4", &["0x7f000001", "0x7f.1"]),
        ("5", &["2130706433"]),
        ("6", &["127。0。0。1", "127．0．0．1"]),
        ("7", &["①②⑦.⓪.⓪.①"]),
        ("8", &["[::1]", "::1"]),
        ("9", &["[::ffff:127.0.0.1]"]),
        ("10", &["[::ffff:a9fe:a9fe]"]),
        ("11", &["[64:ff9b::7f00:1]"]),
        ("12", &["[64:ff9b:1::a00:1]"]),
        ("13", &["[2002:7f00:1::]"]),
        ("14", &["[2001:0:53aa:64c:0:5efe:7f00:1]"]),
        ("15", &["[::7f00:1]"]),
        ("16", &["[fe80::1%eth0]", "[fe80::1%25eth0]"]),
        ("17", &["[fd00:ec2::254]"]),
        ("18", &["169.254.169.254"]),
        ("19", &["168.63.129.16"]),
        ("20", &["100.64.0.1"]),
        ("21", &["198.18.0.1"]),
        ("22", &["240.0.0.1"]),
        ("23", &["0.0.0.0", "0"]),
        ("24", &["localhost", "localhost.", "LOCALHOST", "mail.localhost"]),
        ("25", &["metadata.google.internal"]),
        ("31", &["user:pw@mail.lakeshore.example", "user@mail.lakeshore.example"]),
        ("32", &["mail.lakeshore.example\\@evil.example"]),
        ("33", &["mail.lakeshore.example#@evil.example", "evil.example#mail.lakeshore.example"]),
        (
            "34",
            &[
                "mail.lakeshore.example%2eevil",
                "mail.lakeshore.example%00",
                "mail.lake\tshore.example",
                "mail.lakeshore.example\r\nHost: evil.example",
                "mail.lakeshore.example\0",
            ],
        ),
        ("35", &["https:evil.example", "https:/\\evil.example", "//evil.example"]),
        (
            "36",
            &[
                "mail.lakeshore.example:0",
                "mail.lakeshore.example:22",
                "mail.lakeshore.example:25",
                "mail.lakeshore.example:80",
                "mail.lakeshore.example:65536",
            ],
        ),
        ("37", &["gооgle.example", "xn--.example", "xn--0.example", "ⓔvil.example"]),
        ("38", &[&label, &host]),
        (
            "40",
            &[
                "http://x.example",
                "file:///etc/passwd",
                "gopher://x.example",
                "ftp://x.example",
                "data:text/plain,x",
            ],
        ),
    ];
    for (row, texts) in rows {
        for text in *texts {
            assert_eq!(HostName::parse(text), None, "{row}: {text:?}");
            let url = EwsUrl::parse(&format!("https://{text}/EWS/Exchange.asmx")).ok();
            assert!(url.is_none_or(|url| HostName::parse(url.host()).is_none()), "{row}: {text:?}");
            assert!(EwsUrl::parse(text).is_err(), "{row}: {text:?}");
        }
    }
    // 36 and 40 once more, as the URL that carries them.
    for url in [
        "https://mail.lakeshore.example:80/EWS/Exchange.asmx",
        "https://mail.lakeshore.example:65979/EWS/Exchange.asmx",
        "http://mail.lakeshore.example/EWS/Exchange.asmx",
        "file://mail.lakeshore.example/EWS/Exchange.asmx",
    ] {
        assert!(EwsUrl::parse(url).is_err(), "{url}");
    }
}

/// 1 to 23, 26, 27, 30 and 39: names that are proper and lead where nobody may be led.
#[tokio::test]
async fn a_name_with_any_answer_that_is_not_public_is_not_called() {
    let mut town = Town::open().await;
    let own: IpAddr = IpAddr::from([20, 60, 9, 9]);
    town.lab.settings.own_addresses =
        vec![Network::from(own), Network::parse("20.61.0.0/16").expect("a network")];
    // Were one of them dialled, somebody would be there.
    let public = town.address();
    let house = town.build(public, 443, answering(town.trusted("x.lakeshore.example"), OK)).await;
    let open = IpAddr::from(public);
    let rows: &[(&str, &[&str])] = &[
        ("1", &["127.0.0.1"]),
        ("8", &["::1"]),
        ("9", &["::ffff:127.0.0.1"]),
        ("10", &["::ffff:a9fe:a9fe"]),
        ("11", &["64:ff9b::7f00:1"]),
        ("12", &["64:ff9b:1::a00:1"]),
        ("13", &["2002:7f00:1::"]),
        ("14", &["2001:0:53aa:64c:0:5efe:7f00:1"]),
        ("15", &["::7f00:1"]),
        ("16", &["fe80::1"]),
        ("17", &["fd00:ec2::254"]),
        ("18", &["169.254.169.254"]),
        ("19", &["168.63.129.16"]),
        ("20", &["100.64.0.1"]),
        ("21", &["198.18.0.1"]),
        ("22", &["240.0.0.1", "255.255.255.255"]),
        ("23", &["0.0.0.0", "0.1.2.3"]),
        ("26", &["10.0.0.1", "172.16.0.1", "192.168.1.1"]),
        ("39", &["20.60.9.9", "20.61.7.7"]),
        (
            "others",
            &["224.0.0.1", "192.0.2.1", "203.0.113.7", "2001:db8::1", "ff02::1", "3fff::1", "fec0::1"],
        ),
    ];
    let mut texts = Vec::new();
    for (nth, (row, addresses)) in rows.iter().enumerate() {
        for (of, text) in addresses.iter().enumerate() {
            let address: IpAddr = text.parse().expect("an address");
            town.lab.settings.dial.insert(SocketAddr::new(address, 443), house.local);
            // 27 and 30: alone, before and after a public one.
            for (how, list) in
                [vec![address], vec![open, address], vec![address, open]].into_iter().enumerate()
            {
                let host = format!("h{nth}-{of}-{how}.lakeshore.example");
                town.name(&host, &list);
                let failure = secured(&town.net(), &host).await.err().expect(row);
                assert!(
                    matches!(failure, Failure::Forbidden | Failure::Private),
                    "{row} {text}: {failure:?}"
                );
                let inner = how == 0 && (*row == "26" || *row == "17");
                assert_eq!(failure == Failure::Private, inner, "{row} {text}");
                texts.push(failure.to_string());
                let asked = town.net().dialer().ask_plain(&name(&host), "/").await.err();
                assert_eq!(asked, Some(failure), "{row} {text}");
            }
        }
    }
    texts.dedup();
    assert_eq!(texts, ["refused by the safety rules"], "one text for all of them");
    assert_eq!(house.connections(), 0);
}

/// 28: names that lead on and on.
#[tokio::test]
async fn a_chain_of_twenty_names_is_no_honest_name() {
    let town = Town::open().await;
    let chain: Vec<String> = (0..20).map(|n| format!("n{n}.lakeshore.example")).collect();
    let end = vec!["graph.microsoft.com".to_owned()];
    for (chain, honest) in [([chain, end.clone()].concat(), false), (end, true)] {
        town.lab.simulator.inject(
            Target::Name("x.lakeshore.example".to_owned()),
            Fault::Chain(chain),
            ALWAYS,
        );
        let resolved = town.net().dialer().resolve(&name("x.lakeshore.example")).await;
        match resolved {
            Ok(resolved) => assert!(honest && resolved.addresses() == [town.lab.graph()]),
            Err(failure) => assert!(!honest && failure == Failure::Dns(DnsProblem::ServFail), "{failure:?}"),
        }
        town.lab.simulator.clear_faults();
    }
}

/// 29: a name that leads elsewhere the second time it is asked.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_not_followed() {
    let mut town = Town::open().await;
    let public = town.address();
    let host = "x.lakeshore.example";
    let house = town.build(public, 443, answering(town.trusted(host), OK)).await;
    let lists = vec![vec![public.into()], vec![IpAddr::from([127, 0, 0, 1])]];
    town.lab.simulator.inject(Target::Name(host.to_owned()), Fault::Rebinding(lists), ALWAYS);
    let net = town.net();
    let resolved = net.dialer().resolve(&name(host)).await.expect("resolved");
    assert_eq!(resolved.addresses(), [IpAddr::from(public)]);
    assert_eq!(net.dialer().resolve(&name(host)).await.err(), Some(Failure::Forbidden));
    // The connection goes to what was looked at, whatever the name says by now.
    let secured = resolved.connect().await.expect("connected").secure(None).await;
    assert_eq!(secured.map_err(|lost| lost.failure).expect("secured").address(), IpAddr::from(public));
    assert_eq!(house.connections(), 1);
}

/// 39 again, where it is not set up but found: this machine's own addresses.
#[test]
fn this_machine_is_never_called() {
    let own = moxi_onboard::net::interfaces::own();
    assert!(!own.is_empty());
    let loopback = IpAddr::from([127, 0, 0, 1]);
    assert!(own.iter().any(|network| network.contains(loopback)));
}
