//! "Check all mailboxes": a file or pasted lines, and what cannot be read of them.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    actions::{
        form_answer::FormKey,
        read_roster::LONGEST,
        roster::opening_attempt,
        start_roster::{Sent, TypedRoster, can_limit, start_roster},
    },
    app::App,
    domain::{connection::Connection, ids::ConnectionId, refused::Refused, roster::BadLine, scope::Scope},
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        form_state::FormState,
        layout::{Layout, OVERVIEW},
        render::{page, refused_form, see_other},
        session, urls,
    },
};

/// So many bad lines are shown; whoever has more has chosen another file than they meant.
const SHOWN: usize = 10;
/// Room beside the table: the other fields, and what stands between them.
const BESIDE: usize = 64 * 1024;

/// The page with the form.
#[derive(Template)]
#[template(path = "portal/roster_form.html")]
pub struct RosterFormPage {
    layout: Layout,
    id: ConnectionId,
    name: String,
    reference: String,
    /// Whether the credential can be limited to some mailboxes.
    can_limit: bool,
    form: FormState,
    bad: Option<BadLines>,
}

/// Lines of a table that cannot be used.
struct BadLines {
    /// How many lines can.
    good: usize,
    /// How many cannot.
    count: usize,
    /// The first of them: number, what stands there, and why it cannot be used.
    shown: Vec<String>,
    /// The whole table, to be sent once more.
    table: String,
}

impl BadLines {
    fn new(good: usize, bad: &[BadLine], table: String) -> Self {
        let shown = bad.iter().take(SHOWN).map(BadLine::sentence).collect();
        Self { good, count: bad.len(), shown, table }
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct RosterFields {
    #[serde(default)]
    table_file: String,
    #[serde(default)]
    table: String,
    #[serde(default)]
    outside: String,
    #[serde(default)]
    skip: String,
}

impl FormFields for RosterFields {
    const FILES: &'static [&'static str] = &["table_file"];
    const MOST_BYTES: usize = LONGEST + BESIDE;
}

/// Shows the form; where nothing can be checked yet, the connection's page says how it stands.
pub async fn show(
    State(app): State<App>,
    session: Session,
    scope: Scope,
    layout: Layout,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let connection = find(&app, &scope, &id).await?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let opening = opening_attempt(&mut read, &connection).await;
    drop(read);
    match opening {
        Ok(_) => Ok(page(&form_page(layout, &connection, FormState::new(), None))),
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::connection(&connection.id)))
        }
        Err(other) => Err(other.into()),
    }
}

/// Starts the check and leads to its page, or shows what cannot be used.
pub async fn send(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<RosterFields>,
) -> Result<Response, PageError> {
    let connection = find(&app, &scope, &id).await?;
    let RosterFields { table_file, table, outside, skip } = form.fields;
    let skip_bad_lines = skip == "yes";
    let typed = TypedRoster { file: table_file, pasted: table, outside, skip_bad_lines };
    let sent = match FormKey::new(form.key.as_deref(), form.fingerprint) {
        Ok(key) => start_roster(&app, &scope, &connection.id, &typed, &key).await,
        Err(refused) => Err(refused),
    };
    let layout = layout.failed(true);
    match sent {
        Ok(Sent::Started(_)) => Ok(see_other(&urls::roster(&connection.id))),
        Ok(Sent::BadLines { good, bad }) => {
            // What was pasted stands in its field again, to be mended there; a file the browser asks for anew.
            let form = FormState::new().with("outside", typed.outside).with("table", typed.pasted.clone());
            let table = if typed.file.is_empty() { typed.pasted } else { typed.file };
            let bad = BadLines::new(good.len(), &bad, table);
            Ok(refused_form(&form_page(layout, &connection, form, Some(bad))))
        }
        Err(Refused::Conflict(why)) => {
            session::leave_line(&session, why).await?;
            Ok(see_other(&urls::roster(&connection.id)))
        }
        Err(refused) => {
            let state = form.state.absorb(refused)?;
            Ok(refused_form(&form_page(layout, &connection, state, None)))
        }
    }
}

/// The connection, where it is this brokerage's.
pub(super) async fn find(app: &App, scope: &Scope, id: &str) -> Result<Connection, PageError> {
    let id = ConnectionId::parse(id).map_err(|_| PageError::NotFound)?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let found = read.connection(&scope.brokerage, &id).await.map_err(Refused::from)?;
    found.ok_or(PageError::NotFound)
}

fn form_page(
    layout: Layout,
    connection: &Connection,
    form: FormState,
    bad: Option<BadLines>,
) -> RosterFormPage {
    RosterFormPage {
        layout: layout.at(OVERVIEW),
        id: connection.id.clone(),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.as_str().to_owned(),
        can_limit: can_limit(connection.kind),
        form,
        bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{refused::FieldError, roster::LineProblem},
        http::render::Sample,
    };

    impl Sample for RosterFormPage {
        fn samples() -> Vec<Self> {
            let error = FieldError::new("table", "Choose a file <b>".to_owned());
            let refused = FormState::new().with("table", "</textarea><script>").refused(vec![error]);
            let line = |line| BadLine::new(line, LineProblem::NotAnAddress, "</li><script>alert(1)</script>");
            let lines: Vec<BadLine> = (2..130).map(line).collect();
            let bad = |good, count: usize| {
                Some(BadLines::new(good, &lines[..count], "\"><script>\nida@elm.example".into()))
            };
            [(FormState::new(), None), (refused, None), (FormState::new(), bad(41, 1))]
                .into_iter()
                .chain([(FormState::new(), bad(41, 120)), (FormState::new(), bad(0, 2))])
                .map(|(form, bad)| Self {
                    layout: Layout::sample().at(OVERVIEW).failed(form.has_errors() || bad.is_some()),
                    id: ConnectionId::from_random([1; 16]),
                    name: "\"><b>".to_owned(),
                    reference: "LKS-0042".to_owned(),
                    can_limit: bad.is_none(),
                    form,
                    bad,
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        RosterFormPage::assert_renders();
        for sample in RosterFormPage::samples() {
            let html = sample.render().expect("renders");
            for markup in ["<script>\n", "</textarea><script>", "<script>alert"] {
                assert!(!html.contains(markup), "{html}");
            }
        }
        let html = RosterFormPage::samples()[3].render().expect("renders");
        assert!(html.contains("120 lines cannot be used") && html.contains("and 110 more"), "{html}");
        assert!(html.contains("Go on with the 41 that can"), "{html}");
        let html = RosterFormPage::samples()[4].render().expect("renders");
        assert!(html.contains("2 lines cannot be used") && !html.contains("Go on with"), "{html}");
    }
}
