//! Deciding by hand, for our own people: the part of a connection's page, and what its forms do.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    connection::{answer, parsed},
    connection_case::{Case, Wished},
    words::version,
};
use crate::{
    actions::{
        decide_by_hand::{TypedDecision, Wish, can_be_told, decide_by_hand, drop_decision, verify_by_hand},
        form_answer::FormKey,
    },
    app::App,
    domain::{
        attempt::Attempt,
        by_hand::{HandEnd, can_be_decided},
        causes,
        check::Verdict,
        connection::State as Standing,
        ids::{AttemptId, DecisionId},
        refused::Refused,
        review::NeedRule,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        layout::Layout,
        pages::portal::status_view::Moment,
    },
};

/// That part of the page.
pub(super) struct HandView {
    /// The wish that waits for the second person.
    pub(super) open: Option<OpenWish>,
    /// The form that decides; none when the reader may not, or when nothing can be decided now.
    pub(super) form: Option<HandForm>,
    /// Why there is no such form, where the reader decides such things and something can be done about it.
    pub(super) absent: Option<&'static str>,
}

/// A wish that waits.
pub(super) struct OpenWish {
    pub(super) id: DecisionId,
    pub(super) who: String,
    pub(super) at: Moment,
    pub(super) reason: String,
    /// Whether the reader may say yes or no.
    pub(super) may_second: bool,
    /// Whether it is the reader's own.
    pub(super) own: bool,
}

/// The form that decides.
pub(super) struct HandForm {
    pub(super) seen: i64,
    /// Whether it can be decided that it failed.
    pub(super) fails: bool,
    /// Whether a second person can be asked for.
    pub(super) verifies: bool,
    /// Why one of the two is missing.
    pub(super) why_not: Option<&'static str>,
    /// What the last check found, as a start for the cause.
    pub(super) cause: String,
}

/// What was decided by hand of an attempt.
pub(super) struct DecidedView {
    /// The badge that stays whatever later checks find; empty where none is due.
    pub(super) verified: bool,
    pub(super) words: String,
    pub(super) at: Moment,
    pub(super) reason: String,
}

impl HandView {
    pub(super) fn of(case: &Case) -> Self {
        let attempt = case.candidate();
        let waiting =
            |it: &&Wished| it.stored.decision.waits(&case.connection, attempt.map(|tried| &tried.attempt));
        let open = case.wishes.iter().find(waiting).map(|it| OpenWish {
            id: it.stored.decision.id.clone(),
            who: it.stored.asked_name.clone(),
            at: Moment::of(it.stored.decision.asked_at),
            reason: it.reason.as_str().to_owned(),
            may_second: it.stored.decision.may_second(&case.scope).is_ok(),
            own: it.stored.decision.asked_by == case.scope.staff,
        });
        let form = attempt.filter(|_| open.is_none() && case.scope.may(Deed::DecideByHand));
        let shown = form.and_then(|tried| HandForm::of(case, &tried.attempt));
        let absent = form.filter(|_| shown.is_none()).and_then(|tried| why_absent(case, &tried.attempt));
        Self { form: shown, open, absent }
    }
}

/// Why something that has failed cannot be verified by hand.
fn why_absent(case: &Case, attempt: &Attempt) -> Option<&'static str> {
    let failed = case.connection.state == Standing::Failed;
    match can_be_decided(&case.connection, attempt, Verdict::Passed, known(case)) {
        Err(Refused::Conflict(why)) if failed => Some(why),
        _ => None,
    }
}

/// Whether its brokerage is accepted, and whether a job of the connection was given up.
fn known(case: &Case) -> (bool, bool) {
    let parked = case.review.needs.iter().any(|need| need.rule == NeedRule::ParkedJob);
    (case.brokerage.accepted_at.is_some(), parked)
}

