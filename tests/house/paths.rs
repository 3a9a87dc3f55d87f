//! Every path a file names, written out from the crate's root.

use crate::source::File;

/// A path as its parts, such as `["store", "Store"]`, and where it stands. Paths of other crates start with `::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub parts: Vec<String>,
    pub at: usize,
    /// From a `use` with `pub` before it: it hands a name on and uses nothing itself.
    pub handed_on: bool,
}

/// Paths from `use` lines and from the middle of code. `children` are the modules that the file declares.
pub fn named(file: &File, children: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    for (start, end, handed_on) in uses(&file.bare) {
        for (at, parts) in branches(&file.bare[start..end], start) {
            found.push(Named { parts, at, handed_on });
        }
    }
    let mut rest = file.bare.clone().into_bytes();
    for (start, end, _) in uses(&file.bare) {
        rest[start..end].fill(b' ');
    }
    found.extend(inline(&String::from_utf8_lossy(&rest)));
    found.into_iter().filter_map(|named| rooted(file, children, named)).collect()
}

/// The `use` lines as start, end and whether the line hands names on.
fn uses(code: &str) -> Vec<(usize, usize, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let after = visibility(trimmed);
        if let Some(rest) = trimmed[after..].strip_prefix("use ") {
            let start = at + indent + trimmed.len() - rest.len();
            let end = code[start..].find(';').map_or(code.len(), |end| start + end);
            found.push((start, end, after > 0));
        }
        at += line.len();
    }
    found
}

fn visibility(line: &str) -> usize {
    if line.starts_with("pub ") {
        4
    } else if line.starts_with("pub(") {
        line.find(") ").map_or(0, |end| end + 2)
    } else {
        0
    }
}

/// Writes `a::{b, c::{d, e as f}}` out into its paths.
fn branches(tree: &str, offset: usize) -> Vec<(usize, Vec<String>)> {
    fn grow(tree: &str, offset: usize, stem: &[String], out: &mut Vec<(usize, Vec<String>)>) {
        let (mut depth, mut start) = (0usize, 0);
        let mut pieces = Vec::new();
        for (at, letter) in tree.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    pieces.push((start, &tree[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
        }
        pieces.push((start, &tree[start..]));
        for (start, piece) in pieces {
            let lead = piece.len() - piece.trim_start().len();
            let (path, group) = piece
                .split_once('{')
                .map_or((piece, None), |(path, rest)| (path, rest.rsplit_once('}').map(|(inner, _)| inner)));
            let path = path.split(" as ").next().unwrap_or(path);
            let mut parts = stem.to_vec();
            parts.extend(
                path.split("::")
                    .map(str::trim)
                    .filter(|part| !part.is_empty() && *part != "self")
                    .map(str::to_owned),
            );
            match group {
                Some(inner) => {
                    let shift = piece.find('{').map_or(0, |open| open + 1);
                    grow(inner, offset + start + shift, &parts, out);
                }
                None if parts.len() > stem.len() || piece.trim() == "self" => {
                    out.push((offset + start + lead, parts));
                }
                None => {}
            }
        }
    }
    let mut out = Vec::new();
    grow(tree, offset, &[], &mut out);
    out
}

/// Chains of names with `::` between, outside of `use` lines.
fn inline(code: &str) -> Vec<Named> {
    let bytes = code.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_name(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut parts = Vec::new();
        loop {
            let from = at;
            while at < bytes.len() && is_name(bytes[at]) {
                at += 1;
            }
            parts.push(code[from..at].to_owned());
            let more = code[at..].starts_with("::") && bytes.get(at + 2).is_some_and(|byte| is_name(*byte));
            if !more {
                break;
            }
            at += 2;
        }
        // `.name::<T>()` and the tail of `::name` are no paths of their own.
        let tail = code[..start].ends_with("::") || code[..start].ends_with('.');
        if parts.len() > 1 && !tail {
            found.push(Named { parts, at: start, handed_on: false });
        }
    }
    found
}

/// Writes `crate`, `self`, `super` and child modules out from the root. Paths of other crates keep their first name
/// behind `::`; names that a file merely imported before are dropped, for the import already counts.
fn rooted(file: &File, children: &[String], mut named: Named) -> Option<Named> {
    let mut base: Vec<String> =
        file.module().split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let first = named.parts.first()?.clone();
    match first.as_str() {
        "crate" | "moxi_onboard" => {
            named.parts.remove(0);
        }
        "self" => {
            named.parts.remove(0);
            base.extend(named.parts);
            named.parts = base;
        }
        "super" => {
            while named.parts.first().is_some_and(|part| part == "super") {
                named.parts.remove(0);
                base.pop();
            }
            base.extend(named.parts);
            named.parts = base;
        }
        child if children.iter().any(|known| known == child) => {
            base.extend(named.parts);
            named.parts = base;
        }
        _ => named.parts[0] = format!("::{first}"),
    }
    (!named.parts.is_empty()).then_some(named)
}

/// The modules a file declares, those for tests left out.
pub fn children(file: &File) -> Vec<String> {
    file.bare
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            line[visibility(line)..].strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
        })
        .collect()
}

#[test]
fn paths_are_written_out() {
    let text = "pub mod leaf;\nuse crate::{domain::{ids::Id, kind}, store::Store as S};\nuse super::super::clock;\n\
                pub use leaf::Leaf;\nfn f() { crate::vault::open(); leaf::x(); axum::serve(); a.b::<u8>(); }\n";
    let house = crate::House::of(&[("src/http/pages/mod.rs", text)]);
    let file = &house.rust[0];
    let found: Vec<String> =
        named(file, &children(file)).into_iter().map(|named| named.parts.join("::")).collect();
    for path in [
        "domain::ids::Id",
        "domain::kind",
        "store::Store",
        "clock",
        "http::pages::leaf::Leaf",
        "vault::open",
        "http::pages::leaf::x",
        "::axum::serve",
    ] {
        assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
    }
    assert!(!found.iter().any(|found| found.contains("b::")), "{found:?}");
}
