//! The answers of the next attempt: what the admin reads in Entra, the client secret, and the test mailbox.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::{
        draft::{Bench, SecretStanding},
        save_answers::{Goal, TypedAnswers, save_answers},
    },
    app::App,
    domain::{
        answers::GraphSecretAnswers,
        ids::ConnectionId,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, refused_form, see_other},
        session, urls,
    },
};

/// The page with the form.
#[derive(Template)]
#[template(path = "portal/answers.html")]
pub struct AnswersPage {
    layout: Layout,
    form: FormState,
    id: ConnectionId,
    name: String,
    reference: String,
    number: i64,
    fresh: bool,
    /// When the secret was entered and how long it is, in words; empty when it has to be entered.
    entered: String,
    /// Why a secret that was entered has to be entered again; empty when there is no such reason.
    why_again: &'static str,
    ends: [DatePart; 3],
    ends_error: Option<String>,
    ask_sure: bool,
}

/// One of the fields of a date.
struct DatePart {
    name: &'static str,
    label: &'static str,
    width: &'static str,
    numeric: bool,
}

const ENDS: [DatePart; 3] = [
    DatePart { name: "ends_month", label: "Month", width: "w-month", numeric: false },
    DatePart { name: "ends_day", label: "Day", width: "w-day", numeric: true },
    DatePart { name: "ends_year", label: "Year", width: "w-year", numeric: true },
];

/// What the form sends.
#[derive(Deserialize)]
pub struct AnswersFields {
    #[serde(default)]
    app_name: String,
    #[serde(default)]
    tenant: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    secret_name: String,
    #[serde(default)]
    client_secret: SecretString,
    #[serde(default)]
    ends_month: String,
    #[serde(default)]
    ends_day: String,
    #[serde(default)]
    ends_year: String,
    #[serde(default)]
    ends_sure: String,
    #[serde(default)]
    test_mailbox: String,
    #[serde(default)]
    goal: String,
}

impl FormFields for AnswersFields {
    const SECRETS: &'static [&'static str] = &["client_secret"];
}

/// What leads to the page.
#[derive(Deserialize)]
pub struct Asked {
    /// Whether somebody wanted to go on and something is missing: then the page says what.
    #[serde(default)]
    missing: String,
}

/// Shows the form with what was saved; a connection that takes no answers leads to its own page.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let bench = bench(&app, &session, &scope, &id).await?;
    if bench.takes_answers().is_err() {
        return Ok(see_other(&urls::connection(&id)));
    }
    let errors = if asked.missing.is_empty() { Vec::new() } else { bench.missing() };
    let shown = bench.answers.clone();
    Ok(page(&AnswersPage::new(layout, &bench, &shown, errors)))
}

/// Saves what was typed and leads on, or shows what is wrong.
pub async fn save(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AnswersFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let goal = if form.fields.goal == "later" { Goal::Later } else { Goal::Review };
    let saved = match save_answers(&app, &scope, &digest, &id, form.fields.into(), goal).await {
        Ok(saved) => saved,
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            return Ok(see_other(&urls::connection(&id)));
        }
        Err(other) => return Err(other.into()),
    };
    if !saved.errors.is_empty() {
        let bench = bench(&app, &session, &scope, &id).await?;
        let page = AnswersPage::new(layout, &bench, &saved.answers, saved.errors);
        return Ok(refused_form(&page));
    }
    match goal {
        Goal::Review => Ok(see_other(&urls::review(&id))),
        Goal::Later => {
            session::leave_line(&session, "Your answers are saved.").await?;
            Ok(see_other(urls::OVERVIEW))
        }
    }
}

