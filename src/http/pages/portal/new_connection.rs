//! "New connection": its name, where the mail is, and its id in the brokerage's own system.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    actions::{
        create_connection::{TypedConnection, create_connection, kinds_for, room_left},
        form_answer::FormKey,
    },
    app::App,
    domain::{kind::AccessKind, refused::Refused, scope::Scope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, refused_form, see_other},
        urls,
    },
};

/// The page with the form.
#[derive(Template)]
#[template(path = "portal/new_connection.html")]
pub struct NewConnectionPage {
    layout: Layout,
    form: FormState,
    kinds: Vec<AccessKind>,
    room: i64,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct ConnectionFields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    external_id: String,
    #[serde(default)]
    kind: String,
}

impl FormFields for ConnectionFields {}

/// Shows the form.
pub async fn show(State(app): State<App>, scope: Scope, layout: Layout) -> Result<Response, PageError> {
    Ok(page(&form_page(&app, &scope, layout, FormState::new()).await?))
}

/// Makes the connection and leads to its answers.
pub async fn create(
    State(app): State<App>,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<ConnectionFields>,
) -> Result<Response, PageError> {
    let ConnectionFields { name, external_id, kind } = form.fields;
    let typed = TypedConnection { name, external_id, kind };
    let made = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => create_connection(&app, &scope, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok(id) => Ok(see_other(&urls::answers(&id))),
        Err(refused @ Refused::Fields(_)) => {
            let state = form.state.absorb(refused)?;
            Ok(refused_form(&form_page(&app, &scope, layout.failed(true), state).await?))
        }
        Err(other) => Err(other.into()),
    }
}

async fn form_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    form: FormState,
) -> Result<NewConnectionPage, Refused> {
    let mut read = app.store.read().await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let has = read.count_connections(&scope.brokerage).await?;
    let kinds = kinds_for(app, &brokerage);
    // One choice is no choice: it is made already, and still shown.
    let form = match (&kinds[..], form.value("kind")) {
        ([only], "") if only.may_be_preselected() => form.with("kind", only.id()),
        _ => form,
    };
    Ok(NewConnectionPage { layout: layout.at(OVERVIEW), form, room: room_left(&brokerage, has), kinds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for NewConnectionPage {
        fn samples() -> Vec<Self> {
            let errors = ["name", "kind", "external_id"]
                .map(|field| FieldError { field, sentence: format!("Enter {field} <b>") })
                .to_vec();
            let refused = FormState::new().with("name", "\"><script>").refused(errors);
            let all = AccessKind::ALL.to_vec();
            [(FormState::new(), all.clone(), 3), (refused, all.clone(), 1), (FormState::new(), Vec::new(), 1)]
                .into_iter()
                .chain([(FormState::new(), all, 0)])
                .map(|(form, kinds, room)| {
                    let layout = Layout::sample().failed(form.has_errors());
                    Self { layout, form, kinds, room }
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        NewConnectionPage::assert_renders();
        let html = NewConnectionPage::samples()[1].render().expect("renders");
        assert!(html.contains("value=\"&#34;&#62;&#60;script&#62;\""), "{html}");
        assert!(
            html.contains("id=\"kind-error\"") && html.contains("aria-describedby=\"kind-error\""),
            "{html}"
        );
    }
}
