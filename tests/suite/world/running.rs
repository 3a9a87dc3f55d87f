//! The world itself: what runs, where, and how a story in it ends.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use jiff::SignedDuration;
use moxi_onboard::{
    clock::{Clock, Randomness},
    simulator::{self, Sample, Simulator},
    vault::files::KeyFiles,
};

use super::{
    admin::Admin,
    folder::Folder,
    mailbox::Mailbox,
    needles::{Finds, Sought},
    process::Process,
    rows,
    seen::{NeedleKind, Seen},
    settings::{Places, Plan, free_port},
    visitor::Visitor,
};
use crate::databases::Database;

/// What one process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Portal, staff and worker.
    Everything,
    Portal,
    Staff,
    Worker,
}

/// A running portal, its surroundings, and what has happened in it.
pub struct World<'a> {
    pub simulator: Simulator,
    pub database: &'a Database,
    pub folder: Folder,
    /// Scheme and host of the portal.
    pub portal: String,
    /// Scheme and host of the staff site.
    pub staff_site: String,
    pub seen: Seen,
    pub mailbox: Mailbox,
    pub processes: Vec<Process>,
    pub plan: Plan,
    site: SocketAddr,
    staff: SocketAddr,
    old_logs: Vec<PathBuf>,
    started: u32,
}

