//! From the press on "Submit" to the first step on the page.

use std::time::{Duration, Instant};

use reqwest::header;

use crate::{
    databases::Database,
    load::ms,
    submissions::{begins, drafts},
    world::{Cast, World, client::client},
};

const CHECKS: usize = 20;

pub async fn report(database: &Database) {
    let world = World::start_with(database, crate::calm(), &[Cast::Portal, Cast::Worker]).await;
    let admin = begins(&world, 0).await;
    let client = client();
    let mut times = Vec::new();
    for request in drafts(&admin, CHECKS).await {
        let cookies = request.headers().get(header::COOKIE).cloned().expect("a signed-in browser");
        let begun = Instant::now();
        let answer = client.execute(request).await.expect("an answer");
        let to = answer.headers().get(header::LOCATION).expect("the status page").to_str().expect("plain");
        let page = client.get(format!("{}{to}", world.portal)).header(header::COOKIE, cookies);
        let mut page = page.send().await.expect("a page");
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
        "from submit to the first step shown, worker in a process of its own: median {}, slowest of {CHECKS} {}",
        ms(times[CHECKS / 2]),
        ms(times.last().copied().unwrap_or(Duration::ZERO)),
    );
}
