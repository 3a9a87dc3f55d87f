//! The queue's order and a saved list in a real browser, wide and on a telephone.

use moxi_onboard::domain::staff::StaffRole;

use super::{
    chromium::{self, Chromium, Scripts},
    rules,
};
use crate::{
    databases::{Database, Kind},
    office::office,
    review::pages::both,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_ordered_and_saved_also_on_a_telephone() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (portal, site, _lab) = both(&database).await;
    let scope = office(&portal.app, "lakeshore.example").await;
    for name in ["Alder", "Birch"] {
        portal.connection(&scope, name).await;
        portal.app.clock.advance(std::time::Duration::from_secs(60));
    }
    let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
    let window = Chromium::start(Scripts::On).await;
    window.takes_over(&dana).await;
    window.goes_to(&format!("{}/?view=all", site.origin)).await;
    let first = async || {
        let script = "return document.querySelector('[data-row] a').textContent";
        window
            .client
            .execute(script, Vec::new())
            .await
            .expect("an answer")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(first().await, "Lakeshore Realty: Birch");
    window.find("th[aria-sort=descending] a").await.click().await.expect("a click");
    window.find("th[aria-sort=ascending]").await;
    assert_eq!(first().await, "Lakeshore Realty: Alder");

    // On a telephone the list has no headings; the choice stands with the filters.
    window.is_as_wide_as(390).await;
    window.unfolds("Filter and order").await;
    window.find("#f-order option[value=newest]").await.click().await.expect("a choice");
    window.presses("Show these").await;
    window.find("option[value=newest][selected]").await;
    assert_eq!(first().await, "Lakeshore Realty: Birch");
    window.unfolds("Save this list").await;
    let mut faults = rules::faults(&window, "the queue").await;
    window.types("name", "Newest <b>first</b>").await;
    window.presses("Save the list").await;
    window.sees("The list is saved.").await;
    window.sees("Newest <b>first</b>").await;
    faults.extend(rules::faults(&window, "the queue with a saved list").await);
    window.goes_to(&format!("{}/saved-lists", site.origin)).await;
    window.sees("Newest <b>first</b>").await;
    faults.extend(rules::faults(&window, "saved lists").await);
    window.presses("Change or remove").await;
    faults.extend(rules::faults(&window, "a saved list").await);
    window.types("name", "").await;
    window.presses("Save").await;
    window.sees("Enter the name of the list").await;
    faults.extend(rules::faults(&window, "a saved list, refused").await);
    window.presses("Remove this list").await;
    window.sees("The list is removed.").await;
    faults.extend(rules::quiet(&window, "the queue").await);
    assert_eq!(faults, Vec::<String>::new());
    window.closes().await;
}
