//! Starts the check of all mailboxes of an office: reads the table, keeps its mailboxes and writes the job.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        brokerage::Brokerage,
        ids::{ConnectionId, EventId, JobId, RosterId},
        job::Job,
        kind::AccessKind,
        refused::Refused,
        roster::{BadLine, LineProblem, MOST_OUTSIDE, RosterMailbox},
        scope::Scope,
    },
    store::{NewRoster, NewRosterMailbox},
};

use super::{
    form_answer::FormKey,
    limits::Limit,
    needs::{self, Parked},
    read_roster::{RosterTable, read_roster},
    roster::{address_box, opening_attempt},
};

/// Rosters that a brokerage starts: more than a person mends tables, and too few to keep a mail system busy.
pub(super) const STARTS: Limit =
    Limit { what: "start_roster", window: SignedDuration::from_hours(1), most: 20 };

pub(super) const UNDER_WAY: Refused =
    Refused::Conflict("The mailboxes are being checked already. Stop that first, or wait for its end.");

/// The form as it was sent.
#[derive(Debug, Clone, Default)]
pub struct TypedRoster {
    /// The file's text; empty where none was chosen.
    pub file: String,
    /// What was pasted.
    pub pasted: String,
    /// Addresses of mailboxes that must be refused; may be empty.
    pub outside: String,
    /// Whether lines that cannot be used are left out.
    pub skip_bad_lines: bool,
}

/// What became of the form.
#[derive(Debug)]
pub enum Sent {
    /// The check begins.
    Started(RosterId),
    /// Lines of the table cannot be used, and nobody said to leave them out.
    BadLines {
        /// Those that can.
        good: Vec<RosterMailbox>,
        /// Those that cannot.
        bad: Vec<BadLine>,
    },
}

/// Starts it. The same form again gives the same roster and starts nothing.
///
/// Errs with the fields to mend, with a conflict while an earlier roster is being checked or the connection has no
/// sign-in that works, and when it was done too often.
pub async fn start_roster(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    typed: &TypedRoster,
    key: &FormKey,
) -> Result<Sent, Refused> {
    let office = Office::of(app, scope, id).await?;
    let mailboxes = match read(typed, &office)? {
        Read::Good(mailboxes) => mailboxes,
        Read::BadLines { good, bad } => return Ok(Sent::BadLines { good, bad }),
    };
    let started = match try_start(app, scope, id, &mailboxes, key).await {
        Ok(started) => started,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    RosterId::parse(&started).map(Sent::Started).map_err(|_| Refused::Fault(String::new()))
}

/// Whose mailboxes they are, and how they are reached.
struct Office {
    brokerage: Brokerage,
    kind: AccessKind,
}

impl Office {
    async fn of(app: &App, scope: &Scope, id: &ConnectionId) -> Result<Self, Refused> {
        let mut read = app.store.read().await?;
        let connection = read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
        let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
        Ok(Self { brokerage, kind: connection.kind })
    }

    /// Takes those out of a table that the brokerage may not open.
    fn narrowed(&self, table: RosterTable) -> RosterTable {
        let may_open = |one: &RosterMailbox| self.brokerage.may_open(self.kind, &one.mailbox);
        let (mailboxes, others): (Vec<_>, Vec<_>) = table.mailboxes.into_iter().partition(may_open);
        let mut bad = table.bad;
        let other =
            |one: RosterMailbox| BadLine::new(one.line, LineProblem::OtherDomain, one.mailbox.as_str());
        bad.extend(others.into_iter().map(other));
        bad.sort_by_key(|bad| bad.line);
        RosterTable { mailboxes, bad }
    }
}

impl Office {
    /// The mailboxes that must be refused; errs with why one cannot stand there.
    fn outside(&self, typed: &str, table: &RosterTable) -> Result<Vec<RosterMailbox>, Refused> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        let wrong = |sentence: &str| Refused::field("outside", capital(sentence));
        if !can_limit(self.kind) {
            return Err(wrong("Google Workspace cannot limit this to some mailboxes. Leave this empty"));
        }
        let read = read_roster(typed.as_bytes()).map_err(|problem| wrong(&problem.to_string()))?;
        let RosterTable { mailboxes, bad } = self.narrowed(read);
        if let Some(bad) = bad.first() {
            return Err(wrong(&bad.sentence()));
        }
        if mailboxes.len() > MOST_OUTSIDE {
            return Err(wrong(&format!("name at most {MOST_OUTSIDE} mailboxes that must be refused")));
        }
        let wanted: BTreeSet<String> = table.mailboxes.iter().map(|one| one.mailbox.key()).collect();
        match mailboxes.iter().find(|one| wanted.contains(&one.mailbox.key())) {
            Some(both) => Err(wrong(&format!("{} stands in both lists", both.mailbox.as_str()))),
            None => Ok(mailboxes.into_iter().map(|one| RosterMailbox { outside: true, ..one }).collect()),
        }
    }
}

