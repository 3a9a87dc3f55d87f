//! Brokerages as such: found by their words, listed while they have no connection. Each text walks one index from where
//! the last page ended, so it costs the same however many there are.

use super::reader::AllBrokerages;
use crate::domain::{
    address::MailDomain,
    brokerage::Origin,
    ids::{BrokerageId, InvitationId},
    instant::Instant,
    text::{CompanyName, PersonName},
};
use crate::store::{dialect::on, error::Result};

/// Brokerages with some of their words: which words are read, and which of those count.
macro_rules! worded {
    ($words:literal, $counts:literal) => {
        concat!(
            "
SELECT brokerages.id, brokerages.company, brokerages.contact, brokerages.proven_domain, brokerages.accepted_at,
    brokerages.refused_at, brokerages.unconnected_since, page.word
FROM (
    SELECT word, brokerage_id
    FROM brokerage_words
    WHERE ",
            $words,
            "
    ORDER BY word, brokerage_id
    LIMIT 200
) AS page
JOIN brokerages ON brokerages.id = page.brokerage_id
WHERE ",
            $counts,
            "
ORDER BY page.word, brokerages.id"
        )
    };
}

// A beginning is a range of the sorted words, as in the search for connections.
const FOUND: &str = worded!("word >= $1 AND word < $2", "1 = 1");

const ALIKE: &str = worded!("word IN ($1, $2)", "brokerages.company_key = $1 OR page.word = $2");

const ONE: &str = "
SELECT id, company, contact, proven_domain, accepted_at, refused_at, unconnected_since, company_key AS word
FROM brokerages
WHERE id = $1";

const UNCONNECTED: &str = "
SELECT page.id, page.company, page.contact, page.proven_domain, page.origin, page.accepted_at, page.refused_at,
    page.unconnected_since,
    invitations.id AS invitation_id, invitations.contact AS invited, invitations.expires_at,
    (SELECT COUNT(*) FROM people WHERE people.brokerage_id = page.id AND people.removed_at IS NULL) AS people
FROM (
    SELECT id, company, contact, proven_domain, origin, accepted_at, refused_at, unconnected_since
    FROM brokerages
    WHERE unconnected_since IS NOT NULL AND (unconnected_since, id) < ($1, $2)
    ORDER BY unconnected_since DESC, id DESC
    LIMIT 51
) AS page
LEFT JOIN invitations ON invitations.brokerage_id = page.id AND invitations.ended_at IS NULL
ORDER BY page.unconnected_since DESC, page.id DESC, invitations.created_at, invitations.id";

const COUNT_UNCONNECTED: &str = "
SELECT COUNT(*) FROM (SELECT 1 AS one FROM brokerages WHERE unconnected_since IS NOT NULL LIMIT 100) AS counted";

const DONE: &str = "
SELECT COUNT(DISTINCT connections.id) AS connections, COUNT(DISTINCT attempts.id) AS attempts,
    COUNT(DISTINCT checks.id) AS checks
FROM connections
LEFT JOIN attempts ON attempts.connection_id = connections.id
LEFT JOIN checks ON checks.connection_id = connections.id
WHERE connections.brokerage_id = $1";

pub(super) const TEXTS: &[&str] = &[FOUND, ALIKE, ONE, UNCONNECTED, COUNT_UNCONNECTED, DONE];

/// The letter behind every other: a word that begins with a text comes before the text with this letter.
const LAST_LETTER: char = '\u{10ffff}';
/// So many are shown beside what else a search finds.
pub const MOST_BESIDE: usize = 20;
/// Rows of a page of the list.
const ROWS: usize = 50;

