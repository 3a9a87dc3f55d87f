//! A server that was reached in a modern way is not reached in an old one afterwards, whoever says so.

use moxi_onboard::net::{Failure, failure::TlsProblem};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::{
    dialer::{basic, post, secured},
    town::{OK, Play, Town, Watched, play, request},
};

const HOST: &str = "mail.lakeshore.example";

/// `handshake_failure`, as whoever sits in between could send it.
const ALERT: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";

/// Shakes hands on the first connection, answers once and closes; all others get the alert.
fn once(town: &Town) -> Play {
    let acceptor = TlsAcceptor::from(town.trusted(HOST));
    play(move |nth, stream, book| {
        let acceptor = acceptor.clone();
        async move {
            if nth == 0 {
                let Ok(mut stream) = acceptor.accept(Watched::new(stream, book.clone())).await else {
                    return;
                };
                if request(&mut stream, &book).await {
                    let _ = stream.write_all(OK).await;
                    let _ = stream.shutdown().await;
                }
                return;
            }
            let mut stream = Watched::new(stream, book);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(ALERT).await;
            let _ = stream.shutdown().await;
        }
    })
}

#[tokio::test]
async fn nobody_in_between_brings_old_suites_about() {
    let mut town = Town::open().await;
    let house = town.host(HOST, once(&town)).await;
    let mut first = secured(&town.net(), HOST).await.expect("secured");
    assert!(!first.tls().legacy);

    let refused = Some(Failure::Tls(TlsProblem::NoCommonCipher));
    assert_eq!(first.way().open().await.err(), refused);
    assert_eq!(house.connections(), 2, "one more connection, and none that asks for old suites");

    assert!(first.send(post("/", b"")).await.is_ok());
    // The end of the connection may not have been seen yet: then the call is told as broken, and made again.
    let mut again = first.send_as(post("/", b""), &basic("Lake view 7")).await;
    if again.as_ref().err() == Some(&Failure::Truncated) {
        again = first.send_as(post("/", b""), &basic("Lake view 7")).await;
    }
    assert_eq!(again.err(), refused);
    assert_eq!(house.connections(), 3, "the same when the connection has to be made again");
}

#[tokio::test]
async fn the_first_connection_still_looks_for_old_suites() {
    let mut town = Town::open().await;
    let house = town.host(HOST, super::town::blurting(ALERT)).await;
    let refused = secured(&town.net(), HOST).await.err();
    assert_eq!(refused, Some(Failure::Tls(TlsProblem::NoCommonCipher)));
    assert_eq!(house.connections(), 2, "the second one asks for them");
}
