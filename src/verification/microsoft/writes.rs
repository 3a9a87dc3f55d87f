//! The steps that write, and remove what they wrote.

use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding, Shown},
    progress::Running,
    segment::segment,
    traces::Trace,
};

use super::{
    graph::{Ask, Graph},
    page::Item,
    probes::note,
    test_item::Kind,
};

/// The most pages read of one list.
const PAGES: usize = 20;

/// How often something written a moment ago is looked for.
const LOOKS: usize = 3;

/// Writes one. Gives its folder, where it has one.
pub(super) async fn create(
    graph: &Graph<'_>,
    kind: Kind,
    running: &mut Running,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let ask = Ask {
        method: Method::POST,
        path: format!("{}/{}", graph.user, kind.collection()),
        body: Some(kind.body(&graph.mark, graph.today)),
        wanted: StatusCode::CREATED,
    };
    graph.traces.set(kind, Trace::Asked);
    let created: Result<(Item, _), Evidence> = graph.read(&ask, cut).await;
    let (item, id) = created.inspect_err(|evidence| {
        if !may_be_there(evidence) {
            graph.traces.set(kind, Trace::None);
        }
    })?;
    note(running, id);
    match item.id.filter(|id| segment(id).is_some()) {
        Some(id) => graph.traces.set(kind, Trace::There(id)),
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

/// Removes one, and looks again where the service has not caught up with its own writing.
pub(super) async fn remove(
    graph: &Graph<'_>,
    kind: Kind,
    id: &str,
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
                graph.traces.set(kind, Trace::None);
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
pub(super) async fn find_lost(graph: &Graph<'_>, kind: Kind, cut: &Cut) -> Result<Option<String>, Evidence> {
    let mut path = kind.search(&graph.user, graph.today);
    for _ in 0..PAGES {
        let (page, _) = graph.page(&Ask::read(path), cut).await?;
        if let Some(item) = page.value.into_iter().find(|item| kind.is_ours(&graph.mark, item)) {
            return Ok(item.id);
        }
        match page.next {
            None => return Ok(None),
            Some(link) => path = graph.own_link(&link).ok_or(Evidence::Found(Finding::LeftBehind))?,
        }
    }
    Err(Evidence::Found(Finding::LeftBehind))
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
