//! A mail server that answers to do harm, before it was given the password and after. The check ends soon, by name,
//! and the password goes out once at most.

use std::net::IpAddr;

use moxi_onboard::domain::check::{Outcome, Report, Verdict};

use super::{
    lab::{cause, step},
    stage::{Asked, BASIC, HOST, Ledger, Trick, checked, scripted, sent_to, taken, verifier},
    tricks::{broken, fault, odd, success},
};
use crate::net::town::{House, OK, Town, answering, answering_plainly, silent};

/// A town with the server's name and its address.
async fn town() -> (Town, IpAddr) {
    let mut town = Town::open().await;
    let public = IpAddr::from(town.address());
    town.name(HOST, &[public]);
    (town, public)
}

fn sober(report: &Report, what: &str) {
    assert_ne!(report.verdict, Verdict::Passed, "{what}");
    for step in &report.steps {
        let texts = step.facts.iter().map(|fact| fact.value.as_str()).chain(step.words.as_deref());
        for text in texts {
            let hidden = text.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
            assert!(!hidden && text.chars().count() <= 301, "{what}: {text:?}");
        }
    }
}

fn named(report: &Report, causes: &[&str], what: &str) {
    let found = cause(report);
    assert!(found.is_some_and(|found| causes.contains(&found)), "{what}: {found:?}, not {causes:?}");
}

#[tokio::test]
async fn an_answer_that_does_harm_is_named_and_gets_no_password_before_a_challenge() {
    let (mut town, public) = town().await;
    let config = town.trusted(HOST);
    for (what, trick, causes) in broken() {
        let house =
            town.build(public, 443, scripted(&config, &Ledger::default(), move |_| trick.clone())).await;
        let (report, witness) = checked(&verifier(&town), Some(HOST), what).await;
        named(&report, causes, what);
        sober(&report, what);
        assert!(!report.credential_accepted, "{what}");
        assert!(
            !witness.told().iter().any(|told| told.starts_with("sign-in")),
            "{what}: {:?}",
            witness.told()
        );
        assert_eq!((sent_to(&house), house.connections()), (0, 1), "{what}");
        assert!(taken(&house) < 12 << 20, "{what}: {} bytes", taken(&house));
    }
}

#[tokio::test]
async fn a_server_that_breaks_the_answer_to_the_password_gets_it_once() {
    let (mut town, public) = town().await;
    let config = town.trusted(HOST);
    for (what, trick, causes) in broken() {
        let ledger = Ledger::default();
        let script = move |asked: &Asked| {
            if asked.signed { trick.clone() } else { Trick::challenge() }
        };
        let house = town.build(public, 443, scripted(&config, &ledger, script)).await;
        let (report, witness) = checked(&verifier(&town), Some(HOST), what).await;
        named(&report, causes, what);
        sober(&report, what);
        assert!(!report.credential_accepted, "{what}");
        assert!(!witness.told().iter().any(|told| told.contains("answered")), "{what}: nobody judged it");
        assert_eq!(sent_to(&house), 1, "{what}");
        asked_in_order(&ledger, what);
        assert!(taken(&house) < 12 << 20, "{what}: {} bytes", taken(&house));
    }
}

fn asked_in_order(ledger: &Ledger, what: &str) {
    let asked = ledger.lock().expect("not poisoned");
    assert!(
        asked.first().is_some_and(|first| !first.signed),
        "{what}: first a question without the password"
    );
}

#[tokio::test]
async fn odd_words_from_a_server_are_named_and_lead_nowhere() {
    let (mut town, public) = town().await;
    let plain = town.build(public, 80, answering_plainly(OK)).await;
    let owa = town.host("owa.quayside.example", answering(town.trusted("owa.quayside.example"), OK)).await;
    let config = town.trusted(HOST);
    for (what, trick, causes) in odd() {
        let ledger = Ledger::default();
        let script = move |asked: &Asked| {
            if asked.signed { trick.clone() } else { Trick::challenge() }
        };
        let house = town.build(public, 443, scripted(&config, &ledger, script)).await;
        let (report, witness) = checked(&verifier(&town), Some(HOST), what).await;
        named(&report, causes, what);
        sober(&report, what);
        let sent = sent_to(&house);
        if report.credential_accepted {
            assert!(witness.told().contains(&"sign-in answered true".to_owned()), "{what}");
        } else {
            assert_eq!(sent, 1, "{what}");
        }
        asked_in_order(&ledger, what);
        assert_eq!([&plain, &owa].map(House::connections), [0, 0], "{what}");
        assert!(taken(&house) < 12 << 20, "{what}: {} bytes", taken(&house));
    }
}

