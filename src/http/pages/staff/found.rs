//! What a search finds beside connections: brokerages, and the page that a pasted address or id names.

use crate::{
    actions::people::ADDRESS_KEY,
    app::App,
    domain::{
        address::MailAddress,
        ids::{BrokerageId, CheckId, ConnectionId},
        refused::Refused,
        search::{Named, named, search_text},
        staff::StaffScope,
    },
    http::urls,
    store::{
        Read,
        all_brokerages::{AllBrokerages, FoundBrokerage, MOST_BESIDE},
    },
};

/// A brokerage that was found.
pub(super) struct FoundLine {
    pub(super) url: String,
    pub(super) company: String,
    pub(super) contact: String,
    pub(super) domain: String,
    pub(super) accepted: bool,
    pub(super) refused: bool,
    /// Whether it has no connection yet.
    pub(super) alone: bool,
}

/// The brokerages that a search found.
#[derive(Default)]
pub(super) struct FoundBeside {
    pub(super) lines: Vec<FoundLine>,
    /// Whether there are more.
    pub(super) more: bool,
}

impl FoundLine {
    pub(super) fn of(found: &FoundBrokerage) -> Self {
        Self {
            url: urls::brokerage(&found.id),
            company: found.company.as_str().to_owned(),
            contact: found.contact.as_str().to_owned(),
            domain: found.proven_domain.as_str().to_owned(),
            accepted: found.accepted_at.is_some(),
            refused: found.refused_at.is_some(),
            alone: found.unconnected_since.is_some(),
        }
    }

    #[cfg(test)]
    pub(super) fn sample(text: &str, alone: bool) -> Self {
        Self {
            url: "/brokerages/brk_x".to_owned(),
            company: text.to_owned(),
            contact: text.to_owned(),
            domain: "lakeshore.example".to_owned(),
            accepted: alone,
            refused: !alone,
            alone,
        }
    }
}

impl FoundBeside {
    /// Searches; a mail address finds the brokerage that it signs in for.
    ///
    /// Errs when the database is away.
    pub(super) async fn read(
        app: &App,
        read: &mut Read,
        scope: &StaffScope,
        typed: &str,
    ) -> Result<Self, Refused> {
        let mut found = Vec::new();
        if let Ok(address) = MailAddress::parse(typed.trim()) {
            let key = app.blind(ADDRESS_KEY, &address.key());
            if let Some(person) = read.person_at(&key).await? {
                found.extend(read.all_brokerages(scope)?.brokerage_found(&person.person.brokerage_id).await?);
            }
        }
        if let Some(text) = search_text(typed) {
            for one in read.all_brokerages(scope)?.brokerages_found(&text).await? {
                if !found.iter().any(|known: &FoundBrokerage| known.id == one.id) {
                    found.push(one);
                }
            }
        }
        let more = found.len() > MOST_BESIDE;
        Ok(Self { lines: found.iter().take(MOST_BESIDE).map(FoundLine::of).collect(), more })
    }

    #[cfg(test)]
    pub(super) fn sample(text: &str) -> Self {
        Self { lines: vec![FoundLine::sample(text, true), FoundLine::sample(text, false)], more: true }
    }
}

/// The page that a pasted address of ours names, or an id: of a check, a connection or a brokerage, where there is one.
///
/// Errs when the database is away.
pub(super) async fn page_named(all: &mut AllBrokerages<'_>, typed: &str) -> Result<Option<String>, Refused> {
    let Named { connection, check, brokerage } = named(typed);
    if let Some(id) = connection.and_then(|id| ConnectionId::parse(id).ok()) {
        if all.whose(&id).await?.is_none() {
            return Ok(None);
        }
        let check = match check.and_then(|check| CheckId::parse(check).ok()) {
            Some(check) => all.check_of(&id, &check).await?.map(|_| urls::check_detail(&id, &check)),
            None => None,
        };
        return Ok(Some(check.unwrap_or_else(|| urls::connection(&id))));
    }
    let Some(id) = brokerage.and_then(|id| BrokerageId::parse(id).ok()) else { return Ok(None) };
    Ok(all.brokerage_found(&id).await?.map(|_| urls::brokerage(&id)))
}
