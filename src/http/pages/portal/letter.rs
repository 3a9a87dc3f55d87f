//! The letter for the mail provider: what the check found and what is needed, in words that a stranger to us understands,
//! to copy, to print, and to send.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    letter_words::Letter,
    status_case::{About, read_case},
};
use crate::{
    actions::{
        form_answer::FormKey,
        send_letter::{LetterToSend, send_letter},
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

/// The page.
#[derive(Template)]
#[template(path = "portal/letter.html")]
pub struct LetterPage {
    layout: Layout,
    form: FormState,
    id: ConnectionId,
    /// The page that led here.
    back: String,
    letter: Letter,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct LetterFields {
    #[serde(default)]
    to: String,
}

impl FormFields for LetterFields {}

/// Shows the letter; not found while there is nothing to write about.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let (letter, back) = read(&app, &session, &scope, &id).await?;
    Ok(page(&LetterPage { layout: layout.at(OVERVIEW), form: FormState::new(), id, back, letter }))
}

/// Sends it and leads back to the connection.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<LetterFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let (letter, back) = read(&app, &session, &scope, &id).await?;
    let typed =
        LetterToSend { reference: letter.reference.clone(), lines: letter.lines.clone(), to: form.fields.to };
    let sent = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => send_letter(&app, &scope, &id, typed, &key).await,
        Err(refused) => Err(refused),
    };
    match sent {
        Ok(()) => {
            session::leave_line(&session, "The letter is on its way. An answer comes to you.").await?;
            Ok(see_other(&back))
        }
        Err(refused @ Refused::Fields(_)) => {
            let form = form.state.absorb(refused)?;
            Ok(refused_form(&LetterPage { layout: layout.at(OVERVIEW).failed(true), form, id, back, letter }))
        }
        Err(other) => Err(other.into()),
    }
}

/// The letter and the page that leads to it: the connection's, or that of a renewal that failed beside it.
async fn read(
    app: &App,
    session: &Session,
    scope: &Scope,
    id: &ConnectionId,
) -> Result<(Letter, String), PageError> {
    let digest = session::digest(session).await?;
    for (about, back) in [(About::Connection, urls::connection(id)), (About::Renewal, urls::renew(id))] {
        let case = read_case(app, scope, &digest, id, about).await?;
        if let Some(letter) = case.and_then(|case| case.letter(app.settings.about.brand())) {
            return Ok((letter, back));
        }
    }
    Err(PageError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    const HOSTILE: &str = "</code><script>alert(1)</script>\"'&";

    impl Sample for LetterPage {
        fn samples() -> Vec<Self> {
            let error = FieldError::new("to", HOSTILE.to_owned());
            [FormState::new(), FormState::new().with("to", HOSTILE).refused(vec![error])]
                .into_iter()
                .map(|form| Self {
                    layout: Layout::sample().failed(form.has_errors()),
                    form,
                    id: ConnectionId::from_random([1; 16]),
                    back: urls::renew(&ConnectionId::from_random([1; 16])),
                    letter: Letter::sample(HOSTILE),
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        LetterPage::assert_renders();
        for sample in LetterPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
        }
    }
}
