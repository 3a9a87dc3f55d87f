//! The answers of the next attempt: what the admin reads in their own system, the secret that they type or that is made
//! for them, and the test mailbox.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    answer_rows::{Row, labels, what_stays},
    certificate::Made,
};
use crate::{
    actions::{
        ask_certificate::ask_certificate,
        cause_words::CauseWords,
        draft::{Bench, SecretStanding},
        save_answers::{Goal, TypedAnswers, save_answers},
    },
    app::App,
    domain::{
        answers::{Answers, fields, secret_field, secret_noun},
        cause::Names,
        connection,
        google::{self, DelegatedScope},
        ids::ConnectionId,
        instant::Instant,
        kind::{AccessKind, EWS_ENDS},
        refused::{FieldError, Refused},
        renewal::Renewal,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{Form, FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page_with, see_other},
        session, urls,
    },
};

/// The page with the form.
#[derive(Template)]
#[template(path = "portal/answers.html")]
pub struct AnswersPage {
    layout: Layout,
    form: FormState,
    id: ConnectionId,
    name: String,
    reference: String,
    kind: AccessKind,
    number: i64,
    renewal: Renewal,
    /// Whether the attempt before failed, and was not taken back or closed.
    after_failure: bool,
    /// The number of that attempt, and what it failed of.
    failed_of: Option<(i64, String)>,
    /// Whether it is a secret that is to take the place of the one in use, and what stays as it is then.
    renews: bool,
    stays: Vec<Row>,
    /// The mark of the draft that is shown.
    seen: String,
    /// When the secret was entered and how long it is, in words; empty when it has to be entered.
    entered: String,
    /// Whether it is the one of the attempt before.
    lent: bool,
    /// Why a secret that was entered has to be entered again; empty when there is no such reason.
    why_again: String,
    /// What is worth saying of the secret that was entered; empty when nothing is.
    remark: String,
    ends: [DatePart; 3],
    ends_error: Option<String>,
    ask_sure: bool,
    /// The days until EWS ends in Microsoft 365, on the form that leads there.
    ews_days: Option<i32>,
    /// What is allowed in Google, on the forms that lead there.
    google: Option<Delegation>,
    /// The certificate that was made for this attempt; without a thumbprint as long as it is not there.
    made: Made,
    /// Whether one was made and its time is over.
    certificate_ended: bool,
    /// What is saved and differs from what the form shows, where nothing of the form was saved.
    standing: Vec<Standing>,
    /// Whether a secret that was typed into that form is lost.
    lost_secret: bool,
}

/// What a service account has to be allowed, and where.
struct Delegation {
    scopes: &'static [DelegatedScope],
    scopes_text: String,
    /// The number that is allowed; empty while it is not known.
    client_id: String,
    /// The page on which it is.
    link: Option<String>,
}

/// One of the fields of a date.
struct DatePart {
    name: &'static str,
    label: &'static str,
    width: &'static str,
    numeric: bool,
}

/// An answer that is saved and differs from the one that was typed.
struct Standing {
    field: &'static str,
    label: &'static str,
    saved: String,
}

const ENDS: [DatePart; 3] = [
    DatePart { name: "ends_month", label: "Month", width: "w-month", numeric: false },
    DatePart { name: "ends_day", label: "Day", width: "w-day", numeric: true },
    DatePart { name: "ends_year", label: "Year", width: "w-year", numeric: true },
];

/// What the form sends besides the fields of its kind, which are read by their names.
#[derive(Deserialize)]
pub struct AnswersFields {
    #[serde(default)]
    client_secret: SecretString,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    goal: String,
    #[serde(default)]
    seen: String,
}

impl FormFields for AnswersFields {
    const SECRETS: &'static [&'static str] = &["client_secret", "password"];
}

/// What leads to the page.
#[derive(Deserialize)]
pub struct Asked {
    /// Whether somebody wanted to go on and something is missing: then the page says what.
    #[serde(default)]
    missing: String,
    /// Whether somebody wanted to come back later and something that they typed was not kept: then it says that.
    #[serde(default)]
    slips: String,
}

