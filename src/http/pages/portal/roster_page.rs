//! What the pages of all mailboxes show.

use askama::Template;

use super::status_view::Moment;
use crate::{
    actions::cause_words::CauseWords,
    domain::{
        ids::ConnectionId,
        instant::Instant,
        roster::{Roster, RosterEnd, RosterTally},
    },
    http::layout::Layout,
};

/// The page of all.
#[derive(Template)]
#[template(path = "portal/roster.html")]
pub struct RosterPage {
    pub(super) layout: Layout,
    pub(super) id: ConnectionId,
    pub(super) name: String,
    pub(super) reference: String,
    /// All rows, and those of them that have a result.
    pub(super) of: i64,
    pub(super) done: i64,
    pub(super) tally: RosterTally,
    /// Those of them about which something should be mended.
    pub(super) warned: i64,
    pub(super) round: i64,
    pub(super) asked: Moment,
    pub(super) ended: Option<(Moment, RosterEnd)>,
    /// Somebody asked that it stop, and it has not yet.
    pub(super) stopping: bool,
    pub(super) progress: String,
    /// Why no mailbox was opened.
    pub(super) sign_in: Option<CauseWords>,
    pub(super) groups: Vec<Group>,
    /// Whether the connection has a credential that opens mailboxes.
    pub(super) may_check: bool,
}

impl RosterPage {
    fn heading(&self) -> String {
        let RosterTally { mailboxes, work, .. } = self.tally;
        match &self.ended {
            None if self.stopping => "The check of all mailboxes stops".to_owned(),
            None => "Checking all mailboxes".to_owned(),
            Some((_, RosterEnd::Done)) if self.tally.bad() == 0 => "All mailboxes work".to_owned(),
            Some((_, RosterEnd::Done)) => format!("{work} of {mailboxes} mailboxes work"),
            Some((_, RosterEnd::NotOpened)) => "No mailbox could be opened".to_owned(),
            Some((_, RosterEnd::Stopped | RosterEnd::Overtaken | RosterEnd::GivenUp)) => {
                "Not all mailboxes were checked".to_owned()
            }
        }
    }

    fn tag(&self) -> (&'static str, &'static str) {
        match &self.ended {
            None => ("info", "Being checked"),
            Some((_, RosterEnd::Done)) if self.tally.bad() == 0 => ("ok", "All work"),
            Some((_, RosterEnd::Done)) if self.tally.fail == 0 => ("warn", "Reaches too much"),
            Some((_, RosterEnd::Done)) => ("bad", "Some do not work"),
            Some((_, RosterEnd::NotOpened)) => ("bad", "Sign-in failed"),
            Some((_, RosterEnd::Stopped)) => ("warn", "Stopped"),
            Some((_, RosterEnd::Overtaken | RosterEnd::GivenUp)) => ("warn", "Ended early"),
        }
    }

    /// What the button says that goes on with what is not good yet; none where everything is.
    fn again(&self) -> Option<String> {
        let (bad, left) = (self.tally.bad(), self.tally.left());
        let again = |count, why| Some(format!("Check {} again: {why}", mailboxes(count)));
        match (self.ended.is_some() && self.may_check, bad, left) {
            (false, ..) | (true, 0, 0) => None,
            (true, _, 0) if self.tally.wrong > 0 => again(bad, "not as it must be"),
            (true, _, 0) => again(bad, "not working"),
            (true, 0, _) => {
                Some(format!("Check {} that {} left", mailboxes(left), if left == 1 { "is" } else { "are" }))
            }
            (true, ..) => again(bad + left, "not working or left"),
        }
    }
}

/// So many mailboxes, in words.
fn mailboxes(count: i64) -> String {
    if count == 1 { "1 mailbox".to_owned() } else { format!("{count} mailboxes") }
}

/// The mailboxes of one cause.
pub(super) struct Group {
    pub(super) count: i64,
    /// How many are not shown here.
    pub(super) more: i64,
    pub(super) words: CauseWords,
    pub(super) addresses: Vec<String>,
}

/// The page of one cause.
#[derive(Template)]
#[template(path = "portal/roster_group.html")]
pub struct GroupPage {
    pub(super) layout: Layout,
    pub(super) id: ConnectionId,
    pub(super) name: String,
    pub(super) count: i64,
    pub(super) words: CauseWords,
    pub(super) addresses: Vec<String>,
    /// Where the first page is; empty on it.
    pub(super) first: String,
    /// Where it goes on; empty on the last page.
    pub(super) next: String,
}

