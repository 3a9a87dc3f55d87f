//! Who may use whom. Imports point downwards only: a room can be read, tested and replaced without those above it.

use crate::{
    paths::{children, named},
    source::{Breach, House},
};

/// What a room may use.
struct Room {
    name: &'static str,
    /// Rooms of ours.
    rooms: &'static [&'static str],
    crates: Crates,
    reason: &'static str,
}

/// Crates of others.
enum Crates {
    Only(&'static [&'static str]),
    But(&'static [&'static str]),
}

use Crates::{But, Only};

const HOUSE: &[Room] = &[
    Room { name: "main", rooms: &["cli"], crates: Only(&[]), reason: "the program's start decides nothing" },
    Room {
        name: "cli",
        rooms: &[
            "config",
            "telemetry",
            "app",
            "http",
            "jobs",
            "actions",
            "simulator",
            "domain",
            "store",
            "vault",
            "verification",
            "openid",
            "notify",
            "net",
            "clock",
        ],
        crates: But(&["sqlx"]),
        reason: "a command puts parts together and reads; it holds no SQL",
    },
    Room {
        name: "http",
        rooms: &["app", "actions", "domain", "store", "config", "telemetry", "clock"],
        crates: But(&["sqlx", "reqwest", "lettre", "hpke", "aes_gcm"]),
        reason: "pages read and call actions; they never write, verify, seal or send themselves",
    },
    Room {
        name: "jobs",
        rooms: &["app", "actions", "store", "domain", "clock", "config", "telemetry"],
        crates: But(&["sqlx", "axum", "reqwest", "lettre"]),
        reason: "a job carries out an action; it knows no pages",
    },
    Room {
        name: "actions",
        rooms: &[
            "app",
            "store",
            "vault",
            "verification",
            "openid",
            "notify",
            "delivery",
            "net",
            "domain",
            "clock",
            "config",
            "telemetry",
        ],
        crates: But(&["axum", "sqlx", "tower_sessions", "askama", "clap", "lettre", "reqwest"]),
        reason: "an action is the same whoever calls it: page, job or command",
    },
    Room {
        name: "app",
        rooms: &[
            "store",
            "vault",
            "verification",
            "openid",
            "notify",
            "net",
            "config",
            "telemetry",
            "domain",
            "clock",
        ],
        crates: But(&["axum", "sqlx"]),
        reason: "what a running portal is made of knows nothing of what is done with it",
    },
    Room {
        name: "store",
        rooms: &["domain", "clock"],
        crates: But(&["axum", "reqwest", "hpke", "aes_gcm", "lettre", "askama"]),
        reason: "the store holds rows; rules of the business stand in domain and actions",
    },
    Room {
        name: "vault",
        rooms: &["domain", "clock"],
        crates: But(&["axum", "reqwest", "sqlx", "hyper", "lettre", "askama"]),
        reason: "keys touch neither database nor network",
    },
    Room {
        name: "net",
        rooms: &["domain", "clock"],
        crates: But(&["axum", "sqlx", "hpke", "askama"]),
        reason: "the way out knows no secrets and no rows",
    },
    Room {
        name: "verification",
        rooms: &["net", "domain", "clock"],
        crates: But(&["axum", "sqlx", "reqwest", "hpke", "askama", "lettre"]),
        reason: "a check is tried without a database, and goes out only through net",
    },
    Room {
        name: "openid",
        rooms: &["net", "domain", "clock"],
        crates: But(&["axum", "sqlx", "reqwest", "hpke", "askama", "lettre", "tower_sessions"]),
        reason: "whom the provider vouches for is decided without a database and without a page",
    },
    Room {
        name: "notify",
        rooms: &["net", "domain", "clock"],
        crates: But(&["axum", "sqlx", "hpke", "reqwest"]),
        reason: "an event becomes a mail without looking anything up",
    },
    Room {
        name: "delivery",
        rooms: &["net", "domain", "clock"],
        crates: But(&["axum", "sqlx"]),
        reason: "formats for servers know no rows",
    },
    Room {
        name: "domain",
        rooms: &[],
        crates: Only(&["serde", "jiff", "secrecy"]),
        reason: "values of the product read, wait and write nothing",
    },
    Room {
        name: "simulator",
        rooms: &[],
        crates: But(&["sqlx", "hpke", "lettre", "tower_sessions", "askama", "reqwest", "oauth2"]),
        reason: "the outside world shares no code with those it tries",
    },
    Room {
        name: "config",
        // Availability of kinds is a setting, and its names are the product's own.
        rooms: &["domain"],
        crates: Only(&["serde", "toml", "jiff", "secrecy"]),
        reason: "settings are read before anything else exists",
    },
    Room {
        name: "telemetry",
        rooms: &["config"],
        crates: But(&["axum", "sqlx", "reqwest"]),
        reason: "log lines and numbers know nothing of what they tell of",
    },
    Room {
        name: "clock",
        rooms: &["domain"],
        crates: Only(&["getrandom", "jiff", "rand_core", "sha2"]),
        reason: "time and randomness stand under everything",
    },
];

