//! The timeline of a connection: events, mails and notes in one list, the latest first.

use std::cmp::{Ordering, Reverse};

use crate::{
    actions::{
        cause_words::CauseWords, leave_note::NOTE_BOX, outbox::RECIPIENT_BOX, send_again::subject_of,
        send_mail::REPLY_BOX,
    },
    app::App,
    domain::{
        address::MailAddress,
        cause::Names,
        check::CauseId,
        check_reason::CheckReason,
        connection::CloseReason,
        dates,
        ids::ConnectionId,
        instant::Instant,
        mail::MailState,
        refused::Refused,
        review::{NoteText, SentFinding},
    },
    http::{pages::portal::status_view::Moment, urls},
    store::all_brokerages::{AllBrokerages, AuditEntry, MailEntry, NoteEntry},
};

use super::{mail_words, questions::Asked};

/// A note with its text.
pub(super) struct Noted {
    pub(super) entry: NoteEntry,
    pub(super) text: NoteText,
}

/// A mail with its recipient and what the mail server said.
pub(super) struct Mailed {
    pub(super) entry: MailEntry,
    pub(super) to: MailAddress,
    pub(super) reply: Option<String>,
    /// Its subject, while its bytes are kept.
    pub(super) subject: Option<String>,
}

/// One entry.
pub(super) struct Entry {
    pub(super) at: Instant,
    pub(super) moment: Moment,
    /// `ok`, `bad` or nothing.
    pub(super) look: &'static str,
    pub(super) title: String,
    /// Who did it, or to whom it went.
    pub(super) who: String,
    /// What they wrote, or what a server said.
    pub(super) text: String,
    /// Where there is more of it.
    pub(super) link: Option<String>,
    /// Where it stands among all of them.
    pub(super) place: Place,
    /// Of a mail to our own people: what it tells, and to whom it went.
    pub(super) to_us: Option<ToUs>,
}

/// Mails to our own people about one event stand in one line.
pub(super) struct ToUs {
    event: String,
    subject: String,
    to: Vec<String>,
}

/// Where an entry stands: the latest first; what happened at the same time by its sort, then by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    at: Reverse<Instant>,
    sort: Sort,
    id: Reverse<String>,
}

/// What sort of entry it is, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Event,
    Mail,
    Note,
    Question,
}

/// Behind every id: no letter of one comes after it.
const LAST_ID: &str = "~";

impl Place {
    const fn new(at: Instant, sort: Sort, id: String) -> Self {
        Self { at: Reverse(at), sort, id: Reverse(id) }
    }

    /// Before everything: where the first page begins.
    pub(super) fn first() -> Self {
        Self::new(Instant::from_micros(i64::MAX), Sort::Event, LAST_ID.to_owned())
    }

    /// Reads a place from an address: the time, the sort, the id.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (at, sort, id) = (parts.next()?, parts.next()?, parts.next()?);
        let sort = match sort {
            "0" => Sort::Event,
            "1" => Sort::Mail,
            "2" => Sort::Note,
            "3" => Sort::Question,
            _ => return None,
        };
        let plain = id.len() <= 40 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let at = at.parse().ok().filter(|at| *at >= 0)?;
        plain.then(|| Self::new(Instant::from_micros(at), sort, id.to_owned()))
    }

    /// The same as the place behind which rows of one sort are read: a time and an id.
    pub(super) fn before(&self, sort: Sort) -> (Instant, &str) {
        let id = match sort.cmp(&self.sort) {
            // Those of the same time stand before this place.
            Ordering::Less => "",
            Ordering::Equal => &self.id.0,
            Ordering::Greater => LAST_ID,
        };
        (self.at.0, id)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.0.as_micros(), self.sort as u8, self.id.0)
    }
}

/// A page of a timeline.
pub(super) struct Stretch {
    pub(super) entries: Vec<Entry>,
    /// Where the next page begins; none when there is none.
    pub(super) older: Option<Place>,
    /// The last mail that is not later than this page.
    pub(super) last_mail: Option<Mailed>,
}

/// So many entries a page; the texts of the store read one more.
pub(super) const ROWS: usize = 50;

