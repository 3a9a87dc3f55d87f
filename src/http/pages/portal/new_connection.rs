//! "New connection": which mail system the office seems to have, the connection's name, where the mail is, and its id
//! in the brokerage's own system.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    actions::{
        create_connection::{TypedConnection, create_connection, kinds_for, room_left},
        form_answer::FormKey,
        recognise::ask_recognition,
    },
    app::App,
    domain::{address::MailDomain, kind::AccessKind, refused::Refused, scope::Scope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, refused_form, see_other},
        urls,
    },
};

use super::recognition::{self, Found, RecognitionView};

/// The page with the form.
#[derive(Template)]
#[template(path = "portal/new_connection.html")]
pub struct NewConnectionPage {
    layout: Layout,
    form: FormState,
    kinds: Vec<AccessKind>,
    room: i64,
    known: RecognitionView,
}

impl NewConnectionPage {
    /// What somebody asks their mail host.
    fn letter(&self, host: &str) -> String {
        let (domain, brand) = (&self.known.domain, self.layout.about.brand());
        format!(
            "Hello {host},\n\n\
             we want to connect the mailboxes of {domain} to {brand},\n\
             which keeps our agents' contacts and calendars in step.\n\
             Which of these do you offer for {domain},\n\
             and who has the administrator rights for it?\n\n\
             1. Microsoft 365: an app registration in Microsoft Entra\n   with admin consent\n\
             2. Exchange Server: a service account with the role\n   ApplicationImpersonation, and EWS with Basic\n   authentication over HTTPS\n\
             3. Google Workspace: domain-wide delegation for a\n   service account\n\n\
             We have a guide for each of them and can send it to you.\n"
        )
    }
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

/// What the form under the guess sends.
#[derive(Deserialize)]
pub struct DomainField {
    #[serde(default)]
    domain: String,
}

impl FormFields for DomainField {}

/// Shows the form, with what is known of a domain: the one of the address, or the one that the brokerage has proven.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    layout: Layout,
    Query(asked): Query<DomainField>,
) -> Result<Response, PageError> {
    let domain = MailDomain::parse(&asked.domain).ok();
    Ok(page(&form_page(&app, &scope, layout, FormState::new(), domain).await?))
}

/// Asks a worker to look at a domain and leads back to the form.
pub async fn look(
    State(app): State<App>,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<DomainField>,
) -> Result<Response, PageError> {
    match ask_recognition(&app, &scope, &form.fields.domain).await {
        Ok(domain) => Ok(see_other(&urls::new_connection(&domain))),
        Err(refused @ Refused::Fields(_)) => {
            let state = form.state.absorb(refused)?;
            Ok(refused_form(&form_page(&app, &scope, layout.failed(true), state, None).await?))
        }
        Err(other) => Err(other.into()),
    }
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
            Ok(refused_form(&form_page(&app, &scope, layout.failed(true), state, None).await?))
        }
        Err(other) => Err(other.into()),
    }
}

async fn form_page(
    app: &App,
    scope: &Scope,
    layout: Layout,
    form: FormState,
    asked: Option<MailDomain>,
) -> Result<NewConnectionPage, Refused> {
    let mut read = app.store.read().await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let has = read.count_connections(&scope.brokerage).await?;
    drop(read);
    let kinds = kinds_for(app, &brokerage);
    let domain = asked.unwrap_or_else(|| brokerage.proven_domain.clone());
    let known = recognition::view(app, scope, &domain, &kinds).await?;
    // One choice is no choice: it is made already, and still shown.
    let form = match (&kinds[..], form.value("kind")) {
        ([only], "") if only.may_be_preselected() => form.with("kind", only.id()),
        (_, "") => known.kind().map_or_else(|| form.clone(), |kind| form.clone().with("kind", kind.id())),
        _ => form,
    };
    Ok(NewConnectionPage {
        layout: layout.at(OVERVIEW),
        form,
        room: room_left(&brokerage, has),
        kinds,
        known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    impl Sample for NewConnectionPage {
        fn samples() -> Vec<Self> {
            let errors = ["name", "kind", "external_id"]
                .map(|field| FieldError::new(field, format!("Enter {field} <b>")))
                .to_vec();
            let refused = FormState::new().with("name", "\"><script>").refused(errors);
            let all = AccessKind::ALL.to_vec();
            let nobody = FormState::new()
                .with("domain", "gmail.com")
                .refused(vec![FieldError::new("domain", "That is mail <b>".to_owned())]);
            let page = |form: &FormState, kinds: &[AccessKind], room, known: &RecognitionView| {
                let layout = Layout::sample().failed(form.has_errors());
                Self { layout, form: form.clone(), kinds: kinds.to_vec(), room, known: known.clone() }
            };
            let (blank, known) = (FormState::new(), RecognitionView::samples());
            let mut pages = vec![
                page(&blank, &all, 3, &known[0]),
                page(&refused, &all, 1, &known[1]),
                page(&nobody, &all, 1, &known[1]),
                page(&blank, &[], 1, &known[0]),
                page(&blank, &all, 0, &known[0]),
            ];
            pages.extend(known.iter().map(|known| page(&blank, &all, 3, known)));
            pages
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
