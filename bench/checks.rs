//! Checks of an Exchange server a second and the processor time of each: ours, and the same work done by the
//! exchangelib library with threads, on the same simulated server with 100 ms before each answer.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use moxi_onboard::{
    clock::{Clock, Randomness},
    domain::{
        address::MailAddress,
        check::Verdict,
        credential::Credential,
        exchange::{EwsUrl, ExchangeNames, ExchangeSettings, Login, ServicePassword},
        text::ObjectName,
    },
    verification::{ExtraRoot, Net, NetSettings, Nobody, Verifier},
};
use serde_json::{Value, json};

use crate::world::{Folder, Process, free_port};

/// Before each answer.
const LATENCY: u64 = 100;
/// Checks at once, by either.
const AT_ONCE: usize = 16;
const CHECKS: usize = 96;
const SAMPLE: &str = "exchange-healthy";
/// The longest chain of answers that wait for each other in a healthy check with a given address: the challenge, the
/// sign-in, the mailbox, its contacts, a contact written, the changes, the contact removed.
const CHAIN: u32 = 7;

pub async fn report() {
    let folder = Folder::new();
    let (process, told) = simulator(&folder, LATENCY).await;
    let input = input(&told, SAMPLE);
    println!("\n== checks of {SAMPLE}, {LATENCY} ms before each answer");
    one(&input).await;
    let ours = ours(&input).await;
    let theirs = theirs(&told, &input);
    println!("  {CHECKS} checks, {AT_ONCE} at once: {}", ours.words("ours"));
    println!("  {CHECKS} checks, {AT_ONCE} threads: {}", theirs.words("exchangelib"));
    process.terminate().await;
}

struct Spent {
    wall: f64,
    cpu: f64,
}

impl Spent {
    fn words(&self, who: &str) -> String {
        let count = CHECKS as f64;
        format!(
            "{who} {:.1} a second, {:.1} ms of processor time each",
            count / self.wall,
            self.cpu / count * 1000.0
        )
    }
}

/// One check with nobody else there: how long, and how that compares with its longest chain of answers.
async fn one(input: &toml::Table) {
    let verifier = verifier(input);
    let mut times = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let report = verifier.check(&credential(input), &Nobody).await;
        times.push(begun.elapsed());
        assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.cause);
    }
    times.sort();
    let median = times[times.len() / 2].as_secs_f64();
    let chain = f64::from(CHAIN) * LATENCY as f64 / 1000.0;
    println!(
        "  one check: {:.0} ms; its longest chain has {CHAIN} answers, {:.0} ms of waiting: factor {:.2}",
        median * 1000.0,
        chain * 1000.0,
        median / chain
    );
}

async fn ours(input: &toml::Table) -> Spent {
    let verifier = verifier(input);
    let (begun, cpu) = (Instant::now(), cpu_of_this_process());
    let verdicts: Vec<_> = stream::iter(0..CHECKS)
        .map(|_| async { verifier.check(&credential(input), &Nobody).await.verdict })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let spent = Spent { wall: begun.elapsed().as_secs_f64(), cpu: cpu_of_this_process() - cpu };
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Passed), "{verdicts:?}");
    spent
}

fn theirs(told: &Value, input: &toml::Table) -> Spent {
    let spent = exchangelib(told, input, &[text(input, "test_mailbox").to_owned()], (AT_ONCE, CHECKS));
    Spent { wall: spent.seconds, cpu: spent.cpu_seconds }
}

/// What a run took. Of the memory, `peak_own_kib` is what stands behind no file: pages of a program on disk are shared by
/// all processes that run it, and are dropped when memory is short.
#[derive(serde::Deserialize)]
pub struct Used {
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub peak_kib: f64,
    pub peak_own_kib: f64,
}

