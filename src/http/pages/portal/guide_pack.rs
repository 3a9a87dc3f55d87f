//! The whole guide on paper, for whoever runs the mail system and cannot sign in here: every step open, the names of the
//! attempt in a list, where we connect from, and no secret.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tower_sessions::Session;

use super::{
    certificate::Made,
    guide_names::{Opened, opened},
    guide_view::{ShownBlock, ShownStep, film_at, intro, steps},
};
use crate::{
    app::App,
    domain::{
        dates,
        guide::{BLANKS, Guide, GuideNames, Shown, Text, title_of},
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
#[template(path = "portal/guide_pack.html")]
pub struct PackPage {
    layout: Layout,
    id: ConnectionId,
    company: String,
    reference: String,
    number: i64,
    title: String,
    version: u32,
    /// For machines and for people.
    date: (String, String),
    minutes: u32,
    needs: Vec<Vec<Shown>>,
    intro: Vec<ShownBlock>,
    steps: Vec<ShownStep>,
    /// The names that the steps speak of: what each is, and the name.
    names: Vec<(&'static str, String)>,
    film: Option<String>,
    certificate: Option<Made>,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let Opened { bench, guide, number, names } = opened(&app, &scope, &digest, &id).await?;
    let film = app.settings.about.video_links.get(&bench.connection.kind);
    Ok(page(&PackPage {
        company: bench.brokerage.company.as_str().to_owned(),
        reference: bench.connection.reference.of_attempt(number),
        number,
        certificate: Made::of(&bench, number),
        film: film.map(|film| film_at(film, 0)),
        ..PackPage::plain(layout, &bench.connection.id, guide, &names)
    }))
}

impl PackPage {
    fn plain(layout: Layout, id: &ConnectionId, guide: &Guide, names: &GuideNames) -> Self {
        Self {
            layout: layout.at(OVERVIEW),
            id: id.clone(),
            company: String::new(),
            reference: String::new(),
            number: 1,
            title: guide.title.clone(),
            version: guide.version,
            date: (guide.date.to_string(), dates::words(guide.date)),
            minutes: guide.minutes,
            needs: guide.needs.iter().map(|need| need.fill(names)).collect(),
            intro: intro(guide, names),
            steps: steps(guide, names, None),
            names: listed(guide, names),
            film: None,
            certificate: None,
        }
    }
}

/// The names that a guide speaks of and that are known or proposed.
fn listed(guide: &Guide, names: &GuideNames) -> Vec<(&'static str, String)> {
    let used: Vec<&str> = guide.texts().into_iter().flat_map(Text::blanks).collect();
    let one = |blank: &&'static str| Some((title_of(blank)?, names.name(blank)?.to_owned()));
    BLANKS.iter().filter(|blank| used.contains(blank)).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::guides::Guides, domain::kind::AccessKind, http::render::Sample};

    const HOSTILE: &str = "'; </code></text><script>alert(1)</script> {client} \"&";

    impl Sample for PackPage {
        fn samples() -> Vec<Self> {
            let guides = Guides::built_in();
            let id = ConnectionId::from_random([1; 16]);
            let named = BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, HOSTILE));
            let open =
                BLANKS.iter().fold(GuideNames::default(), |names, blank| names.or_example(blank, "words"));
            let one = |kind: &AccessKind| {
                let guide = guides.of(*kind).expect("a guide of each kind");
                [&named, &open].map(|names| Self {
                    company: HOSTILE.to_owned(),
                    film: Some("https://film.example/1".to_owned()),
                    certificate: kind.makes_secret().then(Made::sample),
                    ..Self::plain(Layout::sample(), &id, guide, names)
                })
            };
            AccessKind::ALL.iter().flat_map(one).collect()
        }
    }

    #[test]
    fn every_sample_renders_whole_and_asks_nothing() {
        PackPage::assert_renders();
        for sample in PackPage::samples() {
            let steps = sample.steps.len();
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            let main =
                html.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).expect("main").0;
            assert_eq!(main.matches("<h2>Step ").count(), steps, "{main}");
            assert!(
                !main.contains("<form") && !main.contains("<details"),
                "paper folds and sends nothing: {main}"
            );
        }
    }
}
