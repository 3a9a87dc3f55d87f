//! The check as it goes, for pages without scripts: a list that grows while the answer is still being sent, in the
//! order in which steps end, and closes with the result.

use std::convert::Infallible;

use askama::Template;
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};

use super::{
    live::{never_held_back, stop_of},
    renew::page_of_check,
    status_view::StepView,
    watch::{Told, Watch},
};
use crate::{
    actions::{progress::Cursor, test_answers::Tested},
    app::App,
    domain::{
        connection::Phase,
        ids::{CheckId, ConnectionId},
        refused::Refused,
        scope::Scope,
    },
    http::{
        error::PageError,
        layout::{Layout, OVERVIEW},
        render::see_other,
        serve::Stopping,
        session::Watcher,
        urls,
    },
    store::StoredAttempt,
};

/// Where the steps go into the page, and where the result.
const STEPS: &str = "<!-- steps -->";
const RESULT: &str = "<!-- result -->";

/// The page around the list.
#[derive(Template)]
#[template(path = "portal/status_live.html")]
pub struct LivePage {
    layout: Layout,
    name: String,
    reference: String,
    /// Whether it is a test of answers that nobody has submitted: then nobody is written to.
    test: bool,
    url: String,
}

/// One line of the list.
#[derive(Template)]
#[template(path = "portal/status_line.html")]
pub struct LiveLine {
    step: StepView,
}

/// What stands beneath the list in the end.
#[derive(Template)]
#[template(path = "portal/status_result.html")]
pub struct LiveResult {
    decided: bool,
    url: String,
}

/// Streams the list. Where no check runs there is nothing to watch, and the connection's page says how it stands.
pub async fn list(
    State(app): State<App>,
    scope: Scope,
    watcher: Watcher,
    layout: Layout,
    stopping: Option<Extension<Stopping>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let connection = read.connection(&scope.brokerage, &id).await.map_err(Refused::from)?;
    let connection = connection.ok_or(PageError::NotFound)?;
    let attempt = match &connection.candidate {
        Some(attempt) => read.attempt(&scope.brokerage, attempt).await.map_err(Refused::from)?,
        None => None,
    };
    drop(read);
    let runs = |stored: &StoredAttempt| matches!(stored.attempt.phase, Some(Phase::Queued | Phase::Checking));
    let url = page_of_check(&app, &scope, &id).await?;
    let Some((attempt, check)) =
        attempt.filter(runs).and_then(|stored| Some((stored.attempt.number, stored.attempt.check_id?)))
    else {
        return Ok(see_other(&url));
    };
    let page = LivePage {
        layout: layout.at(OVERVIEW),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.of_attempt(attempt),
        test: false,
        url,
    };
    let watch = Watch::begin(app, watcher, check, Cursor::START, stop_of(stopping));
    Ok(never_held_back(streamed(&page, watch)?))
}

/// Streams the steps of a test of answers that nobody has submitted; once it is over, its page says what came of it.
pub async fn list_test(
    State(app): State<App>,
    scope: Scope,
    watcher: Watcher,
    layout: Layout,
    stopping: Option<Extension<Stopping>>,
    Path((id, check)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let check = CheckId::parse(&check).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let connection = read.connection(&scope.brokerage, &id).await.map_err(Refused::from)?;
    let connection = connection.ok_or(PageError::NotFound)?;
    let tested = Tested::of_check(&app, &mut read, &scope, &id, &check).await?.ok_or(PageError::NotFound)?;
    drop(read);
    if tested.check.verdict.is_some() {
        return Ok(see_other(&urls::test(&id, &check)));
    }
    let page = LivePage {
        layout: layout.at(OVERVIEW),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.of_attempt(tested.dry_run.attempt_number),
        test: true,
        url: urls::test(&id, &check),
    };
    let watch = Watch::begin(app, watcher, check, Cursor::START, stop_of(stopping));
    Ok(never_held_back(streamed(&page, watch)?))
}

fn streamed(page: &LivePage, watch: Watch) -> Result<Response, PageError> {
    let html = page.render().map_err(|_| PageError::Fault(None))?;
    let parts = html.split_once(STEPS).and_then(|(head, rest)| Some((head, rest.split_once(RESULT)?)));
    let (head, (middle, tail)) = parts.ok_or(PageError::Fault(None))?;
    let (middle, tail, url) = (middle.to_owned(), tail.to_owned(), page.url.clone());
    let pieces = stream::unfold(Some((watch, false)), move |state| {
        let (middle, tail, url) = (middle.clone(), tail.clone(), url.clone());
        async move {
            let (mut watch, mut decided) = state?;
            match watch.next().await.unwrap_or_default() {
                Some(told) => {
                    decided |= told.iter().any(|told| matches!(told, Told::Decided(_)));
                    Some((told.iter().map(line).collect::<String>(), Some((watch, decided))))
                }
                None => {
                    let result = LiveResult { decided, url }.render().unwrap_or_default();
                    Some((format!("{middle}{result}{tail}"), None))
                }
            }
        }
    });
    let body = stream::once(std::future::ready(head.to_owned()))
        .chain(pieces)
        .map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    Ok((kind, Body::from_stream(body)).into_response())
}

fn line(told: &Told) -> String {
    match told {
        Told::Run(cursor) if cursor.run > 1 => {
            "<li><div class=\"line\"><span class=\"title\">The check was interrupted on our side and begins again.</span></div></li>\n"
                .to_owned()
        }
        Told::Step(_, step) => {
            LiveLine { step: StepView::ended(step, false, String::new()) }.render().unwrap_or_default()
        }
        Told::Run(_) | Told::Decided(_) | Told::Overtaken(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    impl Sample for LivePage {
        fn samples() -> Vec<Self> {
            [false, true]
                .into_iter()
                .map(|test| Self {
                    layout: Layout::sample().at(OVERVIEW),
                    name: "\"><b>".to_owned(),
                    reference: "LKS-0042-2".to_owned(),
                    test,
                    url: "/connections/con_1".to_owned(),
                })
                .collect()
        }
    }

    impl Sample for LiveLine {
        fn samples() -> Vec<Self> {
            let step = |look| StepView {
                id: "token".to_owned(),
                title: "<b>Sign in".to_owned(),
                look,
                time: "0.3 s".to_owned(),
                has_more: false,
                open: false,
                trouble: String::new(),
                facts: Vec::new(),
                words: None,
            };
            ["passed", "warning", "failed", "skipped"]
                .into_iter()
                .map(|look| Self { step: step(look) })
                .collect()
        }

        /// A piece of a page: heading and title stand in the page around it.
        fn assert_renders() {
            for line in Self::samples() {
                let html = line.render().expect("renders");
                assert!(html.trim().starts_with("<li") && html.contains("&#60;b&#62;Sign in"), "{html}");
            }
        }
    }

    impl Sample for LiveResult {
        fn samples() -> Vec<Self> {
            [true, false]
                .into_iter()
                .map(|decided| Self { decided, url: "/connections/con_1".to_owned() })
                .collect()
        }

        /// A piece of a page: heading and title stand in the page around it.
        fn assert_renders() {
            for result in Self::samples() {
                assert!(result.render().expect("renders").contains("/connections/con_1"));
            }
        }
    }

    #[test]
    fn the_page_has_a_place_for_steps_and_one_for_the_result() {
        LivePage::assert_renders();
        LiveLine::assert_renders();
        LiveResult::assert_renders();
        for page in LivePage::samples() {
            let html = page.render().expect("renders");
            let (_, rest) = html.split_once(STEPS).expect("a place for steps");
            assert!(rest.contains(RESULT) && !rest.contains("\"><b>"));
        }
    }
}
