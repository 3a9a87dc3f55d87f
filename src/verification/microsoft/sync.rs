//! The list of changes of a contact folder, read to its end as MoxiEngage reads it.

use std::collections::BTreeSet;

use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding, Shown},
    progress::Running,
    segment::segment,
};

use super::{
    graph::{Ask, Graph},
    page::Page,
};

/// The most pages read of one list.
const PAGES: usize = 20;

/// How often something written a moment ago is looked for.
const LOOKS: usize = 3;

/// Reads the list of changes of a folder to its end and finds the contact in it. Errs also when the answer to
/// writing the contact named no folder that can be asked for: nothing was shown then.
pub(super) async fn synchronise(
    graph: &Graph<'_>,
    folder: Option<&str>,
    contact: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let folder = folder.and_then(segment).ok_or_else(odd_folder)?;
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

/// What writing the contact showed, when it said nothing of its folder.
fn odd_folder() -> Evidence {
    Evidence::Shown(Box::new(Shown { status: 201, ..Shown::default() }))
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
