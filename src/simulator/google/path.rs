//! Which path of which host is which operation.

use axum::http::Method;

use super::gate;
use super::token;
use crate::simulator::dns::zone::{CALENDAR, GMAIL, GOOGLE_TOKENS, PEOPLE};
use crate::simulator::operation::Operation;
use crate::simulator::web::Call;
use crate::simulator::world::live::World;

/// What is asked, of whom.
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    /// The user or calendar in the path; empty when there is none.
    pub(crate) owner: String,
    /// The item in the path; empty when there is none.
    pub(crate) id: String,
}

/// Is this one of Google's hosts?
pub(crate) fn is_google(host: &str) -> bool {
    [GOOGLE_TOKENS, PEOPLE, CALENDAR, GMAIL].iter().any(|known| known.name == host)
}

/// Takes a path apart; here every letter counts.
pub(crate) fn parse(call: &Call) -> Asked {
    let segments = call.segments();
    let words: Vec<&str> = segments.iter().map(String::as_str).collect();
    let asked =
        |operation, owner: &str, id: &str| Asked { operation, owner: owner.to_owned(), id: id.to_owned() };
    let (get, post) = (call.method == Method::GET, call.method == Method::POST);
    let delete = call.method == Method::DELETE;
    let host = call.host.as_str();
    match words.as_slice() {
        ["token"] if post && host == GOOGLE_TOKENS.name => asked(Operation::Token, "", ""),
        ["v1", "people", "me", "connections"] if get && host == PEOPLE.name => {
            asked(Operation::ContactsList, "me", "")
        }
        ["v1", "people:createContact"] if post && host == PEOPLE.name => {
            asked(Operation::ContactCreate, "me", "")
        }
        ["v1", "people", id] if host == PEOPLE.name => match id.strip_suffix(":deleteContact") {
            Some(id) if delete => asked(Operation::ContactDelete, "me", id),
            None if get => asked(Operation::ContactRead, "me", id),
            _ => asked(Operation::Other, "", ""),
        },
        ["calendar", "v3", "calendars", calendar] if host == CALENDAR.name && get => {
            asked(Operation::CalendarRead, calendar, "")
        }
        ["calendar", "v3", "calendars", calendar, "events"] if host == CALENDAR.name && get => {
            asked(Operation::CalendarView, calendar, "")
        }
        ["calendar", "v3", "calendars", calendar, "events"] if host == CALENDAR.name && post => {
            asked(Operation::EventCreate, calendar, "")
        }
        ["calendar", "v3", "calendars", calendar, "events", id] if host == CALENDAR.name && get => {
            asked(Operation::EventRead, calendar, id)
        }
        ["calendar", "v3", "calendars", calendar, "events", id] if host == CALENDAR.name && delete => {
            asked(Operation::EventDelete, calendar, id)
        }
        ["gmail", "v1", "users", user, "settings", "sendAs"] if host == GMAIL.name && get => {
            asked(Operation::MailboxSettings, user, "")
        }
        ["gmail", "v1", "users", user, "messages", "send"] if host == GMAIL.name && post => {
            asked(Operation::SendMail, user, "")
        }
        _ => asked(Operation::Other, "", ""),
    }
}

/// The operation, and the tenant: that of the person acted for, else that of the service account.
pub(crate) fn classify(call: &Call, world: &World) -> (Operation, Option<String>) {
    let asked = parse(call);
    let (account, subject) = if asked.operation == Operation::Token {
        token::named(call)
    } else {
        gate::grant(call, world).map_or((None, None), |grant| (Some(grant.account), grant.subject))
    };
    let domain = subject.as_deref().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
    let theirs = domain.and_then(|domain| world.tenant(domain)).filter(|tenant| tenant.google.is_some());
    let owners = || world.service_account(account.as_deref()?)?.0;
    (asked.operation, theirs.or_else(owners).map(|tenant| tenant.name.clone()))
}
