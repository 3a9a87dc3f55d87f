//! Lists of the queue that somebody gave a name: beside the queue's own views, all of them on a page, and saving one.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    queue_asked::{Asked, VIEWS},
    queue_order,
};
use crate::{
    actions::{
        form_answer::FormKey,
        save_view::{MOST_VIEWS, TypedView, save_view},
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
    store::{Colleague, Read, SavedView, all_brokerages::QueueOrder},
};

/// So many lists of others stand beside the queue's views; the page of all of them has the rest.
const MOST_BESIDE: i64 = 20;
/// So many of them that page shows.
const MOST_SHOWN: i64 = 200;

/// A saved list beside the queue's views, or a line of the page of all of them.
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) url: String,
    /// Who made it; empty for the reader's own.
    pub(super) maker: String,
    pub(super) is_here: bool,
    is_shared: bool,
    page: String,
    says: String,
}

/// All of them.
#[derive(Template)]
#[template(path = "staff/saved_views.html")]
struct SavedViewsPage {
    layout: Layout,
    mine: Vec<Saved>,
    team: Vec<Saved>,
    most: i64,
    is_cut: bool,
}

/// A list that could not be saved as it was typed.
#[derive(Template)]
#[template(path = "staff/save_view.html")]
struct SaveViewPage {
    layout: Layout,
    form: FormState,
    says: String,
}

impl Saved {
    fn of(view: &SavedView, scope: &StaffScope, here: Option<&Asked>, people: &[Colleague]) -> Self {
        let (asked, left_out) = Asked::understood(&view.query, scope);
        let is_mine = view.staff_id == scope.staff;
        Self {
            name: view.name.as_str().to_owned(),
            url: address(&asked, &left_out, &view.id),
            maker: if is_mine { String::new() } else { view.maker.clone() },
            is_here: here.is_some_and(|here| here.anew() == asked.anew()),
            is_shared: view.shared,
            page: urls::saved_view(&view.id),
            says: says(&asked, people),
        }
    }

    /// The reader's own, and behind them some of what others made for all.
    pub(super) async fn beside(
        read: &mut Read,
        scope: &StaffScope,
        here: &Asked,
    ) -> Result<Vec<Self>, Refused> {
        let mut views = read.own_views(&scope.staff, MOST_VIEWS).await?;
        views.extend(read.shared_views(&scope.staff, MOST_BESIDE).await?);
        Ok(views.iter().map(|view| Self::of(view, scope, Some(here), &[])).collect())
    }
}

#[cfg(test)]
impl Saved {
    /// Lists with this name, of the reader and of others, for the samples of the queue.
    pub(super) fn samples(name: &str) -> Vec<Self> {
        let one = |maker: &str, is_here| Self {
            name: name.to_owned(),
            url: "/?view=failed".to_owned(),
            maker: maker.to_owned(),
            is_here,
            is_shared: false,
            page: "/saved-lists/x".to_owned(),
            says: name.to_owned(),
        };
        vec![one("", true), one(name, false)]
    }
}

/// Where a saved list opens: its own words, or by its id where the page has to say what was left out of them.
pub(super) fn address(asked: &Asked, left_out: &[String], id: &SavedViewId) -> String {
    if left_out.is_empty() { asked.anew() } else { urls::queue(&[("saved", id.as_str())]) }
}

/// What a list shows, in words.
pub(super) fn says(asked: &Asked, people: &[Colleague]) -> String {
    let view = VIEWS.iter().find(|(word, _)| *word == asked.view()).map(|(_, title)| (*title).to_owned());
    let mut parts = vec![view.unwrap_or_else(|| format!("Search: {}", asked.q))];
    parts.extend(asked.chips(people).into_iter().map(|chip| chip.says));
    parts.extend(QueueOrder::parse(asked.order()).map(|order| queue_order::title(order).to_owned()));
    parts.join(", ")
}

/// What the address asks for; where it names a saved list, what that one does, and what of it is not known any more.
pub(super) async fn restored(
    read: &mut Read,
    scope: &StaffScope,
    asked: Asked,
) -> Result<(Asked, Vec<String>), Refused> {
    if asked.saved.is_empty() {
        return Ok((asked, Vec::new()));
    }
    let id = SavedViewId::parse(&asked.saved).map_err(|_| Refused::NotFound)?;
    let view = read.saved_view(&scope.staff, &id).await?.ok_or(Refused::NotFound)?;
    Ok(Asked::understood(&view.query, scope))
}

