//! How a request to look at a secret reads, on both sites.

use super::status_view::Moment;
use crate::{
    actions::answer_access::why,
    app::App,
    domain::{
        access::{AccessEnd, AccessStage, AccessWay, Withheld},
        answers::secret_noun,
        instant::Instant,
        refused::Refused,
    },
    store::{LookEntry, StoredAccess},
};

/// A request in words.
pub(in crate::http::pages) struct AccessView {
    /// Its id, as pages name it.
    pub(in crate::http::pages) id: crate::domain::ids::AccessId,
    /// Who asks.
    pub(in crate::http::pages) asker: String,
    /// In which part.
    pub(in crate::http::pages) part: &'static str,
    /// What they want to see: "the password of attempt 2 of Main office".
    pub(in crate::http::pages) what: String,
    /// For how long.
    pub(in crate::http::pages) length: String,
    /// Why.
    pub(in crate::http::pages) reason: String,
    /// The ticket.
    pub(in crate::http::pages) ticket: String,
    /// By whose word.
    pub(in crate::http::pages) way: AccessWay,
    /// When they asked.
    pub(in crate::http::pages) asked: Moment,
    /// Where it stands: colour and words.
    pub(in crate::http::pages) tag: (&'static str, &'static str),
    /// The same as a sentence.
    pub(in crate::http::pages) standing: String,
    /// Whether it waits for an answer.
    pub(in crate::http::pages) waits: bool,
    /// Whether it is open now.
    pub(in crate::http::pages) is_open: bool,
    /// Each press, the latest first.
    pub(in crate::http::pages) looks: Vec<LookView>,
}

/// A press in words.
pub(in crate::http::pages) struct LookView {
    /// When.
    pub(in crate::http::pages) at: Moment,
    /// What came of it.
    pub(in crate::http::pages) outcome: &'static str,
    /// Whether it was shown.
    pub(in crate::http::pages) shown: bool,
}

impl AccessView {
    /// Words it. Errs as a fault when its reason was written under another key.
    pub(in crate::http::pages) fn of(
        app: &App,
        stored: &StoredAccess,
        looks: &[LookEntry],
        now: Instant,
    ) -> Result<Self, Refused> {
        let access = &stored.access;
        let why = why(app, stored)?;
        let stage = access.stage(now);
        let own = looks.iter().filter(|look| look.request_id == access.id);
        Ok(Self {
            id: access.id.clone(),
            asker: stored.asker.clone(),
            part: part(access.way),
            what: format!(
                "the {} of attempt {} of {}",
                secret_noun(stored.kind),
                stored.number,
                stored.connection.as_str()
            ),
            length: length(access.minutes),
            reason: why.reason.as_str().to_owned(),
            ticket: why.ticket,
            way: access.way,
            asked: Moment::of(access.asked_at),
            tag: tag(stage),
            standing: standing(stored, stage),
            waits: matches!(stage, AccessStage::Waiting(_)),
            is_open: matches!(stage, AccessStage::Open(_)),
            looks: own.map(LookView::of).collect(),
        })
    }

    /// Whether the office can end it without having been asked for its yes.
    pub(in crate::http::pages) fn can_be_stopped(&self) -> bool {
        self.is_open || self.waits && self.way != AccessWay::Grant
    }

    /// How often it was shown.
    pub(in crate::http::pages) fn times(&self) -> String {
        match self.looks.iter().filter(|look| look.shown).count() {
            0 => "Nobody has looked".to_owned(),
            1 => "Looked at 1 time".to_owned(),
            times => format!("Looked at {times} times"),
        }
    }
}

impl LookView {
    fn of(look: &LookEntry) -> Self {
        let outcome = match (look.released_at, look.withheld) {
            (Some(_), _) => "It was shown",
            (None, Some(Withheld::NotAllowed)) => "Not shown: it was not allowed any more",
            (None, Some(Withheld::NotRecorded)) => "Not shown: it could not be recorded",
            (None, Some(Withheld::NobodyTold)) => "Not shown: nobody could be told",
            (None, Some(Withheld::Gone)) => "Not shown: the secret is not kept any more",
            (None, Some(Withheld::TooMany)) => "Not shown: too many looks in one hour",
            (None, Some(Withheld::Late)) => "Not shown: the answer came too late",
            (None, Some(Withheld::Stopped)) => "Not shown: it was stopped",
            (None, None) => "Asked for; it was not shown yet",
        };
        Self { at: Moment::of(look.at), outcome, shown: look.released_at.is_some() }
    }
}

