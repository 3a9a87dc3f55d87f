//! The queue: which connections need a human now, and every other view of them. It is read anew when it is opened; with
//! scripts the page is told that it changed since.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{
    found::{FoundBeside, page_named},
    news::News,
    queue_asked::{Asked, Chip, VIEWS},
    queue_lines::{Line, line},
    queue_order::{self, Heading},
    saved_views::{Saved, restored},
    words::{counted, state_words},
};
use crate::{
    app::App,
    domain::{
        connection,
        instant::Instant,
        kind::AccessKind,
        refused::Refused,
        review::NeedRule,
        search::LONGEST_SEARCH,
        staff::{Deed, StaffRole, StaffScope},
    },
    http::{
        error::PageError,
        layout::{Layout, QUEUE},
        pages::portal::status_view::Moment,
        render::{page, see_other},
        urls,
    },
    store::{
        Colleague, SealerRefusal,
        all_brokerages::{MOST_LOOKED_AT, Queue, QueueCounts, QueueOrder, QueuePlace, QueueView},
    },
};

/// Rows of a page.
const ROWS: usize = 50;

/// A view that the page offers.
struct View {
    name: &'static str,
    url: String,
    count: Option<String>,
    is_here: bool,
}

/// A filter that the page offers, with its choices: the word of the address and what it is called.
struct Choice {
    name: &'static str,
    label: &'static str,
    words: Vec<(String, String)>,
}

/// The queue.
#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    layout: Layout,
    title: &'static str,
    asked: Asked,
    views: Vec<View>,
    /// The lists with a name.
    saved: Vec<Saved>,
    /// What of a saved list is not known any more.
    left_out: String,
    /// What the list is saved with.
    query: String,
    chips: Vec<Chip>,
    choices: Vec<Choice>,
    /// Where there is a choice of orders: the word, what it is called, and whether it is the page's.
    orders: Vec<(&'static str, &'static str, bool)>,
    headings: [Heading; 7],
    typed: String,
    external: String,
    too_long: bool,
    lines: Vec<Line>,
    /// The brokerages that a search found.
    found: FoundBeside,
    /// How many brokerages have no connection yet.
    unconnected: String,
    checking: String,
    newer: String,
    older: String,
    /// So much was looked through, and the page ended there.
    cut_short: Option<i64>,
    /// Nothing of the audit is signed any more: the row that was signed last, and since when.
    unsigned: Option<(i64, Moment)>,
    /// Whether rows have boxes, and something to do with those that are ticked.
    may_take: bool,
    /// Those that rows can be handed over to: id and name.
    colleagues: Vec<(String, String)>,
    /// Whether single letters do something here.
    keys: bool,
    /// Which of the keys `2` (write to the office) and `3` (close for it) the reader's roles open.
    opens: String,
    news: News,
    /// Where it shows itself anew.
    anew: String,
}

/// Shows a view, a search, or what filters leave of them.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    Query(asked): Query<Asked>,
    layout: Layout,
) -> Result<Response, PageError> {
    // Whatever changes from here on is told, at worst once too often.
    let now = app.clock.now();
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let (asked, left_out) = restored(&mut read, &scope, asked).await?;
    let (view, filter) = asked.read(&scope).ok_or(PageError::NotFound)?;
    let order = asked.order_of(&view).ok_or(PageError::NotFound)?;
    let saved = Saved::beside(&mut read, &scope, &asked).await?;
    let refusal = read.sealer_refusal().await.map_err(Refused::from)?;
    let people = read.staff_beside(StaffRole::Auditor).await.map_err(Refused::from)?;
    let keepers = read.staff_with_role(StaffRole::AccountManager).await.map_err(Refused::from)?;
    let keys = read.staff_keys(&scope.staff).await.map_err(Refused::from)?;
    let found = match asked.searches() {
        true => {
            if let Some(url) = page_named(&mut read.all_brokerages(&scope)?, &asked.q).await? {
                return Ok(see_other(&url));
            }
            FoundBeside::read(&app, &mut read, &scope, &asked.q).await?
        }
        false => FoundBeside::default(),
    };
    let mut all = read.all_brokerages(&scope)?;
    let unconnected = all.count_unconnected().await.map_err(Refused::from)?;
    let counts = all.queue_counts(&scope.staff).await.map_err(Refused::from)?;
    let after = QueuePlace::parse(&asked.after);
    let queue = match asked.is_too_long() {
        true => Queue::default(),
        false => all.queue(&view, order, &filter, after.as_ref(), ROWS).await.map_err(Refused::from)?,
    };
    let (may_take, may_accept) = (scope.may(Deed::TakeItem), scope.may(Deed::AcceptBrokerage));
    let opens = [("2", Deed::AnswerQuestion), ("3", Deed::PrepareConnection)];
    let opens = opens.iter().filter(|(_, deed)| scope.may(*deed)).map(|(key, _)| *key).collect();
    let goes_on = after.is_some();
    let shown = Shown {
        counts,
        unconnected,
        found,
        queue,
        saved,
        left_out,
        asked,
        view,
        order,
        people,
        keepers,
        goes_on,
        refusal,
        may_take,
        may_accept,
        keys,
        opens,
    };
    Ok(page(&QueuePage::new(layout.at(QUEUE), shown, now)))
}

