//! The account manager who is named for a brokerage.

use moxi_onboard::{
    actions::name_keeper::{TypedKeeper, name_keeper},
    domain::{refused::Refused, staff::StaffRole},
};

use super::{pages::both, staff};
use crate::{databases::on_both, office::office, running::Portal, world::Page};

fn typed(before: &str, named: &str) -> TypedKeeper {
    TypedKeeper { before: before.to_owned(), named: named.to_owned() }
}

/// The value of the choice that says this.
pub fn offered(page: &Page, words: &str) -> String {
    let choices = page.source.split("<option value=\"").skip(1);
    let mut choices = choices.filter_map(|choice| choice.split_once('"'));
    let found =
        choices.find(|(_, rest)| rest.contains(&format!(">{words}</option>"))).expect("it is offered");
    found.0.to_owned()
}

on_both! {
    async fn an_account_manager_who_invites_a_new_brokerage_is_named_for_it(database) {
        let (_portal, site, _lab) = crate::review::pages::both(database).await;
        let mara = site.colleague("Mara Voss", &[StaffRole::AccountManager]).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let invite = async |who: &crate::world::visitor::Visitor, company: &str, address: &str| {
            let form = who.opens("/invite").await.form_with("company");
            who.sends(&form.with("company", company).with("contact", "Ida Larsen").with("address", address)).await
        };
        let page = invite(&mara, "Pine Homes", "ida@pine.example").await;
        page.must_say("Mara Voss (you)");
        page.must_say("Account manager named");
        // It is as changeable as any.
        dana.opens(&page.url).await.must_say("Mara Voss");
        let page = dana.sends(&dana.opens(&page.url).await.form_with("manager").with("manager", "")).await;
        page.must_say("Nobody is named.");
        invite(&dana, "Harbor Homes", "ida@harbor.example").await.must_say("Nobody is named.");
        // One more person of one that is there changes nothing.
        let form = mara.opens(&page.url).await.form_with("contact");
        let page = mara.sends(&form.with("contact", "Tom Berg").with("address", "tom@pine.example")).await;
        page.must_say("Nobody is named.");
    }

    async fn a_brokerage_has_one_account_manager_and_who_was_slower_is_told(database) {
        let portal = Portal::open(database).await;
        let app = &portal.app;
        let dana = staff(database, 1, "Dana Reyes", StaffRole::Reviewer).await;
        let mia = staff(database, 2, "Mia Chen", StaffRole::AccountManager).await;
        let lee = staff(database, 3, "Lee Park", StaffRole::Support).await;
        for one in [&dana, &mia, &lee] {
            let role = one.roles[0].as_str();
            database.execute(&format!("INSERT INTO staff_roles (staff_id, role) VALUES ('{}', '{role}')", one.staff)).await;
        }
        let scope = office(app, "lakeshore.example").await;
        let earlier = portal.connection(&scope, "Main office").await;
        let of = &scope.brokerage;
        name_keeper(app, &dana, of, &typed("", mia.staff.as_str())).await.expect("named");
        // Once more changes nothing, and what is made later has them too.
        name_keeper(app, &dana, of, &typed("", mia.staff.as_str())).await.expect("is so");
        let later = portal.connection(&scope, "Second office").await;
        for connection in [&earlier, &later] {
            let theirs = format!("connections WHERE id = '{connection}' AND manager_id = '{}'", mia.staff);
            assert_eq!(database.count(&theirs).await, 1, "{connection}");
        }
        assert_eq!(database.count("audit WHERE verb = 'brokerage.manager'").await, 1);

        let named = app.store.read().await.expect("a transaction").keeper_of(of).await.expect("a row").expect("one");
        assert_eq!((named.staff, named.name.as_str(), named.has_role), (mia.staff.clone(), "Mia Chen", true));
        let slower = name_keeper(app, &mia, of, &typed("", "")).await;
        assert!(matches!(slower, Err(Refused::Conflict(_))), "{slower:?}");
        for nobody in [dana.staff.as_str(), lee.staff.as_str(), "stf_x", "stf_00000000000000000000000000"] {
            let refused = name_keeper(app, &dana, of, &typed(mia.staff.as_str(), nobody)).await;
            assert!(matches!(refused, Err(Refused::Fields(_))), "{nobody}: {refused:?}");
        }
        let refused = name_keeper(app, &lee, of, &typed(mia.staff.as_str(), "")).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))), "{refused:?}");
        name_keeper(app, &mia, of, &typed(mia.staff.as_str(), "")).await.expect("taken back");
        assert_eq!(database.count("connections WHERE manager_id IS NOT NULL").await, 0);
    }

    async fn the_page_names_them_and_says_when_they_are_none_any_more(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let page_of = format!("/brokerages/{}", scope.brokerage);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        dana.opens(&page_of).await.must_say("No account manager has signed in here yet");
        let mia = site.colleague("Mia Chen", &[StaffRole::AccountManager]).await;
        let page = mia.opens(&page_of).await;
        page.must_say("Nobody is named.");
        let form = page.form_with("manager");
        let id = offered(&page, "Mia Chen");
        mia.sends(&form.clone().with("manager", &id)).await.must_say("Mia Chen (you)");
        assert_eq!(dana.posts(&dana.opens(&page_of).await.form_with("manager").with("before", "").with("manager", "")).await.status, 409);
        // At her next sign-in she is told another role.
        site.colleague("Mia Chen", &[StaffRole::Support]).await;
        dana.opens(&page_of).await.must_say("They are an account manager no more");
        assert!(!mia.opens(&page_of).await.html().forms().iter().any(|form| form.says("Save")));
    }
}
