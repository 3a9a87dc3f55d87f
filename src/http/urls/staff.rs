//! The staff site's own addresses.

use crate::domain::{
    ids::{
        BrokerageId, CheckId, ConnectionId, DecisionId, InvitationId, MailId, MessageId, SavedViewId, StaffId,
    },
    instant::Instant,
    mail::MailKind,
};

use super::both::{ACCESS, HOME, escaped, own_path, with_query};

/// Answers what an office asked (POST).
pub const ANSWER_ROUTE: &str = "/brokerages/{id}/questions/{question}";
/// Notes that the reason was read why an office closed its connection (POST).
pub const CLOSING_READ_ROUTE: &str = "/connections/{id}/closing-read";
/// Notes what was found of a check that may have sent something (POST).
pub const SENT_LOOK_ROUTE: &str = "/connections/{id}/sent-look";
/// Says from which day on a connection is enabled (POST).
pub const ENABLE_ROUTE: &str = "/connections/{id}/enable";
/// Who one is, and what one may do.
pub const ACCOUNT: &str = "/account";
/// Switches the single letters of the queue on and off (POST).
pub const ACCOUNT_KEYS: &str = "/account/keys";
/// Which mails one wants (POST).
pub const ACCOUNT_MAIL: &str = "/account/mail";
/// Ends sessions of one's own (POST).
pub const ACCOUNT_SESSIONS: &str = "/account/sessions/end";
/// Signs a colleague out, everywhere (POST).
pub const COLLEAGUE_SESSIONS_ROUTE: &str = "/account/colleagues/{id}/sign-out";
/// Leads to the sign-in provider.
pub const STAFF_BEGIN: &str = "/sign-in/begin";
/// Where the provider sends people back to; it knows this address.
pub const STAFF_RETURN: &str = crate::app::outside::STAFF_RETURN;
/// Tells that the queue has changed, as a server-sent event.
pub const QUEUE_EVENTS: &str = "/events";
/// Tells a page about a connection that something happened to it.
pub const CONNECTION_NEWS_ROUTE: &str = "/connections/{id}/news";
/// The lists of the queue that have a name (GET), and saves one (POST).
pub const SAVED_VIEWS: &str = "/saved-lists";
/// One of them (GET), and its name and who sees it (POST).
pub const SAVED_VIEW_ROUTE: &str = "/saved-lists/{id}";
/// Removes it (POST).
pub const REMOVE_VIEW_ROUTE: &str = "/saved-lists/{id}/remove";
/// What the buttons in the rows of the queue do (POST).
pub const QUEUE_ITEMS: &str = "/items";
/// Hands a connection over to a colleague (POST).
pub const HAND_OVER_ROUTE: &str = "/connections/{id}/hand-over";
/// Puts it off (POST).
pub const SNOOZE_ROUTE: &str = "/connections/{id}/snooze";
/// Takes it back into the queue that was put off (POST).
pub const WAKE_ROUTE: &str = "/connections/{id}/wake";
/// Takes a connection (POST).
pub const TAKE_ROUTE: &str = "/connections/{id}/take";
/// Has the credential in use checked once more (POST).
pub const CHECK_IN_USE_ROUTE: &str = "/connections/{id}/check-in-use";
/// Tries again to remove what checks left in its mailboxes (POST).
pub const CLEAR_ROUTE: &str = "/connections/{id}/clear";
/// Gives it back (POST).
pub const HAND_BACK_ROUTE: &str = "/connections/{id}/hand-back";
/// What happened to it, page by page.
pub const TIMELINE_ROUTE: &str = "/connections/{id}/timeline";
/// Writes to its office (GET, POST).
pub const WRITE_ROUTE: &str = "/connections/{id}/messages";
/// What was written, as it will go out; sends it (POST).
pub const MESSAGE_ROUTE: &str = "/connections/{id}/messages/{message}";
/// Its HTML part by itself.
pub const MESSAGE_HTML_ROUTE: &str = "/connections/{id}/messages/{message}/html";
/// What happened to a brokerage, page by page.
pub const BROKERAGE_TIMELINE_ROUTE: &str = "/brokerages/{id}/timeline";
/// Leaves a note about a brokerage (POST).
pub const BROKERAGE_NOTES_ROUTE: &str = "/brokerages/{id}/notes";
/// Leaves a note about it (POST).
pub const NOTES_ROUTE: &str = "/connections/{id}/notes";
/// Allows the names of a failed attempt again (POST).
pub const ALLOW_NAMES_ROUTE: &str = "/connections/{id}/names";
/// Lets it stand that another brokerage has its key, too (POST).
pub const SHARED_KEY_ROUTE: &str = "/connections/{id}/shared-key";
/// One check of a connection to the last detail.
pub const CHECK_ROUTE: &str = "/connections/{id}/checks/{check}";
/// The same as a file, one JSON object a line.
pub const TRANSCRIPT_ROUTE: &str = "/connections/{id}/checks/{check}/transcript.ndjson";
/// Decides an attempt by hand, or asks for a second person (POST).
pub const BY_HAND_ROUTE: &str = "/connections/{id}/by-hand";
/// The second person says yes (POST).
pub const VERIFY_BY_HAND_ROUTE: &str = "/connections/{id}/by-hand/{wish}/verify";
/// The second person says no, or whoever asked takes it back (POST).
pub const DROP_WISH_ROUTE: &str = "/connections/{id}/by-hand/{wish}/drop";
/// The brokerages that have no connection yet, and a search of all of them.
pub const BROKERAGES: &str = "/brokerages";
/// A brokerage, its people and connections.
pub const BROKERAGE_ROUTE: &str = "/brokerages/{id}";
/// Names its account manager (POST).
pub const KEEPER_ROUTE: &str = "/brokerages/{id}/account-manager";
/// Makes a connection for it (POST).
pub const PREPARE_ROUTE: &str = "/brokerages/{id}/connections";
/// Gives a connection its external id (POST).
pub const EXTERNAL_ID_ROUTE: &str = "/connections/{id}/external-id";
/// Accepts it (POST).
pub const ACCEPT_ROUTE: &str = "/brokerages/{id}/accept";
/// Refuses it (POST).
pub const REFUSE_ROUTE: &str = "/brokerages/{id}/refuse";
/// Invites one more of its people (POST).
pub const INVITATIONS_ROUTE: &str = "/brokerages/{id}/invitations";
/// Sends an invitation once more, with a new link (POST).
pub const RESEND_ROUTE: &str = "/invitations/{id}/resend";
/// Takes an invitation back (POST).
pub const REVOKE_ROUTE: &str = "/invitations/{id}/revoke";
/// Invites a new brokerage; the form, and what it posts to.
pub const INVITE: &str = "/invite";
/// Everything a check can name.
pub const CAUSES: &str = "/causes";
/// How offices get on, in numbers.
pub const FIGURES: &str = "/figures";
/// Every mail that was written.
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
/// Who did what, and whether anybody changed what is written of it.
pub const AUDIT: &str = "/audit";
/// Has it looked through (POST).
pub const AUDIT_VERIFY: &str = "/audit/verify";
/// Takes lines of it away as a file (POST).
pub const AUDIT_FILE: &str = "/audit/file";
/// Shows the secret once (POST).
pub const REVEAL_ROUTE: &str = "/access/{id}/secret";
/// Whether a secret may still stand on the page that shows it.
pub const OPEN_ACCESS_ROUTE: &str = "/access/{id}/open";
/// Looks an emergency over (POST).
pub const REVIEW_ACCESS_ROUTE: &str = "/access/{id}/review";
/// Asks for a look at one of a connection's secrets (POST).
pub const ASK_ACCESS_ROUTE: &str = "/connections/{id}/access";

