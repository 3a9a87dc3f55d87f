//! The rows of the queue: what each says of its connection, and what its buttons send.

use super::words::{age, due_words, tag};
use crate::{
    actions::cause_words::CauseWords,
    domain::{cause::Names, connection, instant::Instant, review::NeedRule},
    http::{pages::portal::status_view::Moment, urls},
    store::all_brokerages::QueueItem,
};

/// A reason why a row needs a human, with its age.
pub(super) struct Reason {
    pub(super) words: &'static str,
    pub(super) since: String,
}

/// When somebody should have looked.
pub(super) struct Due {
    pub(super) words: String,
    pub(super) is_over: bool,
    pub(super) at: Moment,
}

/// A connection in the list.
pub(super) struct Line {
    /// By which the page's own address and its keys find the row.
    pub(super) id: String,
    pub(super) url: String,
    pub(super) company: String,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) tag: (&'static str, &'static str),
    /// Whether our own people verified what is in use by hand.
    pub(super) by_hand: bool,
    /// What its cause is called, and the list of all that have it.
    pub(super) cause: Option<(String, String)>,
    pub(super) reasons: Vec<Reason>,
    pub(super) due: Option<Due>,
    /// What the time is of, in machine's and in people's words.
    pub(super) told: &'static str,
    pub(super) machine: String,
    pub(super) words: String,
    pub(super) owner: String,
    pub(super) attempt: String,
    /// What the buttons of the row send; none for a reader who takes nothing.
    pub(super) item: Option<String>,
    /// What the button sends that accepts the brokerage, and the domain that it has proven; none where there is nothing to
    /// accept, or the reader may not.
    pub(super) accept: Option<(String, String)>,
}

/// The row of a connection, as its reader sees it.
pub(super) fn line(item: &QueueItem, now: Instant, may_take: bool, may_accept: bool) -> Line {
    let since = item.needs.iter().map(|need| need.since).min().unwrap_or(item.changed_at);
    let (told, at) = match item.snoozed_until {
        Some(until) => ("put off until", until),
        None => ("since", since),
    };
    let cause = item.cause.as_ref().filter(|_| item.state != connection::State::Verified);
    let waits = item.needs.iter().any(|need| need.rule == NeedRule::Acceptance);
    Line {
        id: item.id.to_string(),
        url: urls::connection(&item.id),
        company: item.company.as_str().to_owned(),
        name: item.name.as_str().to_owned(),
        reference: item.reference.as_str().to_owned(),
        kind: connection::system(item.kind, item.kind_chosen),
        tag: tag(item.state, item.phase),
        by_hand: item.by_hand,
        cause: cause.map(|id| {
            let title = CauseWords::of(Some(id), &Names::default()).title;
            (title, urls::queue(&[("view", "all"), ("cause", id.as_str())]))
        }),
        reasons: item
            .needs
            .iter()
            .map(|need| Reason { words: need.rule.title(), since: age(now, need.since) })
            .collect(),
        due: item.due.map(|due| Due { words: due_words(now, due), is_over: due < now, at: Moment::of(due) }),
        told,
        machine: at.rfc3339(),
        words: at.words(),
        owner: item.taken.as_ref().map(|taken| taken.name.clone()).unwrap_or_default(),
        attempt: item.attempt.map(|number| number.to_string()).unwrap_or_default(),
        item: may_take.then(|| format!("{}.{}", item.id, item.version)),
        accept: (waits && may_accept).then(|| {
            let sent = format!("{}.{}", item.brokerage_id, item.brokerage_version);
            (sent, item.domain.as_str().to_owned())
        }),
    }
}
