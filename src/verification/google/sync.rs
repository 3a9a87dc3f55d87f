//! Lists of changes, read to their end as MoxiEngage reads them: the whole list first, then what changed since.
//!
//! Google says that its list of changed contacts may run minutes behind, so nothing that was written a moment ago is
//! looked for in it: that it answers to its own mark is what counts.

use serde::de::DeserializeOwned;

use crate::{
    net::Failure,
    verification::{
        cut::Cut,
        evidence::{Evidence, Shown},
        json::ENTRIES,
        progress::Running,
        segment::segment,
    },
};

use super::{
    page::{Events, People},
    reading::{EVENTS, PERSON},
    service::{Ask, Service},
};

/// The most pages read of one list.
const PAGES: usize = 20;

/// A page of a list that can be synchronised.
trait Page: DeserializeOwned {
    fn count(&self) -> usize;
    fn next(&self) -> Option<&str>;
    fn mark(&self) -> Option<&str>;
}

impl Page for People {
    fn count(&self) -> usize {
        self.connections.len()
    }

    fn next(&self) -> Option<&str> {
        self.next_page_token.as_deref()
    }

    fn mark(&self) -> Option<&str> {
        self.next_sync_token.as_deref()
    }
}

impl Page for Events {
    fn count(&self) -> usize {
        self.items.len()
    }

    fn next(&self) -> Option<&str> {
        self.next_page_token.as_deref()
    }

    fn mark(&self) -> Option<&str> {
        self.next_sync_token.as_deref()
    }
}

/// Synchronises contacts.
pub(super) async fn contacts(people: &Service<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let all = format!(
        "/v1/people/me/connections?{PERSON}&pageSize=1000&requestSyncToken=true&fields=connections(resourceName),nextPageToken,nextSyncToken"
    );
    synchronise::<People>(people, &all, "Contacts listed", running, cut).await
}

/// Synchronises the calendar.
pub(super) async fn calendar(
    calendar: &Service<'_>,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let all = format!("{EVENTS}?maxResults=2500&fields=items(id),nextPageToken,nextSyncToken");
    synchronise::<Events>(calendar, &all, "Entries listed", running, cut).await
}

async fn synchronise<T: Page>(
    service: &Service<'_>,
    all: &str,
    label: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let mut anew = true;
    loop {
        let (count, mark) = to_the_end::<T>(service, all, cut).await?;
        let Some(mark) = mark else {
            running.learn(label, format!("the first {count}"));
            return Ok(());
        };
        running.learn(label, count.to_string());
        let since = format!("{all}&syncToken={mark}");
        match to_the_end::<T>(service, &since, cut).await {
            // A mark that is no longer known is asked for anew, once.
            Err(Evidence::Shown(shown)) if is_stale(&shown) && std::mem::take(&mut anew) => {}
            ended => {
                ended?;
                running.learn("Changes since", "can be read");
                return Ok(());
            }
        }
    }
}

fn is_stale(shown: &Shown) -> bool {
    shown.status == 410 || shown.codes.iter().any(|code| code == "EXPIRED_SYNC_TOKEN")
}

/// Reads pages to the one with the mark from which the next synchronisation would start: how many entries there were,
/// and the mark as a part of an address. No mark for a list with more pages than somebody watching should wait for,
/// which synchronises all the same.
async fn to_the_end<T: Page>(
    service: &Service<'_>,
    from: &str,
    cut: &Cut,
) -> Result<(usize, Option<String>), Evidence> {
    let (mut path, mut count) = (from.to_owned(), 0);
    for _ in 0..PAGES {
        let answer = service.ask(&Ask::read(path), cut).await?;
        let page: T = serde_json::from_slice(&answer.body).map_err(|_| service.odd(&answer))?;
        if page.count() > ENTRIES {
            return Err(Evidence::Lost(Failure::TooLarge));
        }
        count += page.count();
        let on = |token: &str| segment(token).ok_or_else(|| service.odd(&answer));
        match (page.next(), page.mark()) {
            (Some(next), _) => path = format!("{from}&pageToken={}", on(next)?),
            (None, Some(mark)) => return Ok((count, Some(on(mark)?))),
            (None, None) => return Err(service.odd(&answer)),
        }
    }
    Ok((count, None))
}
