//! What can be made to go wrong goes wrong on the wire.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::rr::RecordType;
use moxi_onboard::simulator::{ALWAYS, Change, Fault, Operation, Seen, Simulator, Target};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::visitor::{GRAPH, Visitor, a_contact, look_up, stage, typed};

const HOST: &str = "graph.microsoft.com";

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|ip| ip.parse().expect("an address")).collect()
}

async fn graph_addresses(simulator: &Simulator) -> Result<Vec<String>, String> {
    look_up(simulator, HOST, RecordType::A).await
}

#[tokio::test]
async fn dns_lies_as_told_and_then_tells_the_truth() {
    let stage = stage().await;
    let simulator = &stage.simulator;
    let name = || Target::Name("Graph.Microsoft.com".into());
    let truth = graph_addresses(simulator).await.expect("the truth");
    for fault in [Fault::NxDomain, Fault::NoData, Fault::ServFail, Fault::DnsSilence] {
        simulator.inject(name(), fault.clone(), ALWAYS);
        assert!(graph_addresses(simulator).await.is_err(), "{fault:?}");
        simulator.clear_faults();
    }
    simulator.inject(name(), Fault::Addresses(addresses(&["10.0.0.5", "20.1.2.3"])), 1);
    assert_eq!(graph_addresses(simulator).await, Ok(vec!["10.0.0.5".into(), "20.1.2.3".into()]));
    let lists = vec![addresses(&["20.1.2.3"]), addresses(&["127.0.0.1"])];
    simulator.inject(name(), Fault::Rebinding(lists), 3);
    for expected in ["20.1.2.3", "127.0.0.1", "127.0.0.1"] {
        assert_eq!(graph_addresses(simulator).await, Ok(vec![expected.into()]));
    }
    simulator.inject(
        name(),
        Fault::Chain(vec!["one.example".into(), "elsewhere.simulator.example".into()]),
        1,
    );
    let chain = graph_addresses(simulator).await.expect("a chain");
    let stranger = simulator.addresses().hosts["elsewhere.simulator.example"].public.clone();
    assert_eq!(chain.last(), Some(&stranger), "{chain:?}");
    assert_eq!(graph_addresses(simulator).await, Ok(truth));
}

#[tokio::test]
async fn dns_speaks_tcp_and_bears_garbage() {
    let stage = stage().await;
    let dns: SocketAddr = stage.simulator.addresses().dns.parse().expect("an address");
    let many = (0..200).map(|n| IpAddr::from([20, 1, (n / 256) as u8, n as u8])).collect::<Vec<_>>();
    stage.simulator.inject(Target::Name(HOST.into()), Fault::Addresses(many), ALWAYS);
    assert_eq!(graph_addresses(&stage.simulator).await.map(|found| found.len()), Ok(200));

    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    for garbage in [&b""[..], b"x", &[0xff; 40], &[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c]] {
        socket.send_to(garbage, dns).await.expect("sent");
    }
    let mut stream = tokio::net::TcpStream::connect(dns).await.expect("connected");
    stream.write_all(&[0, 3, 1, 2, 3]).await.expect("sent");
    assert!(graph_addresses(&stage.simulator).await.is_ok());
}

/// What became of one call to the mailbox service: the body, or the error's whole story.
async fn called(visitor: &Visitor) -> Result<String, String> {
    let story = |error: reqwest::Error| format!("{error:?}");
    let response = visitor.client.get(format!("{GRAPH}/users/x/contacts")).send().await.map_err(story)?;
    response.text().await.map_err(story)
}

#[tokio::test]
async fn certificates_and_handshakes_go_wrong_as_told() {
    let stage = stage().await;
    let target = || Target::Host(HOST.into());
    for (fault, words) in [
        (Fault::OtherAuthority, "UnknownIssuer"),
        (Fault::WrongName, "NotValidForName"),
        (Fault::Expired, "Expired"),
        (Fault::PlainHttp, "InvalidContentType"),
        (Fault::HandshakeClose, "Connect"),
    ] {
        let visitor = Visitor::new(&stage.simulator).await;
        stage.simulator.inject(target(), fault.clone(), 1);
        let story = called(&visitor).await.expect_err("refused");
        assert!(story.contains(words), "{fault:?}: {story}");
        assert!(called(&visitor).await.is_ok(), "only one connection was to meet {fault:?}");
    }
    let visitor = Visitor::new(&stage.simulator).await;
    stage.simulator.inject(target(), Fault::ConnectSilence, 1);
    assert!(timeout(Duration::from_millis(200), called(&visitor)).await.is_err());
}

