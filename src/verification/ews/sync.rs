//! The list of changes of the contacts, read to its end as MoxiEngage reads it.

use tokio::time::sleep;

use crate::verification::{
    cut::Cut,
    evidence::{Evidence, Finding},
    progress::Running,
};

use super::{
    client::{Ews, has},
    probes::note,
    requests,
};

/// The most pages read of one list.
const PAGES: usize = 20;

/// How often something written a moment ago is looked for.
const LOOKS: usize = 3;

/// Where a list ended: the state from which the next one starts.
pub struct End {
    state: Option<String>,
}

/// What pages of a list came to. Ids are looked at and not kept: twenty pages may hold very many.
struct Pages {
    /// The state after the last one; `None` when there are too many.
    state: Option<String>,
    /// How many entries they have.
    entries: usize,
    /// Whether the wanted one is among them.
    found: bool,
}

/// Reads the contacts from the beginning.
pub async fn read(ews: &Ews<'_>, running: &mut Running, cut: &Cut) -> Result<End, Evidence> {
    let Pages { state, entries, .. } = read_on(ews, None, None, running, cut).await?;
    let whole = state.is_some();
    running.learn("Contacts", if whole { entries.to_string() } else { format!("the first {entries}") });
    Ok(End { state })
}

/// Reads what has changed since then and finds the contact in it. A mailbox with more pages than somebody watching
/// should wait for synchronises all the same.
pub async fn find(
    ews: &Ews<'_>,
    end: &End,
    contact: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let Some(mut state) = end.state.clone() else {
        running.learn("Changes", "not looked through: the mailbox has too many contacts for a short look");
        return Ok(());
    };
    for look in 0..LOOKS {
        let read = read_on(ews, Some(state.clone()), Some(contact), running, cut).await;
        let pages = match read {
            // A state that is no longer known is begun anew, once.
            Err(Evidence::Shown(shown)) if has(&shown, &["ErrorInvalidSyncStateData"]) && look == 0 => {
                read_on(ews, None, Some(contact), running, cut).await?
            }
            other => other?,
        };
        if pages.found {
            running.learn("Changes", "the test contact is among them");
            return Ok(());
        }
        state = pages.state.unwrap_or(state);
        if look + 1 < LOOKS && cut.before(sleep(ews.pace.settle)).await.is_none() {
            break;
        }
    }
    Err(Evidence::Found(Finding::NotListed))
}

/// Reads pages to the last one, or to the most that are read.
async fn read_on(
    ews: &Ews<'_>,
    mut state: Option<String>,
    wanted: Option<&str>,
    running: &mut Running,
    cut: &Cut,
) -> Result<Pages, Evidence> {
    let (mut entries, mut found) = (0, false);
    for _ in 0..PAGES {
        let heard = ews.ask(&requests::changes(state.as_deref()), cut).await?;
        let next = heard.reply.find("SyncState").map(|next| next.text.trim().to_owned());
        let next = next.filter(|next| !next.is_empty()).ok_or_else(|| ews.odd(&heard))?;
        let changes = heard.reply.messages.iter().flat_map(|message| message.body.all("ItemId"));
        for id in changes.filter_map(|id| id.attribute("Id")) {
            entries += 1;
            found |= wanted == Some(id);
        }
        let last = heard.reply.find("IncludesLastItemInRange").is_none_or(|last| last.text.trim() != "false");
        if last {
            note(running, &heard);
            return Ok(Pages { state: Some(next), entries, found });
        }
        state = Some(next);
    }
    Ok(Pages { state: None, entries, found })
}
