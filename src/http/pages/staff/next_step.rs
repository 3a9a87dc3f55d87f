//! Who has to do something about a connection next, and what, for whoever opens its page; with the button that leads to it.

use super::connection_case::Case;
use crate::{
    actions::{cause_words::CauseWords, check_in_use::may_check_in_use, staff_check_again::staff_may_press},
    domain::{
        connection::{Phase, State},
        dates,
        review::{Need, NeedRule},
        staff::Deed,
    },
    http::urls,
};

/// Who acts next, and what they do.
pub(super) struct NextStep {
    pub(super) who: &'static str,
    pub(super) what: String,
    /// The rule by which it is one of our own people.
    pub(super) rule: Option<&'static str>,
    /// Where the reader does it, and what the button says.
    pub(super) button: Option<(String, &'static str)>,
}

const US: &str = "One of us";
const SECOND: &str = "A second one of us";
const REVIEWERS: &str = "An owner, or one of operations who did not open it,";
const OFFICE: &str = "The office";
const NOBODY: &str = "Nobody";

impl NextStep {
    /// Worked out from how it stands; `cause` is that of the attempt that failed or waits.
    pub(super) fn of(case: &Case, cause: Option<&CauseWords>) -> Self {
        if let Some(snoozed) = &case.review.snoozed {
            let what =
                format!("has to do anything until {}: {} put it off.", snoozed.until.words(), snoozed.by);
            return Self::new(NOBODY, what);
        }
        // Whoever asks for a second person has looked at all the rest: another check would only end the wish.
        let wish = case.review.needs.iter().find(|need| need.rule == NeedRule::SecondPerson);
        match wish.or_else(|| case.review.needs.iter().min_by_key(|need| need.turn())) {
            Some(need) => Self::by_rule(case, need),
            None => Self::by_standing(case, cause),
        }
    }

    fn new(who: &'static str, what: impl Into<String>) -> Self {
        Self { who, what: what.into(), rule: None, button: None }
    }

    /// The same with its button, where the reader may press it.
    fn with(self, may: bool, url: String, says: &'static str) -> Self {
        Self { button: may.then_some((url, says)), ..self }
    }

    fn by_rule(case: &Case, need: &Need) -> Self {
        let (may, id) = (|deed| case.scope.may(deed), &case.connection.id);
        let here = |place: &str| format!("{}{place}", urls::connection(id));
        let brokerage = |place: &str| format!("{}{place}", urls::brokerage(&case.brokerage.id));
        let us = |what| Self { rule: Some(need.rule.title()), ..Self::new(US, what) };
        let again = (can_be_checked(case), here("?do=check#check-again"), "Check again");
        let by = |who| Self { rule: Some(need.rule.title()), ..Self::new(who, "") };
        let (step, (may, url, says)) = match need.rule {
            NeedRule::ParkedJob => (us("has it checked again: a job of it was given up."), again),
            NeedRule::MayHaveSent => (
                us(
                    "looks whether a check sent something, and says what they found: before that nothing is tried again, for each check would try the same.",
                ),
                (may(Deed::CheckAgain), here("#sent"), "See what to look for"),
            ),
            NeedRule::CouldNotTell => {
                let what = "looks at the last check and has it checked again, or decides by hand: the office waits for us.";
                (us(what), again)
            }
            NeedRule::InUseFailed => (
                us(
                    "finds out with the office why the credential in use does not work, and has it checked again when it is mended.",
                ),
                (may(Deed::AnswerQuestion) && case.people > 0, urls::write(id), "Write to the office"),
            ),
            NeedRule::SharedKey => (
                us("finds out why two brokerages hand in the same key."),
                (may(Deed::AcceptBrokerage), here("#shared-key"), "See who has it, too"),
            ),
            NeedRule::OfficeAsked => (
                us("answers what the office asked."),
                (may(Deed::AnswerQuestion), brokerage("#questions"), "Answer it"),
            ),
            NeedRule::BreakGlass => (
                Self { what: "looks over what was opened in an emergency.".to_owned(), ..by(REVIEWERS) },
                (may(Deed::ReviewAccess), here("#access"), "See who opened it"),
            ),
            NeedRule::SecondPerson => (
                Self {
                    what: "says yes or no: shall it be verified by hand? A check that is begun now ends the wish."
                        .to_owned(),
                    ..by(SECOND)
                },
                (may(Deed::DecideByHand), here("#wish"), "Read the reason"),
            ),
            NeedRule::Question => (
                us("answers what a colleague asked."),
                (may(Deed::LeaveNote), here("?do=note#note"), "Write the answer"),
            ),
            NeedRule::FailedTwice => (
                us("writes to the office what to do: it failed twice or more."),
                (may(Deed::AnswerQuestion) && case.people > 0, urls::write(id), "Write to the office"),
            ),
            NeedRule::LeftBehind => (
                us("has the office delete a test entry of ours, then tries again to remove it."),
                (may(Deed::CheckAgain), here("#left"), "See what is left"),
            ),
            NeedRule::Acceptance => (
                us("finds out who its brokerage is, and accepts it."),
                (may(Deed::AcceptBrokerage), brokerage(""), "Look at the brokerage"),
            ),
            NeedRule::Closed => {
                (us("reads why the office closed it."), (may(Deed::TakeItem), here("#closing"), "Read it"))
            }
        };
        step.with(may, url, says)
    }

