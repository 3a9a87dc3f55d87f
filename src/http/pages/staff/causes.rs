//! Everything that a check can name, for our own people: searched by words, with how often it was found lately.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::SignedDuration;
use serde::Deserialize;

use super::words::checks;
use crate::{
    app::App,
    domain::{
        cause::{Cause, Mend},
        causes,
        refused::Refused,
        search::{LONGEST_SEARCH, search_text},
        staff::StaffScope,
        text::fold,
    },
    http::{
        error::PageError,
        layout::{CAUSES, Layout},
        render::page,
        urls,
    },
};

/// How far back the page counts.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A search that finds so few shows them whole. More are lines that lead there: all of them whole are four times as
/// heavy as a page may be.
const FEW: usize = 3;
/// So many lines stand on one page: all of them in one would be heavier than a page may be.
const LINES: usize = 150;

/// What the address asks for.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// Which page of the list, from 1. What is no number is the first.
    #[serde(default)]
    page: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/causes.html")]
struct CausesPage {
    layout: Layout,
    typed: String,
    /// How many there are, whatever is searched for.
    all: usize,
    /// How many of them an administrator tells at a step of a guide, and how many nothing provokes.
    told: usize,
    without: usize,
    entries: Vec<Entry>,
    /// Whether what an entry says is there, too.
    whole: bool,
    /// Where each page of the list is, and which one this is; none when there is only one.
    pages: Vec<String>,
    at: usize,
}

/// A cause in the list.
struct Entry {
    cause: &'static Cause,
    times: String,
    /// How it reads on a server of the customer's own, where that differs.
    own: Option<Cause>,
}

/// Shows all, or those that have each of the words.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    Query(asked): Query<Asked>,
    layout: Layout,
) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let since = app.clock.now().plus(-LATELY);
    let times = read.all_brokerages(&scope)?.causes_since(since).await.map_err(Refused::from)?;
    Ok(page(&CausesPage::new(layout.at(CAUSES), &asked, &times)))
}

impl CausesPage {
    fn new(layout: Layout, asked: &Asked, times: &BTreeMap<String, i64>) -> Self {
        let typed = asked.q.as_str();
        let words = search_text(typed);
        let named = causes::find(typed.trim());
        // What is too long to be a word of ours finds nothing.
        let wanted = |cause: &&Cause| match named {
            Some(one) => one.id == cause.id,
            None => typed.trim().is_empty() || words.as_ref().is_some_and(|words| has(cause, words)),
        };
        let entry = |cause: &'static Cause| Entry {
            cause,
            times: checks(times.get(cause.id).copied().unwrap_or(0)),
            own: cause.own_server.map(|_| cause.on(true)),
        };
        let found: Vec<&'static Cause> = causes::all().filter(wanted).collect();
        let typed: String = typed.chars().take(LONGEST_SEARCH).collect();
        let count = found.len().div_ceil(LINES);
        let at = asked.page.parse().unwrap_or(1).clamp(1, count.max(1));
        let pages = (1..=count).filter(|_| count > 1).map(|page| urls::causes_page(&typed, page)).collect();
        let entries: Vec<Entry> = found.into_iter().skip((at - 1) * LINES).take(LINES).map(entry).collect();
        Self {
            layout,
            typed,
            all: causes::all().count(),
            told: causes::all().filter(|cause| cause.told.is_some()).count(),
            without: causes::all().filter(|cause| cause.scenarios.is_empty()).count(),
            whole: entries.len() <= FEW && count < 2,
            entries,
            pages,
            at,
        }
    }
}

/// Whether each of the words stands somewhere in what the entry says.
fn has(cause: &Cause, words: &str) -> bool {
    let texts = |cause: &Cause| {
        let mends = cause.mend.iter().flat_map(|mend: &Mend| [mend.text, mend.command.unwrap_or_default()]);
        [cause.id, cause.title, cause.meaning]
            .into_iter()
            .chain(mends)
            .map(fold)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let reached = fold(&cause.scenarios.join(" "));
    let told = fold(cause.told.unwrap_or_default());
    let text = [texts(cause), texts(&cause.on(true)), reached, told].join(" ");
    words.split(' ').all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const HOSTILE: &str = "</li><script>\"'&{{7*7}}";

    fn asked(typed: &str) -> Asked {
        Asked { q: typed.to_owned(), page: String::new() }
    }

    impl Sample for CausesPage {
        fn samples() -> Vec<Self> {
            let times = BTreeMap::from([("client_secret_invalid".to_owned(), 12), (HOSTILE.to_owned(), 1)]);
            ["", "client_secret_invalid", HOSTILE, &"x".repeat(10_240)]
                .map(|typed| Self::new(Layout::staff_sample().at(CAUSES), &asked(typed), &times))
                .into()
        }
    }

    /// Those of all pages of the list.
    fn found(typed: &str) -> Vec<&'static str> {
        let page = |page: usize| {
            let asked = Asked { page: page.to_string(), ..asked(typed) };
            CausesPage::new(Layout::staff_sample(), &asked, &BTreeMap::new())
        };
        let count = page(1).pages.len().max(1);
        (1..=count).flat_map(|at| page(at).entries.into_iter().map(|entry| entry.cause.id)).collect()
    }

    #[test]
    fn every_sample_renders() {
        CausesPage::assert_renders();
        for sample in CausesPage::samples() {
            assert!(!sample.render().expect("renders").contains("<script>\""));
        }
    }

    #[test]
    fn a_search_finds_what_has_each_of_the_words() {
        assert_eq!(found(" "), causes::all().map(|cause| cause.id).collect::<Vec<_>>());
        assert_eq!(found("client_secret_invalid"), ["client_secret_invalid"]);
        for cause in causes::all() {
            assert_eq!(found(cause.id), [cause.id], "an id finds that one");
        }
        let title = causes::find("client_secret_invalid").expect("the cause").title;
        let backwards: Vec<&str> = title.rsplit(' ').collect();
        assert!(found(&backwards.join("  ").to_uppercase()).contains(&"client_secret_invalid"));
        assert!(found("secret-wrong").contains(&"client_secret_invalid"), "by what provokes it");
        assert_eq!(found("client_secret_invalid zebra"), [] as [&str; 0]);
        assert_eq!(found(&"x".repeat(10_240)), [] as [&str; 0]);
    }

    #[test]
    fn each_is_seen_by_a_check_or_told_at_a_step_of_a_guide() {
        let page = CausesPage::new(Layout::staff_sample(), &asked(""), &BTreeMap::new());
        assert_eq!((page.told, page.without), (5, 0));
        let html = CausesPage::new(Layout::staff_sample(), &asked("secret_policy_blocks"), &BTreeMap::new())
            .render()
            .expect("renders");
        assert!(html.contains("step <code>secret</code> of the guide <code>graph_secret</code>"), "{html}");
    }
}
