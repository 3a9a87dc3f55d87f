//! What our own people do about a connection: why it needs one of them, who looks after it, and what they note.

use super::{
    connection::{Phase, State},
    ids::StaffId,
    instant::Instant,
    secret_shape::SecretShape,
    text::{TextProblem, is_hidden},
};

/// A rule by which a connection needs a human now. The queue prints it on the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NeedRule {
    /// A check may have sent something, and nobody has looked.
    MayHaveSent,
    /// A job was given up.
    ParkedJob,
    /// The check could not tell.
    CouldNotTell,
    /// The credential in use failed when one of us had it checked once more.
    InUseFailed,
    /// Another brokerage has handed in the same key.
    SharedKey,
    /// Somebody of the office asked something.
    OfficeAsked,
    /// Two of us opened a secret in an emergency, and nobody else has looked it over.
    BreakGlass,
    /// A colleague wants it verified by hand, and a second person has to say yes.
    SecondPerson,
    /// A colleague asked something.
    Question,
    /// It failed, and not for the first time.
    FailedTwice,
    /// A test entry of ours stays in a mailbox, and we stopped trying to remove it.
    LeftBehind,
    /// Its brokerage started by itself and nobody has accepted it.
    Acceptance,
    /// Its brokerage closed it, and nobody has read why.
    Closed,
}

impl NeedRule {
    /// Every rule, the most urgent first.
    pub const ALL: &[Self] = &[
        Self::MayHaveSent,
        Self::ParkedJob,
        Self::CouldNotTell,
        Self::InUseFailed,
        Self::SharedKey,
        Self::OfficeAsked,
        Self::BreakGlass,
        Self::SecondPerson,
        Self::Question,
        Self::FailedTwice,
        Self::LeftBehind,
        Self::Acceptance,
        Self::Closed,
    ];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MayHaveSent => "may_have_sent",
            Self::ParkedJob => "parked_job",
            Self::CouldNotTell => "could_not_tell",
            Self::InUseFailed => "in_use_failed",
            Self::SharedKey => "shared_key",
            Self::OfficeAsked => "office_asked",
            Self::BreakGlass => "break_glass",
            Self::SecondPerson => "second_person",
            Self::Question => "question",
            Self::FailedTwice => "failed_twice",
            Self::LeftBehind => "left_behind",
            Self::Acceptance => "acceptance",
            Self::Closed => "closed",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == word)
    }

    /// The entry of the catalogue that says more of it, where there is one.
    pub const fn cause(self) -> Option<&'static str> {
        match self {
            Self::SharedKey => Some("form_duplicate_credential"),
            Self::MayHaveSent => Some(MAY_HAVE_SENT),
            Self::ParkedJob
            | Self::CouldNotTell
            | Self::InUseFailed
            | Self::OfficeAsked
            | Self::BreakGlass
            | Self::SecondPerson
            | Self::Question
            | Self::FailedTwice
            | Self::LeftBehind
            | Self::Acceptance
            | Self::Closed => None,
        }
    }

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MayHaveSent => "A check may have sent something: look before anything is tried again",
            Self::ParkedJob => "A job was given up",
            Self::CouldNotTell => "The check could not tell",
            Self::InUseFailed => "The credential in use failed a check",
            Self::SharedKey => "Another brokerage handed in the same key",
            Self::OfficeAsked => "The office asked something",
            Self::BreakGlass => "A secret was opened in an emergency: look it over",
            Self::SecondPerson => "Verified by hand? A second person has to say yes",
            Self::Question => "A colleague asked something",
            Self::FailedTwice => "Failed twice or more",
            Self::LeftBehind => "A test entry of ours stays in a mailbox",
            Self::Acceptance => "Its brokerage waits to be accepted",
            Self::Closed => "Its brokerage closed it: read why",
        }
    }
}

/// The cause by which a check may have sent something: the mail system took what it must refuse.
pub const MAY_HAVE_SENT: &str = "probe_sent_something";

