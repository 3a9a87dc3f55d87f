//! The overview: the brokerage's connections, how each stands, what comes next, and who has access.

use askama::Template;
use axum::{extract::State, response::Response};
use tower_sessions::Session;

use super::overview_card::{Card, Task};
use crate::{
    actions::{create_connection::room_left, draft::Bench, people},
    app::App,
    domain::{connection::State as Standing, duty::Duty, refused::Refused, scope::Scope},
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::page,
        session, urls,
    },
    store::GuideTickOf,
};

/// The overview.
#[derive(Template)]
#[template(path = "portal/overview.html")]
pub struct OverviewPage {
    layout: Layout,
    company: String,
    heading: &'static str,
    lede: &'static str,
    part: &'static str,
    troubles: Vec<Trouble>,
    cards: Vec<Card>,
    first_tasks: Vec<Task>,
    room: i64,
    people: Vec<(String, String)>,
    accepted: bool,
    domain: String,
}

/// A connection that failed, for the top of the page.
struct Trouble {
    name: String,
    what: String,
    url: String,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
) -> Result<Response, PageError> {
    let digest = session::digest(&session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let benches = Bench::read_all(&app, &mut read, &scope, &digest).await?;
    let brokerage =
        read.brokerage(&scope.brokerage).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let ticks = read.guide_ticks_of_brokerage(&scope.brokerage).await.map_err(Refused::from)?;
    let stored = read.people_of(&scope.brokerage).await.map_err(Refused::from)?;
    let by_hand = read.verified_by_hand(&scope.brokerage).await.map_err(Refused::from)?;
    drop(read);
    let duty = stored.iter().find(|stored| stored.person.id == scope.person);
    let duty = duty.map(|stored| stored.person.duty).unwrap_or_default();
    let (mut cards, mut troubles) = (Vec::new(), Vec::new());
    for bench in &benches {
        let decided = bench.connection.in_use.as_ref().is_some_and(|id| by_hand.contains(id));
        let card = Card::of(bench, guide_done(&app, bench, &ticks), decided);
        if bench.connection.state == Standing::Failed {
            troubles.push(Trouble {
                name: card.name.clone(),
                what: card.trouble.clone(),
                url: card.url.clone(),
            });
        }
        cards.push(card);
    }
    let people = people::recipients(&app, stored)?
        .into_iter()
        .map(|person| (person.name.as_str().to_owned(), person.address.as_str().to_owned()))
        .collect();
    mark_first(&mut cards);
    let (heading, lede) = opening(&cards);
    let room = room_left(&brokerage, i64::try_from(cards.len()).unwrap_or(i64::MAX));
    Ok(page(&OverviewPage {
        layout: layout.at(OVERVIEW),
        company: brokerage.company.as_str().to_owned(),
        heading,
        lede,
        part: part(duty),
        troubles,
        cards,
        first_tasks: first_tasks(),
        room,
        people,
        accepted: brokerage.accepted_at.is_some(),
        domain: brokerage.proven_domain.as_str().to_owned(),
    }))
}

/// How many steps of the guide of the attempt that is being prepared are marked as done, and how many there are.
fn guide_done(app: &App, bench: &Bench, ticks: &[GuideTickOf]) -> (usize, usize) {
    let of = |tick: &&GuideTickOf| {
        tick.connection_id == bench.connection.id && tick.attempt_number == bench.number
    };
    let ticked = |id: &str| ticks.iter().filter(of).any(|tick| tick.step_id == id);
    app.guides.of(bench.connection.kind).map_or((0, 0), |guide| guide.done_of(ticked))
}

/// One button of the page stands out: the first thing that waits for the reader.
fn mark_first(cards: &mut [Card]) {
    if let Some(card) = cards.iter_mut().find(|card| card.next.is_some() && card.waits_for_reader) {
        card.first = true;
    }
}

fn opening(cards: &[Card]) -> (&'static str, &'static str) {
    if cards.is_empty() {
        ("Connect your brokerage's mail", "Nothing is done yet. Three steps, about 15 minutes.")
    } else if cards.iter().all(|card| card.is_closed) {
        (
            "Nothing is connected",
            "What you had begun is closed. You can open it again, or make a new connection.",
        )
    } else if cards.iter().all(|card| card.is_verified || card.is_closed) {
        ("Your mail is connected", "Nothing has to be done. We tell you when something needs your attention.")
    } else if cards.iter().any(|card| card.waits_for_reader) {
        ("Your connections", "Enter the details, check them, submit. You can stop and come back at any time.")
    } else {
        ("Your connections", "We are at it. You can close this page: the result comes by e-mail.")
    }
}

/// What comes first for somebody with this duty.
const fn part(duty: Duty) -> &'static str {
    match duty {
        Duty::Coordinator => {
            "Is somebody else the administrator of your mail? Invite them, and they go on from here."
        }
        Duty::ItAdmin => "Your part is the guide and its form: it names each step and checks what you enter.",
        Duty::Vendor => {
            "Your part is the guide: it names each step on the mail system, and the form takes what comes of it."
        }
    }
}

fn first_tasks() -> Vec<Task> {
    vec![
        Task::open("Choose your mail system", "Not yet started", urls::NEW_CONNECTION.to_owned()),
        Task::shut("Set up the access and enter its details", "Cannot start yet"),
        Task::shut("Check your answers and submit", "Cannot start yet"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{pages::portal::overview_card::samples, render::Sample};

    impl Sample for OverviewPage {
        fn samples() -> Vec<Self> {
            let hostile = "</script><b>\"'&";
            [Vec::new(), samples()]
                .into_iter()
                .map(|mut cards| {
                    mark_first(&mut cards);
                    let (heading, lede) = opening(&cards);
                    Self {
                        layout: Layout::sample().at(OVERVIEW),
                        company: hostile.to_owned(),
                        heading,
                        lede,
                        part: part(Duty::Vendor),
                        troubles: vec![Trouble {
                            name: hostile.to_owned(),
                            what: hostile.to_owned(),
                            url: "/".to_owned(),
                        }],
                        room: i64::from(cards.is_empty()),
                        accepted: cards.is_empty(),
                        cards,
                        first_tasks: first_tasks(),
                        people: vec![(hostile.to_owned(), "ida@lakeshore.example".to_owned())],
                        domain: "lakeshore.example".to_owned(),
                    }
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders_and_one_button_stands_out() {
        OverviewPage::assert_renders();
        for sample in OverviewPage::samples() {
            let html = sample.render().expect("renders");
            assert_eq!(html.matches("class=\"btn\"").count(), 1, "{html}");
            assert!(!html.contains("<b>\"'&"), "{html}");
        }
    }
}
