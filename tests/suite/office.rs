//! A portal without its pages: the parts that actions take, on a database of the test's own, and an office that
//! uses it.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::{encoding::AsDer as _, rsa::KeySize, signature::RsaKeyPair};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::civil::date;
use moxi_onboard::{
    actions::{
        draft::mark,
        form_answer::FormKey,
        people,
        save_answers::{Goal, Saved, TypedAnswers, save_answers},
    },
    app::App,
    clock::{Clock, Randomness},
    config::Settings,
    domain::{
        address::{MailAddress, MailDomain},
        answers::{Answers, secret_field},
        audit::{Actor, AuditLine},
        brokerage::Origin,
        duty::Duty,
        ids::{BrokerageId, ConnectionId},
        kind::AccessKind,
        refused::Refused,
        scope::Scope,
        text::{CompanyName, PersonName},
    },
    store::NewBrokerage,
    vault::{
        Vault,
        keyring::{PrivateKey, PrivateKeyring, PublicKeyring},
        open::OpeningKeys,
        seal::SealingKeys,
        settings_key::SettingsKey,
    },
    verification::read_key_file,
};
use sha2::{Digest, Sha256};

use crate::databases::{Database, START};

/// A secret that Entra could have made; no page, log or clear column may hold it.
pub const SECRET: &str = "Xq18Q~Needle.In_The-Haystack0123456789abc";
/// A password that somebody could have set; the same holds for it.
pub const PASSWORD: &str = "Needle pass-phrase 7#x";
/// A key file as it is sealed: with a key that somebody could have made, and without what is not needed.
pub static KEY_FILE: LazyLock<String> =
    LazyLock::new(|| key_file("moxiengage", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"));

/// The key file of a service account of this name.
pub fn key_file(name: &str, key_id: &str) -> String {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let pem = STANDARD.encode(pair.as_der().expect("PKCS#8").as_ref());
    let file = serde_json::json!({
        "type": "service_account",
        "project_id": "lakeshore-mail",
        "private_key_id": key_id,
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n"),
        "client_email": format!("{name}@lakeshore-mail.iam.gserviceaccount.com"),
        "client_id": "104857600000000000001",
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    let Ok((_, key)) = read_key_file(&file.to_string()) else { panic!("a key file") };
    key.expose().to_owned()
}

/// A tenant and an app.
pub const TENANT: &str = "11111111-7a0e-4c43-9a5a-3a7e0f6c2d11";
pub const CLIENT: &str = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
/// Two sessions.
pub const SESSION: &[u8] = &[7; 32];
pub const OTHER_SESSION: &[u8] = &[8; 32];

/// A portal that may open what it sealed, as the single process of a small installation.
pub async fn portal(database: &Database) -> App {
    portal_with(database, "", true).await
}

/// A portal with these settings on top; `opens` is whether its vault holds the private keys.
pub async fn portal_with(database: &Database, settings: &str, opens: bool) -> App {
    portal_at(database, Clock::standing_at(START), settings, opens).await
}

/// The same by another clock.
pub async fn portal_at(database: &Database, clock: Clock, settings: &str, opens: bool) -> App {
    let randomness = Randomness::system();
    let private = PrivateKey::generate(date(2026, 11, 21), &randomness);
    let public = PublicKeyring::new(private.public().clone(), Vec::new());
    let vault = Vault {
        sealing: SealingKeys::new(public, randomness.clone()),
        opening: opens.then(|| OpeningKeys::new(PrivateKeyring::new(vec![private]))),
        settings: SettingsKey::generate(randomness.clone()),
        audit: None,
        audit_head: None,
    };
    let text = format!(
        "[product]\nenvironment = \"test\"\n[portal]\npublic_url = \"http://127.0.0.1:8080\"\n[mail]\ntransport = \"files\"\nfrom = \"MoxiEngage <connect@moxi.example>\"\n{settings}"
    );
    let settings = Settings::read("test.toml", &text, []).expect("settings");
    App::new(database.open(&clock).await, vault, clock, randomness, settings)
}

/// An office of this domain that started by itself, with one person; nobody accepted it yet.
pub async fn office(app: &App, domain: &str) -> Scope {
    office_of(app, domain, false, &["Ida"]).await
}

/// An office with these people.
pub async fn office_of(app: &App, domain: &str, accepted: bool, names: &[&str]) -> Scope {
    let id = app.new_id(BrokerageId::from_random);
    let mut write = app.store.write().await.expect("a transaction");
    write
        .insert_brokerage(&NewBrokerage {
            id: id.clone(),
            company: CompanyName::parse("Lakeshore Realty").expect("a name"),
            contact: PersonName::parse("Ida").expect("a name"),
            phone_box: None,
            brand: None,
            origin: Origin::SelfStarted,
            proven_domain: MailDomain::parse(domain).expect("a domain"),
            accepted_at: accepted.then_some(START),
        })
        .await
        .expect("a brokerage");
    let mut person = None;
    for name in names {
        let address = MailAddress::parse(&format!("{name}@{domain}")).expect("an address");
        let name = PersonName::parse(name).expect("a name");
        let new = people::new_person(app, &id, &name, &address, Duty::Coordinator).expect("a person");
        write.insert_person(&new).await.expect("a person");
        person.get_or_insert(new.id);
    }
    let line = AuditLine::new(Actor::System, "test.office", id.as_str());
    write.commit(&[line]).await.expect("a commit");
    Scope { brokerage: id, person: person.expect("somebody") }
}

/// A form nobody has sent yet.
pub fn fresh_key() -> FormKey {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    key_with(&format!("formkey{:020}", COUNT.fetch_add(1, Ordering::SeqCst)), "")
}

/// A form with this key that says this.
pub fn key_with(key: &str, body: &str) -> FormKey {
    FormKey::new(Some(key), Sha256::digest(body).into()).expect("a key")
}

/// Answers that are right for an office of this domain.
pub fn good_answers(domain: &str) -> Answers {
    Answers::proposed(AccessKind::GraphSecret, 1)
        .with("tenant", TENANT)
        .with("client_id", CLIENT)
        .with("ends_month", "11")
        .with("ends_day", "21")
        .with("ends_year", "2028")
        .with("test_mailbox", format!("pat@{domain}"))
}

/// Those answers with a secret, as typed into the form of a connection that has no draft yet.
pub fn typed(answers: Answers, secret: &str) -> TypedAnswers {
    let own = secret_field(answers.kind());
    let given = |field| if own == Some(field) { secret } else { "" }.to_owned().into();
    TypedAnswers {
        client_secret: given("client_secret"),
        password: given("password"),
        service_account_key: given("service_account_key"),
        key_file: String::new().into(),
        texts: answers.to_stored().clone(),
        seen: String::new(),
    }
}

/// Saves them as whoever has just opened the form does.
pub async fn save(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    typed: TypedAnswers,
    goal: Goal,
) -> Result<Saved, Refused> {
    let seen = {
        let mut read = app.store.read().await.expect("a transaction");
        mark(read.draft(&scope.brokerage, id).await.expect("a read").as_ref())
    };
    save_answers(app, scope, SESSION, id, TypedAnswers { seen, ..typed }, goal).await
}
