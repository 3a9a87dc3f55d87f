//! `check --mailboxes`: many mailboxes with one sign-in, grouped by cause, resumed and patient.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, time::Duration};

use clap::Parser;
use moxi_onboard::{
    cli::check::{self, CheckError, Ending},
    clock::{Clock, Randomness},
    domain::{
        address::MailAddress,
        check::{Report, Verdict},
        roster::RosterMailbox,
    },
    simulator::{ALWAYS, Fault, Operation, Sample, Target},
    verification::{Host, Visits},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::lab::{Folder, Lab, Witness, credential, noon};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    check: check::Args,
}

/// A lab, and a folder with the files that a person has.
struct Office {
    lab: Lab,
    folder: Folder,
    sample: Sample,
}

impl Office {
    async fn open(sample: &str) -> Self {
        let (lab, folder) = (Lab::open().await, Folder::new());
        let sample = lab.sample(sample);
        std::fs::create_dir_all(&folder.0).expect("a folder");
        let office = Self { lab, folder, sample };
        std::fs::write(office.file("input.toml"), office.input()).expect("written");
        office
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    fn input(&self) -> String {
        let (sample, at) = (&self.sample, self.lab.simulator.addresses());
        let mut text = match &sample.account {
            Some(account) => format!(
                "service_account = '{}'\npassword = '{}'\news_url = \"{}\"\ntest_mailbox = \"{}\"\n",
                account.service_account,
                account.password,
                account.ews_url.as_deref().expect("a URL"),
                sample.test_mailbox
            ),
            None => format!(
                "tenant_id = \"{}\"\nclient_id = \"{}\"\nclient_secret = '{}'\nsecret_expires_on = {}\ntest_mailbox = \"{}\"\n",
                sample.tenant_id,
                sample.client_id,
                sample.client_secret,
                sample.secret_expires_on,
                sample.test_mailbox
            ),
        };
        write!(
            text,
            "\n[network]\nresolver = \"{}\"\nonly_mapped = true\nextra_roots = [\"{}\"]\n\n[network.dial]\n",
            at.dns,
            at.ca_file.display()
        )
        .expect("written");
        for (public, local) in &at.dial {
            writeln!(text, "\"{public}\" = \"{local}\"").expect("written");
        }
        text
    }

    fn agent(&self, number: usize) -> String {
        format!("agent-{number:04}@{}", self.sample.tenant_domain)
    }

    fn table(&self, agents: impl IntoIterator<Item = usize>) {
        let text = agents.into_iter().fold("mailbox\n".to_owned(), |text, n| text + &self.agent(n) + "\n");
        std::fs::write(self.file("roster.csv"), text).expect("written");
    }

    async fn run(&self, more: &[&str]) -> (Result<Ending, CheckError>, String) {
        let (input, roster) = (self.file("input.toml"), self.file("roster.csv"));
        let (input, roster) = (input.to_str().expect("a path"), roster.to_str().expect("a path"));
        let words = ["check", "--kind", self.sample.kind, "--input", input, "--mailboxes", roster];
        let line = Line::try_parse_from(words.iter().chain(more)).expect("arguments");
        let mut out = Vec::new();
        let clock = Clock::standing_at(noon());
        let ending = check::run(&line.check, &clock, &Randomness::seeded(1), &mut out).await;
        (ending, String::from_utf8(out).expect("text"))
    }

    async fn json(&self, more: &[&str]) -> (Ending, Value) {
        let words: Vec<&str> = more.iter().chain(&["--json"]).copied().collect();
        let (ending, out) = self.run(&words).await;
        (ending.expect("it ran"), serde_json::from_str(&out).expect("JSON"))
    }

    fn nothing_is_left(&self, agents: impl IntoIterator<Item = usize>) {
        for number in agents {
            let items = self.lab.simulator.mailbox_items(&self.agent(number));
            assert!(items.left_behind().is_empty(), "{number}: {:?}", items.left_behind());
        }
    }
}

/// Takes down what came of each mailbox.
#[derive(Default)]
struct Clerk(std::sync::Mutex<Vec<Report>>);

#[async_trait::async_trait]
impl Host for Clerk {
    async fn visited(&self, _: &RosterMailbox, report: Report) {
        self.0.lock().expect("not poisoned").push(report);
    }
}

#[tokio::test]
async fn a_mailbox_that_must_be_refused_is_only_looked_at_however_it_is_reached() {
    for (name, open) in [
        ("scope-open", true),
        ("scope-kept", false),
        ("ews-scope-open", true),
        ("ews-scope-kept", false),
        ("exchange-scope-open", true),
        ("exchange-scope-kept", false),
    ] {
        let lab = Lab::open().await;
        let sample = lab.sample(name);
        let mailbox = MailAddress::parse(&format!("outside@{}", sample.tenant_domain)).expect("an address");
        let mailboxes = [RosterMailbox { line: 1, mailbox, outside: true }];
        let clerk = Clerk::default();
        let stop = CancellationToken::new();
        let visits = Visits { mailboxes: &mailboxes, at_once: 1, stop, host: &clerk };
        lab.verifier().visit(&credential(&sample), &visits, &Witness::default()).await;
        let reports = clerk.0.into_inner().expect("not poisoned");
        let [report] = &reports[..] else { panic!("{name}: {reports:?}") };
        let warned: Vec<&str> = report.warnings.iter().map(|cause| cause.as_str()).collect();
        let expected = if open {
            (Verdict::PassedWithWarnings, vec!["scope_not_effective"])
        } else {
            (Verdict::Passed, vec![])
        };
        assert_eq!((report.verdict, warned), expected, "{name}: {report:#?}");
        let written = lab.simulator.requests();
        let writes = [Operation::ContactCreate, Operation::EventCreate, Operation::EwsCreateItem];
        assert!(!written.iter().any(|seen| writes.contains(&seen.operation)), "{name}");
    }
}

fn groups(report: &Value) -> BTreeMap<String, u64> {
    let groups = report["groups"].as_array().expect("groups").iter();
    groups
        .map(|group| {
            (group["cause"].as_str().expect("a cause").to_owned(), group["count"].as_u64().expect("a number"))
        })
        .collect()
}

#[tokio::test]
async fn an_office_is_signed_in_once_and_its_mailboxes_are_grouped_by_cause() {
    for (sample, sign_ins, expected) in [
        ("large-office", 1, vec![("mailbox_not_in_exo", 1), ("graph_user_invalid", 2)]),
        ("ews-large-office", 1, vec![("mailbox_not_found", 1)]),
        ("exchange-large-office", 0, vec![("mailbox_not_found", 3)]),
    ] {
        let office = Office::open(sample).await;
        office.table((1..=21).chain(998..=1000));
        let (ending, report) = office.json(&["--concurrency", "8"]).await;
        let expected: BTreeMap<String, u64> =
            expected.into_iter().map(|(cause, count)| (cause.to_owned(), count)).collect();
        assert_eq!(groups(&report), expected, "{sample}");
        assert_eq!((ending, &report["verdict"]), (Ending::Failed, &Value::from("failed")), "{sample}");
        assert_eq!((&report["wanted"], &report["checked"]), (&24.into(), &24.into()), "{sample}");
        assert_eq!(office.lab.simulator.token_requests(&office.sample.tenant_id), sign_ins, "{sample}");
        office.nothing_is_left((1..=21).chain(998..=1000));
        let good = report["mailboxes"].as_array().expect("mailboxes").iter();
        let good = good.filter(|one| one["verdict"] == "passed").count();
        assert_eq!(good as u64, 24 - expected.values().sum::<u64>(), "{sample}");
    }
}

#[tokio::test]
async fn people_read_what_is_wrong_once_for_all_mailboxes_it_is_wrong_with() {
    let office = Office::open("exchange-large-office").await;
    office.table((1..=6).chain(998..=1000));
    let (ending, out) = office.run(&[]).await;
    assert_eq!(ending.expect("it ran"), Ending::Failed);
    for part in
        ["9 mailboxes, 4 at the same time", "[9 of 9]", "6 work, 3 do not", "3 of 9:", "(mailbox_not_found)"]
    {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert_eq!(out.matches("(mailbox_not_found)").count(), 1, "{out}");
    assert_eq!(out.matches("Sign in as the service account").count(), 1, "{out}");
}

#[tokio::test]
async fn a_second_run_with_the_same_results_checks_only_what_did_not_pass() {
    let office = Office::open("large-office").await;
    office.table((1..=5).chain([999]));
    let results = office.file("results.ndjson");
    let flags = ["--results", results.to_str().expect("a path")];
    let (_, first) = office.json(&flags).await;
    assert_eq!((&first["checked"], &first["passed_before"]), (&6.into(), &0.into()));
    // A run that was killed leaves half a line behind.
    let mut kept = std::fs::read_to_string(&results).expect("results");
    assert!(!kept.contains(&office.sample.client_secret));
    kept.push_str("{\"mailbox\":\"agent-0001@");
    std::fs::write(&results, kept).expect("written");
    office.table((1..=7).chain([999]));
    assert!(office.lab.simulator.heal("large-office"));
    let (ending, second) = office.json(&flags).await;
    assert_eq!((&second["checked"], &second["passed_before"]), (&3.into(), &5.into()));
    assert_eq!(ending, Ending::Passed, "{second:#}");
    let (ending, third) = office.json(&flags).await;
    assert_eq!((ending, &third["checked"], &third["passed_before"]), (Ending::Passed, &0.into(), &8.into()));
}

#[tokio::test]
async fn results_of_another_kind_are_not_touched() {
    let office = Office::open("large-office").await;
    office.table([1]);
    let results = office.file("results.ndjson");
    std::fs::write(&results, "{\"roster_results\":1,\"kind\":\"exchange_basic\"}\n").expect("written");
    let (ending, out) = office.run(&["--results", results.to_str().expect("a path")]).await;
    assert!(ending.expect_err("refused").to_string().contains("holds no results of graph_secret checks"));
    assert!(out.is_empty(), "{out}");
    assert_eq!(office.lab.simulator.requests(), []);
}

#[tokio::test]
async fn a_busy_service_is_given_every_pause_it_asks_for() {
    let office = Office::open("large-office").await;
    office.table(1..=6);
    let headers = BTreeMap::from([("retry-after".to_owned(), "1".to_owned())]);
    let busy = Fault::Status { code: 429, headers, body: String::new() };
    // More often than one check of a person would wait for.
    office.lab.simulator.inject(Target::Operation(Operation::ContactsList), busy, 4);
    let begun = std::time::Instant::now();
    let (ending, report) = office.json(&["--concurrency", "1"]).await;
    assert_eq!(ending, Ending::Passed, "{report:#}");
    assert!(begun.elapsed() >= Duration::from_secs(4), "four pauses of a second each");
}

#[tokio::test]
async fn a_password_that_is_refused_opens_no_mailbox() {
    let office = Office::open("exchange-large-office").await;
    office.table(1..=30);
    let good = office.sample.account.as_ref().expect("an account").password.clone();
    let wrong = office.input().replace(&good, "Not the pass-phrase 7#x");
    std::fs::write(office.file("input.toml"), wrong).expect("written");
    let (ending, report) = office.json(&["--concurrency", "16"]).await;
    assert_eq!((ending, &report["cause"]), (Ending::Failed, &"basic_credentials_rejected".into()));
    assert_eq!((&report["checked"], &report["wanted"]), (&0.into(), &30.into()));
    let tries = office.lab.simulator.requests().iter().filter(|seen| seen.authorised).count();
    assert_eq!(tries, 1, "one press, one try");
}

#[tokio::test]
async fn a_server_of_an_office_gets_no_more_connections_than_were_asked_for() {
    let office = Office::open("exchange-large-office").await;
    office.table(1..=12);
    office.lab.simulator.set_latency(Duration::from_millis(20));
    let (ending, _) = office.json(&["--concurrency", "3"]).await;
    assert_eq!(ending, Ending::Passed);
    assert!(
        office.lab.simulator.most_office_connections() <= 3,
        "{}",
        office.lab.simulator.most_office_connections()
    );
}

#[tokio::test]
async fn bad_lines_are_named_before_anything_is_sent() {
    let office = Office::open("large-office").await;
    let text =
        format!("name,mailbox\nIda,{}\nJo,\nUwe,uwe at home\nIda,{}\n", office.agent(1), office.agent(1));
    std::fs::write(office.file("roster.csv"), text).expect("written");
    let (ending, out) = office.run(&[]).await;
    let said = ending.expect_err("refused").to_string();
    for part in [
        "Line 3, \"Jo\", has no mail address",
        "Line 4, \"uwe at home\", holds something else than a mail address",
        "Line 5, \"agent-0001@",
        "has the same address as line 2",
        "add --skip-bad-lines",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(out.is_empty() && office.lab.simulator.requests().is_empty());
    let (ending, report) = office.json(&["--skip-bad-lines"]).await;
    assert_eq!((ending, &report["checked"]), (Ending::Passed, &1.into()));
}

#[tokio::test]
async fn a_service_that_never_answers_ends_every_mailbox_and_the_run() {
    let office = Office::open("large-office").await;
    office.table(1..=3);
    let broken = Fault::Status { code: 500, headers: BTreeMap::new(), body: "{}".to_owned() };
    office.lab.simulator.inject(Target::Host("graph.microsoft.com".to_owned()), broken, ALWAYS);
    let (ending, report) = office.json(&[]).await;
    assert_eq!((ending, &report["checked"]), (Ending::Open, &3.into()), "{report:#}");
}

#[tokio::test]
async fn what_one_of_many_meets_is_told_from_what_the_whole_office_meets() {
    for (sample, good, alone, beside) in [
        ("ews-large-office", "agent-0001", "exo_ews_disabled", "exo_ews_partial_off"),
        ("outside-scope", "agent", "exo_rbac_required", "exo_rbac_scope_excludes"),
    ] {
        let office = Office::open(sample).await;
        let domain = &office.sample.tenant_domain;
        for (mailboxes, expected) in
            [(vec!["outside"], alone), (vec!["outside", good], beside), (vec![good, "outside"], beside)]
        {
            let table: String = mailboxes.iter().map(|name| format!("{name}@{domain}\n")).collect();
            std::fs::write(office.file("roster.csv"), format!("mailbox\n{table}")).expect("written");
            let (ending, report) = office.json(&["--concurrency", "1"]).await;
            assert_eq!(ending, Ending::Failed, "{report:#}");
            assert_eq!(groups(&report), BTreeMap::from([(expected.to_owned(), 1)]), "{mailboxes:?}");
            let (_, text) = office.run(&[]).await;
            assert!(text.contains(&format!("({expected})")), "{text}");
        }
    }
}

#[tokio::test]
async fn a_second_run_remembers_that_others_opened() {
    let office = Office::open("outside-scope").await;
    let domain = &office.sample.tenant_domain;
    std::fs::write(office.file("roster.csv"), format!("mailbox\nagent@{domain}\noutside@{domain}\n"))
        .expect("written");
    let results = office.file("results.ndjson");
    let flags = ["--results", results.to_str().expect("a path")];
    for checked in [2, 1] {
        let (_, report) = office.json(&flags).await;
        assert_eq!(report["checked"], checked);
        assert_eq!(groups(&report), BTreeMap::from([("exo_rbac_scope_excludes".to_owned(), 1)]));
    }
}