impl<'a> World<'a> {
    /// One process with every role.
    pub async fn start(database: &'a Database) -> World<'a> {
        World::start_with(database, Plan::default(), &[Cast::Everything]).await
    }

    /// These processes, each of which is ready when this returns.
    pub async fn start_with(database: &'a Database, plan: Plan, cast: &[Cast]) -> World<'a> {
        let folder = Folder::new();
        let clock = Clock::system();
        let now = simulator::Settings::clock(move || clock.now().timestamp());
        let mut outside = simulator::Settings::new(folder.path().join("simulator"), now);
        outside.latency = Duration::from_millis(plan.latency);
        // Only a story heals a tenant.
        outside.heal_after = Duration::from_secs(24 * 3600);
        let simulator = simulator::start(outside).await.expect("the simulator starts");
        std::fs::create_dir_all(folder.path().join("mail")).expect("a folder");
        let keys = folder.path().join("keys");
        key_files(&keys, true)
            .create_missing(Clock::system().today(), &Randomness::system())
            .expect("keys are made");
        write_private(&keys.join("google.json"), &simulator.google_key());
        let (site, staff) = (free_port(), free_port());
        let mut world = World {
            mailbox: Mailbox::at(&folder.path().join("mail")),
            portal: format!("http://{site}"),
            staff_site: format!("http://{staff}"),
            seen: Seen::default(),
            processes: Vec::new(),
            old_logs: Vec::new(),
            started: 0,
            staff,
            simulator,
            database,
            folder,
            plan,
            site,
        };
        for role in cast {
            world.adds(*role).await;
        }
        world
    }

    /// Starts one more process; gives its place in the list.
    pub async fn adds(&mut self, cast: Cast) -> usize {
        let mut process = self.spawns(cast);
        match cast {
            Cast::Worker => process.says("the worker takes jobs").await,
            Cast::Staff => process.ready(&format!("{}/livez", self.staff_site)).await,
            Cast::Everything | Cast::Portal => process.ready(&format!("{}/livez", self.portal)).await,
        }
        self.processes.push(process);
        self.processes.len() - 1
    }

    /// Starts a process and does not wait for it.
    pub fn spawns(&mut self, cast: Cast) -> Process {
        self.started += 1;
        let (name, roles) = match cast {
            Cast::Everything => ("all", "portal,staff,worker"),
            Cast::Portal => ("portal", "portal"),
            Cast::Staff => ("staff", "staff"),
            Cast::Worker => ("worker", "worker"),
        };
        let name = format!("{name}-{}", self.started);
        let file = self.folder.path().join(format!("{name}.toml"));
        let places = Places {
            folder: self.folder.path(),
            database: &self.database.url,
            portal: self.site,
            staff: self.staff,
            simulator: self.simulator.addresses(),
            google_number: google_number(&self.simulator),
        };
        // Each process has what its own work needs and no more.
        let opens_secrets = matches!(cast, Cast::Everything | Cast::Worker);
        let signs_staff_in = matches!(cast, Cast::Everything | Cast::Staff);
        let text = places.text(&self.plan, opens_secrets, signs_staff_in);
        std::fs::write(&file, text).expect("a settings file");
        let file = file.display().to_string();
        let process =
            Process::start(&name, self.folder.path(), &["serve", "--config", &file, "--roles", roles]);
        self.old_logs.push(self.folder.path().join(format!("{name}.log")));
        process
    }

    /// The key files; without the private ones they are what a portal has.
    pub fn keys(&self, private: bool) -> KeyFiles {
        key_files(&self.folder.path().join("keys"), private)
    }

    /// The sample of this name.
    pub fn sample(&self, name: &str) -> Sample {
        self.simulator.sample(name).unwrap_or_else(|| panic!("there is no sample {name}")).clone()
    }

    /// Somebody nobody knows, with an empty browser.
    pub fn anonymous(&self) -> Visitor {
        Visitor::new(&self.portal, &self.seen)
    }

    /// The administrator of a sample's brokerage, before they have visited.
    pub fn admin(&self, sample: &str) -> Admin {
        Admin::new(self.anonymous(), self.sample(sample), self.mailbox.clone(), self.seen.clone())
    }

    /// The pause between two codes for one address is over.
    pub async fn half_a_minute_passes(&self) {
        rows::execute(self.database, "DELETE FROM rate_limits").await;
    }

    /// Waits until nothing is left to do now: no open job is due.
    pub async fn rests(&self) {
        // Nothing else is put off for so long but what looks once more whether anything arrived late; and the rounds,
        // which are due again each minute or day.
        let soon = Clock::system().now().plus(SignedDuration::from_mins(1)).as_micros();
        let due = format!(
            "SELECT COUNT(*) FROM jobs WHERE done_at IS NULL AND parked_at IS NULL AND run_at < {soon}
             AND kind NOT IN ('sweep', 'remind', 'reveal', 'tell_staff', 'daily_mail')"
        );
        for _ in 0..600 {
            if rows::count(self.database, &due).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let open = "SELECT kind, subject, CAST(attempts AS TEXT), last_error FROM jobs WHERE done_at IS NULL";
        panic!("jobs are still open: {:#?}", rows::texts(self.database, open).await);
    }

    /// Everything that was printed by all processes of this world.
    pub fn logs(&self) -> Vec<(String, Vec<u8>)> {
        let read = |file: &PathBuf| Some((file.display().to_string(), std::fs::read(file).ok()?));
        self.old_logs.iter().filter_map(read).collect()
    }

    /// The end of a story: nothing is left to do, nothing failed, every mail was expected, and no needle is found.
    pub async fn ends_well(&self) {
        self.rests().await;
        let wrong = "SELECT kind, subject, last_error FROM jobs WHERE parked_at IS NOT NULL OR crashes > 0";
        let wrong = rows::texts(self.database, wrong).await;
        assert!(wrong.is_empty(), "jobs failed: {wrong:#?}");
        let stuck = "SELECT kind, state FROM mails WHERE state NOT IN ('accepted', 'held')";
        let stuck = rows::texts(self.database, stuck).await;
        assert!(stuck.is_empty(), "mails did not leave: {stuck:#?}");
        let unexplained = self.mailbox.unexplained();
        let unexplained: Vec<_> = unexplained.iter().map(|mail| (&mail.to, &mail.subject)).collect();
        assert!(unexplained.is_empty(), "mails nobody waited for: {unexplained:#?}");
        assert!(self.simulator.sent_messages().is_empty(), "a check sent mail");
        self.logs_are_calm();
        self.has_no_needles().await;
    }

    /// No panic and no error line in any log.
    pub fn logs_are_calm(&self) {
        for (name, log) in self.logs() {
            let log = String::from_utf8_lossy(&log).into_owned();
            let wrong = |line: &&str| line.contains("\"level\":\"ERROR\"") || line.contains("panicked");
            let bad: Vec<_> = log.lines().filter(wrong).collect();
            assert!(bad.is_empty(), "{name}: {bad:#?}");
        }
    }

    /// Looks for everything that was typed.
    pub async fn has_no_needles(&self) {
        use NeedleKind::{Code, Cookie, Secret, Setting};
        let needles = self.seen.needles();
        let at_rest = Sought::of(&needles, &[Secret, Code, Cookie, Setting]);
        let shown = Sought::of(&needles, &[Secret, Code, Cookie]);
        let in_code_mails = Sought::of(&needles, &[Secret, Cookie]);
        assert!(!shown.is_empty(), "nothing was typed");
        let mut finds = Finds::default();
        for (place, bytes) in rows::everything(self.database).await.into_iter().chain(self.logs()) {
            finds.search(&place, &bytes, &at_rest);
        }
        for letter in self.mailbox.all() {
            let brings_a_code = letter.subject.contains("sign-in code");
            let place = format!("the mail {:?}", letter.subject);
            finds.search(&place, &letter.bytes, if brings_a_code { &in_code_mails } else { &shown });
        }
        for answer in self.seen.answers() {
            let place = format!("the answer {} to {}", answer.status, answer.request);
            finds.search(&place, answer.headers.as_bytes(), &shown);
            finds.search(&place, &answer.body, &shown);
        }
        finds.must_be_none();
    }
}

/// The number of our own service account, as its key file has it.
fn google_number(simulator: &Simulator) -> String {
    let file: serde_json::Value = serde_json::from_str(&simulator.google_key()).expect("JSON");
    file["client_id"].as_str().expect("a number").to_owned()
}

fn write_private(path: &std::path::Path, text: &str) {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

fn key_files(folder: &std::path::Path, private: bool) -> KeyFiles {
    KeyFiles {
        public_keys: folder.join("public.keys"),
        private_keys: folder.join(if private { "private.keys" } else { "not-here.keys" }),
        settings_key: folder.join("settings.key"),
        audit_key: folder.join("audit.key"),
        audit_public_keys: folder.join("audit.public"),
        audit_head: folder.join("audit.head"),
    }
}
