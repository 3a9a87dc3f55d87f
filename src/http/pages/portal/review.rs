//! "Check your answers": everything that will be submitted, each with a way to change it, and the button.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::civil::Date;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    answer_rows::{Row, rows},
    answers::entered_words,
    dry_run_words::{Standing, in_a_line, refused_lately, tests_again},
    renew::page_of_check,
};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        draft::{Bench, SecretStanding},
        form_answer::FormKey,
        people::{Recipient, recipients},
        submit::submit,
        test_answers::{Freshness, Room, Tested},
    },
    app::App,
    domain::{
        answers::secret_field, credential::CredentialSettings, dates, ids::ConnectionId, refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, page_with, see_other},
        session, urls,
    },
};

/// The page with the answers.
#[derive(Template)]
#[template(path = "portal/review.html")]
pub struct ReviewPage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    number: i64,
    kind: &'static str,
    /// Whether something secret is handed over.
    secret: bool,
    rows: Vec<Row>,
    advice: Vec<String>,
    mailed_to: String,
    /// The last test of these answers: words, look and address.
    last_test: Option<(String, &'static str, String)>,
    /// What to know before one more.
    test_notes: Vec<String>,
    /// Whether one more can begin now.
    may_test: bool,
    /// The version of the draft that is shown.
    seen: i64,
    /// Why the page is shown again instead of submitting; empty when it is not.
    stale: &'static str,
}

/// The page for a submission of which nobody knows whether it was written.
#[derive(Template)]
#[template(path = "portal/not_saved.html")]
pub struct NotSavedPage {
    layout: Layout,
    action: String,
    form_key: String,
    kept: Vec<(&'static str, String)>,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct SubmitFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for SubmitFields {}

/// Shows the answers; when something is missing it leads there.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    match review(&app, &scope, &digest, &id, layout).await? {
        Ok(review) => Ok(page(&review)),
        Err(elsewhere) => Ok(see_other(&elsewhere)),
    }
}

/// Submits the answers and leads to the connection's page, where the check is seen.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<SubmitFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    let key = FormKey::new(form.key.as_deref(), form.fingerprint)?;
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match submit(&app, &scope, &digest, &id, seen, &key).await {
        Ok(_) => Ok(see_other(&page_of_check(&app, &scope, &id).await?)),
        Err(Refused::Fields(errors)) if errors.iter().all(|error| !error.field.is_empty()) => {
            Ok(see_other(&missing(&id, errors.first().map_or("", |error| error.field))))
        }
        Err(Refused::Conflict(why)) => match review(&app, &scope, &digest, &id, layout).await? {
            Ok(shown) => Ok(page_with(StatusCode::CONFLICT, &ReviewPage { stale: why, ..shown })),
            Err(elsewhere) => {
                session::leave_line(&session, why).await?;
                Ok(see_other(&elsewhere))
            }
        },
        Err(Refused::Unavailable | Refused::Unsure) => Ok(not_saved(layout, &id, form.key, form.fields.seen)),
        Err(other) => Err(other.into()),
    }
}

/// The page, or where to go first: to what is missing, or to the connection when it takes no answers.
async fn review(
    app: &App,
    scope: &Scope,
    digest: &[u8],
    id: &ConnectionId,
    layout: Layout,
) -> Result<Result<ReviewPage, String>, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(app, &mut read, scope, digest, id).await?;
    let people = read.people_of(&scope.brokerage).await.map_err(Refused::from)?;
    if bench.takes_answers().is_err() {
        return Ok(Err(urls::connection(id)));
    }
    let last = Tested::latest(app, &mut read, scope, id).await?;
    let first = bench.missing().first().map(|error| error.field);
    match (first, &bench.draft, bench.settings(&bench.answers), bench.secret) {
        (None, Some(draft), Ok(settings), SecretStanding::Here { .. } | SecretStanding::NotAsked) => {
            let people = recipients(app, people)?;
            let room = Room::of(app, &mut read, scope, &settings).await?;
            drop(read);
            let seen = draft.version;
            let page = ReviewPage::new(layout, &bench, &settings, &people, seen);
            Ok(Ok(page.with_test(app, &bench, last.as_ref(), room)))
        }
        (first, ..) => {
            let field = first.or(secret_field(bench.connection.kind)).unwrap_or_default();
            Ok(Err(missing(id, field)))
        }
    }
}

fn missing(id: &ConnectionId, field: &str) -> String {
    format!("{}#{field}", urls::answers_missing(id))
}

fn not_saved(layout: Layout, id: &ConnectionId, key: Option<String>, seen: String) -> Response {
    let page = NotSavedPage {
        layout,
        action: urls::submit(id),
        form_key: key.unwrap_or_default(),
        kept: vec![("seen", seen)],
    };
    let mut response = page_with(StatusCode::SERVICE_UNAVAILABLE, &page);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    response
}

