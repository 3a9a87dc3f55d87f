//! A site with a handful of pages, and a visitor who writes bytes.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    extract::Extension,
    http::HeaderMap,
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{get, post},
};
use moxi_onboard::{
    clock::{Clock, Randomness},
    config::{Settings, Site},
    domain::{
        ids::{BrokerageId, PersonId},
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    http::{
        door::Door,
        error::PageError,
        form::{Form, FormFields, ScopedForm},
        front::{Audience, Front},
        layout::Layout,
        limits::Limits,
        peer::Peer,
        public,
        serve::{Stopping, serve},
        session, walls,
    },
    telemetry::Metrics,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Mutex,
    task::JoinHandle,
    time::timeout,
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tower_sessions::{
    Session, SessionStore,
    session::{Id, Record},
    session_store,
};

/// Longer than any limit of a test: reaching it is the failure.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A running site.
pub struct World {
    pub address: SocketAddr,
    pub clock: Clock,
    pub metrics: Metrics,
    pub sessions: Memory,
    pub stop: CancellationToken,
    pub served: JoinHandle<()>,
}

/// Limits short enough to wait for.
pub fn impatient() -> Limits {
    let short = Duration::from_millis(300);
    Limits {
        header_time: short,
        handshake_time: short,
        body_time: short,
        stall_time: short,
        drain_time: short,
        ..Limits::default()
    }
}

/// The `[portal]` section as an operator writes it.
pub fn site(portal: &str) -> Site {
    let text = format!(
        "[product]\nenvironment = \"test\"\n[mail]\ntransport = \"files\"\nfrom = \"a@b.example\"\n[portal]\nlisten = \"127.0.0.1:0\"\n{portal}"
    );
    Settings::read("test.toml", &text, []).expect("settings").portal
}

impl World {
    pub async fn open() -> Self {
        Self::with("public_url = \"http://localhost:80\"", Limits::default()).await
    }

    pub async fn with(portal: &str, limits: Limits) -> Self {
        Self::of(portal, limits, pages()).await
    }

    /// The same walls around other pages.
    pub async fn around(pages: Router) -> Self {
        Self::of("public_url = \"http://localhost:80\"", Limits::default(), pages).await
    }

    async fn of(portal: &str, limits: Limits, pages: Router) -> Self {
        let site = site(portal);
        let clock = Clock::standing_at(Instant::from_micros(1_795_257_720_000_000));
        let (metrics, sessions, stop) = (Metrics::new(), Memory::default(), CancellationToken::new());
        let front = Front {
            audience: Audience::Brokerages,
            public_url: site.public_url.clone(),
            about: Arc::default(),
            clock: clock.clone(),
            randomness: Randomness::seeded(7),
        };
        let pages = pages.layer(session::layer(sessions.clone()));
        let router = walls::around(pages, front, metrics.clone());
        let door = Door::open(&site, limits).await.expect("opens");
        let address = door.address().expect("address");
        let served = tokio::spawn(serve(door, router, stop.clone()));
        Self { address, clock, metrics, sessions, stop, served }
    }

    /// Sends bytes and reads until the site closes.
    pub async fn say(&self, bytes: &str) -> Answer {
        let mut socket = TcpStream::connect(self.address).await.expect("connects");
        socket.write_all(bytes.as_bytes()).await.expect("writes");
        Answer::read(&mut socket).await
    }

    /// A plain page view.
    pub async fn get(&self, path: &str, extra: &str) -> Answer {
        self.say(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{extra}\r\n")).await
    }

    /// A form sent from our own page.
    pub async fn post(&self, path: &str, extra: &str, body: &str) -> Answer {
        self.say(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{extra}\r\n{body}",
            body.len()
        ))
        .await
    }

    /// Opens a page with a form and keeps its cookies and hidden value.
    pub async fn visitor(&self) -> Visitor {
        let mut visitor = Visitor::default();
        visitor.look(self, "/form").await;
        visitor
    }
}

/// A browser as far as forms need one.
#[derive(Default, Clone)]
pub struct Visitor {
    pub cookies: HashMap<String, String>,
    pub token: String,
    pub form_key: String,
}

impl Visitor {
    pub async fn look(&mut self, world: &World, path: &str) -> Answer {
        let answer = world.get(path, &self.cookie_line()).await;
        self.keep(&answer);
        answer
    }

    pub async fn send(&mut self, world: &World, path: &str, fields: &str) -> Answer {
        let body = format!("csrf={}&form_key={}&{fields}", self.token, self.form_key);
        let answer = world.post(path, &self.cookie_line(), &body).await;
        self.keep(&answer);
        answer
    }

    pub fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("Cookie: {}\r\n", pairs.join("; ")) }
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers("set-cookie") {
            let (pair, rest) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("pair");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let hidden = |name: &str| {
            let (_, rest) = answer.body.split_once(&format!("name=\"{name}\" value=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        if let Some(token) = hidden("csrf") {
            self.token = token;
        }
        if let Some(key) = hidden("form_key") {
            self.form_key = key;
        }
    }
}

/// What came back before the connection was closed.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    pub async fn read(socket: &mut (impl AsyncReadExt + Unpin)) -> Self {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, socket.read_to_end(&mut bytes)).await.expect("the site closes");
        // A reset after the answer is as good as a close.
        drop(read);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The status line and every header.
    pub fn head(&self) -> &str {
        &self.head
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers(name).first().copied().unwrap_or("")
    }
}

#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    company: String,
    #[serde(default)]
    secret: Option<SecretString>,
}

impl FormFields for Fields {
    const SECRETS: &'static [&'static str] = &["secret"];
}

