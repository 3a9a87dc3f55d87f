//! Reads everything that the page of a connection shows to our own people.

use super::{
    access_block::AccessBlock,
    news::News,
    questions::Asked,
    roster::{RosterView, read_roster},
    shared_key_view::SharedKey,
    timeline::Stretch,
};
use crate::{
    actions::{
        allow_names::REASON_BOX,
        close_connection::CLOSE_WORDS_BOX,
        draft::open_settings,
        leave_note::NOTE_BOX,
        left_items::{StillThere, still_there},
        progress::{EndedStep, opened_steps},
    },
    app::App,
    domain::{
        attempt::Attempt,
        brokerage::Brokerage,
        connection::Connection,
        credential::CredentialSettings,
        ids::{AttemptId, BrokerageId, ConnectionId},
        instant::Instant,
        refused::Refused,
        review::NoteText,
        staff::{StaffRole, StaffScope},
        text::PersonName,
    },
    store::{
        AllowedNames, Colleague, MaySent, Read, StoredDecision,
        all_brokerages::{CheckEntry, Review},
    },
};

/// So many of the latest checks are shown.
const MOST: i64 = 100;
/// So many of the latest checks are shown with their steps.
const WITH_STEPS: usize = 8;

/// An attempt with its settings and who submitted it.
pub(super) struct Tried {
    pub(super) attempt: Attempt,
    pub(super) settings: CredentialSettings,
    pub(super) by: Option<PersonName>,
    /// Who of our own people allowed its names again, when, and why.
    pub(super) allowed: Option<(String, Instant, NoteText)>,
}

/// A check with its steps; none where only its verdict is shown.
pub(super) struct Checked {
    pub(super) entry: CheckEntry,
    pub(super) steps: Option<Vec<EndedStep>>,
}

/// A wish to decide by hand, with its reason.
pub(super) struct Wished {
    pub(super) stored: StoredDecision,
    pub(super) reason: NoteText,
}

/// Everything the page is made of.
pub(super) struct Case {
    pub(super) scope: StaffScope,
    pub(super) brokerage: Brokerage,
    pub(super) connection: Connection,
    pub(super) review: Review,
    /// Who handed it over to whoever has it.
    pub(super) handed_by: Option<String>,
    /// Those it can be handed over to.
    pub(super) colleagues: Vec<Colleague>,
    /// First one first.
    pub(super) attempts: Vec<Tried>,
    /// Latest one first.
    pub(super) checks: Vec<Checked>,
    /// Whether the credential in use, or answers that nobody has submitted, are being checked.
    pub(super) checked_beside: bool,
    /// What of ours may still be in its mailboxes.
    pub(super) left: Vec<StillThere>,
    /// Its checks that may have sent something, the latest first.
    pub(super) sent: Vec<MaySent>,
    /// Who else has its key.
    pub(super) shared_key: Option<SharedKey>,
    /// What happened last.
    pub(super) stretch: Stretch,
    /// The check of all its mailboxes, where there was one.
    pub(super) roster: Option<RosterView>,
    /// Who asked to see its secrets, and the form that asks.
    pub(super) access: AccessBlock,
    /// What was decided by hand, or is wanted; first one first.
    pub(super) wishes: Vec<Wished>,
    /// Until when the link works that somebody of its office was sent last; none where none works.
    pub(super) invited: Option<Instant>,
    /// How many people of its office can sign in.
    pub(super) people: usize,
    /// What its office said when it closed the connection.
    pub(super) close_words: String,
    /// Where its page hears that something happened.
    pub(super) news: News,
    /// Whether single letters do something on its page.
    pub(super) keys: bool,
    pub(super) now: Instant,
}