/// What one of us found who looked whether a check had sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SentFinding {
    /// It had not.
    Nothing,
    /// It had.
    Something,
}

impl SentFinding {
    /// Both, in the order of the form.
    pub const ALL: &[Self] = &[Self::Nothing, Self::Something];

    /// The word in the table and in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Something => "something",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|found| found.as_str() == word)
    }

    /// How pages say it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing was sent",
            Self::Something => "Something was sent",
        }
    }

    /// What follows from it, for whoever chooses.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::Nothing => "It can be checked again.",
            Self::Something => "Talk with the office first: each check tries the same.",
        }
    }
}

/// How a connection stands, as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// What it waits for, while submitted; beside a verified credential what the renewed one waits for.
    pub phase: Option<Phase>,
    /// How many of its checks came to the verdict "failed", while that is where it stands; beside a verified credential
    /// those of its renewal, while the last one of that failed.
    pub failures: i64,
    /// Whether its brokerage started by itself and is not accepted.
    pub unaccepted: bool,
    /// Whether another brokerage has handed in the same key.
    pub shared: bool,
    /// Whether a job of it was given up and nothing has moved it on since.
    pub parked: bool,
    /// Whether a secret of it was opened in an emergency and nobody has looked that over.
    pub broken: bool,
    /// Whether a colleague wants it verified by hand and nobody has answered.
    pub wished: bool,
    /// Whether a colleague's question is open.
    pub asked: bool,
    /// Whether something that a check wrote stays in a mailbox, and we gave up removing it.
    pub littered: bool,
    /// Whether somebody of the office asked something that nobody has answered.
    pub office_asked: bool,
    /// Whether the credential in use failed the last check that showed whether it works.
    pub in_use_failed: bool,
    /// Whether its brokerage closed it and nobody has read why.
    pub closing_unread: bool,
    /// Whether a check of it may have sent something and nobody has looked.
    pub may_have_sent: bool,
}

impl Standing {
    /// The rules by which it needs a human now.
    pub fn needs(&self) -> Vec<NeedRule> {
        let holds = |rule: &NeedRule| match rule {
            NeedRule::MayHaveSent => self.may_have_sent,
            NeedRule::ParkedJob => self.parked,
            // Of these the other two say more.
            NeedRule::CouldNotTell => {
                !self.parked
                    && !self.may_have_sent
                    && matches!(self.state, State::Submitted | State::Verified)
                    && self.phase == Some(Phase::NeedsStaff)
            }
            NeedRule::InUseFailed => self.in_use_failed && self.state == State::Verified,
            NeedRule::SharedKey => self.shared && self.state != State::Closed,
            NeedRule::OfficeAsked => self.office_asked,
            NeedRule::BreakGlass => self.broken,
            NeedRule::SecondPerson => self.wished,
            NeedRule::Question => self.asked,
            NeedRule::FailedTwice => {
                matches!(self.state, State::Failed | State::Verified) && self.failures > 1
            }
            NeedRule::LeftBehind => self.littered,
            NeedRule::Acceptance => self.unaccepted && self.state != State::Closed,
            NeedRule::Closed => self.closing_unread && self.state == State::Closed,
        };
        NeedRule::ALL.iter().copied().filter(holds).collect()
    }
}

/// A need and since when there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The rule.
    pub rule: NeedRule,
    /// Since when.
    pub since: Instant,
    /// When somebody should have looked.
    pub due: Instant,
}

impl Need {
    /// By what needs of one connection are ordered, the least first: what may have been sent and an emergency before all
    /// else, then what is due first; of what is due at once an office that waits to be accepted comes last, and else whatever
    /// waits longest comes first.
    pub fn turn(&self) -> (u8, Instant, bool, Instant) {
        let first = match self.rule {
            NeedRule::MayHaveSent => 0,
            NeedRule::BreakGlass => 1,
            _ => 2,
        };
        (first, self.due, self.rule == NeedRule::Acceptance, self.since)
    }
}

/// Who of our people looks after a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Their id.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// When they took it.
    pub at: Instant,
}

