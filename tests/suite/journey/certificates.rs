//! Microsoft 365 with a certificate: the worker makes the key pair, the admin uploads the public half, and the private
//! half is typed by nobody and found nowhere.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use moxi_onboard::{
    clock::Randomness,
    domain::{
        causes,
        ids::{BrokerageId, ConnectionId, SecretId},
    },
    simulator::{Credential, Upload},
    vault::{
        context::{Context, SecretField},
        files::Holds,
    },
};
use reqwest::Method;
use secrecy::ExposeSecret as _;

use crate::{
    databases::{Database, Kind, on_both},
    world::{Admin, Cast, NeedleKind, Page, Plan, World, rows},
};

/// What the admin copies from Entra: the certificate is none of it.
struct Copied {
    tenant: String,
    client: String,
    mailbox: String,
}

impl Copied {
    fn first(admin: &Admin) -> Self {
        let sample = &admin.sample;
        let [tenant, client, mailbox] =
            [&sample.tenant_id, &sample.client_id, &sample.test_mailbox].map(Clone::clone);
        Self { tenant, client, mailbox }
    }

    fn second(admin: &Admin) -> Self {
        let Credential { tenant_id, client_id, test_mailbox, .. } =
            admin.sample.second.clone().expect("a second app");
        Self { tenant: tenant_id, client: client_id, mailbox: test_mailbox }
    }
}

/// Signs in for the first time and makes the connection; leads to its form, with the certificate on it.
async fn begins(admin: &Admin) -> Page {
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    waits(admin, form).await
}

/// Looks again, without scripts, until the certificate is there.
async fn waits(admin: &Admin, mut page: Page) -> Page {
    for _ in 0..200 {
        if !page.says("is being made") {
            return page;
        }
        page.must_say("is being made");
        tokio::time::sleep(Duration::from_millis(50)).await;
        page = admin.browser.presses(&page.form_with("client_id"), "Save and look again").await;
    }
    panic!("the certificate is never made: {}", page.text())
}

/// Downloads the file that a page links to.
async fn downloads(admin: &Admin, page: &Page) -> Vec<u8> {
    let link = page.link("Download");
    let answer = admin.browser.request(Method::GET, &link).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/pkix-cert".parse().expect("a type"))
    );
    let named = answer.headers()["content-disposition"].to_str().expect("a text").to_owned();
    assert!(named.starts_with("attachment; filename=\"MoxiEngage-") && named.ends_with(".cer\""), "{named}");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let file = answer.bytes().await.expect("a file").to_vec();
    admin.browser.note(&format!("GET {link}"), status, &headers, &file);
    file
}

/// What can be compared stands on the page before anything is submitted, and the file as text; a page that waits is told
/// the same.
async fn shows_it(admin: &Admin, page: &Page, file: &[u8]) {
    let subject = format!("CN=MoxiEngage for {}", admin.sample.brokerage.company);
    for part in [subject.as_str(), "Good from", " until ", "The same as text, to copy"] {
        page.must_say(part);
    }
    let (_, rest) = page.source.split_once("-----BEGIN CERTIFICATE-----\n").expect("the file as text");
    let (body, _) = rest.split_once("-----END CERTIFICATE-----").expect("its end");
    assert_eq!(STANDARD.decode(body.replace('\n', "")).expect("base64"), file);
    let asked =
        admin.browser.request(Method::GET, &page.link("Download")).header("accept", "application/json");
    let told: serde_json::Value = asked.send().await.expect("an answer").json().await.expect("JSON");
    assert!(told["subject"] == subject && page.says(told["thumbprint"].as_str().expect("a text")), "{told}");
    assert!(page.says(told["good"].as_str().expect("a text")), "{told}");
    let other = page.link("Download").replace("/certificates/1", "/certificates/2");
    let asked = admin.browser.request(Method::GET, &other).header("accept", "application/json");
    assert_eq!(asked.send().await.expect("an answer").status(), 204, "nothing is there yet");
}

/// Whoever gets the guide on paper has the same certificate as text, and a list of what to hand back.
async fn comes_on_paper(admin: &Admin, page: &Page, file: &[u8]) {
    let guide = admin.browser.opens(&page.link("Open the guide")).await;
    let pack = admin.browser.opens(&guide.link("The whole guide to print")).await;
    let (_, rest) = pack.source.split_once("-----BEGIN CERTIFICATE-----\n").expect("a certificate");
    let (body, _) = rest.split_once("-----END CERTIFICATE-----").expect("its end");
    assert!(body.lines().all(|line| line.len() <= 64), "{body}");
    assert_eq!(STANDARD.decode(body.replace('\n', "")).expect("base64"), file);
    let (_, back) = pack.source.split_once("What to hand back").expect("the end of the pages");
    for field in
        ["Directory (tenant) ID", "Application (client) ID", "with this thumbprint", "To be filled in"]
    {
        assert!(back.contains(field), "{field}: {back}");
    }
    assert!(!back.contains("secret&#39;s Value"), "nothing secret is handed back: {back}");
}

