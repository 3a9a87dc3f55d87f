//! Mails from notice to mailbox: finished bytes, and the hand-over to a real mail server that behaves and misbehaves.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use moxi_onboard::{
    clock::Randomness,
    domain::{
        address::MailAddress,
        ids::{BrokerageId, MailId},
        instant::Instant,
        mail::MailKind,
        text::PersonName,
    },
    notify::{
        composed::Composed,
        finish::{FinishError, Letter, Sender},
        folder::Folder,
        mailer::{Accepted, Mailer, Outgoing, SendError},
        memory::Memory,
        smtp::{Patience, Security, SignIn, SmtpServer},
    },
};
use proptest::prelude::*;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const ADDRESS: &str = "it@lakeshore.example";

/// A mail server that runs until the test ends.
struct Sink {
    port: u16,
    told: Lines<BufReader<ChildStdout>>,
    _input: ChildStdin,
    _child: Child,
}

impl Sink {
    async fn start(python: &Path, plan: Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp_sink.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(plan.to_string())
            .env_clear()
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let input = child.stdin.take().expect("a pipe");
        let told = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut sink = Self { port: 0, told, _input: input, _child: child };
        let port = sink.next().await["port"].as_u64().expect("a port");
        sink.port = u16::try_from(port).expect("a port");
        sink
    }

    async fn next(&mut self) -> Value {
        let line = timeout(Duration::from_secs(20), self.told.next_line()).await;
        let line = line.expect("the sink speaks").expect("reads").expect("the sink lives");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Ends the server and counts the whole messages that nobody has read yet.
    async fn whole_messages(mut self) -> usize {
        drop(self._input);
        let mut count = 0;
        while let Ok(Ok(Some(_))) = timeout(Duration::from_secs(20), self.told.next_line()).await {
            count += 1;
        }
        count
    }
}

/// A mail server's certificate and what believes in it.
struct Certificates {
    folder: PathBuf,
    trust: Arc<ClientConfig>,
}

impl Certificates {
    fn new() -> Self {
        let name: [u8; 8] = Randomness::system().bytes();
        let folder = std::env::temp_dir().join(format!("moxi-mailer-{:016x}", u64::from_be_bytes(name)));
        std::fs::create_dir_all(&folder).expect("makes a folder");
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).expect("writes");
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("writes");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        Self { folder, trust: trusting(roots) }
    }

    fn plan(&self, tls: &str, mode: &str) -> Value {
        json!({ "mode": mode, "tls": tls, "cert": self.folder.join("cert.pem"), "key": self.folder.join("key.pem") })
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn trusting(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.expect("versions").with_root_certificates(roots).with_no_client_auth())
}

fn smtp(port: u16, security: Security, tls: Arc<ClientConfig>) -> SmtpServer {
    SmtpServer {
        host: "127.0.0.1".into(),
        port,
        security,
        sign_in: None,
        hello: "portal.moxi.example".into(),
        tls,
        patience: Patience { to_send: Duration::from_secs(20), for_answer: Duration::from_secs(20) },
    }
}

/// A mail server on this machine without TLS.
pub fn plain(port: u16) -> SmtpServer {
    smtp(port, Security::None, trusting(RootCertStore::empty()))
}

fn signed_in(server: SmtpServer, password: &str) -> SmtpServer {
    SmtpServer { sign_in: Some(SignIn { user: "portal".into(), password: password.into() }), ..server }
}

async fn send(server: SmtpServer, message: &[u8]) -> Result<Accepted, SendError> {
    let to = MailAddress::parse(ADDRESS).expect("an address");
    let mail = Outgoing {
        id: &MailId::from_random([1; 16]),
        kind: MailKind::Verified,
        now: Instant::from_micros(1_795_257_720_000_000),
        from: "connect@moxi.example",
        to: &to,
        message,
    };
    Mailer::Smtp(server).send(mail).await
}

fn composed(subject: &str) -> Composed {
    Composed {
        subject: subject.into(),
        text: "Verified: Office mail – Réalty is connected. Congratulations, \nall of it.\n\n.\n..\n.a line that begins with a dot\n-- \nfoot\n".into(),
        html: "<!doctype html>\n<html lang=\"en\"><body>\n<p>Réalty</p>\n.\n</body></html>\n".into(),
    }
}

fn finish(subject: &str, name: Option<&str>) -> Vec<u8> {
    let sender =
        Sender::parse("MoxiEngage <connect@moxi.example>", Some("help@moxi.example")).expect("a sender");
    let name = name.map(|name| PersonName::from_stored(name.to_owned()));
    let (to, brokerage) =
        (MailAddress::parse(ADDRESS).expect("an address"), BrokerageId::from_random([5; 16]));
    let letter = Letter {
        to: &to,
        to_name: name.as_ref(),
        message_id: &sender.message_id(MailKind::Verified, &MailId::from_random([1; 16])),
        date: Instant::from_micros(1_795_257_720_000_000),
        thread: Some(&brokerage),
        reply_to: None,
    };
    sender.finish(&composed(subject), letter).expect("finishes").to_vec()
}

fn header<'a>(told: &'a Value, name: &str) -> &'a str {
    let all: Vec<&Value> =
        told["headers"].as_array().expect("headers").iter().filter(|header| header[0] == name).collect();
    assert_eq!(all.len(), 1, "{name} in {told}");
    all[0][1].as_str().expect("a text")
}

