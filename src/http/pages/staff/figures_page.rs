//! What the page of figures shows. A number of connections that stand somewhere now leads to the list of just these; what was
//! counted over a time is a number alone.

use askama::Template;
use jiff::SignedDuration;

use super::words::state_words;
use crate::{
    domain::{
        causes,
        check::CauseId,
        connection::State,
        funnel::{Course, Funnel, Stage},
        instant::Instant,
        kind::AccessKind,
        review::NeedRule,
    },
    http::{layout::Layout, pages::portal::status_view::Moment, urls},
    store::all_brokerages::MOST_FOLLOWED,
};

/// The lengths of time that can be chosen, in days; the first is what everybody begins with.
pub(super) const DAYS: [i64; 3] = [30, 90, 365];

/// How wide the longest bar is, in the units of its picture.
const WIDTH: usize = 100;

/// What was counted.
pub(super) struct Counted {
    pub(super) now: Instant,
    pub(super) courses: Vec<Course>,
    pub(super) standing: Vec<(AccessKind, State, i64)>,
    /// By which rule, whether overdue, how many.
    pub(super) needs: Vec<(NeedRule, bool, i64)>,
    pub(super) standing_causes: Vec<(CauseId, i64)>,
    pub(super) named_causes: Vec<(CauseId, i64, i64)>,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/figures.html")]
pub(super) struct FiguresPage {
    layout: Layout,
    days: i64,
    /// The lengths that can be chosen, each with its address.
    choices: Vec<(i64, String)>,
    counted_at: Moment,
    /// Whether only the newest were followed.
    cut: bool,
    stages: Vec<StageLine>,
    kinds: Vec<KindLine>,
    /// The states at the head of the second table.
    states: Vec<&'static str>,
    standing: Vec<StandingLine>,
    needs: Vec<NeedLine>,
    causes: Vec<CauseLine>,
}

/// A stage of the funnel.
struct StageLine {
    title: &'static str,
    many: usize,
    /// How many of those before, in words; nothing at the first stage.
    of_before: String,
    width: usize,
}

/// How one kind got on, or all of them.
struct KindLine {
    title: &'static str,
    reached: [usize; 5],
    at_first: String,
    tested: String,
    to_submit: String,
    to_verify: String,
}

/// Where the connections of one kind stand.
struct StandingLine {
    title: &'static str,
    cells: Vec<Option<(i64, String)>>,
}

/// What needs a human by one rule.
struct NeedLine {
    title: &'static str,
    url: String,
    many: i64,
    overdue: i64,
}

/// What stops offices.
struct CauseLine {
    title: &'static str,
    about: String,
    /// How many stand at it now, and the list of them.
    now: Option<(i64, String)>,
    lately: i64,
    before: i64,
}

impl FiguresPage {
    pub(super) fn of(layout: Layout, days: i64, counted: Counted) -> Self {
        let whole = Funnel::of(counted.courses.iter());
        let kinds = AccessKind::ALL.iter().filter_map(|kind| {
            let funnel = Funnel::of(counted.courses.iter().filter(|one| one.kind == *kind));
            (funnel.reached[0] > 0).then(|| KindLine::of(kind.title(), &funnel))
        });
        let mut kinds: Vec<KindLine> = kinds.collect();
        if kinds.len() > 1 {
            kinds.push(KindLine::of("All", &whole));
        }
        Self {
            layout,
            days,
            choices: DAYS.map(|days| (days, urls::figures(days))).into(),
            counted_at: Moment::of(counted.now),
            cut: i64::try_from(counted.courses.len()).is_ok_and(|many| many >= MOST_FOLLOWED),
            stages: stages(&whole),
            kinds,
            states: State::ALL.iter().map(|state| state_words(*state)).collect(),
            standing: AccessKind::ALL.iter().filter_map(|kind| standing(*kind, &counted.standing)).collect(),
            needs: NeedRule::ALL.iter().filter_map(|rule| NeedLine::of(*rule, &counted.needs)).collect(),
            causes: causes_of(&counted),
        }
    }
}

fn stages(funnel: &Funnel) -> Vec<StageLine> {
    let first = funnel.reached[0];
    let mut before = None;
    let stage = |(stage, many): (Stage, usize)| {
        let of_before = before.map_or_else(String::new, |before| share(many, before));
        before = Some(many);
        let width = (many * WIDTH).checked_div(first).unwrap_or_default();
        StageLine { title: stage.title(), many, of_before, width }
    };
    Stage::ALL.into_iter().zip(funnel.reached).map(stage).collect()
}

impl KindLine {
    fn of(title: &'static str, funnel: &Funnel) -> Self {
        let [_, _, submitted, verified, _] = funnel.reached;
        Self {
            title,
            reached: funnel.reached,
            at_first: share(funnel.at_first, verified),
            tested: share(funnel.tested, submitted),
            to_submit: funnel.to_submit.map_or_else(none, long),
            to_verify: funnel.to_verify.map_or_else(none, long),
        }
    }
}

fn standing(kind: AccessKind, all: &[(AccessKind, State, i64)]) -> Option<StandingLine> {
    let cell = |state: &State| {
        let many = all.iter().find(|(of, at, _)| (*of, at) == (kind, state))?.2;
        Some((many, urls::queue(&[("state", state.as_str()), ("kind", kind.id())])))
    };
    let cells: Vec<Option<(i64, String)>> = State::ALL.iter().map(cell).collect();
    cells.iter().any(Option::is_some).then_some(StandingLine { title: kind.title(), cells })
}

impl NeedLine {
    fn of(rule: NeedRule, counts: &[(NeedRule, bool, i64)]) -> Option<Self> {
        let of_rule = || counts.iter().filter(|count| count.0 == rule);
        let many = of_rule().map(|count| count.2).sum();
        let overdue = of_rule().filter(|count| count.1).map(|count| count.2).sum();
        let url = urls::queue(&[("rule", rule.as_str())]);
        (many > 0).then(|| Self { title: rule.title(), url, many, overdue })
    }
}

/// Those that checks named lately, then those that something still stands at.
fn causes_of(counted: &Counted) -> Vec<CauseLine> {
    let now =
        |id: &CauseId| counted.standing_causes.iter().find(|(of, _)| of == id).map_or(0, |(_, many)| *many);
    let named = counted.named_causes.iter().map(|(id, lately, both)| (id, *lately, both - lately));
    let stood = counted.standing_causes.iter().map(|(id, _)| (id, 0, 0));
    let unnamed = stood.filter(|(id, _, _)| !counted.named_causes.iter().any(|(named, _, _)| named == *id));
    let line = |(id, lately, before): (&CauseId, i64, i64)| {
        let many = now(id);
        Some(CauseLine {
            title: causes::find(id.as_str())?.title,
            about: urls::cause(id.as_str()),
            now: (many > 0).then(|| (many, urls::queue(&[("cause", id.as_str())]))),
            lately,
            before,
        })
    };
    named.chain(unnamed).filter_map(line).collect()
}

fn none() -> String {
    "–".to_owned()
}

/// A part of a whole: "3 of 4, 75 %".
fn share(part: usize, whole: usize) -> String {
    match (part * 100).checked_div(whole) {
        Some(percent) => format!("{part} of {whole}, {percent} %"),
        None => none(),
    }
}

/// A length of time in its largest unit that tells something.
fn long(took: SignedDuration) -> String {
    match took.as_secs().max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

    fn counted() -> Counted {
        let course = |kind, submitted: Option<i64>, verified: Option<i64>| Course {
            kind,
            made_at: NOW,
            ticked: true,
            tested: verified.is_some(),
            submitted_at: submitted.map(|hours| NOW.plus(SignedDuration::from_hours(hours))),
            verified: verified.map(|hours| (hours % 2 + 1, NOW.plus(SignedDuration::from_hours(hours)))),
            enabled: verified == Some(3),
        };
        let kinds = AccessKind::ALL.iter();
        Counted {
            now: NOW,
            courses: kinds
                .flat_map(|kind| {
                    [
                        course(*kind, None, None),
                        course(*kind, Some(1), Some(3)),
                        course(*kind, Some(2), Some(90)),
                    ]
                })
                .collect(),
            standing: AccessKind::ALL
                .iter()
                .flat_map(|kind| State::ALL.iter().map(|state| (*kind, *state, 12_345)))
                .collect(),
            needs: NeedRule::ALL.iter().flat_map(|rule| [(*rule, false, 93), (*rule, true, 7)]).collect(),
            standing_causes: vec![(CauseId::known("mailbox_not_found"), 3)],
            named_causes: vec![(CauseId::known("client_secret_invalid"), 5, 12)],
        }
    }

    fn empty() -> Counted {
        Counted {
            now: NOW,
            courses: Vec::new(),
            standing: Vec::new(),
            needs: Vec::new(),
            standing_causes: Vec::new(),
            named_causes: Vec::new(),
        }
    }

    impl Sample for FiguresPage {
        fn samples() -> Vec<Self> {
            [(30, empty()), (365, counted())]
                .map(|(days, counted)| {
                    Self::of(Layout::staff_sample().at(crate::http::layout::FIGURES), days, counted)
                })
                .into()
        }
    }

    #[test]
    fn every_sample_renders() {
        FiguresPage::assert_renders();
    }

    #[test]
    fn shares_and_lengths_are_said_in_words() {
        assert_eq!([share(3, 4), share(0, 0), share(0, 9)], ["3 of 4, 75 %", "–", "0 of 9, 0 %"]);
        let words =
            [-1, 119, 120, 7_199, 7_200, 172_799, 172_800].map(|s| long(SignedDuration::from_secs(s)));
        assert_eq!(words, ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]);
    }

    #[test]
    fn a_cause_that_nothing_named_lately_is_listed_when_something_stands_at_it() {
        let lines = causes_of(&counted());
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].lately, lines[0].before, lines[0].now.is_none()), (5, 7, true));
        assert_eq!(
            lines[1].now.as_ref().map(|(many, url)| (*many, url.as_str())),
            Some((3, "/?cause=mailbox_not_found"))
        );
    }
}
