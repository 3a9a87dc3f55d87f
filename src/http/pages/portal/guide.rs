//! The guide of a connection: how its access kind is set up, with the names of its attempt, and how far the office is.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    certificate::Made,
    guide_names::{Opened, opened},
    guide_script::Download,
    guide_standing::GuideStanding,
    guide_view::{ShownBlock, ShownStep, film_at, intro, steps},
    leftovers::LeftoverView,
    status_view::Moment,
};
use crate::{
    actions::{
        draft::Bench,
        leftovers::left_of,
        tick_step::{StepOf, tick_step},
    },
    app::App,
    domain::{
        dates,
        guide::{Guide, GuideNames, Shown},
        ids::ConnectionId,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session, urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/guide.html")]
pub struct GuidePage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    number: i64,
    title: String,
    version: u32,
    /// For machines and for people.
    date: (String, String),
    minutes: u32,
    /// How many steps everybody does, and how many of those are done.
    count: usize,
    done: usize,
    needs: Vec<Vec<Shown>>,
    intro: Vec<ShownBlock>,
    steps: Vec<StepRow>,
    film: Option<String>,
    /// The certificate that the steps speak of, once it is there.
    certificate: Option<Made>,
    /// The commands as a file, where the guide has any.
    script: Option<Download>,
    /// What earlier attempts left.
    leftovers: Vec<LeftoverView>,
    /// Where the reader goes when the steps are done: the address and its words.
    onward: (String, &'static str),
}

/// A step and how it stands.
struct StepRow {
    step: ShownStep,
    /// When somebody marked it as done.
    ticked: Option<Moment>,
    /// When a check saw that it was done.
    seen: Option<Moment>,
    /// What the last check found, where it leads here.
    blamed: Option<String>,
}

impl StepRow {
    const fn is_done(&self) -> bool {
        self.blamed.is_none() && (self.ticked.is_some() || self.seen.is_some())
    }
}

/// What the form around the steps sends: the step whose button was pressed, under what it shall be.
#[derive(Deserialize)]
pub struct TickFields {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    open: String,
}

impl FormFields for TickFields {}

/// Shows the guide of the connection's kind.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let Opened { bench, guide, number, names } = opened(&app, &scope, &digest, &id).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let standing = GuideStanding::read(&app, &mut read, &scope, &bench, guide, number).await?;
    let leftovers = left_of(&mut read, &scope, &bench).await?.into_iter().map(LeftoverView::of).collect();
    drop(read);
    let of = Of { app: &app, bench: &bench, guide, number, names: &names, standing: &standing };
    Ok(page(&GuidePage { leftovers, ..GuidePage::of(layout, &of) }))
}

/// Marks a step as done, or takes the mark back, and leads to it.
pub async fn tick(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<TickFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let TickFields { attempt, done, open } = form.fields;
    let is_done = !done.is_empty();
    let of = StepOf { attempt: attempt.parse().unwrap_or_default(), step: if is_done { done } else { open } };
    match tick_step(&app, &scope, &id, &of, is_done).await {
        Ok(()) => Ok(see_other(&urls::guide_step(id.as_str(), &of.step))),
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::guide(id.as_str())))
        }
        Err(other) => Err(other.into()),
    }
}

/// What the page is made of.
struct Of<'a> {
    app: &'a App,
    bench: &'a Bench,
    guide: &'a Guide,
    number: i64,
    names: &'a GuideNames,
    standing: &'a GuideStanding,
}

impl GuidePage {
    /// Whether a time stands on the page: only then it takes the script for them along, for a guide is heavy enough.
    fn tells_times(&self) -> bool {
        let told = |row: &StepRow| row.seen.is_some() || row.ticked.is_some();
        !self.leftovers.is_empty() || self.steps.iter().any(told)
    }

    fn of(layout: Layout, of: &Of<'_>) -> Self {
        let id = &of.bench.connection.id;
        let onward = if of.bench.takes_answers().is_ok() {
            (urls::answers(id), "Enter the details")
        } else {
            (urls::connection(id), "See how the connection stands")
        };
        let film = of.app.settings.about.video_links.get(&of.bench.connection.kind);
        Self {
            name: of.bench.connection.name.as_str().to_owned(),
            reference: of.bench.connection.reference.as_str().to_owned(),
            number: of.number,
            certificate: Made::of(of.bench, of.number),
            script: Download::of(of.guide, of.names, of.bench, of.number),
            onward,
            ..Self::plain(layout, id, of.guide, of.names, (of.standing, film.map(String::as_str)))
        }
    }

