//! The files of the house as the rules read them: comments and tests set apart, texts blanked where asked.

use std::{fmt, fs, path::Path};

/// One breach of one rule.
#[derive(Debug)]
pub struct Breach {
    pub file: String,
    pub line: usize,
    pub what: String,
    pub reason: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.file, self.line, self.what, self.reason)
    }
}

/// A source file.
pub struct File {
    /// From the top of the repository, such as `src/http/error.rs`.
    pub path: String,
    /// As it is.
    pub text: String,
    /// Without comments and without items for tests; texts kept. Same length, same lines.
    pub code: String,
    /// The same with texts blanked.
    pub bare: String,
    /// Whether the whole file is for tests.
    pub for_tests: bool,
}

/// Every file that the rules read.
pub struct House {
    /// `src/**.rs`.
    pub rust: Vec<File>,
    /// Everything else that is kept: path and text.
    pub other: Vec<(String, String)>,
    /// The names under `[dependencies]`, as code writes them.
    pub crates: Vec<String>,
}

impl House {
    /// The real one.
    pub fn read() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in ["src", "tests", "templates", "static", "migrations", "docs", "scripts", "bench", ".ci"]
        {
            gather(&top.join(folder), &mut files);
        }
        for file in ["README.md", "CHANGELOG.md", "Cargo.toml", "clippy.toml", "deny.toml", "build.rs"] {
            files.push(top.join(file));
        }
        let read = files.into_iter().filter_map(|path| {
            let name = path.strip_prefix(top).ok()?.to_str()?.to_owned();
            Some((name, fs::read_to_string(path).ok()?))
        });
        let mut all: Vec<(String, String)> = read.collect();
        all.sort();
        assert!(all.len() > 100, "the house was not found");
        Self::sorted(all)
    }

    /// A planted one.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self::sorted(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn sorted(all: Vec<(String, String)>) -> Self {
        let manifest = all.iter().find(|(path, _)| path == "Cargo.toml").map_or("", |(_, text)| text);
        let crates = dependencies(manifest);
        let (rust, other): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(path, _)| path.starts_with("src/") && path.ends_with(".rs"));
        let mut rust: Vec<File> = rust.into_iter().map(|(path, text)| File::new(path, text)).collect();
        let tests: Vec<String> = rust.iter().flat_map(File::test_modules).collect();
        for file in &mut rust {
            file.for_tests = tests.iter().any(|module| within(&file.module(), module));
        }
        Self { rust, other, crates }
    }

    /// The files that end up in the binary.
    pub fn shipped(&self) -> impl Iterator<Item = &File> {
        self.rust.iter().filter(|file| !file.for_tests)
    }
}

/// Whether a module is this one or stands below it: what a module for tests declares is for tests too.
fn within(module: &str, outer: &str) -> bool {
    module.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn gather(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        // What npm installs beside our own files is not of the house.
        if path.is_dir() && !path.ends_with("node_modules") {
            gather(&path, files);
        } else if !path.is_dir() {
            files.push(path);
        }
    }
}

fn dependencies(manifest: &str) -> Vec<String> {
    let (_, rest) = manifest.split_once("[dependencies]").unwrap_or_default();
    rest.lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect()
}

impl File {
    fn new(path: String, text: String) -> Self {
        let code = without_tests(&masked(&text, false));
        let bare = without_tests(&masked(&text, true));
        Self { path, text, code, bare, for_tests: false }
    }

    /// `crate::http::error` as `http::error`; the root is empty.
    pub fn module(&self) -> String {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let inner = inner.strip_suffix("/mod").unwrap_or(inner);
        if inner == "lib" || inner == "main" { String::new() } else { inner.replace('/', "::") }
    }

    /// `http` for everything under `src/http`, `clock` for `src/clock.rs`.
    pub fn room(&self) -> &str {
        let inner = self.path.trim_start_matches("src/");
        inner.split(['/', '.']).next().unwrap_or(inner)
    }

