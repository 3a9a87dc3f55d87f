//! How long a start on existing data takes until the first answer, and how much memory an idle process holds.

use std::time::{Duration, Instant};

use crate::{
    databases::Database,
    load::ms,
    submissions::{begins, drafts},
    world::{Cast, World, client::client},
};

const STARTS: usize = 5;

pub async fn report(database: &Database) {
    let mut world = World::start_with(database, crate::calm(), &[Cast::Everything]).await;
    let admin = begins(&world, 0).await;
    drafts(&admin, 50).await;
    world.processes.remove(0).terminate().await;
    let mut times = Vec::new();
    let client = client();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let process = world.spawns(Cast::Everything);
        let mut asked = begun.elapsed();
        while client.get(format!("{}/", world.portal)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(2)).await;
            asked = begun.elapsed();
            assert!(asked < Duration::from_secs(20), "it starts");
        }
        times.push(begun.elapsed().max(asked));
        // What a start allocates for a moment is given back by then.
        tokio::time::sleep(Duration::from_secs(1)).await;
        if times.len() == STARTS {
            println!("memory of one idle process with every role: {:.1} MB", resident(process.id()));
        }
        process.terminate().await;
    }
    times.sort();
    println!("start to first answer on existing data: {} (median of {STARTS})", ms(times[STARTS / 2]));
}

/// Resident memory in megabytes.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process of ours");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1024.0
}
