//! A session of the staff site: its times, its roles, its forms, and what it is worth elsewhere.

use std::time::Duration;

use moxi_onboard::domain::{ids::StaffId, staff::StaffRole};
use reqwest::{Method, header};

use crate::{
    databases::on_both,
    rows,
    staff_site::StaffSite,
    world::{Page, visitor::Visitor},
};

const MINUTE: Duration = Duration::from_secs(60);

async fn account(visitor: &Visitor) -> Page {
    visitor.opens_once("/account").await
}

fn leads_to_sign_in(page: &Page) -> bool {
    page.status == 303 && page.headers[header::LOCATION] == "/sign-in?next=/account"
}

on_both! {
    async fn a_colleague_is_known_by_name_and_roles(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer, StaffRole::Auditor]).await;
        let page = dana.opens("/").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, "/"));
        let page = account(&dana).await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Dana Reyes"));
        page.must_say("Auditor, Reviewer");
        assert!(leads_to_sign_in(&account(&site.visitor()).await));
    }

    async fn a_session_ends_when_it_is_idle_or_old(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        for _ in 0..2 {
            site.app.clock.advance(14 * MINUTE);
            assert_eq!(account(&dana).await.status, 200, "each visit starts the quarter of an hour anew");
        }
        site.app.clock.advance(16 * MINUTE);
        assert!(leads_to_sign_in(&account(&dana).await), "idle");

        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        for _ in 0..34 {
            site.app.clock.advance(14 * MINUTE);
            assert_eq!(account(&dana).await.status, 200);
        }
        site.app.clock.advance(5 * MINUTE);
        assert!(leads_to_sign_in(&account(&dana).await), "eight hours");
    }

    async fn a_role_that_is_lost_is_lost_at_once_in_every_session(database) {
        let site = StaffSite::open(database).await;
        let here = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let there = site.colleague("Dana Reyes", &[StaffRole::Auditor]).await;
        for visitor in [&here, &there] {
            account(visitor).await.must_say("Auditor");
            assert!(!account(visitor).await.says("Reviewer"));
        }
        rows::execute(database, "DELETE FROM staff_roles").await.expect("it runs");
        assert!(leads_to_sign_in(&account(&here).await));
        assert!(leads_to_sign_in(&account(&there).await));
        assert_eq!(rows::count(database, "staff_sessions").await, 0, "what is worth nothing is not kept");
    }

    async fn signing_out_ends_the_session_on_the_server(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let stolen = site.visitor();
        let value = dana.cookie_line().split_once("__Host-staff=").expect("a session").1.to_owned();
        stolen.takes_cookie("__Host-staff", &value);
        let form = account(&dana).await.form_that_says("Sign out");
        let answer = dana.posts(&form).await;
        assert_eq!((answer.status.as_u16(), &answer.headers[header::LOCATION]), (303, &"/signed-out".parse().expect("a path")));
        dana.opens("/signed-out").await.must_say("You are signed out.");
        assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
        assert!(leads_to_sign_in(&account(&stolen).await));
        assert_eq!(rows::count(database, "audit WHERE actor = 'staff' AND verb = 'staff.sign_out'").await, 1);
    }

    async fn all_sessions_of_one_person_can_be_ended(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let other = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let ids = rows::texts(database, "SELECT id FROM staff WHERE name = 'Dana Reyes'").await;
        let id = StaffId::parse(&ids[0]).expect("an id");
        let mut write = site.app.store.write().await.expect("a transaction");
        assert_eq!(write.end_staff_sessions_of(&id).await.expect("rows"), 1);
        write.commit_quietly(moxi_onboard::store::Quiet::Session).await.expect("a commit");
        assert!(leads_to_sign_in(&account(&dana).await));
        assert_eq!(account(&other).await.status, 200);
    }

    async fn everybody_sees_where_they_are_signed_in_and_ends_it(database) {
        let site = StaffSite::open(database).await;
        let here = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let there = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let third = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let page = account(&here).await;
        page.must_say("Where you are signed in");
        let ends = |page: &Page, words: &str| page.html().forms().into_iter().filter(|form| form.says(words)).collect::<Vec<_>>();
        assert_eq!(ends(&page, "Sign it out").len(), 2, "not this browser: {}", page.text());
        assert!(!page.says("Kim Oduya") && !page.says("Colleagues who are signed in"), "{}", page.text());
        // The key of no session of hers ends nothing.
        let odd = ends(&page, "Sign it out")[0].clone().with("key", &"00".repeat(32));
        here.sends(&odd).await;
        assert_eq!(rows::count(database, "staff_sessions").await, 4);
        here.sends(&ends(&page, "Sign it out")[0]).await.must_say("Signed out there.");
        assert_eq!(rows::count(database, "staff_sessions").await, 3);
        let page = account(&here).await;
        here.presses(&page.form_that_says("Sign out everywhere else"), "Sign out everywhere else").await.must_say("Signed out everywhere else.");
        assert!(leads_to_sign_in(&account(&there).await) && leads_to_sign_in(&account(&third).await));
        assert_eq!(account(&here).await.status, 200);
        let page = account(&here).await;
        here.presses(&page.form_that_says("here as well"), "here as well").await;
        assert!(leads_to_sign_in(&account(&here).await));
        assert_eq!(account(&kim).await.status, 200);
        assert_eq!(rows::count(database, "audit WHERE verb = 'staff.end_sessions'").await, 4);
    }

    async fn operations_and_owners_sign_a_colleague_out(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let elsewhere = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let olga = site.colleague("Olga Weiss", &[StaffRole::Owner]).await;
        let page = account(&olga).await;
        page.must_say("Dana Reyes in 2 browsers");
        page.must_say("Kim Oduya in one browser");
        let forms = page.html().forms();
        let form = forms.iter().find(|form| form.says("Dana Reyes")).expect("a form").clone();
        let token = account(&kim).await.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        let forged = kim.posts(&form.clone().with("csrf", &token)).await;
        assert_eq!(forged.status, 403);
        forged.must_say("None of your roles signs colleagues out");
        olga.sends(&form).await.must_say("Dana Reyes is signed out, everywhere.");
        for gone in [&dana, &elsewhere] {
            assert!(leads_to_sign_in(&account(gone).await));
        }
        assert_eq!(account(&kim).await.status, 200);
        assert_eq!(rows::count(database, "audit WHERE verb = 'staff.end_sessions' AND actor = 'staff'").await, 1);
    }

    async fn a_form_of_another_origin_or_without_its_token_changes_nothing(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = account(&dana).await.form_that_says("Sign out");
        for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null")] {
            let mut request = dana.request(Method::POST, "/sign-out").form(&form.fields).build().expect("a request");
            request.headers_mut().remove("sec-fetch-site");
            request.headers_mut().insert(name, value.parse().expect("a value"));
            let answer = crate::world::client::client().execute(request).await.expect("an answer");
            assert_eq!(answer.status(), 403, "{name}: {value}");
        }
        let bare = dana.request(Method::POST, "/sign-out").form(&[("csrf", "")]).send().await.expect("an answer");
        assert_eq!(bare.status(), 403);
        let others = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let mut theirs = account(&others).await.form_that_says("Sign out");
        theirs.action = form.action;
        assert_eq!(dana.posts(&theirs).await.status, 403, "another session's token");
        assert_eq!(account(&dana).await.status, 200);
    }

    async fn a_session_of_one_site_is_worth_nothing_on_the_other(database) {
        let site = StaffSite::open(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let value = dana.cookie_line().split_once("__Host-staff=").expect("a session").1.to_owned();
        let portal = crate::staff_site::portal_of(&site.app).await;
        let there = Visitor::new(&portal.origin, &site.seen);
        for name in ["__Host-staff", "__Host-portal"] {
            there.takes_cookie(name, &value);
        }
        assert_eq!(there.opens_once("/overview").await.status, 303);
        // And the other way round, with a session of the portal that is in order.
        let scope = crate::office::office(&site.app, "lakeshore.example").await;
        let value = crate::staff_site::portal_session(&site.app, &scope).await;
        there.takes_cookie("__Host-portal", &value);
        assert_eq!(there.opens_once("/overview").await.status, 200);
        let here = site.visitor();
        for name in ["__Host-staff", "__Host-portal"] {
            here.takes_cookie(name, &value);
        }
        assert!(leads_to_sign_in(&account(&here).await));
        // Two sites of one host share the visitor's cookie; a form of one is still none of the other's.
        let form = there.opens_once("/help").await.form("for colours", |form| form.action == "/theme");
        let shared = site.visitor();
        for pair in there.cookie_line().split("; ") {
            let (name, value) = pair.split_once('=').expect("a pair");
            if name == "__Host-visitor" {
                shared.takes_cookie(name, value);
            }
        }
        assert_eq!(shared.posts(&form).await.status, 403);
    }

    async fn without_settings_nobody_signs_in_and_the_page_says_what_to_set(database) {
        let site = StaffSite::open(database).await;
        let page = site.visitor().opens("/nothing-of-ours").await;
        assert_eq!(page.status, 404);
        let page = site.visitor().opens("/").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (503, "/sign-in"));
        page.must_say("[staff.openid]");
        for path in ["/livez", "/readyz", "/metrics"] {
            assert_eq!(site.visitor().opens_once(path).await.status, 200, "{path}");
        }
    }
}