    /// The modules that this file declares for tests only.
    fn test_modules(&self) -> Vec<String> {
        let text = masked(&self.text, true);
        text.match_indices("#[cfg(test)]")
            .filter_map(|(at, mark)| {
                let rest = text[at + mark.len()..].trim_start();
                let name = rest.strip_prefix("mod ")?.split_once(';')?.0;
                name.chars().all(|letter| letter.is_alphanumeric() || letter == '_').then(|| {
                    let module = self.module();
                    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
                })
            })
            .collect()
    }

    /// A breach in this file at a byte of it.
    pub fn breach(&self, at: usize, what: impl Into<String>, reason: &'static str) -> Breach {
        let line = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        Breach { file: self.path.clone(), line, what: what.into(), reason }
    }
}

/// Blanks comments and, where asked, what stands inside texts. Length and lines stay.
fn masked(text: &str, blank_texts: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (end, blank) = if rest.starts_with(b"//") {
            (at + until(rest, b"\n"), true)
        } else if rest.starts_with(b"/*") {
            (at + until(rest, b"*/") + 2, true)
        } else if let Some(hashes) = raw_start(bytes, at) {
            let mut close = vec![b'"'];
            close.resize(hashes + 1, b'#');
            let start = hashes + 2;
            (at + start + until(&rest[start..], &close) + close.len(), blank_texts)
        } else if rest[0] == b'"' {
            (at + 1 + closing(&rest[1..], b'"'), blank_texts)
        } else if rest[0] == b'\'' && is_letter(rest) {
            (at + 1 + closing(&rest[1..], b'\''), true)
        } else {
            at += 1;
            continue;
        };
        let end = end.min(bytes.len());
        if blank {
            for byte in &mut out[at..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn until(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap_or(bytes.len())
}

/// Behind the closing sign, a backslash skips one letter.
fn closing(bytes: &[u8], sign: u8) -> usize {
    let mut at = 0;
    while at < bytes.len() && bytes[at] != sign {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"` or `r#"`, but not the end of a name.
fn raw_start(bytes: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|at| bytes[at]);
    let named = before.is_some_and(|byte| byte.is_ascii_alphanumeric() && byte != b'b' || byte == b'_');
    if bytes[at] != b'r' || named {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// A letter in quotes, not a lifetime.
fn is_letter(rest: &[u8]) -> bool {
    rest.get(1) == Some(&b'\\')
        || rest
            .iter()
            .skip(2)
            .take(4)
            .position(|byte| *byte == b'\'')
            .is_some_and(|far| far == 0 || !rest[1].is_ascii())
}

/// Blanks each item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    for (at, mark) in code.match_indices("#[cfg(test)]") {
        let rest = &code[at + mark.len()..];
        let end = at + mark.len() + item_end(rest);
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn item_end(rest: &str) -> usize {
    let mut depth = 0usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b';' if depth == 0 => return at + 1,
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn a_file_is_read_as_the_compiler_reads_it() {
    let text = r##"
//! use crate::store;
use crate::clock::Clock; /* crate::vault */
const A: &str = "crate::net // not a comment";
const B: &str = r#"a "quote" crate::jobs"#;
const C: char = '"';
fn f<'a>(x: &'a str) -> &'a str { x }
#[cfg(test)]
mod tests { use crate::simulator; fn g() { { "}" ; } } }
const D: u8 = crate::domain::X;
"##;
    let file = File::new("src/x/y.rs".to_owned(), text.to_owned());
    assert_eq!(file.bare.len(), text.len());
    for gone in ["store", "vault", "net", "jobs", "simulator", "comment"] {
        assert!(!file.bare.contains(gone), "{gone}: {}", file.bare);
    }
    assert!(file.code.contains("crate::net // not a comment") && file.code.contains("crate::jobs"));
    for kept in ["crate::clock::Clock", "&'a str", "crate::domain::X"] {
        assert!(file.bare.contains(kept), "{kept}: {}", file.bare);
    }
    assert_eq!((file.room(), file.module().as_str()), ("x", "x::y"));
}