/// Puts the file with the app, as the admin does in Entra.
fn uploads(world: &World<'_>, client: &str, file: &[u8], page: &Page) {
    let Upload::Taken(thumbprint) = world.simulator.upload(client, file) else { panic!("no certificate") };
    page.must_say(&thumbprint);
}

/// Fills in what was copied and goes on.
async fn enters(admin: &Admin, page: &Page, copied: &Copied) -> Page {
    for (what, text) in
        [("a tenant", &copied.tenant), ("an app's id", &copied.client), ("a mailbox", &copied.mailbox)]
    {
        admin.typed(NeedleKind::Setting, what, text);
    }
    let form = page.form_with("client_id").with("tenant", &copied.tenant);
    let form = form.with("client_id", &copied.client).with("test_mailbox", &copied.mailbox);
    admin.browser.presses(&form, "Continue").await
}

/// Notes every private key of the database, as only the worker can open it; how many there are.
async fn notes_keys(world: &World<'_>, database: &Database, admin: &Admin) -> usize {
    let hex = match database.kind {
        Kind::Sqlite => ["hex(value_sealed)", "hex(sha256)"],
        Kind::Postgres => ["encode(value_sealed, 'hex')", "encode(sha256, 'hex')"],
    };
    let query = format!("SELECT brokerage_id, connection_id, id, {}, {}, field FROM secrets", hex[0], hex[1]);
    let worker = world.keys(true).open(Holds::OpeningKeys, &Randomness::system()).expect("the worker's keys");
    let portal =
        world.keys(false).open(Holds::SealingKeys, &Randomness::system()).expect("the portal's keys");
    let found = rows::texts(database, &query).await;
    for row in &found {
        assert_eq!(row[5], "private_key");
        let context = Context::of_credential(
            "test",
            &BrokerageId::parse(&row[0]).expect("an id"),
            &ConnectionId::parse(&row[1]).expect("an id"),
            &SecretId::parse(&row[2]).expect("an id"),
            SecretField::PrivateKey,
        );
        let (sealed, digest) = (unhex(&row[3]), <[u8; 32]>::try_from(unhex(&row[4])).expect("32 bytes"));
        assert!(portal.open(&context, &sealed, &digest).is_err(), "the portal opens no key");
        let pem = worker.open(&context, &sealed, &digest).expect("the worker opens it");
        let lines: Vec<&str> = pem.expose_secret().lines().collect();
        assert_eq!((lines[0], lines.len() > 20), ("-----BEGIN PRIVATE KEY-----", true));
        // A line from among the secret numbers, and the bytes it stands for.
        admin.typed(NeedleKind::Secret, "a line of a private key", lines[12]);
        let bytes = STANDARD.decode(lines[12]).expect("base64");
        let places = rows::everything(database).await;
        let place = places.iter().find(|(_, held)| held.windows(bytes.len()).any(|window| window == bytes));
        assert!(place.is_none(), "a private key lies in {:?}", place.map(|(place, _)| place));
    }
    found.len()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks_exact(2).map(|two| u8::try_from(two[0] * 16 + two[1]).expect("a byte")).collect()
}

