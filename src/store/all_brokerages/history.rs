//! What happened to one connection: its checks, notes, mails and audit lines, each with who did it.

use super::reader::AllBrokerages;
use crate::domain::{
    check::Check,
    ids::{AuditId, BrokerageId, CheckId, ConnectionId, InvitationId, MailId, NoteId},
    instant::Instant,
    invitation::InvitationEnd,
    mail::{MailKind, MailState},
    reference::Reference,
    review::NoteKind,
    text::PersonName,
};
use crate::store::{
    checks::CheckRow,
    dialect::on,
    error::{Result, StoreError},
};

const CHECKS: &str = "
SELECT checks.id, checks.attempt_id, checks.connection_id, checks.brokerage_id, checks.origin, checks.reason, checks.run,
    checks.rung, checks.retries, checks.created_at, checks.due_at, checks.started_at,
    verdicts.verdict, verdicts.cause, verdicts.warnings, verdicts.decided_at,
    staff.name AS staff_name, people.name AS person_name
FROM checks
LEFT JOIN verdicts ON verdicts.check_id = checks.id
LEFT JOIN staff ON staff.id = checks.staff_id
LEFT JOIN people ON people.id = checks.requested_by
WHERE checks.connection_id = $1
ORDER BY checks.created_at DESC, checks.due_at DESC, checks.id DESC
LIMIT $2";

const CHECK: &str = "
SELECT checks.id, checks.attempt_id, checks.connection_id, checks.brokerage_id, checks.origin, checks.reason, checks.run,
    checks.rung, checks.retries, checks.created_at, checks.due_at, checks.started_at,
    verdicts.verdict, verdicts.cause, verdicts.warnings, verdicts.decided_at,
    staff.name AS staff_name, people.name AS person_name
FROM checks
LEFT JOIN verdicts ON verdicts.check_id = checks.id
LEFT JOIN staff ON staff.id = checks.staff_id
LEFT JOIN people ON people.id = checks.requested_by
WHERE checks.connection_id = $1 AND checks.id = $2";

const NOTES: &str = "
SELECT notes.id, notes.kind, notes.text_box, notes.created_at, staff.name AS staff_name
FROM notes
JOIN staff ON staff.id = notes.staff_id
WHERE notes.connection_id = $1 AND (notes.created_at, notes.id) < ($2, $3)
ORDER BY notes.created_at DESC, notes.id DESC
LIMIT 51";

/// What mails and audit lines of a connection are about: the connection, its brokerage as such, its attempts and checks, what
/// was asked and seen.
/// Whatever else the tables hold, they are reached by these ids alone: hence the order that is no index's.
macro_rules! things {
    () => {
        "(
    SELECT CAST($1 AS TEXT) AS id
    UNION ALL
    SELECT brokerage_id FROM connections WHERE id = $1
    UNION ALL
    SELECT id FROM attempts WHERE connection_id = $1
    UNION ALL
    SELECT id FROM checks WHERE connection_id = $1
    UNION ALL
    SELECT event_id FROM rosters WHERE connection_id = $1
    UNION ALL
    SELECT id FROM questions WHERE connection_id = $1
    UNION ALL
    SELECT id FROM access_requests WHERE connection_id = $1
    UNION ALL
    SELECT access_looks.id
    FROM access_looks
    JOIN access_requests ON access_requests.id = access_looks.request_id
    WHERE access_requests.connection_id = $1
) AS things"
    };
}

const MAILS: &str = concat!(
    "
SELECT mails.id, mails.kind, mails.state, mails.sends, mails.created_at, mails.changed_at, mails.recipient_box,
    mails.reply_box, mails.event_id, mails.message_box
FROM ",
    things!(),
    "
CROSS JOIN mails
WHERE mails.about = things.id AND (mails.created_at, mails.id) < ($2, $3)
ORDER BY mails.created_at + 0 DESC, mails.id DESC
LIMIT 51"
);

