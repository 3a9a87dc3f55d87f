//! Every way to see a secret without an approval that we could think of, and the test that refuses it. The list is held
//! against the tests' own text, so that a way whose test is renamed or dropped is missed.

const TESTS: &str =
    concat!(include_str!("access.rs"), include_str!("access_world.rs"), include_str!("rights.rs"));

/// The way, and the test.
const WAYS: &[(&str, &str)] = &[
    ("nobody has answered", "nobody_looks_without_an_answer_that_counts"),
    ("nobody answered in time", "nobody_looks_without_an_answer_that_counts"),
    ("the brokerage said no", "nobody_looks_without_an_answer_that_counts"),
    ("the time is over", "nobody_looks_without_an_answer_that_counts"),
    ("the brokerage stopped it", "nobody_looks_without_an_answer_that_counts"),
    ("it was taken back", "nobody_looks_without_an_answer_that_counts"),
    ("the secret was withdrawn", "a_request_ends_when_what_it_is_for_is_withdrawn"),
    ("the connection was closed", "whoever_could_look_cannot_once_the_connection_is_closed"),
    ("the secret was renewed", "a_renewed_secret_takes_the_requests_for_the_one_before_along"),
    ("another field, secret or attempt", "an_approval_opens_no_other_secret_than_its_own"),
    ("another connection", "an_approval_opens_no_other_secret_than_its_own"),
    ("another office says yes", "nobody_says_yes_for_others_or_to_themselves"),
    ("one of ours says yes for the office", "nobody_says_yes_for_others_or_to_themselves"),
    ("the mail host's people say yes", "nobody_says_yes_for_others_or_to_themselves"),
    ("a yes of oneself, by the same address", "nobody_says_yes_for_others_or_to_themselves"),
    ("a yes without showing who one is", "nobody_says_yes_for_others_or_to_themselves"),
    ("a second person who is the first", "two_operations_people_need_no_yes_and_the_brokerage_is_told"),
    ("a second person without the role", "two_operations_people_need_no_yes_and_the_brokerage_is_told"),
    (
        "an emergency alone, or longer than half an hour",
        "an_emergency_is_short_told_and_looked_over_by_a_third",
    ),
    ("a colleague presses", "only_whoever_asked_looks_and_only_with_a_fresh_sign_in_and_a_role"),
    ("an old sign-in", "only_whoever_asked_looks_and_only_with_a_fresh_sign_in_and_a_role"),
    ("the role is lost after the yes", "only_whoever_asked_looks_and_only_with_a_fresh_sign_in_and_a_role"),
    ("the form is sent again", "a_press_has_one_answer_for_one_reader"),
    ("the row of the job comes back", "a_press_has_one_answer_for_one_reader"),
    ("somebody else reads the row first", "a_press_has_one_answer_for_one_reader"),
    ("the answer is read late", "what_nobody_reads_goes_after_a_minute"),
    ("pressed and stopped at the same time", "who_stops_first_wins"),
    ("the audit cannot be written", "without_a_sealed_line_nothing_is_shown"),
    ("no worker seals", "without_a_worker_that_seals_nothing_is_shown"),
    ("a row without an approval", "the_database_refuses_a_look_without_an_approval"),
    ("an approval written into the tables", "rows_that_were_written_past_us_open_nothing"),
    ("an approval made longer in the tables", "rows_that_were_written_past_us_open_nothing"),
    ("a press turned to another key", "rows_that_were_written_past_us_open_nothing"),
    ("more than twenty in an hour", "the_twenty_first_look_within_an_hour_is_refused_and_said"),
    (
        "not signed in, or with an ended session",
        "on_the_staff_site_every_route_lets_in_whom_it_shall_and_nobody_else",
    ),
];

#[test]
fn each_way_around_an_approval_has_its_test() {
    let missed: Vec<_> =
        WAYS.iter().filter(|(_, test)| !TESTS.contains(&format!("async fn {test}("))).collect();
    assert!(missed.is_empty(), "no such test any more: {missed:?}");
    let mut ways: Vec<_> = WAYS.iter().map(|(way, _)| way).collect();
    ways.sort();
    ways.dedup();
    assert_eq!(ways.len(), WAYS.len(), "a way is listed twice");
}
