//! Servers that say what a script tells them to, and the search for the password in all that they were sent.

use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use moxi_onboard::{
    domain::{
        address::MailAddress,
        check::Report,
        credential::Credential,
        exchange::{EwsUrl, ExchangeNames, ExchangeSettings, Login, ServicePassword},
        text::ObjectName,
    },
    verification::{Pace, Verifier},
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

use super::lab::Witness;
use crate::net::town::{House, Play, Town, Watched, play, request};

pub const HOST: &str = "mail.quayside.example";
pub const LOGIN: &str = "moxi.svc@quayside.example";
pub const PASSWORD: &str = "Gulls above 9 piers!";
pub const BASIC: &str = "www-authenticate: Basic realm=\"mail\"\r\n";

/// What a server writes once it has read a request.
#[derive(Clone)]
pub enum Trick {
    /// This; the connection stays.
    Say(Vec<u8>),
    /// This, and then the connection ends.
    End(Vec<u8>),
    /// This, and then nothing.
    Silence(Vec<u8>),
    /// The first, then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// One byte at a time, this long apart.
    Drip(Vec<u8>, Duration),
}

impl Trick {
    /// A whole answer.
    pub fn say(status: u16, lines: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status} Said\r\n{lines}content-length: {}\r\n\r\n", body.len());
        Self::Say([head.as_bytes(), body].concat())
    }

    /// The answer that asks for a password over Basic, as Exchange gives it.
    pub fn challenge() -> Self {
        Self::say(401, &format!("x-feserver: EX01\r\n{BASIC}"), "")
    }
}

/// A request as the script sees it.
#[derive(Clone)]
pub struct Asked {
    pub signed: bool,
    pub method: String,
}

/// The requests of one house in their order.
pub type Ledger = Arc<Mutex<Vec<Asked>>>;

/// A server over TLS that answers each request as the script says.
pub fn scripted(
    config: &Arc<ServerConfig>,
    ledger: &Ledger,
    script: impl Fn(&Asked) -> Trick + Send + Sync + 'static,
) -> Play {
    let (acceptor, script) = (TlsAcceptor::from(Arc::clone(config)), Arc::new(script));
    let ledger = Arc::clone(ledger);
    play(move |_, stream, book| {
        let (acceptor, script, ledger) = (acceptor.clone(), Arc::clone(&script), Arc::clone(&ledger));
        async move {
            let watched = Watched::new(stream, Arc::clone(&book));
            let Ok(mut stream) = acceptor.accept(watched).await else { return };
            let own = crate::net::town::Book::default();
            let mut before = 0;
            while request(&mut stream, &own).await {
                let whole = own.plain();
                book.wrote_plain(&whole[before..]);
                let text = String::from_utf8_lossy(&whole[before..]).into_owned();
                before = whole.len();
                let asked = Asked {
                    signed: text.to_ascii_lowercase().contains("\r\nauthorization:"),
                    method: text.split(' ').next().unwrap_or_default().to_owned(),
                };
                ledger.lock().expect("not poisoned").push(asked.clone());
                if !act(&mut stream, script(&asked)).await {
                    return;
                }
            }
        }
    })
}

/// Does it; `false` when the connection is over with it.
async fn act(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin), trick: Trick) -> bool {
    match trick {
        Trick::Say(bytes) => stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok(),
        Trick::End(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Trick::Silence(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            let _ = stream.read_u8().await;
            false
        }
        Trick::Endless(first, then) => {
            let mut sent = stream.write_all(&first).await;
            while sent.is_ok() {
                sent = stream.write_all(&then).await;
            }
            false
        }
        Trick::Drip(bytes, apart) => {
            for byte in bytes {
                sleep(apart).await;
                if stream.write_u8(byte).await.is_err() || stream.flush().await.is_err() {
                    return false;
                }
            }
            false
        }
    }
}

/// The credential; with the address of the server, or one that has to be found by the mailbox.
pub fn credential(server: Option<&str>) -> Credential {
    let name = |text: &str| ObjectName::parse(text).expect("a name");
    let url = server.map(|host| EwsUrl::parse(&format!("https://{host}/EWS/Exchange.asmx")).expect("a url"));
    Credential::ExchangeBasic {
        settings: ExchangeSettings {
            service_account: Login::parse(LOGIN).expect("a login"),
            ews_url: url,
            certificate: None,
            test_mailbox: MailAddress::parse("agent@quayside.example").expect("an address"),
            outside_mailbox: None,
            names: ExchangeNames { account: name("moxi.svc"), role_group: name("MoxiEngage") },
        },
        password: ServicePassword::parse(PASSWORD).unwrap_or_else(|problem| panic!("{problem:?}")),
    }
}

/// A verifier in a hurry.
pub fn verifier(town: &Town) -> Verifier {
    let second = Duration::from_secs(1);
    let pace =
        Pace { whole: second * 5, step: second * 3, waits: second / 5, cleanup: second, ..town.lab.pace };
    town.lab.verifier().at_pace(pace)
}

/// Runs a check, which must end within its time.
pub async fn checked(verifier: &Verifier, server: Option<&str>, what: &str) -> (Report, Witness) {
    let (witness, began) = (Witness::default(), Instant::now());
    let report = verifier.check(&credential(server), &witness).await;
    // The whole, the cleaning up, and what a busy machine adds.
    assert!(began.elapsed() < Duration::from_secs(12), "{what}: {:?}", began.elapsed());
    let tries = witness.told().iter().filter(|told| *told == "sign-in begins").count();
    assert!(tries <= 1, "{what}: {:?}", witness.told());
    let kept = format!("{report:?}");
    assert!(!forms().iter().any(|form| kept.contains(form.as_str())), "{what}: {kept}");
    (report, witness)
}

fn pair() -> String {
    STANDARD.encode(format!("{LOGIN}:{PASSWORD}"))
}

/// Forms in which the password could be found.
fn forms() -> Vec<String> {
    let alone = STANDARD.encode(PASSWORD);
    let url: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    vec![
        PASSWORD.to_owned(),
        PASSWORD.replace(' ', "%20"),
        url,
        alone.trim_end_matches('=').to_owned(),
        pair(),
    ]
}

/// Whether the password is in there, in any form.
pub fn holds(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|part| part == form.as_bytes()))
}

/// How often the password came out of TLS at this house: only ever in the one header. Over the wire it is never seen.
pub fn sent_to(house: &House) -> usize {
    assert!(!holds(&house.wire()), "the password went over the wire in the clear");
    let text = String::from_utf8_lossy(&house.plain()).into_owned();
    let header = format!("authorization: Basic {}\r\n", pair());
    assert!(!holds(text.replace(&header, "").as_bytes()), "the password stands outside its header");
    assert_eq!(
        text.to_ascii_lowercase().matches("\r\nauthorization:").count(),
        text.matches(&header).count(),
        "no other way to sign in is tried"
    );
    text.matches(&header).count()
}

/// What the house wrote that somebody took, in bytes.
pub fn taken(house: &House) -> usize {
    house.book.taken.load(Ordering::SeqCst)
}

#[test]
fn the_search_finds_what_it_is_for() {
    for form in forms() {
        assert!(holds(format!("x{form}y").as_bytes()), "{form}");
    }
    assert!(!holds(b"POST /EWS/Exchange.asmx HTTP/1.1\r\n"));
}