#[tokio::test]
async fn a_service_that_is_no_ews_has_not_taken_the_password() {
    let (mut town, public) = town().await;
    let config = town.trusted(HOST);
    let success = success("");
    let foreign = |own: &str| success.replace(own, "http://evil.example/");
    for (what, status, body, expected) in [
        ("another envelope", 200, foreign("http://schemas.xmlsoap.org/soap/envelope/"), "not_soap"),
        (
            "another service",
            200,
            foreign("http://schemas.microsoft.com/exchange/services/2006/messages"),
            "not_soap",
        ),
        ("a fault of another service", 500, fault("Server", "No."), "ews_other_error"),
    ] {
        let script = move |asked: &Asked| {
            let said = Trick::say(status, "content-type: text/xml\r\n", &body);
            if asked.signed { said } else { Trick::challenge() }
        };
        let house = town.build(public, 443, scripted(&config, &Ledger::default(), script)).await;
        let (report, witness) = checked(&verifier(&town), Some(HOST), what).await;
        assert_eq!(step(&report, "sign_in").outcome, Outcome::Failed, "{what}");
        named(&report, &[expected], what);
        assert!(!report.credential_accepted, "{what}");
        assert!(!witness.told().iter().any(|told| told.contains("answered")), "{what}: nobody judged it");
        assert_eq!(sent_to(&house), 1, "{what}");
    }
}

