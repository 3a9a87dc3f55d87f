//! The settings file of a test's portal. Both kinds of world, in this process and in processes of their own, read it
//! the way `serve` reads any other.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU16, Ordering},
};

use moxi_onboard::simulator::Addresses;

/// What a test may choose.
#[derive(Clone)]
pub struct Plan {
    /// `files`, or the address of an SMTP server on this machine.
    pub smtp: Option<SocketAddr>,
    /// The pauses of a check that waits for the provider.
    pub ladder: Vec<String>,
    /// How many checks a worker has under way.
    pub checks_at_once: u32,
    /// How long a worker's lease lasts.
    pub lease: String,
    /// How often the queue is read when nothing woke the worker.
    pub poll: String,
    /// Pause before each answer of the simulated world, in milliseconds.
    pub latency: u64,
    /// The database's address, where it is not the test's own database directly.
    pub database: Option<String>,
    /// What is logged.
    pub log: String,
    /// Do the settings reach the simulated world?
    pub simulated: bool,
    /// Sections of the file that no other part of the plan writes.
    pub more: toml::Table,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            smtp: None,
            ladder: vec!["2 s".to_owned(); 7],
            checks_at_once: 8,
            lease: "2 s".to_owned(),
            poll: "500 ms".to_owned(),
            latency: 0,
            database: None,
            log: "debug".to_owned(),
            simulated: true,
            more: toml::Table::new(),
        }
    }
}

/// Where the parts of one world are.
pub struct Places<'a> {
    pub folder: &'a Path,
    pub database: &'a str,
    pub portal: SocketAddr,
    pub staff: SocketAddr,
    pub simulator: &'a Addresses,
    /// The number of our own service account at Google.
    pub google_number: String,
}

impl Places<'_> {
    /// The folder that mails are written to.
    pub fn mails(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// The settings as a file holds them. Private keys and the company's sign-in are left out for a role that must
    /// not have them.
    pub fn text(&self, plan: &Plan, private_keys: bool, openid: bool) -> String {
        let mut file = toml::Table::new();
        let mut put = |section: &str, key: &str, value: toml::Value| {
            let table = file.entry(section).or_insert_with(|| toml::Table::new().into());
            table.as_table_mut().expect("a section").insert(key.to_owned(), value);
        };
        let key = |name: &str| toml::Value::from(self.folder.join("keys").join(name).display().to_string());
        put("product", "environment", "test".into());
        put("portal", "listen", self.portal.to_string().into());
        put("staff", "listen", self.staff.to_string().into());
        if let Some(openid) = self.simulator.openid.as_ref().filter(|_| openid) {
            let mut table = toml::Table::new();
            table.insert("issuer".to_owned(), openid.issuer.clone().into());
            table.insert("client_id".to_owned(), openid.client_id.clone().into());
            table.insert("client_secret".to_owned(), openid.client_secret.clone().into());
            put("staff", "openid", table.into());
        }
        put("worker", "jobs_at_once", plan.checks_at_once.into());
        put("worker", "lease", plan.lease.clone().into());
        put("worker", "poll", plan.poll.clone().into());
        put("database", "url", plan.database.as_deref().unwrap_or(self.database).into());
        put("vault", "public_keys_file", key("public.keys"));
        let private = if private_keys { "private.keys" } else { "not-here.keys" };
        put("vault", "private_keys_file", key(private));
        if private_keys {
            put("google", "key_file", key("google.json"));
        }
        put("vault", "settings_key_file", key("settings.key"));
        put("vault", "audit_key_file", key("audit.key"));
        put("vault", "audit_public_keys_file", key("audit.public"));
        put("mail", "from", "MoxiEngage onboarding <onboarding@moxiengage.example>".into());
        match plan.smtp {
            None => {
                put("mail", "transport", "files".into());
                put("mail", "dir", self.mails().display().to_string().into());
            }
            Some(server) => {
                put("mail", "transport", "smtp".into());
                put("mail", "host", server.ip().to_string().into());
                put("mail", "port", i64::from(server.port()).into());
                put("mail", "security", "none".into());
            }
        }
        put("checks", "waiting_ladder", plan.ladder.clone().into());
        put("about", "google_client_id", self.google_number.clone().into());
        put("about", "support_address", "support@moxiengage.example".into());
        put("about", "egress_addresses", vec!["203.0.113.10"].into());
        // What is for those alone who were asked is here for every sample's person.
        put("kinds", "microsoft365_password", "offered".into());
        put("log", "level", plan.log.clone().into());
        if plan.simulated {
            file.insert("network".to_owned(), network(self.simulator).into());
        }
        file.extend(plan.more.clone());
        file.to_string()
    }
}

/// The table by which a process reaches the simulated world.
fn network(simulator: &Addresses) -> toml::Table {
    let dial: toml::Table =
        simulator.dial.iter().map(|(from, to)| (from.clone(), to.clone().into())).collect();
    let mut network = toml::Table::new();
    network.insert("resolver".to_owned(), simulator.dns.clone().into());
    network.insert("only_mapped".to_owned(), true.into());
    network.insert("extra_roots".to_owned(), vec![simulator.ca_file.display().to_string()].into());
    network.insert("dial".to_owned(), dial.into());
    network
}

/// A port of this machine that nobody listens on and that the system does not give to outgoing connections.
pub fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 16_000 + u16::try_from(std::process::id() % 300).expect("small") * 50;
    for _ in 0..5000 {
        let port = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = SocketAddr::from(([127, 0, 0, 1], 16_000 + (port % 16_000)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no free port");
}
