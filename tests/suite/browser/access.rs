//! Support at one window and an office at another: one asks, the other says yes, the secret is on the screen for a minute,
//! and it is stopped.

use super::{
    chromium::{self, Chromium, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::World,
};

async fn comes_in(world: &World<'_>, scripts: Scripts, name: &str) -> Chromium {
    let window = Chromium::start(scripts).await;
    window.goes_to(&format!("{}/?view=all", world.staff_site)).await;
    window.presses("Sign in with your company account").await;
    window.presses(name).await;
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_says_yes_and_support_looks_for_a_minute() {
    story(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_same_is_seen_and_hidden_again() {
    story(Scripts::Off).await;
}

async fn story(scripts: Scripts) {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "exchange-no-role", scripts).await;
    let item = format!("{}: Main office", person.admin.sample.brokerage.company);
    let password = person.admin.credential().secret.1.clone();
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    person.admin.mail("Not connected").await;
    let mut faults = Vec::new();
    let looks = scripts == Scripts::On;

    let kim = comes_in(&world, scripts, "Kim Oduya").await;
    kim.presses(&item).await;
    kim.unfolds("Ask to see it").await;
    kim.presses("Ask").await;
    kim.sees("Enter the reason").await;
    if looks {
        faults.extend(rules::faults(&kim, "staff-access-refused").await);
    }
    kim.chooses("of_attempt", "1").await;
    kim.chooses("way", "grant").await;
    kim.chooses("minutes", "15").await;
    kim.types("reason_of_access", "They asked us to compare what they typed.").await;
    kim.types("ticket", "T-1042").await;
    kim.presses("Ask").await;
    kim.sees("Waits for an answer").await;
    let request = kim.client.current_url().await.expect("an address");

    let letter = person.admin.mail("Your yes or no").await;
    let link = letter.text.split_whitespace().find(|word| word.contains("/access/acc_")).expect("a link");
    person.window.goes_to(link).await;
    person.window.sees("They asked us to compare").await;
    if looks {
        faults.extend(rules::faults(&person.window, "access-asked").await);
    }
    person.window.presses("may look").await;
    person.window.sees("You said yes").await;
    world.mailbox.gets("kim@moxiworks.example", "You may look").await;

    // Her page has waited for the answer; without scripts she opens it again.
    if !looks {
        kim.goes_to(request.as_str()).await;
    }
    kim.sees("See the secret").await;
    if looks {
        faults.extend(rules::faults(&kim, "staff-access-open").await);
    }
    kim.presses("Show it once").await;
    kim.sees("Shown to Kim Oduya").await;
    kim.sees("It goes from this page at ").await;
    if looks {
        kim.sees(" seconds left").await;
    }
    assert!(!kim.reads().await.contains(&password), "masked until it is pressed");
    kim.unfolds("Show it on the screen").await;
    kim.sees(&password).await;
    if looks {
        faults.extend(rules::faults(&kim, "staff-secret").await);
    }
    // The minute passes: the page's own style hides it, whether scripts run or not.
    let over = "document.getAnimations().forEach(one => one.finish()); 
        const it = document.querySelector('.goes'); return it ? getComputedStyle(it).visibility : 'hidden'";
    let seen = kim.client.execute(over, Vec::new()).await.expect("a word");
    assert_eq!(seen.as_str(), Some("hidden"));
    assert!(!kim.reads().await.contains(&password), "it is gone from the page");
    if looks {
        // As after a sleep of two minutes: the clock is ahead, and the page looks at it. Nothing stays behind its style.
        let late = "const now = Date.now(); Date.now = () => now + 120000; dispatchEvent(new Event('visibilitychange'));
            return document.documentElement.outerHTML";
        let source = kim.client.execute(late, Vec::new()).await.expect("the page");
        let source = source.as_str().expect("a text");
        assert!(
            source.contains("The secret is gone from this page.") && !source.contains(&password),
            "{source}"
        );
    }

    person.admin.mail("Secret looked at").await;
    person.opens("/access").await;
    person.window.sees("Looked at 1 time").await;
    if looks {
        faults.extend(rules::faults(&person.window, "access-list").await);
    }
    // A second look stands on the screen while the office stops it: nobody has to press anything for it to go.
    kim.goes_to(request.as_str()).await;
    kim.presses("Show it once").await;
    kim.unfolds("Show it on the screen").await;
    kim.sees(&password).await;
    person.admin.mail("Secret looked at").await;
    person.window.goes_to(link).await;
    person.window.presses("Stop access now").await;
    person.window.sees("Nobody can look any more").await;
    person.admin.mail("Access stopped").await;
    world.mailbox.gets("kim@moxiworks.example", "Access stopped").await;
    if looks {
        kim.sees("The access was stopped. The secret is gone from this page.").await;
        let source = kim.client.source().await.expect("the page");
        assert!(!source.contains(&password), "nothing of it stays behind the words");
    }
    kim.goes_to(request.as_str()).await;
    kim.sees("This access was stopped").await;
    if looks {
        faults.extend(rules::quiet(&kim, "staff site").await);
        faults.extend(rules::quiet(&person.window, "portal").await);
    }
    person.leaves().await;
    kim.closes().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    world.ends_well().await;
}
