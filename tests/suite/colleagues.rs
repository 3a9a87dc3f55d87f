//! Colleagues: who invites whom, whose access ends when, and what nobody learns of other customers.

use moxi_onboard::{
    actions::invite_colleague::{TypedColleague, invite_colleague},
    app::App,
    domain::{refused::Refused, scope::Scope},
};

use crate::{
    databases::on_both,
    flow_pages::Browser,
    office::{fresh_key, office, office_of, portal},
};

async fn invites(person: &mut Browser, name: &str, address: &str, duty: &str) -> crate::flow_pages::Answer {
    person.look("/people").await;
    person.send("/people", &[("contact", name), ("address", address), ("duty", duty)]).await
}

/// The address that a button of the page posts to, by what stands before it.
fn action(page: &str, begins: &str) -> String {
    let (_, rest) =
        page.split_once(&format!("action=\"{begins}")).unwrap_or_else(|| panic!("{begins}: {page}"));
    format!("{begins}{}", rest.split('"').next().unwrap_or_default())
}

async fn second(app: &App, scope: &Scope) -> Scope {
    let mut read = app.store.read().await.expect("a transaction");
    let people = read.people_of(&scope.brokerage).await.expect("rows");
    let other = people.iter().find(|stored| stored.person.id != scope.person).expect("a second person");
    Scope { brokerage: scope.brokerage.clone(), person: other.person.id.clone() }
}

