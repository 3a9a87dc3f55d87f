//! From the press on "Submit" to the first step on the page.

use std::time::{Duration, Instant};

use reqwest::header;

use crate::{
    databases::{Database, Kind},
    load::ms,
    submissions::{begins, drafts},
    world::{Cast, World, client::client},
};

const CHECKS: usize = 20;

pub async fn report(database: &Database) {
    // Several processes share PostgreSQL; on SQLite there is one.
    let (cast, how): (&[Cast], _) = match database.kind {
        Kind::Sqlite => (&[Cast::Everything], "one process"),
        Kind::Postgres => (&[Cast::Portal, Cast::Worker], "worker in a process of its own"),
    };
    let world = World::start_with(database, crate::calm(), cast).await;
    let admin = begins(&world, 0).await;
    let client = client();
    let mut times = Vec::new();
    for request in drafts(&admin, CHECKS).await {
        let cookies = request.headers().get(header::COOKIE).cloned().expect("a signed-in browser");
        let begun = Instant::now();
        let answer = client.execute(request).await.expect("an answer");
        let to = answer.headers().get(header::LOCATION).expect("the status page").to_str().expect("plain");
        let open = async |page: &str| {
            let request = client.get(format!("{}{to}{page}", world.portal)).header(header::COOKIE, &cookies);
            request.send().await.expect("a page")
        };
        // The list that grows while it is sent; a check that is over already has its page instead.
        let mut page = open("/live").await;
        if page.status().is_redirection() {
            page = open("").await;
        }
        let mut shown = Vec::new();
        while let Some(piece) = page.chunk().await.expect("a piece") {
            shown.extend_from_slice(&piece);
            if String::from_utf8_lossy(&shown).contains("data-outcome=\"passed\"") {
                times.push(begun.elapsed());
                break;
            }
        }
        drop(page);
        // One after the other: an account has one check at a time.
        world.rests().await;
    }
    times.sort();
    assert_eq!(times.len(), CHECKS, "every check shows a step");
    println!(
        "from submit to the first step shown, {how}: median {}, slowest of {CHECKS} {}",
        ms(times[CHECKS / 2]),
        ms(times.last().copied().unwrap_or(Duration::ZERO)),
    );
}
