//! The rules of the house, held by reading every source file. Each failure names the file, the rule and its reason;
//! each rule is first tried on a planted breach, for a check that cannot fail is worse than none.

#[path = "house/circles.rs"]
mod circles;
#[path = "house/lines.rs"]
mod lines;
#[path = "house/migrations.rs"]
mod migrations;
#[path = "house/paths.rs"]
mod paths;
#[path = "house/rooms.rs"]
mod rooms;
#[path = "house/source.rs"]
mod source;
#[path = "house/templates.rs"]
mod templates;
#[path = "house/words.rs"]
mod words;

use source::{Breach, House};

/// Fails with every breach, one a line.
fn hold(breaches: Vec<Breach>) {
    let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} breaches of the house's rules:\n{}", lines.len(), lines.join("\n"));
}

/// A planted breach is found, and named with its file; the house next to it without the breach is clean.
#[track_caller]
fn finds(rule: fn(&House) -> Vec<Breach>, bad: &[(&str, &str)], clean: &[(&str, &str)]) {
    let found = rule(&House::of(bad));
    assert!(!found.is_empty(), "the planted breach was not found: {bad:?}");
    assert!(found.iter().all(|breach| bad.iter().any(|(file, _)| *file == breach.file)), "{found:?}");
    let found = rule(&House::of(clean));
    assert!(found.is_empty(), "a clean house was blamed: {found:?}");
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    hold(rooms::forbidden_rooms(&House::read()));
}

#[test]
fn rooms_use_only_the_crates_they_may() {
    hold(rooms::forbidden_crates(&House::read()));
}

#[test]
fn files_stand_in_no_circle() {
    hold(circles::circles(&House::read()));
}

#[test]
fn each_migration_has_a_number_of_its_own() {
    hold(migrations::twins(&House::read()));
}

#[test]
fn only_actions_jobs_and_store_write() {
    hold(words::writes_elsewhere(&House::read()));
}

#[test]
fn lines_that_wake_somebody_are_listed() {
    hold(lines::unlisted(&House::read()));
    let paper = ("docs/LOGGING.md", "a job is given up");
    let code = |line: &'static str| [("src/a.rs", line), paper];
    finds(
        lines::unlisted,
        &code("fn f() { tracing::error!(job = %id(1), why = \"a job is given up\", \"a job fell over\"); }"),
        &code("fn f() { tracing::error!(job = %id(1), \"a job is given up; it waits\"); }"),
    );
}

#[test]
fn time_and_chance_are_handed_in() {
    hold(words::own_clocks(&House::read()));
}

#[test]
fn only_our_own_people_read_across_brokerages() {
    hold(words::across_brokerages(&House::read()));
}

#[test]
fn only_one_file_names_a_database() {
    hold(words::named_databases(&House::read()));
}

#[test]
fn every_public_item_says_what_it_is_for() {
    hold(words::silent_items(&House::read()));
}

#[test]
fn nothing_is_allowed_left_undone_or_unwrapped() {
    hold(words::shortcuts(&House::read()));
}

#[test]
fn names_say_what_a_thing_is() {
    hold(words::empty_names(&House::read()));
}

#[test]
fn no_file_names_a_place_of_one_machine() {
    hold(words::machine_places(&House::read()));
}

#[test]
fn every_template_has_a_struct_and_every_struct_a_sample() {
    hold(templates::orphans(&House::read()));
    hold(templates::sampleless(&House::read()));
}
