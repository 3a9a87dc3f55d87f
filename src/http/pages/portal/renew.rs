//! Renewing the secret of a verified connection: what will happen, the button that begins it, how the new one stands
//! beside the one in use, and the way back.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    status_case::{About, read_case},
    status_view::Moment,
};
use crate::{
    actions::{
        draft::Bench,
        roll_back::{MAY_GO_BACK, roll_back, way_back},
        run_check::says_not_renewed,
        start_rotation::{may_renew, start_rotation},
    },
    app::App,
    domain::{
        access_rules::is_fresh, answers::secret_noun, attempt::Attempt, connection::State as Standing, dates,
        ids::ConnectionId, kind::AccessKind, refused::Refused, scope::Scope,
    },
    http::{
        error::PageError,
        form::{FormFields, NoFields, ScopedForm},
        layout::{Layout, OVERVIEW},
        render::{page, see_other},
        session::{self, ProvenAt},
        urls,
    },
};

/// The page while no new secret is being tested.
#[derive(Template)]
#[template(path = "portal/renew.html")]
pub struct RenewPage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    kind: AccessKind,
    /// What sentences call the secret.
    secret: &'static str,
    /// The last day of the one in use, where it has one.
    ends: Option<Moment>,
    /// What the admin called the app, where there is one.
    app: String,
    /// The attempt that is begun already.
    begun: Option<i64>,
    /// Whether the code of this session is fresh enough to begin.
    fresh: bool,
    /// Why there is nothing to renew; empty when there is.
    nothing: &'static str,
    back: Option<Back>,
}

/// The way back to the secret before.
struct Back {
    /// The attempt that took its place.
    in_use: i64,
    /// Whether that one has the same secret: then nothing is to be deleted.
    same: bool,
    seen: i64,
    number: i64,
    until: Moment,
}

/// What the form of the way back sends.
#[derive(Deserialize)]
pub struct BackFields {
    #[serde(default)]
    seen: String,
}

impl FormFields for BackFields {}

/// Shows how the renewal stands; a connection that is not verified leads to its own page.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    ProvenAt(proven_at): ProvenAt,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    let digest = session::digest(&session).await?;
    if let Some(case) = read_case(&app, &scope, &digest, &id, About::Renewal).await? {
        return Ok(page(&case.page(layout.at(OVERVIEW))));
    }
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let bench = Bench::read(&app, &mut read, &scope, &digest, &id).await?;
    if !bench.renews() {
        return session::lead_on(&session, &layout, &urls::connection(&id)).await;
    }
    let checks = match bench.in_use() {
        Some((attempt, _)) => read.checks_of_attempt(&scope, &attempt.id, 20).await.map_err(Refused::from)?,
        None => Vec::new(),
    };
    drop(read);
    let same = checks.iter().any(|check| says_not_renewed(&check.warnings));
    let fresh = is_fresh(Some(proven_at), app.clock.now());
    Ok(page(&RenewPage::new(layout, &bench, fresh, same)))
}

/// Begins it and leads to where the new secret is entered.
pub async fn start(
    State(app): State<App>,
    session: Session,
    ProvenAt(proven_at): ProvenAt,
    Path(id): Path<String>,
    ScopedForm { scope, .. }: ScopedForm<NoFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    if !is_fresh(Some(proven_at), app.clock.now()) {
        return Ok(see_other(&urls::confirm_then(&urls::renew(&id))));
    }
    match start_rotation(&app, &scope, &id).await {
        Ok(_) => Ok(see_other(&urls::answers(&id))),
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::renew(&id)))
        }
        Err(other) => Err(other.into()),
    }
}

/// Goes back to the secret before.
pub async fn go_back(
    State(app): State<App>,
    session: Session,
    ProvenAt(proven_at): ProvenAt,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<BackFields>,
) -> Result<Response, PageError> {
    let id = ConnectionId::parse(&id).map_err(|_| PageError::NotFound)?;
    if !is_fresh(Some(proven_at), app.clock.now()) {
        return Ok(see_other(&urls::confirm_then(&urls::renew(&id))));
    }
    // A version that is no number is none that was ever shown.
    let seen = form.fields.seen.parse().unwrap_or(-1);
    match roll_back(&app, &scope, &id, seen).await {
        Ok(()) => session::leave_line(&session, "The one before is in use again.").await?,
        Err(Refused::Conflict(why)) => session::leave_line(&session, why).await?,
        Err(other) => return Err(other.into()),
    }
    Ok(see_other(&urls::connection(&id)))
}