impl Stretch {
    /// Reads a page of the timeline of a connection: what stands behind a place, or the latest. `questions` are those of the
    /// connection.
    ///
    /// Errs when none of the reader's roles may, or when the database is away.
    pub(super) async fn read(
        app: &App,
        all: &mut AllBrokerages<'_>,
        id: &ConnectionId,
        questions: &[Asked],
        behind: Option<&Place>,
    ) -> Result<Self, Refused> {
        let first = Place::first();
        let behind = behind.unwrap_or(&first);
        let audit = all.audit_before(id, behind.before(Sort::Event)).await?;
        let mails = all.mails_before(id, behind.before(Sort::Mail)).await?;
        let notes = all.notes_before(id, behind.before(Sort::Note)).await?;
        let mails: Vec<Mailed> = mails.into_iter().map(|row| mailed(app, row)).collect::<Result<_, _>>()?;
        let notes: Vec<Noted> = notes.into_iter().map(|row| noted(app, row)).collect::<Result<_, _>>()?;
        // What the office was told last: what we wrote to our own people is no news to it.
        let to_office = |mail: &&Mailed| !mail.entry.kind.is_to_staff();
        let last = mails.iter().position(|mail| to_office(&mail));
        // Lines that another entry tells count as well: else a page of nothing but them would seem to be the last one.
        let mut places: Vec<Place> = audit.iter().map(place_of).collect();
        places.extend(mails.iter().map(Mailed::place));
        let entries = merged(&audit, &mails, &notes, questions);
        let page = Self::cut(entries, places, behind, None);
        Ok(Self { last_mail: last.and_then(|at| mails.into_iter().nth(at)), ..page })
    }

    /// The page that begins behind a place. `places` are those of everything that was read, told or not; behind `end`
    /// nothing was looked for.
    pub(super) fn cut(
        mut entries: Vec<Entry>,
        mut places: Vec<Place>,
        behind: &Place,
        end: Option<Place>,
    ) -> Self {
        entries.retain(|entry| entry.place > *behind);
        entries.sort_by(|one, other| one.place.cmp(&other.place));
        places.extend(entries.iter().map(|entry| entry.place.clone()));
        places.sort();
        places.dedup();
        let full = (places.len() > ROWS).then(|| places[ROWS - 1].clone());
        let older = full.into_iter().chain(end).min();
        if let Some(end) = &older {
            entries.retain(|entry| entry.place <= *end);
        }
        Self { entries: together(entries), older, last_mail: None }
    }
}

/// Mails to several of our own people about the same become one entry, where the first of them stands.
fn together(entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for mut entry in entries {
        let same = |known: &&mut Entry| match (&known.to_us, &entry.to_us) {
            (Some(one), Some(other)) => one.event == other.event,
            _ => false,
        };
        match kept.iter_mut().find(same) {
            Some(known) => known.joined_by(&mut entry),
            None => kept.push(entry),
        }
    }
    kept
}

impl Mailed {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place::new(self.entry.created_at, Sort::Mail, self.entry.id.as_str().to_owned())
    }
}

/// Where a line of the audit stands.
pub(super) fn place_of(line: &AuditEntry) -> Place {
    Place::new(line.at, Sort::Event, line.id.as_str().to_owned())
}

/// A note, opened.
pub(super) fn noted(app: &App, entry: NoteEntry) -> Result<Noted, Refused> {
    let text = app.from_box(NOTE_BOX, entry.id.as_str(), &entry.text_box)?;
    Ok(Noted { entry, text })
}

/// A mail with its recipient and answer, opened.
pub(super) fn mailed(app: &App, entry: MailEntry) -> Result<Mailed, Refused> {
    let to = app.from_box(RECIPIENT_BOX, entry.id.as_str(), &entry.recipient_box)?;
    let reply = match &entry.reply_box {
        Some(sealed) => Some(app.from_box(REPLY_BOX, entry.id.as_str(), sealed)?),
        None => None,
    };
    let subject = subject_of(app, &entry.id, entry.kind, entry.message_box.as_deref());
    Ok(Mailed { entry: MailEntry { message_box: None, ..entry }, to, reply, subject })
}

impl Entry {
    fn new(place: Place, title: impl Into<String>, who: impl Into<String>) -> Self {
        let (title, who, at) = (title.into(), who.into(), place.at.0);
        let (look, text, link, to_us) = ("", String::new(), None, None);
        Self { at, moment: Moment::of(at), look, title, who, text, link, place, to_us }
    }

