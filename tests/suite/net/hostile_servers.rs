//! Servers that answer to do harm. Each ends soon, by name, and takes little memory: what they could write is counted.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use moxi_onboard::net::{Failure, failure::TlsProblem};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

use super::{
    dialer::{name, post, secured},
    town::{OK, Play, Town, Watched, answering, blurting, play, request, silent},
};

const HOST: &str = "mail.lakeshore.example";

/// What a hostile server writes once it has read a request.
#[derive(Clone)]
enum Trick {
    /// This, and then the connection ends.
    End(Vec<u8>),
    /// This, and then nothing.
    Silence(Vec<u8>),
    /// The first, then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// One byte at a time, this long apart.
    Drip(Vec<u8>, Duration),
}

fn hostile(config: &Arc<ServerConfig>, trick: Trick) -> Play {
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    play(move |_, stream, book| {
        let (acceptor, trick) = (acceptor.clone(), trick.clone());
        async move {
            let watched = Watched::new(stream, Arc::clone(&book));
            let Ok(mut stream) = acceptor.accept(watched).await else { return };
            if !request(&mut stream, &book).await {
                return;
            }
            match trick {
                Trick::End(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                }
                Trick::Silence(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.flush().await;
                    let _ = stream.read_u8().await;
                }
                Trick::Endless(first, then) => {
                    let mut sent = stream.write_all(&first).await;
                    while sent.is_ok() {
                        sent = stream.write_all(&then).await;
                    }
                }
                Trick::Drip(bytes, apart) => {
                    for byte in bytes {
                        sleep(apart).await;
                        if stream.write_u8(byte).await.is_err() || stream.flush().await.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    })
}

fn head(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n").into_bytes()
}

fn tricks() -> Vec<(&'static str, Trick, &'static [Failure])> {
    use Failure::{Compressed, HttpTimeout, Malformed, TooLarge, Truncated};
    let hints = |many: usize| "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(many).into_bytes();
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n".repeat(50).into_bytes();
    let chunked = "transfer-encoding: chunked\r\n";
    let packed = |how: &str| {
        Trick::End([head(&format!("content-encoding: {how}\r\ncontent-length: 9\r\n")), vec![0; 9]].concat())
    };
    let chunk = [b"400\r\n".as_slice(), &[b'x'; 0x400], b"\r\n"].concat();
    vec![
        ("45 a thousand hints", Trick::Silence(hints(1000)), &[Malformed, TooLarge]),
        ("45 hints for ever", Trick::Endless(Vec::new(), hints(1)), &[Malformed, TooLarge]),
        ("45 five hints", Trick::Silence(hints(5)), &[Malformed]),
        ("45 continue, for ever", Trick::Endless(Vec::new(), go_on), &[Malformed]),
        (
            "46 a header of a megabyte",
            Trick::End(head(&format!("x: {}\r\n", "y".repeat(1 << 20)))),
            &[TooLarge],
        ),
        (
            "46 a header for ever",
            Trick::Endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 999]),
            &[TooLarge],
        ),
        ("46 ten thousand headers", Trick::End(head(&"x: y\r\n".repeat(10_000))), &[TooLarge]),
        ("46 a hundred and one", Trick::End(head(&"x: y\r\n".repeat(101))), &[TooLarge]),
        ("46 no colon", Trick::End(head("broken\r\n")), &[Malformed]),
        ("46 a folded header", Trick::End(head("x: y\r\n z\r\n")), &[Malformed]),
        ("46 no HTTP", Trick::End(b"220 mail.lakeshore.example ESMTP\r\n".to_vec()), &[Malformed]),
        ("46 HTTP 0.9", Trick::End(b"<html>hello</html>".to_vec()), &[Malformed, Truncated]),
        ("47 ten gigabytes promised", Trick::Silence(head("content-length: 10737418240\r\n")), &[TooLarge]),
        (
            "47 three megabytes",
            Trick::Endless(head("content-length: 3145728\r\n"), vec![b'x'; 4096]),
            &[TooLarge],
        ),
        ("47 chunks for ever", Trick::Endless(head(chunked), chunk), &[TooLarge]),
        ("47 a body for ever", Trick::Endless(head(""), vec![b'x'; 4096]), &[TooLarge]),
        (
            "47 a chunk of 2^64",
            Trick::End([head(chunked), b"FFFFFFFFFFFFFFFFF\r\nx".to_vec()].concat()),
            &[Truncated, Malformed],
        ),
        ("47 a chunk that is none", Trick::End([head(chunked), b"zz\r\nx".to_vec()].concat()), &[Truncated]),
        (
            "47 a chunk's name for ever",
            Trick::Endless([head(chunked), b"1;".to_vec()].concat(), vec![b'x'; 999]),
            &[Truncated, TooLarge],
        ),
        (
            "47 trailers for ever",
            Trick::Endless([head(chunked), b"1\r\nx\r\n0\r\n".to_vec()].concat(), b"x: y\r\n".to_vec()),
            &[Truncated, TooLarge],
        ),
        (
            "47 too long a length",
            Trick::End([head("content-length: 9\r\n"), b"ok".to_vec()].concat()),
            &[Truncated],
        ),
        (
            "47 two lengths",
            Trick::End([head("content-length: 2\r\ncontent-length: 3\r\n"), b"ok".to_vec()].concat()),
            &[Malformed],
        ),
        ("47 a length below nothing", Trick::End(head("content-length: -1\r\n")), &[Malformed]),
        ("48 gzip", packed("gzip"), &[Compressed]),
        ("48 deflate", packed("deflate"), &[Compressed]),
        ("48 br", packed("br"), &[Compressed]),
        ("48 zstd", packed("zstd"), &[Compressed]),
        ("48 gzip twice", packed("gzip, gzip"), &[Compressed]),
        ("48 gzip in the transfer", Trick::End(head("transfer-encoding: gzip, chunked\r\n")), &[Compressed]),
        ("49 slow", Trick::Drip(head("content-length: 2\r\n"), Duration::from_millis(60)), &[HttpTimeout]),
        (
            "49 a slow body",
            Trick::Drip(
                [head("content-length: 900\r\n"), vec![b'x'; 900]].concat(),
                Duration::from_millis(10),
            ),
            &[HttpTimeout],
        ),
        ("50 silence after the request", Trick::Silence(Vec::new()), &[HttpTimeout]),
        ("50 silence in the head", Trick::Silence(b"HTTP/1.1 200 OK\r\n".to_vec()), &[HttpTimeout]),
        (
            "50 silence in the body",
            Trick::Silence([head("content-length: 9\r\n"), b"ok".to_vec()].concat()),
            &[HttpTimeout],
        ),
        ("nothing", Trick::End(Vec::new()), &[Truncated]),
        (
            "another protocol",
            Trick::Silence(
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec(),
            ),
            &[Malformed],
        ),
    ]
}

#[tokio::test]
async fn each_hostile_answer_ends_soon_by_name_and_is_not_swallowed() {
    let mut town = Town::open().await;
    let public = town.address();
    town.name(HOST, &[public.into()]);
    let config = town.trusted(HOST);
    for (what, trick, failures) in tricks() {
        let house = town.build(public, 443, hostile(&config, trick)).await;
        let mut connection = secured(&town.net(), HOST).await.expect(what);
        let began = Instant::now();
        let failure = connection.send(post("/EWS/Exchange.asmx", b"<x/>")).await.err();
        assert!(failure.as_ref().is_some_and(|failure| failures.contains(failure)), "{what}: {failure:?}");
        assert!(began.elapsed() < Duration::from_secs(4), "{what}: {:?}", began.elapsed());
        // Two megabytes of body, and what the sockets between hold.
        let taken = house.book.taken.load(Ordering::SeqCst);
        assert!(taken < 12 << 20, "{what}: {taken} bytes");
        assert_eq!(house.connections(), 1, "{what}: nothing is sent twice");
    }
}

#[tokio::test]
async fn four_hints_and_the_largest_answer_are_still_taken() {
    let mut town = Town::open().await;
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(4);
    let lines = "x: y\r\n".repeat(90);
    let answer = format!(
        "{hints}HTTP/1.1 200 OK\r\n{lines}content-encoding: identity\r\ncontent-length: 2097152\r\n\r\n"
    );
    let answer = [answer.into_bytes(), vec![b'x'; 2 << 20]].concat();
    let house = town.host(HOST, answering(town.trusted(HOST), answer)).await;
    let mut connection = secured(&town.net(), HOST).await.expect("secured");
    for _ in 0..2 {
        let answer = connection.send(post("/", b"")).await.expect("an answer");
        assert_eq!((answer.body.len(), answer.headers.len()), (2 << 20, 92));
    }
    assert_eq!(house.connections(), 1);
}

#[tokio::test]
async fn an_answer_that_is_reset_at_any_byte_is_truncated() {
    let mut town = Town::open().await;
    let acceptor = TlsAcceptor::from(town.trusted(HOST));
    let resets = play(move |nth, stream, book| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if request(&mut stream, &book).await {
                let _ = stream.write_all(&OK[..nth]).await;
                let _ = stream.flush().await;
                let _ = stream.get_ref().0.set_zero_linger();
            }
        }
    });
    let house = town.host(HOST, resets).await;
    let net = town.net();
    for nth in 0..OK.len() {
        let mut connection = secured(&net, HOST).await.expect("secured");
        let failure = connection.send(post("/", b"")).await.err();
        assert_eq!(failure, Some(Failure::Truncated), "after {nth} bytes");
    }
    assert_eq!(house.connections(), OK.len());
}

