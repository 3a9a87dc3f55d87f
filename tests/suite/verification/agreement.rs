//! A server that is found by the domain of the test mailbox gets the password only where that was agreed to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use moxi_onboard::{
    domain::{
        address::{MailAddress, MailDomain},
        check::Report,
        credential::Credential,
        exchange::{CertificatePin, ExchangeNames, ExchangeSettings, Login, ServicePassword},
        text::ObjectName,
    },
    verification::{Nobody, Verifier},
};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::lab::cause;
use crate::net::town::{House, Play, Town, answering, play, request};

const FOUND: &str = "autodiscover.heronlake.example";
const PASSWORD: &str = "lake.view-seven-77";

/// A challenge of Exchange.
const ASKS: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nx-feserver: EX01\r\nwww-authenticate: Negotiate, NTLM, Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";

/// The same of some other server with Windows' ways to sign in.
const NO_EXCHANGE: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nserver: Microsoft-IIS/10.0\r\nwww-authenticate: Negotiate, NTLM, Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";

/// A town with one house under the name that is looked for.
async fn town(answer: impl Into<Vec<u8>>) -> (Town, House) {
    let mut town = Town::open().await;
    let config = town.trusted(FOUND);
    let house = town.host(FOUND, answering(config, answer)).await;
    (town, house)
}

fn typed(login: &str, pin: Option<&str>) -> Credential {
    let name = |text: &str| ObjectName::parse(text).expect("a name");
    Credential::ExchangeBasic {
        settings: ExchangeSettings {
            service_account: Login::parse(login).expect("a login"),
            ews_url: None,
            certificate: pin.map(|pin| CertificatePin::parse(pin).expect("a pin")),
            test_mailbox: MailAddress::parse("agent@heronlake.example").expect("an address"),
            outside_mailbox: None,
            names: ExchangeNames { account: name("Engage"), role_group: name("Impersonation") },
        },
        password: ServicePassword::parse(PASSWORD).unwrap_or_else(|problem| panic!("{problem:?}")),
    }
}

fn domain(name: &str) -> MailDomain {
    MailDomain::parse(name).expect("a domain")
}

async fn check(verifier: &Verifier, login: &str, pin: Option<&str>) -> Report {
    verifier.check(&typed(login, pin), &Nobody).await
}

/// Whether a house was shown any credential.
fn was_told(house: &House) -> bool {
    String::from_utf8_lossy(&house.plain()).to_ascii_lowercase().contains("authorization:")
}

#[tokio::test]
async fn with_a_pin_only_the_pinned_server_is_asked_with_the_password() {
    let login = "svc@heronlake.example";
    let (lake, house) = town(ASKS).await;
    let report = check(&lake.lab.verifier(), login, Some(&"ab".repeat(32))).await;
    assert_eq!(cause(&report), Some("autodiscover_not_agreed"), "{:?}", report.steps[0].facts);
    assert!(house.connections() > 0 && !was_told(&house), "looked at, and not told");

    let (lake, house) = town(ASKS).await;
    check(&lake.lab.verifier(), login, None).await;
    assert!(was_told(&house), "without a pin it is");

    let (mut lake, login) = (Town::open().await, "svc@heronlake.example");
    let leaf = lake.authority.leaf(&[FOUND], |_| {});
    let house = lake.host(FOUND, answering(leaf.config(&[]), ASKS)).await;
    check(&lake.lab.verifier(), login, Some(&leaf.sha256())).await;
    assert!(was_told(&house), "and so is the pinned one");
}