    /// Takes in a mail about the same; what did not arrive is what it leads to.
    fn joined_by(&mut self, other: &mut Self) {
        let (Some(ours), Some(theirs)) = (&mut self.to_us, &mut other.to_us) else { return };
        ours.to.append(&mut theirs.to);
        if self.look.is_empty() && !other.look.is_empty() {
            (self.look, self.link) = (other.look, other.link.take());
        }
        if self.text != other.text {
            self.text.clear();
        }
        self.title = format!("Mail \"{}\" to {} of our people", ours.subject, ours.to.len());
        self.who = match ours.to.as_slice() {
            [one, two, rest @ ..] if rest.len() > 2 => format!("to {one}, {two} and {} more", rest.len()),
            few => format!("to {}", few.join(", ")),
        };
    }
}

/// The entries of one day.
pub(super) struct Day {
    pub(super) title: String,
    pub(super) entries: Vec<Entry>,
}

/// The same under the days on which they happened.
pub(super) fn days(entries: Vec<Entry>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let title = dates::words(entry.at.date());
        match days.last_mut() {
            Some(day) if day.title == title => day.entries.push(entry),
            _ => days.push(Day { title, entries: vec![entry] }),
        }
    }
    days
}

#[cfg(test)]
impl Day {
    pub(super) fn samples(hostile: &str) -> Vec<Self> {
        let at = |hours: i64| Instant::from_micros(1_795_257_720_000_000 - hours * 3_600_000_000);
        let entry = |hours: i64| Entry {
            text: hostile.to_owned(),
            link: (hours == 0).then(|| "/mails/mail_x".to_owned()),
            ..Entry::new(Place::new(at(hours), Sort::Note, "note_x".to_owned()), hostile, hostile)
        };
        days([0, 1, 30].map(entry).into_iter().collect())
    }
}

/// Merges them.
pub(super) fn merged(
    audit: &[AuditEntry],
    mails: &[Mailed],
    notes: &[Noted],
    questions: &[Asked],
) -> Vec<Entry> {
    let mut all: Vec<Entry> = audit.iter().filter_map(event).collect();
    all.extend(mails.iter().map(mail));
    all.extend(notes.iter().map(note));
    all.extend(questions.iter().flat_map(asked));
    all.sort_by(|one, other| one.place.cmp(&other.place));
    all
}

fn note(note: &Noted) -> Entry {
    let entry = &note.entry;
    Entry {
        text: note.text.as_str().to_owned(),
        ..Entry::new(
            Place::new(entry.created_at, Sort::Note, entry.id.as_str().to_owned()),
            entry.kind.title(),
            entry.staff_name.as_str(),
        )
    }
}

/// A question, and its answer as an entry of its own.
fn asked(question: &Asked) -> Vec<Entry> {
    let place = |at| Place::new(at, Sort::Question, question.id.as_str().to_owned());
    let asked = Entry {
        text: question.text.clone(),
        ..Entry::new(place(question.at), "The office asked", question.asker.as_str())
    };
    let answer = question.answer.as_ref().map(|answer| Entry {
        text: answer.text.clone(),
        ..Entry::new(place(answer.when), "Answered", format!("{} (MoxiWorks)", answer.by))
    });
    std::iter::once(asked).chain(answer).collect()
}

/// What a mail told and where it stands, with the colour of that.
pub(super) fn told_by(mail: &Mailed) -> (String, &'static str) {
    let entry = &mail.entry;
    let (state, look) = match entry.state {
        MailState::Pending => ("waits", ""),
        MailState::Sending => ("is being handed over", ""),
        MailState::Accepted => ("was handed over", ""),
        MailState::Uncertain => ("may not have arrived", "bad"),
        MailState::Rejected => ("was refused by the mail server", "bad"),
        MailState::Held => ("was not sent: what it tells was overtaken", ""),
    };
    let subject = mail.subject.as_deref().unwrap_or_else(|| mail_words::kind(entry.kind));
    (format!("Mail \"{subject}\" {state}"), look)
}