#[tokio::test]
async fn a_message_arrives_as_it_was_finished() {
    let Some(python) = super::peers::python() else { return };
    let mut sink = Sink::start(&python, json!({})).await;
    let message = finish("Verified: Réalty is connected (attempt 2)", Some("Ana Çelik, \"IT\""));
    let message_id = format!("<verified.{}@moxi.example>", MailId::from_random([1; 16]));
    let root = format!("<{}@moxi.example>", BrokerageId::from_random([5; 16]));
    for _ in 0..2 {
        let accepted = send(plain(sink.port), &message).await.expect("is taken");
        assert_eq!(accepted.reply, "250 2.0.0 Queued as 4711");
        let told = sink.next().await;
        assert_eq!((&told["from"], &told["to"]), (&json!("connect@moxi.example"), &json!([ADDRESS])));
        assert_eq!(STANDARD.decode(told["content"].as_str().expect("bytes")).expect("base64"), message);
        assert_eq!(told["defects"], json!([]), "{told}");
        for (name, value) in [
            ("Subject", "Verified: Réalty is connected (attempt 2)"),
            ("To", "\"Ana Çelik, \\\"IT\\\"\" <it@lakeshore.example>"),
            ("From", "MoxiEngage <connect@moxi.example>"),
            ("Reply-To", "help@moxi.example"),
            ("Date", "Sat, 21 Nov 2026 10:42:00 +0000"),
            ("Message-ID", message_id.as_str()),
            ("In-Reply-To", root.as_str()),
            ("References", root.as_str()),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "OOF, AutoReply"),
            ("Content-Language", "en"),
            ("MIME-Version", "1.0"),
        ] {
            assert_eq!(header(&told, name), value, "{name}");
        }
        assert_eq!(told["flowed"], json!([null, "flowed", null]));
        let composed = composed("");
        assert_eq!(told["parts"]["text/plain"], json!(composed.text.replace('\n', "\r\n")));
        assert_eq!(told["parts"]["text/html"], json!(composed.html.replace('\n', "\r\n")));
    }
}