async fn bench(app: &App, session: &Session, scope: &Scope, id: &ConnectionId) -> Result<Bench, PageError> {
    let digest = session::digest(session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    Ok(Bench::read(app, &mut read, scope, &digest, id).await?)
}

impl From<AnswersFields> for TypedAnswers {
    fn from(fields: AnswersFields) -> Self {
        Self {
            answers: GraphSecretAnswers {
                app_name: fields.app_name,
                tenant: fields.tenant,
                client_id: fields.client_id,
                secret_name: fields.secret_name,
                ends_month: fields.ends_month,
                ends_day: fields.ends_day,
                ends_year: fields.ends_year,
                ends_sure: fields.ends_sure,
                test_mailbox: fields.test_mailbox,
            },
            client_secret: fields.client_secret,
        }
    }
}

impl AnswersPage {
    fn new(layout: Layout, bench: &Bench, answers: &GraphSecretAnswers, errors: Vec<FieldError>) -> Self {
        let (entered, why_again) = match bench.secret {
            SecretStanding::Here { at, letters } => (entered_words(at.clock_words(), letters), ""),
            SecretStanding::Missing => (String::new(), ""),
            SecretStanding::Ended | SecretStanding::OtherSession => {
                (String::new(), bench.secret.asks().unwrap_or_default())
            }
        };
        let form = typed(answers).refused(errors);
        Self {
            layout: layout.at(OVERVIEW).failed(form.has_errors()),
            id: bench.connection.id.clone(),
            name: bench.connection.name.as_str().to_owned(),
            reference: bench.connection.reference.as_str().to_owned(),
            number: bench.number,
            fresh: bench.starts_fresh(),
            entered,
            // The sentence stands beside the field already when that is what is wrong.
            why_again: if form.error("client_secret").is_some() { "" } else { why_again },
            ends_error: ENDS.iter().find_map(|part| form.error(part.name)).map(str::to_owned),
            ends: ENDS,
            ask_sure: answers.end_is_far(bench.now.date()),
            form,
        }
    }
}

/// "10:42 UTC, 40 characters".
pub(super) fn entered_words(at: String, letters: i64) -> String {
    format!("{at}, {letters} characters")
}

fn typed(answers: &GraphSecretAnswers) -> FormState {
    FormState::new()
        .with("app_name", &answers.app_name)
        .with("tenant", &answers.tenant)
        .with("client_id", &answers.client_id)
        .with("secret_name", &answers.secret_name)
        .with("ends_month", &answers.ends_month)
        .with("ends_day", &answers.ends_day)
        .with("ends_year", &answers.ends_year)
        .with("ends_sure", &answers.ends_sure)
        .with("test_mailbox", &answers.test_mailbox)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::answers::FIELDS, http::render::Sample};

    fn sample(form: FormState, entered: &str, why_again: &'static str, number: i64) -> AnswersPage {
        AnswersPage {
            layout: Layout::sample().failed(form.has_errors()),
            id: ConnectionId::from_random([1; 16]),
            name: "<b>Main</b>".to_owned(),
            reference: "LKS-0042".to_owned(),
            number,
            fresh: number == 2,
            entered: entered.to_owned(),
            why_again,
            ends_error: ENDS.iter().find_map(|part| form.error(part.name)).map(str::to_owned),
            ends: ENDS,
            ask_sure: number == 2,
            form,
        }
    }

    impl Sample for AnswersPage {
        fn samples() -> Vec<Self> {
            let errors = FIELDS
                .iter()
                .map(|field| FieldError { field, sentence: format!("Enter {field} <i>") })
                .collect();
            let hostile = GraphSecretAnswers {
                tenant: "\"><script>alert(1)</script>".to_owned(),
                ends_sure: "yes".to_owned(),
                ..GraphSecretAnswers::proposed(2)
            };
            vec![
                sample(typed(&GraphSecretAnswers::proposed(1)), "", "", 1),
                sample(typed(&hostile).refused(errors), "10:42 UTC, 40 characters", "", 2),
                sample(typed(&hostile), "", "Enter the client secret again: the time is over", 3),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        AnswersPage::assert_renders();
        for sample in AnswersPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            assert!(
                html.contains("name=\"client_secret\" type=\"password\"") && !html.contains("maxlength"),
                "{html}"
            );
        }
        let html = AnswersPage::samples()[1].render().expect("renders");
        assert!(html.contains("Already entered at 10:42 UTC, 40 characters"), "{html}");
        for field in FIELDS {
            assert!(
                html.contains(&format!("href=\"#{field}\"")) && html.contains(&format!("id=\"{field}\"")),
                "{field}"
            );
        }
    }
}
