//! How one connection looks on the overview.

use crate::{
    actions::draft::{Bench, SecretStanding},
    domain::{
        answers::{secret_field, secret_noun},
        attempt::Attempt,
        causes,
        connection::{Connection, Phase, State},
        dates,
        instant::Instant,
        kind::AccessKind,
    },
    http::urls,
};

/// A task of the list, with the status that follows from what is there.
pub struct Task {
    pub(super) title: &'static str,
    pub(super) status: &'static str,
    pub(super) url: String,
    pub(super) done: bool,
    pub(super) calm: bool,
}

impl Task {
    pub(super) fn open(title: &'static str, status: &'static str, url: String) -> Self {
        Self { title, status, url, done: false, calm: status == "Not yet started" }
    }

    pub(super) fn shut(title: &'static str, status: &'static str) -> Self {
        Self { title, status, url: String::new(), done: false, calm: true }
    }

    fn done(title: &'static str, url: String) -> Self {
        Self { title, status: "Completed", url, done: true, calm: true }
    }
}

/// An attempt in the history of a connection.
pub struct PastAttempt {
    pub(super) number: i64,
    pub(super) machine: String,
    pub(super) words: String,
    pub(super) outcome: String,
    pub(super) look: &'static str,
}

/// A connection on the overview.
pub struct Card {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) external_id: String,
    pub(super) url: String,
    pub(super) tag: (&'static str, &'static str),
    pub(super) line: String,
    pub(super) tasks: Vec<Task>,
    pub(super) next: Option<(String, &'static str)>,
    pub(super) attempts: Vec<PastAttempt>,
    /// Whether its button is the one that stands out.
    pub(super) first: bool,
    pub(super) waits_for_reader: bool,
    /// Whether its last attempt failed.
    pub(super) needs_mending: bool,
    pub(super) is_verified: bool,
    pub(super) is_closed: bool,
    /// Whether a mail system was ever chosen for it.
    pub(super) is_begun: bool,
    /// What the last attempt failed of.
    pub(super) trouble: String,
    /// How many steps of its guide are marked as done, and how many there are.
    pub(super) guide: (usize, usize),
}

