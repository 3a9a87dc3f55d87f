//! What the address of a page of the queue asks for, and the addresses of other pages of it: a view, a search and
//! filters, each a word that can be kept, sent to a colleague, or taken off.

use axum::{extract::Query, http::Uri};
use serde::Deserialize;

use super::words::state_words;
use crate::{
    domain::{
        causes,
        check::CauseId,
        connection::State,
        ids::StaffId,
        kind::AccessKind,
        review::NeedRule,
        search::{LONGEST_SEARCH, search_text},
        staff::StaffScope,
        staff_mail::acted_on,
    },
    http::urls,
    store::{
        Colleague,
        all_brokerages::{QueueFilter, QueueOrder, QueueOwner, QueueView},
    },
};

/// What the address asks for, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    view: String,
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    pub(super) cause: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    manager: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    pub(super) external: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    pub(super) after: String,
    /// The saved list that shall be shown in place of all others.
    #[serde(default)]
    pub(super) saved: String,
}

/// The words of the views in addresses, and what pages call them. The first one is where everybody begins.
pub(super) const VIEWS: &[(&str, &str)] = &[
    ("needs", "Needs a human"),
    ("acting", "I may act on"),
    ("mine", "Mine"),
    ("brokerages", "My brokerages"),
    ("snoozed", "Put off"),
    ("checking", "Being checked"),
    ("waiting", "With the provider"),
    ("failed", "Failed"),
    ("verified", "Verified"),
    ("draft", "Not submitted"),
    ("all", "All"),
];

/// The word of whoever reads the page.
const ME: &str = "me";
/// The word for nobody.
const NOBODY: &str = "nobody";

/// A filter that is set: what it says, and the page without it.
pub(super) struct Chip {
    pub(super) says: String,
    pub(super) without: String,
}

impl Asked {
    /// The view that the page belongs to; none for a search.
    pub(super) fn view(&self) -> &str {
        match self.view.as_str() {
            _ if self.searches() => "",
            "" if self.filters().is_empty() => VIEWS[0].0,
            "" => "all",
            // A filter that says something else than the view is what was asked for last.
            word if !self.state.is_empty() && State::parse(word).is_some() => "all",
            "checking" | "waiting" if !self.state.is_empty() => "all",
            "mine" if !self.owner.is_empty() => "all",
            "brokerages" if !self.manager.is_empty() => "all",
            word => word,
        }
    }

    /// Whether words are searched for.
    pub(super) fn searches(&self) -> bool {
        !self.q.trim().is_empty()
    }

    /// Whether what is searched for is longer than anything that could be found.
    pub(super) fn is_too_long(&self) -> bool {
        self.searches() && search_text(&self.q).is_none() || self.external.len() > LONGEST_SEARCH
    }