impl ReviewPage {
    fn new(
        layout: Layout,
        bench: &Bench,
        settings: &CredentialSettings,
        people: &[Recipient],
        seen: i64,
    ) -> Self {
        let connection = &bench.connection;
        let secret = match bench.secret {
            SecretStanding::Here { at, letters } => {
                format!("Entered at {}, not shown", entered_words(at, letters))
            }
            _ => String::new(),
        };
        let addresses: Vec<&str> = people.iter().map(|person| person.address.as_str()).collect();
        Self {
            layout: layout.at(OVERVIEW),
            id: connection.id.clone(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.of_attempt(bench.number),
            number: bench.number,
            kind: connection.kind.title(),
            secret: connection.kind.hands_over_a_secret(),
            rows: rows(settings, secret),
            advice: advice(bench, settings, people),
            mailed_to: addresses.join(", "),
            last_test: None,
            test_notes: Vec::new(),
            may_test: false,
            seen,
            stale: "",
        }
    }

    /// The same with what is known of testing these answers. A test of an earlier attempt's says nothing of them.
    fn with_test(mut self, app: &App, bench: &Bench, last: Option<&Tested>, room: Room) -> Self {
        let last = last.filter(|last| last.freshness(bench) != Freshness::Gone);
        self.last_test = last.map(|last| {
            let of = Standing {
                check: &last.check,
                ended_by: last.dry_run.ended_by,
                fresh: last.freshness(bench),
                ready: true,
            };
            let names = names(app, &last.settings, last.dry_run.attempt_number);
            let cause = last.check.cause.as_ref().map(|id| CauseWords::of(Some(id), &names));
            let (words, look) = in_a_line(&of, cause.as_ref(), bench.now);
            (words, look, urls::test(&bench.connection.id, &last.check.id))
        });
        self.test_notes = refused_lately(room.refused, room.paused_until)
            .into_iter()
            .chain(room.tests_until.map(tests_again))
            .collect();
        let under_way = last.is_some_and(|last| last.check.verdict.is_none());
        self.may_test = !under_way && room.paused_until.or(room.tests_until).is_none();
        self
    }
}

/// What is allowed and worth a second look.
fn advice(bench: &Bench, settings: &CredentialSettings, people: &[Recipient]) -> Vec<String> {
    let mut advice = Vec::new();
    if !bench.answers.remark().is_empty() {
        advice.push(format!("About the password: {}", bench.answers.remark()));
    }
    advice.extend(settings.secret_expires_on().and_then(|ends| lasts_short(bench, ends)));
    let mailbox = settings.test_mailbox();
    // A renewal is tested with the mailbox that has passed before, and its form does not ask about it.
    if !bench.renews() && !bench.answers.says_mailbox_is_used() {
        let program = if bench.connection.kind.is_google() { "Gmail and Calendar" } else { "Outlook" };
        advice.push(format!(
            "You have not said that {} is an ordinary user's mailbox and that they have opened {program} at least once. If they have not, the check may fail: have them open it first.",
            mailbox.as_str()
        ));
    }
    if people.iter().any(|person| person.address == *mailbox) {
        advice.push(format!(
            "{} is your own mailbox. If you are an administrator, an ordinary user's mailbox tests better what agents will have.",
            mailbox.as_str()
        ));
    } else if mailbox.domain() != bench.brokerage.proven_domain {
        advice.push(format!(
            "The test mailbox is at {}, and your own address is at {}. That is fine when both belong to your office.",
            mailbox.domain(),
            bench.brokerage.proven_domain
        ));
    }
    advice
}

fn lasts_short(bench: &Bench, ends: Date) -> Option<String> {
    let lasts = match dates::months_between(bench.now.date(), ends) {
        0 => "less than a month".to_owned(),
        1 => "one month".to_owned(),
        months if months < 12 => format!("{months} months"),
        _ => return None,
    };
    if bench.connection.kind.makes_secret() {
        return None;
    }
    Some(format!(
        "This client secret lasts {lasts}, and then a new one is needed. Entra offers up to 24 months."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for ReviewPage {
        fn samples() -> Vec<Self> {
            let tests = [
                None,
                Some(("Passed 2 minutes ago".to_owned(), "ok", "/connections/con_1/tests/chk_1".to_owned())),
                Some((
                    "Failed just now: <b>no".to_owned(),
                    "bad",
                    "/connections/con_1/tests/chk_1".to_owned(),
                )),
            ];
            ["", "The answers were changed elsewhere.", ""]
                .into_iter()
                .zip(tests)
                .map(|(stale, last_test)| Self {
                    layout: Layout::sample(),
                    id: ConnectionId::from_random([1; 16]),
                    name: "<b>Main</b>".to_owned(),
                    reference: "LKS-0042-1".to_owned(),
                    number: 1,
                    kind: "Microsoft 365",
                    secret: true,
                    rows: vec![Row {
                        label: "Test mailbox",
                        what: "test mailbox",
                        field: "test_mailbox",
                        value: "<script>alert(1)</script>".to_owned(),
                        code: true,
                    }],
                    advice: vec!["This client secret lasts one month.".to_owned()],
                    mailed_to: "ida@lakeshore.example".to_owned(),
                    test_notes: refused_lately(2, None).into_iter().filter(|_| last_test.is_some()).collect(),
                    may_test: stale.is_empty(),
                    last_test,
                    seen: 7,
                    stale,
                })
                .collect()
        }
    }

    impl Sample for NotSavedPage {
        fn samples() -> Vec<Self> {
            vec![Self {
                layout: Layout::sample(),
                action: "/connections/con_1/submit".to_owned(),
                form_key: "0123456789abcdef".to_owned(),
                kept: vec![("seen", "7\"><b>".to_owned())],
            }]
        }
    }

    #[test]
    fn every_sample_renders() {
        ReviewPage::assert_renders();
        NotSavedPage::assert_renders();
        let html = ReviewPage::samples()[0].render().expect("renders");
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("Change<span class=\"vh\"> test mailbox</span>"), "{html}");
        let html = NotSavedPage::samples()[0].render().expect("renders");
        assert!(html.contains("name=\"form_key\" value=\"0123456789abcdef\""), "{html}");
    }
}
