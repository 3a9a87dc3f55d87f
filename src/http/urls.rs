//! Every address of the sites, built here and nowhere else: routes, links, redirects and templates read these.
//!
//! A fixed page is a constant. A page of a thing has a `..._ROUTE` for the router and a function for links.

use crate::domain::{
    address::MailDomain,
    ids::{
        AccessId, BrokerageId, CheckId, ConnectionId, DecisionId, InvitationId, MailId, MessageId, PersonId,
    },
    instant::Instant,
    mail::MailKind,
};

/// The public start page.
pub const HOME: &str = "/";
/// Help, in the same place on every page.
pub const HELP: &str = "/help";
/// What offices ask on the way, answered.
pub const TIPS: &str = "/tips";
/// The addresses that our connections come from, as JSON.
pub const ADDRESSES: &str = "/addresses.json";
/// How credentials are protected.
pub const SECURITY: &str = "/security";
/// How to use the site with assistive technology, and what is known to be missing.
pub const ACCESSIBILITY: &str = "/accessibility";
/// Changes the colours (POST).
pub const THEME: &str = "/theme";
/// Asks for a sign-in code (POST), or shows the form for it.
pub const SIGN_IN: &str = "/sign-in";
/// The page where the code is typed, and what its form posts to.
pub const CODE: &str = "/sign-in/code";
/// Sends a new code (POST).
pub const CODE_AGAIN: &str = "/sign-in/again";
/// Where a proven new address begins its brokerage.
pub const START: &str = "/start";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// The first page after sign-in.
pub const OVERVIEW: &str = "/overview";
/// Who can sign in for the brokerage, and the form that invites one more (POST).
pub const PEOPLE: &str = "/people";
/// What the office asked us and what we answered, and where the box in the footer asks (POST).
pub const QUESTIONS: &str = "/questions";
/// On the staff site: answers what an office asked (POST).
pub const ANSWER_ROUTE: &str = "/brokerages/{id}/questions/{question}";
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
/// A connection: how it stands, its check, its outcome.
pub const CONNECTION_ROUTE: &str = "/connections/{id}";
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
/// Asks whether a connection is closed and why; closes it (POST).
pub const CLOSE_ROUTE: &str = "/connections/{id}/close";
/// Takes a closed connection up again (POST); on both sites.
pub const REOPEN_ROUTE: &str = "/connections/{id}/reopen";
/// Takes back what was submitted and is not in use (POST).
pub const WITHDRAW_ROUTE: &str = "/connections/{id}/withdraw";
/// On the staff site: notes that the reason was read why an office closed its connection (POST).
pub const CLOSING_READ_ROUTE: &str = "/connections/{id}/closing-read";
/// On the staff site: says from which day on a connection is enabled (POST).
pub const ENABLE_ROUTE: &str = "/connections/{id}/enable";
/// Goes back to the secret before (POST).
pub const GO_BACK_ROUTE: &str = "/connections/{id}/renew/back";
/// Checks the same attempt again (POST).
pub const CHECK_AGAIN_ROUTE: &str = "/connections/{id}/check";
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
/// On the staff site: who one is, and what one may do.
pub const ACCOUNT: &str = "/account";
/// On the staff site: switches the single letters of the queue on and off (POST).
pub const ACCOUNT_KEYS: &str = "/account/keys";
/// On the staff site: which mails one wants (POST).
pub const ACCOUNT_MAIL: &str = "/account/mail";
/// On the staff site: leads to the sign-in provider.
pub const STAFF_BEGIN: &str = "/sign-in/begin";
/// On the staff site: where the provider sends people back to; it knows this address.
pub const STAFF_RETURN: &str = crate::app::outside::STAFF_RETURN;
/// What the mail of an invitation leads to, and where its button asks for a code (POST).
pub const INVITATION_ROUTE: &str = "/invitation/{token}";
/// On the staff site: tells that the queue has changed, as a server-sent event.
pub const QUEUE_EVENTS: &str = "/events";
/// On the staff site: what the buttons in the rows of the queue do (POST).
pub const QUEUE_ITEMS: &str = "/items";
/// On the staff site: hands a connection over to a colleague (POST).
pub const HAND_OVER_ROUTE: &str = "/connections/{id}/hand-over";
/// On the staff site: puts it off (POST).
pub const SNOOZE_ROUTE: &str = "/connections/{id}/snooze";
/// On the staff site: takes it back into the queue that was put off (POST).
pub const WAKE_ROUTE: &str = "/connections/{id}/wake";
/// On the staff site: takes a connection (POST).
pub const TAKE_ROUTE: &str = "/connections/{id}/take";
/// On the staff site: tries again to remove what checks left in its mailboxes (POST).
pub const CLEAR_ROUTE: &str = "/connections/{id}/clear";
/// On the staff site: gives it back (POST).
pub const HAND_BACK_ROUTE: &str = "/connections/{id}/hand-back";
/// On the staff site: what happened to it, page by page.
pub const TIMELINE_ROUTE: &str = "/connections/{id}/timeline";
/// On the staff site: writes to its office (GET, POST).
pub const WRITE_ROUTE: &str = "/connections/{id}/messages";
/// On the staff site: what was written, as it will go out; sends it (POST).
pub const MESSAGE_ROUTE: &str = "/connections/{id}/messages/{message}";
/// On the staff site: its HTML part by itself.
pub const MESSAGE_HTML_ROUTE: &str = "/connections/{id}/messages/{message}/html";
/// On the staff site: leaves a note about it (POST).
pub const NOTES_ROUTE: &str = "/connections/{id}/notes";
/// On the staff site: allows the names of a failed attempt again (POST).
pub const ALLOW_NAMES_ROUTE: &str = "/connections/{id}/names";
/// On the staff site: one check of a connection to the last detail.
pub const CHECK_ROUTE: &str = "/connections/{id}/checks/{check}";
/// On the staff site: the same as a file, one JSON object a line.
pub const TRANSCRIPT_ROUTE: &str = "/connections/{id}/checks/{check}/transcript.ndjson";
/// On the staff site: decides an attempt by hand, or asks for a second person (POST).
pub const BY_HAND_ROUTE: &str = "/connections/{id}/by-hand";
/// On the staff site: the second person says yes (POST).
pub const VERIFY_BY_HAND_ROUTE: &str = "/connections/{id}/by-hand/{wish}/verify";
/// On the staff site: the second person says no, or whoever asked takes it back (POST).
pub const DROP_WISH_ROUTE: &str = "/connections/{id}/by-hand/{wish}/drop";
/// On the staff site: a brokerage, its people and connections.
pub const BROKERAGE_ROUTE: &str = "/brokerages/{id}";
/// On the staff site: names its account manager (POST).
pub const KEEPER_ROUTE: &str = "/brokerages/{id}/account-manager";
/// On the staff site: makes a connection for it (POST).
pub const PREPARE_ROUTE: &str = "/brokerages/{id}/connections";
/// On the staff site: gives a connection its external id (POST).
pub const EXTERNAL_ID_ROUTE: &str = "/connections/{id}/external-id";
/// On the staff site: accepts it (POST).
pub const ACCEPT_ROUTE: &str = "/brokerages/{id}/accept";
/// On the staff site: invites one more of its people (POST).
pub const INVITATIONS_ROUTE: &str = "/brokerages/{id}/invitations";
/// On the staff site: sends an invitation once more, with a new link (POST).
pub const RESEND_ROUTE: &str = "/invitations/{id}/resend";
/// On the staff site: takes an invitation back (POST).
pub const REVOKE_ROUTE: &str = "/invitations/{id}/revoke";
/// On the staff site: invites a new brokerage; the form, and what it posts to.
pub const INVITE: &str = "/invite";
/// On the staff site: everything a check can name.
pub const CAUSES: &str = "/causes";
/// On the staff site: every mail that was written.
pub const MAILS: &str = "/mails";
/// One of them.
pub const MAIL_ROUTE: &str = "/mails/{id}";
/// Its HTML part by itself.
pub const MAIL_HTML_ROUTE: &str = "/mails/{id}/html";
/// Sends it once more (POST).
pub const MAIL_AGAIN_ROUTE: &str = "/mails/{id}/again";
/// Each kind of mail with invented names.
pub const MAIL_KINDS: &str = "/mails/kinds";
/// One of them.
pub const MAIL_KIND_ROUTE: &str = "/mails/kinds/{kind}";
/// Its HTML part by itself.
pub const MAIL_KIND_HTML_ROUTE: &str = "/mails/kinds/{kind}/html";
/// On the staff site: who did what, and whether anybody changed what is written of it.
pub const AUDIT: &str = "/audit";
/// Has it looked through (POST).
pub const AUDIT_VERIFY: &str = "/audit/verify";
/// Takes lines of it away as a file (POST).
pub const AUDIT_FILE: &str = "/audit/file";
/// Who asked to look at the brokerage's secrets, and who looked.
pub const ACCESS: &str = "/access";
/// One such request, on both sites.
pub const ACCESS_ROUTE: &str = "/access/{id}";
/// Says yes to it (POST): the brokerage, or on the staff site the second operations person.
pub const APPROVE_ACCESS_ROUTE: &str = "/access/{id}/approve";
/// Says no (POST).
pub const DECLINE_ACCESS_ROUTE: &str = "/access/{id}/decline";
/// Ends it at once (POST).
pub const STOP_ACCESS_ROUTE: &str = "/access/{id}/stop";
/// On the staff site: shows the secret once (POST).
pub const REVEAL_ROUTE: &str = "/access/{id}/secret";
/// On the staff site: looks an emergency over (POST).
pub const REVIEW_ACCESS_ROUTE: &str = "/access/{id}/review";
/// On the staff site: asks for a look at one of a connection's secrets (POST).
pub const ASK_ACCESS_ROUTE: &str = "/connections/{id}/access";
/// Where somebody who is signed in shows once more that it is them, and asks for a code (POST).
pub const CONFIRM: &str = "/confirm";
/// Takes that code (POST).
pub const CONFIRM_CODE: &str = "/confirm/code";
/// Says that the process lives.
pub const LIVEZ: &str = "/livez";
/// Says that the process can work.
pub const READYZ: &str = "/readyz";
/// What the process did, for Prometheus.
pub const METRICS: &str = "/metrics";
/// Assets of the binary: name, content hash and ending in one segment.
pub const ASSET_ROUTE: &str = "/assets/{file}";

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

