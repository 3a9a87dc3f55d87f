//! Rules about words in the code: who writes, who asks the time, who names a database, what needs a sentence.

use crate::{
    paths::{children, named},
    source::{Breach, File, House},
};

/// Files may do what a rule forbids elsewhere, each for its reason.
type Exempt = &'static [(&'static str, &'static str)];

fn exempt(file: &File, list: Exempt) -> bool {
    list.iter().any(|(path, _)| file.path.starts_with(path))
}

/// Every place of a word that is not part of a longer one.
fn places<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let (starts, ends) = (joins(word.chars().next()), joins(word.chars().last()));
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = starts && joins(code[..*at].chars().last());
        let behind = ends && joins(code[*at + word.len()..].chars().next());
        !before && !behind
    })
}

const WRITERS: Exempt = &[
    ("src/actions/", "the verbs"),
    ("src/jobs/", "the queue's own rows"),
    ("src/store/", "what they write with"),
    ("src/simulator/", "has no database"),
];

/// A write to the database outside of actions, jobs and store.
pub fn writes_elsewhere(house: &House) -> Vec<Breach> {
    const REASON: &str = "what changes the database is found in one place, with its audit line and its mails";
    let mut breaches = Vec::new();
    for file in house.shipped().filter(|file| !exempt(file, WRITERS)) {
        let calls = places(&file.bare, ".write()")
            .filter(|at| file.bare[..*at].trim_end().trim_end_matches("()").ends_with("store"));
        breaches.extend(calls.map(|at| file.breach(at, "begins a write", REASON)));
        let taken = named(file, &children(file)).into_iter().filter(|named| {
            matches!(
                named.parts.iter().map(String::as_str).collect::<Vec<_>>()[..],
                ["store", "Write" | "Quiet", ..]
            )
        });
        breaches.extend(taken.map(|named| file.breach(named.at, "takes what writes are made with", REASON)));
        for text in ["INSERT INTO", "DELETE FROM", "UPDATE ", "SELECT "] {
            let sql = places(&file.code, text).filter(|at| {
                file.code[at + text.len()..].contains(|letter: char| letter.is_ascii_lowercase())
                    && sql_follows(&file.code[*at..])
            });
            breaches.extend(sql.map(|at| file.breach(at, format!("holds SQL, {text}..."), REASON)));
        }
    }
    breaches
}

/// Tells SQL from a sentence that happens to hold one of its words.
fn sql_follows(rest: &str) -> bool {
    let line: String = rest.chars().take(200).collect();
    line.starts_with("INSERT INTO")
        || line.starts_with("DELETE FROM")
        || (line.starts_with("UPDATE ") && line.contains(" SET "))
        || (line.starts_with("SELECT ") && line.contains("FROM "))
}

const STOPWATCHES: Exempt = &[
    ("src/clock.rs", "the clock itself"),
    ("src/http/walls.rs", "measures how long an answer took"),
    (
        "src/simulator/",
        "is handed a clock for what it says; sockets of its own it times as sockets are timed",
    ),
];

/// The wall clock or chance, asked for by oneself.
pub fn own_clocks(house: &House) -> Vec<Breach> {
    const REASON: &str =
        "time and randomness are handed in, so that a test can move the one and repeat the other";
    const WALL: [&str; 13] = [
        "SystemTime::now",
        "Timestamp::now",
        "Zoned::now",
        "OffsetDateTime::now_utc",
        "UtcDateTime::now",
        "Utc::now",
        "Local::now",
        "getrandom::",
        "rand::",
        "thread_rng",
        "OsRng",
        "fastrand::",
        "RandomState::new",
    ];
    let mut breaches = Vec::new();
    for file in house.shipped() {
        let own = file.path == "src/clock.rs";
        for word in WALL.iter().filter(|_| !own) {
            breaches
                .extend(places(&file.bare, word).map(|at| file.breach(at, format!("asks {word}"), REASON)));
        }
        for word in ["Instant::now", "Stopwatch::now"].iter().filter(|_| !exempt(file, STOPWATCHES)) {
            breaches
                .extend(places(&file.bare, word).map(|at| file.breach(at, format!("asks {word}"), REASON)));
        }
    }
    breaches
}

const DATABASES: Exempt = &[
    ("src/store/dialect.rs", "the one file"),
    ("src/config/product.rs", "the setting that chooses the database"),
    ("src/cli/demo/words.rs", "the demo's settings, as an operator writes them"),
];

/// A database named outside of the one file that may.
pub fn named_databases(house: &House) -> Vec<Breach> {
    const REASON: &str = "everything else is written once for both databases";
    let mut breaches = Vec::new();
    for file in house.shipped().filter(|file| !exempt(file, DATABASES)) {
        let code = file.code.to_lowercase();
        for name in ["sqlite", "postgres"] {
            breaches.extend(
                code.match_indices(name).map(|(at, _)| file.breach(at, format!("names {name}"), REASON)),
            );
        }
    }
    breaches
}

