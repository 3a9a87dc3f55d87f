//! Each migration has a number of its own.

use std::collections::BTreeMap;

use crate::source::{Breach, House};

/// Migrations whose number stands on another one, too: no database would open.
pub fn twins(house: &House) -> Vec<Breach> {
    let mut firsts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut breaches = Vec::new();
    for (path, _) in &house.other {
        let Some(number) = path.strip_prefix("migrations/").and_then(|name| name.split('_').next()) else {
            continue;
        };
        if let Some(first) = firsts.insert(number, path) {
            breaches.push(Breach {
                file: path.clone(),
                line: 1,
                what: format!("the number of {first}"),
                reason: "two migrations with one number keep every database from opening",
            });
        }
    }
    breaches
}

#[test]
fn planted_twins_are_found() {
    let of = |names: [&'static str; 2]| names.map(|name| (name, "SELECT 1"));
    let twins_of = of(["migrations/0002_a.sql", "migrations/0002_b.sql"]);
    crate::finds(twins, &twins_of, &of(["migrations/0001_a.sql", "migrations/0002_a.sql"]));
}
