//! The whole story at a real browser. With scripts every page it meets is held against the rules; without, the same
//! story must come to the same end.

use std::time::Duration;

use moxi_onboard::clock::Clock;

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::World,
};

/// What is wrong with the page that the window shows now.
async fn look(person: &Person, page: &str, faults: &mut Vec<String>) {
    faults.extend(rules::faults(&person.window, page).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_story_keeps_the_rules() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let mut faults = Vec::new();
    let mut person = Person::sits_down(&world, "healthy", Scripts::On).await;
    public_pages(&person, &mut faults).await;
    sign_in(&person, &mut faults).await;
    connection(&person, &mut faults).await;
    person.makes_room_for(&world, "secret-wrong").await;
    failure(&person, &mut faults).await;
    for (sample, mail, page) in OTHER_ENDS {
        person.makes_room_for(&world, sample).await;
        other_end(&person, mail, page, &mut faults).await;
    }
    person.leaves().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    world.ends_well().await;
}

async fn public_pages(person: &Person, faults: &mut Vec<String>) {
    for (page, path) in [
        ("start", "/"),
        ("help", "/help"),
        ("tips", "/tips"),
        ("security", "/security"),
        ("accessibility", "/accessibility"),
        ("not-found", "/nowhere"),
        ("code-elsewhere", "/sign-in/code"),
    ] {
        person.opens(path).await;
        look(person, page, faults).await;
    }
}

async fn sign_in(person: &Person, faults: &mut Vec<String>) {
    person.opens("/sign-in").await;
    person.window.types("email", "nobody").await;
    person.window.presses_the_button().await;
    look(person, "sign-in-refused", faults).await;
    early_in_half_a_minute().await;
    person.asks_for_a_code().await;
    person.window.presses("Send a new code").await;
    look(person, "code-too-many", faults).await;
    person.opens("/sign-in/code").await;
    look(person, "code", faults).await;
    person.window.types("code", "00000000").await;
    person.window.presses_the_button().await;
    look(person, "code-refused", faults).await;
    person.types_the_code().await;
    look(person, "who-you-are", faults).await;
    person.window.presses("Begin").await;
    look(person, "who-you-are-refused", faults).await;
    person.introduces_the_office().await;
    person.window.sees("Lakeshore Realty").await;
    look(person, "overview-empty", faults).await;
    person.opens("/people").await;
    look(person, "people", faults).await;
    person.window.presses("Send the invitation").await;
    look(person, "people-refused", faults).await;
    looks_up(person, "cedarhollow.example", "hosted by GoDaddy").await;
    look(person, "new-connection-hosted", faults).await;
}

/// Asks which mail system a domain has, and opens the page anew until a worker has looked.
async fn looks_up(person: &Person, domain: &str, says: &str) {
    person.opens("/connections/new").await;
    person.window.unfolds("Not sure which one it is").await;
    person.window.types("domain", domain).await;
    person.window.presses("Look it up").await;
    for _ in 0..20 {
        if person.window.reads().await.contains(says) {
            return;
        }
        // The page itself waits for the look.
        person.opens(&format!("/connections/new?domain={domain}")).await;
    }
    panic!("nobody looked: {}", person.window.reads().await);
}

/// Samples whose pages look different from verified and failed, the mail that tells of them, and the page's name.
const OTHER_ENDS: [(&str, &str, &str); 3] = [
    ("too-many-permissions", "Verified", "verified-with-warnings"),
    ("sign-in-riddle", "In our hands", "needs-staff"),
    ("exchange-roles-required", "Not connected", "failed-with-commands"),
];

async fn other_end(person: &Person, mail: &str, page: &str, faults: &mut Vec<String>) {
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail(mail).await;
    person.window.client.refresh().await.expect("a reload");
    look(person, page, faults).await;
}

/// A second code is refused until the current half minute is over: begin early in one.
async fn early_in_half_a_minute() {
    let into = Clock::system().now().as_micros() / 1_000_000 % 30;
    if into > 20 {
        tokio::time::sleep(Duration::from_secs(u64::try_from(30 - into).expect("seconds"))).await;
    }
}

async fn connection(person: &Person, faults: &mut Vec<String>) {
    person.opens("/connections/new").await;
    look(person, "new-connection", faults).await;
    person.window.presses("Continue").await;
    look(person, "new-connection-refused", faults).await;
    person.creates_connection("Main office").await;
    look(person, "answers", faults).await;
    person.window.types("tenant", "not a tenant").await;
    person.window.types("ends_month", "13").await;
    person.window.presses("Continue").await;
    look(person, "answers-refused", faults).await;
    person.enters(&person.admin.credential()).await;
    person.window.sees("Check your answers").await;
    look(person, "review", faults).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
    person.window.client.refresh().await.expect("a reload");
    look(person, "verified", faults).await;
    person.opens("/overview").await;
    look(person, "overview-verified", faults).await;
}

async fn failure(person: &Person, faults: &mut Vec<String>) {
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Not connected").await;
    let status = person.window.client.current_url().await.expect("an address");
    person.window.client.refresh().await.expect("a reload");
    look(person, "failed", faults).await;
    person.opens("/overview").await;
    look(person, "overview-failed", faults).await;
    person.window.goes_to(status.as_str()).await;
    person.window.presses("attempt 2").await;
    person.window.sees("attempt 2").await;
    look(person, "answers-second", faults).await;
    person.enters(&person.admin.second_credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_story_comes_to_the_same_end() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "secret-wrong", Scripts::Off).await;
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    let cause = moxi_onboard::domain::causes::find("client_secret_invalid").expect("the cause");
    person.admin.mail("Not connected").await;
    person.opens("/overview").await;
    person.window.presses("Main office").await;
    person.window.sees(cause.title).await;
    person.window.presses("attempt 2").await;
    person.window.sees("attempt 2").await;
    person.enters(&person.admin.second_credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
    person.opens("/overview").await;
    person.window.presses("Main office").await;
    person.window.sees("Verified: Main office is connected").await;
    let said = rules::quiet(&person.window, "without scripts").await;
    person.leaves().await;
    assert!(said.is_empty(), "{said:#?}");
    world.ends_well().await;
}