/// Until when a connection is put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snoozed {
    /// When it comes back.
    pub until: Instant,
    /// The name of whoever put it off.
    pub by: String,
}

/// What sort of note it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Something to remember.
    Note,
    /// Something a colleague shall answer: the item stays where people look.
    Question,
    /// The answer: it does so no more.
    Answer,
    /// Why somebody had it checked again.
    CheckAgain,
    /// Why somebody decided it by hand, or wants to.
    ByHand,
    /// What somebody saw who looked whether a check had sent something.
    SentLook,
}

impl NoteKind {
    /// Every sort.
    pub const ALL: &[Self] =
        &[Self::Note, Self::Question, Self::Answer, Self::CheckAgain, Self::ByHand, Self::SentLook];

    /// The word in the table and in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::CheckAgain => "check_again",
            Self::ByHand => "by_hand",
            Self::SentLook => "sent_look",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// What the timeline calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Note => "Note",
            Self::Question => "Question",
            Self::Answer => "Answer",
            Self::CheckAgain => "Checked again, because",
            Self::ByHand => "By hand, because",
            Self::SentLook => "Looked whether something was sent",
        }
    }
}

/// A text of several lines from one of our people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct NoteText(String);

impl NoteText {
    /// The most characters it takes.
    pub const LIMIT: usize = 2000;

    /// Parses what was typed: trimmed at both ends, lines kept. Characters that hide or reorder what others read come
    /// along from chats and web pages unseen, so they are left out. Errs when nothing remains, or when it is too long.
    pub fn parse(raw: &str) -> Result<Self, TextProblem> {
        let lines =
            raw.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
        let seen: String = lines.chars().filter(|letter| *letter == '\n' || !is_hidden(*letter)).collect();
        let text = seen.trim().to_owned();
        if text.is_empty() {
            return Err(TextProblem::Empty);
        }
        if text.chars().count() > Self::LIMIT {
            return Err(TextProblem::TooLong(Self::LIMIT));
        }
        Ok(Self(text))
    }

