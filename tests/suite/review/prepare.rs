//! A connection that our own people make before anybody of the office comes, its external id, a new link for whoever was
//! invited, and closing it for the office.

use moxi_onboard::{
    actions::invitation::invitation_of_link,
    domain::{mail::MailKind, refused::Refused, staff::StaffRole},
};

use super::pages::both;
use crate::{
    databases::on_both,
    office::office,
    running::Portal,
    staff_site::{portal_of, portal_session},
    world::{seen::Seen, visitor::Visitor},
};

const IDA: &str = "ida@harbor.example";
const SECRET: &str = "Xq18Q~Needle.In_The-Haystack0123456789abc";

/// The token of the link in the n-th mail.
async fn token(portal: &Portal, n: usize) -> String {
    let mail = portal
        .until("the invitation came", async || {
            let mails = portal.mails.sent();
            Some(String::from_utf8_lossy(&mails.get(n - 1)?.message).into_owned())
        })
        .await;
    let (_, rest) = mail.split_once("/invitation/").expect("a link");
    rest.chars().take(43).collect()
}

on_both! {
    async fn a_brokerage_is_invited_with_its_first_connection_and_finds_it(database) {
        let (portal, site, _lab) = both(database).await;
        let tom = site.colleague("Tom Berger", &[StaffRole::AccountManager]).await;
        let form = tom.opens("/invite").await.form_with("company")
            .with("company", "Harbor & Pine").with("contact", "Ida Larsen").with("address", "ida@harbor.example");
        let half = tom.posts(&form.clone().with("name", "Main office").with("external_id", "a b")).await;
        assert_eq!(half.status, 422);
        for words in ["Choose how its mailboxes are reached", "Use letters from a to z"] {
            half.must_say(words);
        }
        assert_eq!(database.count("brokerages").await, 0, "nothing is made by halves");
        let whole = form.with("name", "Main office").with("external_id", "HP-1").with("kind", "graph_secret");
        let page = tom.sends(&whole).await;
        page.must_say("Main office");
        tom.sends(&whole).await;
        assert_eq!((database.count("connections").await, database.count("invitations").await), (1, 1));
        assert_eq!(database.count("audit WHERE verb = 'connection.create' AND actor = 'staff'").await, 1);
        let connection = tom.opens(&page.link("Main office")).await;
        connection.must_say("ID HP-1");
        assert!(!connection.html().forms().iter().any(|form| form.says("Set the ID")), "it never changes");

        // One more, whose ID comes later.
        let more = page.form_that_says("Make the connection").with("name", "Second office").with("kind", "exchange_basic");
        let page = tom.sends(&more).await;
        page.must_say("The connection is made.");
        let other = tom.posts(&more.clone().with("name", "Third office")).await;
        assert_eq!(other.status, 422);
        other.must_say("This form was sent before with other content");
        let second = tom.opens(&page.link("Second office")).await;
        let set = second.form_that_says("Set the ID");
        let taken = tom.posts(&set.clone().with("external_id", "hp-1")).await;
        assert_eq!(taken.status, 422);
        taken.must_say("Another connection has the ID \"hp-1\" already");
        let holder = tom.opens(&taken.link("See who has this ID")).await;
        assert!(holder.says("Main office") && !holder.says("Second office"), "{}", holder.text());
        assert_eq!(tom.posts(&set.clone().with("external_id", " ")).await.status, 422);
        tom.sends(&set.clone().with("external_id", "HP-2")).await.must_say("ID HP-2");
        let late = tom.posts(&set.with("external_id", "HP-3")).await;
        assert_eq!(late.status, 409);
        assert_eq!(database.count("connections WHERE external_id = 'HP-2'").await, 1);
        // Each is found by its ID, the one that was set later too.
        for id in ["hp-1", "HP-2"] {
            tom.opens(&format!("/?view=all&q={id}")).await.must_say("Harbor & Pine");
        }
        assert!(!tom.opens("/?view=all&q=HP-3").await.says("Harbor & Pine"));
        drop(portal);
    }

    async fn an_id_is_one_connections_own_and_an_office_learns_nothing_of_others(database) {
        let (portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let (ours, theirs) = (office(&portal.app, "lakeshore.example").await, office(&portal.app, "harbor.example").await);
        let form = |page: &crate::world::Page| page.form_that_says("Make the connection")
            .with("name", "Main office").with("kind", "graph_secret").with("external_id", "MLS-7");
        let page = dana.opens(&format!("/brokerages/{}", ours.brokerage)).await;
        dana.sends(&form(&page)).await.must_say("The connection is made.");
        let page = dana.opens(&format!("/brokerages/{}", theirs.brokerage)).await;
        let again = dana.posts(&form(&page)).await;
        assert_eq!(again.status, 422);
        again.must_say("Another connection has the ID \"MLS-7\" already");
        let served = portal_of(&portal.app).await;
        let iris = Visitor::new(&served.origin, &Seen::default());
        iris.takes_cookie("__Host-portal", &portal_session(&portal.app, &theirs).await);
        let form = iris.opens("/connections/new").await.form_with("external_id")
            .with("name", "Main office").with("kind", "graph_secret").with("external_id", "mls-7");
        let refused = iris.posts(&form).await;
        assert_eq!(refused.status, 422);
        refused.must_say("We cannot take this ID. Enter another one, or ask us");
        // Of two forms that set the same one at once, one is told.
        let made = dana.opens(&format!("/brokerages/{}", theirs.brokerage)).await.form_that_says("Make the connection")
            .with("kind", "graph_secret");
        let mut sets = Vec::new();
        for name in ["First", "Second"] {
            let page = dana.opens(&format!("/brokerages/{}", theirs.brokerage)).await;
            let key = page.form_that_says("Make the connection").value("form_key").expect("a key").to_owned();
            let page = dana.sends(&made.clone().with("form_key", &key).with("name", name)).await;
            let page = dana.opens(&page.link(name)).await;
            sets.push(page.form_that_says("Set the ID").with("external_id", "MLS-8"));
        }
        let (one, other) = tokio::join!(dana.posts(&sets[0]), dana.posts(&sets[1]));
        let mut answers = [one.status.as_u16(), other.status.as_u16()];
        answers.sort_unstable();
        assert!(answers[0] == 303 && [409, 422].contains(&answers[1]), "{answers:?}");
        assert_eq!(database.count("connections WHERE external_id_key = 'mls-8'").await, 1);
        let unknown = dana.posts(&sets[0].clone().with("seen", "77").with("external_id", "MLS-9")).await;
        assert_eq!(unknown.status, 409, "it changed, or it is stale");
    }

    async fn a_new_link_ends_the_old_one(database) {
        let (portal, site, _lab) = both(database).await;
        let worker = portal.worker();
        let tom = site.colleague("Tom Berger", &[StaffRole::AccountManager]).await;
        let form = tom.opens("/invite").await.form_with("company")
            .with("company", "Harbor & Pine").with("contact", "Ida Larsen").with("address", IDA);
        let page = tom.sends(&form).await;
        let first = token(&portal, 1).await;
        let form = page.form_that_says("Send a new link");
        let revoke = page.form_that_says("Take it back");
        let page = tom.sends(&form).await;
        page.must_say("A new link is on its way.");
        page.must_say("Replaced by a newer one");
        let second = token(&portal, 2).await;
        assert_ne!(first, second);
        assert_eq!(invitation_of_link(&portal.app, &first).await.err(), Some(Refused::NotFound));
        assert_eq!(invitation_of_link(&portal.app, &second).await.expect("open").company.as_str(), "Harbor & Pine");
        // The same press again sends nothing; an older page tells what happened.
        tom.sends(&form).await;
        assert_eq!(database.count("invitations").await, 2);
        let late = tom.posts(&form.clone().with("form_key", "anotherkey0123456789")).await;
        assert_eq!(late.status, 409, "{}", late.text());
        late.must_say("A newer link was sent to this address meanwhile.");
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let theirs = ada.opens(&page.url).await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Send a new link")));
        let token = theirs.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(ada.posts(&form.clone().with("csrf", &token)).await.status, 403);
        // One that was taken back gets no new link by itself.
        tom.sends(&revoke).await;
        let newer = tom.opens(&page.url).await.form_that_says("Take it back");
        let resend = tom.opens(&page.url).await.form_that_says("Send a new link");
        tom.sends(&newer).await;
        let refused = tom.posts(&resend).await;
        assert_eq!(refused.status, 409);
        refused.must_say("This invitation was taken back.");
        worker.stop().await;
    }

    async fn our_people_close_a_connection_for_its_office_and_open_it_again(database) {
        let (portal, site, lab) = both(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let item = format!("/connections/{}", of.connection);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&item).await;
        let form = page.form_that_says("Close it").with("close_reason", "no_rights").with("close_words", "They call us in spring.");
        let half = dana.posts(&form.clone().with("close_reason", "").with("close_words", SECRET)).await;
        assert_eq!(half.status, 422);
        half.must_say("Choose why you close it");
        half.must_say("This looked like a client secret");
        assert!(!half.source.contains(SECRET), "it is not shown again");
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let theirs = lee.opens(&item).await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Close it")));
        let token = theirs.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(lee.posts(&form.clone().with("csrf", &token)).await.status, 403);
        let stale = dana.posts(&form.clone().with("seen", "0")).await;
        assert_eq!(stale.status, 409);

        let page = dana.sends(&form).await;
        page.must_say("It is closed.");
        page.must_say("Our people closed it for its office");
        page.must_say("Closed by Dana Reyes (MoxiWorks)");
        assert!(!page.says("I have read it"), "who closed it knows why");
        assert_eq!(database.count("needs WHERE rule = 'closed'").await, 0);
        assert_eq!(database.count("mails WHERE kind = 'closed'").await, 1);
        let served = portal_of(&portal.app).await;
        let iris = Visitor::new(&served.origin, &Seen::default());
        iris.takes_cookie("__Host-portal", &portal_session(&portal.app, &scope).await);
        let seen = iris.opens(&item).await;
        for words in ["This connection is closed", "Our people closed it for your office.", "They call us in spring."] {
            seen.must_say(words);
        }
        let page = dana.sends(&page.form_that_says("Open it again")).await;
        page.must_say("It is open again");
        page.must_say("Its people are told by e-mail.");
        assert_eq!(database.count("connections WHERE closed_by_us").await, 0);
        let worker = portal.worker();
        let told = portal.until("its people are told", async || {
            portal.mails.sent().into_iter().find(|mail| mail.kind == MailKind::Reopened)
        }).await;
        worker.stop().await;
        let told = String::from_utf8_lossy(&told.message).into_owned();
        for words in ["Subject: Open again: ", "Dana Reyes of MoxiWorks opened", "What comes next:", &item] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }

    async fn a_note_that_looks_like_a_secret_is_not_kept(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&format!("/connections/{connection}")).await;
        let note = page.form_with("text").with("text", &format!("She sent me {SECRET}, is it right?"));
        let refused = dana.posts(&note).await;
        assert_eq!(refused.status, 422);
        refused.must_say("This looked like a client secret, so we took it out and kept nothing.");
        refused.must_say("She sent me (taken out), is it right?");
        assert!(!refused.source.contains(SECRET));
        assert_eq!(database.count("notes").await, 0);
    }

    async fn who_may_not_prepare_is_told_so_and_the_office_sees_what_was_made(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let item = format!("/brokerages/{}", scope.brokerage);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens(&item).await.form_that_says("Make the connection")
            .with("name", "<b>Main</b>").with("kind", "microsoft365_password");
        for (name, role) in [("Kim Oduya", StaffRole::Support), ("Ines Falk", StaffRole::Auditor)] {
            let other = site.colleague(name, &[role]).await;
            let page = other.opens(&item).await;
            assert!(!page.html().forms().iter().any(|form| form.says("Make the connection")));
            let token = page.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
            assert_eq!(other.posts(&form.clone().with("csrf", &token)).await.status, 403);
        }
        dana.sends(&form).await.must_say("<b>Main</b>");
        let served = portal_of(&portal.app).await;
        let iris = Visitor::new(&served.origin, &Seen::default());
        iris.takes_cookie("__Host-portal", &portal_session(&portal.app, &scope).await);
        iris.opens("/overview").await.must_say("<b>Main</b>");

    }
}
