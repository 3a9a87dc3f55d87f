//! What a hostile answer may cost: a whole check, as a process of its own, stays below 64 MiB.
//!
//! The process is looked at while it waits for its next answer, after all hostile ones have been read: its peak is what
//! the kernel kept.

use std::{fmt::Write as _, process::Stdio, sync::Arc, time::Duration};

use moxi_onboard::{
    net::ExtraRoot,
    simulator::{ALWAYS, Fault, Operation, Target},
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::{Barrier, Notify},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::{
    command::input,
    lab::{Folder, Lab, cause},
    stage::{HOST, LOGIN, PASSWORD, Trick},
    tricks::{fault, success},
};
use crate::{
    net::town::{Book, Play, Town, play, request},
    world::process::PROGRAM,
};

/// The most memory of one check, in KiB.
const MOST: u64 = 64 * 1024;

/// The steps whose answers are hostile, as the tree calls them.
const READ: &[&str] = &["Read contacts", "Read the calendar"];

/// Nearly the longest answer that is read, in bytes.
const LONG: usize = (2 << 20) - 1024;

/// A body of nearly the longest length: this, the middle as often as it fits, that.
fn filled(head: &str, middle: &str, tail: &str) -> Vec<u8> {
    let times = (LONG - head.len() - tail.len()) / middle.len();
    [head, &middle.repeat(times), tail].concat().into_bytes()
}

/// Answers in EWS that are good as far as they can be read.
fn shapes() -> Vec<(&'static str, Vec<u8>)> {
    let good = success("");
    let (head, tail) = good.split_once("</m:ResponseCode>").expect("an answer");
    let head = format!("{head}</m:ResponseCode>");
    let many = (b'a'..=b'z').flat_map(|one| (b'a'..=b'b').map(move |two| [one, two])).fold(
        String::new(),
        |mut names, [one, two]| {
            write!(names, " {}{}=''", char::from(one), char::from(two)).expect("written");
            names
        },
    );
    let long = "i".repeat(4_000);
    let fill = |middle: &str| filled(&head, middle, tail);
    let wide = String::from_utf8(fill("<b/>")).expect("text");
    let wide: Vec<u8> = wide[..LONG / 2].encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("attributes", fill(&format!("<b{many}/>"))),
        ("tiny elements", fill("<b/>")),
        ("tiny texts", fill("<b>x</b>")),
        ("elements with one attribute", fill("<b k='v'/>")),
        ("long ids", fill(&format!("<ItemId Id='{long}' ChangeKey='{long}'/>"))),
        ("nesting", fill(&format!("{}{}", "<b>".repeat(40), "</b>".repeat(40)))),
        ("a long text", fill("x")),
        ("UTF-16", [vec![0xff, 0xfe], wide].concat()),
        ("bytes of no text", [head.as_bytes(), &[0xff; 2_000_000]].concat()),
    ]
}

/// A server that lets the test mailbox open and then, to three questions at once, gives this body. Tells when it is
/// asked for something after that, and leaves that question open.
fn hostile(config: Arc<ServerConfig>, body: Vec<u8>, asked_on: &Arc<Notify>) -> Play {
    let (acceptor, body) = (TlsAcceptor::from(config), Arc::new(body));
    let (asked_on, three) = (Arc::clone(asked_on), Arc::new(Barrier::new(3)));
    let folders = success("").replace(
        "</m:ResponseCode>",
        "</m:ResponseCode><m:Folders><t:ContactsFolder xmlns:t='t'><t:FolderId Id='f'/></t:ContactsFolder></m:Folders>",
    );
    play(move |_, stream, _| {
        let (acceptor, body, folders) = (acceptor.clone(), Arc::clone(&body), folders.clone());
        let (asked_on, three) = (Arc::clone(&asked_on), Arc::clone(&three));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let (book, mut before) = (Book::default(), 0);
            while request(&mut stream, &book).await {
                let whole = book.plain();
                let asked = String::from_utf8_lossy(&whole[before..]).into_owned();
                before = whole.len();
                let trick = match () {
                    () if !asked.to_ascii_lowercase().contains("\r\nauthorization:") => Trick::challenge(),
                    () if asked.contains("GetServerTimeZones") => Trick::say(200, "", success("")),
                    () if asked.contains("GetFolder") => Trick::say(200, "", &folders),
                    () if asked.contains("GetPasswordExpirationDate") => {
                        Trick::say(500, "", fault("ErrorInvalidRequest", "No."))
                    }
                    () if asked.contains("IndexedPageItemView") || asked.contains("DeleteItem") => {
                        asked_on.notify_one();
                        let _ = stream.read_u8().await;
                        return;
                    }
                    () => {
                        three.wait().await;
                        Trick::say(200, "content-type: text/xml\r\n", body.as_slice())
                    }
                };
                let Trick::Say(bytes) = trick else { return };
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    })
}

/// The check of a file as a process of its own, whose tree is read line by line.
struct Checking {
    process: Child,
    _folder: Folder,
}

impl Checking {
    /// Runs it until each of these steps has ended.
    async fn until(kind: &str, text: &str, steps: &[&str]) -> Self {
        let folder = Folder::new();
        std::fs::create_dir_all(&folder.0).expect("a folder");
        let file = folder.0.join("input.toml");
        std::fs::write(&file, text).expect("written");
        let mut process = Command::new(PROGRAM)
            .args(["check", "--kind", kind, "--input"])
            .arg(&file)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut printed = BufReader::new(process.stdout.take().expect("its words")).lines();
        let (mut left, mut all) = (steps.to_vec(), String::new());
        while !left.is_empty() {
            let line = timeout(Duration::from_secs(60), printed.next_line()).await;
            let line = line.expect("in time").expect("its words");
            let Some(line) = line else { panic!("it ended without {left:?}:\n{all}") };
            let title = line.trim_start_matches(['✓', '✗', '!', '–']).trim_start();
            left.retain(|step| !title.starts_with(step));
            all.push_str(&line);
            all.push('\n');
        }
        // It must be able to go on talking.
        tokio::spawn(async move { while let Ok(Some(_)) = printed.next_line().await {} });
        Self { process, _folder: folder }
    }

    /// The most memory it has held so far, in KiB, without the pages of the program's own file: how many of those the
    /// kernel keeps of a build for tests is not the program's doing.
    fn peak(&self) -> u64 {
        let id = self.process.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
        let of = |name: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
            line.trim_start_matches(name).trim_end_matches("kB").trim().parse().expect("a number")
        };
        of("VmHWM:") - of("RssFile:")
    }
}

