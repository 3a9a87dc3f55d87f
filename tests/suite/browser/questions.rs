//! Asking something, and the letter for the mail provider, in a real browser: with scripts each page keeps the rules, and
//! without the same works.

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::World,
};

async fn look(person: &Person, scripts: Scripts, page: &str, faults: &mut Vec<String>) {
    if scripts == Scripts::On {
        faults.extend(rules::faults(&person.window, page).await);
    }
}

/// Asks from the box at the foot of the page; leads to the tab that opens.
async fn asks(person: &Person, text: &str) {
    let client = &person.window.client;
    person.window.find("details.ask:not([open]) > summary").await.click().await.expect("it unfolds");
    person.window.types("question", text).await;
    let before = client.windows().await.expect("windows");
    person.window.find("details.ask button").await.click().await.expect("a click");
    for _ in 0..300 {
        let now = client.windows().await.expect("windows");
        if let Some(new) = now.into_iter().find(|window| !before.contains(window)) {
            client.switch_to_window(new).await.expect("the new tab");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no tab opens");
}

async fn walk(scripts: Scripts) {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "exchange-roles-required", scripts).await;
    let mut faults = Vec::new();
    person.begins().await;
    person.creates_connection("Main office").await;
    // What was typed into the form stays while a question is asked.
    person.window.types("app_name", "Typed and not sent").await;
    let form = person.window.client.window().await.expect("the window");
    asks(&person, "Where is the tenant ID?").await;
    person.window.sees("We have your question.").await;
    person.window.sees("Where is the tenant ID?").await;
    look(&person, scripts, "questions", &mut faults).await;
    person.window.client.close_window().await.expect("the tab closes");
    person.window.client.switch_to_window(form).await.expect("back to the form");
    let typed = person.window.find("[name=app_name]").await.prop("value").await.expect("a value");
    assert_eq!(typed.as_deref(), Some("Typed and not sent"));

    person.window.types("app_name", "MoxiEngage").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Not connected").await;
    let status = person.window.client.current_url().await.expect("an address").path().to_owned();
    person.opens(&status).await;
    person.window.presses("Check again").await;
    for _ in 0..200 {
        person.opens(&status).await;
        if person.window.reads().await.contains("A letter for your mail provider") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    person.window.presses("A letter for your mail provider").await;
    person.window.sees("What we need from you:").await;
    look(&person, scripts, "letter", &mut faults).await;
    person.window.types("to", "helpdesk@host.example").await;
    person.window.presses("Send the letter").await;
    person.window.sees("The letter is on its way.").await;
    person.leaves().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_and_letters_keep_the_rules() {
    walk(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_and_letters_need_no_scripts() {
    walk(Scripts::Off).await;
}