fn pages() -> Router {
    Router::new()
        .merge(public::routes())
        .route(
            "/form",
            get(async |layout: Layout| {
                format!(
                    "<input name=\"csrf\" value=\"{}\"><input name=\"form_key\" value=\"{}\">{}",
                    layout.token,
                    layout.form_key,
                    layout.flash.unwrap_or_default()
                )
            })
            .post(take),
        )
        .route("/mine", get(async |scope: Scope| scope.person.to_string()).post(take_mine))
        .route("/sign-me-in", post(sign_me_in))
        .route(
            "/sign-me-out",
            post(async |session: Session, _form: Form<Fields>| session::sign_out(&session).await),
        )
        .route("/leave-line", post(leave_line))
        .route(
            "/peer",
            get(async |Extension(peer): Extension<Peer>| format!("{} {}", peer.address, peer.https)),
        )
        .route("/panic", get(panics))
        .route("/refused/{which}", get(refuses))
        .route(
            "/number/{number}",
            get(async |axum::extract::Path(number): axum::extract::Path<u32>| number.to_string()),
        )
        .route("/big", get(async || vec![b'x'; 32 * 1024 * 1024]))
        .route("/long", get(async || ([("content-type", "text/html")], "long ".repeat(2000))))
        .route("/events", get(events))
        .route("/dripping", get(dripping))
        .route(
            "/stuck",
            get(async || {
                std::future::pending::<()>().await;
                "never"
            }),
        )
}

async fn take(form: Form<Fields>) -> String {
    let secret = form.fields.secret.as_ref().map_or(0, |secret| secret.expose_secret().len());
    let print: String = form.fingerprint.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!(
        "company={} kept={} secret={secret} kept_secret={:?} key={} print={print}",
        form.fields.company,
        form.state.value("company"),
        form.state.value("secret"),
        form.key.is_some()
    )
}

async fn take_mine(form: ScopedForm<Fields>) -> String {
    format!("{} {}", form.scope.person, form.form.fields.company)
}

async fn sign_me_in(
    session: Session,
    Extension(front): Extension<Front>,
    _form: Form<Fields>,
) -> Result<&'static str, PageError> {
    let scope =
        Scope { brokerage: BrokerageId::from_random([1; 16]), person: PersonId::from_random([2; 16]) };
    session::sign_in(&session, &scope, &front.clock, &HeaderMap::new()).await?;
    Ok("signed in")
}

async fn leave_line(session: Session, _form: Form<Fields>) -> Result<&'static str, PageError> {
    session::leave_line(&session, "Saved.").await?;
    Ok("left")
}

async fn panics() -> &'static str {
    panic!("hunter2 must not be shown")
}

async fn refuses(
    axum::extract::Path(which): axum::extract::Path<String>,
    Extension(front): Extension<Front>,
) -> Response {
    let soon = front.clock.now().plus(jiff::SignedDuration::from_secs(90));
    let refused = match which.as_str() {
        "fields" => Refused::field("company", "Enter the company's name"),
        "conflict" => Refused::Conflict("Somebody else did it."),
        "missing" => Refused::NotFound,
        "forbidden" => Refused::Forbidden("Only owners may."),
        "often" => Refused::TooMany(soon),
        "away" => Refused::Unavailable,
        "unsure" => Refused::Unsure,
        "bare" => return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => Refused::Fault("k3v9".to_owned()),
    };
    PageError::from(refused).into_response()
}

async fn events(Extension(stopping): Extension<Stopping>) -> Response {
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        let _ = sender.send(Event::default().id("1.1").data("first")).await;
        stopping.0.cancelled().await;
        let _ = sender.send(Event::default().id("1.2").data("last")).await;
    });
    Sse::new(ReceiverStream::new(receiver).map(Ok::<_, std::convert::Infallible>)).into_response()
}

/// A page that is sent piece by piece, as the live page without scripts is.
async fn dripping() -> Response {
    let pieces =
        (0..200).map(|number| Ok::<_, std::convert::Infallible>(format!("<li>step {number}</li>\n")));
    let body = Body::from_stream(tokio_stream::iter(pieces));
    ([("content-type", "text/html; charset=utf-8")], body).into_response()
}

/// Sessions in memory, with a switch to be away.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<Id, Record>>>, Arc<std::sync::atomic::AtomicBool>);

impl Memory {
    pub async fn count(&self) -> usize {
        self.0.lock().await.len()
    }

    pub fn go_away(&self) {
        self.1.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    fn here(&self) -> session_store::Result<()> {
        if self.1.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(session_store::Error::Backend("away".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl SessionStore for Memory {
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.here()?;
        self.0.lock().await.insert(record.id, record.clone());
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.here()?;
        Ok(self.0.lock().await.get(id).cloned())
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.here()?;
        self.0.lock().await.remove(id);
        Ok(())
    }
}