/// The input file of a check in a town.
fn in_town(town: &Town, folder: &Folder) -> String {
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let settings = &town.lab.settings;
    let mut roots = Vec::new();
    for (at, root) in settings.extra_roots.iter().enumerate() {
        roots.push(match root {
            ExtraRoot::File(path) => path.display().to_string(),
            ExtraRoot::Pem(text) => {
                let file = folder.0.join(format!("root{at}.pem"));
                std::fs::write(&file, text).expect("written");
                file.display().to_string()
            }
        });
    }
    let resolver = settings.resolver.expect("the simulator's");
    let mut text = format!(
        "service_account = '{LOGIN}'\npassword = '{PASSWORD}'\news_url = 'https://{HOST}/EWS/Exchange.asmx'\ntest_mailbox = 'agent@quayside.example'\n\n\
         [network]\nresolver = '{resolver}'\nonly_mapped = true\nextra_roots = {roots:?}\n\n[network.dial]\n"
    );
    for (public, local) in &settings.dial {
        writeln!(text, "'{public}' = '{local}'").expect("written");
    }
    text
}

#[tokio::test]
async fn three_hostile_answers_of_an_exchange_at_once_stay_within_64_mib() {
    let mut town = Town::open().await;
    let public = town.address();
    town.name(HOST, &[public.into()]);
    let (config, mut peaks) = (town.trusted(HOST), Vec::new());
    for (what, body) in shapes() {
        let (asked_on, roots) = (Arc::new(Notify::new()), Folder::new());
        town.build(public, 443, hostile(Arc::clone(&config), body, &asked_on)).await;
        let checking = Checking::until("exchange_basic", &in_town(&town, &roots), READ).await;
        timeout(Duration::from_secs(60), asked_on.notified()).await.expect("it looks for what it wrote");
        peaks.push((what, checking.peak()));
    }
    eprintln!("peaks in KiB: {peaks:?}");
    assert!(peaks.iter().all(|(_, peak)| *peak < MOST), "{peaks:?}");
}

#[tokio::test]
async fn hostile_answers_of_graph_stay_within_64_mib() {
    let mut peaks = Vec::new();
    let errors = |middle: &str| filled("{\"error\":{\"x\":[", middle, "0]}}");
    for (what, code, body) in [
        ("entries", 200, filled("{\"value\":[", "{},", "{}]}")),
        ("foreign members", 200, filled("{\"value\":[],\"x\":[", "[0],", "0]}")),
        ("lists in an error", 403, errors("[0],")),
        ("objects in an error", 403, errors("{\"a\":0},")),
        ("numbers in an error", 403, errors("0,")),
    ] {
        let lab = Lab::open().await;
        let body = String::from_utf8(body).expect("text");
        for operation in [Operation::ContactsList, Operation::CalendarView] {
            let fault =
                Fault::Status { code, headers: std::collections::BTreeMap::new(), body: body.clone() };
            lab.simulator.inject(Target::Operation(operation), fault, ALWAYS);
        }
        lab.simulator.inject(Target::Operation(Operation::SendMail), Fault::Hang, ALWAYS);
        let text = input(&lab, &lab.sample("healthy"));
        let checking = Checking::until("graph_secret", &text, READ).await;
        peaks.push((what, checking.peak()));
    }
    eprintln!("peaks in KiB: {peaks:?}");
    assert!(peaks.iter().all(|(_, peak)| *peak < MOST), "{peaks:?}");
}

#[tokio::test]
async fn pages_and_tokens_with_far_too_much_in_them_are_named() {
    let entries = String::from_utf8(filled("{\"value\":[", "{},", "{}]}")).expect("text");
    let token = format!(
        "{{\"access_token\":\"x.y\",\"token_type\":\"Bearer\",\"expires_in\":3599,\"scope\":\"{}\"}}",
        "a ".repeat(50_000)
    );
    for (operation, body) in [(Operation::ContactsList, entries), (Operation::Token, token)] {
        let lab = Lab::open().await;
        let fault = Fault::Status { code: 200, headers: std::collections::BTreeMap::new(), body };
        lab.simulator.inject(Target::Operation(operation), fault, ALWAYS);
        let (report, _) = lab.check("healthy").await;
        assert_eq!(cause(&report), Some("http_body_too_large"), "{operation:?}");
    }
}
