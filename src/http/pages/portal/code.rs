//! Typing the code. Opening this page changes nothing, whoever opens it: only the form in the browser that asked, with
//! the code in it, signs anybody in.

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{login_cookie, sign_in::Next};
use crate::{
    actions::{
        ask_code::ask_code,
        prove_code::{Proof, Stage, Waiting, prove_code, standing},
    },
    app::App,
    domain::{
        instant::Instant,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{Form, FormFields},
        form_state::FormState,
        layout::Layout,
        peer::Peer,
        render::{page, page_with, see_other},
        session, urls,
    },
};

/// The page on which a code is typed, or that says why it cannot be.
#[derive(Template)]
#[template(path = "portal/code.html")]
pub struct CodePage {
    layout: Layout,
    form: FormState,
    next: String,
    address: String,
    stage: Shown,
    mail: String,
}

/// What the page offers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    /// Type the code, until then.
    Open(Instant),
    /// This browser asked for none.
    Elsewhere,
    Expired,
    Locked,
    Used,
    Proven,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct CodeFields {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

impl FormFields for CodeFields {
    const SECRETS: &'static [&'static str] = &["code"];
}

/// What "Send again" sends.
#[derive(Deserialize)]
pub struct AgainFields {
    #[serde(default)]
    next: String,
}

impl FormFields for AgainFields {}

/// Shows how the sign-in of this browser stands.
pub async fn show(
    State(app): State<App>,
    Query(next): Query<Next>,
    headers: HeaderMap,
    scope: Option<Scope>,
    layout: Layout,
) -> Result<Response, PageError> {
    let next = next.path();
    if scope.is_some() {
        return Ok(see_other(if next.is_empty() { urls::OVERVIEW } else { &next }));
    }
    let waiting = waiting(&app, &headers).await?;
    Ok(page(&CodePage::new(layout, FormState::new(), next, waiting)))
}

/// Tries the code.
pub async fn prove(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    session: Session,
    layout: Layout,
    form: Form<CodeFields>,
) -> Result<Response, PageError> {
    let next = Next::of(&form.fields.next).path();
    let Some(cookie) = login_cookie::of(&headers) else {
        return Ok(page_with(StatusCode::CONFLICT, &CodePage::new(layout, FormState::new(), next, None)));
    };
    let sentence = match prove_code(&app, cookie, &form.fields.code, peer.address).await {
        Ok(Proof::Known(scope)) => {
            session::sign_in(&session, &scope, &app.clock).await?;
            let to = if next.is_empty() { urls::OVERVIEW } else { &next };
            return Ok(login_cookie::clear(see_other(to)));
        }
        Ok(Proof::New) => return Ok(see_other(urls::START)),
        Ok(Proof::Wrong(left)) if left > 0 => Some(wrong(left)),
        Ok(Proof::Wrong(_) | Proof::Over) => None,
        Err(Refused::Fields(errors)) => errors.into_iter().next().map(|error| error.sentence),
        Err(other) => return Err(other.into()),
    };
    let errors = sentence.into_iter().map(|sentence| FieldError { field: "code", sentence }).collect();
    let waiting = waiting(&app, &headers).await?;
    let state = FormState::new().refused(errors);
    let page = CodePage::new(layout.failed(true), state, next, waiting);
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Sends a new code to the same address.
pub async fn again(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    layout: Layout,
    form: Form<AgainFields>,
) -> Result<Response, PageError> {
    let next = Next::of(&form.fields.next).path();
    let Some(waiting) = waiting(&app, &headers).await? else {
        return Ok(see_other(&urls::sign_in_then(&next)));
    };
    match ask_code(&app, &waiting.address, peer.address).await {
        Ok(asked) => Ok(login_cookie::set(see_other(&urls::code_then(&next)), &asked.cookie)),
        Err(Refused::TooMany(until)) => {
            let sentence =
                format!("A new code can be sent after {}. Look for the mail meanwhile", until.time_words());
            let form = FormState::new().refused(vec![FieldError { field: "again", sentence }]);
            let page = CodePage::new(layout.failed(true), form, next, Some(waiting));
            Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn waiting(app: &App, headers: &HeaderMap) -> Result<Option<Waiting>, PageError> {
    match login_cookie::of(headers) {
        Some(cookie) => Ok(standing(app, cookie).await?),
        None => Ok(None),
    }
}

fn wrong(left: i64) -> String {
    let tries = if left == 1 { "1 try is".to_owned() } else { format!("{left} tries are") };
    format!("That is not the code of the newest mail; {tries} left")
}

impl CodePage {
    fn new(layout: Layout, form: FormState, next: String, waiting: Option<Waiting>) -> Self {
        let mail = waiting.as_ref().and_then(mail_words).unwrap_or_default();
        let address = waiting.as_ref().map(|waiting| waiting.address.as_str().to_owned()).unwrap_or_default();
        let stage = waiting.map_or(Shown::Elsewhere, |waiting| match waiting.stage {
            Stage::Open { until, .. } => Shown::Open(until),
            Stage::Expired => Shown::Expired,
            Stage::Locked => Shown::Locked,
            Stage::Used => Shown::Used,
            Stage::Proven => Shown::Proven,
        });
        Self { layout, form, next, address, stage, mail }
    }
}

/// How the mail stands, in words that say nothing about whether we know the address.
fn mail_words(waiting: &Waiting) -> Option<String> {
    let mail = waiting.mail.as_ref()?;
    let at = mail.changed_at.clock_words();
    Some(match mail.state.as_str() {
        "accepted" => format!("The mail was handed to your mail server at {at}."),
        "rejected" => {
            format!("The mail server refused the mail at {at}. Look at the address, or ask us for help.")
        }
        "pending" | "sending" => match mail.run_at.filter(|_| mail.state == "pending") {
            Some(next) if next > mail.changed_at => {
                format!("The mail waits; we try again at {}.", next.clock_words())
            }
            _ => "The mail is on its way.".to_owned(),
        },
        _ => format!("We cannot tell whether the mail arrived; it left at {at}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for CodePage {
        fn samples() -> Vec<Self> {
            let at = Instant::from_micros(1_795_257_720_000_000);
            let refused = |field| FormState::new().refused(vec![FieldError { field, sentence: wrong(1) }]);
            [
                (Shown::Open(at), FormState::new()),
                (Shown::Open(at), refused("code")),
                (Shown::Open(at), refused("again")),
                (Shown::Elsewhere, FormState::new()),
                (Shown::Expired, FormState::new()),
                (Shown::Locked, FormState::new()),
                (Shown::Used, FormState::new()),
                (Shown::Proven, FormState::new()),
            ]
            .into_iter()
            .map(|(stage, form)| Self {
                layout: Layout { signed_in: false, ..Layout::sample() },
                form,
                next: "/connections/con_x?a=1".to_owned(),
                address: if stage == Shown::Elsewhere {
                    String::new()
                } else {
                    "it@lakeshore.example".to_owned()
                },
                stage,
                mail: "The mail is on its way.".to_owned(),
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        CodePage::assert_renders();
    }
}