#[tokio::test]
async fn sign_in_and_message_go_over_tls() {
    let Some(python) = super::peers::python() else { return };
    let certificates = Certificates::new();
    for (tls, security, ways) in [
        ("starttls", Security::StartTls, json!(["PLAIN", "LOGIN"])),
        ("starttls", Security::StartTls, json!(["LOGIN"])),
        ("implicit", Security::Tls, json!(["PLAIN"])),
    ] {
        let mut plan = certificates.plan(tls, "accept");
        plan["user"] = json!("portal");
        plan["password"] = json!("pa:ss wörd");
        plan["ways"] = ways.clone();
        let mut sink = Sink::start(&python, plan).await;
        let server = smtp(sink.port, security, certificates.trust.clone());
        send(signed_in(server, "pa:ss wörd"), &finish("s", None)).await.expect("is taken");
        let told = sink.next().await;
        assert_eq!((&told["tls"], &told["user"]), (&json!(true), &json!("portal")), "{tls} {ways}");
        let server = smtp(sink.port, security, certificates.trust.clone());
        let refused = send(signed_in(server, "wrong"), &finish("s", None)).await;
        assert!(
            matches!(&refused, Err(SendError::NotReached(why)) if why.contains("our sign-in: 535")),
            "{refused:?}"
        );
        assert_eq!(sink.whole_messages().await, 0);
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_cannot_be_trusted() {
    let Some(python) = super::peers::python() else { return };
    let (ours, other) = (Certificates::new(), Certificates::new());
    let starttls = |port| smtp(port, Security::StartTls, ours.trust.clone());
    for (plan, name) in [
        (other.plan("starttls", "accept"), "a certificate of somebody else"),
        (json!({ "mode": "accept" }), "no TLS at all"),
        (ours.plan("starttls", "early_after_starttls"), "bytes slipped in before TLS"),
    ] {
        let sink = Sink::start(&python, plan).await;
        let refused = send(signed_in(starttls(sink.port), "secret"), &finish("s", None)).await;
        assert!(matches!(refused, Err(SendError::NotReached(_))), "{name}: {refused:?}");
        assert_eq!(sink.whole_messages().await, 0, "{name}");
    }
    let sink = Sink::start(&python, ours.plan("implicit", "accept")).await;
    let misnamed =
        SmtpServer { host: "localhost".into(), ..smtp(sink.port, Security::Tls, ours.trust.clone()) };
    let refused = send(misnamed, &finish("s", None)).await;
    assert!(matches!(refused, Err(SendError::NotReached(_))), "{refused:?}");
}

#[tokio::test]
async fn each_failure_tells_whether_a_repeat_could_be_a_second_mail() {
    let Some(python) = super::peers::python() else { return };
    let small = finish("Verified (attempt 1)", None);
    // Larger than all buffers on the way, so that the server's leaving is noticed before the end is sent.
    let large = [small.as_slice(), "0123456789\r\n".repeat(2_000_000).as_bytes()].concat();
    let for_now = |reply: &str| SendError::RefusedForNow(reply.to_owned());
    let for_good = |reply: &str| SendError::RefusedForGood(reply.to_owned());
    let not_reached = SendError::NotReached(String::new());
    let uncertain = SendError::Uncertain(String::new());
    for (mode, message, expected, whole) in [
        ("greeting_drop", &small, &not_reached, 0),
        ("sender_refused", &small, &not_reached, 0),
        ("rcpt_421", &small, &for_now("421 4.3.2 Closing for a moment"), 0),
        ("rcpt_450", &small, &for_now("450 4.7.1 Greylisted, come again"), 0),
        ("rcpt_554", &small, &for_good("554 5.1.1 No such person here"), 0),
        ("data_451", &small, &for_now("451 4.3.1 Disk full"), 0),
        ("data_554", &small, &for_good("554 5.3.4 Not today"), 0),
        ("body_drop", &large, &not_reached, 0),
        ("end_451", &small, &for_now("451 4.3.0 Try later"), 1),
        ("end_554", &small, &for_good("554 5.7.1 Looks like spam[31m"), 1),
        ("end_354", &small, &uncertain, 1),
        ("end_garbage", &small, &uncertain, 1),
        ("end_drop", &small, &uncertain, 1),
    ] {
        let sink = Sink::start(&python, json!({ "mode": mode })).await;
        let refused = send(plain(sink.port), message).await.expect_err(mode);
        match expected {
            SendError::NotReached(_) => {
                assert!(matches!(refused, SendError::NotReached(_)), "{mode}: {refused:?}")
            }
            SendError::Uncertain(_) => {
                assert!(matches!(refused, SendError::Uncertain(_)), "{mode}: {refused:?}")
            }
            answered => assert_eq!(&refused, answered, "{mode}"),
        }
        assert_eq!(sink.whole_messages().await, whole, "{mode}");
    }
}

#[tokio::test]
async fn a_server_that_goes_silent_costs_no_more_than_the_patience() {
    let Some(python) = super::peers::python() else { return };
    let short = Duration::from_millis(300);
    let sink = Sink::start(&python, json!({ "mode": "greeting_stall" })).await;
    let patience = Patience { to_send: short, for_answer: Duration::from_secs(20) };
    let server = SmtpServer { patience, ..plain(sink.port) };
    let refused = timeout(Duration::from_secs(10), send(server, &finish("s", None))).await.expect("ends");
    assert!(matches!(refused, Err(SendError::NotReached(_))), "{refused:?}");

    let mut sink = Sink::start(&python, json!({ "mode": "end_stall" })).await;
    let patience = Patience { to_send: Duration::from_secs(20), for_answer: short };
    let server = SmtpServer { patience, ..plain(sink.port) };
    let refused = timeout(Duration::from_secs(10), send(server, &finish("s", None))).await.expect("ends");
    assert!(matches!(refused, Err(SendError::Uncertain(_))), "{refused:?}");
    assert_eq!(sink.next().await["to"], json!([ADDRESS]), "and it was there in whole");
}

#[tokio::test]
async fn a_server_that_is_not_there_got_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let refused = send(plain(port), &finish("s", None)).await;
    assert!(matches!(refused, Err(SendError::NotReached(_))), "{refused:?}");
}

#[tokio::test]
async fn files_are_whole_sorted_and_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let certificates = Certificates::new();
    let path = certificates.folder.join("mail");
    let mailer = Mailer::Files(Folder::new(path.clone()));
    let to = MailAddress::parse(ADDRESS).expect("an address");
    let start = Instant::from_micros(1_795_257_720_000_000);
    for (place, kind) in MailKind::ALL.iter().enumerate() {
        let now = start.plus(jiff::SignedDuration::from_micros(i64::try_from(place).expect("small")));
        let mail = Outgoing {
            id: &MailId::from_random([1; 16]),
            kind: *kind,
            now,
            from: "connect@moxi.example",
            to: &to,
            message: b"Subject: x\r\n\r\n",
        };
        mailer.send(mail).await.expect("is written");
    }
    let mut names: Vec<String> = std::fs::read_dir(&path)
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(names.len(), MailKind::ALL.len(), "{names:?}");
    for (name, kind) in names.iter().zip(MailKind::ALL) {
        assert!(name.starts_with("20261121T104200.0000") && name.ends_with(".eml"), "{name}");
        assert!(name.contains(&format!("Z-{}-mail_", kind.as_str())), "{name}");
        let file = path.join(name);
        assert_eq!(std::fs::read(&file).expect("reads"), b"Subject: x\r\n\r\n");
        assert_eq!(std::fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn memory_keeps_what_was_sent_and_fails_as_planned() {
    let memory = Memory::default();
    let mailer = Mailer::Memory(memory.clone());
    memory.plan(SendError::RefusedForNow("450".into()));
    memory.plan(SendError::Uncertain("gone".into()));
    let to = MailAddress::parse(ADDRESS).expect("an address");
    let (id, now) = (MailId::from_random([1; 16]), Instant::from_micros(0));
    let mail = Outgoing { id: &id, kind: MailKind::Failed, now, from: "a@b.example", to: &to, message: b"x" };
    assert!(mailer.send(mail).await.is_err());
    assert_eq!(memory.sent().len(), 0);
    assert!(mailer.send(mail).await.is_err());
    assert_eq!(memory.sent().len(), 1, "nobody knows, and it had come");
    assert!(mailer.send(mail).await.is_ok());
    assert_eq!(memory.sent().len(), 2);
}

#[test]
fn the_same_mail_is_the_same_to_the_last_byte() {
    assert_eq!(finish("Verified (attempt 1)", Some("Ana")), finish("Verified (attempt 1)", Some("Ana")));
}

#[test]
fn what_is_no_address_or_id_is_refused() {
    for wrong in
        ["", "x", "a b@c.example", "A <a@b.example>\r\nBcc: <c@d.example>", "a@b.example, c@d.example"]
    {
        assert_eq!(Sender::parse(wrong, None).err(), Some(FinishError::Sender), "{wrong:?}");
        assert!(Sender::parse("a@b.example", Some(wrong)).is_err(), "{wrong:?}");
    }
    let sender = Sender::parse("connect@moxi.example", None).expect("a sender");
    let to = MailAddress::parse(ADDRESS).expect("an address");
    for wrong in ["", "<>", "x@y", "<x>", "<a@b@c>", "<a@b>\r\nBcc: x", "<a @b>", "<@b>"] {
        let date = Instant::from_micros(0);
        let letter = Letter { to: &to, to_name: None, message_id: wrong, date, thread: None, reply_to: None };
        assert_eq!(sender.finish(&composed("s"), letter).err(), Some(FinishError::MessageId), "{wrong:?}");
    }
}

/// The names of a message's headers, after everything that the standard says of lines was looked at.
fn header_names(message: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(message).expect("a text");
    assert!(text.is_ascii());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count(), "a bare CR");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "a bare LF");
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "a line too long");
    let (head, _) = text.split_once("\r\n\r\n").expect("a head");
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').unwrap_or_else(|| panic!("{line:?} is no header")).0.to_owned())
        .collect()
}

