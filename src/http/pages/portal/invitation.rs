//! What the mail of an invitation leads to. Opening it changes nothing, whoever does, with whatever program: its
//! button has a code sent to the invited address, and only that code lets anybody in.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    login_cookie,
    sign_in::{asking, too_many},
};
use crate::{
    actions::{
        ask_code::ask_code,
        invitation::{Shown, invitation_of_link},
    },
    app::App,
    domain::{
        invitation::{InvitationEnd, InvitationStage},
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
        urls,
        visitor::Visitor,
    },
};

/// The page of an invitation.
#[derive(Template)]
#[template(path = "portal/invitation.html")]
pub struct InvitationPage {
    layout: Layout,
    form: FormState,
    company: String,
    masked: String,
    stage: InvitationStage,
    /// Where its button posts to.
    action: String,
}

/// The form has nothing but its token and its key.
#[derive(Deserialize)]
pub struct AskFields {}

impl FormFields for AskFields {}

/// Shows how the invitation stands.
pub async fn show(
    State(app): State<App>,
    scope: Option<Scope>,
    layout: Layout,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let shown = invitation_of_link(&app, &token).await?;
    if scope.is_some() && shown.stage == InvitationStage::Ended(InvitationEnd::Used) {
        return Ok(see_other(urls::OVERVIEW));
    }
    Ok(page(&InvitationPage::new(layout, FormState::new(), shown, &token)))
}

/// Sends a code to the invited address and leads to the page where it is typed.
pub async fn ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
    headers: HeaderMap,
    layout: Layout,
    form: Result<Form<AskFields>, Response>,
) -> Result<Response, PageError> {
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let shown = invitation_of_link(&app, &token).await?;
    if !sends_codes(shown.stage) {
        let page = InvitationPage::new(layout, FormState::new(), shown, &token);
        return Ok(page_with(StatusCode::CONFLICT, &page));
    }
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    match ask_code(&app, asking(&shown.address, &cookie, &headers, peer)).await {
        Ok(()) => Ok(login_cookie::set(see_other(urls::CODE), &cookie)),
        Err(Refused::TooMany(until)) => {
            let state =
                FormState::new().refused(vec![FieldError { field: "ask", sentence: too_many(until) }]);
            let page = InvitationPage::new(layout.failed(true), state, shown, &token);
            Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &page))
        }
        Err(other) => Ok(PageError::from(other).into_response()),
    }
}

/// Whether the button is there: who has come by the invitation signs in by the same address.
fn sends_codes(stage: InvitationStage) -> bool {
    matches!(stage, InvitationStage::Open | InvitationStage::Ended(InvitationEnd::Used))
}

impl InvitationPage {
    fn new(layout: Layout, form: FormState, shown: Shown, token: &str) -> Self {
        Self {
            layout,
            form,
            company: shown.company.as_str().to_owned(),
            masked: shown.address.masked(),
            stage: shown.stage,
            action: urls::invitation(token),
        }
    }

    fn sends_codes(&self) -> bool {
        sends_codes(self.stage)
    }

    fn heading(&self) -> String {
        match self.stage {
            InvitationStage::Open => format!("Connect the mail of {}", self.company),
            InvitationStage::Expired => "This invitation is over".to_owned(),
            InvitationStage::Ended(InvitationEnd::Used) => "This invitation was used".to_owned(),
            InvitationStage::Ended(InvitationEnd::Revoked) => "This invitation was taken back".to_owned(),
            InvitationStage::Ended(InvitationEnd::Newer) => "There is a newer invitation".to_owned(),
        }
    }

    fn sentence(&self) -> &'static str {
        match self.stage {
            InvitationStage::Open => {
                "You are invited to set up the connection. Most offices need about 15 minutes."
            }
            InvitationStage::Expired => {
                "It counted for two weeks. Ask us for a new one, and you can begin at once."
            }
            InvitationStage::Ended(InvitationEnd::Used) => {
                "You are known here already. Sign in with a code to go on where you were."
            }
            InvitationStage::Ended(InvitationEnd::Revoked) => {
                "Our people took it back, perhaps because somebody else sets this up. Ask us if you did not expect that."
            }
            InvitationStage::Ended(InvitationEnd::Newer) => {
                "We sent you another mail since. Open the link in the newest one."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for InvitationPage {
        fn samples() -> Vec<Self> {
            let refused = FormState::new()
                .refused(vec![FieldError { field: "ask", sentence: "Too many codes".to_owned() }]);
            let ended = |end| (InvitationStage::Ended(end), FormState::new());
            [
                (InvitationStage::Open, FormState::new()),
                (InvitationStage::Open, refused),
                (InvitationStage::Expired, FormState::new()),
                ended(InvitationEnd::Used),
                ended(InvitationEnd::Revoked),
                ended(InvitationEnd::Newer),
            ]
            .into_iter()
            .map(|(stage, form)| Self {
                layout: Layout { signed_in: false, ..Layout::sample() },
                form,
                company: "Harbor & <b>Pine</b>".to_owned(),
                masked: "i…@harbor.example".to_owned(),
                stage,
                action: urls::invitation("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"),
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        InvitationPage::assert_renders();
        let buttons =
            |page: &InvitationPage| page.render().expect("renders").matches("E-mail me a code").count();
        let samples = InvitationPage::samples();
        assert_eq!(samples.iter().map(buttons).collect::<Vec<_>>(), [1, 1, 0, 1, 0, 0]);
    }
}
