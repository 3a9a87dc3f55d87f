//! The steps that write, and remove what they wrote.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding, Shown},
    progress::Running,
};

use super::{
    call::segment,
    graph::{Ask, Graph},
    page::{Item, Page},
    probes::note,
    traces::{Kind, Trace, Traces},
};

/// How people recognise what a check wrote, should it ever stay behind.
const MARK: &str = "MoxiEngage connection test - safe to delete";

/// The most pages read of one list.
const PAGES: usize = 20;

/// How often something written a moment ago is looked for.
const LOOKS: usize = 3;

impl Kind {
    /// The collection it lives in.
    const fn collection(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Event => "events",
        }
    }

    /// What people call it.
    const fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact \"MoxiEngage Connection test\"",
            Self::Event => "calendar entry \"MoxiEngage connection test - safe to delete\"",
        }
    }

    fn body(self, today: Date) -> Value {
        match self {
            Self::Contact => {
                json!({"givenName": "MoxiEngage", "surname": "Connection test", "fileAs": MARK})
            }
            // No attendees: an invitation would go out at once.
            Self::Event => {
                let (start, end) = minute(today);
                json!({
                    "subject": MARK,
                    "start": {"dateTime": start, "timeZone": "UTC"},
                    "end": {"dateTime": end, "timeZone": "UTC"},
                    "showAs": "free",
                    "isReminderOn": false,
                })
            }
        }
    }

    /// Where to look for one whose id never arrived.
    fn search(self, user: &str, today: Date) -> String {
        match self {
            Self::Contact => format!("{user}/contacts?$top=100&$select=id,fileAs"),
            Self::Event => {
                let (start, end) = minute(today);
                let window = format!("startDateTime={start}Z&endDateTime={end}Z");
                format!("{user}/calendarView?{window}&$top=50&$select=id,subject")
            }
        }
    }

    fn is_ours(self, item: &Item) -> bool {
        let named = match self {
            Self::Contact => &item.file_as,
            Self::Event => &item.subject,
        };
        named.as_deref() == Some(MARK)
    }
}

/// The minute in which the test entry stands: tomorrow at nine.
fn minute(today: Date) -> (String, String) {
    let tomorrow = today.saturating_add(1.days());
    (format!("{tomorrow}T09:00:00"), format!("{tomorrow}T09:01:00"))
}

/// Writes one. Gives its folder, where it has one.
pub(super) async fn create(
    graph: &Graph<'_>,
    kind: Kind,
    today: Date,
    traces: &Traces,
    running: &mut Running,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let ask = Ask {
        method: Method::POST,
        path: format!("{}/{}", graph.user, kind.collection()),
        body: Some(kind.body(today)),
        wanted: StatusCode::CREATED,
    };
    traces.set(kind, Trace::Asked);
    let created: Result<(Item, _), Evidence> = graph.read(&ask, cut).await;
    let (item, id) = created.inspect_err(|evidence| {
        if !may_be_there(evidence) {
            traces.set(kind, Trace::None);
        }
    })?;
    note(running, id);
    match item.id.filter(|id| segment(id).is_some()) {
        Some(id) => traces.set(kind, Trace::There(id)),
        None => return Err(Evidence::Shown(Box::new(Shown { status: 201, ..Shown::default() }))),
    }
    Ok(item.parent_folder_id)
}

/// Whether a call that failed may have been carried out all the same.
fn may_be_there(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Lost(failure) => failure.may_have_acted(),
        Evidence::OutOfTime => true,
        Evidence::Shown(shown) => shown.status < 300 || shown.status >= 500,
        Evidence::Found(_) | Evidence::Paused => false,
    }
}

/// Reads the list of changes of a folder to its end and finds the contact in it.
pub(super) async fn synchronise(
    graph: &Graph<'_>,
    folder: &str,
    contact: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let folder = segment(folder).ok_or(Evidence::Found(Finding::NotListed))?;
    let first = format!("{}/contactFolders/{folder}/contacts/delta?$select=id", graph.user);
    let mut seen = BTreeSet::new();
    let mut from = first.clone();
    for look in 0..LOOKS {
        let listed = read_to_end(graph, &from, &mut seen, cut).await;
        let end = match listed {
            // A state that is no longer known is begun anew, once.
            Err(Evidence::Shown(shown)) if shown.status == 410 && look == 0 => {
                seen.clear();
                continue;
            }
            other => other?,
        };
        let Some(end) = end else {
            running.learn("Contacts listed", format!("the first {}", seen.len()));
            return Ok(());
        };
        if seen.contains(contact) {
            running.learn("Contacts listed", seen.len().to_string());
            return Ok(());
        }
        from = end;
        if look + 1 < LOOKS && cut.before(sleep(graph.pace.settle)).await.is_none() {
            break;
        }
    }
    running.learn("Contacts listed", seen.len().to_string());
    Err(Evidence::Found(Finding::NotListed))
}

