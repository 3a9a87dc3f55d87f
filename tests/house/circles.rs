//! No circle of files: what uses what can be read from the top down, one file at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    paths::{children, named},
    source::{Breach, File, House},
};

const REASON: &str = "two files that need each other are one file, or share a third";

/// Files that need each other. A `mod` line and a `pub use` that hands a name on need nothing.
pub fn circles(house: &House) -> Vec<Breach> {
    let modules: BTreeMap<String, &File> =
        house.shipped().filter(|file| file.path != "src/main.rs").map(|file| (file.module(), file)).collect();
    let handed = handed_on(&modules);
    let mut needs: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (module, file) in &modules {
        let edges = needs.entry(module).or_default();
        for named in named(file, &children(file)).into_iter().filter(|named| !named.handed_on) {
            if let Some(target) = target(&modules, &handed, &named.parts, 0).filter(|target| target != module)
            {
                edges.entry(target).or_insert(named.at);
            }
        }
    }
    let mut breaches = Vec::new();
    let mut told = BTreeSet::new();
    for (module, edges) in &needs {
        for (next, at) in edges {
            if let Some(way) = way_back(&needs, next, module) {
                let mut circle: Vec<&str> = way;
                circle.push(module);
                let mut key = circle.clone();
                key.sort_unstable();
                key.dedup();
                if told.insert(key) {
                    let file = modules[*module];
                    breaches.push(file.breach(*at, format!("{module} -> {}", circle.join(" -> ")), REASON));
                }
            }
        }
    }
    breaches
}

/// `(module, name) -> path` of the names that a module took in by `use`: its children see them as its own.
fn handed_on(modules: &BTreeMap<String, &File>) -> BTreeMap<(String, String), Vec<String>> {
    let mut handed = BTreeMap::new();
    for (module, file) in modules {
        for named in named(file, &children(file)) {
            if let Some(last) = named.parts.last().filter(|_| !named.parts[0].starts_with("::")) {
                handed.insert((module.clone(), last.clone()), named.parts.clone());
            }
        }
    }
    handed
}

/// The file where the thing that a path names is written.
fn target<'a>(
    modules: &'a BTreeMap<String, &File>,
    handed: &BTreeMap<(String, String), Vec<String>>,
    parts: &[String],
    depth: usize,
) -> Option<&'a str> {
    if parts.first()?.starts_with("::") || depth > 8 {
        return None;
    }
    let length = (1..=parts.len()).rev().find(|length| modules.contains_key(&parts[..*length].join("::")))?;
    let module = parts[..length].join("::");
    if let Some(name) = parts.get(length)
        && let Some(path) = handed.get(&(module.clone(), name.clone())).filter(|path| path[..] != *parts)
    {
        return target(modules, handed, path, depth + 1);
    }
    modules.get_key_value(&module).map(|(module, _)| module.as_str())
}

fn way_back<'a>(
    needs: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>,
    from: &'a str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while let Some(way) = ways.pop() {
        let last = way.last().copied()?;
        if last == to {
            return Some(way[..way.len() - 1].to_vec());
        }
        for next in needs.get(last).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next) {
                let mut longer = way.clone();
                longer.push(next);
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn planted_circles_are_found() {
    crate::finds(
        circles,
        &[
            ("src/a/mod.rs", "mod b;\nmod c;\n"),
            ("src/a/b.rs", "use super::c::C;\npub struct B;\n"),
            ("src/a/c.rs", "fn f() -> crate::a::b::B { B }\npub struct C;\n"),
        ],
        &[
            ("src/a/mod.rs", "mod b;\nmod c;\npub use b::B;\n"),
            ("src/a/b.rs", "pub struct B;\n"),
            ("src/a/c.rs", "use super::B;\npub struct C;\n"),
        ],
    );
    crate::finds(
        circles,
        &[
            ("src/a/mod.rs", "mod b;\npub struct A(b::B);\n"),
            ("src/a/b.rs", "use super::A;\npub struct B;\n"),
        ],
        &[("src/a/mod.rs", "mod b;\npub struct A(b::B);\n"), ("src/a/b.rs", "pub struct B;\n")],
    );
}