/// A visitor with a token, and the path of a good call.
async fn ready(simulator: &Simulator) -> (Visitor, String, String) {
    let visitor = Visitor::new(simulator).await;
    let sample = simulator.sample("healthy").expect("a sample");
    let token = visitor.ticket(&typed(sample)).await;
    (visitor, token, format!("/users/{}/contacts", sample.test_mailbox))
}

fn listing() -> Target {
    Target::Tenant("healthy".into(), Operation::ContactsList)
}

#[tokio::test]
async fn answers_are_replaced_and_come_back() {
    let stage = stage().await;
    let (visitor, token, path) = ready(&stage.simulator).await;
    let headers = BTreeMap::from([("Retry-After".to_owned(), "2".to_owned())]);
    stage.simulator.inject(listing(), Fault::Status { code: 503, headers, body: "{\"error\":{}}".into() }, 2);
    for expected in [503, 503, 200] {
        assert_eq!(visitor.get(&token, &path).await.0, expected);
    }
    for after in ["7", "-1", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "soon"] {
        stage.simulator.inject(listing(), Fault::Throttled(after.into()), 1);
        let answer = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], after);
    }
    let other = stage.simulator.sample("healthy-large").expect("a sample").clone();
    stage.simulator.inject(listing(), Fault::Html, ALWAYS);
    let theirs = visitor.ticket(&typed(&other)).await;
    assert_eq!(visitor.get(&theirs, &format!("/users/{}/contacts", other.test_mailbox)).await.0, 200);
}

#[tokio::test]
async fn bodies_are_as_hostile_as_told() {
    let stage = stage().await;
    let (visitor, token, path) = ready(&stage.simulator).await;
    let ask = async |fault: Fault| {
        stage.simulator.inject(listing(), fault, 1);
        let request = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token);
        request.send().await.expect("the head of an answer")
    };
    let kind =
        |response: &reqwest::Response| response.headers()["content-type"].to_str().expect("text").to_owned();
    let page = ask(Fault::Html).await;
    assert!(kind(&page).starts_with("text/html") && page.status() == 200);
    assert!(page.text().await.expect("a page").contains("<form"));
    let plain = ask(Fault::WrongContentType).await;
    assert_eq!(kind(&plain), "text/plain");
    assert!(plain.json::<serde_json::Value>().await.expect("JSON all the same")["value"].is_array());
    let half = ask(Fault::Truncated).await.text().await.expect("a whole body");
    assert!(half.starts_with('{') && serde_json::from_str::<serde_json::Value>(&half).is_err());
    assert!(ask(Fault::CloseMid).await.bytes().await.is_err());
    assert_eq!(ask(Fault::Empty).await.text().await.expect("nothing"), "");
    assert_eq!(ask(Fault::DeepJson).await.text().await.expect("a body").len(), 200_000);
    let twice = ask(Fault::DuplicateKeys).await.text().await.expect("a body");
    assert_eq!(twice.matches("\"access_token\"").count(), 2);
    let bomb = ask(Fault::GzipBomb).await;
    assert_eq!(bomb.headers()["content-encoding"], "gzip");
    let bomb = bomb.bytes().await.expect("a body");
    assert!(bomb.len() < 3 * 1024 * 1024 && bomb.starts_with(&[0x1f, 0x8b, 8]));

    let mut endless = ask(Fault::Endless).await;
    let mut read = 0;
    while read < 3 * 1024 * 1024 {
        read += endless.chunk().await.expect("more").expect("more").len();
    }
    let mut drip = ask(Fault::Drip(20)).await;
    assert_eq!(drip.chunk().await.expect("a byte").expect("a byte").len(), 1);
}