on_both! {
    async fn a_colleague_is_invited_with_a_duty_and_may_be_taken_back(database) {
        let app = portal(database).await;
        let iris = office(&app, "lakeshore.example").await;
        let mut person = Browser::of(&app, &iris).await;
        let sent = invites(&mut person, "Sam Ortiz", "sam@lakeshore.example", "it_admin").await;
        assert_eq!((sent.status, sent.location.as_str()), (303, "/people"), "{}", sent.body);
        let page = person.look("/people").await.body;
        assert!(page.contains("Sam Ortiz") && page.contains("Mail administrator"), "{page}");
        assert_eq!(database.count("mails WHERE kind = 'invitation'").await, 1);
        let back = person.send(&action(&page, "/people/invitations/"), &[]).await;
        assert_eq!(back.status, 303, "{}", back.body);
        assert!(!person.look("/people").await.body.contains("Sam Ortiz"));
        assert_eq!(database.count("invitations WHERE ended_by = 'revoked'").await, 1);
    }

    async fn the_same_press_twice_invites_once(database) {
        let app = portal(database).await;
        let iris = office(&app, "lakeshore.example").await;
        let key = fresh_key();
        let typed = TypedColleague { contact: "Sam".into(), address: "sam@lakeshore.example".into(), duty: "vendor".into() };
        for _ in 0..2 {
            invite_colleague(&app, &iris, &typed, &key).await.expect("invited");
        }
        assert_eq!(database.count("invitations").await, 1);
        assert_eq!(database.count("mails").await, 1);
    }

    async fn what_is_wrong_is_said_and_what_was_typed_is_kept(database) {
        let app = portal(database).await;
        let iris = office_of(&app, "lakeshore.example", false, &["Iris"]).await;
        let mut person = Browser::of(&app, &iris).await;
        for (name, address, duty, says) in [
            ("", "sam@lakeshore.example", "it_admin", "the name of the person"),
            ("Sam", "sam", "it_admin", "their work e-mail"),
            ("Sam", "sam@lakeshore.example", "owner", "Choose what they do"),
            ("Sam", "sam@hosting.example", "vendor", "only people of lakeshore.example"),
        ] {
            let refused = invites(&mut person, name, address, duty).await;
            assert_eq!(refused.status, 422, "{name} {address} {duty}");
            assert!(refused.body.contains(says), "{says}: {}", refused.body);
            assert!(refused.body.contains(&format!("value=\"{address}\"")), "{}", refused.body);
        }
        assert_eq!(database.count("invitations").await, 0);
    }

    async fn an_address_of_another_customer_is_not_told_from_any_other(database) {
        let app = portal(database).await;
        let iris = office_of(&app, "lakeshore.example", true, &["Iris"]).await;
        let other = office_of(&app, "harborpine.example", true, &["Hal"]).await;
        let mut hal = Browser::of(&app, &other).await;
        invites(&mut hal, "Vera", "vera@hosting.example", "vendor").await;
        let mut person = Browser::of(&app, &iris).await;
        let people = app.store.read().await.expect("a transaction").people_of(&other.brokerage).await.expect("rows");
        let known = moxi_onboard::actions::people::recipients(&app, people).expect("addresses");
        let mut told = Vec::new();
        for address in [known[0].address.as_str(), "vera@hosting.example"] {
            let refused = invites(&mut person, "Somebody", address, "vendor").await;
            assert_eq!(refused.status, 422, "{}", refused.body);
            told.push(refused.body.contains("We cannot invite this address from here"));
            assert!(!refused.body.contains("another brokerage"), "{}", refused.body);
        }
        assert_eq!(told, [true, true]);
    }

    async fn whose_access_is_taken_away_is_out_at_once_and_everywhere(database) {
        let app = portal(database).await;
        let iris = office_of(&app, "lakeshore.example", true, &["Iris", "Sam"]).await;
        let sam = second(&app, &iris).await;
        let mut away = Browser::of(&app, &sam).await;
        assert_eq!(away.look("/overview").await.status, 200);
        let mut person = Browser::of(&app, &iris).await;
        let page = person.look("/people").await.body;
        let removed = person.send(&action(&page, "/people/per_"), &[]).await;
        assert_eq!(removed.status, 303, "{}", removed.body);
        assert_eq!(away.look("/overview").await.status, 303, "led to sign-in");
        assert_eq!(database.count("people WHERE removed_at IS NOT NULL").await, 1);
        assert_eq!(database.count("sessions").await, 1);
        let own = person.send(&format!("/people/{}/remove", iris.person), &[]).await;
        assert_eq!(own.status, 409, "{}", own.body);
        assert!(own.body.contains("your own access"), "{}", own.body);
    }

    async fn a_vendor_and_a_stranger_neither_invite_nor_remove(database) {
        let app = portal(database).await;
        let iris = office_of(&app, "lakeshore.example", true, &["Iris", "Vera"]).await;
        let vera = second(&app, &iris).await;
        database.execute("UPDATE people SET duty = 'vendor' WHERE name = 'Vera'").await;
        let mut vendor = Browser::of(&app, &vera).await;
        assert!(!vendor.look("/people").await.body.contains("Send the invitation"));
        // The page has no form for a vendor; one that is made by hand is refused as well.
        vendor.look("/connections/new").await;
        let by_hand = [("contact", "Max"), ("address", "max@lakeshore.example"), ("duty", "it_admin")];
        assert_eq!(vendor.send("/people", &by_hand).await.status, 403);
        assert_eq!(vendor.send(&format!("/people/{}/remove", iris.person), &[]).await.status, 403);
        let other = office(&app, "harborpine.example").await;
        let mut stranger = Browser::of(&app, &other).await;
        stranger.send(&format!("/people/{}/remove", iris.person), &[]).await;
        assert_eq!(database.count("people WHERE removed_at IS NOT NULL").await, 0);
        let mut person = Browser::of(&app, &iris).await;
        invites(&mut person, "Max", "max@lakeshore.example", "it_admin").await;
        let back = action(&person.look("/people").await.body, "/people/invitations/");
        assert_eq!(stranger.send(&back, &[]).await.status, 404);
        assert_eq!(database.count("invitations WHERE ended_at IS NOT NULL").await, 0);
    }

    async fn a_person_ends_their_other_sessions_and_nobody_elses(database) {
        let app = portal(database).await;
        let iris = office_of(&app, "lakeshore.example", true, &["Iris", "Sam"]).await;
        let sam = second(&app, &iris).await;
        let mut here = Browser::of(&app, &iris).await;
        let mut phone = Browser::of(&app, &iris).await;
        let mut tablet = Browser::of(&app, &iris).await;
        let mut colleague = Browser::of(&app, &sam).await;
        let page = here.look("/people").await.body;
        assert_eq!(page.matches("<strong>A browser that we do not know</strong>").count(), 3, "{page}");
        let keys: Vec<&str> = page.split("name=\"key\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let foreign = colleague.send("/people/sessions/end", &[("key", keys[0])]).await;
        assert_eq!(foreign.status, 303);
        assert_eq!(database.count("sessions").await, 4, "a key is of use to its owner alone");
        assert_eq!(here.send("/people/sessions/end", &[("key", keys[0])]).await.status, 303);
        assert_eq!(database.count("sessions").await, 3);
        here.look("/people").await;
        assert_eq!(here.send("/people/sessions/end", &[("key", "no key")]).await.status, 404);
        assert_eq!(here.send("/people/sessions/end", &[]).await.status, 303);
        assert_eq!(here.look("/people").await.status, 200);
        for other in [&mut phone, &mut tablet] {
            assert_eq!(other.look("/overview").await.status, 303);
        }
        assert_eq!(colleague.look("/overview").await.status, 200);
    }

    async fn no_brokerage_sends_invitations_without_end(database) {
        let app = portal(database).await;
        let iris = office(&app, "lakeshore.example").await;
        for number in 0..20 {
            let typed = TypedColleague { contact: "Sam".into(), address: format!("sam{number}@lakeshore.example"), duty: "vendor".into() };
            invite_colleague(&app, &iris, &typed, &fresh_key()).await.expect("invited");
        }
        let typed = TypedColleague { contact: "Sam".into(), address: "more@lakeshore.example".into(), duty: "vendor".into() };
        let refused = invite_colleague(&app, &iris, &typed, &fresh_key()).await;
        assert!(matches!(refused, Err(Refused::TooMany(_))), "{refused:?}");
        assert_eq!(database.count("invitations").await, 20);
    }
}
