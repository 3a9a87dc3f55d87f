//! Times as the reader's own clock shows them: with scripts in their zone, without in ours.

use serde_json::{Value, json};

use super::{
    chromium::{self, Scripts},
    person::Person,
};
use crate::{
    databases::{Database, Kind},
    world::World,
};

/// What the elements of time on the page say, and their titles.
async fn times(person: &Person) -> Vec<(String, String)> {
    let script =
        "return [...document.querySelectorAll('main time')].map(one => [one.textContent, one.title])";
    let found = person.window.client.execute(script, Vec::new()).await.expect("an answer");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    found.as_array().expect("a list").iter().map(|one| (text(&one[0]), text(&one[1]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_the_readers_own_and_ours_stay_in_the_title() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "healthy", Scripts::On).await;
    // Half an hour beside the others, and no summer time.
    person.window.asks("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Kolkata" })).await;
    person.asks_for_a_code().await;
    // The first of them: when the mail has left before the page is made, the page says that, too.
    let all = times(&person).await;
    let (until, ours) = all.first().expect("the end of a code's time");
    assert!(until.ends_with("GMT+5:30") && ours.ends_with(" UTC"), "{until} {ours}");
    let minutes =
        |clock: &str| clock.split([':', '\u{202f}', ' ']).nth(1).and_then(|it| it.parse::<i32>().ok());
    let apart = minutes(until).zip(minutes(ours)).map(|(theirs, ours)| (theirs - ours).rem_euclid(60));
    assert_eq!(apart, Some(30), "{until} {ours}");

    person.types_the_code().await;
    person.introduces_the_office().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    // In the middle of a sentence, too.
    person.window.sees("Entered at").await;
    let said = person.window.reads().await;
    assert!(said.contains("GMT+5:30") && !said.contains("UTC"), "{said}");
    person.window.presses("Submit credentials").await;
    person.window.sees("Verified").await;
    person.admin.mail("Verified").await;
    let said = times(&person).await;
    let whole = said.iter().filter(|(_, ours)| ours.contains(", ") && ours.ends_with("UTC"));
    let whole: Vec<_> = whole.collect();
    assert!(!whole.is_empty() && whole.iter().all(|(theirs, _)| theirs.ends_with("GMT+5:30")), "{said:?}");
    assert_eq!(person.window.console().await, Vec::<String>::new());

    let silent = Person::sits_down(&world, "secret-wrong", Scripts::Off).await;
    silent.asks_for_a_code().await;
    silent.admin.code().await;
    let until = silent.window.reads().await;
    assert!(until.contains(" UTC") && !until.contains("GMT"), "{until}");
    silent.leaves().await;
    person.leaves().await;
    world.ends_well().await;
}
