//! Which path of the mailbox service is which operation.

use axum::http::Method;

use super::gate;
use crate::simulator::operation::Operation;
use crate::simulator::web::Call;
use crate::simulator::world::live::World;

/// What is asked, of whom.
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    /// The user in the path; empty when there is none.
    pub(crate) user: String,
    /// The item or folder in the path; empty when there is none.
    pub(crate) id: String,
}

/// Takes a path apart; the fixed words are compared without case.
pub(crate) fn parse(call: &Call) -> Asked {
    let segments = call.segments();
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let words: Vec<&str> = lower.iter().map(String::as_str).collect();
    let get = call.method == Method::GET;
    let post = call.method == Method::POST;
    let delete = call.method == Method::DELETE;
    let id_at = |at: usize| segments.get(at).cloned().unwrap_or_default();
    let (operation, id) = match words.as_slice() {
        ["v1.0", "users", _] if get => (Operation::User, String::new()),
        ["v1.0", "users", _, "mailboxsettings"] if get => (Operation::MailboxSettings, String::new()),
        ["v1.0", "users", _, "contacts"] if get => (Operation::ContactsList, String::new()),
        ["v1.0", "users", _, "contacts"] if post => (Operation::ContactCreate, String::new()),
        ["v1.0", "users", _, "contacts", _] if get => (Operation::ContactRead, id_at(4)),
        ["v1.0", "users", _, "contacts", _] if delete => (Operation::ContactDelete, id_at(4)),
        ["v1.0", "users", _, "contactfolders", _, "contacts", "delta"] if get => {
            (Operation::ContactsDelta, id_at(4))
        }
        ["v1.0", "users", _, "calendarview"] if get => (Operation::CalendarView, String::new()),
        ["v1.0", "users", _, "calendar", "calendarview"] if get => (Operation::CalendarView, String::new()),
        ["v1.0", "users", _, "events"] if post => (Operation::EventCreate, String::new()),
        ["v1.0", "users", _, "events", _] if get => (Operation::EventRead, id_at(4)),
        ["v1.0", "users", _, "events", _] if delete => (Operation::EventDelete, id_at(4)),
        ["v1.0", "users", _, "sendmail"] if post => (Operation::SendMail, String::new()),
        _ => (Operation::Other, String::new()),
    };
    Asked { operation, user: id_at(2), id }
}

/// The operation, and the tenant: that of the token, else that of the address in the path.
pub(crate) fn classify(call: &Call, world: &World) -> (Operation, Option<String>) {
    let asked = parse(call);
    let domain = asked.user.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    // The tenant of the path first: a token for a foreign tenant must not hide whose mailbox was asked for.
    let known = domain.filter(|domain| world.tenant(domain).is_some());
    (asked.operation, known.or_else(|| gate::claims(call, world).map(|claims| claims.tid)))
}
