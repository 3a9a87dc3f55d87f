//! One step of a guide: what a mail leads to, and the form that sends it to a colleague.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::guide_names::{Opened, opened};
use crate::{
    actions::{
        form_answer::FormKey,
        send_step::{TypedStep, colleagues, send_step},
        tick_step::StepOf,
    },
    app::App,
    domain::{ids::ConnectionId, refused::Refused, scope::Scope},
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
#[template(path = "portal/send_step.html")]
pub struct SendStepPage {
    layout: Layout,
    form: FormState,
    step: OneStep,
    /// Ids, names and addresses of the other people.
    people: Vec<(String, String, String)>,
    /// The only domain of which people can be invited by now; empty where others can be, too.
    own_only: String,
}

/// The step that is sent.
struct OneStep {
    id: ConnectionId,
    reference: String,
    number: i64,
    step: String,
    title: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct SendFields {
    #[serde(default)]
    to: String,
}

impl FormFields for SendFields {}

/// Leads to the step on the page of its guide. A mail leads here: what stands behind `#` is lost on the way through a
/// sign-in.
pub async fn lead(_: Scope, Path((id, step)): Path<(String, String)>) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let plain = step.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !plain {
        return Err(PageError::NotFound);
    }
    Ok(see_other(&urls::guide_step(id.as_str(), &step)))
}

/// Shows the form.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    layout: Layout,
    Path((id, step)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let step = OneStep::read(&app, &scope, &id, &step).await?;
    Ok(page(&form_page(&app, &scope, layout, step, FormState::new()).await?))
}

/// Sends the step and leads back to it.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path((id, step)): Path<(String, String)>,
    ScopedForm { scope, form }: ScopedForm<SendFields>,
) -> Result<Response, PageError> {
    let step = OneStep::read(&app, &scope, &id, &step).await?;
    let typed = TypedStep {
        of: StepOf { attempt: step.number, step: step.step.clone() },
        title: step.title.clone(),
        to: form.fields.to,
    };
    let sent = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => send_step(&app, &scope, &step.id, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match sent {
        Ok(name) => {
            session::leave_line(&session, &format!("We have sent the step to {name}.")).await?;
            Ok(see_other(&urls::guide(step.id.as_str())))
        }
        Err(refused @ Refused::Fields(_)) => {
            let state = form.state.absorb(refused)?;
            Ok(refused_form(&form_page(&app, &scope, layout.failed(true), step, state).await?))
        }
        Err(other) => Err(other.into()),
    }
}

impl OneStep {
    /// The step with the names of the attempt; not found when the guide has none of that id.
    async fn read(app: &App, scope: &Scope, id: &str, step: &str) -> Result<Self, PageError> {
        let Opened { bench, guide, number, names } = opened(app, scope, &[], id).await?;
        let found = guide.step(step).ok_or(PageError::NotFound)?;
        Ok(Self {
            reference: bench.connection.reference.of_attempt(number),
            id: bench.connection.id,
            number,
            step: found.id.clone(),
            title: found.title.words(&names),
        })
    }
}

async fn form_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    step: OneStep,
    form: FormState,
) -> Result<SendStepPage, Refused> {
    let mut read = app.store.read().await?;
    let colleagues = colleagues(app, &mut read, scope).await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let people = colleagues.into_iter().map(|person| {
        (String::from(person.id), person.name.as_str().to_owned(), person.address.as_str().to_owned())
    });
    let own_only = match brokerage.accepted_at {
        Some(_) => String::new(),
        None => brokerage.proven_domain.to_string(),
    };
    Ok(SendStepPage { layout: layout.at(OVERVIEW), form, step, people: people.collect(), own_only })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for SendStepPage {
        fn samples() -> Vec<Self> {
            let hostile = "<b>\"'&";
            let person = ("per_1".to_owned(), hostile.to_owned(), "sam@lakeshore.example".to_owned());
            let error = FieldError::new("to", "Choose who is to get the step".to_owned());
            [(Vec::new(), Vec::new()), (vec![person.clone()], Vec::new()), (vec![person], vec![error])]
                .into_iter()
                .map(|(people, errors)| {
                    let form = FormState::new().refused(errors);
                    Self {
                        layout: Layout::sample().failed(form.has_errors()),
                        form,
                        step: OneStep {
                            id: ConnectionId::from_random([1; 16]),
                            reference: "LKS-0042-1".to_owned(),
                            number: 1,
                            step: "account".to_owned(),
                            title: hostile.to_owned(),
                        },
                        own_only: if people.is_empty() {
                            "lakeshore.example".to_owned()
                        } else {
                            String::new()
                        },
                        people,
                    }
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        SendStepPage::assert_renders();
        for sample in SendStepPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<b>\"'&"), "{html}");
            let asks = html.contains("/guide/steps/account/send\"");
            assert_eq!(asks, !sample.people.is_empty(), "nobody is asked to choose among nobody: {html}");
        }
    }
}
