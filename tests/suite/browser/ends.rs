//! How checks end, in a real browser: the page of each verdict of each access kind keeps the rules.

use super::{
    chromium::{self, Chromium, Scripts},
    rules,
};
use crate::{
    databases::{Database, Kind},
    journey::samples::{one_of_each, town, walks},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_end_of_every_kind_keeps_the_rules() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = town(&database).await;
    let ends = walks(&world, one_of_each(world.simulator.samples())).await;
    let window = Chromium::start(Scripts::On).await;
    let mut faults = Vec::new();
    for (admin, walked) in ends {
        let name = &admin.sample.name;
        let status = walked.unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        window.takes_over(&admin.browser).await;
        window.goes_to(&format!("{}{}", world.portal, status.url)).await;
        window.sees(&status.heading()).await;
        let page = format!("end-{}-{}", admin.sample.kind, admin.sample.expected_verdict);
        faults.extend(rules::faults(&window, &page).await);
    }
    window.closes().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
