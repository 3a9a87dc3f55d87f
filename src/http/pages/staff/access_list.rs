//! Every request to look at a secret: what waits for the reader, what is under way, and what came of the others.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    app::App,
    domain::{
        access::AccessWay,
        access_rules::{NoAccess, may_review, may_second},
        instant::Instant,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        layout::{ALL_ACCESS, Layout},
        pages::portal::{access_view::AccessView, status_view::Moment},
        render::page,
        urls,
    },
    store::{StoredAccess, all_brokerages::AskedPlace},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/access_list.html")]
struct AccessListPage {
    layout: Layout,
    /// What waits for the reader.
    mine: Vec<Line>,
    /// What waits for somebody else, or is open.
    under_way: Vec<Line>,
    past: Vec<Line>,
    newest: String,
    older: String,
}

/// A request in one of the lists.
struct Line {
    url: String,
    company: String,
    what: String,
    asker: String,
    asked: Moment,
    reason: String,
    ticket: String,
    way: AccessWay,
    tag: (&'static str, &'static str),
    standing: String,
    /// What somebody has to do about it; empty for nothing.
    wants: &'static str,
}

/// Behind which one the list goes on.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: String,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if !scope.may(Deed::ReadAccess) {
        let why = "None of your roles reads who asked to see secrets. Ask support, operations or an auditor.";
        return Err(Refused::Forbidden(why).into());
    }
    let after = match asked.after.as_str() {
        "" => None,
        place => Some(AskedPlace::parse(place).ok_or(PageError::NotFound)?),
    };
    let lists = Lists::read(&app, &scope, after.as_ref()).await?;
    Ok(page(&AccessListPage {
        layout: layout.at(ALL_ACCESS),
        mine: lists.mine,
        under_way: lists.under_way,
        past: lists.past,
        newest: after.map(|_| urls::ACCESS.to_owned()).unwrap_or_default(),
        older: lists.next.map(|next| urls::accesses(&next.to_string())).unwrap_or_default(),
    }))
}

/// What the page lists; on a later page only what is past.
struct Lists {
    mine: Vec<Line>,
    under_way: Vec<Line>,
    past: Vec<Line>,
    next: Option<AskedPlace>,
}

impl Lists {
    async fn read(app: &App, scope: &StaffScope, after: Option<&AskedPlace>) -> Result<Self, Refused> {
        let mut read = app.store.read().await?;
        let mut all = read.all_brokerages(scope)?;
        let (rows, next) = all.accesses(after).await?;
        let (live, emergencies) = match after {
            None => (all.accesses_under_way().await?, all.emergencies().await?),
            Some(_) => (Vec::new(), Vec::new()),
        };
        let now = read.now();
        drop(read);
        let mut lists = Self { mine: Vec::new(), under_way: Vec::new(), past: Vec::new(), next };
        for stored in emergencies.iter().filter(|it| !it.access.is_live(now)) {
            match may_review(&stored.access, &scope.staff, &scope.roles, now) {
                Ok(()) => lists.mine.push(Line::of(app, stored, now, "Look it over")?),
                Err(_) => {
                    let wants = "An owner or another operations person looks it over";
                    lists.under_way.push(Line::of(app, stored, now, wants)?);
                }
            }
        }
        for stored in &live {
            let second = may_second(&stored.access, &scope.staff, &scope.roles, None, false, now);
            match second {
                Ok(()) | Err(NoAccess::NotFresh) => {
                    lists.mine.push(Line::of(app, stored, now, "Say yes or no")?);
                }
                Err(_) => lists.under_way.push(Line::of(app, stored, now, "")?),
            }
        }
        let is_past = |it: &&StoredAccess| !it.access.is_live(now) && !it.access.waits_for_review();
        for stored in rows.iter().filter(is_past) {
            lists.past.push(Line::of(app, stored, now, "")?);
        }
        Ok(lists)
    }
}

impl Line {
    fn of(app: &App, stored: &StoredAccess, now: Instant, wants: &'static str) -> Result<Self, Refused> {
        let view = AccessView::of(app, stored, &[], now)?;
        Ok(Self {
            url: urls::access(&stored.access.id),
            company: stored.company.as_str().to_owned(),
            what: view.what,
            asker: view.asker,
            asked: view.asked,
            reason: view.reason,
            ticket: view.ticket,
            way: view.way,
            tag: view.tag,
            standing: view.standing,
            wants,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    fn line(wants: &'static str, way: AccessWay) -> Line {
        Line {
            url: "/access/acc_x".to_owned(),
            company: HOSTILE.to_owned(),
            what: HOSTILE.to_owned(),
            asker: HOSTILE.to_owned(),
            asked: Moment::of(AT),
            reason: HOSTILE.to_owned(),
            ticket: if wants.is_empty() { String::new() } else { HOSTILE.to_owned() },
            way,
            tag: ("info", "Waits for an answer"),
            standing: HOSTILE.to_owned(),
            wants,
        }
    }

    impl Sample for AccessListPage {
        fn samples() -> Vec<Self> {
            [false, true]
                .into_iter()
                .map(|full| {
                    let lines = |wants| match full {
                        true => AccessWay::ALL.iter().map(|way| line(wants, *way)).collect(),
                        false => Vec::new(),
                    };
                    let at = |text: &str| if full { text.to_owned() } else { String::new() };
                    Self {
                        layout: Layout::staff_sample().at(ALL_ACCESS),
                        mine: lines("Say yes or no"),
                        under_way: lines(""),
                        past: lines(""),
                        newest: at("/access"),
                        older: at("/access?after=1.acc_x"),
                    }
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AccessListPage::assert_renders();
    }
}
