//! What an office asked, as the pages of our own people show it.

use crate::{
    actions::{answer_question::ANSWER_BOX, ask_question::QUESTION_BOX},
    app::App,
    domain::{instant::Instant, refused::Refused, review::NoteText},
    http::pages::portal::status_view::Moment,
    store::StoredQuestion,
};

/// A question with its answer, where it has one.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) asker: String,
    pub(super) at: Instant,
    pub(super) asked: Moment,
    /// The page it was asked on, the attempt and the cause that it showed.
    pub(super) about: String,
    pub(super) text: String,
    pub(super) answer: Option<Answered>,
}

/// Its answer.
pub(super) struct Answered {
    pub(super) by: String,
    pub(super) when: Instant,
    pub(super) at: Moment,
    pub(super) text: String,
}

/// What people call the page of the portal with this path; the path itself where this version knows no such page.
fn page_words(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let words = match parts.as_slice() {
        ["overview" | ""] => "the overview",
        ["people"] => "the page of its people",
        ["questions"] => "the page of its questions",
        ["start"] => "the start",
        ["access"] | ["access", _] => "the page of looks at its secret",
        ["connections", "new"] => "the choice of a mail system",
        ["connections", _] => "the status of its connection",
        ["connections", _, "answers"] => "the form",
        ["connections", _, "key-file"] => "the page of the key file",
        ["connections", _, "review"] => "the last look before submitting",
        ["connections", _, "tests", ..] => "the test before submitting",
        ["connections", _, "guide"] => "the guide",
        ["connections", _, "guide", "print"] => "the print pack of the guide",
        ["connections", _, "guide", "script"] => "the script of the guide",
        ["connections", _, "guide", "steps", step, ..] => return format!("step {step} of the guide"),
        ["connections", _, "guide", "told", _] => "the guide",
        ["connections", _, "letter"] => "the letter for its mail provider",
        ["connections", _, "mailboxes", ..] => "the check of all mailboxes",
        ["connections", _, "renew"] => "the renewal",
        ["connections", _, "close"] => "the page that closes a connection",
        ["leave"] => "the page for offices that do not go on",
        ["confirm"] => "the page that asks for a code again",
        ["help"] => "the help page",
        ["security"] => "the page about security",
        ["tips"] => "the tips",
        _ => return path.to_owned(),
    };
    words.to_owned()
}

impl Asked {
    /// Opens a question; errs as a fault when it was encrypted under another key.
    pub(super) fn open(app: &App, stored: StoredQuestion) -> Result<Self, Refused> {
        let text: NoteText = app.from_box(QUESTION_BOX, stored.id.as_str(), &stored.text_box)?;
        let answer = match (&stored.answer_box, stored.answered_at) {
            (Some(sealed), Some(at)) => {
                let text: NoteText = app.from_box(ANSWER_BOX, stored.id.as_str(), sealed)?;
                Some(Answered {
                    by: stored.staff_name.clone().unwrap_or_default(),
                    when: at,
                    at: Moment::of(at),
                    text: text.as_str().to_owned(),
                })
            }
            _ => None,
        };
        let attempt = stored.attempt_number.map(|number| format!(", attempt {number}"));
        let cause = stored.cause.as_ref().map(|cause| format!(", cause {cause}"));
        Ok(Self {
            about: [Some(page_words(&stored.page)), attempt, cause].into_iter().flatten().collect(),
            id: stored.id.into(),
            asker: stored.person_name.as_str().to_owned(),
            at: stored.asked_at,
            asked: Moment::of(stored.asked_at),
            text: text.as_str().to_owned(),
            answer,
        })
    }

    /// What tells the key of its form from those of the other forms of the page: two questions can be answered from a page
    /// that was opened once.
    pub(super) fn tail(&self) -> String {
        self.id.chars().filter(char::is_ascii_alphanumeric).take(32).collect()
    }

    #[cfg(test)]
    pub(super) fn samples(text: &str) -> Vec<Self> {
        let at = Instant::from_micros(1_795_257_720_000_000);
        let one = |answered: bool| Self {
            id: format!("que_{answered}"),
            asker: text.to_owned(),
            at,
            asked: Moment::of(at),
            about: text.to_owned(),
            text: text.to_owned(),
            answer: answered.then(|| Answered {
                by: text.to_owned(),
                when: at,
                at: Moment::of(at),
                text: text.to_owned(),
            }),
        };
        vec![one(false), one(true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_called_by_its_name() {
        assert_eq!(page_words("/overview"), "the overview");
        assert_eq!(page_words("/connections/con_x/guide/steps/register"), "step register of the guide");
        assert_eq!(page_words("/connections/con_x/tests/chk_x"), "the test before submitting");
        assert_eq!(page_words("/connections/con_x"), "the status of its connection");
        assert_eq!(page_words("/something/new"), "/something/new");
    }
}
