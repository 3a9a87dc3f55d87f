//! The overview: the brokerage's connections, how each stands, what comes next, and who has access.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::civil::{Date, date};
use tower_sessions::Session;

use super::overview_card::{Card, Task};
use crate::{
    actions::{create_connection::room_left, draft::Bench, people, remind},
    app::App,
    domain::{
        access::{AccessStage, AccessWay},
        answers::secret_noun,
        connection::State as Standing,
        dates,
        duty::Duty,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::page,
        session, urls,
    },
    store::{GuideTickOf, Read, StoredAccess},
};

/// So many of the latest requests to look at a secret are read.
const MOST: i64 = 100;
/// The day on which Microsoft switches EWS off for everybody.
const EWS_ENDS: Date = date(2027, 4, 1);
const MEND: &str = "It says below what it is and how it is mended.";

/// The overview.
#[derive(Template)]
#[template(path = "portal/overview.html")]
pub struct OverviewPage {
    layout: Layout,
    company: String,
    heading: String,
    lede: &'static str,
    part: &'static str,
    troubles: Vec<Trouble>,
    needs: Vec<Need>,
    cards: Vec<Card>,
    first_tasks: Vec<Task>,
    room: i64,
    people: Vec<(String, String)>,
    /// Whether the reader may invite and remove people.
    may_invite: bool,
    accepted: bool,
    domain: String,
}

