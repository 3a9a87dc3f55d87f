//! The queue: which connections need a human now, and every other view of them. It is read anew when it is opened; with
//! scripts the page is told that it changed since.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::words::{age, counted, tag};
use crate::{
    actions::cause_words::CauseWords,
    app::App,
    domain::{
        cause::Names,
        connection,
        instant::Instant,
        refused::Refused,
        search::{LONGEST_SEARCH, search_text},
        staff::StaffScope,
    },
    http::{
        error::PageError,
        layout::{Layout, QUEUE},
        pages::portal::status_view::Moment,
        render::page,
        urls,
    },
    store::{
        SealerRefusal,
        all_brokerages::{MOST_WORDS, Queue, QueueCounts, QueueItem, QueuePlace, QueueView},
    },
};

/// Rows of a page.
const ROWS: usize = 50;

/// What the address asks for.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    view: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

/// A view that the page offers.
struct Chip {
    name: &'static str,
    url: String,
    count: Option<String>,
    is_here: bool,
}

/// A reason why a row needs a human, with its age.
struct Reason {
    words: &'static str,
    since: String,
}

/// A connection in the list.
struct Line {
    url: String,
    company: String,
    name: String,
    reference: String,
    kind: &'static str,
    tag: (&'static str, &'static str),
    cause: String,
    reasons: Vec<Reason>,
    age: String,
    machine: String,
    words: String,
    owner: String,
    attempt: String,
}

/// The queue.
#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    layout: Layout,
    title: &'static str,
    chips: Vec<Chip>,
    typed: String,
    too_long: bool,
    lines: Vec<Line>,
    checking: String,
    newer: String,
    older: String,
    /// So many words were looked through, and the page ended there.
    cut_short: Option<i64>,
    /// Nothing of the audit is signed any more: the row that was signed last, and since when.
    unsigned: Option<(i64, Moment)>,
    /// Where the page hears that it is out of date, and where it shows itself anew.
    news: String,
    anew: String,
}

/// The words of the views in addresses, and what pages call them. The first one is where everybody begins.
const VIEWS: &[(&str, &str)] = &[
    ("needs", "Needs a human"),
    ("mine", "Mine"),
    ("submitted", "Being checked"),
    ("failed", "Failed"),
    ("verified", "Verified"),
    ("draft", "Not submitted"),
    ("all", "All"),
];

fn view_of(word: &str, scope: &StaffScope) -> Option<QueueView> {
    Some(match word {
        "needs" => QueueView::Needing,
        "mine" => QueueView::TakenBy(scope.staff.clone()),
        "all" => QueueView::All,
        other => QueueView::In(connection::State::parse(other)?),
    })
}

/// Shows a view or a search.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    Query(asked): Query<Asked>,
    layout: Layout,
) -> Result<Response, PageError> {
    let word = if asked.view.is_empty() { "needs" } else { asked.view.as_str() };
    let searches = !asked.q.trim().is_empty();
    let text = search_text(&asked.q);
    let view = match (searches, &text) {
        (false, _) => Some(view_of(word, &scope).ok_or(PageError::NotFound)?),
        (true, text) => text.clone().map(QueueView::Found),
    };
    // Whatever changes from here on is told, at worst once too often.
    let now = app.clock.now();
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let refusal = read.sealer_refusal().await.map_err(Refused::from)?;
    let mut all = read.all_brokerages(&scope)?;
    let counts = all.queue_counts(&scope.staff).await.map_err(Refused::from)?;
    let after = QueuePlace::parse(&asked.after);
    let queue = match &view {
        Some(view) => all.queue(view, after.as_ref(), ROWS).await.map_err(Refused::from)?,
        None => Queue::default(),
    };
    let here = if searches { ("q", asked.q.as_str()) } else { ("view", word) };
    let (too_long, goes_on) = (searches && text.is_none(), after.is_some());
    let shown = Shown { counts, queue, here, too_long, goes_on, refusal };
    Ok(page(&QueuePage::new(layout.at(QUEUE), shown, now)))
}

/// What was read, and how it was asked for.
struct Shown<'a> {
    counts: QueueCounts,
    queue: Queue,
    here: (&'static str, &'a str),
    too_long: bool,
    goes_on: bool,
    refusal: Option<SealerRefusal>,
}

impl QueuePage {
    fn new(layout: Layout, shown: Shown<'_>, now: Instant) -> Self {
        let (name, value) = shown.here;
        let searches = name == "q";
        let next = shown.queue.next.as_ref().map(ToString::to_string);
        let title = VIEWS.iter().find(|(word, _)| !searches && *word == value).map(|(_, title)| *title);
        Self {
            layout,
            title: title.unwrap_or(if searches { "Found" } else { "Queue" }),
            chips: chips(shown.counts, if searches { "" } else { value }),
            // Far more than a name has room for: shown back in part, so that the page stays small.
            typed: if searches { value.chars().take(LONGEST_SEARCH).collect() } else { String::new() },
            too_long: shown.too_long,
            lines: shown.queue.items.iter().map(|item| line(item, now)).collect(),
            checking: counted(shown.counts.submitted),
            cut_short: shown.queue.cut_short.then_some(MOST_WORDS),
            unsigned: shown.refusal.map(|refusal| (refusal.signed, Moment::of(refusal.since))),
            news: urls::queue_events(searches || value != VIEWS[0].0, now),
            anew: urls::queue(name, value, ""),
            newer: if shown.goes_on { urls::queue(name, value, "") } else { String::new() },
            older: next.map(|next| urls::queue(name, value, &next)).unwrap_or_default(),
        }
    }
}