/// What was read, and how it was asked for.
struct Shown {
    counts: QueueCounts,
    unconnected: i64,
    found: FoundBeside,
    queue: Queue,
    saved: Vec<Saved>,
    left_out: Vec<String>,
    asked: Asked,
    view: QueueView,
    order: QueueOrder,
    people: Vec<Colleague>,
    keepers: Vec<Colleague>,
    goes_on: bool,
    refusal: Option<SealerRefusal>,
    may_take: bool,
    may_accept: bool,
    keys: bool,
    opens: String,
}

impl QueuePage {
    fn new(layout: Layout, shown: Shown, now: Instant) -> Self {
        let asked = shown.asked;
        let next = shown.queue.next.as_ref().map(ToString::to_string);
        let title = VIEWS.iter().find(|(word, _)| *word == asked.view()).map(|(_, title)| *title);
        // Far more than a name has room for: shown back in part, so that the page stays small.
        let short = |text: &str| text.chars().take(LONGEST_SEARCH).collect();
        Self {
            layout,
            title: title.unwrap_or(if asked.searches() { "Found" } else { "Queue" }),
            views: views(shown.counts, &asked),
            saved: shown.saved,
            left_out: short(&shown.left_out.join(", ")),
            query: asked.kept(),
            chips: asked.chips(&shown.people),
            choices: choices(&shown.people, &shown.keepers),
            orders: queue_order::choices(&shown.view, shown.order),
            headings: queue_order::headings(&asked, &shown.view, shown.order),
            typed: if asked.searches() { short(&asked.q) } else { String::new() },
            external: short(&asked.external),
            too_long: asked.is_too_long(),
            lines: shown
                .queue
                .items
                .iter()
                .map(|item| line(item, now, shown.may_take, shown.may_accept))
                .collect(),
            found: shown.found,
            unconnected: counted(shown.unconnected),
            checking: counted(shown.counts.checking),
            cut_short: shown.queue.cut_short.then_some(MOST_LOOKED_AT),
            unsigned: shown.refusal.map(|refusal| (refusal.signed, Moment::of(refusal.since))),
            news: News {
                url: urls::queue_events(asked.view() != VIEWS[0].0, now),
                tells: "The queue has changed.",
                anew: asked.anew(),
                by_itself: false,
            },
            anew: asked.anew(),
            newer: if shown.goes_on { asked.anew() } else { String::new() },
            older: next.map(|next| asked.behind(&next)).unwrap_or_default(),
            may_take: shown.may_take,
            colleagues: shown.people.iter().map(|one| (one.staff.to_string(), one.name.clone())).collect(),
            keys: shown.keys,
            opens: shown.opens,
            asked,
        }
    }
}

fn views(counts: QueueCounts, asked: &Asked) -> Vec<View> {
    let count = |word: &str| match word {
        "needs" => Some(counted(counts.needing)),
        "mine" => Some(counted(counts.mine)),
        "brokerages" => Some(counted(counts.managed)),
        "snoozed" => Some(counted(counts.snoozed)),
        "checking" => Some(counted(counts.checking)),
        "waiting" => Some(counted(counts.with_provider)),
        "failed" => Some(counted(counts.failed)),
        _ => None,
    };
    let view = |(word, name): &(&'static str, &'static str)| View {
        name,
        url: asked.at_view(word),
        count: count(word),
        is_here: *word == asked.view(),
    };
    VIEWS.iter().map(view).collect()
}

