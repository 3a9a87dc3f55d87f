//! A certified provider, unmodified, over https with a certificate of a private authority.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use moxi_onboard::{
    clock::Clock,
    simulator::{self, ALWAYS, Fault, Simulator, Target},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::{StatusCode, header};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{
    databases::{Database, on_both},
    rows,
    staff_site::StaffSite,
    world::{Folder, client::client, free_port, visitor::Visitor},
};

const HOST: &str = "login.moxiworks.example";
/// Where the name leads, as far as everybody but this machine knows.
const PUBLIC: &str = "20.190.150.10";
/// A provider inside of the company: a name that ends as inner names do, and where it leads.
const INSIDE: &str = "login.moxiworks.internal";
const PRIVATE: &str = "10.20.0.5";
const SECRET: &str = "a-secret:with/signs+that&need%escaping-0123456789";

/// The files of a private authority and a certificate for the provider.
struct Certificates {
    authority: String,
    chain: String,
    key: String,
}

fn certificates() -> Certificates {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("an authority").pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec![HOST.to_owned(), INSIDE.to_owned()]).expect("names");
    let chain = leaf.signed_by(&key, &issuer).expect("a certificate").pem();
    Certificates { authority, chain, key: key.serialize_pem() }
}

/// The provider as a process of its own; it ends when its input is closed, and is killed when dropped.
struct Certified {
    _process: Child,
    /// Kept open: the provider goes on to say things, and a closed pipe would end it.
    _output: Lines<BufReader<ChildStdout>>,
    browser: reqwest::Client,
}

/// One site that signs in at the provider, by tokens of one algorithm.
struct At {
    address: SocketAddr,
    algorithm: &'static str,
}

/// Starts it; none where it is not installed and skipping is allowed.
async fn provider(
    issuer: &str,
    at: SocketAddr,
    sites: &[At],
    certificates: &Certificates,
) -> Option<Certified> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openid");
    if !folder.join("node_modules/oidc-provider").is_dir() {
        let skips = std::env::var("MOXI_ALLOW_SKIPS").is_ok_and(|value| value == "1");
        assert!(skips, "oidc-provider is not installed: run scripts/openid once");
        eprintln!("left out: tests/openid/node_modules is missing");
        return None;
    }
    let mut process = Command::new("node")
        .arg(folder.join("provider.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .expect("Node starts");
    let clients: Vec<_> = sites
        .iter()
        .map(|site| {
            let back = format!("http://{}/sign-in/return", site.address);
            json!({ "client_id": site.algorithm, "redirect_uri": back, "algorithm": site.algorithm })
        })
        .collect();
    let settings = json!({
        "issuer": issuer,
        "port": at.port(),
        "clients": clients,
        "client_secret": SECRET,
        "certificate": certificates.chain,
        "certificate_key": certificates.key,
    });
    let stdin = process.stdin.as_mut().expect("a pipe");
    stdin.write_all(format!("{settings}\n").as_bytes()).await.expect("it reads");
    let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.expect("in time");
    assert_eq!(line.expect("a line").as_deref(), Some("it answers"));
    Some(Certified { _process: process, _output: lines, browser: browser(at, &certificates.authority) })
}

/// A browser that finds the provider and knows its authority.
#[expect(clippy::disallowed_methods, reason = "a colleague's own browser, on this machine")]
fn browser(at: SocketAddr, authority: &str) -> reqwest::Client {
    // Installs what every client of the tests needs.
    drop(client());
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .resolve(HOST, at)
        .resolve(INSIDE, at)
        .tls_certs_only([reqwest::Certificate::from_pem(authority.as_bytes()).expect("a certificate")])
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

impl Certified {
    /// Types a name into the provider's page, agrees, and gives the address that leads back to the site.
    async fn signs_in(&self, authorize: &str, login: &str, site: &str) -> String {
        let cookies = Mutex::new(BTreeMap::new());
        let (mut url, mut form) = (url::Url::parse(authorize).expect("an address"), None);
        for _ in 0..12 {
            let mut request = match form.take() {
                None => self.browser.get(url.clone()),
                Some(fields) => self.browser.post(url.clone()).form::<Vec<(&str, &str)>>(&fields),
            };
            let jar: Vec<String> = {
                let jar = cookies.lock().unwrap_or_else(PoisonError::into_inner);
                jar.iter().map(|(name, value): (&String, &String)| format!("{name}={value}")).collect()
            };
            request = request.header(header::COOKIE, jar.join("; "));
            let answer = request.send().await.expect("the provider answers");
            for line in answer.headers().get_all(header::SET_COOKIE) {
                let pair = line.to_str().expect("plain").split(';').next().expect("a pair");
                let (name, value) = pair.split_once('=').expect("a pair");
                let mut jar = cookies.lock().unwrap_or_else(PoisonError::into_inner);
                jar.insert(name.to_owned(), value.to_owned());
            }
            if let Some(location) = answer.headers().get(header::LOCATION) {
                url = url.join(location.to_str().expect("plain")).expect("an address");
                if let Some(back) = url.as_str().strip_prefix(site) {
                    return back.to_owned();
                }
                continue;
            }
            let status = answer.status();
            let page = answer.text().await.expect("a page");
            assert_eq!(status, StatusCode::OK, "{page}");
            form = Some(if page.contains("name=\"login\"") {
                vec![("prompt", "login"), ("login", login), ("password", "any")]
            } else {
                vec![("prompt", "consent")]
            });
        }
        panic!("the provider never sends {login} back")
    }
}

async fn simulator_in(folder: &Path) -> Simulator {
    let clock = Clock::system();
    let now = simulator::Settings::clock(move || clock.now().timestamp());
    let simulator = simulator::start(simulator::Settings::new(folder.join("simulator"), now)).await;
    let simulator = simulator.expect("it starts");
    for (name, address) in [(HOST, PUBLIC), (INSIDE, PRIVATE)] {
        let leads_to = Fault::Addresses(vec![address.parse().expect("an address")]);
        simulator.inject(Target::Name(name.to_owned()), leads_to, ALWAYS);
    }
    simulator
}

/// `[staff.openid]` and the way there.
fn settings(client_id: &str, provider: SocketAddr, simulator: &Simulator, authority: &Path) -> String {
    format!(
        "[staff.openid]\nissuer = \"https://{HOST}\"\nclient_id = \"{client_id}\"\nclient_secret = \"{SECRET}\"\n\
         [network]\nresolver = \"{}\"\nonly_mapped = true\nextra_roots = [\"{}\"]\n\
         [network.dial]\n\"{PUBLIC}:443\" = \"{provider}\"\n",
        simulator.addresses().dns,
        authority.display()
    )
}

async fn leads(visitor: &Visitor, url: &str) -> String {
    let page = visitor.opens_once(url).await;
    assert_eq!(page.status, 303, "{}", page.text());
    page.headers[header::LOCATION].to_str().expect("plain").to_owned()
}

async fn tried(site: &StaffSite, provider: &Certified, database: &Database) {
    let kim = site.visitor();
    let back =
        provider.signs_in(&leads(&kim, "/sign-in/begin?next=/account").await, "kim", &site.origin).await;
    let page = kim.opens(&back).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "Kim Oduya"), "{}", page.text());
    page.must_say("Auditor, Support");
    let out = kim.sends(&page.form_that_says("Sign out")).await;
    assert_eq!(out.heading(), "Sign in");
    assert_eq!(kim.opens("/account").await.heading(), "Sign in");
    let tom = site.visitor();
    let back = provider.signs_in(&leads(&tom, "/sign-in/begin").await, "tom", &site.origin).await;
    let page = tom.opens(&back).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::FORBIDDEN, "You have no role here"));
    assert_eq!(rows::count(database, "staff_sessions").await, 0);
}

