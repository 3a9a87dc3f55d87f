//! A portal with its pages, its worker and a database; and browsers that visit it over real HTTP.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use moxi_onboard::{
    app::App,
    clock::Clock,
    config::Site,
    domain::{address::MailAddress, instant::Instant},
    http::{door::Door, limits::Limits, portal::site, serve::serve},
    notify::{mailer::Mailer, memory::Memory},
    telemetry::Metrics,
};
use tokio::{io::AsyncWriteExt, net::TcpSocket, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    databases::{Database, Kind, START},
    http::world::{self, Answer},
    office,
    running::{self, Worker},
    world::free_port,
};

/// A running portal.
pub struct House {
    pub app: App,
    pub mails: Memory,
    address: SocketAddr,
    served: JoinHandle<()>,
    worker: Option<Worker>,
}

impl House {
    pub async fn open(database: &Database) -> Self {
        let app = office::portal(database).await;
        Self::of(app).await
    }

    /// A portal whose staff site has a port of its own.
    pub async fn with_staff(database: &Database) -> Self {
        let text = format!("[staff]\nlisten = \"{}\"\n", free_port());
        Self::of(office::portal_at(database, Clock::standing_at(START), &text, true).await).await
    }

    /// A portal whose clock stands elsewhere.
    pub async fn open_at(database: &Database, start: Instant) -> Self {
        let mut app = office::portal(database).await;
        app.clock = Clock::standing_at(start);
        app.store = database.open(&app.clock).await;
        Self::of(app).await
    }

    /// Another process on the same database with the same keys, without a worker.
    pub async fn beside(&self, database: &Database) -> Self {
        let mut app = self.app.clone();
        app.store = database.open(&app.clock).await;
        let mut beside = Self::of(app).await;
        // The mails are the first one's to send.
        beside.stop_worker().await;
        beside
    }

    async fn of(app: App) -> Self {
        let mails = Memory::default();
        let app = app.with_mailer(Mailer::Memory(mails.clone()));
        let section: Site = world::site("public_url = \"http://127.0.0.1:8080\"");
        let door = Door::open(&section, Limits::default()).await.expect("opens");
        let address = door.address().expect("an address");
        let router = site(app.clone(), Metrics::new());
        let served = tokio::spawn(serve(door, router, CancellationToken::new()));
        let worker = Some(running::worker(app.clone()));
        Self { app, mails, address, served, worker }
    }

    pub fn browser(&self) -> Browser {
        Browser {
            address: self.address,
            from: Ipv4Addr::LOCALHOST.into(),
            agent: String::new(),
            cookies: BTreeMap::new(),
            hidden: BTreeMap::new(),
        }
    }

    /// The code of the n-th mail (from 1) to an address.
    pub async fn code(&self, to: &str, n: usize) -> String {
        let mail = self.mail(to, n).await;
        let is_code = |line: &&str| line.len() == 8 && line.bytes().all(|b| b.is_ascii_alphanumeric());
        mail.lines().find(is_code).expect("a code in the mail").to_owned()
    }

    /// The n-th mail (from 1) to an address.
    pub async fn mail(&self, to: &str, n: usize) -> String {
        let to = MailAddress::parse(to).expect("an address");
        let look = &mut async || {
            let mails = self.mails.sent();
            let mail = mails.iter().filter(|mail| mail.to.key() == to.key()).nth(n - 1)?;
            Some(String::from_utf8_lossy(&mail.message).into_owned())
        };
        running::until(&self.app, "the mail came", look).await
    }

    /// A browser that asked for a code and has the page where it is typed.
    pub async fn asks(&self, address: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.asks(address).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code"), "{answer:?}");
        browser.get("/sign-in/code").await;
        browser
    }

    /// A browser that has proven a new address and sees the page for it.
    pub async fn proves(&self, address: &str, n: usize) -> Browser {
        let mut browser = self.asks(address).await;
        let code = self.code(address, n).await;
        let answer = browser.types(&code).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/start"), "{answer:?}");
        assert_eq!(browser.get("/start").await.status, 200);
        browser
    }

