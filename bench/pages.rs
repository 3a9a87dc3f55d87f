//! How long pages take while many ask for them.

use reqwest::{Method, StatusCode};

use crate::{
    databases::Database,
    load::{self, ms},
    submissions::{begins, drafts},
    world::{Cast, World},
};

const CONNECTIONS: usize = 16;
const REQUESTS: usize = 8000;

pub async fn report(database: &Database) {
    let mut world = World::start_with(database, crate::calm(), &[Cast::Everything]).await;
    let admin = begins(&world, 0).await;
    drafts(&admin, 3).await;
    world.processes.remove(0).terminate().await;
    world.adds(Cast::Portal).await;
    println!("pages, {CONNECTIONS} connections, {REQUESTS} requests each:");
    let stranger = world.anonymous();
    let asked =
        [("start page", &stranger, "/"), ("overview of a signed-in admin", &admin.browser, "/overview")];
    for (name, browser, path) in asked {
        let request = browser.request(Method::GET, path).build().expect("a request");
        let requests = (0..REQUESTS).map(|_| request.try_clone().expect("a plain request")).collect();
        let outcome = load::send(requests, CONNECTIONS, StatusCode::OK).await;
        assert_eq!(outcome.wrong, 0, "every page is shown");
        println!(
            "  {name}: {:.0} a second; p50 {}, p99 {}",
            outcome.per_second(),
            ms(outcome.within(0.5)),
            ms(outcome.within(0.99)),
        );
    }
}