#[tokio::test]
async fn a_handshake_that_is_reset_at_any_byte_ends_by_name() {
    let mut town = Town::open().await;
    // What a server says first, cut off earlier or later.
    let resets = play(|nth, mut stream, _| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let hello = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03";
        let _ = stream.write_all(&hello[..nth % hello.len()]).await;
        let _ = stream.set_zero_linger();
    });
    town.host(HOST, resets).await;
    let net = town.net();
    for nth in 0..11 {
        let failure = secured(&net, HOST).await.err();
        assert_eq!(failure, Some(Failure::Tls(TlsProblem::Reset)), "after {nth} bytes");
    }
}

#[tokio::test]
async fn plain_answers_are_bound_by_the_same_caps() {
    let mut town = Town::open().await;
    let public = town.address();
    town.name(HOST, &[public.into()]);
    let many: &'static [u8] =
        format!("HTTP/1.1 302 Found\r\n{}\r\n", "x: y\r\n".repeat(101)).leak().as_bytes();
    let long: &'static [u8] =
        format!("HTTP/1.1 302 Found\r\nlocation: https://{}/\r\n\r\n", "y".repeat(40_000)).leak().as_bytes();
    for (what, play, failure) in [
        ("silence", silent(), Failure::HttpTimeout),
        ("no HTTP", blurting(b"220 ESMTP\r\n"), Failure::Malformed),
        ("many headers", blurting(many), Failure::TooLarge),
        ("a long target", blurting(long), Failure::TooLarge),
        ("nothing", blurting(b""), Failure::Truncated),
        ("another protocol", blurting(b"HTTP/1.1 101 x\r\nupgrade: x\r\n\r\n"), Failure::Malformed),
    ] {
        town.build(public, 80, play).await;
        let began = Instant::now();
        let asked = town.net().dialer().ask_plain(&name(HOST), "/").await;
        assert_eq!(asked.err(), Some(failure), "{what}");
        assert!(began.elapsed() < Duration::from_secs(4), "{what}");
    }
}