const ITEMS: [&str; 9] =
    ["fn ", "async fn ", "const fn ", "struct ", "enum ", "trait ", "const ", "static ", "type "];

/// A public item, or a file, without a word about what it is for.
pub fn silent_items(house: &House) -> Vec<Breach> {
    const REASON: &str = "a reader learns what it is for, and when it errs, without reading how";
    let mut breaches = Vec::new();
    for file in house.shipped().filter(|file| file.path != "src/main.rs") {
        if !file.text.starts_with("//!") {
            breaches.push(file.breach(0, "the file does not say what it holds", REASON));
        }
        let lines: Vec<&str> = file.text.lines().collect();
        let mut at = 0;
        for (number, (line, shipped)) in file.text.split_inclusive('\n').zip(file.bare.lines()).enumerate() {
            let item = shipped.trim_start().strip_prefix("pub ");
            if item.is_some_and(|item| ITEMS.iter().any(|kind| item.starts_with(kind)))
                && !documented(&lines[..number])
            {
                breaches.push(file.breach(at, line.trim(), REASON));
            }
            at += line.len();
        }
    }
    breaches
}

/// Whether a doc line stands above, attributes between them left out.
fn documented(above: &[&str]) -> bool {
    let mut open = 0i32;
    for line in above.iter().rev().map(|line| line.trim()) {
        let closes = i32::try_from(line.matches(']').count()).unwrap_or(0);
        let opens = i32::try_from(line.matches('[').count()).unwrap_or(0);
        if line.starts_with("///") || line.starts_with("#[doc") || line.starts_with("$(#[$") {
            return true;
        }
        if open == 0 && !(line.starts_with("#[") || line.ends_with(']') || line.ends_with("*/")) {
            return line.contains("///");
        }
        open += closes - opens;
    }
    false
}

/// What is left for later, hidden from the linter, or breaks off without a word.
pub fn shortcuts(house: &House) -> Vec<Breach> {
    const FOUND: [(&str, &str); 8] = [
        ("#[allow(", "expect the lint and give a reason, so that it goes when the reason goes"),
        ("#![allow(", "expect the lint and give a reason, so that it goes when the reason goes"),
        (".unwrap()", "say in an error, or in expect(\"reason\"), why it cannot fail"),
        ("todo!(", "what stands on main is done"),
        ("unimplemented!(", "what stands on main is done"),
        ("dbg!(", "log lines go through tracing, and hold no secrets"),
        ("panic!(", "return an error: a page then says what to do"),
        ("unsafe ", "nothing here needs it"),
    ];
    let mut breaches = Vec::new();
    for file in house.shipped() {
        for (word, reason) in FOUND {
            breaches.extend(places(&file.bare, word).map(|at| file.breach(at, word, reason)));
        }
    }
    breaches
}

/// Things and files with a name that says nothing.
pub fn empty_names(house: &House) -> Vec<Breach> {
    const REASON: &str =
        "a plain noun for a thing, a verb for an action: such a name hides that two things are in one";
    let empty = |name: &str| {
        let name = name.to_lowercase();
        ["manager", "helper", "utils"].iter().any(|word| name.contains(word)) || name == "util"
    };
    let mut breaches = Vec::new();
    for file in house.shipped() {
        if empty(&file.path) {
            breaches.push(file.breach(0, "the file's name", REASON));
        }
        for kind in ["fn ", "struct ", "enum ", "trait ", "mod ", "type ", "const ", "static "] {
            for at in places(&file.bare, kind) {
                let rest = &file.bare[at + kind.len()..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if empty(&name) {
                    breaches.push(file.breach(at, format!("{kind}{name}"), REASON));
                }
            }
        }
    }
    breaches
}

/// A folder of the machine somebody worked on.
pub fn machine_places(house: &House) -> Vec<Breach> {
    const REASON: &str = "it means nothing on another machine";
    // Written in halves, so that this list is not what it looks for.
    let words =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/tmp/ba", "sh")];
    let rust = house.rust.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    let other = house.other.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let mut breaches = Vec::new();
    for (path, text) in rust.chain(other) {
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                let what = format!("names {word}");
                breaches.push(Breach { file: path.to_owned(), line: number + 1, what, reason: REASON });
            }
        }
    }
    breaches
}

