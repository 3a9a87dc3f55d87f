//! A program that signs in as a service account and calls Google's APIs, with a signature of its own making.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use moxi_onboard::simulator::{GoogleSample, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::simulator::visitor::Visitor;

pub const TOKEN: &str = "https://oauth2.googleapis.com/token";
pub const PEOPLE: &str = "https://people.googleapis.com/v1";
pub const EVENTS: &str = "https://www.googleapis.com/calendar/v3/calendars/primary/events";
pub const GMAIL: &str = "https://gmail.googleapis.com/gmail/v1/users";
/// When every stage begins.
pub const NOON: &str = "2026-11-21T09:00:00Z";

/// The names of the samples of Google.
pub fn samples() -> Vec<String> {
    let text = include_str!("../../../../src/simulator/world/google.toml");
    let table: toml::Table = text.parse().expect("TOML");
    let tenants = table["tenant"].as_array().expect("tenants");
    tenants.iter().map(|tenant| tenant["name"].as_str().expect("a name").to_owned()).collect()
}

/// A service account at work for a mailbox.
pub struct Caller {
    pub visitor: Visitor,
    pub sample: GoogleSample,
    pub mailbox: String,
    key: Value,
}

impl Caller {
    /// As the sample of this name says.
    pub async fn of(simulator: &Simulator, name: &str) -> Caller {
        let sample = simulator.sample(name).and_then(|sample| sample.google.clone());
        Caller::with(simulator, &sample.unwrap_or_else(|| panic!("{name} is no sample of Google"))).await
    }

    pub async fn with(simulator: &Simulator, sample: &GoogleSample) -> Caller {
        let text = sample.key_json.clone().unwrap_or_else(|| simulator.google_key());
        let key: Value = serde_json::from_str(&text).expect("a key file");
        assert_eq!(key["client_id"], sample.client_id, "the number that the admin enters");
        let mailbox = sample.test_mailbox.clone();
        Caller { visitor: Visitor::new(simulator).await, sample: sample.clone(), mailbox, key }
    }

    /// The claims of a statement for these scopes, on somebody's behalf.
    pub fn claims(&self, scopes: &[&str], who: Option<&str>, at: &str) -> Value {
        let now = at.parse::<Timestamp>().expect("a time").as_second();
        let scopes: Vec<String> = scopes.iter().map(|word| scope(word)).collect();
        let mut claims = json!({
            "iss": self.key["client_email"],
            "scope": scopes.join(" "),
            "aud": TOKEN,
            "iat": now,
            "exp": now + 3600,
        });
        if let Some(who) = who {
            claims["sub"] = json!(who);
        }
        claims
    }

    /// The statement, signed with the key of the file.
    pub fn statement(&self, claims: &Value) -> String {
        self.statement_by(claims, self.key["private_key_id"].as_str())
    }

    /// The same, naming this key.
    pub fn statement_by(&self, claims: &Value, kid: Option<&str>) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut head = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(kid) = kid {
            head["kid"] = json!(kid);
        }
        let signed = format!("{}.{}", part(&head), part(claims));
        let pem = self.key["private_key"].as_str().expect("a private key");
        let inside: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(inside).expect("base64")).expect("an RSA key");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Hands a statement in; status and body.
    pub async fn hands_in(&self, statement: &str) -> (u16, Value) {
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", statement)];
        let response = self.visitor.client.post(TOKEN).form(&form).send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// Asks for a token as the mailbox.
    pub async fn asks(&self, scopes: &[&str]) -> (u16, Value) {
        self.hands_in(&self.statement(&self.claims(scopes, Some(&self.mailbox), NOON))).await
    }

    /// A token that must be given.
    pub async fn token(&self, scope: &str) -> String {
        let (status, body) = self.asks(&[scope]).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// One call; status and body, which is null for one that is empty, and a text for what is no JSON.
    pub async fn call(&self, token: &str, method: Method, url: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.visitor.client.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(json!(text)) };
        (status, value)
    }

    pub async fn get(&self, token: &str, url: &str) -> (u16, Value) {
        self.call(token, Method::GET, url, None).await
    }

    pub async fn people(&self, token: &str) -> (u16, Value) {
        self.get(token, &format!("{PEOPLE}/people/me/connections?personFields=names,metadata&pageSize=1"))
            .await
    }
}