/// Something that works and needs somebody all the same: a sentence, and where it leads.
struct Need {
    words: String,
    url: String,
    label: &'static str,
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
    let asked = read.accesses_of(&scope.brokerage, MOST).await.map_err(Refused::from)?;
    let mut pauses = Vec::new();
    for bench in &benches {
        pauses.push(pause_of(&mut read, &scope, bench).await?);
    }
    drop(read);
    let duty = stored.iter().find(|stored| stored.person.id == scope.person);
    let duty = duty.map(|stored| stored.person.duty).unwrap_or_default();
    let (mut cards, mut troubles) = (Vec::new(), Vec::new());
    let now = app.clock.now();
    let mut needs: Vec<Need> = asked.iter().filter_map(|one| asked_need(one, now)).collect();
    needs.extend(benches.iter().filter_map(|bench| ending_need(bench, now.date())));
    for (bench, pause) in benches.iter().zip(pauses) {
        let decided = bench.connection.in_use.as_ref().is_some_and(|id| by_hand.contains(id));
        let mut card = Card::of(bench, guide_done(&app, bench, &ticks), decided);
        card.pauses_until(pause);
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
    let (heading, lede) = opening(&cards, !needs.is_empty());
    // Where everything is connected, nobody is to be invited to do it.
    let all_done = !cards.is_empty() && cards.iter().all(|card| card.is_verified || card.is_closed);
    let room = room_left(&brokerage, i64::try_from(cards.len()).unwrap_or(i64::MAX));
    Ok(page(&OverviewPage {
        layout: layout.at(OVERVIEW),
        company: brokerage.company.as_str().to_owned(),
        heading,
        lede,
        part: if all_done && duty == Duty::Coordinator { "" } else { part(duty) },
        troubles,
        needs,
        cards,
        first_tasks: first_tasks(),
        room,
        people,
        may_invite: duty.invites(),
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

/// Until when the sign-in of what is being decided pauses, where it does.
async fn pause_of(read: &mut Read, scope: &Scope, bench: &Bench) -> Result<Option<Instant>, Refused> {
    let Some((attempt, _)) = bench.candidate().filter(|_| !bench.renews()) else { return Ok(None) };
    let pauses = attempt.cause.as_ref().is_some_and(|cause| cause.as_str() == "sign_in_paused");
    let Some(check) = attempt.check_id.as_ref().filter(|_| pauses) else { return Ok(None) };
    let check = read.check(scope, check).await?;
    Ok(check.filter(|check| check.verdict.is_none() && check.run == 0).map(|check| check.due_at))
}

/// A request to look at a secret that waits for the office, or a look that needs no yes of theirs.
fn asked_need(one: &StoredAccess, now: Instant) -> Option<Need> {
    let (asker, what, office) = (&one.asker, secret_noun(one.kind), &one.connection);
    let own = one.access.way == AccessWay::Grant;
    let (words, label) = match one.access.stage(now) {
        AccessStage::Waiting(until) if own => (
            format!("{asker} asks to see the {what} of {office}: answer by {}.", until.words()),
            "See the request",
        ),
        AccessStage::Open(until) if !own => (
            format!(
                "{asker} of our Technical Operations may look at the {what} of {office} until {}, without your yes.",
                until.words()
            ),
            "See why, or stop it",
        ),
        _ => return None,
    };
    Some(Need { words, url: urls::access(&one.access.id), label })
}

/// What works today and stops on a day that is known.
fn ending_need(bench: &Bench, today: Date) -> Option<Need> {
    let connection = &bench.connection;
    let (attempt, settings) = bench.in_use().filter(|_| connection.state == Standing::Verified)?;
    if !connection.kind.may_be_preselected() {
        let stop = if today < EWS_ENDS { "stops" } else { "stopped" };
        return Some(Need {
            words: format!(
                "{} {stop} on April 1, 2027: connect Microsoft 365 with a certificate before then.",
                connection.name
            ),
            url: urls::NEW_CONNECTION.to_owned(),
            label: "New connection",
        });
    }
    let what = secret_noun(connection.kind);
    let ends = attempt.last_day(settings).filter(|ends| remind::is_near(*ends, today))?;
    let end = if ends < today { "ended" } else { "ends" };
    Some(Need {
        words: format!("The {what} of {} {end} on {}: renew it.", connection.name, dates::words(ends)),
        url: urls::renew(&connection.id),
        label: "Renew it",
    })
}

fn opening(cards: &[Card], needed: bool) -> (String, &'static str) {
    let failed = cards.iter().filter(|card| card.needs_mending).count();
    match failed {
        0 => {
            let (heading, lede) = calm_opening(cards, needed);
            (heading.to_owned(), lede)
        }
        1 => ("One connection needs you".to_owned(), MEND),
        many => (format!("{many} connections need you"), MEND),
    }
}

fn calm_opening(cards: &[Card], needed: bool) -> (&'static str, &'static str) {
    if cards.is_empty() {
        ("Connect your brokerage's mail", "Nothing is done yet. Three steps, 15 to 30 minutes.")
    } else if cards.iter().all(|card| card.is_closed && !card.is_begun) {
        (
            "Nothing is connected",
            "You told us that your office does not go on for now. You can begin at any time.",
        )
    } else if cards.iter().all(|card| card.is_closed) {
        (
            "Nothing is connected",
            "What you had begun is closed. You can open it again, or make a new connection.",
        )
    } else if cards.iter().all(|card| card.is_verified || card.is_closed) {
        (
            "Your mail is connected",
            if needed {
                "Everything works. One thing waits for you: see below."
            } else {
                "Nothing has to be done. We tell you when something needs your attention."
            },
        )
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
                    let (heading, lede) = opening(&cards, true);
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
                        needs: vec![Need { words: hostile.to_owned(), url: "/".to_owned(), label: "See it" }],
                        room: i64::from(cards.is_empty()),
                        accepted: cards.is_empty(),
                        cards,
                        first_tasks: first_tasks(),
                        people: vec![(hostile.to_owned(), "ida@lakeshore.example".to_owned())],
                        may_invite: false,
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

    #[test]
    fn who_may_invite_nobody_is_not_sent_to_do_it() {
        for may_invite in [true, false] {
            let page = OverviewPage { may_invite, ..OverviewPage::samples().remove(0) };
            let html = page.render().expect("renders");
            assert_eq!(html.contains("Invite a colleague, remove one"), may_invite, "{html}");
        }
    }
}
