//! Inviting a new brokerage: its company, its first admin, and where the mail goes.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::{
        form_answer::FormKey,
        invite_admin::{TypedInvitation, invite_admin},
    },
    app::App,
    domain::{
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{INVITE, Layout},
        render::{page, refused_form, see_other},
        session, urls,
    },
};

/// The form.
#[derive(Template)]
#[template(path = "staff/invite.html")]
struct InvitePage {
    layout: Layout,
    form: FormState,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct InviteFields {
    #[serde(default)]
    company: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    address: String,
}

impl FormFields for InviteFields {}

/// Shows the form to whoever may send it.
pub async fn show(scope: StaffScope, layout: Layout) -> Response {
    if scope.may(Deed::InviteAdmin) {
        page(&InvitePage { layout: layout.at(INVITE), form: FormState::new() })
    } else {
        PageError::Forbidden("None of your roles invites brokerages. Ask a reviewer or an account manager.")
            .into_response()
    }
}

/// Invites the brokerage and leads to its page.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<InviteFields, StaffScope>,
) -> Result<Response, PageError> {
    let typed = TypedInvitation {
        company: form.fields.company,
        contact: form.fields.contact,
        address: form.fields.address,
    };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => invite_admin(&app, &scope, None, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(brokerage) => {
            session::leave_line(&session, "Invited. The mail is on its way.").await?;
            Ok(see_other(&urls::brokerage(&brokerage)))
        }
        Err(Refused::Fields(errors)) => {
            let form = form.state.refused(errors);
            Ok(refused_form(&InvitePage { layout: layout.at(INVITE).failed(true), form }))
        }
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for InvitePage {
        fn samples() -> Vec<Self> {
            let refused = ["company", "contact", "address"]
                .map(|field| FieldError::new(field, "<script>Enter it".to_owned()));
            [FormState::new(), FormState::new().with("company", "\"><script>").refused(refused.to_vec())]
                .into_iter()
                .map(|form| Self { layout: Layout::staff_sample().at(INVITE), form })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        InvitePage::assert_renders();
    }
}