/// Shows the form with what was saved, and what is wrong with it where that is asked for: a refused form leads here, so
/// that Back and Reload send nothing twice. A connection that takes no answers leads to its own page.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let bench = bench(&app, &session, &scope, &id).await?;
    if bench.takes_answers().is_err() {
        return session::lead_on(&session, &layout, &urls::connection(&id)).await;
    }
    let errors = match (asked.missing.as_str(), asked.slips.as_str()) {
        ("", "") => Vec::new(),
        ("", _) => bench.answers.slips(),
        _ => bench.wrong(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = bench.answers.clone();
    Ok(page_with(status, &AnswersPage::new(&app, layout, &bench, &shown, errors)))
}

/// Saves what was typed and leads on, or shows what is wrong.
pub async fn save(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AnswersFields>,
) -> Result<Response, PageError> {
    let (goal, asks) = (goal_of(&form.fields.goal), form.fields.goal == ASKS);
    let Kept { answer, taken } = keep(&app, &session, layout, &scope, &id, form.into(), goal).await?;
    if !asks || !taken {
        return Ok(answer);
    }
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    match ask_certificate(&app, &scope, &id).await {
        Ok(()) => Ok(see_other(&format!("{}#app_certificate", urls::answers(&id)))),
        // Submitted elsewhere meanwhile: the answer leads to where that is said.
        Err(Refused::Conflict(_)) => Ok(answer),
        Err(other) => Err(other.into()),
    }
}

/// The button that asks for a certificate which is not there yet.
const ASKS: &str = "certificate";

/// What somebody reads whose form came too late to be taken.
const NOTHING_KEPT: &str = "Nothing of what you had just typed was kept.";

/// What was pressed.
pub(super) fn goal_of(pressed: &str) -> Goal {
    if ["later", ASKS].contains(&pressed) { Goal::Later } else { Goal::Review }
}

/// What became of a form.
pub(super) struct Kept {
    pub(super) answer: Response,
    /// Whether it is as somebody wanted it.
    pub(super) taken: bool,
}

/// Saves what was typed into the form of any kind and leads on, or shows what is wrong.
pub(super) async fn keep(
    app: &App,
    session: &Session,
    layout: Layout,
    scope: &Scope,
    id: &str,
    typed: TypedAnswers,
    goal: Goal,
) -> Result<Kept, PageError> {
    let refused = |answer| Ok(Kept { answer, taken: false });
    let id = ConnectionId::parse(id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(session).await?;
    let saved = match save_answers(app, scope, &digest, &id, typed, goal).await {
        Ok(saved) => saved,
        Err(Refused::Conflict(why)) => {
            session::leave_line(session, &format!("{why} {NOTHING_KEPT}")).await?;
            return refused(see_other(&urls::connection(&id)));
        }
        Err(other) => return Err(other.into()),
    };
    if saved.stale {
        let bench = bench(app, session, scope, &id).await?;
        let page = AnswersPage::new(app, layout, &bench, &saved.answers, saved.errors);
        let standing = standing(&bench.answers, &saved.answers);
        let page = AnswersPage { standing, lost_secret: saved.lost_secret, ..page };
        return refused(page_with(StatusCode::CONFLICT, &page));
    }
    let answer = match goal {
        Goal::Review if !saved.errors.is_empty() => return refused(see_other(&urls::answers_missing(&id))),
        Goal::Later if !saved.errors.is_empty() => return refused(see_other(&urls::answers_slips(&id))),
        Goal::Review => see_other(&urls::review(&id)),
        Goal::Later => {
            session::leave_line(session, "Your answers are saved.").await?;
            see_other(urls::OVERVIEW)
        }
    };
    Ok(Kept { answer, taken: true })
}

async fn bench(app: &App, session: &Session, scope: &Scope, id: &ConnectionId) -> Result<Bench, PageError> {
    let digest = session::digest(session).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    Ok(Bench::read(app, &mut read, scope, &digest, id).await?)
}

impl From<Form<AnswersFields>> for TypedAnswers {
    fn from(form: Form<AnswersFields>) -> Self {
        Self {
            texts: form.state.values().clone(),
            client_secret: form.fields.client_secret,
            password: form.fields.password,
            service_account_key: SecretString::default(),
            key_file: SecretString::default(),
            seen: form.fields.seen,
        }
    }
}

impl AnswersPage {
    fn new(app: &App, layout: Layout, bench: &Bench, answers: &Answers, errors: Vec<FieldError>) -> Self {
        let kind = bench.connection.kind;
        let (entered, why_again) = match bench.secret {
            SecretStanding::Here { at, letters } => (entered_words(at, letters), None),
            SecretStanding::Missing | SecretStanding::NotAsked => (String::new(), None),
            SecretStanding::Ended | SecretStanding::OtherSession => (String::new(), bench.secret.asks(kind)),
        };
        let form = typed(answers).refused(errors);
        // The sentence stands beside the field already when that is what is wrong.
        let why_again =
            why_again.filter(|_| secret_field(kind).is_none_or(|field| form.error(field).is_none()));
        let why_again = why_again.unwrap_or_default();
        Self {
            layout: layout.at(OVERVIEW).failed(form.has_errors()),
            id: bench.connection.id.clone(),
            name: bench.connection.name.as_str().to_owned(),
            reference: bench.connection.reference.as_str().to_owned(),
            kind,
            number: bench.number,
            renewal: bench.renewal(),
            after_failure: bench
                .attempts
                .last()
                .is_some_and(|(attempt, _)| attempt.state == connection::State::Failed),
            failed_of: bench.attempts.last().filter(|_| !bench.renews()).and_then(|(attempt, settings)| {
                let cause = attempt.cause.as_ref().filter(|_| attempt.state == connection::State::Failed)?;
                let names = Names::of(settings, attempt.number);
                Some((attempt.number, CauseWords::of(Some(cause), &names).title))
            }),
            renews: bench.renews(),
            stays: bench
                .in_use()
                .filter(|_| bench.renews())
                .map(|(_, settings)| what_stays(settings))
                .unwrap_or_default(),
            seen: bench.mark(),
            remark: if entered.is_empty() { String::new() } else { bench.answers.remark().to_owned() },
            entered,
            lent: bench.lent_secret(),
            why_again,
            ends_error: ENDS.iter().find_map(|part| form.error(part.name)).map(str::to_owned),
            ends: ENDS,
            ask_sure: answers.end_is_far(bench.now.date()),
            ews_days: (kind == AccessKind::EwsSecret).then(|| ews_days(bench.now)),
            google: delegation(app, kind, answers),
            made: Made::of(bench, bench.number).unwrap_or_else(|| Made::to_come(bench, bench.number)),
            certificate_ended: bench.secret == SecretStanding::Ended,
            standing: Vec::new(),
            lost_secret: false,
            form,
        }
    }
}

impl AnswersPage {
    fn secret(&self) -> &'static str {
        secret_noun(self.kind)
    }

    const fn has_certificate(&self) -> bool {
        !self.made.thumbprint.is_empty()
    }

    /// Whether the page waits for a certificate that is being made.
    const fn waits(&self) -> bool {
        self.kind.makes_secret() && !self.has_certificate() && !self.certificate_ended
    }

    /// Where the form goes: one that brings a file has a way of its own.
    fn action(&self) -> String {
        if self.kind == AccessKind::GoogleKey { urls::key_file(&self.id) } else { urls::answers(&self.id) }
    }

    const fn mailbox_hint(&self) -> &'static str {
        if self.kind.is_google() {
            "An ordinary user's main address, not an administrator's, whose user has opened Gmail and Calendar at least once"
        } else {
            "An ordinary user's address, not an administrator's, whose user has opened Outlook at least once"
        }
    }
}

