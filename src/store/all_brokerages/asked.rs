//! Requests to look at a secret, of all brokerages: those that are under way, what was opened in an emergency, and all of
//! them in pages.

use super::reader::AllBrokerages;
use crate::domain::{
    access::{ANSWER_WITHIN, AccessWay},
    ids::AccessId,
    instant::Instant,
};
use crate::store::{StoredAccess, error::Result};

/// Rows of a page.
const ROWS: usize = 50;
/// So many of the latest are looked through for those that are under way: nobody asks that often within a day.
const MOST_UNDER_WAY: i64 = 500;

/// Where a page ended: when the last one was asked, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPlace(pub Instant, pub String);

impl AskedPlace {
    /// Reads it from an address.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(Instant::from_micros(at.parse().ok()?), AccessId::parse(id).ok()?.into()))
    }
}

impl std::fmt::Display for AskedPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.as_micros(), self.1)
    }
}

impl AllBrokerages<'_> {
    /// A page of all requests, the newest first, and where the next one begins.
    pub async fn accesses(
        &mut self,
        after: Option<&AskedPlace>,
    ) -> Result<(Vec<StoredAccess>, Option<AskedPlace>)> {
        let before = after.map_or((Instant::from_micros(i64::MAX), "~"), |place| (place.0, place.1.as_str()));
        let most = i64::try_from(ROWS).unwrap_or(i64::MAX) + 1;
        let mut rows = self.read.latest_accesses(before, Instant::from_micros(i64::MIN), most).await?;
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let last = rows.last().filter(|_| more);
        let next = last.map(|it| AskedPlace(it.access.asked_at, it.access.id.as_str().to_owned()));
        Ok((rows, next))
    }

    /// Those that wait for an answer or are open, the newest first.
    pub async fn accesses_under_way(&mut self) -> Result<Vec<StoredAccess>> {
        let now = self.read.now();
        let longest = AccessWay::ALL.iter().flat_map(|way| way.minutes()).max().copied().unwrap_or_default();
        let since = now.plus(-ANSWER_WITHIN).plus(-jiff::SignedDuration::from_mins(longest));
        let before = (Instant::from_micros(i64::MAX), "~");
        let mut rows = self.read.latest_accesses(before, since, MOST_UNDER_WAY).await?;
        rows.retain(|it| it.access.is_live(now));
        Ok(rows)
    }

    /// What was opened in an emergency and nobody has looked over, oldest first.
    pub async fn emergencies(&mut self) -> Result<Vec<StoredAccess>> {
        self.read.unreviewed_accesses().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        let place = AskedPlace(Instant::from_micros(5), AccessId::from_random([7; 16]).as_str().to_owned());
        assert_eq!(AskedPlace::parse(&place.to_string()), Some(place));
        for wrong in ["", "5", "x.acc_1", "5.acc_1", "5.'"] {
            assert_eq!(AskedPlace::parse(wrong), None, "{wrong:?}");
        }
    }
}