/// A brokerage that a search found.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundBrokerage {
    /// Its id.
    pub id: BrokerageId,
    /// Its company.
    pub company: CompanyName,
    /// The person we speak with.
    pub contact: PersonName,
    /// The domain of the address by which it was proven.
    pub proven_domain: MailDomain,
    /// When it was accepted.
    pub accepted_at: Option<Instant>,
    /// When it was refused.
    pub refused_at: Option<Instant>,
    /// Since when it is here without a connection; none where it has one.
    pub unconnected_since: Option<Instant>,
    /// The folded word that it was found by.
    pub word: String,
}

/// How much a brokerage did here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct DoneSoFar {
    /// Its connections, closed ones included.
    pub connections: i64,
    /// The attempts that it submitted.
    pub attempts: i64,
    /// The checks that were run for it.
    pub checks: i64,
}

/// A brokerage that has no connection yet.
#[derive(Debug, Clone)]
pub struct Unconnected {
    /// Its id.
    pub id: BrokerageId,
    /// Its company.
    pub company: CompanyName,
    /// The person we speak with.
    pub contact: PersonName,
    /// The domain of the address by which it was proven.
    pub proven_domain: MailDomain,
    /// How it came to us.
    pub origin: Origin,
    /// When it was accepted.
    pub accepted_at: Option<Instant>,
    /// When it was refused.
    pub refused_at: Option<Instant>,
    /// Since when it is here.
    pub since: Instant,
    /// How many people can sign in for it.
    pub people: i64,
    /// The invitations that nobody used, took back or replaced: whom, and until when they count.
    pub invitations: Vec<(InvitationId, PersonName, Instant)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: BrokerageId,
    company: CompanyName,
    contact: PersonName,
    proven_domain: MailDomain,
    origin: Origin,
    accepted_at: Option<Instant>,
    refused_at: Option<Instant>,
    unconnected_since: Instant,
    invitation_id: Option<InvitationId>,
    invited: Option<PersonName>,
    expires_at: Option<Instant>,
    people: i64,
}

impl Row {
    fn whole(self) -> Unconnected {
        let invitation = self.invitation_id.zip(self.invited).zip(self.expires_at);
        Unconnected {
            id: self.id,
            company: self.company,
            contact: self.contact,
            proven_domain: self.proven_domain,
            origin: self.origin,
            accepted_at: self.accepted_at,
            refused_at: self.refused_at,
            since: self.unconnected_since,
            people: self.people,
            invitations: invitation.into_iter().map(|((id, who), until)| (id, who, until)).collect(),
        }
    }
}

/// Where a page of the list ended: since when the last one is here, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconnectedPlace(pub Instant, pub String);

impl UnconnectedPlace {
    /// Reads it from an address.
    pub fn parse(text: &str) -> Option<Self> {
        let (since, id) = text.split_once('.')?;
        Some(Self(Instant::from_micros(since.parse().ok()?), BrokerageId::parse(id).ok()?.into()))
    }
}

impl std::fmt::Display for UnconnectedPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.as_micros(), self.1)
    }
}

