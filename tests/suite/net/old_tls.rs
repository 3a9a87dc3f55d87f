//! Old servers, each a real one of another library that offers nothing newer.

use std::{net::SocketAddr, path::Path, process::Stdio};

use http::Method;
use moxi_onboard::{
    domain::exchange::CertificatePin,
    net::{
        Failure,
        dialer::{CertificateFacts, Secured},
        failure::TlsProblem,
    },
};
use rcgen::date_time_ymd;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use super::{
    dialer::{basic, name, post},
    town::{Leaf, Play, Town, play},
};
use crate::verification::lab::Folder;

const HOST: &str = "mail.lakeshore.example";

/// The first byte of a record that refuses.
const ALERT: u8 = 21;

/// An RSA key, which the suites of old servers need, and a certificate for it.
fn rsa(town: &Town, change: impl FnOnce(&mut rcgen::CertificateParams)) -> Leaf {
    town.authority.leaf_of(&[HOST], &rcgen::PKCS_RSA_SHA256, change)
}

/// A server that ends with the test.
struct Old {
    local: SocketAddr,
    _process: Child,
    _folder: Folder,
}

impl Old {
    async fn open(leaf: &Leaf, words: &[&str]) -> Self {
        let folder = Folder::new();
        let at: &Path = &folder.0;
        std::fs::create_dir_all(at).expect("a folder");
        let (certificate, key) = (at.join("leaf.pem"), at.join("key.pem"));
        std::fs::write(&certificate, leaf.pem()).expect("written");
        std::fs::write(&key, leaf.key.serialize_pem()).expect("written");
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"])
            .arg(&certificate)
            .arg("-key")
            .arg(&key)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("openssl is installed");
        let mut lines = BufReader::new(process.stdout.take().expect("its words")).lines();
        let local = loop {
            let line = lines.next_line().await.expect("its words").expect("it listens");
            if let Some(local) = line.strip_prefix("ACCEPT ") {
                break local.trim().parse().expect("an address");
            }
        };
        // It must be able to go on talking.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { local, _process: process, _folder: folder }
    }
}

type Shaken = Result<Secured, (Failure, Option<CertificateFacts>)>;

async fn shaken(town: &mut Town, old: &Old, pin: Option<&str>) -> Shaken {
    let public = town.address();
    town.name(HOST, &[public.into()]);
    town.lab.settings.dial.insert(SocketAddr::new(public.into(), 443), old.local);
    // The other process shares two processors with everything else that is being tested.
    town.lab.settings.caps.secure = std::time::Duration::from_secs(5);
    let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
    let connected = resolved.connect().await.expect("connected");
    let pin = pin.map(|pin| CertificatePin::parse(pin).expect("a pin"));
    connected.secure(pin.as_ref()).await.map_err(|lost| (lost.failure, lost.certificate))
}

fn get(path: &str) -> moxi_onboard::net::dialer::Call {
    moxi_onboard::net::dialer::Call { method: Method::GET, ..post(path, b"") }
}

#[tokio::test]
async fn suites_of_old_servers_are_reached_and_said_so() {
    for suite in [
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA",
        "AES256-SHA256",
        "AES256-GCM-SHA384",
        "AES128-SHA",
        "DHE-RSA-AES256-GCM-SHA384",
    ] {
        let mut town = Town::open().await;
        let leaf = rsa(&town, |_| {});
        let old = Old::open(&leaf, &["-tls1_2", "-cipher", suite]).await;
        let mut secured = shaken(&mut town, &old, None).await.map_err(|lost| lost.0).expect(suite);
        let tls = secured.tls();
        assert_eq!(
            (tls.version, tls.suite.as_str(), tls.legacy, tls.pinned),
            ("TLS 1.2", suite, true, false)
        );
        assert_eq!(secured.certificate().names, [HOST]);
        assert_eq!(secured.certificate().key, "RSA 2048");
        // It closes after each answer, so the second call has to dial again.
        for _ in 0..2 {
            let answer = secured.send_as(get("/"), &basic("Lake view 7")).await.expect(suite);
            let page = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.status == 200 && page.contains(suite), "{page}");
        }
        assert!(secured.tls().legacy, "{suite}");
        let beside = secured.way().open().await.expect(suite);
        assert!(beside.tls().legacy, "{suite}");
    }
}

/// Stands before a server and, as Windows does, cuts the line where that one would say why it refuses.
fn without_a_word(local: SocketAddr) -> Play {
    play(move |_, mut near, _| async move {
        let Ok(mut far) = TcpStream::connect(local).await else { return };
        let (mut hello, mut answer) = ([0; 16 * 1024], [0; 16 * 1024]);
        loop {
            tokio::select! {
                read = near.read(&mut hello) => match read {
                    Ok(read) if read > 0 && far.write_all(&hello[..read]).await.is_ok() => {}
                    _ => return,
                },
                read = far.read(&mut answer) => match read {
                    Ok(read) if read > 0 && answer[0] == ALERT => {
                        let _ = near.set_zero_linger();
                        return;
                    }
                    Ok(read) if read > 0 && near.write_all(&answer[..read]).await.is_ok() => {}
                    _ => return,
                },
            }
        }
    })
}

