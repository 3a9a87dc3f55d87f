//! A client of the simulator as a test needs one: it resolves names by real DNS messages, dials what the dial
//! map says, trusts the simulator's authority only, and speaks through a library of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use jiff::Timestamp;
use moxi_onboard::simulator::{Credential, Sample, Settings, Simulator, start};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

pub use crate::world::Folder;

/// A clock that stands until it is moved.
#[derive(Clone)]
pub struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    pub fn new() -> Hands {
        Hands(Arc::new(Mutex::new("2026-11-21T09:00:00Z".parse().expect("a time"))))
    }

    pub fn advance(&self, by: Duration) {
        let mut at = self.0.lock().expect("not poisoned");
        *at = at.checked_add(by).expect("a time in range");
    }

    pub fn settings(&self, folder: &std::path::Path) -> Settings {
        let hands = self.clone();
        Settings::new(folder, Settings::clock(move || *hands.0.lock().expect("not poisoned")))
    }
}

/// A started simulator with its clock and folder.
pub struct Stage {
    pub simulator: Simulator,
    pub hands: Hands,
    /// Kept so that it goes only when the test does.
    _folder: Folder,
}

pub async fn stage() -> Stage {
    let (hands, folder) = (Hands::new(), Folder::new());
    let simulator = start(hands.settings(&folder.0)).await.expect("the simulator starts");
    Stage { simulator, hands, _folder: folder }
}

/// What DNS says about a name: addresses and others as text, or the failure.
pub async fn look_up(simulator: &Simulator, name: &str, kind: RecordType) -> Result<Vec<String>, String> {
    let dns: SocketAddr = simulator.addresses().dns.parse().expect("an address");
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].into_iter();
    let connections = connections.map(|mut connection| {
        connection.port = dns.port();
        connection
    });
    let server = NameServerConfig::new(dns.ip(), true, connections.collect());
    let config = ResolverConfig::from_name_servers(vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    builder.options_mut().timeout = Duration::from_millis(300);
    builder.options_mut().attempts = 1;
    let resolver = builder.build().map_err(|error| error.to_string())?;
    let found = resolver.lookup(format!("{name}."), kind).await.map_err(|error| error.to_string())?;
    Ok(found.answers().iter().map(|record| text(&record.data)).collect())
}

fn text(data: &RData) -> String {
    match data {
        RData::A(ip) => ip.to_string(),
        RData::AAAA(ip) => ip.to_string(),
        other => other.to_string(),
    }
}

/// A client for the hosts of the simulator.
#[derive(Clone)]
pub struct Visitor {
    pub client: Client,
}

impl Visitor {
    pub async fn new(simulator: &Simulator) -> Visitor {
        Visitor::with(simulator, |builder| builder).await
    }

    pub async fn with(
        simulator: &Simulator,
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Visitor {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let addresses = simulator.addresses();
        let authority = std::fs::read(&addresses.ca_file).expect("the authority's certificate");
        let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
        #[expect(clippy::disallowed_methods, reason = "the visitor speaks to the simulator, on this machine")]
        let mut builder = Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20));
        for name in addresses.hosts.keys() {
            let public = look_up(simulator, name, RecordType::A).await.expect("a name of the simulator");
            let loopback = &addresses.dial[&format!("{}:443", public[0])];
            builder = builder.resolve(name, loopback.parse().expect("an address"));
        }
        Visitor { client: change(builder).build().expect("a client") }
    }

    /// Asks for a token; status and body.
    pub async fn token(&self, credential: &Credential) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &credential.client_id),
            ("client_secret", &credential.client_secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", credential.tenant_id);
        let response = self.client.post(url).form(&form).send().await.expect("an answer");
        (response.status(), response.json().await.expect("JSON"))
    }

    /// A token that must be given.
    pub async fn ticket(&self, credential: &Credential) -> String {
        let (status, body) = self.token(credential).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// One call to the mailbox service; status and body, which is null when empty.
    pub async fn graph(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let url = if path.starts_with("https://") { path.to_owned() } else { format!("{GRAPH}{path}") };
        let mut request = self.client.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let bytes = response.bytes().await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn get(&self, token: &str, path: &str) -> (StatusCode, Value) {
        self.graph(token, Method::GET, path, None).await
    }
}

pub const GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// What the person of a sample types.
pub fn typed(sample: &Sample) -> Credential {
    Credential {
        tenant_id: sample.tenant_id.clone(),
        client_id: sample.client_id.clone(),
        client_secret: sample.client_secret.clone(),
        secret_expires_on: sample.secret_expires_on,
        test_mailbox: sample.test_mailbox.clone(),
        certificate: sample.certificate.clone(),
    }
}

pub fn a_contact() -> Value {
    json!({"givenName": "MoxiEngage", "surname": "Connection test", "fileAs": "safe to delete"})
}

pub fn an_event() -> Value {
    json!({
        "subject": "safe to delete",
        "start": {"dateTime": "2026-11-22T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-22T09:01:00", "timeZone": "UTC"},
        "showAs": "free",
        "isReminderOn": false,
    })
}

/// The first refusal a client meets on the way through all steps, as `step: status code`; none on a clear way.
pub async fn first_refusal(visitor: &Visitor, credential: &Credential) -> Option<String> {
    let (status, body) = visitor.token(credential).await;
    if status != 200 {
        return Some(format!("token: {} {}", status.as_u16(), body["error_codes"][0]));
    }
    let token = body["access_token"].as_str().expect("a token").to_owned();
    let user = format!("/users/{}", credential.test_mailbox);
    let refusal = |step: &str, (status, body): &(StatusCode, Value)| {
        let code = body["error"]["code"].as_str().unwrap_or("-").to_owned();
        (!status.is_success()).then(|| format!("{step}: {} {code}", status.as_u16()))
    };
    let window = "startDateTime=2026-11-21T00:00:00Z&endDateTime=2026-11-28T00:00:00Z";
    let reads = [
        ("settings", format!("{user}/mailboxSettings?$select=timeZone")),
        ("contacts", format!("{user}/contacts?$top=1&$select=id,parentFolderId")),
        ("calendar", format!("{user}/calendarView?{window}&$top=1&$select=id")),
    ];
    for (step, path) in reads {
        if let Some(found) = refusal(step, &visitor.get(&token, &path).await) {
            return Some(found);
        }
    }
    for (step, path, body) in [("contact", "contacts", a_contact()), ("event", "events", an_event())] {
        let made = visitor.graph(&token, Method::POST, &format!("{user}/{path}"), Some(body)).await;
        if let Some(found) = refusal(step, &made) {
            return Some(found);
        }
        let id = made.1["id"].as_str().expect("an id");
        let gone = visitor.graph(&token, Method::DELETE, &format!("{user}/{path}/{id}"), None).await;
        assert_eq!(gone.0, 204);
    }
    let sent =
        visitor.graph(&token, Method::POST, &format!("{user}/sendMail"), Some(json!({"message": {}}))).await;
    let probed = sent.0 == 400 && sent.1["error"]["code"] == "ErrorInvalidRecipients";
    (!probed)
        .then(|| format!("send: {} {}", sent.0.as_u16(), sent.1["error"]["code"].as_str().unwrap_or("-")))
}