on_both! {
    async fn an_app_without_its_certificate_fails_a_test_and_passes_the_next_with_the_same_key(database) {
        let world = World::start(database).await;
        let admin = world.admin("certificate-healthy");
        let copied = Copied::first(&admin);
        let page = begins(&admin).await;
        let file = downloads(&admin, &page).await;
        shows_it(&admin, &page, &file).await;
        comes_on_paper(&admin, &page, &file).await;
        let review = enters(&admin, &page, &copied).await;
        let failed = admin.tests(&review, "Test these details").await;
        failed.must_say("Test failed");
        uploads(&world, &copied.client, &file, &page);
        // The key stays: what was mended is the office's side, and the same answers are tested again.
        let passed = admin.tests(&failed, "Test again").await;
        passed.must_say("Test passed");
        let status = admin.browser.presses(&passed.form_that_says("Submit these details"), "Submit these details").await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM attempts").await, 1);
        notes_keys(&world, database, &admin).await;
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        world.ends_well().await;
    }

    async fn a_certificate_is_renewed_beside_the_one_in_use(database) {
        let world = World::start(database).await;
        let admin = world.admin("certificate-healthy");
        let copied = Copied::first(&admin);
        let page = begins(&admin).await;
        uploads(&world, &copied.client, &downloads(&admin, &page).await, &page);
        let review = enters(&admin, &page, &copied).await;
        let status = admin.submits(&review).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;

        let renew = admin.browser.opens(&status.link("Renew the certificate")).await;
        let mut form = admin.browser.sends(&renew.form_that_says("Begin")).await;
        for _ in 0..200 {
            if !form.says("is being made") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            form = admin.browser.opens(&form.url).await;
        }
        let second = downloads(&admin, &form).await;
        let review = admin.browser.presses(&form.form_that_says("Continue"), "Continue").await;
        review.must_say("Check your answers");
        // Before the upload the test says so, and what is in use stays as it is.
        let failed = admin.tests(&review, "Test these details").await;
        failed.must_say("Test failed");
        uploads(&world, &copied.client, &second, &form);
        let passed = admin.tests(&failed, "Test again").await;
        passed.must_say("Test passed");
        assert_eq!(admin.verdict(&admin.browser.opens(&status.url).await), "verified");
        admin.browser.presses(&passed.form_that_says("Submit these details"), "Submit these details").await;
        world.mailbox.gets(admin.address(), "Renewed: Main office").await;
        assert_eq!(notes_keys(&world, database, &admin).await, 2, "one in use, one for a way back");
        world.ends_well().await;
    }

    async fn a_certificate_is_made_uploaded_and_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("certificate-healthy");
        let form = begins(&admin).await;
        assert!(!form.says("Client secret") && !form.says("client secret"), "{}", form.text());
        let guide = admin.browser.opens(&form.link("Open the guide")).await;
        guide.must_say("Upload the certificate");
        uploads(&world, &admin.sample.client_id, &downloads(&admin, &guide).await, &guide);
        let review = enters(&admin, &form, &Copied::first(&admin)).await;
        review.must_say("Certificate, thumbprint");
        let status = admin.submits(&review).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        status.must_say("The certificate ends on");
        let mail = world.mailbox.gets(admin.address(), "Verified: Main office").await;
        assert!(mail.words().contains("the certificate ends on"), "{}", mail.text);
        assert!(world.simulator.mailbox_items(&admin.sample.test_mailbox).left_behind().is_empty());
        assert_eq!(notes_keys(&world, database, &admin).await, 1);
        world.ends_well().await;
    }

    async fn a_certificate_that_was_not_uploaded_is_uploaded_and_checked_again(database) {
        let world = World::start(database).await;
        for name in ["certificate-not-uploaded", "certificate-wrong"] {
            let admin = world.admin(name);
            let form = begins(&admin).await;
            let status = admin.submits(&enters(&admin, &form, &Copied::first(&admin)).await).await;
            let failed = admin.sees_the_end(&status).await;
            assert_eq!(admin.verdict(&failed), "failed", "{name}: {}", failed.text());
            failed.must_say(causes::find("client_assertion_invalid").expect("a cause").title);
            failed.must_say("See it in the guide: Upload the certificate");
            let mail = world.mailbox.gets(admin.address(), "Not connected").await;
            assert!(mail.words().contains("Check again") && !mail.words().contains("new secret"), "{}", mail.text);
            uploads(&world, &admin.sample.client_id, &downloads(&admin, &failed).await, &failed);
            let status = admin.browser.presses(&failed.form_that_says("Check again"), "Check again").await;
            let status = admin.sees_the_end(&status).await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            world.mailbox.gets(admin.address(), "Verified: Main office").await;
        }
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM attempts").await, 2, "nothing was entered twice");
        world.ends_well().await;
    }

    async fn a_second_attempt_has_a_certificate_of_its_own(database) {
        let world = World::start(database).await;
        let admin = world.admin("certificate-no-permission");
        let form = begins(&admin).await;
        uploads(&world, &admin.sample.client_id, &downloads(&admin, &form).await, &form);
        let status = admin.submits(&enters(&admin, &form, &Copied::first(&admin)).await).await;
        let failed = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
        failed.must_say(causes::find("graph_permission_missing").expect("a cause").title);
        world.mailbox.gets(admin.address(), "Not connected").await;
        let first = world.simulator.thumbprints(&admin.sample.client_id).pop().expect("a thumbprint");

        let form = admin.browser.sends(&failed.form_that_says("attempt 2")).await;
        let form = waits(&admin, form).await;
        form.must_say("attempt 2");
        assert!(!form.says(&first), "another certificate: {}", form.text());
        let copied = Copied::second(&admin);
        uploads(&world, &copied.client, &downloads(&admin, &form).await, &form);
        let status = admin.submits(&enters(&admin, &form, &copied).await).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        assert_eq!(notes_keys(&world, database, &admin).await, 2);
        world.ends_well().await;
    }

    async fn each_other_sample_shows_its_verdict_and_its_cause(database) {
        let world = World::start(database).await;
        for (name, subject, state) in [
            ("certificate-expired", "Not connected", "failed"),
            ("certificate-not-allowed", "Not connected", "failed"),
            ("certificate-waiting", "Waiting", "waiting"),
        ] {
            let admin = world.admin(name);
            let form = begins(&admin).await;
            uploads(&world, &admin.sample.client_id, &downloads(&admin, &form).await, &form);
            let status = admin.submits(&enters(&admin, &form, &Copied::first(&admin)).await).await;
            world.mailbox.gets(admin.address(), subject).await;
            let status = admin.browser.opens(&status.url).await;
            assert_eq!(admin.verdict(&status), state, "{name}: {}", status.text());
            let cause = admin.sample.expected_cause.as_deref().and_then(causes::find).expect("a cause");
            status.must_say(cause.title);
            assert!(!status.says("client secret ends") && !status.says("new client secret"), "{name}: {}", status.text());
            if name == "certificate-expired" {
                status.must_say("Get a new certificate (attempt 2)");
                let form = admin.browser.sends(&status.form_that_says("attempt 2")).await;
                let form = waits(&admin, form).await;
                form.must_say("Your app keeps its name");
                assert_eq!(form.form_with("client_id").value("client_id"), Some(admin.sample.client_id.as_str()));
            } else {
                assert!(world.simulator.heal(name));
            }
            if name == "certificate-not-allowed" {
                let status = admin.browser.presses(&status.form_that_says("Check again"), "Check again").await;
                let status = admin.sees_the_end(&status).await;
                assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
                world.mailbox.gets(admin.address(), "Verified: Main office").await;
            }
            if name == "certificate-waiting" {
                let status = admin.browser.presses(&status.form_that_says("Check again"), "Check again").await;
                let status = admin.sees_the_end(&status).await;
                assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
                world.mailbox.gets(admin.address(), "Verified: Main office").await;
            }
        }
        world.ends_well().await;
    }

    async fn a_certificate_is_for_its_own_office_only(database) {
        let world = World::start(database).await;
        let (one, other) = (world.admin("certificate-healthy"), world.admin("certificate-waiting"));
        let form = begins(&one).await;
        other.begins().await;
        let link = form.link("Download");
        for wrong in [link.clone(), link.replace("/certificates/1", "/certificates/2"), link.replace("/certificates/1", "/certificates/x")] {
            assert_eq!(other.browser.opens(&wrong).await.status, 404, "{wrong}");
        }
        assert_eq!(one.browser.opens(&link.replace("/certificates/1", "/certificates/2")).await.status, 404);
        let stranger = world.anonymous().opens(&link).await;
        assert!(stranger.url.starts_with("/sign-in"), "{}", stranger.url);
        world.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_alone_makes_no_key_and_says_that_it_waits() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &[Cast::Portal]).await;
    let mailer = world.adds(Cast::Worker).await;
    let admin = world.admin("certificate-healthy");
    admin.begins().await;
    // A worker that is killed at work leaves a job that counts it as a crash: that is another story.
    world.rests().await;
    world.processes.remove(mailer).kill();

    let form = admin.creates_connection("Main office").await;
    form.must_say("is being made");
    let refused = enters(&admin, &form, &Copied::first(&admin)).await;
    assert_eq!(refused.status, 422);
    refused.must_say("The certificate is being made");
    let again = admin.browser.presses(&refused.form_with("client_id"), "Save and look again").await;
    again.must_say("is being made");
    assert_eq!(
        again.form_with("client_id").value("client_id"),
        Some(admin.sample.client_id.as_str()),
        "what was typed stays"
    );
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM secrets").await, 0, "a portal makes no key");
    assert!(
        world.keys(false).open(Holds::OpeningKeys, &Randomness::system()).is_err(),
        "it has no private keys"
    );

    world.adds(Cast::Worker).await;
    let form = waits(&admin, again).await;
    assert_eq!(notes_keys(&world, &database, &admin).await, 1);
    uploads(&world, &admin.sample.client_id, &downloads(&admin, &form).await, &form);
    let status = admin.submits(&enters(&admin, &form, &Copied::first(&admin)).await).await;
    let status = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    world.mailbox.gets(admin.address(), "Verified: Main office").await;
    world.ends_well().await;
}