#[tokio::test]
async fn a_server_that_cuts_the_line_at_todays_suites_is_asked_with_old_ones() {
    let mut town = Town::open().await;
    let leaf = rsa(&town, |_| {});
    let expired = rsa(&town, |params| params.not_after = date_time_ymd(2024, 2, 1));
    for (what, leaf, suite, problem) in [
        ("old suites", &leaf, "ECDHE-RSA-AES256-SHA384", None),
        ("old suites and an old certificate", &expired, "AES128-SHA", Some(TlsProblem::Expired)),
        ("suites that nobody has", &leaf, "CAMELLIA256-SHA", Some(TlsProblem::Reset)),
    ] {
        let old = Old::open(leaf, &["-tls1_2", "-cipher", suite]).await;
        let public = town.address();
        town.name(HOST, &[public.into()]);
        let house = town.build(public, 443, without_a_word(old.local)).await;
        town.lab.settings.caps.secure = std::time::Duration::from_secs(5);
        let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
        let secured = resolved.connect().await.expect("connected").secure(None).await;
        assert_eq!(
            secured.as_ref().ok().map(|secured| secured.tls().legacy),
            problem.is_none().then_some(true)
        );
        let failure = secured.err().map(|lost| lost.failure);
        assert_eq!(failure, problem.map(Failure::Tls), "{what}");
        assert_eq!(house.connections(), if problem.is_none() { 3 } else { 2 }, "{what}");
    }
}

#[tokio::test]
async fn what_comes_after_a_cut_and_says_nothing_more_is_told_as_the_cut() {
    let mut town = Town::open().await;
    // An alert that only says that something went wrong.
    let house = play(|nth, mut stream, _| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        if nth == 0 {
            let _ = stream.set_zero_linger();
            return;
        }
        let _ = stream.write_all(b"\x15\x03\x03\x00\x02\x02\x50").await;
        let _ = stream.shutdown().await;
    });
    let house = town.host(HOST, house).await;
    let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
    let lost = resolved.connect().await.expect("connected").secure(None).await.err().expect("cut");
    assert_eq!((lost.failure, house.connections()), (Failure::Tls(TlsProblem::Reset), 2));
}

#[tokio::test]
async fn a_line_that_is_cut_after_the_server_spoke_is_not_tried_anew() {
    let mut town = Town::open().await;
    // The head of a record that never ends, and then nothing more.
    let house = play(|_, mut stream, _| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"\x16\x03\x03\x40\x00\x02").await;
        let _ = stream.set_zero_linger();
    });
    let house = town.host(HOST, house).await;
    let resolved = town.net().dialer().resolve(&name(HOST)).await.expect("resolved");
    let lost = resolved.connect().await.expect("connected").secure(None).await.err().expect("cut");
    assert!(matches!(lost.failure, Failure::Tls(TlsProblem::Reset)), "{:?}", lost.failure);
    assert_eq!(house.connections(), 1);
}

#[tokio::test]
async fn a_server_that_knows_newer_suites_is_not_called_old() {
    let mut town = Town::open().await;
    let leaf = rsa(&town, |_| {});
    let old = Old::open(&leaf, &["-tls1_2"]).await;
    let secured = shaken(&mut town, &old, None).await.map_err(|lost| lost.0).expect("secured");
    assert_eq!((secured.tls().version, secured.tls().legacy), ("TLS 1.2", false));
}

#[tokio::test]
async fn an_old_servers_certificate_is_held_to_the_same_rules() {
    let mut town = Town::open().await;
    let words = ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"];
    let expired = rsa(&town, |params| params.not_after = date_time_ymd(2024, 2, 1));
    let own = Leaf::self_signed_of(&[HOST], &rcgen::PKCS_RSA_SHA256, |_| {});
    let other = "ab".repeat(32);
    for (what, leaf, pin, problem) in [
        ("expired", &expired, None, Some(TlsProblem::Expired)),
        ("signed by itself", &own, None, Some(TlsProblem::SelfSigned)),
        ("pinned", &own, Some(own.sha256()), None),
        ("pinned otherwise", &own, Some(other), Some(TlsProblem::NotPinned)),
    ] {
        let old = Old::open(leaf, &words).await;
        match (shaken(&mut town, &old, pin.as_deref()).await, problem) {
            (Ok(mut secured), None) => {
                assert!(secured.tls().legacy && secured.tls().pinned, "{what}");
                assert!(secured.send(get("/")).await.is_ok(), "{what}");
            }
            (Err((failure, certificate)), Some(problem)) => {
                assert_eq!(failure, Failure::Tls(problem), "{what}");
                assert_eq!(certificate.expect(what).sha256, leaf.sha256(), "{what}");
            }
            (shaken, _) => panic!("{what}: {:?}", shaken.map(|_| ()).map_err(|lost| lost.0)),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_reached_or_must_not_is_told_apart() {
    let mut town = Town::open().await;
    let leaf = rsa(&town, |_| {});
    for (words, problem) in [
        (&["-tls1_2", "-cipher", "CAMELLIA256-SHA"][..], TlsProblem::NoCommonCipher),
        (&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], TlsProblem::VersionTooOld),
        (&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], TlsProblem::VersionTooOld),
    ] {
        let old = Old::open(&leaf, words).await;
        let failure = shaken(&mut town, &old, None).await.err().map(|lost| lost.0);
        assert_eq!(failure, Some(Failure::Tls(problem)), "{words:?}");
    }
}