    fn plain(
        layout: Layout,
        id: &ConnectionId,
        guide: &Guide,
        names: &GuideNames,
        (standing, film): (&GuideStanding, Option<&str>),
    ) -> Self {
        let row = |(shown, step)| StepRow {
            ticked: standing.ticked(step),
            seen: standing.seen(step),
            blamed: standing.blamed(step),
            step: shown,
        };
        let steps: Vec<StepRow> = steps(guide, names, film).into_iter().zip(&guide.steps).map(row).collect();
        let (done, count) = guide.done_of(|id| steps.iter().any(|row| row.step.id == id && row.is_done()));
        Self {
            layout: layout.at(OVERVIEW),
            id: id.clone(),
            name: String::new(),
            reference: String::new(),
            number: 1,
            title: guide.title.clone(),
            version: guide.version,
            date: (guide.date.to_string(), dates::words(guide.date)),
            minutes: guide.minutes,
            count,
            done,
            needs: guide.needs.iter().map(|need| need.fill(names)).collect(),
            intro: intro(guide, names),
            steps,
            film: film.map(|film| film_at(film, 0)),
            certificate: None,
            script: None,
            leftovers: Vec::new(),
            onward: (urls::OVERVIEW.to_owned(), "Back to overview"),
        }
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

    const HOSTILE: &str = "'; </code><script>alert(1)</script> {client} **b** \"&";

    fn sample_id() -> ConnectionId {
        ConnectionId::from_random([1; 16])
    }

    impl Sample for GuidePage {
        fn samples() -> Vec<Self> {
            let guides = Guides::built_in();
            let named = |text: &str| {
                BLANKS.iter().fold(GuideNames::default(), |names, blank| names.with(blank, text))
            };
            let open =
                BLANKS.iter().fold(GuideNames::default(), |names, blank| names.or(blank, "an example"));
            let one = |kind: &AccessKind| {
                let guide = guides.of(*kind).expect("a guide of each kind");
                let nobody = BLANKS
                    .iter()
                    .fold(GuideNames::default(), |names, blank| names.or_example(blank, "words"));
                [named("MoxiEngage2"), named(HOSTILE), open.clone(), nobody].map(|names| {
                    let standing = GuideStanding::sample(guide);
                    Self {
                        certificate: kind.makes_secret().then(Made::sample),
                        script: Some(Download::sample()),
                        leftovers: LeftoverView::samples(HOSTILE),
                        ..Self::plain(
                            Layout::sample(),
                            &sample_id(),
                            guide,
                            &names,
                            (&standing, Some("https://film.example/1")),
                        )
                    }
                })
            };
            AccessKind::ALL.iter().flat_map(one).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        GuidePage::assert_renders();
        for sample in GuidePage::samples() {
            let ids: Vec<String> = sample.steps.iter().map(|row| row.step.id.clone()).collect();
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert") && !html.contains("{client}<"), "{html}");
            for id in ids {
                assert!(
                    html.contains(&format!("href=\"#{id}\"")) && html.contains(&format!("<li id=\"{id}\"")),
                    "{id}"
                );
            }
            let copied = html.split("data-copy=\"").skip(1).filter_map(|rest| rest.split_once('"'));
            for (id, _) in copied {
                assert_eq!(html.matches(&format!("<code id=\"{id}\"")).count(), 1, "{id}");
            }
        }
    }

    #[test]
    fn a_command_is_shown_as_it_is_run() {
        let guide = Guides::built_in().of(AccessKind::ExchangeBasic).expect("a guide").clone();
        let names = GuideNames::default()
            .with("role_group", "O'Brien's group")
            .with("service_account", "a@b.example");
        let html = GuidePage::plain(
            Layout::sample(),
            &sample_id(),
            &guide,
            &names,
            (&GuideStanding::default(), None),
        )
        .render()
        .expect("renders");
        let command = "New-RoleGroup &#39;<mark>O&#39;&#39;Brien&#39;&#39;s group</mark>&#39; -Roles ApplicationImpersonation -Members &#39;<mark>a@b.example</mark>&#39;\nGet-Man";
        assert!(html.contains(command), "{html}");
    }
}
