//! The timeline of a connection: events, mails and notes in one list, the latest first.

use crate::{
    actions::cause_words::CauseWords,
    domain::{
        cause::Names,
        check::CauseId,
        check_reason::CheckReason,
        instant::Instant,
        mail::{MailKind, MailState},
    },
    http::pages::portal::status_view::Moment,
    store::all_brokerages::AuditEntry,
};

use super::{
    connection_case::{Mailed, Noted},
    questions::Asked,
};

/// One entry.
pub(super) struct Entry {
    at: Instant,
    pub(super) moment: Moment,
    /// `ok`, `bad` or nothing.
    pub(super) look: &'static str,
    pub(super) title: String,
    /// Who did it, or to whom it went.
    pub(super) who: String,
    /// What they wrote, or what a server said.
    pub(super) text: String,
}

impl Entry {
    fn new(at: Instant, title: impl Into<String>, who: impl Into<String>) -> Self {
        let (title, who) = (title.into(), who.into());
        Self { at, moment: Moment::of(at), look: "", title, who, text: String::new() }
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
    // Stable: what happened at the same time stays in the order of its sort.
    all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    all
}

fn note(note: &Noted) -> Entry {
    let entry = &note.entry;
    Entry {
        text: note.text.as_str().to_owned(),
        ..Entry::new(entry.created_at, entry.kind.title(), entry.staff_name.as_str())
    }
}

/// A question, and its answer as an entry of its own.
fn asked(question: &Asked) -> Vec<Entry> {
    let asked = Entry {
        text: question.text.clone(),
        ..Entry::new(question.at, "The office asked", question.asker.as_str())
    };
    let answer = question.answer.as_ref().map(|answer| Entry {
        text: answer.text.clone(),
        ..Entry::new(answer.when, "Answered", format!("{} (MoxiWorks)", answer.by))
    });
    std::iter::once(asked).chain(answer).collect()
}

fn mail(mail: &Mailed) -> Entry {
    let entry = &mail.entry;
    let (state, look) = match entry.state {
        MailState::Pending => ("waits", ""),
        MailState::Sending => ("is being handed over", ""),
        MailState::Accepted => ("was handed over", ""),
        MailState::Uncertain => ("may not have arrived", "bad"),
        MailState::Rejected => ("was refused by the mail server", "bad"),
        MailState::Held => ("was not sent: what it tells was overtaken", ""),
    };
    let title = format!("Mail \"{}\" {state}", kind_words(entry.kind));
    Entry {
        look,
        text: mail.reply.clone().unwrap_or_default(),
        ..Entry::new(entry.created_at, title, format!("to {}", mail.to.as_str()))
    }
}

const fn kind_words(kind: MailKind) -> &'static str {
    match kind {
        MailKind::SignInCode => "sign-in code",
        MailKind::Received => "received",
        MailKind::Verified => "verified",
        MailKind::Failed => "not connected",
        MailKind::Waiting => "waiting",
        MailKind::NeedsStaff => "in our hands",
        MailKind::Accepted => "accepted",
        MailKind::Invitation => "invitation",
        MailKind::GuideStep => "a step of the guide",
        MailKind::RosterEnded => "all mailboxes checked",
        MailKind::Ending => "ends soon",
        MailKind::Question => "question",
        MailKind::Answer => "answer",
        MailKind::ProviderLetter => "letter for the mail provider",
        MailKind::AccessAsked => "access asked for",
        MailKind::AccessOpened => "access opened",
        MailKind::AccessLooked => "access used",
        MailKind::AccessStopped => "access stopped",
        MailKind::AccessAnswered => "access answered",
        MailKind::Rotated => "renewed",
        MailKind::Closed => "closed",
        MailKind::Enabled => "enabled",
        MailKind::StaffNeed
        | MailKind::StaffOverdue
        | MailKind::StaffDaily
        | MailKind::SecondWanted
        | MailKind::LooksRefused
        | MailKind::KeeperTold => "to us",
    }
}

