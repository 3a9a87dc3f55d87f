//! A brokerage that is not who it says it is: what one of our people decides by, what refusing it does, how it is taken
//! back, and what the refused notice of it.

use std::time::Duration;

use moxi_onboard::domain::staff::StaffRole;

use super::{by_hand::failed, pages::both};
use crate::{
    databases::{Database, on_both},
    office::office,
    sign_in::house::{Browser, House},
    staff_site::{StaffSite, portal_of, portal_session},
    verification::lab::Lab,
    world::{Page, seen::Seen, visitor::Visitor},
};

const EVE: &str = "eve@lakeshore.example";
const WHY: &str = "I called the office: they know of nobody called Eve.";

/// The number of the one brokerage.
async fn only(database: &Database) -> String {
    crate::world::rows::texts(database, "SELECT id FROM brokerages").await[0][0].clone()
}

async fn refuses(dana: &Visitor, page: &Page) -> Page {
    dana.sends(&page.form_with("refusal").with("refusal", WHY)).await
}

/// What a page says, without what differs from one browser to the next.
fn shape(body: &str, address: &str) -> String {
    let body = body.replace(address, "ADDRESS");
    // Until when a code counts is the database's own time: a second may pass between two.
    let untimed = body.split("<time ").map(|part| part.split_once("</time>").map_or(part, |(_, rest)| rest));
    let body: String = untimed.collect();
    let main = body.split_once("<main").map_or("", |(_, rest)| rest).to_owned();
    let hidden = |text: String, name: &str| {
        let parts: Vec<&str> = text.split(&format!("name=\"{name}\" value=\"")).collect();
        parts.iter().map(|part| part.split_once('"').map_or(*part, |(_, rest)| rest)).collect::<String>()
    };
    hidden(hidden(main, "csrf"), "form_key")
}