#[tokio::test]
async fn a_header_may_be_too_large_for_the_client() {
    let stage = stage().await;
    let (_, token, path) = ready(&stage.simulator).await;
    for only_old in [true, false] {
        let visitor = Visitor::with(&stage.simulator, |b| if only_old { b.http1_only() } else { b }).await;
        stage.simulator.inject(listing(), Fault::HugeHeader, 1);
        let answer = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token).send().await;
        assert!(answer.is_err(), "{answer:?}");
        assert_eq!(visitor.get(&token, &path).await.0, 200);
    }
}

/// Decodes the bomb with an independent program, as far as a hundred megabytes.
#[tokio::test]
async fn the_small_body_really_grows() {
    let stage = stage().await;
    let (visitor, token, path) = ready(&stage.simulator).await;
    stage.simulator.inject(listing(), Fault::GzipBomb, 1);
    let request = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token);
    let bomb = request.send().await.expect("an answer").bytes().await.expect("a body");
    let mut gzip = tokio::process::Command::new("gzip")
        .args(["-dc"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("gzip");
    let mut stdin = gzip.stdin.take().expect("a pipe");
    let writing = tokio::spawn(async move {
        let _ = stdin.write_all(&bomb).await;
    });
    let mut stdout = gzip.stdout.take().expect("a pipe");
    let mut buffer = vec![0u8; 1024 * 1024];
    let mut grown = 0;
    while grown < 100 * 1024 * 1024 {
        let read = stdout.read(&mut buffer).await.expect("read");
        assert!(read > 0, "it ended after {grown} bytes");
        grown += read;
    }
    writing.abort();
}

#[tokio::test]
async fn connections_end_before_or_after_the_work() {
    let stage = stage().await;
    let (visitor, token, path) = ready(&stage.simulator).await;
    let creating = || Target::Operation(Operation::ContactCreate);
    let mailbox = stage.simulator.sample("healthy").expect("a sample").test_mailbox.clone();
    for (fault, left) in [(Fault::CloseBefore, 0), (Fault::LoseAnswer, 1)] {
        stage.simulator.inject(creating(), fault, 1);
        let request = visitor.client.post(format!("{GRAPH}{path}")).bearer_auth(&token).json(&a_contact());
        assert!(request.send().await.is_err());
        assert_eq!(stage.simulator.mailbox_items(&mailbox).left_behind().len(), left);
    }
    let dropped = |seen: &Seen| seen.operation == Operation::ContactCreate && seen.status.is_none();
    assert_eq!(stage.simulator.requests().iter().filter(|seen| dropped(seen)).count(), 2);

    stage.simulator.inject(listing(), Fault::Hang, 1);
    let hung = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token).send();
    tokio::select! {
        answer = hung => panic!("answered {answer:?}"),
        seen = stage.simulator.wait_for(|seen| seen.operation == Operation::ContactsList) => {
            assert_eq!(seen.status, None);
        }
    }
    stage.simulator.inject(listing(), Fault::Late(150), 1);
    let begun = std::time::Instant::now();
    assert_eq!(visitor.get(&token, &path).await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));

    // A client that gives up is written down too, as one that was not answered.
    stage.simulator.clear_requests();
    stage.simulator.inject(listing(), Fault::Late(60_000), 1);
    let request = visitor.client.get(format!("{GRAPH}{path}")).bearer_auth(&token);
    assert!(request.timeout(Duration::from_millis(100)).send().await.is_err());
    let seen =
        timeout(Duration::from_secs(5), stage.simulator.wait_for(|_| true)).await.expect("written down");
    assert_eq!((seen.operation, seen.status), (Operation::ContactsList, None));
}

