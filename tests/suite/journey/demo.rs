//! The demo as a newcomer or a program meets it: one command, one ready file, and the story works with what it says.

use std::{path::Path, time::Duration};

use moxi_onboard::simulator::Sample;
use serde_json::Value;

use crate::{
    databases::{Database, Kind},
    world::{
        Admin, Folder, Mailbox, Process, World, comes_in, free_port, runs, seen::Seen, visitor::Visitor,
    },
};

async fn ready(file: &Path) -> Value {
    for _ in 0..1500 {
        if let Ok(text) = std::fs::read_to_string(file) {
            return serde_json::from_str(&text).expect("one JSON object");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the demo is never ready")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// A sample as the ready file tells it.
fn told(ready: &Value, like: Sample) -> Sample {
    let samples = ready["samples"].as_array().expect("samples");
    let told = samples.iter().find(|sample| sample["name"] == *like.name).expect("the sample");
    let input: toml::Table = text(told, "input").parse().expect("TOML");
    let typed = |key: &str| input[key].as_str().expect("a text").to_owned();
    assert!(input.contains_key("network"), "the input reaches the simulated world");
    let mut sample = like;
    sample.tenant_id = typed("tenant_id");
    sample.client_id = typed("client_id");
    sample.client_secret = typed("client_secret");
    sample.secret_expires_on = typed("secret_expires_on").parse().expect("a day");
    sample.test_mailbox = typed("test_mailbox");
    text(told, "admin_email").clone_into(&mut sample.brokerage.admin_email);
    sample
}

/// Everybody with a role whom the ready file names comes in at the staff site, and sees the brokerage that has just
/// begun; whoever has none is told so.
async fn our_people_come_in(ready: &Value, admin: &Admin, seen: &Seen) {
    let company = &admin.sample.brokerage.company;
    let people = ready["people"].as_array().expect("people").iter();
    let ours: Vec<&Value> = people.filter(|person| person["site"] == "staff").collect();
    assert!(ours.iter().filter(|person| person["role"] != "none").count() >= 4, "{ours:#?}");
    for person in ours {
        let (browser, page) = comes_in(text(ready, "staff_url"), text(person, "name"), seen).await;
        let role = text(person, "role");
        if role == "none" {
            assert_eq!(page.heading(), "You have no role here", "{person}");
            continue;
        }
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Needs a human"), "{person}");
        page.must_say(&format!("{company}: Main office"));
        page.must_say("Its brokerage waits to be accepted");
        let account = browser.opens("/account").await;
        assert_eq!(account.heading(), text(person, "name"));
        assert!(
            account.text().to_lowercase().contains(&role.replace('_', " ")),
            "{person}: {}",
            account.text()
        );
    }
}

/// Where Entra's page would stand, a certificate is put with an app as a browser's form sends it.
async fn uploads_at_the_desk(ready: &Value) {
    let samples = ready["samples"].as_array().expect("samples");
    let sample =
        samples.iter().find(|sample| sample["name"] == "certificate-not-uploaded").expect("the sample");
    let input: toml::Table = text(sample, "input").parse().expect("TOML");
    let [client, pem] = ["client_id", "certificate"].map(|key| input[key].as_str().expect("a text"));
    let url = format!("{}/apps/{client}", text(ready, "desk_url"));
    let page = crate::world::client::client()
        .get(&url)
        .send()
        .await
        .expect("the page")
        .text()
        .await
        .expect("a page");
    assert!(page.contains("No certificate lies with this app"), "{page}");
    let send = async |file: &str, origin: &str| {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.cer\"\r\n\r\n{file}\r\n--x--\r\n"
        );
        let request = crate::world::client::client().post(&url).header("origin", origin);
        let request = request.header("content-type", "multipart/form-data; boundary=x").body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a page"))
    };
    assert_eq!(send(pem, "https://evil.example").await.0, 403);
    assert_eq!(send("no certificate", text(ready, "desk_url")).await.0, 422);
    let (status, page) = send(pem, text(ready, "desk_url")).await;
    assert!(status == 200 && page.contains("Uploaded: ") && page.contains("Thumbprint"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_what_its_ready_file_says() {
    let folder = Folder::new();
    let addresses = [free_port(), free_port(), free_port()].map(|address| address.to_string());
    let [portal, staff, desk] = &addresses;
    let arguments = [
        "demo",
        "--portal",
        portal,
        "--staff",
        staff,
        "--desk",
        desk,
        "--data",
        "data",
        "--fresh",
        "--ready-file",
        "ready.json",
    ];
    let process = Process::start("demo", folder.path(), &arguments);
    let ready = ready(&folder.path().join("ready.json")).await;
    for key in
        ["portal_url", "staff_url", "simulator", "ca_file", "mail_dir", "data_dir", "people", "samples"]
    {
        assert!(ready.get(key).is_some(), "no {key}");
    }
    assert_eq!(text(&ready, "portal_url"), format!("http://{portal}"));

    // Only the shape of a sample is taken from here; every value is the one that the demo told.
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let sample = told(&ready, World::start_with(&database, Default::default(), &[]).await.sample("healthy"));
    let mailbox = Mailbox::at(Path::new(text(&ready, "mail_dir")));
    let seen = Seen::default();
    let admin = Admin::new(Visitor::new(text(&ready, "portal_url"), &seen), sample, mailbox, seen.clone());
    let status = admin.first_attempt().await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    admin.mail("Verified").await;
    our_people_come_in(&ready, &admin, &seen).await;

    let desk = crate::world::client::client().get(text(&ready, "desk_url")).send().await.expect("the desk");
    assert_eq!(desk.status(), 200);
    assert!(desk.text().await.expect("a page").contains("Verified: Main office"), "the desk shows the mails");
    uploads_at_the_desk(&ready).await;
    // Neither a second demo nor --fresh takes the folder away under the one that runs.
    let id = process.id().to_string();
    for more in [&["--fresh"][..], &[]] {
        let second = runs(folder.path(), &[&["demo", "--data", "data"], more].concat());
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        assert_eq!(second.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("process {id} runs a demo")) && said.contains("--data"), "{said}");
    }
    admin.browser.opens("/overview").await.must_say("Verified");

    let (ended, took) = process.terminate().await;
    assert!(ended.success() && took < Duration::from_secs(20), "{ended} after {took:?}");
}
