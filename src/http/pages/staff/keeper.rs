//! Names the account manager of a brokerage.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::brokerage::{answer, parsed};
use crate::{
    actions::name_keeper::{TypedKeeper, name_keeper},
    app::App,
    domain::staff::StaffScope,
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        layout::Layout,
    },
};

/// What the form sends.
#[derive(Deserialize)]
pub struct KeeperFields {
    #[serde(default)]
    before: String,
    #[serde(default)]
    manager: String,
}

impl FormFields for KeeperFields {}

/// Names the account manager, or nobody.
pub async fn name(
    State(app): State<App>,
    session: Session,
    layout: Layout,
    Path(id): Path<String>,
    ScopedForm { scope, form }: ScopedForm<KeeperFields, StaffScope>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let typed = TypedKeeper { before: form.fields.before, named: form.fields.manager };
    let done = name_keeper(&app, &scope, &id, &typed).await;
    answer(&app, &session, &scope, layout, &id, form.state, done.map(|()| "Saved.")).await
}
