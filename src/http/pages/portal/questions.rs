//! What the office asked us and what we answered, and where the box in the footer of every page sends a question.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::status_view::Moment;
use crate::{
    actions::{
        answer_question::ANSWER_BOX,
        ask_question::{QUESTION_BOX, TypedQuestion, ask_question},
        form_answer::FormKey,
    },
    app::App,
    domain::{refused::Refused, review::NoteText, scope::Scope, secret_shape::without_secrets},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::Layout,
        render::{page, page_with, see_other},
        session, urls,
    },
    store::StoredQuestion,
};

/// The page.
#[derive(Template)]
#[template(path = "portal/questions.html")]
pub struct QuestionsPage {
    layout: Layout,
    form: FormState,
    questions: Vec<QuestionView>,
}

/// A question with its answer, where it has one.
struct QuestionView {
    id: String,
    asker: String,
    asked: Moment,
    text: String,
    answer: Option<AnswerView>,
}

struct AnswerView {
    by: String,
    at: Moment,
    text: String,
}

/// What the box sends.
#[derive(Deserialize)]
pub struct AskFields {
    #[serde(default)]
    question: String,
    #[serde(default)]
    about: String,
}

impl FormFields for AskFields {}

/// Where somebody comes from who has a question about a page.
#[derive(Deserialize)]
pub struct About {
    #[serde(default)]
    about: String,
}

/// Shows what was asked and answered, and the box for a question about the page that somebody comes from.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    mut layout: Layout,
    Query(from): Query<About>,
) -> Result<Response, PageError> {
    if let Some(here) = urls::own_path(&from.about) {
        layout.here = here.to_owned();
    }
    Ok(page(&read_page(&app, &scope, layout, FormState::new()).await?))
}

/// Takes a question and leads to the page where it stands.
pub async fn ask(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<AskFields>,
) -> Result<Response, PageError> {
    let typed = TypedQuestion { text: form.fields.question, about: form.fields.about };
    let asked =
        match FormKey::new(key_of(form.key.as_deref(), &form.fingerprint).as_deref(), form.fingerprint) {
            Ok(key) => ask_question(&app, &scope, &typed, &key).await,
            Err(refused) => Err(refused),
        };
    match asked {
        Ok(_) => {
            session::leave_line(
                &session,
                "We have your question. The answer comes by e-mail and stands here.",
            )
            .await?;
            Ok(see_other(urls::QUESTIONS))
        }
        Err(Refused::Fields(errors)) => {
            // What looks like a secret is not shown again.
            let kept = FormState::new().with("question", without_secrets(&typed.text));
            let mut layout = layout.failed(true);
            layout.here = urls::own_path(&typed.about).unwrap_or(urls::OVERVIEW).to_owned();
            let again = read_page(&app, &scope, layout, kept.refused(errors)).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// The box stands on a page that stays open: the same words twice are one question, and other words another one.
fn key_of(key: Option<&str>, fingerprint: &[u8; 32]) -> Option<String> {
    let body = hex::encode(&fingerprint[..16]);
    key.map(|key| format!("{key:.32}{body}"))
}

async fn read_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    form: FormState,
) -> Result<QuestionsPage, Refused> {
    let stored = app.store.read().await?.questions_of(&scope.brokerage).await?;
    let questions = stored.into_iter().map(|question| view(app, question)).collect::<Result<_, _>>()?;
    Ok(QuestionsPage { layout, form, questions })
}

fn view(app: &App, question: StoredQuestion) -> Result<QuestionView, Refused> {
    let text: NoteText = app.from_box(QUESTION_BOX, question.id.as_str(), &question.text_box)?;
    let answer = match (&question.answer_box, question.answered_at) {
        (Some(sealed), Some(at)) => {
            let text: NoteText = app.from_box(ANSWER_BOX, question.id.as_str(), sealed)?;
            Some(AnswerView {
                by: question.staff_name.unwrap_or_default(),
                at: Moment::of(at),
                text: text.as_str().to_owned(),
            })
        }
        _ => None,
    };
    Ok(QuestionView {
        id: question.id.into(),
        asker: question.person_name.as_str().to_owned(),
        asked: Moment::of(question.asked_at),
        text: text.as_str().to_owned(),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{instant::Instant, refused::FieldError},
        http::render::Sample,
    };

    const HOSTILE: &str = "<script>alert(1)</script>\"'&\n{{7*7}}";

    impl Sample for QuestionsPage {
        fn samples() -> Vec<Self> {
            let at = || Moment::of(Instant::from_micros(1_795_257_720_000_000));
            let one = |answered: bool| QuestionView {
                id: format!("que_{answered}"),
                asker: HOSTILE.to_owned(),
                asked: at(),
                text: HOSTILE.to_owned(),
                answer: answered.then(|| AnswerView {
                    by: "Dana Reyes".to_owned(),
                    at: at(),
                    text: HOSTILE.to_owned(),
                }),
            };
            let error = FieldError::new("question", HOSTILE.to_owned());
            let refused = FormState::new().with("question", HOSTILE).refused(vec![error]);
            vec![
                Self { layout: Layout::sample(), form: FormState::new(), questions: Vec::new() },
                Self {
                    layout: Layout::sample().failed(true),
                    form: refused,
                    questions: vec![one(false), one(true)],
                },
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        QuestionsPage::assert_renders();
        for sample in QuestionsPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            assert_eq!(html.matches("id=\"question\"").count(), 1, "one box: {html}");
        }
    }

    #[test]
    fn the_same_words_have_one_key_and_others_another() {
        let key = "0123456789abcdef0123456789abcdef";
        let of = |body: u8| key_of(Some(key), &[body; 32]);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_eq!(of(1).map(|key| key.len()), Some(64));
        assert_eq!(key_of(None, &[1; 32]), None);
    }
}