    /// Reads what somebody typed to be kept or sent: what looks as if it held a secret is refused. `what` is what pages call
    /// it; the error is the sentence beside its field.
    pub fn read(raw: &str, what: &str) -> Result<Self, String> {
        let text = Self::parse(raw).map_err(|problem| problem.sentence(what))?;
        match SecretShape::in_text(text.as_str()) {
            Some(shape) => Err(shape.sentence().to_owned()),
            None => Ok(text),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Standing = Standing {
        state: State::Submitted,
        phase: Some(Phase::Checking),
        failures: 0,
        unaccepted: false,
        shared: false,
        parked: false,
        broken: false,
        wished: false,
        asked: false,
        littered: false,
        closing_unread: false,
        office_asked: false,
        in_use_failed: false,
        may_have_sent: false,
    };

    #[test]
    fn each_rule_has_its_case() {
        assert_eq!(CALM.needs(), []);
        let unsure = Standing { phase: Some(Phase::NeedsStaff), ..CALM };
        assert_eq!(unsure.needs(), [NeedRule::CouldNotTell]);
        assert_eq!(Standing { parked: true, ..unsure }.needs(), [NeedRule::ParkedJob]);
        assert_eq!(Standing { may_have_sent: true, ..unsure }.needs(), [NeedRule::MayHaveSent]);
        assert_eq!(
            Standing { may_have_sent: true, ..CALM }.needs(),
            [NeedRule::MayHaveSent],
            "it passed since"
        );
        assert_eq!(Standing { wished: true, ..CALM }.needs(), [NeedRule::SecondPerson]);
        assert_eq!(Standing { asked: true, ..CALM }.needs(), [NeedRule::Question]);
        assert_eq!(Standing { office_asked: true, ..CALM }.needs(), [NeedRule::OfficeAsked]);
        assert_eq!(Standing { littered: true, ..CALM }.needs(), [NeedRule::LeftBehind]);
        let failed = Standing { state: State::Failed, phase: None, failures: 1, ..CALM };
        assert_eq!(failed.needs(), []);
        assert_eq!(Standing { failures: 2, ..failed }.needs(), [NeedRule::FailedTwice]);
        let renewal = Standing { failures: 2, state: State::Verified, ..failed };
        assert_eq!(renewal.needs(), [NeedRule::FailedTwice], "a renewal that failed twice");
        assert_eq!(Standing { state: State::Closed, ..renewal }.needs(), []);
        let works = Standing { in_use_failed: true, failures: 0, ..renewal };
        assert_eq!(works.needs(), [NeedRule::InUseFailed]);
        assert_eq!(Standing { state: State::Closed, ..works }.needs(), []);
        assert_eq!(Standing { shared: true, ..CALM }.needs(), [NeedRule::SharedKey]);
        let new = Standing { state: State::Draft, phase: None, unaccepted: true, ..CALM };
        assert_eq!(new.needs(), [NeedRule::Acceptance]);
        assert_eq!(Standing { state: State::Closed, ..new }.needs(), []);
    }

    #[test]
    fn an_emergency_comes_before_all_else_and_acceptance_behind_what_is_due_with_it() {
        let at = Instant::from_micros;
        let need = |rule, since, due| Need { rule, since: at(since), due: at(due) };
        let mut needs = [
            need(NeedRule::Acceptance, 1, 10),
            need(NeedRule::Question, 3, 10),
            need(NeedRule::OfficeAsked, 2, 10),
            need(NeedRule::FailedTwice, 1, 9),
            need(NeedRule::BreakGlass, 9, 33),
            need(NeedRule::MayHaveSent, 9, 34),
        ];
        needs.sort_by_key(Need::turn);
        let order: Vec<NeedRule> = needs.iter().map(|need| need.rule).collect();
        assert_eq!(
            order,
            [
                NeedRule::MayHaveSent,
                NeedRule::BreakGlass,
                NeedRule::FailedTwice,
                NeedRule::OfficeAsked,
                NeedRule::Question,
                NeedRule::Acceptance
            ]
        );
    }

    #[test]
    fn words_read_back() {
        assert!(NeedRule::ALL.iter().all(|rule| NeedRule::parse(rule.as_str()) == Some(*rule)));
        assert!(SentFinding::ALL.iter().all(|found| SentFinding::parse(found.as_str()) == Some(*found)));
        assert!(NoteKind::ALL.iter().all(|kind| NoteKind::parse(kind.as_str()) == Some(*kind)));
    }

    #[test]
    fn a_note_keeps_its_lines_and_leaves_out_what_hides() {
        let note = NoteText::parse("  called Ida\r\n\n<b>she</b> mends it \n");
        assert_eq!(
            note.map(|note| note.as_str().to_owned()),
            Ok("called Ida\n\n<b>she</b> mends it".to_owned())
        );
        assert_eq!(NoteText::parse(" \n "), Err(TextProblem::Empty));
        for (typed, kept) in [
            ("a\u{202e}b", "ab"),
            ("a\u{1b}[31mb", "a[31mb"),
            ("\u{feff}two\u{200b} words\u{2028}and a line", "two words\nand a line"),
        ] {
            assert_eq!(NoteText::parse(typed).map(|note| note.as_str().to_owned()), Ok(kept.to_owned()));
        }
        assert_eq!(NoteText::parse("\u{200b}\u{feff}"), Err(TextProblem::Empty));
        assert_eq!(NoteText::parse(&"x".repeat(2001)), Err(TextProblem::TooLong(2000)));
    }

    #[test]
    fn what_is_kept_or_sent_holds_no_secret() {
        let refused = NoteText::read("it is Xq18Q~Needle.In_The-Haystack0123456789abc", "your note");
        assert_eq!(refused, Err(SecretShape::ClientSecret.sentence().to_owned()));
        assert!(
            NoteText::read(" ", "your note").is_err() && NoteText::read("called Ida", "your note").is_ok()
        );
    }
}