/// Reads it. Errs with `NotFound` when there is no such connection.
pub(super) async fn read_case(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<Case, Refused> {
    let mut read = app.store.read().await?;
    let mut all = read.all_brokerages(scope)?;
    let whose = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let news = News::of_connection(&mut all, id, app.clock.now()).await?;
    let review = all.review(id).await?.ok_or(Refused::NotFound)?;
    let handed_by = if review.taken.is_some() { all.handed_by(id).await? } else { None };
    let entries = all.checks_of(id, MOST).await?;
    let invitations = all.invitations_of(&whose).await?;
    let colleagues = read.staff_beside(StaffRole::Auditor).await?;
    let keys = read.staff_keys(&scope.staff).await?;
    let connection = read.connection(&whose, id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
    let stored = read.attempts_of(&whose, id).await?;
    let mut attempts = Vec::with_capacity(stored.len());
    let allowances = read.names_allowed(&whose).await?;
    for stored in stored {
        let by = read.all_brokerages(scope)?.name_of(&stored.attempt.submitted_by).await?;
        let settings = open_settings(app, &stored.attempt.id, &stored.settings_box)?;
        let of_attempt =
            |it: &&AllowedNames| it.connection_id == *id && it.attempt_number == stored.attempt.number;
        let allowed = match allowances.iter().find(of_attempt) {
            Some(it) => {
                let why = app.from_box(REASON_BOX, id.as_str(), &it.reason_box)?;
                Some((it.staff_name.clone(), it.allowed_at, why))
            }
            None => None,
        };
        attempts.push(Tried { attempt: stored.attempt, settings, by, allowed });
    }
    let checked_beside = read.is_checked_beside(id).await?;
    let mut checks = Vec::with_capacity(entries.len());
    // Tests before a submission belong to no attempt: the timeline tells of them.
    for entry in entries.into_iter().filter(|entry| entry.check.attempt_id.is_some()) {
        let steps = if checks.len() < WITH_STEPS {
            let rows = read.steps_above(&entry.check.id, entry.check.run, 0).await?;
            Some(opened_steps(app, &entry.check.id, rows)?)
        } else {
            None
        };
        checks.push(Checked { entry, steps });
    }
    let shared_key = SharedKey::read(app, &mut read, scope, id).await?;
    let questions = questions_about(app, &mut read, &whose, id).await?;
    let stretch = Stretch::read(app, &mut read.all_brokerages(scope)?, id, &questions, None).await?;
    let roster = match read.roster_of(&whose, id).await? {
        Some(roster) => Some(read_roster(app, &mut read, &roster, app.clock.now()).await?),
        None => None,
    };
    let of_attempt = |id: &AttemptId| {
        attempts.iter().find(|tried: &&Tried| tried.attempt.id == *id).map(|tried| tried.settings.clone())
    };
    let left = still_there(app, &mut read, &whose, id, of_attempt).await?;
    let submitted: Vec<&Attempt> = attempts.iter().map(|tried| &tried.attempt).collect();
    let now = app.clock.now();
    let access = AccessBlock::read(app, &mut read, scope, (&whose, id), &submitted, now).await?;
    let people = read.people_of(&whose).await?.len();
    let open = invitations.iter().filter(|one| one.ended_by.is_none() && one.expires_at > read.now());
    let invited = open.map(|one| one.expires_at).max();
    let wishes = read.decisions_of(&whose, id).await?;
    let sent = read.may_have_sent(id).await?;
    let words = read.close_words(&whose, id).await?;
    let words = words.map(|words| app.from_box(CLOSE_WORDS_BOX, id.as_str(), &words)).transpose()?;
    drop(read);
    Ok(Case {
        close_words: words.unwrap_or_default(),
        checked_beside,
        left,
        sent,
        shared_key,
        people,
        invited,
        wishes: wishes.into_iter().map(|stored| wished(app, stored)).collect::<Result<_, _>>()?,
        scope: scope.clone(),
        brokerage,
        connection,
        review,
        handed_by,
        colleagues,
        attempts,
        checks,
        stretch,
        roster,
        access,
        news,
        keys,
        now,
    })
}

fn wished(app: &App, stored: StoredDecision) -> Result<Wished, Refused> {
    let reason = app.from_box(NOTE_BOX, stored.note.as_str(), &stored.text_box)?;
    Ok(Wished { stored, reason })
}

/// What the office asked about a connection.
pub(super) async fn questions_about(
    app: &App,
    read: &mut Read,
    brokerage: &BrokerageId,
    id: &ConnectionId,
) -> Result<Vec<Asked>, Refused> {
    let questions = read.questions_of(brokerage).await?.into_iter();
    let own = questions.filter(|stored| stored.connection_id.as_ref() == Some(id));
    own.map(|stored| Asked::open(app, stored)).collect()
}
