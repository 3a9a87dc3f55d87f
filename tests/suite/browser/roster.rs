//! All mailboxes of an office at a real browser: a list is sent in, the bar moves, and every page keeps the rules.

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
async fn an_admin_checks_all_mailboxes_and_every_page_keeps_the_rules() {
    if !chromium::is_here() {
        return;
    }
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world = World::start_with(&database, Plan::default(), &[Cast::Portal]).await;
    let worker = world.adds(Cast::Worker).await;
    let person = Person::sits_down(&world, "large-office", Scripts::On).await;
    let mut faults = Vec::new();
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
    person.window.client.refresh().await.expect("a reload");
    person.window.presses("Check all mailboxes").await;
    faults.extend(rules::faults(&person.window, "roster-form").await);
    person.window.presses("Check these mailboxes").await;
    person.window.sees("Choose a file, or paste the addresses").await;
    faults.extend(rules::faults(&person.window, "roster-form-refused").await);
    let domain = person.admin.sample.tenant_domain.clone();
    let table: String =
        [1, 2, 3, 998, 999, 1000].iter().map(|n| format!("agent-{n:04}@{domain}\n")).collect();
    person.window.types("table", &format!("{table}nobody at home\n")).await;
    person.window.presses("Check these mailboxes").await;
    person.window.sees("Line 7, \"nobody at home\", holds something else than a mail address").await;
    faults.extend(rules::faults(&person.window, "roster-bad-lines").await);

    // Nobody is there to begin, so the page stands still for a look.
    world.rests().await;
    world.processes.remove(worker).terminate().await;
    person.window.presses("Go on with the 6 that can").await;
    person.window.sees("0 of 6 have a result. It begins in a moment.").await;
    faults.extend(rules::faults(&person.window, "roster-running").await);
    let stays = "window.stays = true; return true";
    person.window.client.execute(stays, Vec::new()).await.expect("a mark");
    world.adds(Cast::Worker).await;
    // With scripts the page comes to its end by itself.
    person.window.sees("3 of 6 mailboxes work").await;
    let stays = person.window.client.execute("return window.stays === true", Vec::new()).await;
    assert_eq!(stays.expect("an answer"), serde_json::json!(false), "it was loaded anew");
    person.window.sees("Check 3 mailboxes again: not working").await;
    faults.extend(rules::faults(&person.window, "roster-ended").await);
    person.admin.mail("Mailboxes: 3 of 6 work").await;
    world.simulator.heal("large-office");
    person.window.presses("Check 3 mailboxes again: not working").await;
    person.window.sees("All mailboxes work").await;
    person.admin.mail("Mailboxes: 6 of 6 work").await;
    faults.extend(rules::faults(&person.window, "roster-good").await);
    person.leaves().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_same_comes_to_the_same_end() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "large-office", Scripts::Off).await;
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
    person.window.client.refresh().await.expect("a reload");
    person.window.presses("Check all mailboxes").await;
    let domain = person.admin.sample.tenant_domain.clone();
    person.window.types("table", &format!("agent-0001@{domain}\nagent-0002@{domain}\n")).await;
    person.window.presses("Check these mailboxes").await;
    person.admin.mail("Mailboxes: 2 of 2 work").await;
    person.window.client.refresh().await.expect("a reload");
    person.window.sees("All mailboxes work").await;
    person.leaves().await;
    world.ends_well().await;
}