/// The page on which the check of what was submitted last is seen.
pub(super) async fn page_of_check(app: &App, scope: &Scope, id: &ConnectionId) -> Result<String, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let connection = read.connection(&scope.brokerage, id).await.map_err(Refused::from)?;
    let beside = connection
        .is_some_and(|connection| connection.state == Standing::Verified && connection.candidate.is_some());
    Ok(if beside { urls::renew(id) } else { urls::connection(id) })
}

impl RenewPage {
    fn new(layout: Layout, bench: &Bench, fresh: bool, same: bool) -> Self {
        let connection = &bench.connection;
        let settings = bench.in_use().map(|(_, settings)| settings);
        let attempts: Vec<Attempt> = bench.attempts.iter().map(|(attempt, _)| attempt.clone()).collect();
        let back = way_back(connection, &attempts, bench.now).and_then(|attempt| {
            let until = Moment::of(attempt.ended?.1.plus(MAY_GO_BACK));
            let in_use = bench.in_use()?.0.number;
            Some(Back { in_use, same, seen: connection.version, number: attempt.number, until })
        });
        let ends = bench.in_use().and_then(|(attempt, settings)| attempt.last_day(settings));
        Self {
            layout: layout.at(OVERVIEW),
            id: connection.id.clone(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.as_str().to_owned(),
            kind: connection.kind,
            secret: secret_noun(connection.kind),
            ends: ends.map(|day| Moment { machine: day.to_string(), words: dates::words(day) }),
            app: settings
                .and_then(|settings| settings.app())
                .map(|app| app.names.app.as_str().to_owned())
                .unwrap_or_default(),
            begun: bench.draft.as_ref().map(|draft| draft.attempt_number),
            fresh,
            nothing: match may_renew(connection, None) {
                Err(Refused::Conflict(why)) => why,
                _ => "",
            },
            back,
        }
    }
}

impl RenewPage {
    /// What is pressed first.
    const fn begins(&self) -> &'static str {
        if self.fresh { "Select \"Begin\"" } else { "Get a fresh code, then select \"Begin\"" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::instant::Instant, http::render::Sample};

    const HOSTILE: &str = "\"><script>alert(1)</script>";

    fn sample(kind: AccessKind, begun: Option<i64>, fresh: bool) -> RenewPage {
        let moment = || Moment::of(Instant::from_micros(1_795_257_720_000_000));
        RenewPage {
            layout: Layout::sample().at(OVERVIEW),
            id: ConnectionId::from_random([1; 16]),
            name: HOSTILE.to_owned(),
            reference: "LKS-0042".to_owned(),
            kind,
            secret: secret_noun(kind),
            ends: kind.makes_secret().then(moment),
            app: if kind.is_google() { String::new() } else { HOSTILE.to_owned() },
            begun,
            fresh,
            nothing: if kind == AccessKind::GoogleDelegated { "There is nothing to renew here." } else { "" },
            back: (begun.is_none() && fresh).then(|| Back {
                in_use: 2,
                same: kind.is_google(),
                seen: 7,
                number: 1,
                until: moment(),
            }),
        }
    }

    impl Sample for RenewPage {
        fn samples() -> Vec<Self> {
            let of_kind = |kind: &AccessKind| {
                [sample(*kind, None, false), sample(*kind, None, true), sample(*kind, Some(2), true)]
            };
            AccessKind::ALL.iter().flat_map(of_kind).collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        RenewPage::assert_renders();
        for page in RenewPage::samples() {
            let html = page.render().expect("renders");
            assert!(!html.contains("<script>alert"), "{html}");
            let begins = html.contains("Begin</button>");
            assert_eq!(begins, page.fresh && page.begun.is_none() && page.nothing.is_empty(), "{html}");
        }
    }
}