    /// A browser whose person has begun a brokerage and is signed in.
    pub async fn begins(&self, address: &str) -> Browser {
        let mut browser = self.proves(address, 1).await;
        let answer = browser.begins("Lakeshore Realty").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
        browser
    }

    /// Lets time pass: on PostgreSQL, whose own clock counts for codes and limits, the rows move back instead.
    pub async fn passes(&self, database: &Database, time: Duration) {
        self.app.clock.advance(time);
        if database.kind == Kind::Postgres {
            age(database, time).await;
        }
    }

    pub async fn stop_worker(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop().await;
        }
    }

    /// Lets one round of the sweep run after time has passed.
    pub async fn sweeps(&mut self, database: &Database) {
        self.stop_worker().await;
        database.execute("UPDATE jobs SET run_at = 0 WHERE kind = 'sweep'").await;
        self.worker = Some(running::worker(self.app.clone()));
        let look = &mut async || {
            let done = "jobs WHERE kind = 'sweep' AND lease_token IS NULL AND run_at > 0";
            (database.count(done).await == 1).then_some(())
        };
        running::until(&self.app, "a round was done", look).await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn age(database: &Database, time: Duration) {
    let by = time.as_micros();
    for (table, columns) in [
        ("sign_ins", &["created_at", "expires_at", "proven_at", "ended_at"][..]),
        ("rate_limits", &["window_start", "ends_at"][..]),
    ] {
        let moved: Vec<String> = columns.iter().map(|name| format!("{name} = {name} - {by}")).collect();
        database.execute(&format!("UPDATE {table} SET {}", moved.join(", "))).await;
    }
}

/// A browser, as far as forms and cookies go.
#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    /// Where it sits: another third byte of 127.x.y.z is another network.
    pub from: IpAddr,
    pub agent: String,
    pub cookies: BTreeMap<String, String>,
    /// Hidden fields of the page on show.
    pub hidden: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.says("GET", path, "", "").await;
        self.keep(&answer);
        answer
    }

    /// Sends a form of the page on show.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.sends(path, fields).await;
        self.keep(&answer);
        answer
    }

    /// Presses without waiting for what the answer brings.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let hidden = ["csrf", "form_key"].iter().filter_map(|name| self.hidden.get_key_value(*name));
        let all = hidden.map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied());
        let body: Vec<String> =
            all.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";
        self.says("POST", path, kind, &body.join("&")).await
    }

    pub async fn asks(&mut self, address: &str) -> Answer {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("email", address)]).await
    }

    pub async fn asks_again(&mut self) -> Answer {
        self.get("/sign-in/code").await;
        let answer = self.post("/sign-in/again", &[]).await;
        if answer.status == 303 {
            self.get("/sign-in/code").await;
        }
        answer
    }

    pub async fn types(&mut self, code: &str) -> Answer {
        self.post("/sign-in/code", &[("code", code)]).await
    }

    pub async fn begins(&mut self, company: &str) -> Answer {
        self.post("/start", &[("company", company), ("contact", "Dana Pine")]).await
    }

    /// Whether somebody is signed in.
    pub async fn is_in(&self) -> bool {
        self.clone().get("/overview").await.status == 200
    }

    /// Sends any request as this browser would.
    pub async fn says(&self, method: &str, path: &str, extra: &str, body: &str) -> Answer {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(self.from, 0)).expect("binds");
        let mut socket = socket.connect(self.address).await.expect("connects");
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies =
            if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let length =
            if method == "POST" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nUser-Agent: {}\r\n{cookies}{extra}{length}\r\n",
            self.address, self.agent
        );
        // A site that refuses a long body may close before all of it was written.
        let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
        Answer::read(&mut socket).await
    }

    pub fn keep(&mut self, answer: &Answer) {
        for line in answer.headers("set-cookie") {
            let (pair, rest) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if answer.header("content-type").starts_with("text/html") {
            self.hidden = ["csrf", "form_key"]
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), hidden(&answer.body, name)?)))
                .collect();
        }
    }
}

fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// A code of the right shape that is not this one.
pub fn wrong(code: &str) -> String {
    if code.starts_with('7') { "8ABCDEFG".to_owned() } else { "7ABCDEFG".to_owned() }
}