const AUDIT: &str = concat!(
    "
SELECT page.id, page.at, page.actor, page.verb, page.detail, staff.name AS staff_name, people.name AS person_name
FROM (
    SELECT audit.id, audit.at, audit.actor, audit.actor_id, audit.verb, audit.detail
    FROM ",
    things!(),
    "
    CROSS JOIN audit
    WHERE audit.object = things.id AND (audit.at, audit.id) < ($2, $3)
    ORDER BY audit.at + 0 DESC, audit.id DESC
    LIMIT 51
) AS page
LEFT JOIN staff ON staff.id = page.actor_id
LEFT JOIN people ON people.id = page.actor_id
ORDER BY page.at DESC, page.id DESC"
);

/// How much was written about it since a time: enough to know that something was.
const LINES_SINCE: &str = concat!(
    "
SELECT COUNT(*)
FROM (
    SELECT 1 AS one
    FROM ",
    things!(),
    "
    CROSS JOIN audit
    WHERE audit.object = things.id AND audit.at > $2
    LIMIT 1000
) AS counted"
);

const INVITATIONS: &str = "
SELECT invitations.id, invitations.contact, invitations.address_box, invitations.created_at, invitations.expires_at,
    invitations.ended_at, invitations.ended_by, COALESCE(staff.name, people.name) AS invited_by
FROM invitations
LEFT JOIN staff ON staff.id = invitations.invited_by
LEFT JOIN people ON people.id = invitations.invited_by_person
WHERE invitations.brokerage_id = $1
ORDER BY invitations.created_at DESC, invitations.id DESC
LIMIT 50";

/// How many lines of a brokerage a page looks at to find those that it tells.
pub const LOOKED: i64 = 500;

// Whatever happened in a brokerage, whichever of its things it happened to. Who signed in and out is the audit's. The last line
// that was looked at comes along in any case: the next page begins there.
const STORY: &str = "
WITH looked AS (
    SELECT id, at, actor, actor_id, verb, object, detail,
        verb NOT IN ('person.sign_in', 'person.sign_out', 'session.end', 'sign_in.ask', 'sign_in.prove') AS told
    FROM audit
    WHERE brokerage_id = $1 AND (at, id) < ($2, $3)
    ORDER BY at DESC, id DESC
    LIMIT 500
)
SELECT page.id, page.at, page.actor, page.verb, page.detail, page.told, page.looked, staff.name AS staff_name,
    people.name AS person_name, connections.id AS connection_id, connections.reference
FROM (
    SELECT id, at, actor, actor_id, verb, object, detail, told, (SELECT COUNT(*) FROM looked) AS looked
    FROM looked
    WHERE told OR id = (SELECT id FROM looked ORDER BY at, id LIMIT 1)
    ORDER BY at DESC, id DESC
    LIMIT 51
) AS page
LEFT JOIN staff ON staff.id = page.actor_id
LEFT JOIN people ON people.id = page.actor_id
LEFT JOIN checks ON checks.id = page.object
LEFT JOIN attempts ON attempts.id = page.object
LEFT JOIN connections ON connections.id = COALESCE(checks.connection_id, attempts.connection_id, page.object)
ORDER BY page.at DESC, page.id DESC";

const STORY_MAILS: &str = "
SELECT id, kind, state, sends, created_at, changed_at, recipient_box, reply_box, event_id, message_box
FROM mails
WHERE brokerage_id = $1 AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC
LIMIT 51";

const STORY_NOTES: &str = "
SELECT notes.id, notes.kind, notes.text_box, notes.created_at, staff.name AS staff_name
FROM notes
JOIN staff ON staff.id = notes.staff_id
WHERE notes.brokerage_id = $1 AND (notes.created_at, notes.id) < ($2, $3)
ORDER BY notes.created_at DESC, notes.id DESC
LIMIT 51";

