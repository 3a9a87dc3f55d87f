//! "Test before you submit" in a real browser, with scripts and without: a test fails, it is mended, a test passes, and
//! what passed is submitted without being typed again.

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::{World, rows},
};

#[tokio::test(flavor = "multi_thread")]
async fn with_scripts_a_test_fails_is_mended_passes_and_is_submitted() {
    if chromium::is_here() {
        tests_and_submits(Scripts::On).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_it_comes_to_the_same_end() {
    if chromium::is_here() {
        tests_and_submits(Scripts::Off).await;
    }
}

async fn tests_and_submits(scripts: Scripts) {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "secret-wrong", scripts).await;
    let (scripted, mut faults) = (matches!(scripts, Scripts::On), Vec::new());
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Test these details").await;
    let cause = moxi_onboard::domain::causes::find("client_secret_invalid").expect("the cause");
    ends(&person, scripted, cause.title).await;
    if scripted {
        faults.extend(rules::faults(&person.window, "test-failed").await);
    }
    person.window.presses("Change the answers").await;
    person.window.sees("Enter the client secret").await;
    person.enters(&person.admin.second_credential()).await;
    person.window.sees("Failed").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "review-tested").await);
    }
    person.window.presses("Test again").await;
    ends(&person, scripted, "Your details work").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "test-passed").await);
    }
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM attempts").await, 0, "nothing was submitted");
    person.window.presses("Submit these details").await;
    person.admin.mail("Verified").await;
    person.opens("/overview").await;
    person.window.presses("Main office").await;
    person.window.sees("Verified: Main office is connected").await;
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM attempts").await, 1, "none was used up");
    let said = rules::quiet(&person.window, "dry runs").await;
    person.leaves().await;
    assert!(faults.is_empty() && said.is_empty(), "{faults:#?} {said:#?}");
    world.ends_well().await;
}

/// Waits for the end of a test: with scripts the page shows it by itself, without the list ends with the way to it.
async fn ends(person: &Person, scripted: bool, heading: &str) {
    if !scripted && !person.window.reads().await.contains(heading) {
        person.window.presses("growing list").await;
        // Where it was over before the list began, its page is shown at once.
        if !person.window.reads().await.contains(heading) {
            person.window.presses("See the result").await;
        }
    }
    person.window.sees(heading).await;
}
