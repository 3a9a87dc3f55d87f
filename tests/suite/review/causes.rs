//! The list of causes: what our own people find in it, and how often each was seen lately.

use std::time::Duration;

use moxi_onboard::domain::{causes, connection::State, staff::StaffRole};

use super::pages::both;
use crate::{databases::on_both, world::visitor::Visitor};

/// Longer than the page counts back.
const A_MONTH: Duration = Duration::from_secs(31 * 24 * 3600);

/// The lines of the list, on all of its pages.
async fn lines(of: &Visitor) -> Vec<String> {
    let first = of.opens("/causes").await;
    let pages = first.html().links().into_iter().filter(|(to, _)| to.contains("page="));
    let mut lines = Vec::new();
    for (to, _) in pages {
        let marked = of.opens(&to).await.html().marked("class");
        lines.extend(marked.into_iter().filter(|(class, _)| class == "line").map(|(_, line)| line));
    }
    lines
}

/// What the list says beside a cause.
fn seen(lines: &[String], id: &str) -> String {
    let title = causes::find(id).expect("a known cause").title;
    let line = lines.iter().find(|line| line.contains(title));
    let line = line.unwrap_or_else(|| panic!("{title:?} is not listed: {lines:#?}"));
    line.rsplit(title).next().unwrap_or_default().trim().to_owned()
}

on_both! {
    async fn causes_are_listed_searched_and_counted(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        for (name, state) in [("secret-wrong", State::Failed), ("too-many-permissions", State::Verified)] {
            let of = portal.newcomer(&lab.sample(name)).await;
            portal.settles(&of, state, None).await;
        }
        worker.stop().await;

        let lee = site.colleague("Lee Novak", &[StaffRole::Auditor]).await;
        let page = lee.opens(&lee.opens("/").await.link("Causes")).await;
        assert_eq!((page.status.as_u16(), page.heading().as_str()), (200, "Causes"));
        let listed = lines(&lee).await;
        assert_eq!(listed.len(), causes::all().count());
        page.must_say("0 are without a scenario");
        let often = ["client_secret_invalid", "excess_permissions", "app_disabled"].map(|id| seen(&listed, id));
        assert_eq!(often, ["1 check", "1 check", "not seen"]);

        let found = lee.sends(&page.form_with("q").with("q", "VALUE client_secret_invalid")).await;
        assert!(found.html().all("summary")[0].ends_with("1 check"), "{}", found.text());
        let cause = causes::find("client_secret_invalid").expect("the cause");
        for words in [cause.meaning, cause.who.words(), "secret-wrong"] {
            found.must_say(words);
        }
        for nothing in ["%%%%", "';--", "<script>alert(1)</script>", "zebra"] {
            let page = lee.sends(&found.form_with("q").with("q", nothing)).await;
            page.must_say("No cause has all of these words");
            assert!(!page.source.contains("<script>alert"), "{}", page.source);
        }

        portal.app.clock.advance(A_MONTH);
        let lee = site.colleague("Lee Novak", &[StaffRole::Auditor]).await;
        assert_eq!(seen(&lines(&lee).await, "client_secret_invalid"), "not seen");
        let page = site.visitor().opens_once("/causes").await;
        assert!(page.status == 303 && page.headers["location"].to_str().expect("text").starts_with("/sign-in"));
    }
}