    fn by_standing(case: &Case, cause: Option<&CauseWords>) -> Self {
        let connection = &case.connection;
        match (connection.state, connection.phase) {
            (State::Draft, _) if case.people == 0 => Self::of_nobody_there(case),
            (State::Draft, _) => Self::new(OFFICE, "enters its details and submits them."),
            (State::Submitted, Some(Phase::WaitingForProvider)) => Self::new(
                "The provider",
                "applies a change. We look again by ourselves and write when it works.",
            ),
            (State::Submitted, _) => Self::new(NOBODY, "has to do anything: the check runs."),
            (State::Failed, _) => {
                let who = cause.map_or("see the cause below", |cause| cause.who);
                Self::new(OFFICE, format!("mends it. Who can, as it reads it: {who}.")).with(
                    case.scope.may(Deed::AnswerQuestion) && case.people > 0,
                    urls::write(&connection.id),
                    "Write to the office",
                )
            }
            (State::Verified, _) => Self::of_what_works(case),
            (State::Compromised, _) => {
                Self::new(OFFICE, "replaces the credential. We stay in touch with it.")
            }
            (State::Closed, _) => Self::new(NOBODY, "has to do anything: it is closed."),
        }
    }

    /// Nobody of the office can sign in yet.
    fn of_nobody_there(case: &Case) -> Self {
        let place = format!("{}#invitations-title", urls::brokerage(&case.brokerage.id));
        let may = case.scope.may(Deed::InviteAdmin);
        match case.invited {
            Some(until) => {
                let what = format!("opens its invitation. The link works until {}.", until.words());
                Self::new(OFFICE, what).with(may, place, "Send a new link")
            }
            None => Self::new(US, "invites somebody of the office: nobody has come yet.").with(
                may,
                place,
                "Invite somebody",
            ),
        }
    }

    fn of_what_works(case: &Case) -> Self {
        let connection = &case.connection;
        if let Some(tried) = case.candidate() {
            let number = tried.attempt.number;
            return match tried.attempt.state {
                State::Failed => Self::new(
                    OFFICE,
                    format!(
                        "mends the renewal of its secret: attempt {number} did not pass. The one in use works on."
                    ),
                ),
                _ => Self::new(NOBODY, "has to do anything: the renewed secret is being checked."),
            };
        }
        if case.checked_beside {
            return Self::new(NOBODY, "has to do anything: a check runs.");
        }
        match connection.enabled_on {
            None => Self::new(US, "says from which day on it is enabled.").with(
                case.scope.may(Deed::Enable),
                format!("{}?do=enable#enable", urls::connection(&connection.id)),
                "Say the day",
            ),
            Some(day) => {
                Self::new(NOBODY, format!("has to do anything. It is enabled from {} on.", dates::words(day)))
            }
        }
    }
}

fn can_be_checked(case: &Case) -> bool {
    let parked = case.review.needs.iter().any(|need| need.rule == NeedRule::ParkedJob);
    let pressed = case.current().map(|tried| {
        staff_may_press(&case.connection, &tried.attempt, parked)
            .or_else(|_| may_check_in_use(&case.connection, &tried.attempt, case.checked_beside))
    });
    case.scope.may(Deed::CheckAgain) && pressed.is_some_and(|pressed| pressed.is_ok())
}
