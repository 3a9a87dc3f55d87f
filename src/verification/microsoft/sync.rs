//! The list of changes of a contact folder, read to its end as MoxiEngage reads it.

use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding, Shown},
    progress::Running,
    segment::segment,
};

use super::graph::{Ask, Graph};

/// The most pages read of one list.
const PAGES: usize = 20;

/// How often something written a moment ago is looked for.
const LOOKS: usize = 3;

/// What a list showed. Ids are looked at and not kept: twenty pages may hold very many.
struct Seen<'a> {
    contact: &'a str,
    entries: usize,
    found: bool,
}

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
    let mut seen = Seen { contact, entries: 0, found: false };
    let mut from = first.clone();
    for look in 0..LOOKS {
        let listed = read_to_end(graph, &from, &mut seen, cut).await;
        let end = match listed {
            // A state that is no longer known is begun anew, once.
            Err(Evidence::Shown(shown)) if shown.status == 410 && look == 0 => {
                seen.entries = 0;
                continue;
            }
            other => other?,
        };
        let Some(end) = end else {
            running.learn("Contacts listed", format!("the first {}", seen.entries));
            return Ok(());
        };
        if seen.found {
            running.learn("Contacts listed", seen.entries.to_string());
            return Ok(());
        }
        from = end;
        if look + 1 < LOOKS && cut.before(sleep(graph.pace.settle)).await.is_none() {
            break;
        }
    }
    running.learn("Contacts listed", seen.entries.to_string());
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
    seen: &mut Seen<'_>,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    let mut path = from.to_owned();
    for _ in 0..PAGES {
        let ask = Ask::read(path);
        let (page, answer) = graph.page(&ask, cut).await?;
        for id in page.value.iter().filter_map(|item| item.id.as_deref()) {
            seen.entries += 1;
            seen.found |= id == seen.contact;
        }
        let on = page.next.as_deref().or(page.delta.as_deref());
        let on = on.and_then(|link| graph.own_link(link)).ok_or_else(|| graph.odd(&answer))?;
        if page.next.is_none() {
            return Ok(Some(on));
        }
        path = on;
    }
    Ok(None)
}