#[tokio::test]
async fn redirects_are_followed_neither_before_the_password_nor_with_it() {
    let (mut town, public) = town().await;
    let private = IpAddr::from([10, 0, 0, 5]);
    let meta = IpAddr::from([169, 254, 169, 254]);
    let mut others = vec![
        town.build(public, 80, answering_plainly(OK)).await,
        town.build(public, 8443, answering(town.trusted(HOST), OK)).await,
        town.build(meta, 80, answering_plainly(OK)).await,
        town.build(private, 443, answering(town.trusted("inner.quayside.example"), OK)).await,
    ];
    town.name("inner.quayside.example", &[private]);
    for host in ["owa.quayside.example", "mail.elsewhere.example"] {
        others.push(town.host(host, answering(town.trusted(host), OK)).await);
    }
    let config = town.trusted(HOST);
    for (to, expected) in [
        ("http://mail.quayside.example/EWS/Exchange.asmx", "ews_redirected_host"),
        ("https://mail.quayside.example:8443/EWS/Exchange.asmx", "ews_redirected_host"),
        ("https://mail.elsewhere.example/EWS/Exchange.asmx", "ews_redirected_host"),
        ("https://inner.quayside.example/EWS/Exchange.asmx", "ews_redirected_host"),
        ("https://u:p@owa.quayside.example/owa/auth/logon.aspx", "preauth_forms"),
        ("http://169.254.169.254/latest/meta-data", "unknown_response"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            for after in [false, true] {
                let lines = format!("location: {to}\r\nrefresh: 0; url={to}\r\nset-cookie: a=b\r\n");
                let script = move |asked: &Asked| {
                    if after && !asked.signed { Trick::challenge() } else { Trick::say(status, &lines, "") }
                };
                let what = format!("{status} to {to}, with the password: {after}");
                let house = town.build(public, 443, scripted(&config, &Ledger::default(), script)).await;
                let (report, _) = checked(&verifier(&town), Some(HOST), &what).await;
                named(&report, &[expected], &what);
                assert_eq!(sent_to(&house), usize::from(after), "{what}");
                assert!(!String::from_utf8_lossy(&house.plain()).to_ascii_lowercase().contains("cookie:"));
                assert!(others.iter().all(|other| other.connections() == 0), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn only_basic_is_answered_and_a_refusal_ends_it() {
    let (mut town, public) = town().await;
    let config = town.trusted(HOST);
    let offer =
        |lines: &[&str]| lines.iter().map(|line| format!("www-authenticate: {line}\r\n")).collect::<String>();
    for (lines, expected, sent) in [
        (offer(&["NTLM", "Negotiate", "Digest realm=\"x\", nonce=\"y\"", "Bearer"]), "ews_basic_disabled", 0),
        (offer(&["Digest realm=\"x, Basic y\", nonce=\"z\""]), "ews_basic_disabled", 0),
        (offer(&["Bearer client_id=\"1\", trusted_issuers=\"a@*\""]), "ews_modern_auth_only", 0),
        (String::new(), "ews_no_auth_method", 0),
        (
            offer(&["Negotiate TlRMTVNTUAAC", "NTLM", "Bearer", "bAsIc realm=\"x\""]),
            "basic_credentials_rejected",
            1,
        ),
        (BASIC.repeat(60), "basic_credentials_rejected", 1),
    ] {
        let script = {
            let lines = lines.clone();
            move |_: &Asked| Trick::say(401, &lines, "")
        };
        let house = town.build(public, 443, scripted(&config, &Ledger::default(), script)).await;
        let (report, witness) = checked(&verifier(&town), Some(HOST), &lines).await;
        named(&report, &[expected], &lines);
        assert_eq!((sent_to(&house), report.credential_accepted), (sent, false), "{lines}");
        let refused = witness.told().contains(&"sign-in answered false".to_owned());
        assert_eq!(refused, sent == 1, "{lines}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_without_asking_for_a_password_gets_none() {
    let (mut town, public) = town().await;
    let config = town.trusted(HOST);
    for (status, body, expected) in [
        (200, success(""), "ews_anonymous"),
        (500, fault("ErrorInternalServerError", "No."), "ews_anonymous"),
        (200, "<html><form><input type=password></form></html>".to_owned(), "login_page_instead_of_ews"),
        (200, String::new(), "empty_response"),
    ] {
        // The challenge is there, and the status says otherwise.
        let script = move |_: &Asked| Trick::say(status, BASIC, &body);
        let house = town.build(public, 443, scripted(&config, &Ledger::default(), script)).await;
        let (report, _) = checked(&verifier(&town), Some(HOST), expected).await;
        named(&report, &[expected], expected);
        assert_eq!(sent_to(&house), 0, "{expected}");
    }
}

#[tokio::test]
async fn silence_before_the_first_question_is_named_by_its_layer() {
    let (mut town, public) = town().await;
    let mute = town.build(public, 443, silent()).await;
    let (report, _) = checked(&verifier(&town), Some(HOST), "after TCP").await;
    named(&report, &["tls_timeout"], "after TCP");
    assert_eq!(sent_to(&mute), 0);
    let clear = town.build(public, 443, answering_plainly(format!("HTTP/1.1 401 No\r\n{BASIC}\r\n"))).await;
    let (report, _) = checked(&verifier(&town), Some(HOST), "no TLS").await;
    named(&report, &["tls_not_tls", "tls_timeout"], "no TLS");
    assert_eq!(sent_to(&clear), 0);
    let heard = String::from_utf8_lossy(&clear.wire()).into_owned();
    assert!(!heard.is_empty() && !heard.contains("HTTP"), "nothing but the wish to secure the connection");
}

#[tokio::test]
async fn a_certificate_for_others_gets_no_question_at_all() {
    let (mut town, public) = town().await;
    let config = town.trusted("owa.quayside.example");
    let house = town.build(public, 443, scripted(&config, &Ledger::default(), |_| Trick::challenge())).await;
    let (report, _) = checked(&verifier(&town), Some(HOST), "another name").await;
    named(&report, &["tls_cert_name_mismatch"], "another name");
    assert_eq!((sent_to(&house), house.plain()), (0, Vec::new()));
}
