//! The last day of the secret in use as a calendar file, for whoever wants it in their own calendar.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{
    actions::{draft::Bench, remind::DAYS},
    app::App,
    domain::{
        answers::secret_noun, calendar::LastDay, dates, ids::ConnectionId, refused::Refused, scope::Scope,
    },
    http::{error::PageError, urls},
};

/// Hands it over; not found where the secret in use has no last day.
pub async fn download(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(&app, &mut read, &scope, &[], &id).await?;
    drop(read);
    let (attempt, settings) = bench.in_use().filter(|_| bench.renews()).ok_or(PageError::NotFound)?;
    let on = attempt.last_day(settings).ok_or(PageError::NotFound)?;
    let (secret, name) = (secret_noun(bench.connection.kind), bench.connection.name.as_str());
    let base = app.settings.portal.public_url.join("");
    let base = base.trim_end_matches('/');
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let brand = app.settings.about.brand();
    let url = format!("{base}{}", urls::renew(&id));
    let file = LastDay {
        uid: &format!("{}@{host}", attempt.id),
        made_at: bench.now,
        on,
        title: &format!("{brand}: the {secret} of {name} ends today"),
        text: &format!(
            "The {secret} of attempt {} ({name}) ends on {}. After that day {brand} no longer reaches your mailboxes.\nRenew it here: {url}",
            attempt.number,
            dates::words(on)
        ),
        url: &url,
        alarms: DAYS,
    }
    .file();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"moxiengage-last-day.ics\""),
        ),
    ];
    Ok((headers, file).into_response())
}
