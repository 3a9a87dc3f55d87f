//! Where autodiscover may take the password, and where a check that is bound to a domain may.

use std::net::IpAddr;

use moxi_onboard::domain::{address::MailDomain, check::Verdict};

use super::{
    lab::{Witness, cause},
    stage::{Asked, HOST, Ledger, Trick, checked, credential, scripted, sent_to, verifier},
};
use crate::net::town::{House, OK, Play, Town, answering, answering_plainly};

const USUAL: &str = "autodiscover.quayside.example";
const SECOND: &str = "autodiscover2.quayside.example";
const EVIL: &str = "autodiscover.elsewhere.example";

fn place(host: &str) -> String {
    format!("https://{host}/autodiscover/autodiscover.xml")
}

/// What autodiscover says of an account.
fn account(inner: &str) -> String {
    format!("<Autodiscover><Response><Account>{inner}</Account></Response></Autodiscover>")
}

fn leads(to: &str) -> String {
    account(&format!("<Action>redirectUrl</Action><RedirectUrl>{to}</RedirectUrl>"))
}

fn ews_at(host: &str) -> String {
    let url = format!("https://{host}/EWS/Exchange.asmx");
    let protocol = format!("<Protocol><Type>EXPR</Type><EwsUrl>{url}</EwsUrl></Protocol>");
    account(&format!("<Action>settings</Action>{protocol}"))
}

/// Autodiscover of a server that asks for the password and then says this.
fn asking(town: &Town, host: &str, status: u16, body: String) -> Play {
    scripted(&town.trusted(host), &Ledger::default(), move |asked: &Asked| match asked {
        Asked { signed: true, .. } => Trick::say(status, "x-feserver: EX01\r\n", &body),
        Asked { method, .. } if method == "GET" => Trick::say(404, "", ""),
        Asked { .. } => Trick::challenge(),
    })
}

/// Autodiscover that leads elsewhere without asking.
fn leading(town: &Town, host: &str, status: u16, to: &str) -> Play {
    let lines = format!("location: {to}\r\n");
    scripted(&town.trusted(host), &Ledger::default(), move |_| Trick::say(status, &lines, ""))
}

/// Nothing that is unasked for signs in at Microsoft 365 either.
fn cloud_was_told_nothing(town: &Town) {
    assert!(town.lab.simulator.requests().iter().all(|seen| !seen.authorised));
}

#[tokio::test]
async fn autodiscover_is_led_neither_in_circles_nor_out_of_the_domain() {
    for (to, expected) in [
        (place(SECOND), "autodiscover_redirect_loop"),
        (place(USUAL), "autodiscover_redirect_loop"),
        (place(EVIL), "autodiscover_redirect_other_domain"),
        (place("quayside.example.elsewhere.example"), "autodiscover_redirect_other_domain"),
        (format!("http://{USUAL}/autodiscover/autodiscover.xml"), "autodiscover_insecure_redirect"),
        (place("inner.quayside.example"), "autodiscover_nothing_found"),
    ] {
        for status in [301, 302, 307] {
            let mut town = Town::open().await;
            let private = IpAddr::from([10, 0, 0, 5]);
            town.name("inner.quayside.example", &[private]);
            let inner = town.build(private, 443, answering(town.trusted("inner.quayside.example"), OK)).await;
            let evil = town.host(EVIL, answering(town.trusted(EVIL), OK)).await;
            let usual = town.host(USUAL, leading(&town, USUAL, status, &to)).await;
            let second = town.host(SECOND, leading(&town, SECOND, status, &place(USUAL))).await;
            let (report, witness) = checked(&verifier(&town), None, &to).await;
            assert_eq!(cause(&report), Some(expected), "{status} to {to}: {:?}", report.steps[0]);
            assert_eq!([&inner, &evil].map(House::connections), [0, 0], "{to}");
            assert_eq!([&usual, &second].map(sent_to), [0, 0], "{to}");
            assert!(usual.connections() < 12 && second.connections() < 12, "{to}");
            assert!(!witness.told().iter().any(|told| told.starts_with("sign-in")), "{to}");
            cloud_was_told_nothing(&town);
        }
    }
}

