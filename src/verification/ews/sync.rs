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

/// The longest state taken; real ones have a few hundred characters.
const STATE: usize = 64 * 1024;

/// Where a list ended: the state from which the next one starts.
pub struct End {
    state: Option<String>,
}

/// Reads the contacts from the beginning.
pub async fn read(ews: &Ews<'_>, running: &mut Running, cut: &Cut) -> Result<End, Evidence> {
    let mut seen = Vec::new();
    let state = read_on(ews, None, &mut seen, running, cut).await?;
    let count = seen.len();
    running.learn("Contacts", if state.is_some() { count.to_string() } else { format!("the first {count}") });
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
        let mut seen = Vec::new();
        let read = read_on(ews, Some(state.clone()), &mut seen, running, cut).await;
        let on = match read {
            // A state that is no longer known is begun anew, once.
            Err(Evidence::Shown(shown)) if has(&shown, &["ErrorInvalidSyncStateData"]) && look == 0 => {
                read_on(ews, None, &mut seen, running, cut).await?
            }
            other => other?,
        };
        if seen.iter().any(|id| id == contact) {
            running.learn("Changes", "the test contact is among them");
            return Ok(());
        }
        state = on.unwrap_or(state);
        if look + 1 < LOOKS && cut.before(sleep(ews.pace.settle)).await.is_none() {
            break;
        }
    }
    Err(Evidence::Found(Finding::NotListed))
}

/// Reads pages to the last one and gives the state there; `None` when there are too many.
async fn read_on(
    ews: &Ews<'_>,
    mut state: Option<String>,
    seen: &mut Vec<String>,
    running: &mut Running,
    cut: &Cut,
) -> Result<Option<String>, Evidence> {
    for _ in 0..PAGES {
        let heard = ews.ask(&requests::changes(state.as_deref()), cut).await?;
        let next = heard.reply.find("SyncState").map(|next| next.text.trim().to_owned());
        let next =
            next.filter(|next| !next.is_empty() && next.len() <= STATE).ok_or_else(|| ews.odd(&heard))?;
        let changes = heard.reply.messages.iter().flat_map(|message| message.body.all("ItemId"));
        seen.extend(changes.filter_map(|id| id.attribute("Id")).map(str::to_owned));
        let last = heard.reply.find("IncludesLastItemInRange").is_none_or(|last| last.text.trim() != "false");
        if last {
            note(running, &heard);
            return Ok(Some(next));
        }
        state = Some(next);
    }
    Ok(None)
}
