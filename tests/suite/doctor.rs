//! The doctor: each thing it looks at, as it should be and as it should not.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use moxi_onboard::{
    clock::{Clock, Randomness},
    simulator::{self, ALWAYS, Fault, Target, openid::Lie},
};
use serde_json::Value;

use crate::{
    databases::{Database, Kind, START},
    world::{Folder, SmtpServer, free_port, runs},
};

/// An installation with its settings, keys and, once somebody started on it, a database.
struct Home {
    folder: Folder,
    database: Database,
}

impl Home {
    async fn new() -> Self {
        let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
        let home = Self { folder: Folder::new(), database };
        home.settings("", &[]);
        let made = runs(home.folder.path(), &["keys", "--config", "settings.toml", "new"]);
        assert!(made.status.success(), "{made:?}");
        home
    }

    /// One that has been started on.
    async fn started() -> Self {
        let home = Self::new().await;
        home.database.open(&Clock::standing_at(START)).await.close().await;
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the settings: `more` at the end, and whole lines replaced.
    fn settings(&self, more: &str, replaced: &[(&str, &str)]) {
        let mut text = format!(
            "[product]\nenvironment = \"test\"\n[database]\nurl = \"{}\"\n[mail]\ntransport = \"files\"\nfrom = \"a@moxi.example\"\n{more}",
            self.database.url
        );
        for (line, other) in replaced {
            assert!(text.contains(line), "{line}");
            text = text.replace(line, other);
        }
        fs::write(self.path("settings.toml"), text).expect("a settings file");
    }

    fn doctor(&self) -> (i32, Value) {
        let output = runs(self.folder.path(), &["doctor", "--config", "settings.toml", "--json"]);
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().expect("it ends by itself"), report)
    }

    /// What it says of one thing: the colour and the text. Red makes the whole red, and whatever is not good says what
    /// to do.
    fn says(&self, what: &str) -> (String, String) {
        let (code, report) = self.doctor();
        let findings = report["findings"].as_array().expect("findings");
        let red = findings.iter().any(|finding| finding["colour"] == "red");
        assert_eq!((code, &report["well"]), (i32::from(red), &(!red).into()), "{report}");
        for finding in findings {
            assert_eq!(finding["colour"] == "good", finding["to_do"].is_null(), "{finding}");
        }
        let finding = findings.iter().rev().find(|finding| finding["what"] == what);
        let finding = finding.unwrap_or_else(|| panic!("nothing of {what}: {report:#}"));
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (text("colour"), text("text"))
    }

    fn is(&self, what: &str, colour: &str, words: &str) {
        let (found, text) = self.says(what);
        assert!(found == colour && text.contains(words), "{what}: {found}, {text}");
    }