/// What is allowed in Google: our own service account, or the one whose key was sent.
fn delegation(app: &App, kind: AccessKind, answers: &Answers) -> Option<Delegation> {
    let client_id = match kind {
        AccessKind::GoogleDelegated => app.settings.about.google_client_id.clone(),
        AccessKind::GoogleKey => answers.sealed_account().map(|account| account.client_id),
        _ => return None,
    };
    Some(Delegation::to(client_id))
}

impl Delegation {
    fn to(client_id: Option<String>) -> Self {
        Self {
            scopes: google::SCOPES,
            scopes_text: google::scopes_text(),
            link: client_id.as_deref().and_then(google::delegation_link),
            client_id: client_id.unwrap_or_default(),
        }
    }
}

/// The days until EWS ends; none are left from that day on.
fn ews_days(now: Instant) -> i32 {
    (EWS_ENDS - now.date()).get_days().max(0)
}

/// What is saved and differs from what was typed.
fn standing(saved: &Answers, typed: &Answers) -> Vec<Standing> {
    let differs = |field: &&&'static str| saved.text(field) != typed.text(field);
    let one = |field: &&'static str| {
        let label = labels(field).0;
        let saved = saved.text(field);
        Standing { field, label, saved: if saved.is_empty() { "Nothing" } else { saved }.to_owned() }
    };
    fields(saved.kind()).iter().filter(differs).map(one).collect()
}

/// "10:42 UTC, 40 characters".
pub(super) fn entered_words(at: Instant, letters: i64) -> String {
    format!("{}, {letters} characters", at.clock_words())
}