fn mail(mail: &Mailed) -> Entry {
    let entry = &mail.entry;
    let (title, look) = told_by(mail);
    Entry {
        look,
        text: mail.reply.clone().unwrap_or_default(),
        link: Some(urls::mail(&entry.id)),
        to_us: entry.kind.is_to_staff().then(|| ToUs {
            event: format!("{} {}", entry.kind.as_str(), entry.event_id),
            subject: mail.subject.clone().unwrap_or_else(|| mail_words::kind(entry.kind).to_owned()),
            to: vec![mail.to.as_str().to_owned()],
        }),
        ..Entry::new(mail.place(), title, format!("to {}", mail.to.as_str()))
    }
}

/// An audit line in words; `None` where another entry tells the same.
pub(super) fn event(line: &AuditEntry) -> Option<Entry> {
    let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap_or_default();
    let said = |name: &str| detail.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let (title, look) = match line.verb.as_str() {
        "note.leave" | "question.ask" | "question.answer" => return None,
        "message.send" => ("Wrote to the office".to_owned(), ""),
        "connection.create" => (format!("Connection {} made", said("reference")), ""),
        "connection.name" => (format!("ID {} set", said("external_id")), ""),
        "attempt.start" => (format!("Attempt {} begun, names {}", said("number"), said("names")), ""),
        "names.allow" => (format!("Names of attempt {} allowed again", said("number")), ""),
        "rotation.start" => {
            (format!("Renewal of the {} begun, attempt {}", said("what"), said("number")), "")
        }
        "rotation.roll_back" => ("Went back to the secret before".to_owned(), ""),
        "attempt.withdraw" => ("Withdrawn by the office".to_owned(), ""),
        "connection.close" => (closed_words(line, said("reason")), ""),
        "connection.close_read" => ("The reason was read".to_owned(), ""),
        "connection.reopen" => ("Opened again".to_owned(), ""),
        "connection.enable" if said("on").is_empty() => {
            ("No day any more from which it is enabled".to_owned(), "")
        }
        "connection.enable" => (format!("Enabled in MoxiEngage from {} on", said("on")), "ok"),
        "attempt.submit" => (format!("Attempt {} submitted", said("number")), ""),
        "check.again" => (again_words(said("in_use"), said("reason")), ""),
        "check.look_for_sent" => match SentFinding::parse(said("found")) {
            Some(SentFinding::Something) => ("Looked: something was sent".to_owned(), "bad"),
            _ => ("Looked: nothing was sent".to_owned(), "ok"),
        },
        "check.drop" => {
            ("Check of what is in use dropped: it was replaced or closed before its turn came".to_owned(), "")
        }
        "check.stop_waiting" => {
            ("The office says that nothing was changed: no more waiting".to_owned(), "bad")
        }
        "hand.ask" => ("A second person asked for: verify it by hand?".to_owned(), ""),
        "hand.decline" => ("Verifying by hand declined".to_owned(), "bad"),
        "hand.withdraw" => ("The wish to verify by hand taken back".to_owned(), ""),
        "check.decide_by_hand" => by_hand_words(said("verdict"), said("cause")),
        "check.decide" => {
            let what = what_was_checked(said("dry_run"), said("in_use"));
            verdict_words(what, said("verdict"), said("cause"))
        }
        "answers.test" => (format!("Test before submission asked for, attempt {}", said("number")), ""),
        "answers.test_end" => (test_end_words(said("why")).to_owned(), ""),
        "guide.send_step" => (format!("Step {} of the guide sent to a colleague", said("step")), ""),
        "letter.send" => ("Letter sent to the mail provider".to_owned(), ""),
        "roster.start" => (format!("Check of all {} mailboxes begun", said("mailboxes")), ""),
        "roster.again" => (format!("{} mailboxes checked again", said("mailboxes")), ""),
        "roster.stop" => ("Check of all mailboxes stopped".to_owned(), ""),
        "roster.end" => roster_words(&said),
        "secret.remind" => ("Reminded of the secret's last day".to_owned(), ""),
        "mailbox.clear" => ("Test entries removed from the mailbox".to_owned(), "ok"),
        "mailbox.clear_again" => ("Removing test entries tried once more".to_owned(), ""),
        "mailbox.leave" => ("A test entry stays in the mailbox: we stopped trying".to_owned(), "bad"),
        "access.ask" => (format!("Asked to see the secret of attempt {}", said("attempt")), ""),
        "access.approve" => (format!("A look at the secret approved for {} minutes", said("minutes")), "ok"),
        "access.decline" => ("A look at the secret declined".to_owned(), "bad"),
        "access.end" => ("Looking at the secret ended: it is not in use any more".to_owned(), ""),
        "access.run_out" => ("Nobody answered the request to see the secret in time".to_owned(), ""),
        "access.stop" => ("Looking at the secret stopped".to_owned(), "bad"),
        "access.withdraw" => ("The request to see the secret taken back".to_owned(), ""),
        "access.look" => ("Pressed to see the secret".to_owned(), ""),
        "access.show" => ("The secret was shown".to_owned(), ""),
        "access.withhold" => (format!("The secret was not shown: {}", said("cause")), "bad"),
        "access.review" => ("The emergency access looked over".to_owned(), "ok"),
        "item.take" => ("Taken".to_owned(), ""),
        "item.hand_over" => {
            (format!("Handed over to {}", line.to_name.as_deref().unwrap_or("a colleague")), "")
        }
        "item.snooze" => {
            let until = said("until").parse::<jiff::Timestamp>().map(|until| Instant::from(until).words());
            (format!("Put off until {}", until.unwrap_or_default()), "")
        }
        "brokerage.manager" => ("Account manager named".to_owned(), ""),
        "brokerage.start" => ("The brokerage started by itself".to_owned(), ""),
        "brokerage.invite" => ("The brokerage was invited, and accepted with that".to_owned(), "ok"),
        "brokerage.accept" => match said("refused_before") {
            "yes" => ("The brokerage was accepted after all".to_owned(), "ok"),
            _ => ("The brokerage was accepted".to_owned(), "ok"),
        },
        "sign_in.turn_away" => ("A sign-in was turned away".to_owned(), "bad"),
        "brokerage.refuse" => ("The brokerage was refused".to_owned(), "bad"),
        "person.invite" => ("Somebody was invited".to_owned(), ""),
        "person.remove" => ("Somebody may not sign in any more".to_owned(), ""),
        "invitation.revoke" => ("An invitation was taken back".to_owned(), ""),
        "mail.send_again" => ("A mail was sent once more".to_owned(), ""),
        "item.wake" => ("Taken back into the queue".to_owned(), ""),
        "item.return" => ("In the queue again: its time had come".to_owned(), ""),
        "item.hand_back" => ("Given back".to_owned(), ""),
        other => (other.to_owned(), ""),
    };
    let who = match (&line.staff_name, &line.person_name) {
        (Some(name), _) => format!("{name} (MoxiWorks)"),
        (None, Some(name)) => name.as_str().to_owned(),
        (None, None) if line.actor == "system" => "by itself".to_owned(),
        (None, None) => line.actor.clone(),
    };
    Some(Entry { look, ..Entry::new(place_of(line), title, who) })
}

