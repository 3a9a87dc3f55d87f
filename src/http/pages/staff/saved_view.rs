//! A saved list of the queue by itself: its maker names it and says who sees it, others keep a copy.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{queue_asked::Asked, saved_views, words::version};
use crate::{
    actions::{
        change_view::change_view,
        form_answer::FormKey,
        remove_view::{may_remove, remove_view},
        save_view::TypedView,
    },
    app::App,
    domain::{
        ids::SavedViewId,
        refused::Refused,
        staff::{StaffRole, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, QUEUE},
        render::{page, refused_form, see_other},
        session, urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/saved_view.html")]
struct SavedViewPage {
    layout: Layout,
    form: FormState,
    name: String,
    says: String,
    url: String,
    /// Who made it; empty for the reader's own.
    maker: String,
    is_shared: bool,
    may_remove: bool,
    action: String,
    remove: String,
    query: String,
    seen: i64,
}

/// What the form of its maker sends, and the one that removes it.
#[derive(Deserialize)]
pub struct ViewFields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    shared: String,
    #[serde(default)]
    seen: String,
}

impl FormFields for ViewFields {}

fn parsed(id: &str) -> Result<SavedViewId, Refused> {
    SavedViewId::parse(id).map_err(|_| Refused::NotFound)
}

/// The page of a list that the reader may see; `form` is what was typed, where it was refused.
async fn read(
    app: &App,
    scope: &StaffScope,
    layout: Layout,
    id: &SavedViewId,
    form: Option<FormState>,
) -> Result<SavedViewPage, Refused> {
    let mut read = app.store.read().await?;
    let people = read.staff_beside(StaffRole::Auditor).await?;
    let view = read.saved_view(&scope.staff, id).await?.ok_or(Refused::NotFound)?;
    let (asked, left_out) = Asked::understood(&view.query, scope);
    let is_mine = view.staff_id == scope.staff;
    // A copy is the reader's own until they say otherwise.
    let shared = if view.shared && is_mine { "yes" } else { "" };
    let shown = || FormState::new().with("name", view.name.as_str()).with("shared", shared);
    Ok(SavedViewPage {
        layout: layout.at(QUEUE),
        form: form.unwrap_or_else(shown),
        url: saved_views::address(&asked, &left_out, id),
        says: saved_views::says(&asked, &people),
        maker: if is_mine { String::new() } else { view.maker.clone() },
        is_shared: view.shared,
        may_remove: may_remove(scope, &view),
        action: if is_mine { urls::saved_view(id) } else { urls::SAVED_VIEWS.to_owned() },
        remove: urls::remove_view(id),
        query: asked.kept(),
        seen: view.version,
        name: view.name.as_str().to_owned(),
    })
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    Ok(page(&read(&app, &scope, layout, &parsed(&id)?, None).await?))
}

/// Takes its new name, and who sees it.
pub async fn change(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<ViewFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedView { name: form.fields.name, shared: form.fields.shared == "yes" };
    let seen = version(&form.fields.seen);
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => change_view(&app, &scope, &id, seen, &typed, &key.beside("viewchange")).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => {
            session::leave_line(&session, "Saved.").await?;
            Ok(see_other(urls::SAVED_VIEWS).into_response())
        }
        Err(Refused::Fields(errors)) => {
            let state = form.state.refused(errors);
            let page = read(&app, &scope, layout.failed(true), &id, Some(state)).await?;
            Ok(refused_form(&page))
        }
        Err(other) => Err(other.into()),
    }
}

/// Removes it.
pub async fn remove(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<ViewFields, StaffScope>,
) -> Result<Response, PageError> {
    let key = FormKey::new(form.key.as_deref(), form.fingerprint)?.beside("viewremove");
    remove_view(&app, &scope, &parsed(&id)?, version(&form.fields.seen), &key).await?;
    session::leave_line(&session, "The list is removed.").await?;
    Ok(see_other(urls::SAVED_VIEWS).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::refused::FieldError, http::render::Sample};

    const HOSTILE: &str = "</a><script>\"'&{{7*7}}";

    impl Sample for SavedViewPage {
        fn samples() -> Vec<Self> {
            let refused = FieldError::new("name", "<script>Enter it".to_owned());
            [("", false), (HOSTILE, false), (HOSTILE, true)]
                .into_iter()
                .map(|(maker, is_owner)| Self {
                    layout: Layout::staff_sample().at(QUEUE),
                    form: FormState::new()
                        .with("name", HOSTILE)
                        .with("shared", "yes")
                        .refused(vec![refused.clone()]),
                    name: HOSTILE.to_owned(),
                    says: HOSTILE.to_owned(),
                    url: "/?view=failed".to_owned(),
                    maker: maker.to_owned(),
                    is_shared: is_owner,
                    may_remove: maker.is_empty() || is_owner,
                    action: "/saved-lists/x".to_owned(),
                    remove: "/saved-lists/x/remove".to_owned(),
                    query: HOSTILE.to_owned(),
                    seen: 1,
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        SavedViewPage::assert_renders();
    }
}