impl Card {
    /// The card of a connection; `guide` is how many steps of its guide are marked as done, and how many there are;
    /// `by_hand` whether our own people verified what is in use.
    pub(super) fn of(bench: &Bench, guide: (usize, usize), by_hand: bool) -> Self {
        let connection = &bench.connection;
        // A renewal has its own page: the card of what is in use stays as it is.
        let filling = bench.takes_answers().is_ok() && !bench.renews();
        let trouble = bench.attempts.last().map(|(attempt, _)| cause_title(attempt)).unwrap_or_default();
        Self {
            id: connection.id.as_str().to_owned(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.as_str().to_owned(),
            kind: connection.system(),
            external_id: connection.external_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            url: if connection.state == State::Draft {
                urls::answers(&connection.id)
            } else {
                urls::connection(&connection.id)
            },
            tag: match connection.state {
                State::Verified if by_hand => ("ok", "Verified by hand"),
                _ => tag(connection),
            },
            line: line(bench, &trouble, by_hand),
            tasks: if filling { tasks(bench) } else { Vec::new() },
            next: next(bench, filling, by_hand),
            attempts: bench.attempts.iter().rev().map(|(attempt, _)| past(attempt)).collect(),
            first: false,
            waits_for_reader: matches!(connection.state, State::Draft | State::Failed | State::Compromised),
            needs_mending: connection.state == State::Failed,
            is_verified: connection.state == State::Verified,
            is_closed: connection.state == State::Closed,
            is_begun: connection.kind_chosen,
            trouble,
            guide,
        }
    }
}

impl Card {
    /// Says that the sign-in pauses, where it does.
    pub(super) fn pauses_until(&mut self, until: Option<Instant>) {
        if let Some(until) = until {
            self.tag = ("warn", "We pause");
            self.line = format!(
                "We pause until {}, so that the account is not locked. Mend the cause meanwhile.",
                until.words()
            );
        }
    }
}

fn tag(connection: &Connection) -> (&'static str, &'static str) {
    match (connection.state, connection.phase) {
        (State::Draft, _) => ("", "Not submitted"),
        (State::Submitted, Some(Phase::WaitingForProvider)) => ("info", "Waiting for the provider"),
        (State::Submitted, Some(Phase::NeedsStaff)) => ("warn", "We are looking at it"),
        (State::Submitted, _) => ("info", "Being checked"),
        (State::Failed, _) => ("bad", "Not connected"),
        (State::Verified, _) => ("ok", "Verified"),
        (State::Compromised, _) => ("bad", "Credential at risk"),
        (State::Closed, _) => ("", "Closed"),
    }
}

fn line(bench: &Bench, trouble: &str, by_hand: bool) -> String {
    let connection = &bench.connection;
    match (connection.state, connection.phase, &bench.draft) {
        (State::Draft, _, _) if !bench.touched() => "Nothing was entered yet.".to_owned(),
        (State::Draft, _, _) => "What you entered is saved.".to_owned(),
        (State::Submitted, Some(Phase::WaitingForProvider), _) => {
            "Your provider still applies a change. We look again by ourselves and e-mail you.".to_owned()
        }
        (State::Submitted, Some(Phase::NeedsStaff), _) => {
            "We could not tell whether it works. Our people look at it and write to you.".to_owned()
        }
        (State::Submitted, _, _) => format!("Attempt {} is being checked.", last_number(bench)),
        (State::Failed, _, Some(_)) => {
            format!("Attempt {} failed: {trouble}. Attempt {} is begun.", last_number(bench), bench.number)
        }
        (State::Failed, _, None) => format!("Attempt {} failed: {trouble}.", last_number(bench)),
        (State::Verified, _, _) => in_use_line(bench, by_hand),
        (State::Compromised, _, _) => {
            "Its credential may be in wrong hands and has to be replaced.".to_owned()
        }
        (State::Closed, _, _) => "It is not used.".to_owned(),
    }
}

/// How a verified connection stands: what is renewed beside it, and from when on it is enabled.
fn in_use_line(bench: &Bench, by_hand: bool) -> String {
    let works = match by_hand {
        true => "Two of our people looked at what the check found and verified it by hand.",
        false => "It does everything that is needed.",
    };
    let what = secret_noun(bench.connection.kind);
    match bench.candidate().map(|(attempt, _)| attempt.state) {
        Some(State::Submitted) => format!("A new {what} is being tested. The one in use stays in use."),
        Some(State::Failed) => format!("The new {what} did not pass its test. The one in use still works."),
        _ => match bench.connection.enabled_on {
            Some(day) => format!("{works} Enabled from {} on.", dates::words(day)),
            None => works.to_owned(),
        },
    }
}

fn last_number(bench: &Bench) -> i64 {
    bench.attempts.last().map_or(0, |(attempt, _)| attempt.number)
}

fn tasks(bench: &Bench) -> Vec<Task> {
    const SUBMIT: &str = "Check your answers and submit";
    let answers = urls::answers(&bench.connection.id);
    let kind = bench.connection.kind;
    let missing = bench.missing();
    let only_secret = missing.iter().all(|error| Some(error.field) == secret_field(kind));
    let (title, again) = match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => {
            ("Set up the service account and enter its details", "Password needed again")
        }
        AccessKind::GraphCertificate => ("Set up the app and enter its details", "New certificate needed"),
        AccessKind::GraphSecret | AccessKind::EwsSecret => {
            ("Set up the app and enter its details", "Client secret needed again")
        }
        AccessKind::GoogleKey => ("Set up the service account and send its key", "Key file needed again"),
        AccessKind::GoogleDelegated => ("Allow MoxiEngage in your Admin console", ""),
    };
    let begun = bench.touched() || (bench.draft.is_some() && bench.number > 1);
    let details = match (begun, missing.is_empty()) {
        (false, _) => Task::open(title, "Not yet started", answers),
        (true, true) => Task::done(title, answers),
        (true, false) if only_secret && bench.secret != SecretStanding::Missing => {
            Task::open(title, again, answers)
        }
        (true, false) => Task::open(title, "In progress", answers),
    };
    let submit = match missing.is_empty() {
        true => Task::open(SUBMIT, "Ready", urls::review(&bench.connection.id)),
        false => Task::shut(SUBMIT, "Cannot start yet"),
    };
    vec![Task::done("Choose your mail system", String::new()), details, submit]
}