#[test]
fn planted_words_are_found() {
    let file = "src/http/a.rs";
    let clean = [(
        file,
        "//! A page.\n/// It is.\n#[derive(Debug)]\npub struct A;\nfn f() { read(\"UPDATE your answers\") }\n",
    )];
    for bad in [
        "fn f() { app.store.write(); }",
        "fn f() { app\n.store\n    .write()\n.await }",
        "use crate::{app::App, store::{Read, Write}};",
        "const Q: &str = \"DELETE FROM jobs\";",
        "const Q: &str = \"UPDATE jobs\n SET a = 1\";",
    ] {
        crate::finds(writes_elsewhere, &[(file, bad)], &clean);
    }
    crate::finds(
        writes_elsewhere,
        &[(file, "const Q: &str = \"SELECT a FROM b\";")],
        &[("src/store/a.rs", "const Q: &str = \"SELECT a FROM b\";")],
    );
    for bad in [
        "SystemTime::now()",
        "jiff::Timestamp::now()",
        "std::time::Instant::now()",
        "rand::random()",
        "getrandom::fill(x)",
    ] {
        crate::finds(own_clocks, &[(file, &format!("fn f() {{ {bad}; }}"))], &clean);
    }
    crate::finds(
        named_databases,
        &[(file, "const A: &str = \"sqlite:a.db\";")],
        &[(file, "// SQLite\n#[cfg(test)]\nmod t { const A: &str = \"sqlite\"; }\n")],
    );
    for bad in [
        "//! A.\npub struct B;\n",
        "//! A.\n#[derive(\n    Debug,\n)]\npub enum B {}\n",
        "pub(crate) fn f() {}\n",
        "//! A.\nfn x() {}\npub async fn f() {}\n",
    ] {
        crate::finds(silent_items, &[(file, bad)], &clean);
    }
    for bad in [
        "#[allow(dead_code)] fn f() {}",
        "fn f() { x.unwrap() }",
        "fn f() { todo!() }",
        "fn f() { dbg!(x) }",
        "fn f() { panic!(\"x\") }",
    ] {
        crate::finds(
            shortcuts,
            &[(file, bad)],
            &[(
                file,
                "fn f() { x.unwrap_or(1); \"dbg!(\" }\n#[cfg(test)]\nmod t { fn g() { x.unwrap() } }\n",
            )],
        );
    }
    for bad in ["struct JobManager;", "fn form_helper() {}", "mod utils;"] {
        crate::finds(empty_names, &[(file, bad)], &[(file, "use other::SessionManagerLayer;\n")]);
    }
    crate::finds(empty_names, &[("src/http/helpers.rs", "")], &clean);
    let place = format!("see {}x", concat!("/ho", "me/"));
    crate::finds(machine_places, &[("docs/a.md", &place)], &clean);
}

/// Who may read the rows of every brokerage.
const ACROSS: &[&str] = &[
    "src/store/all_brokerages/",
    "src/store/mod.rs",
    "src/http/pages/staff/",
    // Plays our own people in a demo.
    "src/cli/demo/offices/colleague.rs",
    "src/actions/ask_access.rs",
    "src/actions/look.rs",
    "src/actions/look_for_sent.rs",
    "src/actions/second_access.rs",
    "src/actions/take_item.rs",
    "src/actions/hand_back.rs",
    "src/actions/hand_over.rs",
    "src/actions/snooze_item.rs",
    "src/actions/wake_item.rs",
    "src/actions/allow_names.rs",
    "src/actions/check_in_use.rs",
    "src/actions/alike.rs",
    "src/actions/allow_shared_key.rs",
    "src/actions/answer_question.rs",
    "src/actions/decide_by_hand.rs",
    "src/actions/close_connection.rs",
    "src/actions/enable.rs",
    "src/actions/leave_note.rs",
    "src/actions/read_closing.rs",
    "src/actions/reopen.rs",
    "src/actions/send_again.rs",
    "src/actions/staff_check_again.rs",
    "src/actions/staff_press.rs",
    "src/actions/staff_clear_again.rs",
    "src/actions/staff_create_connection.rs",
    "src/actions/write_office.rs",
];

/// Reading across brokerages outside of what our own people do.
pub fn across_brokerages(house: &House) -> Vec<Breach> {
    const REASON: &str =
        "a query of the portal has one brokerage in its WHERE; only our own people read across them";
    let mut breaches = Vec::new();
    for file in house.shipped().filter(|file| !ACROSS.iter().any(|place| file.path.starts_with(place))) {
        for word in ["all_brokerages", "AllBrokerages"] {
            breaches.extend(places(&file.bare, word).map(|at| file.breach(at, word, REASON)));
        }
    }
    breaches
}

#[test]
fn planted_reading_across_brokerages_is_found() {
    crate::finds(
        across_brokerages,
        &[("src/http/pages/portal/a.rs", "fn f() { read.all_brokerages(scope); }\n")],
        &[("src/http/pages/staff/a.rs", "fn f() { read.all_brokerages(scope); }\n")],
    );
}