on_both! {
    async fn a_certified_provider_signs_colleagues_in_by_each_algorithm(database) {
        let folder = Folder::new();
        let certificates = certificates();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, &certificates.authority).expect("written");
        let simulator = simulator_in(folder.path()).await;
        let at = free_port();
        let sites = ["RS256", "ES256", "EdDSA"].map(|algorithm| At { address: free_port(), algorithm });
        let issuer = format!("https://{HOST}");
        let Some(provider) = provider(&issuer, at, &sites, &certificates).await else { return };
        for one in sites {
            let said = settings(one.algorithm, at, &simulator, &authority);
            let site = StaffSite::on(one.address, database, Clock::system(), &said).await;
            tried(&site, &provider, database).await;
        }
        assert_eq!(rows::texts(database, "SELECT subject FROM staff").await, ["kim"], "one account, one person");
    }

    async fn a_provider_inside_the_company_signs_in_where_the_settings_name_its_network(database) {
        let folder = Folder::new();
        let certificates = certificates();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, &certificates.authority).expect("written");
        let simulator = simulator_in(folder.path()).await;
        let (at, address) = (free_port(), free_port());
        let issuer = format!("https://{INSIDE}:{}", at.port());
        let site = At { address, algorithm: "ES256" };
        let Some(provider) = provider(&issuer, at, std::slice::from_ref(&site), &certificates).await else { return };
        let (authority, strange) = (authority.display(), simulator.addresses().ca_file.display());
        let said = |more: &str| {
            format!(
                "[staff.openid]\nissuer = \"{issuer}\"\nclient_id = \"ES256\"\nclient_secret = \"{SECRET}\"\n{more}\n\
                 [network]\nresolver = \"{}\"\nonly_mapped = true\n[network.dial]\n\"{PRIVATE}:{}\" = \"{at}\"\n",
                simulator.addresses().dns,
                at.port()
            )
        };
        let inside = "private_networks = [\"10.20.0.0/16\"]";
        for refused in [
            String::new(),
            format!("ca_file = \"{authority}\""),
            format!("private_networks = [\"10.21.0.0/16\"]\nca_file = \"{authority}\""),
            inside.to_owned(),
            format!("{inside}\nca_file = \"{strange}\""),
        ] {
            let site = StaffSite::on(free_port(), database, Clock::system(), &said(&refused)).await;
            let page = site.visitor().opens("/sign-in/begin").await;
            assert_eq!((page.status.as_u16(), page.heading().as_str()), (503, "The company's sign-in does not answer"), "{refused}");
        }
        let said = said(&format!("{inside}\nca_file = \"{authority}\""));
        let site = StaffSite::on(address, database, Clock::system(), &said).await;
        tried(&site, &provider, database).await;
    }
}