const ACCEPTED_BY: &str = "
SELECT staff.name
FROM audit
JOIN staff ON staff.id = audit.actor_id
WHERE audit.object = $1 AND audit.verb IN ('brokerage.accept', 'brokerage.invite')
ORDER BY audit.at DESC, audit.id DESC
LIMIT 1";

const COLLEAGUE: &str = "SELECT name FROM staff WHERE id = $1";

// Who handed it over to whoever has it; nobody where they took it themselves.
const HANDED_BY: &str = "
SELECT audit.verb, staff.name
FROM audit
JOIN staff ON staff.id = audit.actor_id
WHERE audit.object = $1 AND audit.verb IN ('item.take', 'item.hand_over')
ORDER BY audit.at DESC, audit.id DESC
LIMIT 1";

pub(super) const TEXTS: &[&str] = &[
    CHECKS,
    CHECK,
    NOTES,
    MAILS,
    AUDIT,
    LINES_SINCE,
    INVITATIONS,
    STORY,
    STORY_MAILS,
    STORY_NOTES,
    ACCEPTED_BY,
    COLLEAGUE,
    HANDED_BY,
];

/// A check with who asked for it.
#[derive(Debug, Clone)]
pub struct CheckEntry {
    /// The check.
    pub check: Check,
    /// Which of our own people asked for it.
    pub staff: Option<String>,
    /// Which person of the brokerage did.
    pub person: Option<PersonName>,
}

#[derive(sqlx::FromRow)]
struct CheckEntryRow {
    #[sqlx(flatten)]
    check: CheckRow,
    staff_name: Option<String>,
    person_name: Option<PersonName>,
}

impl TryFrom<CheckEntryRow> for CheckEntry {
    type Error = StoreError;

    fn try_from(row: CheckEntryRow) -> Result<Self> {
        let check = Check::try_from(row.check)?;
        Ok(Self { check, staff: row.staff_name, person: row.person_name })
    }
}

/// A note.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct NoteEntry {
    /// Its id.
    pub id: NoteId,
    /// What sort of note it is.
    pub kind: NoteKind,
    /// What it says, encrypted.
    pub text_box: Vec<u8>,
    /// When it was left.
    pub created_at: Instant,
    /// Who left it.
    pub staff_name: String,
}

/// A mail of the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailEntry {
    /// Its id.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// How often it began to leave.
    pub sends: i64,
    /// When it was written.
    pub created_at: Instant,
    /// When its state last changed.
    pub changed_at: Instant,
    /// The recipient's address, encrypted.
    pub recipient_box: Vec<u8>,
    /// What the mail server said, encrypted.
    pub reply_box: Option<Vec<u8>>,
    /// The event it tells of.
    pub event_id: String,
    /// The finished bytes, encrypted, until retention drops them.
    pub message_box: Option<Vec<u8>>,
}

/// An audit line with the names of who acted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When it happened.
    pub at: Instant,
    /// Who acted: `person`, `staff`, `system`, `anonymous`.
    pub actor: String,
    /// What they did.
    pub verb: String,
    /// More, as a JSON object.
    pub detail: String,
    /// The name of our own person who acted.
    pub staff_name: Option<String>,
    /// The name of the brokerage's person who acted.
    pub person_name: Option<PersonName>,
    /// The name of the colleague to whom it was handed over.
    #[sqlx(default)]
    pub to_name: Option<String>,
}

/// An audit line of a brokerage with the connection that it is about.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoryEntry {
    /// The line.
    #[sqlx(flatten)]
    pub line: AuditEntry,
    /// Whether the story tells it; the last line that was looked at comes along where it does not.
    pub told: bool,
    /// How many lines were looked at.
    pub looked: i64,
    /// The connection.
    pub connection_id: Option<ConnectionId>,
    /// What people quote of it.
    pub reference: Option<Reference>,
}