/// An audit line in words; `None` where another entry tells the same.
fn event(line: &AuditEntry) -> Option<Entry> {
    let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap_or_default();
    let said = |name: &str| detail.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let (title, look) = match line.verb.as_str() {
        "note.leave" | "question.ask" | "question.answer" => return None,
        "connection.create" => (format!("Connection {} made", said("reference")), ""),
        "attempt.start" => (format!("Attempt {} begun, names {}", said("number"), said("names")), ""),
        "names.allow" => (format!("Names of attempt {} allowed again", said("number")), ""),
        "rotation.start" => {
            (format!("Renewal of the {} begun, attempt {}", said("what"), said("number")), "")
        }
        "rotation.roll_back" => ("Went back to the secret before".to_owned(), ""),
        "attempt.withdraw" => ("Withdrawn by the office".to_owned(), ""),
        "connection.close" => (format!("Closed by the office: {}", said("reason").replace('_', " ")), ""),
        "connection.close_read" => ("The reason was read".to_owned(), ""),
        "connection.reopen" => ("Opened again".to_owned(), ""),
        "connection.enable" if said("on").is_empty() => {
            ("No day any more from which it is enabled".to_owned(), "")
        }
        "connection.enable" => (format!("Enabled in MoxiEngage from {} on", said("on")), "ok"),
        "attempt.submit" => (format!("Attempt {} submitted", said("number")), ""),
        "check.again" => (again_words(said("reason")), ""),
        "hand.ask" => ("A second person asked for: verify it by hand?".to_owned(), ""),
        "hand.decline" => ("Verifying by hand declined".to_owned(), "bad"),
        "hand.withdraw" => ("The wish to verify by hand taken back".to_owned(), ""),
        "check.decide_by_hand" => by_hand_words(said("verdict"), said("cause")),
        "check.decide" => verdict_words(said("dry_run"), said("verdict"), said("cause")),
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
        "access.stop" => ("Looking at the secret stopped".to_owned(), "bad"),
        "access.withdraw" => ("The request to see the secret taken back".to_owned(), ""),
        "access.look" => ("Pressed to see the secret".to_owned(), ""),
        "access.show" => ("The secret was shown".to_owned(), ""),
        "access.withhold" => (format!("The secret was not shown: {}", said("cause")), "bad"),
        "access.review" => ("The emergency access looked over".to_owned(), "ok"),
        "item.take" => ("Taken".to_owned(), ""),
        "item.hand_over" => ("Handed over to a colleague".to_owned(), ""),
        "item.snooze" => {
            let until = said("until").parse::<jiff::Timestamp>().map(|until| Instant::from(until).words());
            (format!("Put off until {}", until.unwrap_or_default()), "")
        }
        "brokerage.manager" => ("Account manager named".to_owned(), ""),
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
    Some(Entry { look, ..Entry::new(line.at, title, who) })
}

fn again_words(reason: &str) -> String {
    match CheckReason::parse(reason) {
        Some(reason) => format!("Checked again: {}", reason.title().to_lowercase()),
        None => "Checked again".to_owned(),
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

fn verdict_words(dry_run: &str, verdict: &str, cause: &str) -> (String, &'static str) {
    let what = if dry_run.is_empty() { "Verdict" } else { "Test before submission" };
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

    #[test]
    fn a_test_before_a_submission_is_told_apart_from_a_verdict() {
        let line = |verb: &str, detail: &str| {
            let (actor, verb, detail) = ("system".to_owned(), verb.to_owned(), detail.to_owned());
            let at = Instant::from_micros(0);
            event(&AuditEntry { at, actor, verb, detail, staff_name: None, person_name: None })
                .map(|entry| (entry.title, entry.look))
        };
        let told = line("check.decide", r#"{"verdict":"passed","dry_run":"yes"}"#);
        assert_eq!(told, Some(("Test before submission: passed".to_owned(), "ok")));
        let told = line("check.decide", r#"{"verdict":"passed"}"#);
        assert_eq!(told, Some(("Verdict: passed".to_owned(), "ok")));
        let told = line("answers.test_end", r#"{"why":"expired"}"#);
        assert!(told.is_some_and(|(title, _)| title.contains("the secret's time was over")));
    }
}