/// The page of a connection.
pub fn connection(id: &ConnectionId) -> String {
    format!("/connections/{id}")
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

/// Asks whether a connection is closed, and why.
pub fn close(id: &ConnectionId) -> String {
    format!("/connections/{id}/close")
}

/// Takes a closed connection up again.
pub fn reopen(id: &ConnectionId) -> String {
    format!("/connections/{id}/reopen")
}

/// Takes back what was submitted and is not in use.
pub fn withdraw(id: &ConnectionId) -> String {
    format!("/connections/{id}/withdraw")
}

/// Notes that the reason was read why an office closed its connection.
pub fn closing_read(id: &ConnectionId) -> String {
    format!("/connections/{id}/closing-read")
}

/// Says from which day on a connection is enabled.
pub fn enable(id: &ConnectionId) -> String {
    format!("/connections/{id}/enable")
}

/// Goes back to the secret before.
pub fn go_back(id: &ConnectionId) -> String {
    format!("/connections/{id}/renew/back")
}

/// Checks the same attempt again.
pub fn check_again(id: &ConnectionId) -> String {
    format!("/connections/{id}/check")
}

/// One check of a connection to the last detail, on the staff site.
pub fn check_detail(id: &ConnectionId, check: &CheckId) -> String {
    format!("/connections/{id}/checks/{check}")
}

/// The same as a file.
pub fn transcript(id: &ConnectionId, check: &CheckId) -> String {
    format!("/connections/{id}/checks/{check}/transcript.ndjson")
}

/// What happened to a connection, behind a place; the latest when it is empty.
pub fn timeline(id: &ConnectionId, behind: &str) -> String {
    match behind {
        "" => format!("/connections/{id}/timeline"),
        place => format!("/connections/{id}/timeline?before={place}"),
    }
}

/// Writes to the office of a connection.
pub fn write(id: &ConnectionId) -> String {
    format!("/connections/{id}/messages")
}

/// What was written, as it will go out.
pub fn message(id: &ConnectionId, message: &MessageId) -> String {
    format!("/connections/{id}/messages/{message}")
}

/// Its HTML part by itself.
pub fn message_html(id: &ConnectionId, message: &MessageId) -> String {
    format!("/connections/{id}/messages/{message}/html")
}

/// Sends an invitation once more.
pub fn resend(id: &InvitationId) -> String {
    format!("/invitations/{id}/resend")
}

/// Makes a connection for a brokerage.
pub fn prepare(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/connections")
}

/// Gives a connection its external id.
pub fn external_id(id: &ConnectionId) -> String {
    format!("/connections/{id}/external-id")
}

/// Decides an attempt by hand.
pub fn by_hand(id: &ConnectionId) -> String {
    format!("/connections/{id}/by-hand")
}

/// Says yes to a colleague's wish to have it verified by hand.
pub fn verify_by_hand(id: &ConnectionId, wish: &DecisionId) -> String {
    format!("/connections/{id}/by-hand/{wish}/verify")
}

/// Says no to that, or takes it back.
pub fn drop_wish(id: &ConnectionId, wish: &DecisionId) -> String {
    format!("/connections/{id}/by-hand/{wish}/drop")
}

/// A page of the list of causes on the staff site, from 1, for a search.
pub fn causes_page(typed: &str, page: usize) -> String {
    format!("{CAUSES}?q={}&page={page}", escaped(typed))
}

/// One cause on the staff site, whole.
pub fn cause(id: &str) -> String {
    format!("{CAUSES}?q={}", escaped(id))
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

/// One request to look at a secret.
pub fn access(id: &AccessId) -> String {
    format!("/access/{id}")
}

/// Does something about it: `approve`, `decline`, `stop`, `secret`, `review`.
pub fn access_verb(id: &AccessId, verb: &str) -> String {
    format!("/access/{id}/{verb}")
}

/// Asks for a look at one of a connection's secrets.
pub fn ask_access(id: &ConnectionId) -> String {
    format!("/connections/{id}/access")
}

/// Where somebody shows once more that it is them, leading on to `next`.
pub fn confirm_then(next: &str) -> String {
    match own_path(next) {
        Some(path) => format!("{CONFIRM}?next={}", escaped(path)),
        None => CONFIRM.to_owned(),
    }
}

/// The same on the staff site: a sign-in of now at the company.
pub fn staff_anew_then(next: &str) -> String {
    match own_path(next) {
        Some(path) => format!("{STAFF_BEGIN}?anew=1&next={}", escaped(path)),
        None => format!("{STAFF_BEGIN}?anew=1"),
    }
}

/// Takes a connection.
pub fn take(id: &ConnectionId) -> String {
    format!("/connections/{id}/take")
}

/// Tries again to remove what checks left in its mailboxes.
pub fn clear(id: &ConnectionId) -> String {
    format!("/connections/{id}/clear")
}

/// Gives it back.
pub fn hand_back(id: &ConnectionId) -> String {
    format!("/connections/{id}/hand-back")
}

/// Leaves a note about it.
pub fn notes(id: &ConnectionId) -> String {
    format!("/connections/{id}/notes")
}

/// Allows the names of a failed attempt again.
pub fn allow_names(id: &ConnectionId) -> String {
    format!("/connections/{id}/names")
}

/// Answers what an office asked.
pub fn answer_question(brokerage: &BrokerageId, question: &str) -> String {
    format!("/brokerages/{brokerage}/questions/{question}")
}

/// The page of a brokerage.
pub fn brokerage(id: &BrokerageId) -> String {
    format!("/brokerages/{id}")
}

/// Accepts it.
pub fn accept(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/accept")
}

/// Names the account manager of a brokerage.
pub fn keeper(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/account-manager")
}

/// Invites one more of its people.
pub fn invitations(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/invitations")
}

/// Takes an invitation back.
pub fn revoke(id: &InvitationId) -> String {
    format!("/invitations/{id}/revoke")
}

/// A page of the queue: names and words of the address, in this order.
pub fn queue(words: &[(&str, &str)]) -> String {
    let words: Vec<String> = words.iter().map(|(name, word)| format!("{name}={}", escaped(word))).collect();
    format!("{HOME}?{}", words.join("&"))
}

/// Hands a connection over to a colleague.
pub fn hand_over(id: &ConnectionId) -> String {
    format!("/connections/{id}/hand-over")
}

/// Puts it off.
pub fn snooze(id: &ConnectionId) -> String {
    format!("/connections/{id}/snooze")
}

/// Takes it back into the queue.
pub fn wake(id: &ConnectionId) -> String {
    format!("/connections/{id}/wake")
}

/// A page of the outbox: what it is narrowed to, and where it goes on; each may be empty.
pub fn mails(state: &str, brokerage: &str, after: &str) -> String {
    with_query(MAILS, &[("state", state), ("brokerage", brokerage), ("after", after)])
}

/// One mail.
pub fn mail(id: &MailId) -> String {
    format!("/mails/{id}")
}

/// Its HTML part by itself.
pub fn mail_html(id: &MailId) -> String {
    format!("/mails/{id}/html")
}

/// Sends it once more.
pub fn mail_again(id: &MailId) -> String {
    format!("/mails/{id}/again")
}

/// A kind of mail with invented names.
pub fn mail_kind(kind: MailKind) -> String {
    format!("/mails/kinds/{}", kind.as_str())
}

/// Its HTML part by itself.
pub fn mail_kind_html(kind: MailKind) -> String {
    format!("/mails/kinds/{}/html", kind.as_str())
}

/// A page of the audit: what is asked for, as names and values, and where it goes on.
pub fn audit(asked: &[(&str, &str)]) -> String {
    with_query(AUDIT, asked)
}

/// An address with the names and values that are not empty.
fn with_query(page: &str, asked: &[(&str, &str)]) -> String {
    let mut url = page.to_owned();
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(if url.len() == page.len() { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.push_str(&escaped(value));
    }
    url
}

/// Whether the queue changed since a page of it was read; `all`: also where nothing needs a human.
pub fn queue_events(all: bool, seen: Instant) -> String {
    format!("{QUEUE_EVENTS}?all={all}&seen={}", seen.as_micros())
}

/// What happens to a check behind what a page shows of it already.
pub fn connection_events(id: &ConnectionId, check: &CheckId, after: &str) -> String {
    format!("/connections/{id}/events?check={check}&after={after}")
}

/// The steps of the running check as a growing list.
pub fn connection_live(id: &ConnectionId) -> String {
    format!("/connections/{id}/live")
}

/// Sign-in that leads back to `next`; anything but a path of our own is dropped.
pub fn sign_in_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{SIGN_IN}?next={}", escaped(path)),
        _ => SIGN_IN.to_owned(),
    }
}

/// The way to the staff's sign-in provider, leading on to `next`.
pub fn staff_begin_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{STAFF_BEGIN}?next={}", escaped(path)),
        _ => STAFF_BEGIN.to_owned(),
    }
}