/// A scope in full.
pub fn scope(word: &str) -> String {
    if word.contains("://") { word.to_owned() } else { format!("https://www.googleapis.com/auth/{word}") }
}

pub fn a_contact() -> Value {
    json!({"names": [{"givenName": "MoxiEngage", "familyName": "Connection test"}]})
}

pub fn an_event() -> Value {
    json!({
        "summary": "safe to delete",
        "start": {"dateTime": "2026-11-22T09:00:00Z"},
        "end": {"dateTime": "2026-11-22T09:01:00Z"},
        "transparency": "transparent",
        "reminders": {"useDefault": false},
    })
}

/// A mail in its raw form.
pub fn raw(text: &str) -> Value {
    json!({"raw": URL_SAFE_NO_PAD.encode(text)})
}

/// The most telling word of an error of an API, and the sentence of one that says little.
pub fn reason(body: &Value) -> String {
    let error = &body["error"];
    let listed = error["errors"][0]["reason"].as_str();
    let details = error["details"].as_array().into_iter().flatten();
    let detailed = details.filter_map(|detail| detail["reason"].as_str()).next();
    let word = listed.or(detailed).or(error["status"].as_str()).unwrap_or("-");
    match word {
        "failedPrecondition" => format!("{word} {}", error["message"].as_str().unwrap_or_default()),
        word => word.to_owned(),
    }
}

fn refused(step: &str, wanted: u16, (status, body): &(u16, Value)) -> Option<String> {
    let odd = body.is_string();
    let word = if odd { "not JSON".to_owned() } else { reason(body) };
    (*status != wanted || odd).then(|| format!("{step}: {status} {word}"))
}

/// The first refusal on the way through all steps; none on a clear way.
pub async fn first_refusal(caller: &Caller) -> Option<String> {
    walk(caller).await.err()
}

async fn walk(caller: &Caller) -> Result<(), String> {
    let told = |step: &str, (status, body): (u16, Value)| {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        match status {
            200 => Ok(text("access_token")),
            _ => Err(format!("{step}: {status} {}: {}", text("error"), text("error_description"))),
        }
    };
    let claims = caller.claims(&["contacts"], None, NOON);
    told("proof", caller.hands_in(&caller.statement(&claims)).await)?;
    let mut tokens = Vec::new();
    for scope in ["contacts", "calendar", "gmail.send", "gmail.settings.basic"] {
        tokens.push(told(&format!("{scope} token"), caller.asks(&[scope]).await)?);
    }
    let [contacts, calendar, send, settings] = tokens.as_slice() else { unreachable!("four scopes") };
    let step = |name: &str, wanted: u16, heard: (u16, Value)| match refused(name, wanted, &heard) {
        Some(refusal) => Err(refusal),
        None => Ok(heard.1),
    };
    step("contacts", 200, caller.people(contacts).await)?;
    step("calendar", 200, caller.get(calendar, &format!("{EVENTS}?maxResults=1")).await)?;
    let create = format!("{PEOPLE}/people:createContact");
    let made = step("contact", 200, caller.call(contacts, Method::POST, &create, Some(a_contact())).await)?;
    let name = made["resourceName"].as_str().expect("a name");
    let gone = caller.call(contacts, Method::DELETE, &format!("{PEOPLE}/{name}:deleteContact"), None).await;
    assert_eq!(step("contact gone", 200, gone)?, json!({}));
    let create = format!("{EVENTS}?sendUpdates=none");
    let made = step("event", 200, caller.call(calendar, Method::POST, &create, Some(an_event())).await)?;
    let id = made["id"].as_str().expect("an id");
    let gone = caller.call(calendar, Method::DELETE, &format!("{EVENTS}/{id}?sendUpdates=none"), None).await;
    step("event gone", 204, gone)?;
    step("senders", 200, caller.get(settings, &format!("{GMAIL}/me/settings/sendAs")).await)?;
    let probe = raw("Subject: MoxiEngage connection test\r\n\r\n");
    let heard = caller.call(send, Method::POST, &format!("{GMAIL}/me/messages/send"), Some(probe)).await;
    let probed = heard.0 == 400 && heard.1["error"]["message"] == "Recipient address required";
    if probed { Ok(()) } else { Err(format!("send: {} {}", heard.0, reason(&heard.1))) }
}