impl AllBrokerages<'_> {
    /// The brokerages with a word that begins with a folded text, in the order of the words, each once; one more than are
    /// shown where there are more.
    pub async fn brokerages_found(&mut self, text: &str) -> Result<Vec<FoundBrokerage>> {
        let end = format!("{text}{LAST_LETTER}");
        let rows: Vec<FoundBrokerage> =
            on!(self.read.tx, c => sqlx::query_as(FOUND).bind(text).bind(end.as_str()).fetch_all(c).await)?;
        Ok(once_each(rows))
    }

    /// The brokerages with this folded company name, or with somebody of this mail domain; an empty domain is nobody's.
    pub async fn brokerages_alike(&mut self, company: &str, domain: &str) -> Result<Vec<FoundBrokerage>> {
        let rows: Vec<FoundBrokerage> =
            on!(self.read.tx, c => sqlx::query_as(ALIKE).bind(company).bind(domain).fetch_all(c).await)?;
        Ok(once_each(rows))
    }

    /// One brokerage as a search shows it.
    pub async fn brokerage_found(&mut self, id: &BrokerageId) -> Result<Option<FoundBrokerage>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(ONE).bind(id).fetch_optional(c).await)?)
    }

    /// How much a brokerage did here so far.
    pub async fn done_so_far(&mut self, id: &BrokerageId) -> Result<DoneSoFar> {
        Ok(on!(self.read.tx, c => sqlx::query_as(DONE).bind(id).fetch_one(c).await)?)
    }

    /// Those that have no connection yet, the latest first: up to 50 behind a place, and where the next page begins.
    pub async fn unconnected(
        &mut self,
        after: Option<&UnconnectedPlace>,
    ) -> Result<(Vec<Unconnected>, Option<UnconnectedPlace>)> {
        let (since, id) =
            after.map_or((Instant::from_micros(i64::MAX), "~"), |place| (place.0, place.1.as_str()));
        let rows: Vec<Row> =
            on!(self.read.tx, c => sqlx::query_as(UNCONNECTED).bind(since).bind(id).fetch_all(c).await)?;
        let mut all: Vec<Unconnected> = Vec::new();
        for row in rows.into_iter().map(Row::whole) {
            match all.last_mut() {
                Some(last) if last.id == row.id => last.invitations.extend(row.invitations),
                _ => all.push(row),
            }
        }
        let more = all.len() > ROWS;
        all.truncate(ROWS);
        let last = all.last().filter(|_| more);
        let next = last.map(|last| UnconnectedPlace(last.since, last.id.as_str().to_owned()));
        Ok((all, next))
    }

    /// How many have no connection yet, counted to 100.
    pub async fn count_unconnected(&mut self) -> Result<i64> {
        let (count,): (i64,) = on!(self.read.tx, c => sqlx::query_as(COUNT_UNCONNECTED).fetch_one(c).await)?;
        Ok(count)
    }
}

/// Each where the first of its words stands.
fn once_each(rows: Vec<FoundBrokerage>) -> Vec<FoundBrokerage> {
    let mut all: Vec<FoundBrokerage> = Vec::new();
    for row in rows {
        if all.len() > MOST_BESIDE {
            break;
        }
        if !all.iter().any(|one| one.id == row.id) {
            all.push(row);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{Clock, Randomness},
        store::Store,
    };

    /// No table is read from end to end, whatever is searched for.
    #[tokio::test]
    async fn no_text_walks_a_whole_table() {
        let folder = std::env::temp_dir().join(format!("moxi-found-{}", std::process::id()));
        let url = format!("sqlite:{}", folder.join("plans.db").display());
        let store = Store::open(&url, 2, Clock::system(), Randomness::system()).await.expect("opens");
        let mut read = store.read().await.expect("a transaction");
        for text in TEXTS {
            let asked = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<(i64, i64, i64, String)> =
                on!(read.tx, c => sqlx::query_as(asked).fetch_all(c).await).expect("a plan");
            let steps: Vec<&str> = plan.iter().map(|(_, _, _, step)| step.as_str()).collect();
            for table in [
                "brokerages",
                "brokerage_words",
                "invitations",
                "people",
                "connections",
                "attempts",
                "checks",
            ] {
                let whole = |step: &&str| **step == *format!("SCAN {table}");
                assert!(!steps.iter().any(whole), "{text}\n{steps:#?}");
            }
            assert!(steps.iter().any(|step| step.contains("INDEX")), "{text}\n{steps:#?}");
        }
        drop(read);
        store.close().await;
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        let id = BrokerageId::from_random([7; 16]);
        let place = UnconnectedPlace(Instant::from_micros(5), id.as_str().to_owned());
        assert_eq!(UnconnectedPlace::parse(&place.to_string()), Some(place));
        for wrong in ["", "5", "x.brk_1", "5.brk_1", "5.'"] {
            assert_eq!(UnconnectedPlace::parse(wrong), None, "{wrong:?}");
        }
    }
}