fn choices(people: &[Colleague], keepers: &[Colleague]) -> Vec<Choice> {
    let pair = |word: &str, title: &str| (word.to_owned(), title.to_owned());
    let person = |one: &Colleague| pair(one.staff.as_str(), &one.name);
    let states = connection::State::ALL.iter().map(|state| pair(state.as_str(), state_words(*state)));
    let kinds = AccessKind::ALL.iter().map(|kind| pair(kind.id(), kind.title()));
    let rules = NeedRule::ALL.iter().map(|rule| pair(rule.as_str(), rule.title()));
    let owners = [pair("me", "You"), pair("nobody", "Nobody")].into_iter().chain(people.iter().map(person));
    let keepers = std::iter::once(pair("me", "You")).chain(keepers.iter().map(person));
    [
        ("state", "State", states.collect()),
        ("kind", "Mail system", kinds.collect()),
        ("rule", "Why it needs a human", rules.collect()),
        ("owner", "Taken by", owners.collect()),
        ("manager", "Account manager", keepers.collect::<Vec<_>>()),
    ]
    .map(|(name, label, words)| Choice { name, label, words })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            address::MailDomain,
            check::CauseId,
            connection::{Phase, State as Standing},
            ids::{BrokerageId, ConnectionId, StaffId},
            reference::Reference,
            review::{Need, Taken},
            text::{CompanyName, ConnectionName},
        },
        http::render::Sample,
        store::all_brokerages::QueueItem,
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
            brokerage_version: 1,
            domain: MailDomain::parse("lakeshore.example").expect("a domain"),
            reference: Reference::new("Lakeshore Realty", 42),
            name: ConnectionName::from_stored(HOSTILE.to_owned()),
            kind: AccessKind::GraphSecret,
            kind_chosen: state != Standing::Closed,
            state,
            phase,
            changed_at: AT,
            attempt: (state != Standing::Draft).then_some(2),
            by_hand: state == Standing::Verified,
            cause: Some(CauseId::known("client_secret_invalid")),
            taken: (state == Standing::Failed).then(|| Taken {
                staff: StaffId::from_random([3; 16]),
                name: HOSTILE.to_owned(),
                at: AT,
            }),
            needs: needs.iter().map(|rule| Need { rule: *rule, since: AT, due: AT }).collect(),
            due: needs.first().map(|rule| crate::domain::due::WorkingHours::default().due(*rule, AT)),
            snoozed_until: (state == Standing::Draft).then_some(AT),
            version: 3,
        }
    }

    impl Sample for QueuePage {
        fn samples() -> Vec<Self> {
            let full = || Queue {
                items: [
                    item(Standing::Submitted, Some(Phase::NeedsStaff), NeedRule::ALL),
                    item(Standing::Failed, None, &[NeedRule::FailedTwice]),
                    item(Standing::Draft, None, &[NeedRule::Acceptance]),
                    item(Standing::Verified, None, &[]),
                    item(Standing::Submitted, Some(Phase::Checking), &[]),
                ]
                .into_iter()
                .zip(1..)
                .map(|(item, at)| QueueItem { id: ConnectionId::from_random([at; 16]), ..item })
                .collect(),
                next: Some(QueuePlace { key: HOSTILE.to_owned(), id: ConnectionId::from_random([1; 16]) }),
                cut_short: true,
            };
            let refusal = Some(SealerRefusal { since: AT, signed: 300, found: 256 });
            let counts = QueueCounts {
                needing: 2,
                snoozed: 1,
                mine: 0,
                managed: 3,
                checking: 100,
                with_provider: 4,
                failed: 1,
            };
            let long = format!("q={}", "x".repeat(2000));
            let later = AT.plus(jiff::SignedDuration::from_hours(30));
            [
                ("view=needs", full(), false, AT),
                ("view=needs", full(), false, later),
                ("view=needs", Queue::default(), false, AT),
                ("view=all", Queue::default(), true, AT),
                ("view=all&order=company", full(), true, AT),
                ("view=needs&order=newest", full(), false, AT),
                ("state=failed&kind=graph_secret&cause=client_secret_invalid&owner=me&rule=acceptance&external=x", full(), true, AT),
                ("view=mine&owner=nobody", Queue::default(), false, AT),
                ("q=%3Cscript%3E%22'%26", full(), true, AT),
                ("q=%3Cscript%3E%22'%26", Queue::default(), false, AT),
                (long.as_str(), Queue::default(), false, AT),
            ]
            .into_iter()
            .map(|(query, queue, goes_on, now)| {
                let uri: axum::http::Uri = format!("/?{query}").parse().expect("an address");
                let Query::<Asked>(asked) = Query::try_from_uri(&uri).expect("words");
                let layout = Layout::staff_sample().at(QUEUE);
                let scope = StaffScope { staff: StaffId::from_random([3; 16]), name: HOSTILE.to_owned(), roles: vec![StaffRole::Reviewer] };
                let (view, _) = asked.read(&scope).expect("words of ours");
                let order = asked.order_of(&view).expect("an order");
                let refusal = refusal.filter(|_| goes_on);
                let people = vec![Colleague { staff: StaffId::from_random([3; 16]), name: HOSTILE.to_owned() }];
                let keepers = people.clone();
                let found = if asked.searches() && goes_on { FoundBeside::sample(HOSTILE) } else { FoundBeside::default() };
                let saved = if goes_on { Saved::samples(HOSTILE) } else { Vec::new() };
                let left_out = if goes_on { vec![HOSTILE.to_owned()] } else { Vec::new() };
                let shown = Shown { counts, unconnected: 2, found, queue, saved, left_out, asked, view, order, people, keepers, goes_on, refusal, may_take: !goes_on, may_accept: !goes_on, keys: !goes_on, opens: "23".to_owned() };
                Self::new(layout, shown, now)
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
