//! How offices get on: how many come how far and how long it takes, where their connections stand, and what stops them.

use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::SignedDuration;
use serde::Deserialize;

use super::figures_page::{Counted, DAYS, FiguresPage};
use crate::{
    app::App,
    domain::{refused::Refused, staff::StaffScope},
    http::{
        error::PageError,
        layout::{FIGURES, Layout},
        render::page,
    },
};

/// What the address asks for.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    days: String,
}

/// Shows the figures of the last so many days.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let days = match asked.days.as_str() {
        "" => DAYS[0],
        typed => DAYS.into_iter().find(|days| days.to_string() == typed).ok_or(PageError::NotFound)?,
    };
    let counted = read(&app, &scope, days).await?;
    Ok(page(&FiguresPage::of(layout.at(FIGURES), days, counted)))
}

async fn read(app: &App, scope: &StaffScope, days: i64) -> Result<Counted, Refused> {
    let mut read = app.store.read().await?;
    let now = read.now();
    let back = |times: i64| now.plus(-SignedDuration::from_hours(24 * days * times));
    let needs = read.need_counts().await?;
    let mut all = read.all_brokerages(scope)?;
    Ok(Counted {
        now,
        courses: all.courses(back(1)).await?,
        standing: all.standing().await?,
        needs,
        standing_causes: all.standing_causes().await?,
        named_causes: all.named_causes(back(2), back(1)).await?,
    })
}