#[tokio::test]
async fn what_autodiscover_says_to_the_password_takes_it_nowhere_else() {
    for (status, body, expected, accepted) in [
        (200, leads(&place(EVIL)), "autodiscover_redirect_other_domain", true),
        (
            200,
            leads("http://autodiscover2.quayside.example/autodiscover/x"),
            "autodiscover_insecure_redirect",
            true,
        ),
        (200, leads(&place(USUAL)), "autodiscover_redirect_loop", true),
        (200, ews_at("mail.elsewhere.example"), "autodiscover_redirect_other_domain", true),
        (200, ews_at("10.0.0.5"), "autodiscover_internal_url_only", true),
        (401, String::new(), "autodiscover_all_401", false),
    ] {
        let mut town = Town::open().await;
        let evil = town.host(EVIL, answering(town.trusted(EVIL), OK)).await;
        let other = "mail.elsewhere.example";
        let mail = town.host(other, answering(town.trusted(other), OK)).await;
        let second = town.host(SECOND, answering(town.trusted(SECOND), OK)).await;
        let public = IpAddr::from(town.address());
        town.name(USUAL, &[public]);
        let plain = town.build(public, 80, answering_plainly(OK)).await;
        let usual = town.build(public, 443, asking(&town, USUAL, status, body.clone())).await;
        let (report, _) = checked(&verifier(&town), None, &body).await;
        assert_eq!(cause(&report), Some(expected), "{body}: {:?}", report.steps[0]);
        assert_eq!(report.credential_accepted, accepted, "{body}");
        assert_eq!(sent_to(&usual), 1, "{body}");
        assert_eq!([&evil, &mail, &second].map(House::connections), [0, 0, 0], "{body}");
        assert_eq!(sent_to(&plain), 0, "{body}");
        cloud_was_told_nothing(&town);
    }
}

#[tokio::test]
async fn a_pause_that_is_in_force_keeps_the_password_from_autodiscover_too() {
    let mut town = Town::open().await;
    let usual = town.host(USUAL, asking(&town, USUAL, 200, ews_at(HOST))).await;
    let mail = town.host(HOST, answering(town.trusted(HOST), OK)).await;
    let witness = Witness { denies: true, ..Witness::default() };
    let report = verifier(&town).check(&credential(None), &witness).await;
    assert_eq!((cause(&report), report.verdict), (Some("sign_in_paused"), Verdict::CouldNotTell));
    assert_eq!((sent_to(&usual), mail.connections()), (0, 0));
    let asked = witness.told().iter().filter(|told| *told == "sign-in begins").count();
    assert_eq!(asked, 1, "{:?}", witness.told());
}

#[tokio::test]
async fn a_bound_check_asks_no_server_of_others() {
    let elsewhere = MailDomain::parse("elsewhere.example").expect("a domain");
    for server in [Some(HOST), None] {
        let mut town = Town::open().await;
        let mail = town.host(HOST, asking(&town, HOST, 200, String::new())).await;
        let usual = town.host(USUAL, asking(&town, USUAL, 200, ews_at(HOST))).await;
        let bound = verifier(&town).bound_to(elsewhere.clone());
        let (report, witness) = checked(&bound, server, "bound").await;
        assert_eq!(
            (cause(&report), report.verdict),
            (Some("server_of_others"), Verdict::Failed),
            "{server:?}"
        );
        assert_eq!([&mail, &usual].map(sent_to), [0, 0], "{server:?}");
        assert_eq!(mail.connections(), 0, "{server:?}");
        assert!(!witness.told().iter().any(|told| told.starts_with("sign-in")), "{:?}", witness.told());
    }
    // Its own servers it may ask, and a name that only ends alike is not its own.
    for (own, expected) in [("quayside.example", 1), ("side.example", 0)] {
        let mut town = Town::open().await;
        let mail = town.host(HOST, asking(&town, HOST, 401, String::new())).await;
        let bound = verifier(&town).bound_to(MailDomain::parse(own).expect("a domain"));
        checked(&bound, Some(HOST), own).await;
        assert_eq!(sent_to(&mail), expected, "{own}");
    }
}