/// An invitation with who invited.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InvitationEntry {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub contact: PersonName,
    /// Their address, encrypted.
    pub address_box: Vec<u8>,
    /// When.
    pub created_at: Instant,
    /// Until when it counts.
    pub expires_at: Instant,
    /// When it ended before that.
    pub ended_at: Option<Instant>,
    /// How it ended before that.
    pub ended_by: Option<InvitationEnd>,
    /// Who invited.
    pub invited_by: String,
}

impl AllBrokerages<'_> {
    /// The latest checks of a connection, of every attempt of it, latest first.
    pub async fn checks_of(&mut self, id: &ConnectionId, most: i64) -> Result<Vec<CheckEntry>> {
        let rows: Vec<CheckEntryRow> =
            on!(self.read.tx, c => sqlx::query_as(CHECKS).bind(id).bind(most).fetch_all(c).await)?;
        rows.into_iter().map(CheckEntry::try_from).collect()
    }

    /// One check of a connection; `None` when it is no check of it.
    pub async fn check_of(&mut self, id: &ConnectionId, check: &CheckId) -> Result<Option<CheckEntry>> {
        let row: Option<CheckEntryRow> =
            on!(self.read.tx, c => sqlx::query_as(CHECK).bind(id).bind(check).fetch_optional(c).await)?;
        row.map(CheckEntry::try_from).transpose()
    }

    /// The notes about a connection that were left before a place, latest first; one more than a page has.
    pub async fn notes_before(
        &mut self,
        id: &ConnectionId,
        place: (Instant, &str),
    ) -> Result<Vec<NoteEntry>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(NOTES)
            .bind(id).bind(place.0).bind(place.1)
            .fetch_all(c).await)?)
    }

    /// The mails about a connection that were written before a place, latest first; one more than a page has.
    pub async fn mails_before(
        &mut self,
        id: &ConnectionId,
        place: (Instant, &str),
    ) -> Result<Vec<MailEntry>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(MAILS)
            .bind(id).bind(place.0).bind(place.1)
            .fetch_all(c).await)?)
    }

    /// The audit lines before a place about a connection, its attempts, checks and looks, latest first; one more than a page
    /// has.
    pub async fn audit_before(
        &mut self,
        id: &ConnectionId,
        place: (Instant, &str),
    ) -> Result<Vec<AuditEntry>> {
        let mut lines: Vec<AuditEntry> = on!(self.read.tx, c => sqlx::query_as(AUDIT)
            .bind(id).bind(place.0).bind(place.1)
            .fetch_all(c).await)?;
        for line in &mut lines {
            self.name_colleague(line).await?;
        }
        Ok(lines)
    }

    /// How many audit lines there are about a connection, its brokerage as such, its attempts, checks and looks since a time;
    /// counted to 1,000.
    pub async fn lines_since(&mut self, id: &ConnectionId, since: Instant) -> Result<i64> {
        let (lines,): (i64,) =
            on!(self.read.tx, c => sqlx::query_as(LINES_SINCE).bind(id).bind(since).fetch_one(c).await)?;
        Ok(lines)
    }

    /// Whoever got it is an id in the line.
    async fn name_colleague(&mut self, line: &mut AuditEntry) -> Result<()> {
        if line.verb != "item.hand_over" {
            return Ok(());
        }
        let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap_or_default();
        let to = detail.get("to").and_then(serde_json::Value::as_str).unwrap_or_default();
        let row: Option<(String,)> =
            on!(self.read.tx, c => sqlx::query_as(COLLEAGUE).bind(to).fetch_optional(c).await)?;
        line.to_name = row.map(|(name,)| name);
        Ok(())
    }

    /// Which of our own people handed a connection over to whoever has it; `None` where they took it.
    pub async fn handed_by(&mut self, id: &ConnectionId) -> Result<Option<String>> {
        let row: Option<(String, String)> =
            on!(self.read.tx, c => sqlx::query_as(HANDED_BY).bind(id).fetch_optional(c).await)?;
        Ok(row.filter(|(verb, _)| verb == "item.hand_over").map(|(_, name)| name))
    }

    /// What happened in a brokerage before a place, latest first; one more than a page has. At most [`LOOKED`] lines are
    /// looked at, and the last of them is among those that come back.
    pub async fn story_before(
        &mut self,
        brokerage: &BrokerageId,
        place: (Instant, &str),
    ) -> Result<Vec<StoryEntry>> {
        let mut lines: Vec<StoryEntry> = on!(self.read.tx, c => sqlx::query_as(STORY)
            .bind(brokerage).bind(place.0).bind(place.1)
            .fetch_all(c).await)?;
        for told in &mut lines {
            self.name_colleague(&mut told.line).await?;
        }
        Ok(lines)
    }

    /// The mails to a brokerage, and about it to us, that were written before a place, latest first; one more than a page
    /// has.
    pub async fn story_mails_before(
        &mut self,
        brokerage: &BrokerageId,
        place: (Instant, &str),
    ) -> Result<Vec<MailEntry>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(STORY_MAILS)
            .bind(brokerage).bind(place.0).bind(place.1)
            .fetch_all(c).await)?)
    }

    /// The notes about a brokerage and its connections that were left before a place, latest first; one more than a page
    /// has.
    pub async fn story_notes_before(
        &mut self,
        brokerage: &BrokerageId,
        place: (Instant, &str),
    ) -> Result<Vec<NoteEntry>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(STORY_NOTES)
            .bind(brokerage).bind(place.0).bind(place.1)
            .fetch_all(c).await)?)
    }

    /// Which of our own people accepted a brokerage, or invited it, which accepts it.
    pub async fn accepted_by(&mut self, brokerage: &BrokerageId) -> Result<Option<String>> {
        let row: Option<(String,)> =
            on!(self.read.tx, c => sqlx::query_as(ACCEPTED_BY).bind(brokerage).fetch_optional(c).await)?;
        Ok(row.map(|(name,)| name))
    }

    /// The latest invitations to a brokerage, latest first.
    pub async fn invitations_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<InvitationEntry>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(INVITATIONS).bind(brokerage).fetch_all(c).await)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{Clock, Randomness},
        store::Store,
    };

    /// What a page of a timeline reads, it finds by the ids of its connection: no table is read from end to end, and none
    /// by time.
    #[tokio::test]
    async fn no_text_of_a_timeline_grows_with_a_table() {
        let folder = std::env::temp_dir().join(format!("moxi-timeline-{}", std::process::id()));
        let url = format!("sqlite:{}", folder.join("plans.db").display());
        let store = Store::open(&url, 2, Clock::system(), Randomness::system()).await.expect("opens");
        let mut read = store.read().await.expect("a transaction");
        for (text, index) in [
            (CHECKS, "checks_by_connection"),
            (NOTES, "notes_by_connection"),
            (MAILS, "mails_by_what"),
            (AUDIT, "audit_by_thing"),
            (STORY, "audit_by_brokerage"),
            (STORY_MAILS, "mails_by_brokerage"),
            (STORY_NOTES, "notes_by_brokerage"),
        ] {
            let asked = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<(i64, i64, i64, String)> =
                on!(read.tx, c => sqlx::query_as(asked).fetch_all(c).await).expect("a plan");
            let steps: Vec<&str> = plan.iter().map(|(_, _, _, step)| step.as_str()).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{index}: {steps:#?}");
            let own = |step: &str| {
                ["CONSTANT ROW", "SCAN things", "SCAN page", "SCAN looked"]
                    .iter()
                    .any(|one| step.contains(one))
            };
            assert!(!steps.iter().any(|step| step.contains("SCAN ") && !own(step)), "{text}\n{steps:#?}");
        }
        drop(read);
        store.close().await;
        let _ = std::fs::remove_dir_all(folder);
    }
}
