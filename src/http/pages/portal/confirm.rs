//! Somebody who is signed in shows once more that it is them: by a fresh code to their own address, in the same browser.
//! What weighs more than filling in a form asks for it.

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
        ask_code::ask_code,
        people::recipients,
        prove_code::{Proof, Stage, Typed, prove_code, standing},
    },
    app::App,
    domain::{
        access_rules::is_fresh,
        address::MailAddress,
        instant::Instant,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::Layout,
        peer::Peer,
        render::{page, page_with, see_other},
        session::{self, ProvenAt},
        urls,
        visitor::Visitor,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    form: FormState,
    next: String,
    address: String,
    /// Until when the code counts that was sent.
    open: Option<Instant>,
}

/// What the button that asks for a code sends.
#[derive(Deserialize)]
pub struct AskFields {
    #[serde(default)]
    next: String,
}

impl FormFields for AskFields {}

/// What the form with the code sends.
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

/// Where it leads on to.
fn onward(next: &Next) -> String {
    let path = next.path();
    if path.is_empty() { urls::OVERVIEW.to_owned() } else { path }
}

/// Shows the button, or the field for the code that was sent.
pub async fn show(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Query(next): Query<Next>,
    headers: HeaderMap,
    scope: Scope,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
) -> Result<Response, PageError> {
    let next = onward(&next);
    if is_fresh(Some(proven_at), app.clock.now()) {
        return Ok(see_other(&next));
    }
    let own = own_address(&app, &scope).await?;
    let open = open_until(&app, &headers, peer, &own).await?;
    Ok(page(&ConfirmPage { layout, form: FormState::new(), next, address: own.as_str().to_owned(), open }))
}

/// Sends a code to the reader's own address.
pub async fn ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<AskFields>,
) -> Result<Response, PageError> {
    let next = onward(&Next::of(&form.fields.next));
    let own = own_address(&app, &scope).await?;
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    match ask_code(&app, asking(&own, &cookie, &headers, peer)).await {
        Ok(()) => Ok(login_cookie::set(see_other(&urls::confirm_then(&next)), &cookie)),
        Err(Refused::TooMany(until)) => {
            let form = FormState::new().refused(vec![FieldError::new("again", too_many(until))]);
            let open = open_until(&app, &headers, peer, &own).await?;
            let address = own.as_str().to_owned();
            let page = ConfirmPage { layout: layout.failed(true), form, next, address, open };
            Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &page))
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes the code: the session begins anew, as after a sign-in.
pub async fn prove(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<CodeFields>,
) -> Result<Response, PageError> {
    let next = onward(&Next::of(&form.fields.next));
    let own = own_address(&app, &scope).await?;
    let open = open_until(&app, &headers, peer, &own).await?;
    let (Some(cookie), Some(_)) = (login_cookie::of(&headers), open) else {
        return Ok(refused(
            layout,
            next,
            &own,
            None,
            "Have a new code sent: this one does not count any more",
        ));
    };
    let typed = Typed { cookie, code: &form.fields.code, form: form.key.as_deref() };
    let sentence = match prove_code(&app, &typed, peer.address).await {
        // The address is the reader's own, so it is them; nobody becomes somebody else by this page.
        Ok(Proof::Known(proven)) if proven == scope => {
            session::sign_in(&session, &scope, &app.clock, &headers).await?;
            return Ok(login_cookie::clear(see_other(&next)));
        }
        Ok(Proof::Wrong(1)) => "That is not the code of the newest mail; 1 try is left".to_owned(),
        Ok(Proof::Wrong(left)) if left > 0 => {
            format!("That is not the code of the newest mail; {left} tries are left")
        }
        Ok(_) => "This code does not count any more. Have a new one sent".to_owned(),
        Err(Refused::Fields(errors)) => {
            errors.into_iter().next().map(|error| error.sentence).unwrap_or_default()
        }
        Err(other) => return Err(other.into()),
    };
    let open = open_until(&app, &headers, peer, &own).await?;
    Ok(refused(layout, next, &own, open, &sentence))
}

fn refused(
    layout: Layout,
    next: String,
    own: &MailAddress,
    open: Option<Instant>,
    sentence: &str,
) -> Response {
    let field = if open.is_some() { "code" } else { "again" };
    let form = FormState::new().refused(vec![FieldError::new(field, sentence.to_owned())]);
    let address = own.as_str().to_owned();
    let page = ConfirmPage { layout: layout.failed(true), form, next, address, open };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The reader's own address: a code goes to no other.
async fn own_address(app: &App, scope: &Scope) -> Result<MailAddress, Refused> {
    let stored = app.store.read().await?.person_of_sign_in(&scope.person).await?;
    let stored = stored.filter(|stored| stored.person.brokerage_id == scope.brokerage);
    let mut own = recipients(app, stored.into_iter().collect())?;
    own.pop().map(|person| person.address).ok_or(Refused::NotFound)
}

/// Until when the code counts that this browser asked for, where it went to this address.
async fn open_until(
    app: &App,
    headers: &HeaderMap,
    peer: Peer,
    own: &MailAddress,
) -> Result<Option<Instant>, Refused> {
    let Some(cookie) = login_cookie::of(headers) else { return Ok(None) };
    let waiting = standing(app, cookie, peer.address).await?;
    Ok(waiting.filter(|waiting| waiting.address.key() == own.key()).and_then(|waiting| match waiting.stage {
        Stage::Open { until } => Some(until),
        _ => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for ConfirmPage {
        fn samples() -> Vec<Self> {
            let at = Instant::from_micros(1_795_257_720_000_000);
            let wrong = |field| FormState::new().refused(vec![FieldError::new(field, "<script>Wrong")]);
            [
                (None, FormState::new()),
                (Some(at), FormState::new()),
                (Some(at), wrong("code")),
                (None, wrong("again")),
            ]
            .into_iter()
            .map(|(open, form)| Self {
                layout: Layout::sample(),
                form,
                next: "/access/x?a=1&b=%222%22".to_owned(),
                address: "it@lakeshore.example".to_owned(),
                open,
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        ConfirmPage::assert_renders();
    }
}