fn chips(counts: QueueCounts, here: &str) -> Vec<Chip> {
    let count = |word: &str| match word {
        "needs" => Some(counted(counts.needing)),
        "mine" => Some(counted(counts.mine)),
        "submitted" => Some(counted(counts.submitted)),
        "failed" => Some(counted(counts.failed)),
        _ => None,
    };
    let chip = |(word, name): &(&'static str, &'static str)| Chip {
        name,
        url: urls::queue("view", word, ""),
        count: count(word),
        is_here: *word == here,
    };
    VIEWS.iter().map(chip).collect()
}

fn line(item: &QueueItem, now: Instant) -> Line {
    let since = item.needs.first().map_or(item.changed_at, |need| need.since);
    let cause = item.cause.as_ref().filter(|_| item.state != connection::State::Verified);
    Line {
        url: urls::connection(&item.id),
        company: item.company.as_str().to_owned(),
        name: item.name.as_str().to_owned(),
        reference: item.reference.as_str().to_owned(),
        kind: item.kind.title(),
        tag: tag(item.state, item.phase),
        cause: cause.map(|id| CauseWords::of(Some(id), &Names::default()).title).unwrap_or_default(),
        reasons: item
            .needs
            .iter()
            .map(|need| Reason { words: need.rule.title(), since: age(now, need.since) })
            .collect(),
        age: age(now, since),
        machine: since.rfc3339(),
        words: since.words(),
        owner: item.taken.as_ref().map(|taken| taken.name.clone()).unwrap_or_default(),
        attempt: item.attempt.map(|number| number.to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            check::CauseId,
            connection::{Phase, State as Standing},
            ids::{BrokerageId, ConnectionId, StaffId},
            kind::AccessKind,
            reference::Reference,
            review::{Need, NeedRule, Taken},
            text::{CompanyName, ConnectionName},
        },
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    fn item(state: Standing, phase: Option<Phase>, needs: &[NeedRule]) -> QueueItem {
        let id = ConnectionId::from_random([7; 16]);
        QueueItem {
            place: QueuePlace { key: AT.as_micros().to_string(), id: id.clone() },
            id,
            brokerage_id: BrokerageId::from_random([2; 16]),
            company: CompanyName::from_stored(HOSTILE.to_owned()),
            reference: Reference::new("Lakeshore Realty", 42),
            name: ConnectionName::from_stored(HOSTILE.to_owned()),
            kind: AccessKind::GraphSecret,
            state,
            phase,
            changed_at: AT,
            attempt: (state != Standing::Draft).then_some(2),
            cause: Some(CauseId::known("client_secret_invalid")),
            taken: (state == Standing::Failed).then(|| Taken {
                staff: StaffId::from_random([3; 16]),
                name: HOSTILE.to_owned(),
                at: AT,
            }),
            needs: needs.iter().map(|rule| Need { rule: *rule, since: AT }).collect(),
        }
    }

    impl Sample for QueuePage {
        fn samples() -> Vec<Self> {
            let full = || Queue {
                items: vec![
                    item(Standing::Submitted, Some(Phase::NeedsStaff), NeedRule::ALL),
                    item(Standing::Failed, None, &[NeedRule::FailedTwice]),
                    item(Standing::Draft, None, &[NeedRule::Acceptance]),
                    item(Standing::Verified, None, &[]),
                    item(Standing::Submitted, Some(Phase::Checking), &[]),
                ],
                next: Some(QueuePlace { key: HOSTILE.to_owned(), id: ConnectionId::from_random([1; 16]) }),
                cut_short: true,
            };
            let refusal = Some(SealerRefusal { since: AT, signed: 300, found: 256 });
            let counts = QueueCounts { needing: 2, mine: 0, submitted: 100, failed: 1 };
            [
                (("view", "needs"), full(), false, false),
                (("view", "needs"), Queue::default(), false, false),
                (("view", "all"), Queue::default(), false, true),
                (("q", HOSTILE), full(), false, true),
                (("q", HOSTILE), Queue::default(), false, false),
                (("q", HOSTILE), Queue::default(), true, false),
            ]
            .into_iter()
            .map(|(here, queue, too_long, goes_on)| {
                let layout = Layout::staff_sample().at(QUEUE);
                let refusal = refusal.filter(|_| goes_on);
                Self::new(layout, Shown { counts, queue, here, too_long, goes_on, refusal }, AT)
            })
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        QueuePage::assert_renders();
        for sample in QueuePage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
        }
    }
}
