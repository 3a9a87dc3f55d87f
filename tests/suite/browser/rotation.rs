//! The renewal of a secret in a real browser, with scripts and without: a wrong one changes nothing, and the right one
//! takes the place of the one in use.

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    office::SECRET,
    world::{NeedleKind, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn with_scripts_a_secret_is_renewed() {
    if chromium::is_here() {
        renews(Scripts::On).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_secret_is_renewed() {
    if chromium::is_here() {
        renews(Scripts::Off).await;
    }
}

async fn renews(scripts: Scripts) {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "healthy", scripts).await;
    let (scripted, mut faults) = (matches!(scripts, Scripts::On), Vec::new());
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Verified").await;
    looks_at_it(&person).await;
    person.window.presses("Renew the client secret").await;
    person.window.sees("stays in use, untouched").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "renew").await);
    }
    person.window.presses("Begin").await;
    enters(&person, SECRET).await;
    person.admin.mail("Not renewed").await;
    looks_at_it(&person).await;
    person.window.presses("See what to do").await;
    person.window.sees("Nothing changes for your agents").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "not-renewed").await);
    }
    person.window.presses("Enter the new client secret").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "new-secret").await);
    }
    enters(&person, &person.admin.sample.client_secret).await;
    person.admin.mail("Renewed").await;
    looks_at_it(&person).await;
    person.window.sees("Verified, then renewed").await;
    person.window.presses("Renew the client secret").await;
    person.window.sees("Go back to the one before").await;
    if scripted {
        faults.extend(rules::faults(&person.window, "renewed").await);
    }
    let said = rules::quiet(&person.window, "renewals").await;
    person.leaves().await;
    assert!(faults.is_empty() && said.is_empty(), "{faults:#?} {said:#?}");
    world.ends_well().await;
}

/// Opens the page of the connection, as whoever comes back from a mail.
async fn looks_at_it(person: &Person) {
    person.opens("/overview").await;
    person.window.presses("Main office").await;
    person.window.sees("Verified: Main office is connected").await;
}

/// Types the new secret and its last day, and submits them.
async fn enters(person: &Person, secret: &str) {
    person.admin.typed(NeedleKind::Secret, "a renewed client secret", secret);
    person.window.types("client_secret", secret).await;
    let ends = person.admin.sample.secret_expires_on;
    for (field, part) in [
        ("ends_month", ends.month().to_string()),
        ("ends_day", ends.day().to_string()),
        ("ends_year", ends.year().to_string()),
    ] {
        person.window.types(field, &part).await;
    }
    person.window.presses("Continue").await;
    person.window.sees("Check your answers").await;
    person.window.presses("Submit credentials").await;
}
