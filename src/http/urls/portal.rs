//! The portal's own addresses.

use crate::domain::{
    address::MailDomain,
    ids::{CheckId, ConnectionId, InvitationId, PersonId},
};

use super::both::{CONFIRM, HOME, escaped, own_path};

/// What offices ask on the way, answered.
pub const TIPS: &str = "/tips";
/// The addresses that our connections come from, as JSON.
pub const ADDRESSES: &str = "/addresses.json";
/// The page where the code is typed, and what its form posts to.
pub const CODE: &str = "/sign-in/code";
/// Sends a new code (POST).
pub const CODE_AGAIN: &str = "/sign-in/again";
/// Where a proven new address begins its brokerage.
pub const START: &str = "/start";
/// The first page after sign-in.
pub const OVERVIEW: &str = "/overview";
/// Who can sign in for the brokerage, and the form that invites one more (POST).
pub const PEOPLE: &str = "/people";
/// What the office asked us and what we answered, and where the box in the footer asks (POST).
pub const QUESTIONS: &str = "/questions";
/// Takes a person's access away (POST).
pub const REMOVE_PERSON_ROUTE: &str = "/people/{id}/remove";
/// Takes back an invitation of the brokerage's own (POST).
pub const TAKE_BACK_ROUTE: &str = "/people/invitations/{id}/revoke";
/// Ends sessions of one's own (POST).
pub const END_SESSIONS: &str = "/people/sessions/end";
/// Makes a connection: the form, and what it posts to.
pub const NEW_CONNECTION: &str = "/connections/new";
/// An honest end for an office that cannot go on: the page, and what its form posts to.
pub const LEAVE: &str = "/leave";
/// Asks which mail system a domain has (POST).
pub const RECOGNISE: &str = "/connections/new/domain";
/// How a connection is set up, with the names of its attempt; marks a step of it as done (POST).
pub const GUIDE_ROUTE: &str = "/connections/{id}/guide";
/// The same on paper, for whoever runs the mail system.
pub const GUIDE_PACK_ROUTE: &str = "/connections/{id}/guide/print";
/// Its commands as a file.
pub const GUIDE_SCRIPT_ROUTE: &str = "/connections/{id}/guide/script";
/// What mails lead to: one step of it.
pub const GUIDE_STEP_ROUTE: &str = "/connections/{id}/guide/steps/{step}";
/// What is told at a step of it and seen by no check.
pub const TOLD_ROUTE: &str = "/connections/{id}/guide/told/{cause}";
/// The letter for the mail provider, and sends it (POST).
pub const LETTER_ROUTE: &str = "/connections/{id}/letter";
/// Notes what is removed of earlier attempts (POST).
pub const LEFTOVERS_ROUTE: &str = "/connections/{id}/left-overs";
/// Sends a step to a colleague: the form, and what it posts to.
pub const SEND_STEP_ROUTE: &str = "/connections/{id}/guide/steps/{step}/send";
/// The answers of a connection's next attempt: the form, and what it posts to.
pub const ANSWERS_ROUTE: &str = "/connections/{id}/answers";
/// The same for a form that brings a key file along (POST).
pub const KEY_FILE_ROUTE: &str = "/connections/{id}/key-file";
/// The certificate of an attempt, as a file.
pub const CERTIFICATE_ROUTE: &str = "/connections/{id}/certificates/{number}";
/// Where they are checked before they are submitted.
pub const REVIEW_ROUTE: &str = "/connections/{id}/review";
/// Submits them (POST).
pub const SUBMIT_ROUTE: &str = "/connections/{id}/submit";
/// Tests them before they are submitted (POST); leads to the latest test otherwise.
pub const TESTS_ROUTE: &str = "/connections/{id}/tests";
/// One such test: how far it is, and what came of it.
pub const TEST_ROUTE: &str = "/connections/{id}/tests/{check}";
/// Its steps as a list that grows while it is read, for pages without scripts.
pub const TEST_LIVE_ROUTE: &str = "/connections/{id}/tests/{check}/live";
/// Starts the next attempt after a failed one (POST).
pub const ATTEMPTS_ROUTE: &str = "/connections/{id}/attempts";
/// Renews the secret of a verified connection: how that stands, and what begins it (POST).
pub const RENEW_ROUTE: &str = "/connections/{id}/renew";
/// The last day of the secret in use, as a calendar file.
pub const CALENDAR_ROUTE: &str = "/connections/{id}/last-day.ics";
/// Ends the waiting for a provider: nothing was changed (POST).
pub const NOTHING_CHANGED_ROUTE: &str = "/connections/{id}/nothing-changed";
/// Takes back what was submitted and is not in use (POST).
pub const WITHDRAW_ROUTE: &str = "/connections/{id}/withdraw";
/// Goes back to the secret before (POST).
pub const GO_BACK_ROUTE: &str = "/connections/{id}/renew/back";
/// What happens to its check, as server-sent events.
pub const CONNECTION_EVENTS_ROUTE: &str = "/connections/{id}/events";
/// The same as a list that grows while it is read, for pages without scripts.
pub const CONNECTION_LIVE_ROUTE: &str = "/connections/{id}/live";
/// All mailboxes of a connection: how far their check is, and what came of them.
pub const ROSTER_ROUTE: &str = "/connections/{id}/mailboxes";
/// Where the list of them is sent in: the form, and what it posts to.
pub const NEW_ROSTER_ROUTE: &str = "/connections/{id}/mailboxes/new";
/// Checks those once more that do not work (POST).
pub const CHECK_REST_ROUTE: &str = "/connections/{id}/mailboxes/again";
/// Stops their check (POST).
pub const STOP_ROSTER_ROUTE: &str = "/connections/{id}/mailboxes/stop";
/// What came of them, as a file.
pub const ROSTER_FILE_ROUTE: &str = "/connections/{id}/mailboxes/results.csv";
/// How far their check is, as server-sent events.
pub const ROSTER_EVENTS_ROUTE: &str = "/connections/{id}/mailboxes/events";
/// What the mail of an invitation leads to, and where its button asks for a code (POST).
pub const INVITATION_ROUTE: &str = "/invitation/{token}";
/// Takes that code (POST).
pub const CONFIRM_CODE: &str = "/confirm/code";

