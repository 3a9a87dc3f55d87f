//! Places in a list: where its next page begins, and up to which change a client knows everything.
//!
//! Clients must treat both as opaque.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

/// A walk through a list, from one page to the next.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    /// The change up to which the client knows everything; 0 knows nothing.
    pub(crate) since: u64,
    /// The change that this walk reaches.
    pub(crate) until: u64,
    /// So many items were told of.
    pub(crate) done: usize,
    /// When the token that began it was given, in seconds of Unix time; 0 for a walk without one.
    pub(crate) given: i64,
}

/// Why a token is no use.
pub(crate) enum Unfit {
    /// It is none of ours.
    Foreign,
    /// It is of a time that this mailbox does not remember.
    Stale,
}

impl Round {
    /// Where a request goes on; without tokens it begins anew, and reaches to the last change of now.
    pub(crate) fn of(page: Option<&str>, sync: Option<&str>, last: u64) -> Result<Round, Unfit> {
        let round = match (page, sync) {
            (Some(token), _) => read('p', token).ok_or(Unfit::Foreign)?,
            (None, Some(token)) => Round { until: last, ..read('s', token).ok_or(Unfit::Foreign)? },
            (None, None) => Round { since: 0, until: last, done: 0, given: 0 },
        };
        if round.since > last || round.until > last { Err(Unfit::Stale) } else { Ok(round) }
    }

    pub(crate) fn includes(&self, change: u64) -> bool {
        change > self.since && change <= self.until
    }

    /// The token of the page after `more` further items.
    pub(crate) fn page_token(&self, more: usize) -> String {
        written('p', Round { done: self.done + more, ..*self })
    }

    /// The token by which a client goes on when everything has been told.
    pub(crate) fn sync_token(&self, now: i64) -> String {
        written('s', Round { since: self.until, until: 0, done: 0, given: now })
    }
}

fn written(sort: char, round: Round) -> String {
    URL_SAFE.encode(format!("{sort}.{}.{}.{}.{}", round.since, round.until, round.done, round.given))
}

fn read(sort: char, token: &str) -> Option<Round> {
    let text = String::from_utf8(URL_SAFE.decode(token).ok()?).ok()?;
    let mut parts = text.strip_prefix(sort)?.strip_prefix('.')?.split('.');
    let round = Round {
        since: parts.next()?.parse().ok()?,
        until: parts.next()?.parse().ok()?,
        done: parts.next()?.parse().ok()?,
        given: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(round)
}