/// Notes what somebody found who looked whether a check had sent something.
pub fn sent_look(id: &ConnectionId) -> String {
    format!("/connections/{id}/sent-look")
}

/// Notes that the reason was read why an office closed its connection.
pub fn closing_read(id: &ConnectionId) -> String {
    format!("/connections/{id}/closing-read")
}

/// Signs a colleague out.
pub fn colleague_sessions(id: &StaffId) -> String {
    format!("/account/colleagues/{id}/sign-out")
}

/// Says from which day on a connection is enabled.
pub fn enable(id: &ConnectionId) -> String {
    format!("/connections/{id}/enable")
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

/// What happened to a brokerage, behind a place; the latest when it is empty.
pub fn brokerage_timeline(id: &BrokerageId, behind: &str) -> String {
    match behind {
        "" => format!("/brokerages/{id}/timeline"),
        place => format!("/brokerages/{id}/timeline?before={place}"),
    }
}

/// Leaves a note about a brokerage.
pub fn brokerage_notes(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/notes")
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

/// Asks for a look at one of a connection's secrets.
pub fn ask_access(id: &ConnectionId) -> String {
    format!("/connections/{id}/access")
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

/// Has the credential in use checked once more.
pub fn check_in_use(id: &ConnectionId) -> String {
    format!("/connections/{id}/check-in-use")
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

/// Lets it stand that another brokerage has the key of a connection, too.
pub fn allow_shared_key(id: &ConnectionId) -> String {
    format!("/connections/{id}/shared-key")
}

/// Answers what an office asked.
pub fn answer_question(brokerage: &BrokerageId, question: &str) -> String {
    format!("/brokerages/{brokerage}/questions/{question}")
}

/// A page of the brokerages that have no connection yet.
pub fn brokerages(after: &str) -> String {
    with_query(BROKERAGES, &[("after", after)])
}

/// A page of the requests to look at secrets.
pub fn accesses(after: &str) -> String {
    with_query(ACCESS, &[("after", after)])
}

/// The page of a brokerage.
pub fn brokerage(id: &BrokerageId) -> String {
    format!("/brokerages/{id}")
}

/// Accepts it.
pub fn accept(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/accept")
}

/// Refuses it.
pub fn refuse(id: &BrokerageId) -> String {
    format!("/brokerages/{id}/refuse")
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

/// A saved list of the queue.
pub fn saved_view(id: &SavedViewId) -> String {
    format!("{SAVED_VIEWS}/{id}")
}

/// Removes a saved list of the queue.
pub fn remove_view(id: &SavedViewId) -> String {
    format!("{SAVED_VIEWS}/{id}/remove")
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
pub fn mails(asked: &[(&str, &str)]) -> String {
    with_query(MAILS, asked)
}

/// The figures of the last so many days.
pub fn figures(days: i64) -> String {
    with_query(FIGURES, &[("days", &days.to_string())])
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

/// Whether the queue changed since a page of it was read; `all`: also where nothing needs a human.
pub fn queue_events(all: bool, seen: Instant) -> String {
    format!("{QUEUE_EVENTS}?all={all}&seen={}", seen.as_micros())
}

/// Whether anything happened to a connection behind the so many audit lines that there were since a time.
pub fn connection_news(id: &ConnectionId, since: Instant, lines: i64) -> String {
    format!("/connections/{id}/news?since={}&lines={lines}", since.as_micros())
}

/// The way to the staff's sign-in provider, leading on to `next`.
pub fn staff_begin_then(next: &str) -> String {
    match own_path(next) {
        Some(path) if path != HOME => format!("{STAFF_BEGIN}?next={}", escaped(path)),
        _ => STAFF_BEGIN.to_owned(),
    }
}