    /// The filters that are set, as names and words of the address.
    pub(super) fn filters(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("state", self.state.trim()),
            ("kind", self.kind.trim()),
            ("cause", self.cause.trim()),
            ("owner", self.owner.trim()),
            ("manager", self.manager.trim()),
            ("rule", self.rule.trim()),
            ("external", self.external.trim()),
        ];
        all.into_iter().filter(|(_, word)| !word.is_empty()).collect()
    }

    /// Whether one filter has this word.
    pub(super) fn has(&self, name: &str, word: &str) -> bool {
        self.filters().contains(&(name, word))
            || (word.is_empty() && !self.filters().iter().any(|set| set.0 == name))
    }

    /// The view and the filters as the store knows them; `None` where a word is none of ours.
    pub(super) fn read(&self, scope: &StaffScope) -> Option<(QueueView, QueueFilter)> {
        let mut filter = self.filter(scope)?;
        if self.searches() {
            // Nothing begins with a text that is too long: the page says so, and nobody looks.
            return Some((QueueView::Found(search_text(&self.q).unwrap_or_default()), filter));
        }
        match self.view() {
            "needs" => return Some((QueueView::Needing, filter)),
            "acting" => return Some((QueueView::Needing, filter.by_rules(acted_on(&scope.roles)))),
            "snoozed" => return Some((QueueView::Snoozed, filter)),
            "checking" => return Some((QueueView::Checking, filter)),
            "waiting" => return Some((QueueView::WithProvider, filter)),
            "mine" => filter.owner = Some(QueueOwner::Staff(scope.staff.clone())),
            "brokerages" => filter.manager = Some(scope.staff.clone()),
            "all" => {}
            state => filter.state = Some(State::parse(state)?),
        }
        Some(filter.narrowest())
    }

    fn filter(&self, scope: &StaffScope) -> Option<QueueFilter> {
        let mut filter = QueueFilter::default();
        for (name, word) in self.filters() {
            match name {
                "state" => filter.state = Some(State::parse(word)?),
                "kind" => filter.kind = Some(AccessKind::from_id(word)?),
                "cause" => filter.cause = Some(CauseId::known(causes::find(word)?.id)),
                "owner" if word == NOBODY => filter.owner = Some(QueueOwner::Nobody),
                "owner" => filter.owner = Some(QueueOwner::Staff(person(word, scope)?)),
                "manager" => filter.manager = Some(person(word, scope)?),
                "rule" => filter.rule = Some(NeedRule::parse(word)?),
                _ => filter.external_id = Some(search_text(word).unwrap_or_default()),
            }
        }
        Some(filter)
    }

    /// The order of the page: the one that is asked for where the view has an index for it, else the view's own; `None`
    /// where the word is none of ours.
    pub(super) fn order_of(&self, view: &QueueView) -> Option<QueueOrder> {
        let own = *view.orders().first()?;
        match self.order() {
            "" => Some(own),
            word => {
                let order = QueueOrder::parse(word)?;
                Some(if view.orders().contains(&order) { order } else { own })
            }
        }
    }

    /// The word of the order that is asked for. It stays in the address, also where a view or a search has an order of its
    /// own, so that it is there again behind it.
    pub(super) fn order(&self) -> &str {
        self.order.trim()
    }

    /// The address of a view by itself, in the same order.
    pub(super) fn at_view(&self, word: &str) -> String {
        let mut words = vec![("view", word)];
        words.extend(self.ordered());
        urls::queue(&words)
    }

    /// The address of this page in another order.
    pub(super) fn in_order(&self, order: QueueOrder) -> String {
        Self { order: order.as_str().to_owned(), ..self.clone() }.anew()
    }

    fn ordered(&self) -> Option<(&'static str, &str)> {
        Some(("order", self.order())).filter(|(_, word)| !word.is_empty())
    }

    /// What of a saved list's words is still known, and in words what is not.
    pub(super) fn understood(query: &str, scope: &StaffScope) -> (Self, Vec<String>) {
        let pairs = format!("/?{query}").parse::<Uri>().ok();
        let pairs = pairs.and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        let Some(Query(pairs)) = pairs else {
            return (Self::default(), vec!["all of its words".to_owned()]);
        };
        let (mut asked, mut left_out) = (Self::default(), Vec::new());
        for (name, word) in pairs {
            match asked.with(&name, &word).filter(|with| with.is_known(scope)) {
                Some(with) => asked = with,
                None => left_out.push(format!("{name} {word}")),
            }
        }
        (asked, left_out)
    }

    /// What a saved list keeps of this page: its words as we write them, without a place in it.
    pub(super) fn kept(&self) -> String {
        self.anew().split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
    }

    fn is_known(&self, scope: &StaffScope) -> bool {
        !self.is_too_long() && self.read(scope).is_some_and(|(view, _)| self.order_of(&view).is_some())
    }

    /// The same with one more word; none where a saved list has no such name.
    fn with(&self, name: &str, word: &str) -> Option<Self> {
        let mut with = self.clone();
        let part = match name {
            "view" => &mut with.view,
            "q" => &mut with.q,
            "state" => &mut with.state,
            "kind" => &mut with.kind,
            "cause" => &mut with.cause,
            "owner" => &mut with.owner,
            "manager" => &mut with.manager,
            "rule" => &mut with.rule,
            "external" => &mut with.external,
            "order" => &mut with.order,
            _ => return None,
        };
        word.clone_into(part);
        Some(with)
    }

    /// The address of this page from its beginning.
    pub(super) fn anew(&self) -> String {
        urls::queue(&self.words(None))
    }

    /// The address of this page behind a place.
    pub(super) fn behind(&self, place: &str) -> String {
        let mut words = self.words(None);
        words.push(("after", place));
        urls::queue(&words)
    }

    /// The filters as chips; people by their names.
    pub(super) fn chips(&self, people: &[Colleague]) -> Vec<Chip> {
        let chip = |(name, word): (&'static str, &str)| Chip {
            says: said(name, word, people),
            without: urls::queue(&self.words(Some(name))),
        };
        self.filters().into_iter().map(chip).collect()
    }

    fn words(&self, without: Option<&str>) -> Vec<(&'static str, &str)> {
        // Far more than a name has room for comes back in part, so that the page stays small.
        let typed =
            self.q.char_indices().nth(LONGEST_SEARCH).map_or(self.q.as_str(), |(at, _)| &self.q[..at]);
        let mut words = match self.searches() {
            true => vec![("q", typed)],
            false => vec![("view", self.view())],
        };
        words.extend(self.filters().into_iter().filter(|(name, _)| Some(*name) != without));
        words.extend(self.ordered());
        words
    }
}

