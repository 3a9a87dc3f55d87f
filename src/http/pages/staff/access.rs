//! Asking for a look at a secret, answering as the second one, looking, ending, and looking emergencies over.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    access_page::{AccessPage, MayLook, SecretPage},
    again::{Again, led_on},
    connection_case::read_case,
    news::News,
};
use crate::{
    actions::{
        ask_access::{TypedAccess, ask_access},
        form_answer::FormKey,
        look::{answer_of, may_press, press},
        second_access::{decline_second, end_access, may_end, review_access, review_of, second_access},
    },
    app::App,
    domain::{
        access_rules::{NoAccess, is_fresh, may_review, may_second},
        ids::{AccessId, ConnectionId},
        instant::Instant,
        refused::Refused,
        staff::StaffScope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, QUEUE},
        pages::portal::access_view::AccessView,
        render::{page, page_with, see_other},
        session,
        staff_visitor::{StaffProvenAt, StaffWatcher},
        urls,
    },
    store::StoredAccess,
};

/// How long a secret stands on its page.
const SHOWN_FOR: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
/// So many of the brokerage's latest looks are read.
const MOST_LOOKS: i64 = 500;

/// What the form that asks sends.
#[derive(Deserialize)]
pub struct AskFields {
    #[serde(default)]
    of_attempt: String,
    #[serde(default)]
    way: String,
    #[serde(default)]
    reason_of_access: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    minutes: String,
}

impl FormFields for AskFields {}

/// What whoever looks an emergency over writes.
#[derive(Deserialize)]
pub struct ReviewFields {
    #[serde(default)]
    found: String,
}

impl FormFields for ReviewFields {}

fn parsed(id: &str) -> Result<AccessId, PageError> {
    AccessId::parse(id).map_err(|_| PageError::NotFound)
}

/// Asks, and leads to the request.
pub async fn ask(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<AskFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let fields = form.fields;
    let typed = TypedAccess {
        attempt: fields.of_attempt,
        way: fields.way,
        reason: fields.reason_of_access,
        ticket: fields.ticket,
        minutes: fields.minutes,
    };
    let done = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => ask_access(&app, &scope, &id, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(access) => {
            session::leave_line(&session, "Asked. The answer stands on this page when there is one.").await?;
            Ok(see_other(&urls::access(&access)))
        }
        Err(refused) => {
            let case = read_case(&app, &scope, &id).await?;
            let again = led_on(&session, "", form.state, Err(refused)).await?;
            let Err(Again { form, conflict, status }) = again else { return Err(PageError::NotFound) };
            let page = case.page(&app, layout.at(QUEUE).failed(true), form, conflict);
            Ok(page_with(status, &page))
        }
    }
}

/// Shows a request.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let shown = read_page(&app, &scope, proven_at, layout, &parsed(&id)?, FormState::new(), None).await?;
    Ok(page(&shown))
}

/// Says yes as the second one.
pub async fn approve(
    State(app): State<App>,
    session: Session,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    if !is_fresh(proven_at, app.clock.now()) {
        return Ok(see_other(&urls::staff_anew_then(&urls::access(&id))));
    }
    let done = second_access(&app, &scope, proven_at, &id).await;
    let done = done.map(|()| "Opened. The brokerage is told.");
    answer(&app, &session, &scope, proven_at, layout, &id, form.state, done).await
}

/// Says no as the second one.
pub async fn decline(
    State(app): State<App>,
    session: Session,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = decline_second(&app, &scope, &id).await.map(|()| "Declined. Nobody can look.");
    answer(&app, &session, &scope, proven_at, layout, &id, form.state, done).await
}

/// Takes it back, or stops it.
pub async fn stop(
    State(app): State<App>,
    session: Session,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = end_access(&app, &scope, &id).await.map(|()| "Ended. Nobody can look any more.");
    answer(&app, &session, &scope, proven_at, layout, &id, form.state, done).await
}

/// Notes that an emergency was looked over.
pub async fn review(
    State(app): State<App>,
    session: Session,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<ReviewFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = review_access(&app, &scope, &id, &form.fields.found).await.map(|()| "Looked over.");
    answer(&app, &session, &scope, proven_at, layout, &id, form.state, done).await
}

/// Shows the secret: once for a press, on the answer to the form itself.
pub async fn reveal(
    State(app): State<App>,
    session: Session,
    StaffProvenAt(proven_at): StaffProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    if !is_fresh(proven_at, app.clock.now()) {
        return Ok(see_other(&urls::staff_anew_then(&urls::access(&id))));
    }
    let pressed = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => press(&app, &scope, proven_at, &id, &key).await,
        Err(refused) => Err(refused),
    };
    let pressed = match pressed {
        Ok(pressed) => pressed,
        Err(refused) => {
            return answer(&app, &session, &scope, proven_at, layout, &id, form.state, Err(refused)).await;
        }
    };
    match answer_of(&app, pressed).await? {
        Ok(secret) => {
            let (stored, company) = read_request(&app, &scope, &id).await?;
            let looks = looks(&app, &stored).await?;
            let request = AccessView::of(&app, &stored, &looks, app.clock.now())?;
            let viewer = scope.name;
            let until = app.clock.now().plus(SHOWN_FOR).time_words();
            let (layout, stands) = (layout.at(QUEUE), urls::access_verb(&id, "open"));
            Ok(page(&SecretPage { layout, company, request, viewer, until, stands, secret }))
        }
        Err(why) => {
            let refused = Err(Refused::Conflict(why.sentence()));
            answer(&app, &session, &scope, proven_at, layout, &id, form.state, refused).await
        }
    }
}