fn next(bench: &Bench, filling: bool, by_hand: bool) -> Option<(String, &'static str)> {
    let id = &bench.connection.id;
    match bench.connection.state {
        _ if filling && bench.missing().is_empty() => Some((urls::review(id), "Check and submit")),
        State::Draft if !bench.touched() => Some((urls::answers(id), enter(bench.connection.kind))),
        _ if filling => Some((urls::answers(id), "Continue")),
        State::Submitted => Some((urls::connection(id), "See how far it is")),
        State::Failed | State::Compromised => Some((urls::connection(id), "See what to do")),
        State::Verified if by_hand => Some((urls::connection(id), "See what the check found")),
        State::Verified => Some((urls::connection(id), "See what was tested")),
        State::Closed if !bench.connection.kind_chosen => {
            Some((urls::connection(id), "See what you told us"))
        }
        State::Closed => Some((urls::connection(id), "See why, or open it again")),
        State::Draft => None,
    }
}

const fn enter(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => {
            "Enter your service account's details"
        }
        AccessKind::GraphCertificate | AccessKind::GraphSecret | AccessKind::EwsSecret => {
            "Enter your app's details"
        }
        AccessKind::GoogleKey => "Enter your service account's details",
        AccessKind::GoogleDelegated => "Allow MoxiEngage in Google",
    }
}

fn past(attempt: &Attempt) -> PastAttempt {
    let (outcome, look) = match attempt.state {
        _ if attempt.ended.is_some() => (attempt.ended.map_or("", |(end, _)| end.title()).to_owned(), ""),
        State::Verified => ("Verified".to_owned(), "ok"),
        State::Failed => (format!("Failed: {}", cause_title(attempt)), "bad"),
        State::Submitted => ("Being checked".to_owned(), ""),
        State::Draft | State::Compromised | State::Closed => ("No longer used".to_owned(), ""),
    };
    PastAttempt {
        number: attempt.number,
        machine: attempt.submitted_at.rfc3339(),
        words: attempt.submitted_at.words(),
        outcome,
        look,
    }
}

/// The cause's title without its names: the connection's own page fills them in.
fn cause_title(attempt: &Attempt) -> String {
    let known = attempt.cause.as_ref().and_then(|cause| causes::find(cause.as_str()));
    known
        .filter(|cause| !cause.title.contains('{'))
        .map_or_else(|| "The check found something to mend".to_owned(), |cause| cause.title.to_owned())
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Card> {
    let card = |tag, next: Option<(String, &'static str)>, waits| Card {
        id: "con_1".to_owned(),
        name: "<script>\"&'".to_owned(),
        reference: "LKS-0042".to_owned(),
        kind: "Microsoft 365",
        external_id: if waits { "A-1".to_owned() } else { String::new() },
        url: "/connections/con_1".to_owned(),
        tag,
        line: "A line.".to_owned(),
        tasks: if waits {
            vec![Task::done("One", "/1".to_owned()), Task::open("Two", "Ready", "/2".to_owned())]
        } else {
            Vec::new()
        },
        next,
        attempts: vec![PastAttempt {
            number: 1,
            machine: "2026-11-21T10:42:00Z".to_owned(),
            words: "21 November 2026, 10:42 UTC".to_owned(),
            outcome: "Failed: <b>".to_owned(),
            look: "bad",
        }],
        first: false,
        waits_for_reader: waits,
        needs_mending: waits,
        is_verified: !waits,
        is_closed: tag.1 == "Closed",
        is_begun: true,
        trouble: String::new(),
        guide: (usize::from(waits), 6),
    };
    let cards = [
        card(("ok", "Verified"), Some(("/a".to_owned(), "See what was tested")), false),
        card(("bad", "Not connected"), Some(("/b".to_owned(), "See what to do")), true),
        card(("", "Closed"), None, false),
    ];
    cards
        .into_iter()
        .zip(1..)
        .map(|(card, number)| Card {
            id: format!("con_{number}"),
            name: format!("{} {number}", card.name),
            ..card
        })
        .collect()
}
