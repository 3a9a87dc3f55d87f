//! Older pages of what happened to a connection. A page begins behind an entry, so its address shows the same for ever.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    connection::parsed,
    connection_case::questions_about,
    timeline::{Day, Place, Stretch, days},
};
use crate::{
    app::App,
    domain::{ids::ConnectionId, refused::Refused, staff::StaffScope},
    http::{
        error::PageError,
        layout::{Layout, QUEUE},
        render::page,
        urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/history.html")]
struct HistoryPage {
    layout: Layout,
    id: ConnectionId,
    company: String,
    name: String,
    reference: String,
    /// From which day to which.
    stretch: String,
    days: Vec<Day>,
    /// The first page, where this is another.
    newest: String,
    older: Option<String>,
}

/// Behind which entry.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    before: String,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = parsed(&id)?;
    let behind = match asked.before.as_str() {
        "" => None,
        place => Some(Place::parse(place).ok_or(PageError::NotFound)?),
    };
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let whose = read.all_brokerages(&scope)?.whose(&id).await.map_err(Refused::from)?;
    let whose = whose.ok_or(PageError::NotFound)?;
    let connection = read.connection(&whose, &id).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let brokerage = read.brokerage(&whose).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let questions = questions_about(&app, &mut read, &whose, &id).await?;
    let stretch =
        Stretch::read(&app, &mut read.all_brokerages(&scope)?, &id, &questions, behind.as_ref()).await?;
    drop(read);
    let days = days(stretch.entries);
    Ok(page(&HistoryPage {
        layout: layout.at(QUEUE),
        company: brokerage.company.as_str().to_owned(),
        name: connection.name.as_str().to_owned(),
        reference: connection.reference.as_str().to_owned(),
        stretch: span(&days),
        newest: behind.map(|_| urls::timeline(&id, "")).unwrap_or_default(),
        older: stretch.older.map(|place| urls::timeline(&id, &place.to_string())),
        days,
        id,
    }))
}

/// From which day to which; "Nothing more" for none.
fn span(days: &[Day]) -> String {
    match (days.last(), days.first()) {
        (Some(from), Some(to)) if from.title != to.title => format!("{} to {}", from.title, to.title),
        (Some(one), _) => one.title.clone(),
        (None, _) => "Nothing more".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const HOSTILE: &str = "</li><script>\"'&{{7*7}}";

    impl Sample for HistoryPage {
        fn samples() -> Vec<Self> {
            let page = |days: Vec<Day>, more: bool| Self {
                layout: Layout::staff_sample().at(QUEUE),
                id: ConnectionId::from_random([1; 16]),
                company: HOSTILE.to_owned(),
                name: HOSTILE.to_owned(),
                reference: "LKS-0042".to_owned(),
                stretch: span(&days),
                days,
                newest: if more { "/connections/con_x/timeline".to_owned() } else { String::new() },
                older: more.then(|| "/connections/con_x/timeline?before=1.0.aud_x".to_owned()),
            };
            vec![page(Day::samples(HOSTILE), true), page(Vec::new(), false)]
        }
    }

    #[test]
    fn every_sample_renders() {
        HistoryPage::assert_renders();
    }
}
