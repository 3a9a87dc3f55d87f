//! A roster: the mailboxes of an office that one credential shall reach.

use super::{
    address::MailAddress,
    check::{CauseId, Verdict},
    ids::{AttemptId, BrokerageId, ConnectionId, EventId, PersonId, RosterId},
    instant::Instant,
    text::is_hidden,
};

/// The most mailboxes of one roster: more than any office has that asks for it, and a table that a browser still sends.
pub const MOST_MAILBOXES: usize = 20_000;

/// The most mailboxes beside a roster that must be refused: a few say whether the scope is there.
pub const MOST_OUTSIDE: usize = 50;

/// A mailbox of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterMailbox {
    /// The line of the table it stands on, counted from 1 as spreadsheets do.
    pub line: u64,
    /// Its address.
    pub mailbox: MailAddress,
    /// Whether it lies outside what the credential may reach: opening it must be refused, and nothing is written to it.
    pub outside: bool,
}

/// How a run over a roster ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RosterEnd {
    /// Every mailbox has a result.
    Done,
    /// A person stopped it.
    Stopped,
    /// The sign-in failed, so that no mailbox was opened.
    NotOpened,
    /// The credential was replaced, or the connection was closed.
    Overtaken,
    /// Something on our side kept it from its end.
    GivenUp,
}

impl RosterEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Done, Self::Stopped, Self::NotOpened, Self::Overtaken, Self::GivenUp];

    /// The word in tables and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::NotOpened => "not_opened",
            Self::Overtaken => "overtaken",
            Self::GivenUp => "given_up",
        }
    }

    /// Reads the word from a table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

/// A roster of a connection, as it stands.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Its id.
    pub id: RosterId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// The connection whose credential opens the mailboxes.
    pub connection_id: ConnectionId,
    /// The attempt that brought that credential.
    pub attempt_id: AttemptId,
    /// How many mailboxes it has, those that must be refused among them.
    pub mailboxes: i64,
    /// How many of them have a result.
    pub done: i64,
    /// Which run it is, from 1.
    pub round: i64,
    /// Who asked for this run.
    pub asked_by: PersonId,
    /// When.
    pub asked_at: Instant,
    /// What the mail about this run's end is known by.
    pub event: EventId,
    /// When a worker took it up last, and how many had a result by then.
    pub taken: Option<(Instant, i64)>,
    /// When a person asked that it stop.
    pub stop_at: Option<Instant>,
    /// When and how the run ended.
    pub ended: Option<(Instant, RosterEnd)>,
    /// Why the sign-in failed.
    pub cause: Option<CauseId>,
}

/// Results before a pace is told: the first ones come in a heap.
const PACE_AFTER: i64 = 5;

impl Roster {
    /// How many seconds the rest takes at the pace so far. `None` while there is no pace yet, and after the end.
    pub fn seconds_left(&self, now: Instant) -> Option<i64> {
        let (at, before) = self.taken.filter(|_| self.ended.is_none())?;
        let (came, elapsed) = (self.done - before, now.since(at).as_micros());
        let elapsed = i64::try_from(elapsed).ok().filter(|elapsed| *elapsed > 0)?;
        let each = (came >= PACE_AFTER).then(|| elapsed / came)?;
        Some(each.saturating_mul(self.mailboxes - self.done) / 1_000_000 + 1)
    }
}

/// What came of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxResult {
    /// The verdict.
    pub verdict: Verdict,
    /// The cause, unless it works.
    pub cause: Option<CauseId>,
}

/// So many mailboxes of a roster came to the same result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterGroup {
    /// Whether they must be refused.
    pub outside: bool,
    /// The result; none of those that wait for it.
    pub verdict: Option<Verdict>,
    /// The cause, unless they work.
    pub cause: Option<CauseId>,
    /// How many they are.
    pub count: i64,
}

/// What came of a roster in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RosterTally {
    /// The mailboxes that shall work.
    pub mailboxes: i64,
    /// Those of them that do.
    pub work: i64,
    /// Those of them that do not.
    pub fail: i64,
    /// The mailboxes that must be refused.
    pub outside: i64,
    /// Those of them that were.
    pub refused: i64,
    /// Those of them that were not, or of which nobody can tell.
    pub wrong: i64,
}

impl RosterTally {
    /// Adds the groups of a roster up.
    pub fn of(groups: &[RosterGroup]) -> Self {
        let mut tally = Self::default();
        for RosterGroup { outside, verdict, count, .. } in groups {
            let (all, good, bad) = if *outside {
                (&mut tally.outside, &mut tally.refused, &mut tally.wrong)
            } else {
                (&mut tally.mailboxes, &mut tally.work, &mut tally.fail)
            };
            *all += count;
            match verdict {
                Some(verdict) if works(*verdict) => *good += count,
                Some(_) => *bad += count,
                None => {}
            }
        }
        tally
    }