/// The page where the code is typed, leading on to `next`.
pub fn code_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{CODE}?next={}", escaped(path)),
        _ => CODE.to_owned(),
    }
}

/// A path of this site, or nothing: no other host, no scheme, no backslash, no control, no `..`.
///
/// Browsers read `//host`, `/\host` and tabs inside of either as another site.
pub fn own_path(path: &str) -> Option<&str> {
    let plain = path.len() <= 512
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'"' && byte != b'<');
    let lowered = path.to_ascii_lowercase();
    let tricky = ["..", "%2e", "%2f", "%5c", "%0", ";"].iter().any(|part| lowered.contains(part));
    (plain && !tricky).then_some(path)
}

/// Escapes text for one value of a query.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_nowhere_but_home() {
        assert_eq!(sign_in_then("/overview?page=2"), "/sign-in?next=/overview%3Fpage%3D2");
        for elsewhere in [
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "",
            "overview",
            "/\t/evil.example",
            "/..//evil.example",
            "/%2e%2e/",
            "/%2F/evil",
            "/%5cevil",
            "/a\r\nb",
            "/\u{e9}",
        ] {
            assert_eq!(own_path(elsewhere), None, "{elsewhere:?}");
            assert_eq!(sign_in_then(elsewhere), SIGN_IN);
        }
    }
}
