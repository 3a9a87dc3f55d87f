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
            about: [Some(stored.page), attempt, cause].into_iter().flatten().collect(),
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
