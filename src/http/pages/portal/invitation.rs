//! What the mail of an invitation leads to. Opening it changes nothing, whoever does, with whatever program: its
//! button has a code sent to the invited address, and only that code lets anybody in. Once the invitation is used, taken
//! back, replaced or over, the link shows one and the same page, which names nobody.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{
    login_cookie,
    sign_in::{asking, too_many},
};
use crate::{
    actions::{
        ask_code::{Asking, ask_code},
        invitation::{Shown, invitation_of_link},
    },
    app::App,
    domain::{
        duty::Duty,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{Form, NoFields},
        form_state::FormState,
        layout::Layout,
        peer::Peer,
        render::{page, page_with, see_other},
        urls,
        visitor::Visitor,
    },
};

/// The page of an open invitation.
#[derive(Template)]
#[template(path = "portal/invitation.html")]
pub struct InvitationPage {
    layout: Layout,
    form: FormState,
    company: String,
    masked: String,
    /// As what they are invited.
    duty: Duty,
    /// Where its button posts to.
    action: String,
}

/// The page of a link that opens nothing any more, or never did.
#[derive(Template)]
#[template(path = "portal/invitation_over.html")]
pub struct InvitationOverPage {
    layout: Layout,
}

/// Shows what the link leads to.
pub async fn show(
    State(app): State<App>,
    scope: Option<Scope>,
    layout: Layout,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    match invitation_of_link(&app, &token).await {
        Ok(shown) => Ok(page(&InvitationPage::new(layout, FormState::new(), &shown, &token))),
        // Who is in by now is where the link would have led.
        Err(Refused::NotFound) if scope.is_some() => Ok(see_other(urls::OVERVIEW)),
        Err(Refused::NotFound) => Ok(over(layout)),
        Err(other) => Err(other.into()),
    }
}

/// Sends a code to the invited address and leads to the page where it is typed.
pub async fn ask(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
    headers: HeaderMap,
    layout: Layout,
    form: Result<Form<NoFields>, Response>,
) -> Result<Response, PageError> {
    let form = match form {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let shown = match invitation_of_link(&app, &token).await {
        Err(Refused::NotFound) => return Ok(over(layout)),
        other => other?,
    };
    let cookie = login_cookie::of_press(&visitor, form.key.as_deref(), &app.randomness);
    let asking = Asking { by_invitation: true, ..asking(&shown.address, &cookie, &headers, peer) };
    match ask_code(&app, asking).await {
        Ok(()) => Ok(login_cookie::set(see_other(urls::CODE), &cookie)),
        Err(Refused::TooMany(until)) => {
            let state = FormState::new().refused(vec![FieldError::new("ask", too_many(until))]);
            let page = InvitationPage::new(layout.failed(true), state, &shown, &token);
            Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &page))
        }
        Err(other) => Ok(PageError::from(other).into_response()),
    }
}

fn over(layout: Layout) -> Response {
    page_with(StatusCode::NOT_FOUND, &InvitationOverPage { layout })
}

impl InvitationPage {
    fn new(layout: Layout, form: FormState, shown: &Shown, token: &str) -> Self {
        Self {
            layout,
            form,
            company: shown.company.as_str().to_owned(),
            masked: shown.address.masked(),
            duty: shown.duty,
            action: urls::invitation(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for InvitationPage {
        fn samples() -> Vec<Self> {
            let refused = FormState::new().refused(vec![FieldError::new("ask", "Too many codes".to_owned())]);
            [
                (Duty::Coordinator, FormState::new()),
                (Duty::ItAdmin, refused),
                (Duty::Vendor, FormState::new()),
            ]
            .into_iter()
            .map(|(duty, form)| Self {
                duty,
                layout: Layout { signed_in: false, ..Layout::sample() },
                form,
                company: "Harbor & <b>Pine</b>".to_owned(),
                masked: "i…@harbor.example".to_owned(),
                action: urls::invitation("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"),
            })
            .collect()
        }
    }

    impl Sample for InvitationOverPage {
        fn samples() -> Vec<Self> {
            vec![Self { layout: Layout { signed_in: false, ..Layout::sample() } }]
        }
    }

    #[test]
    fn every_sample_renders() {
        InvitationPage::assert_renders();
        InvitationOverPage::assert_renders();
    }
}
