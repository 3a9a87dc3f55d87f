//! A roster of an Exchange server: ours, beside the same work by exchangelib with as many threads as we have
//! connections; and a thousand mailboxes beside the ideal.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    checks::{self, Used, exchangelib, text},
    world::{Folder, process::PROGRAM},
};

/// Milliseconds before each answer.
const LATENCY: u64 = 100;
/// Connections, and threads.
const AT_ONCE: usize = 64;
/// Mailboxes for the comparison; exchangelib takes a second of processor time for fifteen.
const COMPARED: usize = 320;
const ALL: usize = 960;
const SAMPLE: &str = "exchange-large-office";
/// Answers that a healthy mailbox takes: it is opened; contacts are read, one written, seen and removed; the calendar
/// is read, an entry written and removed; a draft saved and removed.
const ANSWERS: usize = 10;

pub async fn report() {
    let folder = Folder::new();
    let (process, told) = checks::simulator(&folder, LATENCY).await;
    let input = checks::input(&told, SAMPLE);
    std::fs::write(folder.path().join("input.toml"), input.to_string()).expect("written");
    println!("\n== mailboxes of one office, {LATENCY} ms before each answer, {AT_ONCE} at once");
    let mailboxes = mailboxes(&input);
    let ours = ours(folder.path(), &mailboxes[..COMPARED]);
    let theirs = exchangelib(&told, &input, &mailboxes[..COMPARED], (AT_ONCE, COMPARED));
    for (who, used) in [("ours, whole process", &ours), ("exchangelib, without its start", &theirs)] {
        println!(
            "  {COMPARED} mailboxes, {who}: {:.1} a second, {:.2} ms of processor time each, {:.1} MB at most, {:.1} MB of it its own",
            COMPARED as f64 / used.seconds,
            used.cpu_seconds / COMPARED as f64 * 1000.0,
            used.peak_kib / 1024.0,
            used.peak_own_kib / 1024.0
        );
    }
    println!(
        "  ours against theirs: {:.1} times the mailboxes a second, 1/{:.0} of the processor time, 1/{:.1} of the memory, 1/{:.1} of the own memory",
        theirs.seconds / ours.seconds,
        theirs.cpu_seconds / ours.cpu_seconds,
        theirs.peak_kib / ours.peak_kib,
        theirs.peak_own_kib / ours.peak_own_kib
    );
    let all = self::ours(folder.path(), &mailboxes[..ALL]);
    let ideal = (ALL * ANSWERS) as f64 * LATENCY as f64 / 1000.0 / AT_ONCE as f64;
    println!(
        "  {ALL} mailboxes: {:.1} s; {} answers of {LATENCY} ms over {AT_ONCE} connections take {ideal:.1} s: factor {:.2}; {:.1} MB at most",
        all.seconds,
        ALL * ANSWERS,
        all.seconds / ideal,
        all.peak_kib / 1024.0
    );
    process.terminate().await;
}

fn mailboxes(input: &toml::Table) -> Vec<String> {
    let domain = text(input, "test_mailbox").split('@').nth(1).expect("a domain").to_owned();
    (1..=ALL).map(|number| format!("agent-{number:04}@{domain}")).collect()
}

/// The command as a person runs it, start and sign-in counted.
fn ours(folder: &Path, mailboxes: &[String]) -> Used {
    let table = folder.join("roster.csv");
    std::fs::write(&table, mailboxes.join("\n")).expect("written");
    let output = Command::new(checks::python())
        .args(["bench/spent.py", PROGRAM, "check", "--kind", "exchange_basic", "--json", "--input"])
        .arg(folder.join("input.toml"))
        .arg("--mailboxes")
        .arg(&table)
        .args(["--concurrency", &AT_ONCE.to_string()])
        .output()
        .expect("it runs");
    let spent: Value = serde_json::from_slice(&output.stdout).expect("its figures");
    assert_eq!(spent["code"], 0, "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_value(spent).expect("its figures")
}