/// Shows the reader's own and everybody's.
pub async fn list(State(app): State<App>, scope: StaffScope, layout: Layout) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let people = read.staff_beside(StaffRole::Auditor).await.map_err(Refused::from)?;
    let mine = read.own_views(&scope.staff, MOST_VIEWS).await.map_err(Refused::from)?;
    let team = read.shared_views(&scope.staff, MOST_SHOWN).await.map_err(Refused::from)?;
    let lines = |views: &[SavedView]| -> Vec<Saved> {
        views.iter().map(|view| Saved::of(view, &scope, None, &people)).collect()
    };
    Ok(page(&SavedViewsPage {
        layout: layout.at(QUEUE),
        mine: lines(&mine),
        team: lines(&team),
        most: MOST_SHOWN,
        is_cut: i64::try_from(team.len()).unwrap_or(i64::MAX) >= MOST_SHOWN,
    }))
}

/// What the form sends.
#[derive(Deserialize)]
pub struct SaveFields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    shared: String,
    #[serde(default)]
    query: String,
}

impl FormFields for SaveFields {}

/// Saves the list that the queue showed, or keeps a copy of a colleague's, and leads to it.
pub async fn save(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    ScopedForm { scope, form }: ScopedForm<SaveFields, StaffScope>,
) -> Result<Response, PageError> {
    let fields = form.fields;
    let (asked, left_out) = Asked::understood(&fields.query, &scope);
    let typed = TypedView { name: fields.name, shared: fields.shared == "yes" };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(_) if !left_out.is_empty() => Err(Refused::field(
            "",
            "The queue does not know a part of this list. Open the queue and save the list from there",
        )),
        Ok(key) => save_view(&app, &scope, &typed, &asked.kept(), &key.beside("view")).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(_) => {
            session::leave_line(&session, "The list is saved.").await?;
            Ok(see_other(&asked.anew()).into_response())
        }
        Err(Refused::Fields(errors)) => {
            let mut read = app.store.read().await.map_err(Refused::from)?;
            let people = read.staff_beside(StaffRole::Auditor).await.map_err(Refused::from)?;
            let (form, layout) = (form.state.refused(errors), layout.at(QUEUE).failed(true));
            Ok(refused_form(&SaveViewPage { layout, form, says: says(&asked, &people) }))
        }
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ids::StaffId, refused::FieldError, text::ViewName},
        http::render::Sample,
    };

    const HOSTILE: &str = "</a><script>\"'&{{7*7}}";

    fn scope() -> StaffScope {
        StaffScope {
            staff: StaffId::from_random([1; 16]),
            name: "Dana Reyes".to_owned(),
            roles: vec![StaffRole::Reviewer],
        }
    }

    fn view(query: &str, by: u8) -> SavedView {
        SavedView {
            id: SavedViewId::from_random([7; 16]),
            version: 1,
            staff_id: StaffId::from_random([by; 16]),
            maker: HOSTILE.to_owned(),
            name: ViewName::from_stored(HOSTILE.to_owned()),
            query: query.to_owned(),
            shared: by > 1,
        }
    }

    impl Sample for SavedViewsPage {
        fn samples() -> Vec<Self> {
            let lines = |by| {
                let queries = ["view=failed&owner=me&order=longest", "q=%3Cscript%3E%22", "kind=gone"];
                queries.iter().map(|query| Saved::of(&view(query, by), &scope(), None, &[])).collect()
            };
            [true, false]
                .into_iter()
                .map(|full| Self {
                    layout: Layout::staff_sample().at(QUEUE),
                    mine: if full { lines(1) } else { Vec::new() },
                    team: if full { lines(2) } else { Vec::new() },
                    most: MOST_SHOWN,
                    is_cut: full,
                })
                .collect()
        }
    }

    impl Sample for SaveViewPage {
        fn samples() -> Vec<Self> {
            let errors = ["name", ""].map(|field| FieldError::new(field, "<script>Enter it".to_owned()));
            let form = FormState::new().with("name", HOSTILE).with("shared", "yes").with("query", HOSTILE);
            [FormState::new(), form.refused(errors.to_vec())]
                .into_iter()
                .map(|form| Self { layout: Layout::staff_sample().at(QUEUE), form, says: HOSTILE.to_owned() })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        SavedViewsPage::assert_renders();
        SaveViewPage::assert_renders();
        for sample in SavedViewsPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
        }
    }

    #[test]
    fn a_list_says_what_it_shows_and_opens_by_its_id_where_a_part_is_gone() {
        let of = |query| Saved::of(&view(query, 1), &scope(), None, &[]);
        let failed = of("view=failed&owner=me&order=longest");
        assert_eq!(failed.url, "/?view=failed&owner=me&order=longest");
        assert_eq!(failed.says, "Failed, Taken by you, What waits longest first");
        let gone = of("view=failed&kind=gone");
        assert_eq!(gone.url, format!("/?saved={}", SavedViewId::from_random([7; 16])));
        assert_eq!(gone.says, "Failed");
    }
}
