//! Portal, staff site and worker as three processes on one PostgreSQL: support asks, the office says yes with a fresh code,
//! the secret stands in one answer and nowhere else, and the office stops it.

use reqwest::Method;

use crate::{
    databases::{Database, Kind},
    world::{Cast, Form, Page, Plan, World, comes_in, rows, visitor::Visitor},
};

/// The request that the form of a connection's page asks for.
fn asks(page: &Page, way: &str, minutes: &str) -> Form {
    page.form_with("reason_of_access")
        .with("of_attempt", "1")
        .with("way", way)
        .with("reason_of_access", "They asked us to compare what they typed.")
        .with("ticket", "T-1042")
        .with("minutes", minutes)
}

/// Presses and reads the answer, past the list of answers that are searched for secrets: this is the one that may hold it.
async fn looks(visitor: &Visitor, page: &Page) -> String {
    let form = page.form_that_says("Show it once");
    let answer =
        visitor.request(Method::POST, &form.action).form(&form.fields).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.text().await.expect("a page")
}

#[tokio::test(flavor = "multi_thread")]
async fn support_sees_a_secret_with_the_offices_yes_and_only_so() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let cast = [Cast::Portal, Cast::Staff, Cast::Worker];
    let world = World::start_with(&database, Plan::default(), &cast).await;
    let admin = world.admin("exchange-no-role");
    let company = admin.sample.brokerage.company.clone();
    let password = admin.credential().secret.1.clone();
    let failed = admin.first_attempt().await;
    assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
    admin.mail("Not connected").await;

    let (kim, queue) = comes_in(&world.staff_site, "Kim Oduya", &world.seen).await;
    let connection = kim.opens(&queue.link(&format!("{company}: Main office"))).await;
    let request = kim.sends(&asks(&connection, "grant", "15")).await;
    request.must_say("Waits for an answer");
    assert!(!request.says("Show it once"), "{}", request.text());

    // The mail has a link and nothing to press.
    let letter = admin.mail("Your yes or no").await;
    let link = letter.text.split_whitespace().find(|word| word.contains("/access/acc_")).expect("a link");
    assert!(!letter.text.contains("approve") && !letter.text.contains("compare"), "{}", letter.text);
    six_minutes_pass(&database).await;
    let page = admin.browser.opens(link).await;
    for said in [
        "Kim Oduya, Support",
        "They asked us to compare",
        "T-1042",
        "15 minutes",
        "the password of attempt 1",
    ] {
        page.must_say(said);
    }
    assert!(!page.says("may look"), "first they show that it is them: {}", page.text());
    let confirm = admin.browser.opens(&page.link("Get a code to say yes")).await;
    world.half_a_minute_passes().await;
    let sent = admin.browser.presses(&confirm.form_that_says("Send me a code"), "Send me a code").await;
    let wrong = admin.browser.sends(&sent.form_with("code").with("code", "ZZZZ-ZZZZ")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let code = admin.code().await;
    let page = admin.browser.sends(&wrong.form_with("code").with("code", &code)).await;
    let page = admin.browser.presses(&page.form_that_says("may look"), "may look").await;
    page.must_say("You said yes");
    page.must_say("may look until");
    world.mailbox.gets("kim@moxiworks.example", "You may look").await;

    // With a sign-in of now: five minutes may have passed on a busy machine.
    let (kim, _) = comes_in(&world.staff_site, "Kim Oduya", &world.seen).await;
    let open = kim.opens(&request.url).await;
    let shown = looks(&kim, &open).await;
    assert!(shown.contains(&html(&password)), "the secret stands in the answer");
    assert!(shown.contains("Shown to Kim Oduya"));
    let letter = admin.mail("Secret looked at").await;
    assert!(letter.text.contains("Kim Oduya") && !letter.text.contains(&password), "{}", letter.text);
    admin.browser.opens("/access").await.must_say("Looked at 1 time");
    let page = admin.browser.opens(&page.url).await;
    page.must_say("It was shown");
    kim.opens(&connection.url).await.must_say("The secret was shown");

    let stopped = admin.browser.presses(&page.form_that_says("Stop access now"), "Stop access now").await;
    stopped.must_say("Nobody can look any more");
    admin.mail("Access stopped").await;
    world.mailbox.gets("kim@moxiworks.example", "Access stopped").await;
    let late = open.form_that_says("Show it once");
    let late = kim.posts(&Form { fields: with_new_key(&late), ..late }).await;
    assert_eq!(late.status, 409, "{}", late.text());
    late.must_say("This access was stopped");
    // Nobody else's page has the button, and an auditor reads and does nothing.
    let (ines, _) = comes_in(&world.staff_site, "Ines Falk", &world.seen).await;
    let read = ines.opens(&request.url).await;
    read.must_say("They asked us to compare");
    assert!(read.html().forms().iter().all(|form| !form.action.starts_with("/access")), "{}", read.text());
    assert_eq!(rows::count(&database, "SELECT COUNT(*) FROM access_reveals").await, 0);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_worker_that_seals_nothing_is_shown() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let mut world =
        World::start_with(&database, Plan::default(), &[Cast::Portal, Cast::Staff, Cast::Worker]).await;
    let admin = world.admin("exchange-no-role");
    let company = admin.sample.brokerage.company.clone();
    admin.first_attempt().await;
    let (ravi, queue) = comes_in(&world.staff_site, "Ravi Anand", &world.seen).await;
    let connection = ravi.opens(&queue.link(&format!("{company}: Main office"))).await;
    let request = ravi.sends(&asks(&connection, "operations", "15")).await;
    request.must_say("a second operations person has to say yes");
    let (noor, _) = comes_in(&world.staff_site, "Noor Haddad", &world.seen).await;
    let page = noor.opens(&request.url).await;
    noor.presses(&page.form_that_says("Yes, open it"), "Yes, open it")
        .await
        .must_say("The brokerage is told");
    admin.mail("Secret opened").await;
    world.processes.remove(2).kill();
    let open = ravi.opens(&request.url).await;
    let form = open.form_that_says("Show it once");
    let late = ravi.posts(&form).await;
    assert_eq!(late.status, 409, "{}", late.text());
    late.must_say("came too late");
    assert_eq!(
        rows::count(&database, "SELECT COUNT(*) FROM access_looks WHERE released_at IS NOT NULL").await,
        0
    );
    world.has_no_needles().await;
}

/// Every session of the portal is six minutes older.
async fn six_minutes_pass(database: &Database) {
    let older =
        "UPDATE sessions SET data = convert_to(regexp_replace(convert_from(data, 'UTF8'), '\"since\":\\d+',
        '\"since\":' || CAST((EXTRACT(EPOCH FROM now()) - 360) * 1000000 AS BIGINT)), 'UTF8')";
    rows::execute(database, older).await;
}

/// The fields of a form as a fresh page would have them.
fn with_new_key(form: &Form) -> Vec<(String, String)> {
    let mut fields = form.fields.clone();
    for (name, value) in &mut fields {
        if name == "form_key" {
            *value = value.chars().rev().collect();
        }
    }
    fields
}

/// As it stands in a page.
fn html(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('"', "&#34;").replace('\'', "&#39;")
}