    async fn execute(&self, text: &str) {
        self.database.execute(&format!("PRAGMA foreign_keys = OFF; {text}")).await;
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
}

#[tokio::test]
async fn a_new_installation_is_well_and_is_told_what_is_unset() {
    let home = Home::new().await;
    let (code, report) = home.doctor();
    assert_eq!(code, 0, "{report:#}");
    home.is("settings", "good", "understood");
    home.is("database", "note", "not there yet");
    home.is("about", "note", "about.support_address");
    home.is("mail", "note", "sent to nobody");
    assert!(!home.path("data/mail").exists(), "it only looks");
    let said = runs(home.folder.path(), &["doctor", "--config", "settings.toml"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("note  about") && said.contains("-> set them in [about]"), "{said}");
}

#[tokio::test]
async fn keys_that_are_missing_exposed_or_foreign_are_red() {
    let home = Home::started().await;
    for what in ["keys", "private keys", "audit key", "sealed secrets", "settings key"] {
        assert_eq!(home.says(what).0, "good", "{what}");
    }
    let key = |name: &str| home.path("data/keys").join(name);
    mode(&key("settings.key"), 0o644);
    home.is("keys", "red", "can be read by others");
    mode(&key("settings.key"), 0o600);
    mode(&key("private.keys"), 0o640);
    home.is("private keys", "red", "can be read by others");
    mode(&key("private.keys"), 0o600);
    fs::rename(key("private.keys"), key("elsewhere")).expect("moves");
    home.is("private keys", "note", "not on this machine");
    fs::rename(key("elsewhere"), key("private.keys")).expect("moves");

    let other = Home::new().await;
    let audit = fs::read(key("audit.public")).expect("reads");
    fs::write(key("audit.public"), "no keys").expect("writes");
    home.is("audit key", "red", "the first line must be");
    fs::remove_file(key("audit.public")).expect("goes");
    home.is("audit key", "note", "is not here");
    fs::write(key("audit.public"), audit).expect("writes");
    home.is("audit key", "good", "seals and verifies");
    fs::copy(other.path("data/keys/public.keys"), key("public.keys")).expect("copies");
    home.is("private keys", "red", "do not belong together");
}

#[tokio::test]
async fn what_other_keys_sealed_is_red() {
    let home = Home::started().await;
    home.execute(
        "INSERT INTO secrets (id, brokerage_id, connection_id, field, letters, value_sealed, sha256, key_id, created_at)
         VALUES ('sec_1', 'brk_1', 'con_1', 'client_secret', 1, x'00', x'00', '0123456789', 1)",
    )
    .await;
    home.is("sealed secrets", "red", "0123456789");
    home.execute(
        "INSERT INTO people (id, version, brokerage_id, name, address_box, address_key, mail_domain, created_at)
         VALUES ('per_1', 1, 'brk_1', 'Ida', x'010123456789', x'00', 'lakeshore.example', 1)",
    )
    .await;
    home.is("settings key", "red", "another settings key");
}

#[tokio::test]
async fn a_database_of_another_version_away_or_set_up_wrongly_is_told() {
    let home = Home::started().await;
    home.is("database", "good", "is at this version");
    home.is("clock", "good", "agree on the time");
    home.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 5").await;
    home.is("database", "red", "is at version 9999");
    home.execute("DELETE FROM _sqlx_migrations WHERE version > 2").await;
    home.is("database", "note", "is at version 2");
    home.execute("DELETE FROM _sqlx_migrations").await;
    home.is("database", "note", "is empty");
    let url = format!("url = \"{}\"", home.database.url);
    home.settings("", &[(url.as_str(), "url = \"postgres://nobody@127.0.0.1:1/none\"")]);
    home.is("database", "red", "away");
}

#[tokio::test]
async fn a_postgres_that_sorts_its_own_way_is_red_and_a_good_one_is_not() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let home = Home::started().await;
    let url = format!("url = \"{}\"", home.database.url);
    let other = |name: &str| {
        let server = database.url.rsplit_once('/').expect("an address").0;
        format!("url = \"{server}/{name}\"")
    };
    let good = database.url.rsplit_once('/').expect("an address").1;
    home.settings("", &[(url.as_str(), other(good).as_str())]);
    home.is("database", "note", "is empty");
    drop(database.open(&Clock::system()).await);
    home.is("database", "good", "PostgreSQL");
    home.is("clock", "good", "agree on the time");
    let wrong = format!("{good}_ascii");
    database
        .execute(&format!(
            "CREATE DATABASE {wrong} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        ))
        .await;
    home.settings("", &[(url.as_str(), other(&wrong).as_str())]);
    home.is("database order", "red", "SQL_ASCII");
    database.execute(&format!("DROP DATABASE {wrong} WITH (FORCE)")).await;
}

#[tokio::test]
async fn work_that_nobody_does_and_an_audit_that_was_changed_are_red() {
    let home = Home::started().await;
    home.is("jobs", "good", "");
    home.is("parked jobs", "good", "none");
    home.is("audit", "good", "0 rows");
    home.is("audit head", "note", "is not there");
    let head = home.path("data/keys/audit.head");
    fs::write(&head, format!("# kept\n7:{}\n", "ab".repeat(32))).expect("writes");
    home.is("audit head", "good", "remembers row 7");
    home.is("audit", "red", "a checkpoint tells of row 7: rows were cut off");
    fs::write(&head, "7:abab").expect("writes");
    home.is("audit head", "red", "holds no head of the audit's chain");
    fs::remove_file(&head).expect("goes");
    home.execute("UPDATE audit_sealer SET refused_at = 1, signed_seq = 7, found_seq = 0").await;
    home.is("audit", "red", "the sealer signs nothing on: row 7 was signed, and the chain ended at row 0");
    home.execute("UPDATE audit_sealer SET refused_at = NULL").await;
    home.is("audit", "good", "0 rows");
    let job = |id: &str, parked: &str| {
        format!(
            "INSERT INTO jobs (id, kind, subject, run_at, attempts, crashes, created_at, parked_at)
             VALUES ('{id}', 'sweep', '{id}', 1, 0, 0, 1, {parked})"
        )
    };
    home.execute(&job("job_1", "NULL")).await;
    home.is("jobs", "red", "waits for");
    home.execute(&job("job_2", "5")).await;
    home.is("parked jobs", "red", "1 jobs");
    let line = "INSERT INTO audit (id, at, actor, verb, object, detail) VALUES ('aud_1', 1, 'system', 'v', 'o', '{}')";
    home.execute(&format!("{line}; INSERT INTO audit_unsealed VALUES ('aud_1')")).await;
    home.is("audit", "red", "wait to be sealed");
    home.execute("DELETE FROM audit_unsealed").await;
    home.is("audit", "red", "put in past the portal");
}

// The mail server answers while the command is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn mail_that_cannot_leave_is_red() {
    let home = Home::new().await;
    home.settings("", &[("\"test\"", "\"production\"")]);
    home.is("mail", "red", "this is production");
    fs::write(home.path("a-file"), "").expect("writes");
    home.settings("dir = \"a-file/mail\"\n", &[]);
    home.is("mail", "red", "cannot be written");
    home.settings("dir = \"made/later\"\n", &[]);
    home.is("mail", "note", "made/later");

    let address = free_port();
    let smtp = format!(
        "transport = \"smtp\"\nhost = \"{}\"\nport = {}\nsecurity = \"none\"",
        address.ip(),
        address.port()
    );
    home.settings("", &[("transport = \"files\"", smtp.as_str())]);
    home.is("mail", "red", &format!("port {}", address.port()));
    let mut server = SmtpServer::away_at(address, &home.path("mail"));
    server.comes().await;
    home.is("mail", "good", "no mail was sent");
    assert!(fs::read_dir(home.path("mail")).map_or(0, Iterator::count) == 0, "no mail was sent");
    // Without TLS on the other side, STARTTLS is asked for in vain.
    home.settings("", &[("transport = \"files\"", smtp.replace("none", "starttls").as_str())]);
    home.is("mail", "red", "offers no TLS");
}

#[tokio::test]
async fn sites_and_addresses_that_do_not_serve_real_use_are_red() {
    let home = Home::new().await;
    home.is("portal", "note", "without https");
    home.is("outgoing", "note", "no outgoing addresses");
    home.settings("", &[("\"test\"", "\"production\"")]);
    home.is("portal", "red", "this is production");
    home.is("staff", "red", "this is production");
    let site = |proxies: &str| {
        format!(
            "[portal]\npublic_url = \"https://connect.moxi.example\"\ntrusted_proxies = [\"{proxies}\"]\n[about]\negress_addresses = [\"{proxies}\"]\n"
        )
    };
    home.settings(&site("10.0.0.7"), &[]);
    home.is("portal", "good", "https://connect.moxi.example");
    home.is("portal proxies", "good", "1 addresses");
    home.is("outgoing", "red", "10.0.0.7");
    home.settings(&site("0.0.0.0/0"), &[]);
    home.is("portal proxies", "red", "anybody could claim");
    home.settings(&site("203.0.113.10"), &[]);
    home.is("outgoing", "good", "203.0.113.10");
    home.is("database disk", home.says("database disk").0.as_str(), "free at");
}

// The provider answers while the command is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_cannot_work_is_red() {
    let home = Home::new().await;
    home.is("sign-in provider", "note", "nobody can sign in");
    let now = simulator::Settings::clock(|| Clock::system().now().timestamp());
    let world = simulator::start(simulator::Settings::new(home.path("simulator"), now)).await;
    let world = world.expect("the simulator starts");
    let provider = world.openid();
    let set = |issuer: &str, more: &str| {
        home.settings(
            &format!(
                "[staff.openid]\nissuer = \"{issuer}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\npatience = \"1 s\"\n{more}",
                provider.client_id(),
                provider.client_secret()
            ),
            &[],
        );
    };
    set(provider.issuer(), "");
    home.is("sign-in provider", "good", "describes itself as the settings say");
    home.is("sign-in keys", "good", "by 1 of its keys: ES256");
    home.is("sign-in PKCE", "good", "S256");
    home.is("sign-in way", "note", "speaks http on this machine");
    home.is("sign-in return", "good", "http://127.0.0.1:8081/sign-in/return");
    for (lie, what, colour, words) in [
        (Lie::Down, "sign-in provider", "red", "cannot answer now"),
        (Lie::Silent, "sign-in provider", "red", "did not come in time"),
        (Lie::DescribedByAPage, "sign-in provider", "red", "no description of an OpenID provider"),
        (Lie::OtherIssuerInDescription, "sign-in provider", "red", "it is \"https://login.evil.example\""),
        (Lie::TokensElsewhere, "sign-in provider", "red", "a token_endpoint that may not be called"),
        (Lie::PlainChallenges, "sign-in PKCE", "red", "no code challenge by S256"),
        (Lie::NoWordOfChallenges, "sign-in PKCE", "note", "does not say"),
        (Lie::KeysForEncryption, "sign-in keys", "red", "no key by which tokens are believed"),
        (Lie::HugeKeys, "sign-in keys", "red", "too large"),
    ] {
        provider.lies(&[lie]);
        home.is(what, colour, words);
    }
    provider.lies(&[]);
    set(provider.issuer().replace("127.0.0.1", "127.0.0.2").as_str(), "");
    home.is("sign-in provider", "red", "gives no answer");

    // A provider inside of the company: where it may be is shown, and it is reached by a name or not at all.
    let dns = format!("[network]\nresolver = \"{}\"\nonly_mapped = true\n", world.addresses().dns);
    let leads_to = |addresses: &[&str]| {
        let addresses = addresses.iter().map(|text| text.parse().expect("an address")).collect();
        let name = Target::Name("login.moxiworks.internal".to_owned());
        world.clear_faults();
        world.inject(name, Fault::Addresses(addresses), ALWAYS);
    };
    leads_to(&["10.20.0.5"]);
    set("https://login.moxiworks.internal:8443/realms/staff", &dns);
    home.is("sign-in way", "note", "login.moxiworks.internal alone may be called on port 8443");
    home.is("sign-in provider", "red", "refused by the safety rules");
    let inside = |networks: &str| format!("private_networks = [{networks}]\n{dns}");
    set("https://login.moxiworks.internal:8443/realms/staff", &inside("\"10.20.0.0/16\""));
    home.is("sign-in way", "note", "within 10.20.0.0/16");
    home.is("sign-in provider", "red", "the address is not mapped");
    leads_to(&["10.21.0.5"]);
    home.is("sign-in provider", "red", "refused by the safety rules");
    leads_to(&["10.20.0.5", "20.190.150.10"]);
    home.is("sign-in provider", "red", "refused by the safety rules");
}

#[tokio::test]
async fn a_database_file_is_its_owners_alone() {
    let home = Home::new().await;
    let store = home.database.open(&Clock::system()).await;
    let mut write = store.write().await.expect("a transaction");
    write.delete_ended_secrets().await.expect("it runs");
    write.commit_quietly(moxi_onboard::store::Quiet::Tick).await.expect("a commit");
    let file = home.database.url.strip_prefix("sqlite:").expect("an address").to_owned();
    for ending in ["", "-wal", "-shm"] {
        let about = fs::metadata(format!("{file}{ending}")).expect("it is there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600, "{ending}");
    }
    let looked =
        moxi_onboard::store::Store::open_to_look(&home.database.url, Clock::system(), Randomness::system());
    assert!(
        looked
            .await
            .expect("it opens")
            .write()
            .await
            .expect("a transaction")
            .delete_ended_secrets()
            .await
            .is_err(),
        "who only looks changes nothing"
    );
}

#[tokio::test]
async fn our_own_key_of_google_is_there_private_and_the_one_that_offices_are_told() {
    const NUMBER: &str = "104857600000000000001";
    let home = Home::started().await;
    let key = home.path("google.json");
    let settings = |number: &str| format!("[google]\nkey_file = \"google.json\"\n[about]\n{number}\n");
    let told = format!("google_client_id = \"{NUMBER}\"");
    home.settings(&settings(&told), &[]);
    assert_eq!(home.says("google").0, "red", "the file is not there");
    fs::write(&key, crate::office::KEY_FILE.as_bytes()).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("permissions");
    let (colour, text) = home.says("google");
    assert!(colour == "red" && text.contains("others may read it"), "{text}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("permissions");
    let (colour, text) = home.says("google");
    assert!(colour == "good" && text.contains(NUMBER) && !text.contains("PRIVATE"), "{text}");
    home.settings(&settings("google_client_id = \"204857600000000000002\""), &[]);
    assert_eq!(home.says("google").0, "red", "offices are told another number");
    home.settings(&settings(""), &[]);
    assert_eq!(home.says("google").0, "red", "offices are told no number");
    home.settings("[kinds]\ngoogle_delegated = \"closed\"\n", &[]);
    assert_eq!(home.says("google").0, "good");
    home.settings("", &[]);
    assert_eq!(home.says("google").0, "note");
    fs::write(&key, "{}").expect("written");
    home.settings(&settings(&told), &[]);
    let worker = runs(home.folder.path(), &["serve", "--config", "settings.toml", "--roles", "worker"]);
    let said = String::from_utf8_lossy(&worker.stderr).into_owned();
    assert_eq!(worker.status.code(), Some(2), "{said}");
    assert!(said.contains("[google] key_file") && said.contains("service_account"), "{said}");
}