/// The same work by exchangelib: so many threads, so many checks, the mailboxes in turn.
pub fn exchangelib(
    told: &Value,
    input: &toml::Table,
    mailboxes: &[String],
    (threads, count): (usize, usize),
) -> Used {
    let url = text(input, "ews_url");
    let asked = json!({
        "hosts": told["simulator"]["offices"]["loopback"],
        "ca_file": told["ca_file"],
        "login": text(input, "service_account"),
        "password": text(input, "password"),
        "server": url.split('/').nth(2).expect("a host"),
        "mailboxes": mailboxes,
        "threads": threads,
        "count": count,
    });
    let mut child = Command::new(python())
        .arg("bench/exchangelib_load.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the independent clients are there: run scripts/peers");
    child.stdin.take().expect("a pipe").write_all(asked.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "exchangelib failed");
    serde_json::from_slice(&output.stdout).expect("its figures")
}

/// The Python of the independent clients.
pub fn python() -> String {
    std::env::var("MOXI_PEERS_PYTHON").unwrap_or_else(|_| "target/peers/bin/python".to_owned())
}

/// A simulator of its own process, with this sample and that pause before each answer.
pub async fn simulator(folder: &Folder, latency: u64) -> (Process, Value) {
    let ready = folder.path().join("ready.json");
    let process = Process::start(
        "simulator",
        folder.path(),
        &[
            "simulator",
            "--listen",
            &free_port().to_string(),
            "--data",
            &folder.path().join("outside").display().to_string(),
            "--latency",
            &latency.to_string(),
            "--ready-file",
            &ready.display().to_string(),
        ],
    );
    let told = told(&ready).await;
    (process, told)
}

async fn told(ready: &std::path::Path) -> Value {
    for _ in 0..1500 {
        if let Ok(text) = std::fs::read_to_string(ready) {
            return serde_json::from_str(&text).expect("one JSON object");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the simulator is never ready")
}

/// What a person types of a sample.
pub fn input(told: &Value, name: &str) -> toml::Table {
    let samples = told["samples"].as_array().expect("samples");
    let sample = samples.iter().find(|sample| sample["name"] == name).expect("the sample");
    sample["input"].as_str().expect("a text").parse().expect("TOML")
}

pub fn text<'a>(input: &'a toml::Table, key: &str) -> &'a str {
    input[key].as_str().expect("a text")
}

fn credential(input: &toml::Table) -> Credential {
    let name = |key: &str| ObjectName::parse(text(input, key)).expect("a name");
    let settings = ExchangeSettings {
        service_account: Login::parse(text(input, "service_account")).expect("a login"),
        ews_url: Some(EwsUrl::parse(text(input, "ews_url")).expect("a URL")),
        certificate: None,
        test_mailbox: MailAddress::parse(text(input, "test_mailbox")).expect("an address"),
        outside_mailbox: None,
        names: ExchangeNames { account: name("account_name"), role_group: name("role_group") },
    };
    let password = ServicePassword::parse(text(input, "password")).expect("a password");
    Credential::ExchangeBasic { settings, password }
}

fn verifier(input: &toml::Table) -> Verifier {
    let network = input["network"].as_table().expect("a table");
    let dial = network["dial"].as_table().expect("a table").iter().map(|(from, to)| {
        let to = to.as_str().expect("a text");
        (from.parse().expect("an address"), to.parse().expect("an address"))
    });
    let roots = network["extra_roots"].as_array().expect("roots").iter();
    let settings = NetSettings {
        resolver: Some(network["resolver"].as_str().expect("a text").parse().expect("an address")),
        dial: dial.collect(),
        only_mapped: true,
        extra_roots: roots.map(|root| root_of(root.as_str().expect("a text"))).collect(),
        ..NetSettings::default()
    };
    let net = Net::new(settings).expect("the net");
    Verifier::new(net, Clock::system(), Randomness::system())
}

fn root_of(text: &str) -> ExtraRoot {
    if text.contains("BEGIN") { ExtraRoot::Pem(text.to_owned()) } else { ExtraRoot::File(text.into()) }
}

/// Seconds of processor time that this process has used, from `/proc/self/stat` in the kernel's ticks of 10 ms.
fn cpu_of_this_process() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = stat.rsplit_once(')').expect("a name").1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}