/// Takes a person's access away.
pub fn remove_person(id: &PersonId) -> String {
    format!("/people/{id}/remove")
}

/// Takes back an invitation of the brokerage's own.
pub fn take_invitation_back(id: &InvitationId) -> String {
    format!("/people/invitations/{id}/revoke")
}

/// The form of a new connection, with what is known of a domain.
pub fn new_connection(domain: &MailDomain) -> String {
    format!("{NEW_CONNECTION}?domain={domain}")
}

/// How a connection is set up.
pub fn guide(id: &str) -> String {
    format!("/connections/{id}/guide")
}

/// One step of that.
pub fn guide_step(id: &str, step: &str) -> String {
    format!("/connections/{id}/guide#{step}")
}

/// What is told at a step of the guide and seen by no check.
pub fn told(id: &str, cause: &str) -> String {
    format!("/connections/{id}/guide/told/{cause}")
}

/// The guide on paper.
pub fn guide_pack(id: &str) -> String {
    format!("/connections/{id}/guide/print")
}

/// Its commands as a file.
pub fn guide_script(id: &str) -> String {
    format!("/connections/{id}/guide/script")
}

/// The letter for the mail provider.
pub fn letter(id: &ConnectionId) -> String {
    format!("/connections/{id}/letter")
}

/// Notes what is removed of earlier attempts.
pub fn leftovers(id: &str) -> String {
    format!("/connections/{id}/left-overs")
}

/// Sends one step of it to a colleague.
pub fn send_step(id: &str, step: &str) -> String {
    format!("/connections/{id}/guide/steps/{step}/send")
}

/// The answers of a connection's next attempt.
pub fn answers(id: &ConnectionId) -> String {
    format!("/connections/{id}/answers")
}