proptest! {
    #[test]
    fn no_name_and_no_subject_makes_a_header(
        subject in hostile_text(), name in hostile_text(),
    ) {
        let usual = header_names(&finish("s", Some("n")));
        let message = finish(&subject, Some(&name));
        let names = header_names(&message);
        let to_is_there = names.iter().filter(|header| *header == "To").count();
        prop_assert_eq!(to_is_there, 1);
        prop_assert_eq!(names, usual);
    }
}

/// Texts made of what breaks headers.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("Bcc: evil@evil.example".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:_x@evil.example?=".to_owned()),
        Just("=?utf-8?b?DQpCY2M6IHg=?=".to_owned()),
        Just("<x@evil.example>".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just(",".to_owned()),
        Just("\0".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{85}".to_owned()),
        Just("\u{b}".to_owned()),
        Just("é".to_owned()),
        Just("🏡".to_owned()),
        Just(" ".to_owned()),
        Just("\t".to_owned()),
        Just("x".repeat(300)),
        "[ -~]{0,40}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[tokio::test]
async fn an_encoded_word_in_a_name_stays_what_was_typed() {
    let Some(python) = super::peers::python() else { return };
    let mut sink = Sink::start(&python, json!({})).await;
    let trick = "=?utf-8?q?MoxiWorks=20Security?=";
    send(plain(sink.port), &finish(trick, Some(trick))).await.expect("is taken");
    let told = sink.next().await;
    assert_eq!(header(&told, "Subject"), "= ?utf-8?q?MoxiWorks=20Security?=");
    assert!(!header(&told, "To").contains("MoxiWorks Security"), "{told}");
}