    /// The mailboxes that shall work and have no result.
    pub const fn open(&self) -> i64 {
        self.mailboxes - self.work - self.fail
    }

    /// Everything that is not as it must be.
    pub const fn bad(&self) -> i64 {
        self.fail + self.wrong
    }

    /// Everything that has no result.
    pub const fn left(&self) -> i64 {
        self.open() + self.outside - self.refused - self.wrong
    }
}

/// Whether a mailbox with this result does what MoxiEngage needs.
pub const fn works(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Passed | Verdict::PassedWithWarnings)
}

/// A line of a table that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: LineProblem,
    /// What stands there, on one line and cut short; empty where there is nothing to quote.
    pub quote: String,
}

impl BadLine {
    /// So many characters of a line are quoted: a mail address and what stands beside it.
    const QUOTED: usize = 80;

    /// A line as it stands in the table. What does not print is shown as a blank.
    pub fn new(line: u64, problem: LineProblem, text: &str) -> Self {
        let plain: String = text.chars().map(|sign| if is_hidden(sign) { ' ' } else { sign }).collect();
        let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let quote = if words.chars().count() > Self::QUOTED {
            words.chars().take(Self::QUOTED - 1).chain(['…']).collect()
        } else {
            words
        };
        Self { line, problem, quote }
    }

    /// "Line 4, \"no address\", holds something else than a mail address".
    pub fn sentence(&self) -> String {
        let (line, what) = (self.line, self.problem.sentence());
        match self.quote.as_str() {
            "" => format!("Line {line} {what}"),
            quote => format!("Line {line}, \"{quote}\", {what}"),
        }
    }
}

/// Why a line of a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineProblem {
    /// There is no address on it.
    NoAddress,
    /// What stands there is no mail address.
    NotAnAddress,
    /// The same address stands on an earlier line.
    Repeated {
        /// That line.
        first: u64,
    },
    /// It is not text in UTF-8.
    NotText,
    /// It is of a domain that the brokerage may not open mailboxes of.
    OtherDomain,
}

impl LineProblem {
    /// What people read beside the line's number.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoAddress => "has no mail address".to_owned(),
            Self::NotAnAddress => "holds something else than a mail address".to_owned(),
            Self::Repeated { first } => format!("has the same address as line {first}"),
            Self::OtherDomain => {
                "is not of the domain of your own address, the only one we open. Ask us if your office has several"
                    .to_owned()
            }
            Self::NotText => "is not text in UTF-8; save the table as \"CSV UTF-8\"".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_bad_line_is_quoted_on_one_line_and_not_for_ever() {
        let said = |text: &str| BadLine::new(3, LineProblem::NotAnAddress, text).sentence();
        let what = "holds something else than a mail address";
        assert_eq!(said("nobody  at\thome\r\n"), format!("Line 3, \"nobody at home\", {what}"));
        assert_eq!(said("a\u{202e}b\0c"), format!("Line 3, \"a b c\", {what}"));
        assert_eq!(said(" \u{200b} "), format!("Line 3 {what}"));
        let long = said(&"ä".repeat(500));
        assert!(long.contains(&format!("\"{}…\"", "ä".repeat(79))), "{long}");
    }

    #[test]
    fn the_rest_is_told_only_once_there_is_a_pace() {
        let at = Instant::from_micros(0);
        let roster = |done, ended| Roster {
            id: RosterId::from_random([1; 16]),
            brokerage_id: BrokerageId::from_random([1; 16]),
            connection_id: ConnectionId::from_random([1; 16]),
            attempt_id: AttemptId::from_random([1; 16]),
            mailboxes: 100,
            done,
            round: 1,
            asked_by: PersonId::from_random([1; 16]),
            asked_at: at,
            event: EventId::from_random([1; 16]),
            taken: Some((at, 10)),
            stop_at: None,
            ended,
            cause: None,
        };
        let now = at.plus(SignedDuration::from_secs(20));
        assert_eq!(roster(14, None).seconds_left(now), None, "four results are no pace");
        // Ten results in twenty seconds, eighty to come.
        assert_eq!(roster(20, None).seconds_left(now), Some(161));
        assert_eq!(roster(20, None).seconds_left(at), None);
        assert_eq!(roster(20, Some((now, RosterEnd::Stopped))).seconds_left(now), None);
    }
}
