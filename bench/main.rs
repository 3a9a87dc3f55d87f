//! The figures: how many submissions become durable in a second, how fast pages are under load, how soon the first
//! step is seen, how long a start takes and how much memory it holds. `scripts/bench` runs it.
//!
//! Every figure is taken from the built program over HTTP, on SQLite and on PostgreSQL in the same run.

mod checks;
#[path = "../tests/suite/databases.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests' own ground, of which this uses a part"
)]
mod databases;
mod load;
#[path = "../tests/suite/office.rs"]
#[expect(dead_code, reason = "the tests' own ground, of which this uses a part")]
mod office;
mod pages;
mod queue;
mod raw;
mod roster;
#[path = "../tests/suite/staff_site.rs"]
#[expect(dead_code, reason = "the tests' own ground, of which this uses a part")]
mod staff_site;
mod start;
mod steps;
mod submissions;
#[path = "../tests/suite/world/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests' own ground, of which this uses a part")]
mod world;

use databases::{Database, Kind};

#[tokio::main]
async fn main() {
    println!("Figures of {}, release build, {} cores.", world::process::PROGRAM, cores());
    let only = std::env::args().nth(1).filter(|part| !part.starts_with('-'));
    if only.as_deref().is_none_or(|part| part == "checks") {
        checks::report().await;
    }
    if only.as_deref().is_none_or(|part| part == "roster") {
        roster::report().await;
    }
    for kind in [Kind::Sqlite, Kind::Postgres] {
        println!("\n== {kind:?}");
        match only.as_deref() {
            Some("queue") => queue::report(kind).await,
            None => all(kind).await,
            Some(_) => {}
        }
    }
}

async fn all(kind: Kind) {
    submissions::report(&fresh(kind).await).await;
    pages::report(&fresh(kind).await).await;
    steps::report(&fresh(kind).await).await;
    start::report(&fresh(kind).await).await;
    queue::report(kind).await;
}

/// Settings as in real use: few log lines, a long lease.
fn calm() -> world::Plan {
    world::Plan {
        log: "info".to_owned(),
        lease: "60 s".to_owned(),
        poll: "5 s".to_owned(),
        ..world::Plan::default()
    }
}

async fn fresh(kind: Kind) -> Database {
    Database::make(kind).await.expect("both databases are there: run scripts/bench")
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