/// The same, with what is missing or wrong.
pub fn answers_missing(id: &ConnectionId) -> String {
    format!("{}?missing=1", answers(id))
}

/// The same, with what was wrong with something that was typed and not kept.
pub fn answers_slips(id: &ConnectionId) -> String {
    format!("{}?slips=1", answers(id))
}

/// Where the answers go that bring a key file along.
pub fn key_file(id: &ConnectionId) -> String {
    format!("/connections/{id}/key-file")
}

/// The file with the certificate of an attempt.
pub fn certificate(id: &ConnectionId, number: i64) -> String {
    format!("/connections/{id}/certificates/{number}")
}

/// The page where they are checked.
pub fn review(id: &ConnectionId) -> String {
    format!("/connections/{id}/review")
}

/// Submits them.
pub fn submit(id: &ConnectionId) -> String {
    format!("/connections/{id}/submit")
}

/// Tests them before they are submitted.
pub fn tests(id: &ConnectionId) -> String {
    format!("/connections/{id}/tests")
}

/// One such test.
pub fn test(id: &ConnectionId, check: &CheckId) -> String {
    format!("/connections/{id}/tests/{check}")
}

/// Its steps as a growing list.
pub fn test_live(id: &ConnectionId, check: &CheckId) -> String {
    format!("/connections/{id}/tests/{check}/live")
}

/// Starts a connection's next attempt.
pub fn attempts(id: &ConnectionId) -> String {
    format!("/connections/{id}/attempts")
}

/// Renews the secret of a verified connection.
pub fn renew(id: &ConnectionId) -> String {
    format!("/connections/{id}/renew")
}

/// The last day of the secret in use, as a calendar file.
pub fn calendar(id: &ConnectionId) -> String {
    format!("/connections/{id}/last-day.ics")
}

/// Says that nothing was changed that could be waited for.
pub fn nothing_changed(id: &ConnectionId) -> String {
    format!("/connections/{id}/nothing-changed")
}

/// Takes back what was submitted and is not in use.
pub fn withdraw(id: &ConnectionId) -> String {
    format!("/connections/{id}/withdraw")
}

/// Goes back to the secret before.
pub fn go_back(id: &ConnectionId) -> String {
    format!("/connections/{id}/renew/back")
}

/// The page of an invitation, by the token of its mail.
pub fn invitation(token: &str) -> String {
    format!("/invitation/{token}")
}

/// All mailboxes of a connection.
pub fn roster(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes")
}

/// Those of one cause, behind a place of the list.
pub fn roster_group(id: &ConnectionId, cause: &str, after: i64) -> String {
    format!("/connections/{id}/mailboxes?cause={}&after={after}", escaped(cause))
}

/// Where a list of them is sent in.
pub fn new_roster(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes/new")
}

/// Checks those once more that do not work.
pub fn check_rest(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes/again")
}

/// Stops their check.
pub fn stop_roster(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes/stop")
}

/// What came of them, as a file.
pub fn roster_file(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes/results.csv")
}

/// How far their check is.
pub fn roster_events(id: &ConnectionId) -> String {
    format!("/connections/{id}/mailboxes/events")
}

/// Where somebody shows once more that it is them, leading on to `next`.
pub fn confirm_then(next: &str) -> String {
    match own_path(next) {
        Some(path) => format!("{CONFIRM}?next={}", escaped(path)),
        None => CONFIRM.to_owned(),
    }
}

/// What happens to a check behind what a page shows of it already.
pub fn connection_events(id: &ConnectionId, check: &CheckId, after: &str) -> String {
    format!("/connections/{id}/events?check={check}&after={after}")
}

/// The steps of the running check as a growing list.
pub fn connection_live(id: &ConnectionId) -> String {
    format!("/connections/{id}/live")
}

/// The page where the code is typed, leading on to `next`.
pub fn code_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{CODE}?next={}", escaped(path)),
        _ => CODE.to_owned(),
    }
}
