//! The portal and its workers as processes of their own on one PostgreSQL: what each may, and what becomes of the
//! work when one of them, the database or the mail server goes away.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use moxi_onboard::{
    clock::Randomness,
    domain::ids::{BrokerageId, ConnectionId, SecretId},
    simulator::{Fault, Operation, Target},
    vault::{
        context::{Context, SecretField},
        files::Holds,
    },
};
use reqwest::Method;

use crate::{
    databases::{Database, Kind},
    world::{Admin, Cast, Form, Line, Page, Plan, SmtpServer, World, free_port, rows},
};

const APART: [Cast; 3] = [Cast::Portal, Cast::Worker, Cast::Worker];

/// A brokerage whose answers are ready to be submitted; gives the form that does it.
async fn ready(admin: &Admin) -> Form {
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    admin.enters(&form, &admin.credential()).await.form_with("seen")
}

/// Where a submission leads to.
fn leads_to(answer: &Page) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.headers["location"].to_str().expect("plain").to_owned()
}

async fn count(database: &Database, table: &str) -> i64 {
    rows::count(database, &format!("SELECT COUNT(*) FROM {table}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_of_a_check_in_another_process_arrives_as_it_happens() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let plan = Plan { latency: 150, poll: "30 s".to_owned(), ..Plan::default() };
    let world = World::start_with(&database, plan, &APART).await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;
    let status = admin.browser.opens(&leads_to(&admin.browser.posts(&form).await)).await;
    let events = status.html().marked("data-events").first().expect("a place for events").0.clone();

    let begun = Instant::now();
    let mut answer = admin.browser.request(Method::GET, &events).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let (status_code, headers) = (answer.status(), answer.headers().clone());
    let (mut bytes, mut arrivals) = (Vec::new(), Vec::new());
    while let Some(piece) = answer.chunk().await.expect("a piece") {
        bytes.extend_from_slice(&piece);
        arrivals.push((begun.elapsed(), String::from_utf8_lossy(&bytes).matches("event: step").count()));
        if String::from_utf8_lossy(&bytes).contains("event: decided") {
            break;
        }
    }
    admin.browser.note(&format!("GET {events}"), status_code, &headers, &bytes);
    arrivals.dedup_by_key(|(_, steps)| *steps);
    let spread = arrivals.last().expect("events").0 - arrivals[0].0;
    assert!(arrivals.len() >= 5 && spread > Duration::from_millis(500), "{arrivals:?}");
    // The queue is read every 30 seconds: sooner than that, only word of mouth can have done it.
    assert!(begun.elapsed() < Duration::from_secs(20), "{arrivals:?}");

    let status = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    admin.mail("Verified").await;
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_whose_worker_was_killed_is_taken_up_by_another() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &APART).await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;
    // The first one to read the calendar waits for ever.
    let calendar = Target::Tenant("healthy".to_owned(), Operation::CalendarView);
    world.simulator.inject(calendar, Fault::Hang, 1);
    let to = leads_to(&admin.browser.posts(&form).await);
    let holder = holder(&world).await;
    let place = world.processes.iter().position(|process| format!("worker-{}", process.id()) == holder);
    world.processes.remove(place.expect("one of the two")).kill();

    let status = admin.sees_the_end(&admin.browser.opens(&to).await).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    status.must_say("This check was interrupted on our side and began again");
    assert_eq!((count(&database, "attempts").await, count(&database, "verdicts").await), (1, 1));
    let runs = rows::texts(&database, "SELECT CAST(run AS TEXT) FROM verdicts").await;
    assert_eq!(runs, [["2"]]);
    admin.mail("Verified").await;
    world.rests().await;
    // One mail of each kind, and nobody signed in more often than once a run.
    assert!(world.mailbox.unexplained().is_empty());
    assert_eq!(world.simulator.token_requests("healthy"), 2);
    let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
    assert!(items.left_behind().is_empty(), "the second run cleaned up after the first");
    world.has_no_needles().await;
}

/// The worker that holds the check, once its step hangs: the steps before it are written.
async fn holder(world: &World<'_>) -> String {
    let query = "SELECT j.leased_by FROM jobs j JOIN checks c ON c.id = j.subject
        WHERE j.kind = 'run_check' AND j.done_at IS NULL AND j.leased_by IS NOT NULL
        AND EXISTS (SELECT 1 FROM check_steps s WHERE s.check_id = c.id AND s.step_id = 'mailbox')";
    for _ in 0..400 {
        if let Some(found) = rows::texts(world.database, query).await.into_iter().flatten().next() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no worker took the check")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_portal() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &[Cast::Portal]).await;
    let worker = world.adds(Cast::Worker).await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;
    // Nobody is there to check it: what is found later was in the database at the moment of the answer.
    world.processes.remove(worker).kill();
    let to = leads_to(&admin.browser.posts(&form).await);
    world.processes.remove(0).kill();

    assert_eq!(count(&database, "attempts").await, 1);
    world.adds(Cast::Portal).await;
    let status = admin.browser.opens(&to).await;
    assert_eq!(admin.verdict(&status), "queued", "{}", status.text());
    let again = admin.browser.posts(&form).await;
    assert_eq!(leads_to(&again), to, "the same press leads to the same place");
    world.adds(Cast::Worker).await;
    let status = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    assert_eq!((count(&database, "attempts").await, count(&database, "verdicts").await), (1, 1));
    admin.mail("Verified").await;
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_cannot_open_what_it_sealed_and_a_worker_can() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let world = World::start_with(&database, Plan::default(), &APART).await;
    let admin = world.admin("healthy");
    ready(&admin).await;
    let query = "SELECT brokerage_id, connection_id, id, encode(value_sealed, 'hex'), encode(sha256, 'hex') FROM secrets";
    let row = rows::texts(&database, query).await.remove(0);
    let brokerage = BrokerageId::parse(&row[0]).expect("an id");
    let connection = ConnectionId::parse(&row[1]).expect("an id");
    let secret = SecretId::parse(&row[2]).expect("an id");
    let context = Context::of_credential("test", &brokerage, &connection, &secret, SecretField::ClientSecret);
    let (sealed, digest) = (unhex(&row[3]), <[u8; 32]>::try_from(unhex(&row[4])).expect("32 bytes"));

    let randomness = Randomness::system();
    let worker = world.keys(true).open(Holds::OpeningKeys, &randomness).expect("the worker's keys");
    let opened = worker.open(&context, &sealed, &digest).expect("the worker opens it");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), admin.sample.client_secret);
    let portal = world.keys(false).open(Holds::SealingKeys, &randomness).expect("the portal's keys");
    assert!(portal.open(&context, &sealed, &digest).is_err(), "the portal opens nothing");
    assert!(world.keys(false).open(Holds::OpeningKeys, &randomness).is_err(), "it has no private keys");
    world.ends_well().await;
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks_exact(2).map(|two| u8::try_from(two[0] * 16 + two[1]).expect("a byte")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_stop_is_followed_within_twenty_seconds() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &[Cast::Portal, Cast::Worker]).await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;
    let calendar = Target::Tenant("healthy".to_owned(), Operation::CalendarView);
    world.simulator.inject(calendar, Fault::Hang, 1);
    let status = admin.browser.opens(&leads_to(&admin.browser.posts(&form).await)).await;
    holder(&world).await;
    // A page that streams and a step that hangs: both ends must let go.
    let events = status.html().marked("data-events").first().expect("a place for events").0.clone();
    let mut stream = admin.browser.request(Method::GET, &events).send().await.expect("an answer");
    stream.chunk().await.expect("a piece");
    while let Some(process) = world.processes.pop() {
        let name = process.name.clone();
        let (ended, took) = process.terminate().await;
        assert!(ended.success() && took < Duration::from_secs(20), "{name}: {ended} after {took:?}");
    }
    while stream.chunk().await.is_ok_and(|piece| piece.is_some()) {}

    world.adds(Cast::Portal).await;
    world.adds(Cast::Worker).await;
    let status = admin.sees_the_end(&admin.browser.opens(&status.url).await).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    admin.mail("Verified").await;
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_acknowledged() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let line = Line::to(address_of(&database.url)).await;
    let through = database.url.replace(&address_of(&database.url).to_string(), &line.address.to_string());
    let plan = Plan { database: Some(through), ..Plan::default() };
    let world = World::start_with(&database, plan, &[Cast::Portal, Cast::Worker]).await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;

    line.is_cut();
    for answer in [admin.browser.opens_once("/overview").await, admin.browser.posts(&form).await] {
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(answer.heading(), "We cannot do this right now");
        answer.must_say("nothing was saved");
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(count(&database, "attempts").await, 0);

    line.is_mended();
    let answer = sent_until_taken(&admin, &form).await;
    let status = admin.sees_the_end(&admin.browser.opens(&leads_to(&answer)).await).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    assert_eq!((count(&database, "attempts").await, count(&database, "verdicts").await), (1, 1));
    admin.mail("Verified").await;
    world.rests().await;
    world.has_no_needles().await;
}

/// Presses the same button again until the portal takes it, as a person would.
async fn sent_until_taken(admin: &Admin, form: &Form) -> Page {
    for _ in 0..100 {
        let answer = admin.browser.posts(form).await;
        if answer.status != 503 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the portal does not recover")
}

fn address_of(url: &str) -> SocketAddr {
    let host = url.split('@').nth(1).and_then(|rest| rest.split('/').next());
    host.expect("an address").parse().expect("an address of this machine")
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_mail_server_is_away_submissions_are_kept_and_mails_wait() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let address = free_port();
    let plan = Plan { smtp: Some(address), ..Plan::default() };
    let world = World::start_with(&database, plan, &[Cast::Portal, Cast::Worker]).await;
    let mut server = SmtpServer::away_at(address, &world.folder.path().join("mail"));
    server.comes().await;
    let admin = world.admin("healthy");
    let form = ready(&admin).await;

    server.goes().await;
    let status = admin.browser.opens(&leads_to(&admin.browser.posts(&form).await)).await;
    let status = admin.sees_the_end(&status).await;
    assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
    // Either may be on its way to the server that is away, and the first may have been overtaken by the second.
    let kept = "SELECT COUNT(*) FROM mails WHERE state <> 'accepted'";
    assert_eq!(rows::count(&database, kept).await, 2);
    assert!(world.mailbox.unexplained().is_empty(), "nothing left");

    server.comes().await;
    admin.mail("Verified").await;
    world.ends_well().await;
    let overtaken = "SELECT COUNT(*) FROM mails WHERE kind = 'received' AND state = 'held'";
    assert!(rows::count(&database, overtaken).await <= 1, "nobody is told of a check that has ended");
    let letters = world.mailbox.all();
    let mut ids: Vec<_> = letters.iter().map(|letter| &letter.message_id).collect();
    ids.sort();
    ids.dedup();
    let told = letters.iter().filter(|letter| !letter.subject.starts_with("Received")).count();
    assert_eq!((ids.len(), told), (letters.len(), 2), "each mail once: the code, verified");
}
