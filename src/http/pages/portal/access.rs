//! Who asks to look at the brokerage's secrets, who looked, and the brokerage's yes or no to it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tower_sessions::Session;

use super::{
    access_news::{MOST_LOOKS, news_of},
    access_page::{AccessList, AccessPage, MayAnswer},
    access_view::AccessView,
};
use crate::{
    actions::answer_access::{approve_access, decline_access, stop_access},
    app::App,
    domain::{
        access::Access,
        access_rules::{is_fresh, may_decline},
        ids::AccessId,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        form::{NoFields, ScopedForm},
        layout::{ACCESS, Layout},
        render::{page, page_with, see_other},
        session::{self, ProvenAt},
        urls,
    },
};

/// So many of the latest requests are shown.
const MOST: i64 = 100;

fn parsed(id: &str) -> Result<AccessId, PageError> {
    AccessId::parse(id).map_err(|_| PageError::NotFound)
}

/// Shows everything that was asked.
pub async fn list(State(app): State<App>, scope: Scope, layout: Layout) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let brokerage = read.brokerage(&scope.brokerage).await.map_err(Refused::from)?;
    let stored = read.accesses_of(&scope.brokerage, MOST).await.map_err(Refused::from)?;
    let looks = read.looks_of(&scope.brokerage, MOST_LOOKS).await.map_err(Refused::from)?;
    drop(read);
    let now = app.clock.now();
    let requests: Result<Vec<_>, Refused> =
        stored.iter().map(|one| AccessView::of(&app, one, &looks, now)).collect();
    Ok(page(&AccessList {
        layout: layout.at(ACCESS),
        company: brokerage.ok_or(PageError::NotFound)?.company.as_str().to_owned(),
        requests: requests?,
    }))
}

/// Shows one request.
pub async fn show(
    State(app): State<App>,
    scope: Scope,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    Ok(page(&read_page(&app, &scope, proven_at, layout, &parsed(&id)?, None).await?))
}

/// Says yes, where the reader has shown lately that it is them; else leads to where they do.
pub async fn approve(
    State(app): State<App>,
    session: Session,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    if !is_fresh(Some(proven_at), app.clock.now()) {
        return Ok(see_other(&urls::confirm_then(&urls::access(&id))));
    }
    let done = approve_access(&app, &scope, proven_at, &id).await;
    let line = "You said yes. You get a mail each time somebody looks.";
    answered(&app, &session, &scope, proven_at, layout, &id, done.map(|()| line)).await
}

/// Says no.
pub async fn decline(
    State(app): State<App>,
    session: Session,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = decline_access(&app, &scope, &id).await;
    answered(&app, &session, &scope, proven_at, layout, &id, done.map(|()| "You said no. Nobody can look."))
        .await
}

/// Stops what was allowed.
pub async fn stop(
    State(app): State<App>,
    session: Session,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let done = stop_access(&app, &scope, &id).await;
    let line = "Stopped. Nobody can look any more. What stands on a screen goes within a minute.";
    answered(&app, &session, &scope, proven_at, layout, &id, done.map(|()| line)).await
}

async fn answered(
    app: &App,
    session: &Session,
    scope: &Scope,
    proven_at: Instant,
    layout: Layout,
    id: &AccessId,
    done: Result<&'static str, Refused>,
) -> Result<Response, PageError> {
    match done {
        Ok(line) => {
            session::leave_line(session, line).await?;
            Ok(see_other(&urls::access(id)))
        }
        Err(Refused::Conflict(why)) => {
            let page = read_page(app, scope, proven_at, layout, id, Some(why)).await?;
            Ok(page_with(StatusCode::CONFLICT, &page))
        }
        Err(other) => Err(other.into()),
    }
}

async fn read_page(
    app: &App,
    scope: &Scope,
    proven_at: Instant,
    layout: Layout,
    id: &AccessId,
    conflict: Option<&'static str>,
) -> Result<AccessPage, Refused> {
    let mut read = app.store.read().await?;
    let stored = read.access(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let looks = read.looks_of(&scope.brokerage, MOST_LOOKS).await?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let said_no = read.said_no_before(&stored.access).await?;
    let person = read.person_of_sign_in(&scope.person).await?.ok_or(Refused::NotFound)?.person;
    drop(read);
    let now = app.clock.now();
    let answer = may_answer(&stored.access, person.duty, proven_at, now);
    let request = AccessView::of(app, &stored, &looks, now)?;
    let only_tells = matches!(answer, MayAnswer::NotThey | MayAnswer::Nothing) && !request.can_be_stopped();
    Ok(AccessPage {
        layout: layout.at(ACCESS),
        company: brokerage.company.as_str().to_owned(),
        news: news_of(&stored.access, &looks, now, only_tells),
        said_no: said_no.map(|no| no.tell("Your office", &no.asker)),
        conflict,
        answer,
        request,
    })
}

fn may_answer(
    access: &Access,
    duty: crate::domain::duty::Duty,
    proven_at: Instant,
    now: Instant,
) -> MayAnswer {
    use crate::domain::access_rules::NoAccess;
    match may_decline(access, duty, now) {
        Ok(()) if is_fresh(Some(proven_at), now) => MayAnswer::Both,
        Ok(()) => MayAnswer::AfterCode,
        Err(NoAccess::Role) => MayAnswer::NotThey,
        Err(_) => MayAnswer::Nothing,
    }
}