on_both! {
    async fn who_decides_sees_what_is_known_of_it(database) {
        let (portal, site, lab): (_, _, Lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let twin = office(&portal.app, "twin.example").await;
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let (connection, _) = portal.standing(&of).await;
        let at = format!("/brokerages/{}", connection.brokerage_id);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&at).await;
        for words in ["Is it the office it says it is?", "Proven addresses", "@", "It gave none", "attempts: 1", "Others with its name", "twin.example"] {
            page.must_say(words);
        }
        assert!(page.html().links().iter().any(|(to, _)| *to == format!("/brokerages/{}", twin.brokerage)));
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let page = kim.opens(&at).await;
        assert!(!page.says("Is it the office") && !page.html().forms().iter().any(|form| form.has("refusal")));
    }

    async fn refusing_closes_all_and_tells_nobody(database) {
        let (portal, site, lab): (_, _, Lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let (connection, _) = portal.standing(&of).await;
        let at = format!("/brokerages/{}", connection.brokerage_id);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let mails = database.count("mails").await;
        let page = dana.opens(&at).await;
        let empty = dana.posts(&page.form_with("refusal")).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter why you refuse it");
        let form = page.form_with("refusal").with("refusal", WHY);
        let done = dana.sends(&form).await;
        for words in ["Refused. Its connections are closed", "It was refused", "By Dana Reyes", WHY, "The brokerage was refused"] {
            done.must_say(words);
        }
        assert!(!done.says("Not accepted yet") && !done.html().forms().iter().any(|form| form.has("contact")));
        assert_eq!(database.count("connections WHERE state <> 'closed'").await, 0);
        assert_eq!(database.count("drafts").await, 0);
        assert_eq!(database.count("mails").await, mails, "nobody is told");
        assert_eq!(database.count("audit WHERE verb = 'brokerage.refuse'").await, 1);
        assert_eq!(database.count("needs").await, 0);
        // The same press again, and another one: the first is done, the second is told.
        dana.sends(&form).await.must_say("It was refused");
        let again = dana.posts(&page.form_with("refusal").with("refusal", WHY).with("form_key", "another1another1another1another1")).await;
        assert_eq!(again.status, 409);
        again.must_say("This brokerage was refused before");
        assert_eq!(database.count("audit WHERE verb = 'brokerage.refuse'").await, 1);
        // Nothing is opened, made or invited for it before it is accepted.
        let item = dana.opens(&format!("/connections/{}", of.connection)).await;
        item.must_say("Refused");
        let reopened = dana.posts(&item.form_that_says("Open it again")).await;
        assert_eq!(reopened.status, 409);
        reopened.must_say("Its brokerage was refused");
        let found = dana.opens("/brokerages?q=lakeshore").await;
        found.must_say("Refused");
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        ada.opens("/audit").await.must_say("Refused a brokerage");
        ada.opens(&at).await.must_say("can accept it after all");
    }

    async fn one_that_was_accepted_meanwhile_is_not_refused_and_the_other_way_round(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let at = format!("/brokerages/{}", scope.brokerage);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let mara = site.colleague("Mara Voss", &[StaffRole::AccountManager]).await;
        let (hers, theirs) = (dana.opens(&at).await, mara.opens(&at).await);
        mara.sends(&theirs.form_that_says("Accept Lakeshore Realty")).await.must_say("Accepted by Mara Voss");
        let late = dana.posts(&hers.form_with("refusal").with("refusal", WHY)).await;
        assert_eq!(late.status, 409);
        late.must_say("This brokerage is accepted, so it cannot be refused");
        assert_eq!(database.count("brokerages WHERE refused_at IS NOT NULL").await, 0);

        let pine = office(&portal.app, "pine.example").await;
        let at = format!("/brokerages/{}", pine.brokerage);
        let (hers, theirs) = (dana.opens(&at).await, mara.opens(&at).await);
        refuses(&dana, &hers).await.must_say("It was refused");
        let late = mara.posts(&theirs.form_that_says("Accept Lakeshore Realty")).await;
        assert_eq!(late.status, 409);
        late.must_say("It was refused");
        assert_eq!(database.count("brokerages WHERE accepted_at IS NOT NULL").await, 1);
    }

    async fn a_session_written_while_its_owner_is_shut_out_opens_nothing(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let served = portal_of(&portal.app).await;
        // Written a moment after all that this person had was ended.
        let late = async || {
            let ida = Visitor::new(&served.origin, &Seen::default());
            ida.takes_cookie("__Host-portal", &portal_session(&portal.app, &scope).await);
            ida.opens("/overview").await.url == "/overview"
        };
        assert!(late().await, "it opens the pages while nothing is wrong");
        database.execute("UPDATE people SET removed_at = 1").await;
        assert!(!late().await, "of one who was removed");
        database.execute("UPDATE people SET removed_at = NULL").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&format!("/brokerages/{}", scope.brokerage)).await;
        refuses(&dana, &page).await.must_say("It was refused");
        assert!(!late().await, "of a brokerage that was refused");
    }

    async fn the_refused_are_signed_out_and_look_like_strangers_until_they_are_accepted_after_all(database) {
        let house = House::with_staff(database).await;
        let eve: Browser = house.begins(EVE).await;
        assert!(eve.is_in().await);
        house.passes(database, Duration::from_secs(60)).await;
        // A code that went out before.
        let mut early = house.asks(EVE).await;
        let code = house.code(EVE, 2).await;
        let site = StaffSite::of(house.app.clone()).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let at = format!("/brokerages/{}", only(database).await);
        let page = dana.opens(&at).await;
        page.must_say(EVE);
        refuses(&dana, &page).await.must_say("It was refused");
        assert!(!eve.is_in().await, "signed out");
        early.types(&code).await;
        assert!(!early.is_in().await, "the code is worth nothing");

        house.passes(database, Duration::from_secs(60)).await;
        let mut seen = Vec::new();
        for address in [EVE, "ada@lakeshore.example"] {
            let mut browser = house.browser();
            let asked = browser.asks(address).await;
            crate::running::until(&house.app, "the mail is over", &mut async || {
                let open = "mails WHERE kind = 'sign_in_code' AND state NOT IN ('accepted', 'held')";
                (database.count(open).await == 0).then_some(())
            }).await;
            let page = browser.get("/sign-in/code").await;
            let wrong = browser.types(&crate::sign_in::house::wrong("A")).await;
            seen.push([
                format!("{} {}", asked.status, asked.header("location")),
                shape(&page.body, address),
                format!("{} {}", wrong.status, shape(&wrong.body, address)),
            ]);
        }
        assert_eq!(seen[0], seen[1]);
        let to_eve = || house.mails.sent().iter().filter(|mail| mail.to.as_str() == EVE).count();
        assert_eq!(to_eve(), 2, "no code any more");
        assert_eq!(database.count("mails WHERE kind = 'sign_in_code' AND state = 'held'").await, 1);

        let page = dana.opens(&at).await;
        let page = dana.sends(&page.form_that_says("Accept after all")).await;
        page.must_say("Accepted by Dana Reyes");
        page.must_say("The brokerage was accepted after all");
        assert!(!page.says("It was refused"), "{}", page.text());
        house.passes(database, Duration::from_secs(60)).await;
        let mut eve = house.asks(EVE).await;
        let code = crate::running::until(&house.app, "a code comes", &mut async || {
            let mails = house.mails.sent();
            let last = mails.iter().rfind(|mail| mail.to.as_str() == EVE)?;
            let text = String::from_utf8_lossy(&last.message).into_owned();
            let is_code = |line: &&str| line.len() == 8 && line.bytes().all(|b| b.is_ascii_alphanumeric());
            text.lines().find(is_code).map(str::to_owned).filter(|_| to_eve() > 3)
        }).await;
        eve.types(&code).await;
        assert!(eve.is_in().await, "they can sign in again");
    }
}