/// Whoever of us closed it did so for the office.
fn closed_words(line: &AuditEntry, reason: &str) -> String {
    let by = match &line.staff_name {
        Some(name) => format!("{name} (MoxiWorks) for the office"),
        None => "the office".to_owned(),
    };
    let why = CloseReason::parse(reason).map(|reason| format!(": {}", reason.title())).unwrap_or_default();
    format!("Closed by {by}{why}")
}

fn again_words(in_use: &str, reason: &str) -> String {
    let what = if in_use.is_empty() { "Checked again" } else { "What is in use checked again" };
    match CheckReason::parse(reason) {
        Some(reason) => format!("{what}: {}", reason.title().to_lowercase()),
        None => what.to_owned(),
    }
}

const fn what_was_checked(dry_run: &str, in_use: &str) -> &'static str {
    match (dry_run.is_empty(), in_use.is_empty()) {
        (false, _) => "Test before submission",
        (true, false) => "Check of what is in use",
        (true, true) => "Verdict",
    }
}

fn roster_words<'a>(said: &impl Fn(&str) -> &'a str) -> (String, &'static str) {
    let (work, fail, open) = (said("work"), said("fail"), said("open"));
    let look =
        if said("end") == "done" && fail == "0" && matches!(said("wrong"), "" | "0") { "ok" } else { "bad" };
    let end = match said("end") {
        "done" => "ended",
        "stopped" => "was stopped",
        "not_opened" => "opened none: the sign-in failed",
        "overtaken" => "ended early: the credential was replaced or the connection closed",
        _ => return ("Check of all mailboxes given up".to_owned(), "bad"),
    };
    let look = if said("end") == "stopped" { "" } else { look };
    (format!("Check of all mailboxes {end}: {work} work, {fail} do not, {open} not checked"), look)
}

