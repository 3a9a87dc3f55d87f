//! What whoever follows a guide sees on the provider's pages and no check ever does: what it means and how it is mended.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tower_sessions::Session;

use super::{
    guide_names::{Opened, opened},
    guide_view::{Told, told},
};
use crate::{
    app::App,
    domain::{
        guide::{Guide, GuideNames},
        ids::ConnectionId,
        scope::Scope,
    },
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::page,
        session,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/told.html")]
pub struct ToldPage {
    layout: Layout,
    id: ConnectionId,
    reference: String,
    /// The step at which it is seen: its id and its title.
    step: (String, String),
    told: Told,
}

/// Shows it; not found where the connection's guide has no step that asks about this.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path((id, cause)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let Opened { bench, guide, number, names } = opened(&app, &scope, &digest, &id).await?;
    let shown = ToldPage::of(layout, &bench.connection.id, guide, &names, &cause);
    let reference = bench.connection.reference.of_attempt(number);
    Ok(page(&ToldPage { reference, ..shown.ok_or(PageError::NotFound)? }))
}

impl ToldPage {
    fn of(layout: Layout, id: &ConnectionId, guide: &Guide, names: &GuideNames, cause: &str) -> Option<Self> {
        let step = guide.step_that_asks(cause)?;
        Some(Self {
            layout: layout.at(OVERVIEW),
            id: id.clone(),
            reference: String::new(),
            step: (step.id.clone(), step.title.words(names)),
            told: told(step, names).into_iter().find(|told| told.words.id == cause)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::guides::Guides,
        domain::{guide::BLANKS, kind::AccessKind},
        http::render::Sample,
    };

    const HOSTILE: &str = "</code><script>alert(1)</script>\"'&";

    impl Sample for ToldPage {
        fn samples() -> Vec<Self> {
            let guides = Guides::built_in();
            let id = ConnectionId::from_random([1; 16]);
            let named = |name: &str| {
                BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, name))
            };
            let one = |kind: &AccessKind| {
                let guide = guides.of(*kind).expect("a guide of each kind");
                let asked: Vec<&String> = guide.steps.iter().flat_map(|step| &step.asks).collect();
                let page = |names: GuideNames| {
                    let page = |cause: &&String| Self::of(Layout::sample(), &id, guide, &names, cause);
                    asked.iter().filter_map(page).collect::<Vec<_>>()
                };
                [page(GuideNames::default()), page(named(HOSTILE))].into_iter().flatten().collect::<Vec<_>>()
            };
            AccessKind::ALL.iter().flat_map(one).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        ToldPage::assert_renders();
        for sample in ToldPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            for unfilled in ["{app_name}", "{egress}", "{support}"] {
                assert!(!html.contains(unfilled), "{unfilled}: {html}");
            }
        }
    }
}