/// Whether a kind's credential can be limited to some mailboxes of the office.
pub const fn can_limit(kind: AccessKind) -> bool {
    !matches!(kind, AccessKind::GoogleDelegated | AccessKind::GoogleKey)
}

/// What the form holds.
enum Read {
    Good(Vec<RosterMailbox>),
    BadLines { good: Vec<RosterMailbox>, bad: Vec<BadLine> },
}

/// Reads the table; errs with why it cannot be used.
fn read(typed: &TypedRoster, office: &Office) -> Result<Read, Refused> {
    let wrong = |sentence: &str| Refused::field("table", capital(sentence));
    let text = text_of(typed).map_err(wrong)?;
    let table = read_roster(text.as_bytes()).map_err(|problem| wrong(&problem.to_string()))?;
    let outside = office.outside(&typed.outside, &table)?;
    let RosterTable { mut mailboxes, bad } = office.narrowed(table);
    // Where no line is left there is nothing to go on with.
    if !bad.is_empty() && (mailboxes.is_empty() || !typed.skip_bad_lines) {
        return Ok(Read::BadLines { good: mailboxes, bad });
    }
    mailboxes.extend(outside);
    Ok(Read::Good(mailboxes))
}

fn text_of(typed: &TypedRoster) -> Result<&str, &'static str> {
    match (typed.file.trim().is_empty(), typed.pasted.trim().is_empty()) {
        (true, true) => Err("Choose a file, or paste the addresses"),
        (false, true) => Ok(&typed.file),
        (false, false) => Err("Choose a file or paste the addresses, not both"),
        (true, false) => Ok(&typed.pasted),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

async fn try_start(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    table: &[RosterMailbox],
    key: &FormKey,
) -> Result<String, Refused> {
    let mut read = app.store.read().await?;
    if let Some(answer) = key.answered(&mut read, scope).await? {
        return Ok(answer);
    }
    drop(read);
    let roster = app.new_id(RosterId::from_random);
    let (event, job) = (app.new_id(EventId::from_random), app.new_id(JobId::from_random));
    let mailboxes = boxed(app, &roster, table)?;
    STARTS.of(app, scope.brokerage.as_str()).press(app.store.write().await?).await?;
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let attempt = opening_attempt(&mut write, &connection).await?;
    let earlier = write.roster_of(&scope.brokerage, id).await?;
    if earlier.is_some_and(|earlier| earlier.ended.is_none()) {
        return Err(UNDER_WAY);
    }
    let new = NewRoster {
        id: &roster,
        brokerage: &scope.brokerage,
        connection: id,
        attempt: &attempt.id,
        asked_by: &scope.person,
        event: &event,
        mailboxes: &mailboxes,
    };
    write.replace_roster(&new).await?;
    let now = write.now();
    write.enqueue(job, &Job::CheckRoster(roster.clone()), Some(&scope.brokerage), now).await?;
    needs::settle(&mut write, id, Parked::Over).await?;
    key.note(&mut write, scope, roster.as_str()).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "roster.start", id.as_str())
        .of(&scope.brokerage)
        .with("attempt", attempt.id.as_str())
        .with("mailboxes", mailboxes.len().to_string());
    write.commit(&[line]).await?;
    Ok(roster.as_str().to_owned())
}

/// The rows of the mailboxes, in the order of the table.
fn boxed(app: &App, roster: &RosterId, table: &[RosterMailbox]) -> Result<Vec<NewRosterMailbox>, Refused> {
    let row = |(seq, one): (i64, &RosterMailbox)| {
        let line = i64::try_from(one.line).unwrap_or(i64::MAX);
        let address_box = address_box(app, roster, seq, &one.mailbox)?;
        Ok(NewRosterMailbox { line, address_box, outside: one.outside })
    };
    (1..).zip(table).map(row).collect()
}