/// In which part somebody asks.
const fn part(way: AccessWay) -> &'static str {
    match way {
        AccessWay::Grant => "Support",
        AccessWay::Operations | AccessWay::BreakGlass => "Technical Operations",
    }
}

/// "15 minutes", "1 hour", "4 hours".
pub(in crate::http::pages) fn length(minutes: i64) -> String {
    match minutes {
        60 => "1 hour".to_owned(),
        hours if hours % 60 == 0 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} minutes"),
    }
}

const fn tag(stage: AccessStage) -> (&'static str, &'static str) {
    match stage {
        AccessStage::Waiting(_) => ("info", "Waits for an answer"),
        AccessStage::Open(_) => ("warn", "Open"),
        AccessStage::Unanswered => ("", "No answer in time"),
        AccessStage::Over => ("", "Over"),
        AccessStage::Ended(AccessEnd::Declined) => ("bad", "Declined"),
        AccessStage::Ended(AccessEnd::Stopped) => ("bad", "Stopped"),
        AccessStage::Ended(AccessEnd::Withdrawn) => ("", "Taken back"),
        AccessStage::Ended(AccessEnd::Gone) => ("", "Ended with the secret"),
    }
}

fn standing(stored: &StoredAccess, stage: AccessStage) -> String {
    let approver = stored.approver.as_deref().unwrap_or("Nobody");
    let ender = stored.ender.as_deref().unwrap_or("Somebody");
    match stage {
        AccessStage::Waiting(until) => {
            format!("Nobody can look yet. Without an answer until {}, it is a no.", until.words())
        }
        AccessStage::Open(until) => {
            format!("{approver} said yes. {} may look until {}.", stored.asker, until.words())
        }
        AccessStage::Unanswered => "Nobody answered within 12 hours: nobody can look.".to_owned(),
        AccessStage::Over => format!("{approver} said yes. Its time is over: nobody can look any more."),
        AccessStage::Ended(AccessEnd::Declined) => format!("{ender} said no: nobody can look."),
        AccessStage::Ended(AccessEnd::Stopped) => format!("{ender} stopped it: nobody can look any more."),
        AccessStage::Ended(AccessEnd::Withdrawn) => {
            format!("{} took it back: nobody can look any more.", stored.asker)
        }
        AccessStage::Ended(AccessEnd::Gone) => {
            "It ended with the secret it was for, which was renewed or withdrawn, or its connection closed: nobody can look any more."
                .to_owned()
        }
    }
}

#[cfg(test)]
impl AccessView {
    /// One in each standing, with a hostile name.
    pub(in crate::http::pages) fn samples() -> Vec<Self> {
        let at = Instant::from_micros(1_795_257_720_000_000);
        let hostile = "</p><script>\"'&{{7*7}}";
        let stages = [
            AccessStage::Waiting(at),
            AccessStage::Open(at),
            AccessStage::Over,
            AccessStage::Unanswered,
            AccessStage::Ended(AccessEnd::Declined),
            AccessStage::Ended(AccessEnd::Stopped),
            AccessStage::Ended(AccessEnd::Withdrawn),
            AccessStage::Ended(AccessEnd::Gone),
        ];
        let one = |(place, stage): (usize, AccessStage)| Self {
            id: crate::domain::ids::AccessId::from_random([u8::try_from(place).unwrap_or_default(); 16]),
            asker: hostile.to_owned(),
            part: part(AccessWay::ALL[place % 3]),
            what: format!("the client secret of attempt 2 of {hostile}"),
            length: length([15, 30, 60, 240][place % 4]),
            reason: hostile.to_owned(),
            ticket: hostile.to_owned(),
            way: AccessWay::ALL[place % 3],
            asked: Moment::of(at),
            tag: tag(stage),
            standing: hostile.to_owned(),
            waits: matches!(stage, AccessStage::Waiting(_)),
            is_open: matches!(stage, AccessStage::Open(_)),
            looks: [true, false]
                .into_iter()
                .filter(|_| place % 2 == 1)
                .map(|shown| LookView { at: Moment::of(at), outcome: "It was shown", shown })
                .collect(),
        };
        stages.into_iter().enumerate().map(one).collect()
    }
}