#[tokio::test]
async fn a_redirect_shows_whether_credentials_follow() {
    let stage = stage().await;
    let (strict, token, path) = ready(&stage.simulator).await;
    let stranger = "elsewhere.simulator.example";
    stage.simulator.inject(listing(), Fault::Redirect(stranger.into()), 1);
    assert_eq!(strict.get(&token, &path).await.0, 302);
    let arrived = |seen: &Seen| seen.host == stranger;
    assert!(!stage.simulator.requests().iter().any(arrived));

    let trusting =
        Visitor::with(&stage.simulator, |builder| builder.redirect(reqwest::redirect::Policy::limited(3)));
    let trusting = trusting.await;
    stage.simulator.inject(listing(), Fault::Redirect(stranger.into()), 1);
    trusting.get(&token, &path).await;
    // This client drops the header at another host; one that follows by hand, with everything, is noticed.
    assert!(stage.simulator.requests().iter().any(|seen| arrived(seen) && !seen.authorised));
    trusting.get(&token, &format!("https://{stranger}{path}")).await;
    let form = [("client_secret", "x")];
    trusting.client.post(format!("https://{stranger}/token")).form(&form).send().await.expect("an answer");
    let carried = stage.simulator.requests().iter().filter(|seen| arrived(seen) && seen.authorised).count();
    assert_eq!(carried, 2);
}

#[tokio::test]
async fn tokens_come_out_wrong_as_told() {
    let stage = stage().await;
    let (visitor, _, path) = ready(&stage.simulator).await;
    let credential = typed(stage.simulator.sample("healthy").expect("a sample"));
    let issuing = || Target::Tenant(credential.tenant_id.clone(), Operation::Token);
    let changed = async |change: Change| {
        stage.simulator.inject(issuing(), Fault::Token(change), 1);
        let (status, body) = visitor.token(&credential).await;
        assert_eq!(status, 200);
        let token = body["access_token"].as_str().expect("a token").to_owned();
        let (status, answer) = visitor.get(&token, &path).await;
        (
            body["expires_in"].clone(),
            status.as_u16(),
            answer["error"]["code"].as_str().unwrap_or("-").to_owned(),
        )
    };
    let past = changed(Change { expires_in: Some(-60), ..Change::default() }).await;
    assert_eq!(past, (json!(-60), 401, "InvalidAuthenticationToken".into()));
    let far = changed(Change { expires_in: Some(i64::MAX), ..Change::default() }).await;
    assert_eq!(far, (json!(i64::MAX), 200, "-".into()));
    let aud =
        changed(Change { aud: Some("https://outlook.office365.com".into()), ..Change::default() }).await;
    assert_eq!(aud.1, 401);
    let app =
        changed(Change { appid: Some("4d7a0c55-1111-4222-8333-944445555666".into()), ..Change::default() })
            .await;
    assert_eq!((app.1, app.2.as_str()), (403, "ErrorAccessDenied"));
    let roles = changed(Change { roles: Some(vec!["Mail.Send".into()]), ..Change::default() }).await;
    assert_eq!((roles.1, roles.2.as_str()), (403, "ErrorAccessDenied"));
    let user = changed(Change { scp: Some("Contacts.ReadWrite".into()), ..Change::default() }).await;
    assert_eq!((user.1, user.2.as_str()), (403, "ErrorAccessDenied"));
    let text = changed(Change { text: Some("no token".into()), ..Change::default() }).await;
    assert_eq!(text.1, 401);
}

#[tokio::test]
async fn an_expired_feed_and_a_precise_inner_code_are_told() {
    let stage = stage().await;
    let (visitor, token, path) = ready(&stage.simulator).await;
    let (_, list) = visitor.get(&token, &path).await;
    let folder = list["value"][0]["parentFolderId"].as_str().expect("a folder").to_owned();
    let mailbox = stage.simulator.sample("healthy").expect("a sample").test_mailbox.clone();
    let feed = format!("/users/{mailbox}/contactFolders/{folder}/contacts/delta");
    // A token from the future of this mailbox is one whose state is gone.
    let foreign = "djEuOTk5LjAuMA";
    let (status, body) = visitor.get(&token, &format!("{feed}?$deltatoken={foreign}")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (410, &json!("syncStateNotFound")));
    assert_eq!(body["error"]["innerError"]["innerError"]["code"], "resyncRequired");
    let (status, body) = visitor.graph(&token, Method::DELETE, &format!("{path}/unknown"), None).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!("ErrorItemNotFound")));
}
