//! One check to the last detail, for our own people: its page, and the same as a file.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{check_case::read_detail, check_transcript::transcript_of, connection::parsed};
use crate::{
    app::App,
    domain::{
        ids::{CheckId, ConnectionId},
        staff::StaffScope,
    },
    http::{
        error::PageError,
        layout::{Layout, QUEUE},
        render::page,
    },
};

fn ids(id: &str, check: &str) -> Result<(ConnectionId, CheckId), PageError> {
    Ok((parsed(id)?, CheckId::parse(check).map_err(|_| PageError::NotFound)?))
}

/// Shows the page. A check of another connection is not found.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path((id, check)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (id, check) = ids(&id, &check)?;
    let detail = read_detail(&app, &scope, &id, &check).await?;
    Ok(page(&detail.page(&app, layout.at(QUEUE))))
}

/// Sends the file: one JSON object a line, so that it is searched and cut with usual tools.
pub async fn transcript(
    State(app): State<App>,
    scope: StaffScope,
    Path((id, check)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (id, check) = ids(&id, &check)?;
    let detail = read_detail(&app, &scope, &id, &check).await?;
    let named = format!("attachment; filename=\"check-{}.ndjson\"", detail.entry.check.id);
    let named = HeaderValue::from_str(&named).map_err(|_| PageError::NotFound)?;
    let kind = HeaderValue::from_static("application/x-ndjson; charset=utf-8");
    let text = transcript_of(&detail);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], text).into_response())
}