#[tokio::test]
async fn the_domain_of_the_test_mailbox_alone_is_no_agreement() {
    let own = domain("heronlake.example");
    for (login, proven, bound, told, expected) in [
        ("svc@heronlakes.example", None, false, false, Some("autodiscover_not_agreed")),
        (
            "svc@heronlakes.example",
            Some(domain("heronlakes.example")),
            false,
            false,
            Some("autodiscover_not_agreed"),
        ),
        ("HERONLAKE\\svc", None, false, false, Some("autodiscover_not_agreed")),
        ("svc@heronlake.example", Some(domain("evil.example")), true, false, Some("server_of_others")),
        ("svc@heronlake.example", Some(domain("heronlakes.example")), false, true, None),
        ("HERONLAKE\\svc", Some(own.clone()), false, true, None),
        ("svc@heronlakes.example", Some(own.clone()), true, true, None),
    ] {
        let (lake, house) = town(ASKS).await;
        let mut verifier = lake.lab.verifier();
        if let Some(domain) = proven {
            verifier = if bound { verifier.bound_to(domain.clone()) } else { verifier }.proven(domain);
        }
        let report = check(&verifier, login, None).await;
        assert_eq!(was_told(&house), told, "{login} {:?}", report.steps[0].facts);
        if let Some(expected) = expected {
            assert_eq!(cause(&report), Some(expected), "{login} {:?}", report.steps[0].facts);
        }
    }
}

#[tokio::test]
async fn a_server_that_says_where_ews_is_without_being_asked_is_no_agreement_either() {
    let body = r#"{"Protocol":"Ews","Url":"https://autodiscover.heronlake.example/EWS/Exchange.asmx"}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let (lake, house) = town(answer.clone()).await;
    let report = check(&lake.lab.verifier(), "svc@heronlakes.example", None).await;
    assert_eq!(cause(&report), Some("autodiscover_not_agreed"));
    assert!(!String::from_utf8_lossy(&house.plain()).contains("Exchange.asmx"), "EWS was not looked at");

    let (lake, house) = town(answer).await;
    check(&lake.lab.verifier(), "svc@heronlake.example", None).await;
    assert!(
        String::from_utf8_lossy(&house.plain()).contains("Exchange.asmx"),
        "where it was agreed to, it is"
    );
}

#[tokio::test]
async fn windows_ways_to_sign_in_do_not_make_an_exchange() {
    let (lake, house) = town(NO_EXCHANGE).await;
    let report = check(&lake.lab.verifier(), "svc@heronlake.example", None).await;
    assert_eq!(cause(&report), Some("autodiscover_nothing_found"));
    assert!(house.connections() > 0 && !was_told(&house), "looked at, and not told");
}

/// Gives one answer after the other, on whichever connection the question comes.
fn in_turn(town: &Town, answers: Vec<String>) -> Play {
    let acceptor = TlsAcceptor::from(town.trusted(FOUND));
    let (answers, next) = (Arc::new(answers), Arc::new(AtomicUsize::new(0)));
    play(move |_, stream, book| {
        let (acceptor, answers, next) = (acceptor.clone(), Arc::clone(&answers), Arc::clone(&next));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while request(&mut stream, &book).await {
                let Some(answer) = answers.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    })
}

#[tokio::test]
async fn a_server_that_gives_the_password_back_in_its_challenge_is_not_quoted() {
    let told = format!(
        "<Autodiscover><Response><Account><AccountType>email</AccountType><Action>settings</Action><Protocol>\
         <Type>EXPR</Type><EwsUrl>https://{FOUND}/EWS/Exchange.asmx</EwsUrl></Protocol></Account></Response></Autodiscover>"
    );
    let answers = vec![
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
        String::from_utf8_lossy(ASKS).into_owned(),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{told}", told.len()),
        format!(
            "HTTP/1.1 401 Unauthorized\r\nx-feserver: {PASSWORD}\r\nwww-authenticate: {PASSWORD}\r\ncontent-length: 0\r\n\r\n"
        ),
    ];
    let mut lake = Town::open().await;
    let house = lake.host(FOUND, in_turn(&lake, answers)).await;
    let report = check(&lake.lab.verifier(), "svc@heronlake.example", None).await;
    assert!(was_told(&house));
    let challenge = super::lab::step(&report, "challenge");
    assert!(challenge.facts.iter().any(|fact| fact.label == "Ways to sign in"), "{:?}", challenge.facts);
    let facts: Vec<&str> =
        report.steps.iter().flat_map(|step| &step.facts).map(|fact| fact.value.as_str()).collect();
    assert!(facts.iter().all(|value| !value.contains(PASSWORD)), "{facts:?}");
}