fn person(word: &str, scope: &StaffScope) -> Option<StaffId> {
    if word == ME { Some(scope.staff.clone()) } else { StaffId::parse(word).ok() }
}

fn said(name: &str, word: &str, people: &[Colleague]) -> String {
    let who = || match word {
        ME => "you".to_owned(),
        NOBODY => "nobody".to_owned(),
        id => people
            .iter()
            .find(|one| one.staff.as_str() == id)
            .map_or_else(|| "somebody else".to_owned(), |one| one.name.clone()),
    };
    match name {
        "state" => format!(
            "State: {}",
            State::parse(word).map_or_else(|| word.to_owned(), |one| state_words(one).to_owned())
        ),
        "kind" => format!("Mail system: {}", AccessKind::from_id(word).map_or(word, |kind| kind.title())),
        "cause" => format!("Cause: {}", causes::find(word).map_or(word, |cause| cause.title)),
        "owner" => format!("Taken by {}", who()),
        "manager" => format!("Account manager: {}", who()),
        "rule" => format!("Needs: {}", NeedRule::parse(word).map_or(word, |rule| rule.title())),
        _ => format!("ID: {}", word.chars().take(LONGEST_SEARCH).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::staff::StaffRole;

    fn scope() -> StaffScope {
        StaffScope {
            staff: StaffId::from_random([1; 16]),
            name: "Dana Reyes".to_owned(),
            roles: vec![StaffRole::Reviewer],
        }
    }

    #[test]
    fn an_address_says_what_it_shows_and_leads_back_to_it() {
        let all = Asked::default();
        assert_eq!((all.view(), all.anew().as_str()), ("needs", "/?view=needs"));
        assert_eq!(all.read(&scope()), Some((QueueView::Needing, QueueFilter::default())));
        let filtered = Asked {
            kind: "graph_secret".to_owned(),
            owner: "me".to_owned(),
            external: "MLS 1&2".to_owned(),
            ..Asked::default()
        };
        assert_eq!(filtered.anew(), "/?view=all&kind=graph_secret&owner=me&external=MLS%201%262");
        let (view, filter) = filtered.read(&scope()).expect("words of ours");
        assert_eq!(view, QueueView::WithExternalId("mls 1&2".to_owned()));
        assert_eq!(
            (filter.kind, filter.owner),
            (Some(AccessKind::GraphSecret), Some(QueueOwner::Staff(scope().staff)))
        );
        let chips: Vec<(String, String)> =
            filtered.chips(&[]).into_iter().map(|chip| (chip.says, chip.without)).collect();
        assert_eq!(
            chips[1],
            ("Taken by you".to_owned(), "/?view=all&kind=graph_secret&external=MLS%201%262".to_owned())
        );
        assert!(filtered.has("owner", "me") && filtered.has("rule", "") && !filtered.has("owner", ""));
    }

    #[test]
    fn a_filter_beside_a_view_that_says_the_same_takes_its_place() {
        let asked = Asked { view: "failed".to_owned(), state: "verified".to_owned(), ..Asked::default() };
        assert_eq!(
            (asked.view(), asked.read(&scope())),
            ("all", Some((QueueView::In(State::Verified), QueueFilter::default())))
        );
        let asked = Asked { view: "mine".to_owned(), owner: "nobody".to_owned(), ..Asked::default() };
        let nobodys = QueueFilter { owner: Some(QueueOwner::Nobody), ..QueueFilter::default() };
        assert_eq!(asked.read(&scope()), Some((QueueView::All, nobodys)));
        let asked = Asked { view: "failed".to_owned(), kind: "graph_secret".to_owned(), ..Asked::default() };
        assert_eq!(asked.anew(), "/?view=failed&kind=graph_secret");
    }

    #[test]
    fn an_order_stays_in_every_address_and_is_that_of_a_view_that_has_it() {
        let asked =
            Asked { order: "company".to_owned(), kind: "graph_secret".to_owned(), ..Asked::default() };
        assert_eq!(asked.anew(), "/?view=all&kind=graph_secret&order=company");
        assert_eq!(asked.chips(&[])[0].without, "/?view=all&order=company");
        assert_eq!(asked.behind("con_1.x"), "/?view=all&kind=graph_secret&order=company&after=con_1.x");
        assert_eq!(asked.at_view("mine"), "/?view=mine&order=company");
        assert_eq!(asked.in_order(QueueOrder::Longest), "/?view=all&kind=graph_secret&order=longest");
        assert_eq!(Asked::default().at_view("mine"), "/?view=mine");
        assert_eq!(asked.order_of(&QueueView::All), Some(QueueOrder::Company));
        assert_eq!(asked.order_of(&QueueView::Checking), Some(QueueOrder::Newest), "its own");
        assert_eq!(asked.order_of(&QueueView::Found("x".to_owned())), Some(QueueOrder::Due));
        let searched = Asked { q: "pine".to_owned(), order: "newest".to_owned(), ..Asked::default() };
        assert_eq!(searched.anew(), "/?q=pine&order=newest");
        let unknown = Asked { order: "x".to_owned(), ..Asked::default() };
        assert_eq!(unknown.order_of(&QueueView::All), None);
    }

    #[test]
    fn what_a_role_may_act_on_is_what_its_buttons_do() {
        let asked = Asked { view: "acting".to_owned(), ..Asked::default() };
        let support = StaffScope { roles: vec![StaffRole::Support], ..scope() };
        let rules =
            |scope: &StaffScope| asked.read(scope).and_then(|(_, filter)| filter.rules).unwrap_or_default();
        assert!(rules(&support).contains(",could_not_tell,") && !rules(&support).contains(",acceptance,"));
        assert!(rules(&scope()).contains(",acceptance,") && !rules(&scope()).contains(",break_glass,"));
        let auditor = StaffScope { roles: vec![StaffRole::Auditor], ..scope() };
        assert_eq!(rules(&auditor), ",", "and nothing fits that");
    }

    #[test]
    fn a_word_that_is_none_of_ours_finds_no_page() {
        for (name, word) in [
            ("state", "x"),
            ("kind", "x"),
            ("cause", "x"),
            ("owner", "x"),
            ("manager", "nobody"),
            ("rule", "x"),
        ] {
            let mut asked = Asked::default();
            match name {
                "state" => asked.state = word.to_owned(),
                "kind" => asked.kind = word.to_owned(),
                "cause" => asked.cause = word.to_owned(),
                "owner" => asked.owner = word.to_owned(),
                "manager" => asked.manager = word.to_owned(),
                _ => asked.rule = word.to_owned(),
            }
            assert_eq!(asked.read(&scope()), None, "{name}");
        }
        let long = Asked { q: "x".repeat(10_240), ..Asked::default() };
        assert!(long.is_too_long() && long.anew().len() < 200);
    }
}