/// Says whether a secret may still stand on the page that shows it, and nothing else: the page asks by itself, so this keeps
/// no session awake. Nobody but whoever asked is told.
pub async fn stands(
    State(app): State<App>,
    watcher: StaffWatcher,
    Path(id): Path<String>,
) -> Result<StatusCode, PageError> {
    let (stored, _) = read_request(&app, &watcher.scope, &parsed(&id)?).await?;
    // The proof was fresh when they pressed.
    match may_press(&app, &watcher.scope, None, &stored).await? {
        Ok(()) | Err(NoAccess::NotFresh) => Ok(StatusCode::NO_CONTENT),
        Err(_) => Err(PageError::NotFound),
    }
}

/// Leads back to the page with a line about what was done, or shows it with why it was not done.
#[expect(clippy::too_many_arguments, reason = "what every form of this page has in hand")]
async fn answer(
    app: &App,
    session: &Session,
    scope: &StaffScope,
    proven_at: Option<Instant>,
    layout: Layout,
    id: &AccessId,
    typed: FormState,
    done: Result<&'static str, Refused>,
) -> Result<Response, PageError> {
    let done = match done {
        // What the rule says stands on the page itself, beside what can be done.
        Err(Refused::Forbidden(why)) => {
            let page = read_page(app, scope, proven_at, layout, id, typed, Some(why)).await?;
            return Ok(page_with(StatusCode::FORBIDDEN, &page));
        }
        done => done,
    };
    match led_on(session, &urls::access(id), typed, done).await? {
        Ok(response) => Ok(response),
        Err(again) => {
            let layout = layout.failed(true);
            let page = read_page(app, scope, proven_at, layout, id, again.form, again.conflict).await?;
            Ok(page_with(again.status, &page))
        }
    }
}

async fn read_request(
    app: &App,
    scope: &StaffScope,
    id: &AccessId,
) -> Result<(StoredAccess, String), Refused> {
    let mut read = app.store.read().await?;
    let whose = read.all_brokerages(scope)?.whose_access(id).await?.ok_or(Refused::NotFound)?;
    let stored = read.access(&whose, id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
    Ok((stored, brokerage.company.as_str().to_owned()))
}

async fn looks(app: &App, stored: &StoredAccess) -> Result<Vec<crate::store::LookEntry>, Refused> {
    Ok(app.store.read().await?.looks_of(&stored.access.brokerage_id, MOST_LOOKS).await?)
}

async fn news_of(app: &App, scope: &StaffScope, id: &AccessId, now: Instant) -> Result<News, Refused> {
    let (stored, _) = read_request(app, scope, id).await?;
    let mut read = app.store.read().await?;
    let news =
        News::of_connection(&mut read.all_brokerages(scope)?, &stored.access.connection_id, now).await?;
    Ok(news)
}

async fn read_page(
    app: &App,
    scope: &StaffScope,
    proven_at: Option<Instant>,
    layout: Layout,
    id: &AccessId,
    form: FormState,
    conflict: Option<&'static str>,
) -> Result<AccessPage, Refused> {
    let now = app.clock.now();
    let news = news_of(app, scope, id, now).await?;
    let (stored, company) = read_request(app, scope, id).await?;
    let looks = looks(app, &stored).await?;
    let access = &stored.access;
    let allowed = may_press(app, scope, proven_at, &stored).await?;
    let look = match allowed {
        Ok(()) => MayLook::Press,
        Err(NoAccess::NotYours) => MayLook::NotThey,
        Err(NoAccess::NotFresh) => MayLook::AfterSignIn,
        Err(why) => MayLook::Not(why),
    };
    let second = may_second(access, &scope.staff, &scope.roles, proven_at, false, now);
    let second = matches!(second, Ok(()) | Err(NoAccess::NotFresh)).then_some(second);
    let review = review_of(app, &stored)?;
    let said_no = app.store.read().await?.said_no_before(access).await?;
    let request = AccessView::of(app, &stored, &looks, now)?;
    Ok(AccessPage {
        layout: layout.at(QUEUE),
        form,
        conflict,
        company,
        brokerage_id: access.brokerage_id.clone(),
        connection_id: access.connection_id.clone(),
        said_no: said_no.map(|no| no.tell("The brokerage", &no.asker)),
        look,
        second,
        may_end: access.is_live(now) && may_end(access, scope),
        may_review: may_review(access, &scope.staff, &scope.roles, now).is_ok(),
        review: review.map(|note| (stored.reviewer.clone().unwrap_or_default(), note.as_str().to_owned())),
        waits_for_review: access.waits_for_review(),
        news: access.is_live(now).then(|| news.shown_at(urls::access(id), request.waits && second.is_none())),
        request,
    })
}
