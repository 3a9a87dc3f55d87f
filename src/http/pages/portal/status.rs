//! The page of a connection, at the address that mails and bookmarks lead to: how its check goes, what came of it,
//! and what to do. It says the same to whoever comes back later as to whoever has just submitted.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::status_view::{Moment, StepView, headline, steps};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        check_again::{check_again, may_press},
        draft::Bench,
        people::recipients,
        progress::{Cursor, EndedStep, news},
    },
    app::App,
    domain::{
        attempt::Attempt,
        cause::Names,
        check::{Check, Outcome},
        connection::State as Standing,
        credential::{CredentialSettings, GraphSecretSettings},
        dates,
        ids::ConnectionId,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session, urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "portal/status.html")]
pub struct StatusPage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    kind: &'static str,
    number: i64,
    h1: String,
    lede: String,
    tag: (&'static str, &'static str),
    submitted: Moment,
    decided: Option<Moment>,
    /// A worker was lost and the check began again.
    interrupted: bool,
    /// Where steps are told as they end, while there is something to wait for.
    events: Option<String>,
    /// Whether a check runs or is about to.
    runs: bool,
    steps: Vec<StepView>,
    worked: Vec<String>,
    cause: Option<CauseWords>,
    words: Option<String>,
    warnings: Vec<CauseWords>,
    next_look: Option<Moment>,
    again: Option<Again>,
    next_attempt: Option<NextAttempt>,
    /// The last day of the secret, on the page of a verified connection.
    expires: Option<Moment>,
    mailed_to: Vec<String>,
    past: Vec<Past>,
}

/// The button that checks the same attempt again.
struct Again {
    seen: i64,
    label: &'static str,
    first: bool,
}

/// The button that starts the next attempt, or goes on with it.
struct NextAttempt {
    number: i64,
    begun: bool,
    fresh: bool,
    first: bool,
}

/// An attempt in the history.
struct Past {
    number: i64,
    reference: String,
    submitted: Moment,
    outcome: String,
    look: &'static str,
}

/// What the form of "Check again" sends.
#[derive(Deserialize)]
pub struct AgainFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for AgainFields {}

/// Shows the page; a connection without an attempt leads to its answers.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    match read_case(&app, &scope, &digest, &id).await? {
        Some(case) => Ok(page(&case.page(layout.at(OVERVIEW)))),
        None => Ok(see_other(&urls::answers(&id))),
    }
}

/// Has the same attempt checked again and leads back to the page.
pub async fn again(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AgainFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match check_again(&app, &scope, &id, seen).await {
        Ok(_) => {}
        Err(Refused::Conflict(why)) => session::leave_line(&session, why).await?,
        Err(other) => return Err(other.into()),
    }
    Ok(see_other(&urls::connection(&id)))
}

/// Everything the page is made of.
struct Case {
    bench: Bench,
    attempt: Attempt,
    names: Names,
    settings: GraphSecretSettings,
    /// The check whose steps are shown.
    check: Check,
    ended: Vec<EndedStep>,
    /// The attempt's latest check, which is a later look while the provider is waited for.
    latest: Check,
    cursor: Cursor,
    mailed_to: Vec<String>,
}

async fn read_case(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
) -> Result<Option<Case>, Refused> {
    let mut read = app.store.read().await?;
    let bench = Bench::read(app, &mut read, scope, session, id).await?;
    let shown = bench.connection.candidate.as_ref().or(bench.connection.in_use.as_ref());
    let found = bench.attempts.iter().find(|(attempt, _)| Some(&attempt.id) == shown);
    let Some((attempt, settings)) = found.or_else(|| bench.attempts.last()).cloned() else { return Ok(None) };
    let mut checks = read.checks_of_attempt(scope, &attempt.id, 20).await?;
    // The attempt says which check is its latest: two may have been written in the same microsecond.
    checks.sort_by_key(|check| attempt.check_id.as_ref() != Some(&check.id));
    let Some(latest) = checks.first().cloned() else { return Ok(None) };
    let waits = latest.run == 0 && attempt.phase != Some(crate::domain::connection::Phase::Queued);
    let decided = checks.iter().find(|check| check.verdict.is_some());
    let check = decided.filter(|_| waits).unwrap_or(&latest).clone();
    let told = news(app, &mut read, scope, &check.id, Cursor::START).await?;
    let people = read.people_of(&scope.brokerage).await?;
    drop(read);
    let cursor = if check.id == latest.id { told.cursor } else { Cursor::START };
    let mailed_to = recipients(app, people)?.into_iter().map(|person| person.address.as_str().to_owned());
    Ok(Some(Case {
        mailed_to: mailed_to.collect(),
        names: names(app, &CredentialSettings::GraphSecret(settings.clone()), attempt.number),
        check: told.check,
        ended: told.steps,
        bench,
        attempt,
        settings,
        latest,
        cursor,
    }))
}

