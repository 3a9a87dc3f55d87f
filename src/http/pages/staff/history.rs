//! Older pages of what happened to a connection or in a brokerage. A page begins behind an entry, so its address shows the same for ever.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    brokerage,
    connection::parsed,
    connection_case::questions_about,
    questions,
    story::story,
    timeline::{Day, Place, Stretch, days},
};
use crate::{
    app::App,
    domain::{refused::Refused, staff::StaffScope},
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
    /// Where it was come from, and what the link says.
    back: (String, &'static str),
    /// What it is about, and the same in full.
    name: String,
    about: String,
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
    let behind = asked.place()?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let whose = read.all_brokerages(&scope)?.whose(&id).await.map_err(Refused::from)?;
    let whose = whose.ok_or(PageError::NotFound)?;
    let connection = read.connection(&whose, &id).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let brokerage = read.brokerage(&whose).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let questions = questions_about(&app, &mut read, &whose, &id).await?;
    let stretch =
        Stretch::read(&app, &mut read.all_brokerages(&scope)?, &id, &questions, behind.as_ref()).await?;
    drop(read);
    let about = format!("{}: {}, {}", brokerage.company, connection.name, connection.reference);
    let shown = Shown { back: (urls::connection(&id), "Back to the connection"), about, stretch, behind };
    Ok(page(&shown.page(layout, connection.name.as_str(), |place| urls::timeline(&id, place))))
}

/// Shows that of a brokerage.
pub async fn show_brokerage(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = brokerage::parsed(&id)?;
    let behind = asked.place()?;
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let found = read.brokerage(&id).await.map_err(Refused::from)?.ok_or(PageError::NotFound)?;
    let questions = read.questions_of(&id).await.map_err(Refused::from)?.into_iter();
    let questions: Vec<questions::Asked> =
        questions.map(|stored| questions::Asked::open(&app, stored)).collect::<Result<_, _>>()?;
    let stretch = story(&app, &mut read.all_brokerages(&scope)?, &id, &questions, behind.as_ref()).await?;
    drop(read);
    let back = (urls::brokerage(&id), "Back to the brokerage");
    let shown = Shown { back, about: found.company.as_str().to_owned(), stretch, behind };
    Ok(page(&shown.page(layout, found.company.as_str(), |place| urls::brokerage_timeline(&id, place))))
}

impl Asked {
    fn place(&self) -> Result<Option<Place>, PageError> {
        match self.before.as_str() {
            "" => Ok(None),
            place => Ok(Some(Place::parse(place).ok_or(PageError::NotFound)?)),
        }
    }
}

/// What a page shows.
struct Shown {
    back: (String, &'static str),
    about: String,
    stretch: Stretch,
    behind: Option<Place>,
}

impl Shown {
    /// The page; `at` is the address behind a place.
    fn page(self, layout: Layout, name: &str, at: impl Fn(&str) -> String) -> HistoryPage {
        let days = days(self.stretch.entries);
        HistoryPage {
            layout: layout.at(QUEUE),
            back: self.back,
            name: name.to_owned(),
            about: self.about,
            stretch: span(&days),
            newest: self.behind.map(|_| at("")).unwrap_or_default(),
            older: self.stretch.older.map(|place| at(&place.to_string())),
            days,
        }
    }
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
                back: ("/connections/con_x".to_owned(), "Back to the connection"),
                name: HOSTILE.to_owned(),
                about: HOSTILE.to_owned(),
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
