//! An office with its own Exchange server at one window and a reviewer of ours at another: the first attempt fails, the
//! second is verified, and the reviewer follows both on the staff site.

use super::{
    chromium::{self, Chromium, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::World,
};

/// What is wrong with the pages that were looked at. Without the wish to look, none is looked at.
struct Look(Option<Vec<String>>);

impl Look {
    async fn at(&mut self, window: &Chromium, page: &str) {
        if let Some(faults) = &mut self.0 {
            faults.extend(rules::faults(window, page).await);
        }
    }
}

/// A name without a place to break it, wider than a telephone.
const LONG_WORD: &str = "Grundstuecksverwaltungsgesellschaftszweigniederlassung";

/// A colleague in front of a window of their own.
struct Colleague {
    window: Chromium,
    site: String,
}

impl Colleague {
    async fn sits_down(world: &World<'_>) -> Colleague {
        Colleague { window: Chromium::start(Scripts::On).await, site: world.staff_site.clone() }
    }

    async fn opens(&self, path: &str) {
        self.window.goes_to(&format!("{}{path}", self.site)).await;
    }

    /// By the front door, with one press at the company's sign-in.
    async fn comes_in(&self, name: &str, look: &mut Look) {
        self.opens("/").await;
        look.at(&self.window, "staff-sign-in").await;
        self.window.presses("Sign in with your company account").await;
        self.window.presses(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_follows_an_exchange_office_to_the_end() {
    story(Scripts::On, Look(Some(Vec::new()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_office_comes_to_the_same_end() {
    story(Scripts::Off, Look(None)).await;
}

async fn story(scripts: Scripts, mut look: Look) {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = World::start(&database).await;
    let person = Person::sits_down(&world, "exchange-no-role", scripts).await;
    let dana = Colleague::sits_down(&world).await;
    let item = format!("{}: Main office", person.admin.sample.brokerage.company);
    let cause = person.admin.sample.expected_cause.as_deref().and_then(moxi_onboard::domain::causes::find);
    let cause = cause.expect("a known cause");

    person.begins().await;
    person.creates_connection("Main office").await;
    look.at(&person.window, "answers-exchange").await;
    person.enters(&person.admin.credential()).await;
    look.at(&person.window, "review-exchange").await;
    person.window.presses("Submit credentials").await;
    let status = person.window.client.current_url().await.expect("an address");
    person.admin.mail("Not connected").await;
    person.window.goes_to(status.as_str()).await;
    person.window.sees(cause.title).await;
    look.at(&person.window, "failed-exchange").await;

    dana.comes_in("Dana Reyes", &mut look).await;
    dana.window.sees("Its brokerage waits to be accepted").await;
    look.at(&dana.window, "staff-queue").await;
    dana.window.presses(&item).await;
    reads_takes_and_notes(&dana, &mut look, cause.title).await;
    writes_to_the_office(&dana, &mut look).await;
    person.admin.mail("About your connection").await;

    person.window.goes_to(status.as_str()).await;
    person.window.presses("attempt 2").await;
    person.window.sees("attempt 2").await;
    person.enters(&person.admin.second_credential()).await;
    let page_of_item = dana.window.client.current_url().await.expect("an address");
    dana.opens("/?view=all").await;
    dana.window.sees(&item).await;
    person.window.presses("Submit credentials").await;
    // Told once, by itself; the rows stay as they are until she asks.
    dana.window.sees("The queue has changed. Show it").await;
    look.at(&dana.window, "staff-queue-changed").await;
    dana.window.presses("Show it").await;
    person.admin.mail("Verified").await;
    person.window.goes_to(status.as_str()).await;
    person.window.sees("Verified: Main office is connected").await;
    look.at(&person.window, "verified-exchange").await;

    dana.window.goes_to(page_of_item.as_str()).await;
    dana.window.sees("Attempt 2").await;
    dana.window.sees("Verified").await;
    look.at(&dana.window, "staff-connection-verified").await;
    dana.opens("/?view=all").await;
    dana.window.sees(&item).await;
    dana.window.sees("Verified").await;

    let mut said = rules::quiet(&person.window, "portal").await;
    said.extend(rules::quiet(&dana.window, "staff site").await);
    if look.0.is_some() {
        other_pages(&world, &person, &dana, &mut look).await;
    }
    said.extend(look.0.unwrap_or_default());
    person.leaves().await;
    dana.window.closes().await;
    assert!(said.is_empty(), "{} faults:\n{}", said.len(), said.join("\n"));
    world.ends_well().await;
}

/// The item: cause and check tree are there; it is taken, and a note is left.
async fn reads_takes_and_notes(dana: &Colleague, look: &mut Look, cause: &str) {
    let window = &dana.window;
    window.sees(cause).await;
    window.sees("Attempt 1").await;
    let steps = "return document.querySelectorAll('ol.run > li').length";
    let steps = window.client.execute(steps, Vec::new()).await.expect("a count");
    assert!(steps.as_u64().is_some_and(|count| count >= 5), "the check tree is shown: {steps}");
    look.at(window, "staff-connection").await;
    window.presses("Take it").await;
    window.sees("Dana Reyes (you)").await;
    window.unfolds("Leave a note").await;
    window.types("text", "I called them: the role group comes today.").await;
    window.chooses("kind", "question").await;
    look.at(window, "staff-note").await;
    window.presses("Leave the note").await;
    window.sees("the role group comes today").await;
    window.unfolds("Check again").await;
    look.at(window, "staff-check-again").await;
}

/// What the office has to do, written from the cause; the mail is looked at before it goes out.
async fn writes_to_the_office(dana: &Colleague, look: &mut Look) {
    let window = &dana.window;
    let here = window.client.current_url().await.expect("an address");
    let item: Vec<&str> = here.path().split('/').take(3).collect();
    let item = item.join("/");
    window.unfolds("Close it for the office").await;
    look.at(window, "staff-close").await;
    window.presses("Write to the office").await;
    window.sees("See how it will look").await;
    look.at(window, "staff-write").await;
    window.presses_the_button().await;
    window.sees("Send this mail?").await;
    look.at(window, "staff-message").await;
    window.presses("Send it").await;
    window.sees("It is on its way.").await;
    window.presses("Everything about this check").await;
    window.sees("Check of attempt 1").await;
    look.at(window, "staff-check").await;
    dana.opens(&format!("{item}/timeline")).await;
    window.sees("Wrote to the office").await;
    look.at(window, "staff-timeline").await;
    dana.opens(&item).await;
}

/// The pages that the story does not pass: guides, the form of the third kind, brokerage, invitation, refusals.
async fn other_pages(world: &World<'_>, person: &Person, dana: &Colleague, look: &mut Look) {
    guide(person, look, "guide-exchange").await;
    for (kind, name) in [("ews_secret", "ews"), ("graph_secret", "graph")] {
        person.creates_connection_of(kind, &format!("{LONG_WORD} {name}")).await;
        look.at(&person.window, &format!("answers-{name}")).await;
        guide(person, look, &format!("guide-{name}")).await;
    }
    let company = &person.admin.sample.brokerage.company;
    dana.opens("/?view=all").await;
    look.at(&dana.window, "staff-queue-all").await;
    dana.window.presses(&format!("{company}: Main office")).await;
    dana.window.presses(company).await;
    look.at(&dana.window, "staff-brokerage").await;
    dana.window.unfolds("Make a connection for it").await;
    look.at(&dana.window, "staff-brokerage-prepare").await;
    dana.window.presses("Accept").await;
    dana.window.sees("Accepted").await;
    person.admin.mail("Accepted").await;
    dana.opens("/invite").await;
    look.at(&dana.window, "staff-invite").await;
    dana.window.presses("Send the invitation").await;
    look.at(&dana.window, "staff-invite-refused").await;
    let invited = "ida@harbor-and-pine.example";
    let typed = [("company", LONG_WORD), ("contact", "Ida Larsen"), ("address", invited)];
    for (field, text) in typed {
        dana.window.types(field, text).await;
    }
    dana.window.presses("Send the invitation").await;
    dana.window.sees(invited).await;
    look.at(&dana.window, "staff-brokerage-invited").await;
    let letter = world.mailbox.gets(invited, "Invitation").await;
    let link = letter.text.split_whitespace().find(|word| word.contains("/invitation/")).expect("a link");
    person.window.client.delete_all_cookies().await.expect("cookies are forgotten");
    person.window.goes_to(link).await;
    person.window.sees("E-mail me a code").await;
    look.at(&person.window, "invitation").await;
    for (path, page) in [
        ("/causes", "staff-causes"),
        ("/causes?q=client_secret_invalid", "staff-causes-found"),
        ("/account", "staff-account"),
        ("/mails/kinds", "staff-mail-kinds"),
        ("/mails/kinds/failed", "staff-mail-kind"),
        ("/mails/kinds/staff_daily", "staff-mail-daily"),
        ("/mails?state=rejected", "staff-mails-none"),
        ("/?q=zzz", "staff-found-nothing"),
        ("/x", "staff-not-found"),
    ] {
        dana.opens(path).await;
        look.at(&dana.window, page).await;
    }
    dana.opens("/mails").await;
    look.at(&dana.window, "staff-mails").await;
    dana.window.presses("Not connected: ").await;
    dana.window.sees("The HTML part by itself").await;
    look.at(&dana.window, "staff-mail").await;
    dana.window.client.delete_all_cookies().await.expect("cookies are forgotten");
    dana.comes_in("Ines Falk", &mut Look(None)).await;
    for (path, page) in [
        ("/audit", "staff-audit"),
        ("/audit?who=nobody-of-ours", "staff-audit-found-nothing"),
        ("/account", "staff-account-auditor"),
    ] {
        dana.opens(path).await;
        look.at(&dana.window, page).await;
    }
    dana.window.client.delete_all_cookies().await.expect("cookies are forgotten");
    dana.comes_in("Tom Berger", &mut Look(None)).await;
    dana.window.sees("You have no role here").await;
    look.at(&dana.window, "staff-no-role").await;
}

/// The guide of the connection whose page is open.
async fn guide(person: &Person, look: &mut Look, page: &str) {
    let here = person.window.client.current_url().await.expect("an address");
    let path: Vec<&str> = here.path().split('/').take(3).collect();
    person.opens(&format!("{}/guide", path.join("/"))).await;
    person.window.sees("The steps").await;
    look.at(&person.window, page).await;
}