/// How far it is, in a sentence. Nobody is promised a time that is not known.
pub(in crate::http::pages) fn progress_words(roster: &Roster, now: Instant) -> String {
    let far = format!("{} of {} have a result.", roster.done, roster.mailboxes);
    if roster.ended.is_some() {
        return far;
    }
    if roster.taken.is_none() {
        return format!("{far} It begins in a moment.");
    }
    match roster.seconds_left(now) {
        None => format!("{far} How long the rest takes is not known yet."),
        Some(left) => format!("{far} The rest takes about {}.", span(left)),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..60 => "a minute".to_owned(),
        60..120 => "2 minutes".to_owned(),
        120..5400 => format!("{} minutes", seconds / 60 + 1),
        _ => format!("{} hours", seconds / 3600 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{cause::Names, check::CauseId},
        http::{layout::OVERVIEW, render::Sample},
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);

    fn words(cause: &'static str) -> CauseWords {
        CauseWords::of(Some(&CauseId::known(cause)), &Names::default())
    }

    fn group(cause: &'static str, count: i64) -> Group {
        let addresses = (0..count.min(10)).map(|n| format!("<b>agent-{n}@lakeshore.example")).collect();
        Group { count, more: (count - 10).max(0), words: words(cause), addresses }
    }

    fn sample(done: i64, work: i64, ended: Option<RosterEnd>, groups: Vec<Group>) -> RosterPage {
        let outside = if groups.len() > 1 { 2 } else { 0 };
        RosterPage {
            layout: Layout::sample().at(OVERVIEW),
            id: ConnectionId::from_random([1; 16]),
            name: "\"><b>".to_owned(),
            reference: "LKS-0042-2".to_owned(),
            of: 120 + outside,
            done: done + outside,
            tally: RosterTally {
                mailboxes: 120,
                work,
                fail: done - work,
                outside,
                refused: 0,
                wrong: outside,
            },
            warned: work / 50,
            round: 1,
            asked: Moment::of(AT),
            ended: ended.map(|end| (Moment::of(AT), end)),
            stopping: done == 5,
            progress: format!("{done} of 120 have a result."),
            sign_in: (ended == Some(RosterEnd::NotOpened)).then(|| words("client_secret_invalid")),
            groups,
            may_check: true,
        }
    }

    impl Sample for RosterPage {
        fn samples() -> Vec<Self> {
            let mut gone = sample(37, 36, Some(RosterEnd::Overtaken), vec![group("graph_user_invalid", 1)]);
            gone.may_check = false;
            vec![
                sample(0, 0, None, Vec::new()),
                sample(5, 5, None, Vec::new()),
                sample(37, 36, None, vec![group("graph_user_invalid", 1)]),
                sample(120, 120, Some(RosterEnd::Done), Vec::new()),
                sample(
                    120,
                    100,
                    Some(RosterEnd::Done),
                    vec![group("mailbox_not_in_exo", 18), group("unknown_response", 2)],
                ),
                sample(37, 36, Some(RosterEnd::Stopped), vec![group("a_cause_of_tomorrow", 1)]),
                sample(0, 0, Some(RosterEnd::NotOpened), Vec::new()),
                sample(37, 36, Some(RosterEnd::GivenUp), vec![group("graph_user_invalid", 1)]),
                gone,
            ]
        }
    }

    impl Sample for GroupPage {
        fn samples() -> Vec<Self> {
            let page = |first: &str, next: &str| Self {
                layout: Layout::sample().at(OVERVIEW),
                id: ConnectionId::from_random([1; 16]),
                name: "\"><b>".to_owned(),
                count: 450,
                words: words("mailbox_not_in_exo"),
                addresses: (0..200).map(|n| format!("<b>agent-{n}@lakeshore.example")).collect(),
                first: first.to_owned(),
                next: next.to_owned(),
            };
            vec![page("", "/connections/con_1/mailboxes?cause=x&after=200"), page("/connections/con_1", "")]
        }
    }

    #[test]
    fn every_sample_renders() {
        RosterPage::assert_renders();
        GroupPage::assert_renders();
        for html in RosterPage::samples().iter().map(|page| page.render().expect("renders")) {
            assert!(!html.contains("<b>agent") && !html.contains("\"><b>"), "{html}");
            let ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
        }
    }

    #[test]
    fn a_button_offers_what_is_not_good_yet_and_only_that() {
        let said: Vec<_> = RosterPage::samples().iter().map(RosterPage::again).collect();
        let words = |text: &str| Some(text.to_owned());
        assert_eq!(
            said,
            [
                None,
                None,
                None,
                None,
                words("Check 22 mailboxes again: not as it must be"),
                words("Check 84 mailboxes again: not working or left"),
                words("Check 120 mailboxes that are left"),
                words("Check 84 mailboxes again: not working or left"),
                None,
            ]
        );
    }

    #[test]
    fn spans_are_told_in_whole_minutes_and_never_too_short() {
        assert_eq!(
            [span(1), span(60), span(121), span(5400), span(7199)],
            ["a minute", "2 minutes", "3 minutes", "2 hours", "2 hours"]
        );
    }
}
