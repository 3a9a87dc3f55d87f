//! The brokerages that have no connection yet, with their invitations; and a search of all brokerages.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::found::FoundBeside;
use crate::{
    app::App,
    domain::{
        brokerage::Origin,
        ids::InvitationId,
        instant::Instant,
        refused::Refused,
        search::LONGEST_SEARCH,
        staff::{Deed, StaffScope},
        text::PersonName,
    },
    http::{
        error::PageError,
        layout::{Layout, QUEUE},
        pages::portal::status_view::Moment,
        render::page,
        urls,
    },
    store::all_brokerages::{Unconnected, UnconnectedPlace},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/brokerages.html")]
struct BrokeragesPage {
    layout: Layout,
    /// What is searched for; empty for the list.
    typed: String,
    found: FoundBeside,
    lines: Vec<Line>,
    may_invite: bool,
    newest: String,
    older: String,
}

/// A brokerage without a connection.
struct Line {
    url: String,
    company: String,
    contact: String,
    domain: String,
    origin: &'static str,
    since: Moment,
    accepted: bool,
    refused: bool,
    people: i64,
    invitations: Vec<Invited>,
}

/// An invitation that nobody used yet.
struct Invited {
    who: String,
    standing: String,
    /// Where a new link can be sent, and what tells the key of its form from the others.
    resend: Option<String>,
    tail: String,
    /// Where it can be taken back.
    revoke: Option<String>,
}

/// What is searched for, or behind which one the list goes on.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

/// Shows the list, or what a search finds.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    layout: Layout,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let after = match asked.after.as_str() {
        "" => None,
        place => Some(UnconnectedPlace::parse(place).ok_or(PageError::NotFound)?),
    };
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let searches = !asked.q.trim().is_empty();
    let found = match searches {
        true => FoundBeside::read(&app, &mut read, &scope, &asked.q).await?,
        false => FoundBeside::default(),
    };
    let (rows, next) = match searches {
        true => (Vec::new(), None),
        false => read.all_brokerages(&scope)?.unconnected(after.as_ref()).await.map_err(Refused::from)?,
    };
    let now = read.now();
    drop(read);
    let older = next.map(|next| urls::brokerages(&next.to_string())).unwrap_or_default();
    Ok(page(&BrokeragesPage {
        layout: layout.at(QUEUE),
        typed: asked.q.trim().chars().take(LONGEST_SEARCH).collect(),
        found,
        lines: rows.into_iter().map(|row| Line::of(row, &scope, now)).collect(),
        may_invite: scope.may(Deed::InviteAdmin),
        newest: after.map(|_| urls::BROKERAGES.to_owned()).unwrap_or_default(),
        older,
    }))
}

impl Line {
    fn of(row: Unconnected, scope: &StaffScope, now: Instant) -> Self {
        let may_invite = scope.may(Deed::InviteAdmin);
        let invited = |(id, who, until): (InvitationId, PersonName, Instant)| {
            let open = until > now;
            Invited {
                who: who.as_str().to_owned(),
                standing: match open {
                    true => format!("Invited, open until {}", until.words()),
                    false => "Invited, and the time is over".to_owned(),
                },
                resend: (may_invite || open && scope.may(Deed::SendAgain)).then(|| urls::resend(&id)),
                tail: id.as_str().chars().filter(char::is_ascii_alphanumeric).take(32).collect(),
                revoke: (open && may_invite).then(|| urls::revoke(&id)),
            }
        };
        Self {
            url: urls::brokerage(&row.id),
            company: row.company.as_str().to_owned(),
            contact: row.contact.as_str().to_owned(),
            domain: row.proven_domain.as_str().to_owned(),
            origin: match row.origin {
                Origin::SelfStarted => "Started by itself",
                Origin::Invited => "Invited",
            },
            since: Moment::of(row.since),
            accepted: row.accepted_at.is_some(),
            refused: row.refused_at.is_some(),
            people: row.people,
            invitations: row.invitations.into_iter().map(invited).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::render::Sample;

    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    impl Sample for BrokeragesPage {
        fn samples() -> Vec<Self> {
            let line = |open: bool| Line {
                url: "/brokerages/brk_x".to_owned(),
                company: HOSTILE.to_owned(),
                contact: HOSTILE.to_owned(),
                domain: "lakeshore.example".to_owned(),
                origin: "Invited",
                since: Moment::of(Instant::from_micros(1_795_257_720_000_000)),
                accepted: open,
                refused: !open,
                people: i64::from(!open),
                invitations: open
                    .then(|| Invited {
                        who: HOSTILE.to_owned(),
                        standing: "Invited, and the time is over".to_owned(),
                        resend: Some("/invitations/inv_x/resend".to_owned()),
                        tail: "invx".to_owned(),
                        revoke: Some("/invitations/inv_x/revoke".to_owned()),
                    })
                    .into_iter()
                    .collect(),
            };
            let page = |typed: &str, found, lines, may_invite: bool| Self {
                layout: Layout::staff_sample().at(QUEUE),
                typed: typed.to_owned(),
                found,
                lines,
                may_invite,
                newest: if may_invite { String::new() } else { urls::BROKERAGES.to_owned() },
                older: if may_invite { urls::brokerages("1.brk_x") } else { String::new() },
            };
            vec![
                page("", FoundBeside::default(), vec![line(true), line(false)], true),
                page("", FoundBeside::default(), Vec::new(), false),
                page(HOSTILE, FoundBeside::sample(HOSTILE), Vec::new(), true),
                page(HOSTILE, FoundBeside::default(), Vec::new(), true),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        BrokeragesPage::assert_renders();
    }
}
