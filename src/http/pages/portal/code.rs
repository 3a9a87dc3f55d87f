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

use super::{
    login_cookie,
    sign_in::{Next, asking, too_many},
};
use crate::{
    actions::{
        ask_code::{Asking, ask_code},
        prove_code::{Proof, Stage, Typed, Waiting, prove_code, standing},
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
        visitor::Visitor,
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
    /// A new one can be asked for then, or now.
    Locked(Option<Instant>),
    Used,
    Superseded,
    Proven,
    ProofOver,
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
    Extension(peer): Extension<Peer>,
    Query(next): Query<Next>,
    headers: HeaderMap,
    scope: Option<Scope>,
    layout: Layout,
) -> Result<Response, PageError> {
    let next = next.path();
    if scope.is_some() {
        return Ok(see_other(if next.is_empty() { urls::OVERVIEW } else { &next }));
    }
    let waiting = waiting(&app, &headers, peer).await?;
    Ok(page(&CodePage::new(layout, FormState::new(), next, waiting)))
}

/// Tries the code.
pub async fn prove(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    scope: Option<Scope>,
    session: Session,
    layout: Layout,
    form: Result<Form<CodeFields>, Response>,
) -> Result<Response, PageError> {
    // The second of two presses, or a window that was left open: its form is stale, and there is nothing to prove.
    if scope.is_some() {
        return Ok(see_other(urls::OVERVIEW));
    }
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let next = Next::of(&form.fields.next).path();
    let Some(cookie) = login_cookie::of(&headers) else {
        return Ok(page_with(StatusCode::CONFLICT, &CodePage::new(layout, FormState::new(), next, None)));
    };
    let typed = Typed { cookie, code: &form.fields.code, form: form.key.as_deref() };
    let sentence = match prove_code(&app, &typed, peer.address).await {
        Ok(Proof::Known(scope)) => {
            session::sign_in(&session, &scope, &app.clock, &headers).await?;
            let to = if next.is_empty() { urls::OVERVIEW } else { &next };
            return Ok(login_cookie::clear(see_other(to)));
        }
        Ok(Proof::New) => return Ok(see_other(urls::START)),
        Ok(Proof::Wrong(left)) if left > 0 => Some(wrong(left)),
        Ok(Proof::Wrong(_) | Proof::Over) => None,
        Err(Refused::Fields(errors)) => errors.into_iter().next().map(|error| error.sentence),
        Err(other) => return Err(other.into()),
    };
    let waiting = waiting(&app, &headers, peer).await?;
    Ok(refused(layout, next, waiting, sentence))
}

/// The page after a code that did not count: beside the field while it is there, else the page says why it is not.
fn refused(layout: Layout, next: String, waiting: Option<Waiting>, sentence: Option<String>) -> Response {
    let stage = waiting.as_ref().map(|waiting| waiting.stage);
    match (stage, sentence) {
        (Some(Stage::Proven), _) => see_other(urls::START),
        (Some(Stage::Open { .. }), Some(sentence)) => {
            let form = FormState::new().refused(vec![FieldError::new("code", sentence)]);
            let page = CodePage::new(layout.failed(true), form, next, waiting);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        (stage, _) => {
            let locked = matches!(stage, Some(Stage::Locked { .. }));
            let status = if locked { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::CONFLICT };
            page_with(status, &CodePage::new(layout, FormState::new(), next, waiting))
        }
    }
}

/// Sends a new code to the same address.
pub async fn again(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    scope: Option<Scope>,
    layout: Layout,
    form: Result<Form<AgainFields>, Response>,
) -> Result<Response, PageError> {
    if scope.is_some() {
        return Ok(see_other(urls::OVERVIEW));
    }
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let next = Next::of(&form.fields.next).path();
    let Some(waiting) = waiting(&app, &headers, peer).await? else {
        return Ok(see_other(&urls::sign_in_then(&next)));
    };
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    let asking =
        Asking { by_invitation: waiting.by_invitation, ..asking(&waiting.address, &cookie, &headers, peer) };
    match ask_code(&app, asking).await {
        Ok(()) => Ok(login_cookie::set(see_other(&urls::code_then(&next)), &cookie)),
        Err(Refused::TooMany(until)) => {
            let form = FormState::new().refused(vec![FieldError::new("again", too_many(until))]);
            let page = CodePage::new(layout.failed(true), form, next, Some(waiting));
            Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn waiting(app: &App, headers: &HeaderMap, peer: Peer) -> Result<Option<Waiting>, PageError> {
    match login_cookie::of(headers) {
        Some(cookie) => Ok(standing(app, cookie, peer.address).await?),
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
        let address = waiting.as_ref().map(address_words).unwrap_or_default();
        let stage = waiting.map_or(Shown::Elsewhere, |waiting| match waiting.stage {
            Stage::Open { until } => Shown::Open(until),
            Stage::Expired => Shown::Expired,
            Stage::Locked { until } => Shown::Locked(until),
            Stage::Used => Shown::Used,
            Stage::Superseded => Shown::Superseded,
            Stage::Proven => Shown::Proven,
            Stage::ProofOver => Shown::ProofOver,
        });
        Self { layout, form, next, address, stage, mail }
    }

    /// Whether a button that asks for a new code stands on the page: not while it would be refused, unless the page
    /// is the answer to that very press.
    fn may_ask_again(&self) -> bool {
        let shut = matches!(self.stage, Shown::Proven | Shown::Locked(Some(_)));
        !self.address.is_empty() && (!shut || self.form.has_errors())
    }
}

/// The address as this browser may see it: whole where it was typed here.
fn address_words(waiting: &Waiting) -> String {
    if waiting.by_invitation { waiting.address.masked() } else { waiting.address.as_str().to_owned() }
}

/// How the mail stands, in words that say nothing about whether we know the address.
fn mail_words(waiting: &Waiting) -> Option<String> {
    let mail = waiting.mail.as_ref()?;
    let at = mail.changed_at.clock_words();
    Some(match mail.state.as_str() {
        // To the next mail server on the way, which need not be the recipient's own.
        "accepted" => format!("The mail left us at {at}."),
        // Held while the code still counts: its address belongs to a brokerage that was refused, which nobody reads here.
        "held" if matches!(waiting.stage, Stage::Open { .. }) => format!("The mail left us at {at}."),
        "rejected" => {
            format!("A mail server refused the mail at {at}. Look at the address, or ask us for help.")
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
            let refused = |field| FormState::new().refused(vec![FieldError::new(field, wrong(1))]);
            [
                (Shown::Open(at), FormState::new()),
                (Shown::Open(at), refused("code")),
                (Shown::Open(at), refused("again")),
                (Shown::Elsewhere, FormState::new()),
                (Shown::Expired, FormState::new()),
                (Shown::Locked(Some(at)), FormState::new()),
                (Shown::Locked(None), refused("again")),
                (Shown::Used, FormState::new()),
                (Shown::Superseded, FormState::new()),
                (Shown::ProofOver, FormState::new()),
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