impl Case {
    fn page(self, layout: Layout) -> StatusPage {
        let connection = &self.bench.connection;
        let cause = self.cause();
        let top = headline(connection, &self.check, cause.as_ref());
        let blamed = self.check.cause.as_ref().map(|cause| cause.as_str());
        let failed = connection.state == Standing::Failed;
        let verified = connection.state == Standing::Verified;
        let pending = connection.state == Standing::Submitted && self.latest.verdict.is_none();
        let events = pending
            .then(|| urls::connection_events(&connection.id, &self.latest.id, &self.cursor.to_string()));
        let (again, next_attempt) = (self.again(cause.as_ref()), self.next_attempt(cause.as_ref()));
        StatusPage {
            layout,
            id: connection.id.clone(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(self.attempt.number),
            kind: connection.kind.title(),
            number: self.attempt.number,
            h1: top.h1,
            lede: top.lede,
            tag: top.tag,
            submitted: Moment::of(self.attempt.submitted_at),
            decided: self.check.decided_at.map(Moment::of),
            interrupted: self.check.run > 1,
            runs: pending && self.check.id == self.latest.id,
            events,
            steps: steps(connection.kind, &self.check, &self.ended, blamed, |step| self.trouble(step)),
            worked: if failed { self.worked() } else { Vec::new() },
            words: self.words(blamed),
            warnings: if verified { self.warnings() } else { Vec::new() },
            next_look: (pending && self.check.id != self.latest.id).then(|| Moment::of(self.latest.due_at)),
            again,
            next_attempt,
            expires: verified.then(|| Moment {
                machine: self.settings.secret_expires_on.to_string(),
                words: dates::words(self.settings.secret_expires_on),
            }),
            past: self.bench.attempts.iter().rev().map(|(attempt, _)| self.past(attempt)).collect(),
            cause,
            mailed_to: self.mailed_to,
        }
    }

    /// The cause that the page explains, where there is something to mend or to wait for.
    fn cause(&self) -> Option<CauseWords> {
        let undecided = self.check.verdict.is_none();
        let fine = matches!(self.bench.connection.state, Standing::Verified | Standing::Closed);
        if undecided || fine { None } else { Some(CauseWords::of(self.check.cause.as_ref(), &self.names)) }
    }

    fn trouble(&self, step: &EndedStep) -> String {
        let told = step.outcome == Outcome::Failed || step.outcome == Outcome::Warning;
        match &step.cause {
            Some(cause) if told => CauseWords::of(Some(cause), &self.names).title,
            _ => String::new(),
        }
    }

    fn worked(&self) -> Vec<String> {
        let passed = |step: &&EndedStep| matches!(step.outcome, Outcome::Passed | Outcome::Warning);
        let mut worked: Vec<&EndedStep> = self.ended.iter().filter(passed).collect();
        worked.sort_by_key(|step| {
            crate::actions::progress::planned(self.bench.connection.kind)
                .iter()
                .position(|plan| plan.id == step.id)
        });
        worked.into_iter().map(|step| step.title.clone()).collect()
    }

    /// What the server said in the step that is to blame.
    fn words(&self, blamed: Option<&str>) -> Option<String> {
        let step = self.ended.iter().find(|step| {
            step.outcome == Outcome::Failed && step.cause.as_ref().map(|cause| cause.as_str()) == blamed
        });
        step.and_then(|step| step.notes.words.clone()).filter(|words| !words.is_empty())
    }

    fn warnings(&self) -> Vec<CauseWords> {
        self.check.warnings.iter().map(|cause| CauseWords::of(Some(cause), &self.names)).collect()
    }

    fn again(&self, cause: Option<&CauseWords>) -> Option<Again> {
        let connection = &self.bench.connection;
        may_press(connection, &self.attempt).ok()?;
        let waiting = connection.state == Standing::Submitted;
        Some(Again {
            seen: connection.version,
            label: if waiting { "Check now" } else { "Check again" },
            first: !waiting && self.bench.draft.is_none() && cause.is_none_or(|cause| !cause.renew),
        })
    }

    fn next_attempt(&self, cause: Option<&CauseWords>) -> Option<NextAttempt> {
        if self.bench.connection.state != Standing::Failed {
            return None;
        }
        let fresh = self.bench.starts_fresh();
        let begun = self.bench.draft.is_some();
        Some(NextAttempt {
            number: self.bench.number,
            begun,
            fresh,
            first: begun || cause.is_some_and(|cause| cause.renew),
        })
    }

    fn past(&self, attempt: &Attempt) -> Past {
        let (outcome, look) = match attempt.state {
            Standing::Verified => ("Verified".to_owned(), "ok"),
            Standing::Failed => {
                (format!("Failed: {}", CauseWords::of(attempt.cause.as_ref(), &self.names).title), "bad")
            }
            Standing::Submitted if attempt.id == self.attempt.id => ("Not decided yet".to_owned(), ""),
            _ => ("No longer used".to_owned(), ""),
        };
        Past {
            number: attempt.number,
            reference: self.bench.connection.reference.of_attempt(attempt.number),
            submitted: Moment::of(attempt.submitted_at),
            outcome,
            look,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        actions::progress::StepNotes,
        domain::{
            check::{CauseId, Fact, Origin, Verdict},
            connection::{Connection, Phase},
            ids::{AttemptId, BrokerageId, CheckId},
            instant::Instant,
            kind::AccessKind,
            reference::Reference,
            text::ConnectionName,
        },
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</code><script>\"'&";

    fn connection(state: Standing, phase: Option<Phase>) -> Connection {
        Connection {
            id: ConnectionId::from_random([1; 16]),
            version: 3,
            brokerage_id: BrokerageId::from_random([2; 16]),
            reference: Reference::new("Lakeshore Realty", 42),
            name: ConnectionName::from_stored(HOSTILE.to_owned()),
            external_id: None,
            kind: AccessKind::GraphSecret,
            state,
            phase,
            in_use: None,
            candidate: None,
            created_at: AT,
            changed_at: AT,
        }
    }

    fn check(run: i64, verdict: Option<Verdict>, cause: Option<&'static str>) -> Check {
        Check {
            id: CheckId::from_random([3; 16]),
            attempt_id: AttemptId::from_random([4; 16]),
            connection_id: ConnectionId::from_random([1; 16]),
            brokerage_id: BrokerageId::from_random([2; 16]),
            origin: Origin::Submission,
            run,
            rung: 0,
            retries: 0,
            created_at: AT,
            due_at: AT,
            started_at: None,
            verdict,
            cause: cause.map(CauseId::known),
            warnings: Vec::new(),
            decided_at: verdict.map(|_| AT),
        }
    }

    fn ended(id: &str, outcome: Outcome, cause: Option<&'static str>) -> EndedStep {
        EndedStep {
            seq: 1,
            id: id.to_owned(),
            title: HOSTILE.to_owned(),
            outcome,
            elapsed: Duration::from_millis(312),
            cause: cause.map(CauseId::known),
            notes: StepNotes {
                facts: vec![Fact { label: "Tenant".to_owned(), value: HOSTILE.to_owned() }],
                words: cause.map(|_| HOSTILE.to_owned()),
            },
        }
    }

    fn sample(
        state: Standing,
        phase: Option<Phase>,
        run: i64,
        verdict: Option<Verdict>,
        cause: Option<&'static str>,
    ) -> StatusPage {
        let (connection, check) = (connection(state, phase), check(run, verdict, cause));
        let steps_ended = [ended("tenant", Outcome::Passed, None), ended("token", Outcome::Failed, cause)];
        let words = cause.map(|_| CauseWords::of(check.cause.as_ref(), &Names::default()));
        let top = headline(&connection, &check, words.as_ref());
        let failed = state == Standing::Failed;
        let verified = state == Standing::Verified;
        StatusPage {
            layout: Layout::sample().at(OVERVIEW),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(2),
            kind: connection.kind.title(),
            number: 2,
            h1: top.h1,
            lede: top.lede,
            tag: top.tag,
            submitted: Moment::of(AT),
            decided: verdict.map(|_| Moment::of(AT)),
            interrupted: run > 1,
            events: verdict.is_none().then(|| urls::connection_events(&connection.id, &check.id, "1.2")),
            runs: verdict.is_none(),
            steps: steps(connection.kind, &check, &steps_ended, cause, |step| step.title.clone()),
            worked: if failed { vec![HOSTILE.to_owned()] } else { Vec::new() },
            words: cause.map(|_| HOSTILE.to_owned()),
            warnings: if verified { words.clone().into_iter().collect() } else { Vec::new() },
            next_look: (phase == Some(Phase::WaitingForProvider)).then(|| Moment::of(AT)),
            again: (failed || phase.is_some()).then_some(Again {
                seen: 3,
                label: "Check again",
                first: !failed,
            }),
            next_attempt: failed.then_some(NextAttempt {
                number: 3,
                begun: run > 1,
                fresh: true,
                first: true,
            }),
            expires: verified
                .then(|| Moment { machine: "2028-11-21".to_owned(), words: "21 November 2028".to_owned() }),
            mailed_to: vec!["ida@lakeshore.example".to_owned(), "tom@lakeshore.example".to_owned()],
            past: vec![Past {
                number: 1,
                reference: "LKS-0042-1".to_owned(),
                submitted: Moment::of(AT),
                outcome: HOSTILE.to_owned(),
                look: "bad",
            }],
            cause: if verified { None } else { words },
            id: connection.id,
        }
    }

    impl Sample for StatusPage {
        fn samples() -> Vec<Self> {
            let submitted =
                |phase, run, verdict, cause| sample(Standing::Submitted, Some(phase), run, verdict, cause);
            vec![
                submitted(Phase::Queued, 0, None, None),
                submitted(Phase::Checking, 1, None, None),
                submitted(Phase::Checking, 2, None, None),
                submitted(
                    Phase::WaitingForProvider,
                    1,
                    Some(Verdict::WaitingForProvider),
                    Some("mailbox_not_provisioned"),
                ),
                submitted(Phase::NeedsStaff, 1, Some(Verdict::CouldNotTell), Some("a_cause_of_tomorrow")),
                sample(Standing::Failed, None, 1, Some(Verdict::Failed), Some("client_secret_invalid")),
                sample(Standing::Failed, None, 2, Some(Verdict::Failed), Some("exo_rbac_required")),
                sample(
                    Standing::Verified,
                    None,
                    1,
                    Some(Verdict::PassedWithWarnings),
                    Some("client_secret_expires_soon"),
                ),
                sample(Standing::Closed, None, 1, Some(Verdict::Passed), None),
                sample(Standing::Compromised, None, 1, Some(Verdict::Passed), None),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        StatusPage::assert_renders();
        for sample in StatusPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
            let ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
            assert!(html.matches("<details open").count() <= 1);
        }
    }

    #[test]
    fn the_cause_is_the_heading_and_its_step_is_open() {
        let page = sample(Standing::Failed, None, 1, Some(Verdict::Failed), Some("client_secret_invalid"));
        let html = page.render().expect("renders");
        let cause = CauseWords::of(Some(&CauseId::known("client_secret_invalid")), &Names::default());
        assert!(html.contains(&format!("<h1>{}</h1>", cause.title)), "{html}");
        assert_eq!(html.matches("<details open").count(), 1);
        assert!(html.contains("Start attempt 3 with new names"));
    }

    #[test]
    fn what_ended_runs_and_waits_is_told_apart() {
        let running = check(1, None, None);
        let done = [ended("tenant", Outcome::Passed, None)];
        let looks = |check: &Check| -> Vec<&str> {
            let list = steps(AccessKind::GraphSecret, check, &done, None, |_| String::new());
            list.iter().map(|step| step.look).take(3).collect()
        };
        assert_eq!(looks(&running), ["passed", "running", "waiting"]);
        assert_eq!(looks(&check(0, None, None)), ["passed", "waiting", "waiting"]);
        assert_eq!(looks(&check(1, Some(Verdict::Failed), None)), ["passed", "skipped", "skipped"]);
    }
}
