//! Inviting a new brokerage: its company, its first admin, and where the mail goes.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::found::FoundLine;
use crate::{
    actions::{
        alike::{brokerage_of_address, brokerages_alike, seen_for},
        create_connection::TypedConnection,
        form_answer::FormKey,
        invite_admin::{TypedInvitation, invite_admin},
        staff_create_connection::kinds_for_staff,
    },
    app::App,
    domain::{
        ids::BrokerageId,
        kind::AccessKind,
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
    /// The kinds that a first connection can be made of.
    kinds: Vec<AccessKind>,
    /// The brokerages that it may be already: they are shown before another one is made.
    alike: Vec<FoundLine>,
    /// For what it was typed: another company is looked for again.
    anyway: String,
    /// The brokerage that has the address.
    holder: Option<FoundLine>,
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
    #[serde(default)]
    name: String,
    #[serde(default)]
    external_id: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    anyway: String,
}

impl FormFields for InviteFields {}

/// Shows the form to whoever may send it.
pub async fn show(State(app): State<App>, scope: StaffScope, layout: Layout) -> Response {
    if scope.may(Deed::InviteAdmin) {
        let kinds = kinds_for_staff(&app, &scope);
        page(&InvitePage {
            layout: layout.at(INVITE),
            form: FormState::new(),
            kinds,
            alike: Vec::new(),
            anyway: String::new(),
            holder: None,
        })
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
    let InviteFields { company, contact, address, name, external_id, kind, anyway } = form.fields;
    let first = [&name, &external_id, &kind].iter().any(|part| !part.trim().is_empty());
    let connection = first.then_some(TypedConnection { name, external_id, kind });
    let typed = TypedInvitation { company, contact, address, connection };
    let seen = seen_for(&typed.company, &typed.address);
    let key = FormKey::new(form.key.as_deref(), form.fingerprint);
    // What is wrong with the form itself stands on the form, too.
    let done = match key {
        Ok(key) => invited(&app, &scope, &typed, &key, anyway != seen).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(Invited::Asked(alike)) => {
            let (layout, kinds) = (layout.at(INVITE), kinds_for_staff(&app, &scope));
            let form = form.state;
            Ok(page(&InvitePage { layout, form, kinds, alike, anyway: seen, holder: None }))
        }
        Ok(Invited::Done(brokerage)) => {
            session::leave_line(&session, "Invited. The mail is on its way.").await?;
            Ok(see_other(&urls::brokerage(&brokerage)))
        }
        Err(Refused::Fields(errors)) => {
            let holder = match errors.iter().any(|error| error.field == "address") {
                true => brokerage_of_address(&app, &scope, &typed.address).await?,
                false => None,
            };
            let holder = holder.as_ref().map(FoundLine::of);
            let form = form.state.refused(errors);
            let (layout, kinds) = (layout.at(INVITE).failed(true), kinds_for_staff(&app, &scope));
            let (alike, anyway) = (Vec::new(), String::new());
            Ok(refused_form(&InvitePage { layout, form, kinds, alike, anyway, holder }))
        }
        Err(other) => Err(other.into()),
    }
}

/// What came of the form.
enum Invited {
    /// Others are called so: is it one of these?
    Asked(Vec<FoundLine>),
    Done(BrokerageId),
}

async fn invited(
    app: &App,
    scope: &StaffScope,
    typed: &TypedInvitation,
    key: &FormKey,
    asks: bool,
) -> Result<Invited, Refused> {
    if asks && scope.may(Deed::InviteAdmin) {
        let alike = brokerages_alike(app, scope, &typed.company, &typed.address, key).await?;
        if !alike.is_empty() {
            return Ok(Invited::Asked(alike.iter().map(FoundLine::of).collect()));
        }
    }
    Ok(Invited::Done(invite_admin(app, scope, None, typed, key).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for InvitePage {
        fn samples() -> Vec<Self> {
            let refused = ["company", "contact", "address", "name", "external_id", "kind"]
                .map(|field| FieldError::new(field, "<script>Enter it".to_owned()));
            [FormState::new(), FormState::new().with("company", "\"><script>").refused(refused.to_vec())]
                .into_iter()
                .map(|form| Self {
                    layout: Layout::staff_sample().at(INVITE),
                    form,
                    kinds: AccessKind::ALL.to_vec(),
                    alike: vec![FoundLine::sample("<script>", true)],
                    anyway: "pine.example \"><script>".to_owned(),
                    holder: Some(FoundLine::sample("<script>", false)),
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        InvitePage::assert_renders();
    }
}
