//! Writing to an office about a connection: the text, made of what the check found; the mail as it will go out; sending it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    again::led_on,
    connection::parsed,
    mail::{sealed_html, with_frame},
    words::version,
};
use crate::{
    actions::{
        form_answer::FormKey,
        write_office::{Occasion, Shown, occasion, send_message, shown_message, write_message},
    },
    app::App,
    domain::{
        ids::{ConnectionId, MessageId},
        refused::Refused,
        staff::StaffScope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, QUEUE},
        render::{page, page_with, see_other},
        session, urls,
    },
};

/// The page where it is written.
#[derive(Template)]
#[template(path = "staff/write.html")]
struct WritePage {
    layout: Layout,
    form: FormState,
    conflict: Option<&'static str>,
    id: ConnectionId,
    company: String,
    name: String,
    seen: i64,
    /// How many people get it; nobody: there is no form.
    readers: usize,
}

/// The page that shows it as it will go out.
#[derive(Template)]
#[template(path = "staff/message.html")]
struct MessagePage {
    layout: Layout,
    conflict: Option<&'static str>,
    id: ConnectionId,
    message: MessageId,
    company: String,
    name: String,
    subject: String,
    text: String,
    /// Names and addresses of whoever gets it.
    readers: Vec<(String, String)>,
    is_sent: bool,
}

/// What somebody wants to change who has written already.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    message: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct WriteFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    message: String,
}

impl FormFields for WriteFields {}

/// Shows the form, with a text made of what the check found, or with the one that is to be changed.
pub async fn form(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let about = occasion(&app, &scope, &id).await?;
    let text = match MessageId::parse(&asked.message) {
        Ok(message) => shown_message(&app, &scope, &id, &message).await?.text.as_str().to_owned(),
        Err(_) => about.proposal.clone(),
    };
    Ok(page(&WritePage::new(layout, FormState::new().with("message", text), &about, None)))
}

/// Keeps what was written and leads to where it is looked at.
pub async fn write(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<WriteFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let fields = form.fields;
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => write_message(&app, &scope, &id, version(&fields.seen), &fields.message, &key).await,
        Err(refused) => Err(refused),
    };
    let done = match done {
        Ok(message) => return Ok(see_other(&urls::message(&id, &message))),
        Err(refused) => Err(refused),
    };
    match led_on(&session, &urls::connection(&id), form.state, done).await? {
        Ok(response) => Ok(response),
        Err(again) => {
            let about = occasion(&app, &scope, &id).await?;
            let shown = WritePage::new(layout.failed(true), again.form, &about, again.conflict);
            Ok(page_with(again.status, &shown))
        }
    }
}

/// Shows the mail as it will go out, or did.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path((id, message)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (id, message) = both(&id, &message)?;
    let shown = shown_message(&app, &scope, &id, &message).await?;
    Ok(with_frame(page(&MessagePage::new(layout, message, shown, None))))
}

/// Its HTML part by itself, for the frame.
pub async fn html(
    State(app): State<App>,
    scope: StaffScope,
    Path((id, message)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (id, message) = both(&id, &message)?;
    Ok(sealed_html(shown_message(&app, &scope, &id, &message).await?.mail.html.clone()))
}

/// Sends it.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path((id, message)): Path<(String, String)>,
    ScopedForm { scope, .. }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let (id, message) = both(&id, &message)?;
    match send_message(&app, &scope, &id, &message).await {
        Ok(()) => {
            session::leave_line(&session, "It is on its way. What becomes of it stands below.").await?;
            Ok(see_other(&urls::connection(&id)))
        }
        Err(Refused::Conflict(why)) => {
            let shown = shown_message(&app, &scope, &id, &message).await?;
            let page = MessagePage::new(layout.failed(true), message, shown, Some(why));
            Ok(with_frame(page_with(StatusCode::CONFLICT, &page)))
        }
        Err(other) => Err(other.into()),
    }
}

fn both(id: &str, message: &str) -> Result<(ConnectionId, MessageId), PageError> {
    Ok((parsed(id)?, MessageId::parse(message).map_err(|_| PageError::NotFound)?))
}

impl WritePage {
    fn new(layout: Layout, form: FormState, about: &Occasion, conflict: Option<&'static str>) -> Self {
        Self {
            layout: layout.at(QUEUE),
            form,
            conflict,
            id: about.connection.id.clone(),
            company: about.brokerage.company.as_str().to_owned(),
            name: about.connection.name.as_str().to_owned(),
            seen: about.connection.version,
            readers: about.readers,
        }
    }
}

impl MessagePage {
    fn new(layout: Layout, message: MessageId, shown: Shown, conflict: Option<&'static str>) -> Self {
        Self {
            layout: layout.at(QUEUE),
            conflict,
            id: shown.connection.id.clone(),
            message,
            company: shown.brokerage.company.as_str().to_owned(),
            name: shown.connection.name.as_str().to_owned(),
            subject: shown.mail.subject.clone(),
            text: shown.mail.text.clone(),
            readers: shown
                .readers
                .iter()
                .map(|one| (one.name.as_str().to_owned(), one.address.as_str().to_owned()))
                .collect(),
            is_sent: shown.is_sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    const HOSTILE: &str = "</textarea></pre><script>\"'&{{7*7}}";

    impl Sample for WritePage {
        fn samples() -> Vec<Self> {
            let page = |form: FormState, conflict, readers| Self {
                layout: Layout::staff_sample().at(QUEUE),
                form,
                conflict,
                id: ConnectionId::from_random([1; 16]),
                company: HOSTILE.to_owned(),
                name: HOSTILE.to_owned(),
                seen: 3,
                readers,
            };
            let typed = FormState::new().with("message", HOSTILE);
            let refused = typed.clone().refused(vec![FieldError::new("message", HOSTILE.to_owned())]);
            vec![
                page(typed.clone(), None, 2),
                page(refused, None, 1),
                page(typed, Some("It changed."), 1),
                page(FormState::new(), None, 0),
            ]
        }
    }

    impl Sample for MessagePage {
        fn samples() -> Vec<Self> {
            [(false, None), (true, None), (false, Some("It changed."))]
                .into_iter()
                .map(|(is_sent, conflict)| Self {
                    layout: Layout::staff_sample().at(QUEUE),
                    conflict,
                    id: ConnectionId::from_random([1; 16]),
                    message: MessageId::from_random([2; 16]),
                    company: HOSTILE.to_owned(),
                    name: HOSTILE.to_owned(),
                    subject: HOSTILE.to_owned(),
                    text: HOSTILE.to_owned(),
                    readers: vec![(HOSTILE.to_owned(), "ida@lakeshore.example".to_owned())],
                    is_sent,
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        WritePage::assert_renders();
        MessagePage::assert_renders();
        for sample in MessagePage::samples() {
            assert!(!sample.render().expect("renders").contains("<script>\""));
        }
    }
}