impl HandForm {
    fn of(case: &Case, attempt: &Attempt) -> Option<Self> {
        let can = |verdict| can_be_decided(&case.connection, attempt, verdict, known(case));
        let (fails, verifies) = (can(Verdict::Failed), can(Verdict::Passed));
        let why_not = [&fails, &verifies].into_iter().find_map(|can| match can {
            Err(Refused::Conflict(why)) => Some(*why),
            _ => None,
        });
        (fails.is_ok() || verifies.is_ok()).then(|| Self {
            seen: case.connection.version,
            fails: fails.is_ok(),
            verifies: verifies.is_ok(),
            why_not,
            cause: causes::find(attempt.cause.as_ref().map_or("", |cause| cause.as_str()))
                .filter(|cause| can_be_told(cause))
                .map(|cause| cause.id.to_owned())
                .unwrap_or_default(),
        })
    }
}

impl DecidedView {
    /// What counts of an attempt, the latest last.
    pub(super) fn all_of(wishes: &[Wished], attempt: &AttemptId) -> Vec<Self> {
        let of_attempt = |it: &&Wished| it.stored.decision.attempt_id == *attempt;
        wishes.iter().filter(of_attempt).filter_map(Self::of).collect()
    }

    fn of(it: &Wished) -> Option<Self> {
        let (decision, who) = (&it.stored.decision, &it.stored.asked_name);
        let (end, at) = decision.ended?;
        let verified = end == HandEnd::Done && decision.verdict == Verdict::Passed;
        let words = match (end, &it.stored.second_name) {
            (HandEnd::Done, Some(second)) => {
                format!("Verified by hand: {who} asked for it, {second} said yes")
            }
            (HandEnd::Done, None) => format!("Failed by hand: {who} decided it"),
            (HandEnd::Declined, _) => {
                format!("{who} wanted it verified by hand, and a second person said no")
            }
            (HandEnd::Withdrawn, _) => format!("{who} wanted it verified by hand and took that back"),
            (HandEnd::Overtaken, _) => return None,
        };
        Some(Self { verified, words, at: Moment::of(at), reason: it.reason.as_str().to_owned() })
    }

    #[cfg(test)]
    pub(super) fn sample(hostile: &str) -> Self {
        let at = Moment::of(crate::domain::instant::Instant::from_micros(1_795_257_720_000_000));
        Self { verified: true, words: format!("Verified by hand: {hostile}"), at, reason: hostile.to_owned() }
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct HandFields {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    hand: String,
    #[serde(default)]
    hand_cause: String,
    #[serde(default)]
    hand_reason: String,
}

impl FormFields for HandFields {}

/// Decides it, or asks for a second person.
pub async fn decide(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<HandFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let HandFields { seen, hand, hand_cause, hand_reason } = form.fields;
    let typed = TypedDecision { verdict: hand, cause: hand_cause, reason: hand_reason };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => decide_by_hand(&app, &scope, &id, version(&seen), &typed, &key.beside("hand")).await,
        Err(refused) => Err(refused),
    };
    let done = done.map(|wish| match wish {
        Wish::Done => "Decided. Its people are told by e-mail.",
        Wish::Asked => "A second person is asked: it stands in the queue until somebody answers.",
    });
    answer(&app, &session, &scope, layout, &id, form.state, done).await
}

/// Says yes as the second person.
pub async fn approve(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path((id, decision)): Path<(String, String)>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let (id, decision) = (parsed(&id)?, DecisionId::parse(&decision).map_err(|_| PageError::NotFound)?);
    let done = verify_by_hand(&app, &scope, &id, &decision).await;
    let line = "It is verified by hand. Its people are told by e-mail.";
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| line)).await
}

/// Says no, or takes one's own wish back.
pub async fn drop_wish(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path((id, decision)): Path<(String, String)>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let (id, decision) = (parsed(&id)?, DecisionId::parse(&decision).map_err(|_| PageError::NotFound)?);
    let done = drop_decision(&app, &scope, &id, &decision).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "Nothing was decided.")).await
}