/// An import of a room that the importing room may not use.
pub fn forbidden_rooms(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.shipped().filter(|file| file.path != "src/lib.rs") {
        let Some(room) = HOUSE.iter().find(|room| room.name == file.room()) else {
            breaches.push(file.breach(
                0,
                "a room that the table does not know",
                "each room says whom it may use",
            ));
            continue;
        };
        for named in named(file, &children(file)) {
            let target = named.parts[0].as_str();
            let foreign = target.starts_with("::") || target == room.name;
            if !foreign && HOUSE.iter().any(|room| room.name == target) && !room.rooms.contains(&target) {
                breaches.push(file.breach(named.at, format!("{} uses {target}", room.name), room.reason));
            }
        }
    }
    breaches
}

/// An import of a crate that the importing room may not use.
pub fn forbidden_crates(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.shipped() {
        let Some(room) = HOUSE.iter().find(|room| room.name == file.room()) else { continue };
        for named in named(file, &children(file)) {
            let Some(name) = named.parts[0].strip_prefix("::") else { continue };
            if !house.crates.iter().any(|known| known == name) {
                continue;
            }
            let fits = match room.crates {
                Only(allowed) => allowed.contains(&name),
                But(banned) => !banned.contains(&name),
            };
            if !fits {
                breaches.push(file.breach(
                    named.at,
                    format!("{} uses the crate {name}", room.name),
                    room.reason,
                ));
            }
        }
    }
    breaches
}

#[test]
fn planted_imports_are_found() {
    crate::finds(
        forbidden_rooms,
        &[("src/http/pages/a.rs", "use crate::{\n    domain::ids,\n    vault::open,\n};\n")],
        &[(
            "src/http/pages/a.rs",
            "use crate::domain::ids;\n// crate::vault\n#[cfg(test)]\nmod t { use crate::vault; }\n",
        )],
    );
    crate::finds(
        forbidden_rooms,
        &[("src/simulator/a.rs", "fn f() -> crate::domain::ids::JobId { todo() }\n")],
        &[("src/simulator/a.rs", "use super::world;\nuse crate::simulator::dns;\n")],
    );
    crate::finds(
        forbidden_rooms,
        &[("src/store/a.rs", "use super::super::actions::submit;\n")],
        &[("src/store/a.rs", "use super::rows;\n")],
    );
    crate::finds(forbidden_rooms, &[("src/attic/a.rs", "")], &[("src/lib.rs", "use crate::attic;")]);
    let manifest = ("Cargo.toml", "[dependencies]\nserde = \"1\"\ntokio = \"1\"\n[x]\n");
    crate::finds(
        forbidden_crates,
        &[manifest, ("src/domain/a.rs", "async fn f() { tokio::task::yield_now().await }\n")],
        &[manifest, ("src/domain/a.rs", "use serde::Serialize;\n")],
    );
}
