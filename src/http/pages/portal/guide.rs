//! The guide of a connection: how its access kind is set up, with the names of its attempt.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tower_sessions::Session;

use super::{certificate::Made, guide_names::names};
use crate::{
    actions::draft::Bench,
    app::App,
    domain::{
        dates,
        guide::{Block, Guide, GuideNames, Shown, Step, Text},
        ids::ConnectionId,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::page,
        session, urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/guide.html")]
pub struct GuidePage {
    layout: Layout,
    name: String,
    reference: String,
    number: i64,
    title: String,
    version: u32,
    /// For machines and for people.
    date: (String, String),
    minutes: u32,
    /// How many steps everybody does.
    count: usize,
    needs: Vec<Vec<Shown>>,
    intro: Vec<ShownBlock>,
    steps: Vec<ShownStep>,
    film: Option<String>,
    /// The certificate that the steps speak of, once it is there.
    certificate: Option<Made>,
    /// Where the reader goes when the steps are done: the address and its words.
    onward: (String, &'static str),
}

/// A step with its names.
struct ShownStep {
    id: String,
    title: Vec<Shown>,
    why: Vec<Shown>,
    place: Option<Vec<Shown>>,
    optional: Option<Vec<Shown>>,
    blocks: Vec<ShownBlock>,
}

/// A piece of a step with its names.
enum ShownBlock {
    Say(Vec<Shown>),
    Note(Vec<Shown>),
    Expect(Vec<Shown>),
    Clicks(Vec<Vec<Shown>>),
    Command(ShownCommand),
}

/// A command with its names.
struct ShownCommand {
    shell: String,
    /// What tells it from the other commands of the page, for those who do not see it.
    name: String,
    text: Vec<Shown>,
}

/// Shows the guide of the connection's kind.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(&app, &mut read, &scope, &digest, &id).await?;
    drop(read);
    let guide = app.guides.of(bench.connection.kind).ok_or(PageError::NotFound)?;
    Ok(page(&GuidePage::of(&app, layout, guide, &bench)))
}

impl GuidePage {
    fn of(app: &App, layout: Layout, guide: &Guide, bench: &Bench) -> Self {
        let (number, names) = names(app, bench);
        let id = &bench.connection.id;
        let onward = if bench.takes_answers().is_ok() {
            (urls::answers(id), "Enter the details")
        } else {
            (urls::connection(id), "See how the connection stands")
        };
        Self {
            name: bench.connection.name.as_str().to_owned(),
            reference: bench.connection.reference.as_str().to_owned(),
            number,
            film: app.settings.about.video_links.get(&bench.connection.kind).cloned(),
            certificate: Made::of(bench, number),
            onward,
            ..Self::plain(layout, guide, &names)
        }
    }

    fn plain(layout: Layout, guide: &Guide, names: &GuideNames) -> Self {
        Self {
            layout: layout.at(OVERVIEW),
            name: String::new(),
            reference: String::new(),
            number: 1,
            title: guide.title.clone(),
            version: guide.version,
            date: (guide.date.to_string(), dates::words(guide.date)),
            minutes: guide.minutes,
            count: guide.steps.iter().filter(|step| step.optional.is_none()).count(),
            needs: guide.needs.iter().map(|need| need.fill(names)).collect(),
            intro: guide.intro.iter().map(|block| shown(block, names, "before the first step")).collect(),
            steps: guide.steps.iter().enumerate().map(|(at, step)| shown_step(at + 1, step, names)).collect(),
            film: None,
            certificate: None,
            onward: (urls::OVERVIEW.to_owned(), "Back to overview"),
        }
    }
}

fn shown_step(number: usize, step: &Step, names: &GuideNames) -> ShownStep {
    let fill = |text: &Text| text.fill(names);
    let mut commands = 0;
    let blocks = step.blocks.iter().map(|block| {
        commands += usize::from(matches!(block, Block::Command { .. }));
        shown(block, names, &format!("{commands} of step {number}"))
    });
    ShownStep {
        id: step.id.clone(),
        title: fill(&step.title),
        why: fill(&step.why),
        place: step.place.as_ref().map(fill),
        optional: step.optional.as_ref().map(fill),
        blocks: blocks.collect(),
    }
}

fn shown(block: &Block, names: &GuideNames, name: &str) -> ShownBlock {
    match block {
        Block::Say(text) => ShownBlock::Say(text.fill(names)),
        Block::Note(text) => ShownBlock::Note(text.fill(names)),
        Block::Expect(text) => ShownBlock::Expect(text.fill(names)),
        Block::Clicks(clicks) => ShownBlock::Clicks(clicks.iter().map(|click| click.fill(names)).collect()),
        Block::Command { shell, text } => ShownBlock::Command(ShownCommand {
            shell: shell.clone(),
            name: name.to_owned(),
            text: text.fill_command(names),
        }),
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
                [named("MoxiEngage2"), named(HOSTILE), open.clone()].map(|names| Self {
                    film: Some("https://film.example/1".to_owned()),
                    certificate: kind.makes_secret().then(Made::sample),
                    ..Self::plain(Layout::sample(), guide, &names)
                })
            };
            AccessKind::ALL.iter().flat_map(one).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        GuidePage::assert_renders();
        for sample in GuidePage::samples() {
            let ids: Vec<String> = sample.steps.iter().map(|step| step.id.clone()).collect();
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
        let html = GuidePage::plain(Layout::sample(), &guide, &names).render().expect("renders");
        let command = "New-RoleGroup &#39;<mark>O&#39;&#39;Brien&#39;&#39;s group</mark>&#39; -Roles ApplicationImpersonation -Members &#39;<mark>a@b.example</mark>&#39;\nGet-Man";
        assert!(html.contains(command), "{html}");
    }
}