fn typed(answers: &Answers) -> FormState {
    let filled = |form: FormState, field: &&'static str| form.with(field, answers.text(field));
    fields(answers.kind()).iter().fold(FormState::new(), filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const HOSTILE: &str = "\"><script>alert(1)</script>";

    fn sample(kind: AccessKind, number: i64, form: FormState, entered: &str) -> AnswersPage {
        AnswersPage {
            layout: Layout::sample().failed(form.has_errors()),
            id: ConnectionId::from_random([1; 16]),
            name: "<b>Main</b>".to_owned(),
            reference: "LKS-0042".to_owned(),
            kind,
            number,
            renewal: match number {
                2 => Renewal::Names,
                3 => Renewal::Secret,
                _ => Renewal::Nothing,
            },
            after_failure: number == 3,
            failed_of: (number == 3).then(|| (2, "There is no mailbox <b>".to_owned())),
            renews: number == 5,
            stays: Vec::new(),
            seen: format!("{number}.7"),
            entered: entered.to_owned(),
            lent: number > 1 && !entered.is_empty(),
            why_again: if number == 3 {
                "Enter it again: the time is over".to_owned()
            } else {
                String::new()
            },
            remark: if number == 2 { "It begins or ends with a blank.".to_owned() } else { String::new() },
            ends_error: ENDS.iter().find_map(|part| form.error(part.name)).map(str::to_owned),
            ends: ENDS,
            ask_sure: number == 2,
            ews_days: (kind == AccessKind::EwsSecret).then_some(131),
            google: kind
                .is_google()
                .then(|| Delegation::to((number != 4).then(|| "104857600000000000001".to_owned()))),
            made: if kind.makes_secret() && number < 3 {
                Made::sample()
            } else {
                Made { thumbprint: String::new(), subject: String::new(), ..Made::sample() }
            },
            certificate_ended: number == 3,
            standing: Vec::new(),
            lost_secret: false,
            form,
        }
    }

    fn hostile(kind: AccessKind) -> Answers {
        fields(kind).iter().fold(Answers::empty(kind), |answers, field| answers.with(field, HOSTILE))
    }

    impl Sample for AnswersPage {
        fn samples() -> Vec<Self> {
            let of_kind = |kind: &AccessKind| {
                let error = |field: &&'static str| FieldError::new(field, format!("Enter {field} <i>"));
                let errors = fields(*kind).iter().map(error).collect();
                let bad =
                    sample(*kind, 2, typed(&hostile(*kind)).refused(errors), "10:42 UTC, 40 characters");
                let mut stale = sample(*kind, 4, typed(&hostile(*kind)), "");
                stale.standing = standing(&Answers::proposed(*kind, 4), &hostile(*kind));
                stale.lost_secret = secret_field(*kind).is_some() && !kind.makes_secret();
                let fresh = sample(*kind, 1, typed(&Answers::proposed(*kind, 1)), "");
                let mut renewed = sample(*kind, 5, typed(&Answers::proposed(*kind, 5)), "");
                renewed.stays = vec![Row {
                    label: "App",
                    what: "app",
                    field: "app_name",
                    value: HOSTILE.to_owned(),
                    code: true,
                }];
                // Where nobody hands a secret over there is none to renew.
                let renewed = secret_field(*kind).is_some().then_some(renewed);
                let plain = [fresh, bad, sample(*kind, 3, typed(&hostile(*kind)), ""), stale];
                plain.into_iter().chain(renewed).collect::<Vec<_>>()
            };
            AccessKind::ALL.iter().flat_map(of_kind).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AnswersPage::assert_renders();
        for sample in AnswersPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            let secret = match secret_field(sample.kind) {
                Some("service_account_key") => "name=\"service_account_key\" rows=\"4\"".to_owned(),
                Some("app_certificate") => "id=\"app_certificate\"".to_owned(),
                Some(field) => format!("name=\"{field}\" type=\"password\""),
                None => "There is no password".to_owned(),
            };
            assert!(html.contains(&secret) && !html.contains("maxlength"), "{html}");
            assert_eq!(html.contains("0123456789ABCDEF"), sample.has_certificate(), "{html}");
            assert_eq!(html.contains("multipart/form-data"), sample.kind == AccessKind::GoogleKey, "{html}");
            assert!(html.contains(&format!("name=\"seen\" value=\"{}.7\"", sample.number)), "{html}");
            // Whoever renews a secret enters nothing else.
            assert_eq!(html.contains("id=\"test_mailbox\""), !sample.renews, "{html}");
            for field in fields(sample.kind) {
                if sample.renews {
                    break;
                }
                let shown = html.contains(&format!("id=\"{field}\""));
                assert!(shown || *field == "ends_sure", "{field}: {html}");
                let linked = html.contains(&format!("href=\"#{field}\""));
                assert!(linked || sample.number != 2, "{field}: {html}");
            }
            assert_eq!(html.contains("131 days are left"), sample.kind == AccessKind::EwsSecret);
        }
        let delegated =
            AnswersPage::samples().into_iter().find(|page| page.kind == AccessKind::GoogleDelegated);
        if let Some(page) = delegated {
            let html = page.render().expect("renders");
            assert!(
                html.contains("clientIdToAdd=104857600000000000001&#38;clientScopeToAdd=https%3A%2F%2F"),
                "{html}"
            );
        }
        let html = AnswersPage::samples()[1].render().expect("renders");
        assert!(html.contains("Already entered at 10:42 UTC, 40 characters"), "{html}");
    }
}
