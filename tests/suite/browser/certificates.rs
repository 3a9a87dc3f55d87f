//! The form of an app with a certificate in a real browser: the certificate comes to it by itself, beside what was typed.

use serde_json::json;

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::{Cast, Plan, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_comes_to_its_form_by_itself_and_enter_goes_on() {
    if !chromium::is_here() {
        return;
    }
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &[Cast::Portal]).await;
    let worker = world.adds(Cast::Worker).await;
    let person = Person::sits_down(&world, "certificate-healthy", Scripts::On).await;
    let mut faults = Vec::new();
    person.begins().await;
    world.rests().await;
    world.processes.remove(worker).terminate().await;

    // Nobody is there to make it.
    person.creates_connection("Main office").await;
    person.window.sees("Your certificate is being made").await;
    assert!(!person.window.reads().await.contains("Thumbprint"));
    faults.extend(rules::faults(&person.window, "certificate-awaited").await);
    let mailbox = person.admin.sample.test_mailbox.clone();
    person.window.types("test_mailbox", &mailbox).await;
    let stays = "window.stays = true; return true";
    person.window.client.execute(stays, Vec::new()).await.expect("a mark");
    world.adds(Cast::Worker).await;
    person.window.sees("Thumbprint").await;
    for part in ["CN=MoxiEngage for ", "Good from", "Download"] {
        person.window.sees(part).await;
    }
    assert!(!person.window.reads().await.contains("is being made"));
    let kept = "return [window.stays === true, document.getElementById('test_mailbox').value]";
    let kept = person.window.client.execute(kept, Vec::new()).await.expect("an answer");
    assert_eq!(kept, json!([true, mailbox]), "the page was not loaded anew, and what was typed stands");
    faults.extend(rules::faults(&person.window, "certificate-arrived").await);

    // Enter is "Continue", and not the button that asked for the certificate.
    person.window.find("#test_mailbox").await.send_keys("\u{e007}").await.expect("Enter");
    person.window.sees("There is a problem").await;
    person.window.sees("Enter the Directory (tenant) ID").await;
    person.leaves().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