/// Reads pages until the link from which the next synchronisation would start, and gives that link; `None` for a
/// mailbox that has more pages than somebody watching should wait for, and which synchronises all the same.
async fn read_to_end(
    graph: &Graph<'_>,
    from: &str,
    seen: &mut BTreeSet<String>,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let mut path = from.to_owned();
    for _ in 0..PAGES {
        let ask = Ask::read(path);
        let answer = graph.ask(&ask, cut).await?;
        let page: Page = serde_json::from_slice(&answer.body).map_err(|_| graph.odd(&answer))?;
        seen.extend(page.value.into_iter().filter_map(|item| item.id));
        let on = page.next.as_deref().or(page.delta.as_deref());
        let on = on.and_then(|link| graph.own_link(link)).ok_or_else(|| graph.odd(&answer))?;
        if page.next.is_none() {
            return Ok(Some(on));
        }
        path = on;
    }
    Ok(None)
}

/// Removes one, and looks again where the service has not caught up with its own writing.
pub(super) async fn remove(
    graph: &Graph<'_>,
    kind: Kind,
    id: &str,
    traces: &Traces,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let path = segment(id).map(|id| format!("{}/{}/{id}", graph.user, kind.collection()));
    let ask = Ask {
        method: Method::DELETE,
        path: path.ok_or(Evidence::Found(Finding::LeftBehind))?,
        body: None,
        wanted: StatusCode::NO_CONTENT,
    };
    let mut left = LOOKS;
    loop {
        left -= 1;
        match graph.ask(&ask, cut).await {
            Ok(answer) => {
                traces.set(kind, Trace::None);
                note(running, super::answer::request_id(&answer.headers, &graph.scrub));
                return Ok(());
            }
            Err(evidence) if left == 0 || !passes_with_time(&evidence) => return Err(evidence),
            Err(_) if cut.before(sleep(graph.pace.settle)).await.is_none() => {
                return Err(Evidence::Found(Finding::LeftBehind));
            }
            Err(_) => {}
        }
    }
}

/// Whether removing is worth another try: not visible yet, in somebody's way, or the service is busy.
fn passes_with_time(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Shown(shown) => matches!(shown.status, 404 | 409 | 412 | 429 | 500..=599),
        Evidence::Lost(failure) => failure.may_have_acted(),
        _ => false,
    }
}

/// Finds one whose id never arrived, by its name. `None` when it is not there; errs when that cannot be told.
pub(super) async fn find_lost(
    graph: &Graph<'_>,
    kind: Kind,
    today: Date,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let mut path = kind.search(&graph.user, today);
    for _ in 0..PAGES {
        let (page, _): (Page, _) = graph.read(&Ask::read(path), cut).await?;
        if let Some(item) = page.value.into_iter().find(|item| kind.is_ours(item)) {
            return Ok(item.id);
        }
        match page.next {
            None => return Ok(None),
            Some(link) => path = graph.own_link(&link).ok_or(Evidence::Found(Finding::LeftBehind))?,
        }
    }
    Err(Evidence::Found(Finding::LeftBehind))
}

/// How a page names what was left.
pub(super) fn left_words(kind: Kind, trace: &Trace) -> String {
    match trace {
        Trace::Asked => format!("perhaps the {}", kind.words()),
        _ => format!("the {}", kind.words()),
    }
}

/// Asks to send a message without recipients, which whoever may send is told to mend and whoever may not is
/// refused. Nothing can be sent this way.
pub(super) async fn send_right(graph: &Graph<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let ask = Ask {
        method: Method::POST,
        path: format!("{}/sendMail", graph.user),
        body: Some(json!({"message": {}})),
        wanted: StatusCode::BAD_REQUEST,
    };
    let answer = graph.ask(&ask, cut).await?;
    let shown = super::answer::graph_shown(&answer, &graph.scrub);
    if !shown.codes.iter().any(|code| code == "ErrorInvalidRecipients") {
        return Err(Evidence::Shown(Box::new(shown)));
    }
    running.learn("Sending", "allowed; nothing was sent");
    note(running, super::answer::request_id(&answer.headers, &graph.scrub));
    Ok(())
}