/// Why a test came to no result. Nobody was asked for anything.
fn test_end_words(why: &str) -> &'static str {
    match why {
        "submitted" => {
            "Test before submission dropped: the answers were submitted or taken back before its turn came"
        }
        "changed" => "Test before submission dropped: another secret was entered before its turn came",
        _ => "Test before submission dropped: the secret's time was over before its turn came",
    }
}

fn by_hand_words(verdict: &str, cause: &str) -> (String, &'static str) {
    if verdict == "passed" {
        return ("Verified by hand".to_owned(), "ok");
    }
    let cause = CauseId::from_stored(cause.to_owned());
    (format!("Failed by hand: {}", CauseWords::of(Some(&cause), &Names::default()).title), "bad")
}

fn verdict_words(what: &str, verdict: &str, cause: &str) -> (String, &'static str) {
    let title = match cause {
        "" => String::new(),
        id => format!(
            ": {}",
            CauseWords::of(Some(&CauseId::from_stored(id.to_owned())), &Names::default()).title
        ),
    };
    match verdict {
        "passed" => (format!("{what}: passed"), "ok"),
        "passed_with_warnings" => (format!("{what}: passed with warnings"), "ok"),
        "failed" => (format!("{what}: failed{title}"), "bad"),
        "waiting_for_provider" => (format!("{what}: waiting for the provider{title}"), ""),
        _ => (format!("{what}: could not tell{title}"), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AuditId;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is() {
        let place = Place::new(Instant::from_micros(17), Sort::Mail, "mail_x".to_owned());
        assert_eq!(Place::parse(&place.to_string()), Some(place.clone()));
        for none in
            ["", "x", "17", "17.1", "17.9.mail_x", "-1.1.x", "17.1.a'b", "17.1.~", "99999999999999999999.1.x"]
        {
            assert_eq!(Place::parse(none), None, "{none}");
        }
        // At the same time events stand before mails, and notes behind them.
        assert_eq!(place.before(Sort::Event).1, "");
        assert_eq!((place.before(Sort::Mail).1, place.before(Sort::Note).1), ("mail_x", LAST_ID));
        assert!(Place::first() < place);
    }

    #[test]
    fn what_happened_stands_under_its_day_the_latest_first() {
        let titles: Vec<(String, usize)> =
            Day::samples("x").into_iter().map(|day| (day.title, day.entries.len())).collect();
        assert_eq!(titles, [("21 November 2026".to_owned(), 2), ("20 November 2026".to_owned(), 1)]);
    }

    #[test]
    fn a_test_before_a_submission_is_told_apart_from_a_verdict() {
        let line = |verb: &str, detail: &str| {
            let (actor, verb, detail) = ("system".to_owned(), verb.to_owned(), detail.to_owned());
            let at = Instant::from_micros(0);
            let id = AuditId::from_random([1; 16]);
            event(&AuditEntry {
                id,
                at,
                actor,
                verb,
                detail,
                staff_name: None,
                person_name: None,
                to_name: None,
            })
            .map(|entry| (entry.title, entry.look))
        };
        let told = line("check.decide", r#"{"verdict":"passed","dry_run":"yes"}"#);
        assert_eq!(told, Some(("Test before submission: passed".to_owned(), "ok")));
        let told = line("check.decide", r#"{"verdict":"passed"}"#);
        assert_eq!(told, Some(("Verdict: passed".to_owned(), "ok")));
        let told = line("check.decide", r#"{"verdict":"passed","in_use":"yes"}"#);
        assert_eq!(told, Some(("Check of what is in use: passed".to_owned(), "ok")));
        let told = line("answers.test_end", r#"{"why":"expired"}"#);
        assert!(told.is_some_and(|(title, _)| title.contains("the secret's time was over")));
    }
}
