//! What somebody asks of the outbox: as it was typed into an address that can be sent to a colleague, and as the database is
//! asked.

use jiff::SignedDuration;
use serde::Deserialize;

use super::audit_asked::day;
use crate::{
    actions::outbox::{domain_key, recipient_key},
    app::App,
    domain::{
        address::{MailAddress, MailDomain},
        ids::BrokerageId,
        mail::{MailKind, MailState},
        refused::Refused,
    },
    http::{error::PageError, urls},
    store::all_brokerages::{AllBrokerages, OutboxFilter, SentTo},
};

/// Far more than any name or address.
const LONGEST: usize = 300;

/// What the address asks for.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub(super) state: String,
    /// Which brokerage it is about: an id, or how its name begins.
    #[serde(default)]
    pub(super) brokerage: String,
    /// An address, or a domain.
    #[serde(default)]
    pub(super) to: String,
    #[serde(default)]
    pub(super) kind: String,
    /// The first and the last day.
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
}

/// Where the address goes on.
#[derive(Default, Deserialize)]
pub struct Onward {
    #[serde(default)]
    pub(super) after: String,
}

/// What was made of it.
#[derive(Default)]
pub(super) struct Understood {
    /// What the database is asked.
    pub(super) filter: OutboxFilter,
    /// What the brokerage is called that is asked for.
    pub(super) company: Option<String>,
    /// Why nothing can be asked.
    pub(super) slip: Option<&'static str>,
    /// Brokerages whose names fit, where several do: address and name.
    pub(super) namesakes: Vec<(String, String)>,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("state", self.state.trim()),
            ("brokerage", self.brokerage.trim()),
            ("to", self.to.trim()),
            ("kind", self.kind.trim()),
            ("from", self.from.trim()),
            ("until", self.until.trim()),
        ]
    }

    /// The same question with one value changed, as an address.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut pairs = self.pairs();
        for pair in pairs.iter_mut().filter(|pair| pair.0 == name) {
            pair.1 = value;
        }
        urls::mails(&pairs)
    }

    /// The same question, going on behind a place.
    pub(super) fn behind(&self, place: &str) -> String {
        let mut pairs = self.pairs().to_vec();
        pairs.push(("after", place));
        urls::mails(&pairs)
    }

    /// Whether nothing but a state is asked for.
    pub(super) fn is_of_all(&self) -> bool {
        self.pairs().iter().all(|(name, value)| *name == "state" || value.is_empty())
    }

    /// Whether anything of the form is asked for.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.is_of_all()
    }

    /// The same, cut to what a page shows again.
    pub(super) fn cut(&self) -> Self {
        let cut = |text: &str| text.chars().take(LONGEST).collect();
        let [state, brokerage, to, kind, from, until] = self.pairs().map(|(_, value)| cut(value));
        Self { state, brokerage, to, kind, from, until }
    }

    /// Makes out what is asked. Errs with `NotFound` for words that no page of ours has.
    pub(super) async fn understand(
        &self,
        app: &App,
        all: &mut AllBrokerages<'_>,
    ) -> Result<Understood, PageError> {
        let mut filter = OutboxFilter::default();
        if !self.state.is_empty() {
            filter.state = Some(MailState::parse(&self.state).ok_or(PageError::NotFound)?);
        }
        if !self.kind.is_empty() {
            filter.kind = Some(MailKind::parse(&self.kind).ok_or(PageError::NotFound)?);
        }
        if self.pairs().iter().any(|(_, value)| value.len() > LONGEST || value.contains(char::is_control)) {
            return Ok(Understood::slip("Nothing is called that."));
        }
        let (Ok(from), Ok(until)) = (day(&self.from), day(&self.until)) else {
            return Ok(Understood::slip("Enter days as year, month and day, such as 2026-11-21."));
        };
        filter.from = from;
        filter.until = until.map(|day| day.plus(SignedDuration::from_hours(24)));
        let to = self.to.trim();
        filter.to = match (MailAddress::parse(to), MailDomain::parse(to.trim_start_matches('@'))) {
            _ if to.is_empty() => None,
            (Ok(address), _) => Some(SentTo::Address(recipient_key(app, &address))),
            (_, Ok(domain)) => Some(SentTo::Domain(domain_key(app, &domain))),
            _ => {
                return Ok(Understood::slip("Enter a whole address, or a domain such as lakeshore.example."));
            }
        };
        self.of_brokerage(filter, all).await
    }

    async fn of_brokerage(
        &self,
        mut filter: OutboxFilter,
        all: &mut AllBrokerages<'_>,
    ) -> Result<Understood, PageError> {
        let typed = self.brokerage.trim();
        if typed.is_empty() {
            return Ok(Understood { filter, ..Understood::default() });
        }
        let found = match BrokerageId::parse(typed) {
            Ok(id) => {
                let name = all.name_of_brokerage(&id).await.map_err(Refused::from)?;
                vec![(id, name.ok_or(PageError::NotFound)?)]
            }
            Err(_) => all.brokerages_named(typed).await.map_err(Refused::from)?,
        };
        match found.as_slice() {
            [] => Ok(Understood::slip("No brokerage has a name that begins so.")),
            [(id, company)] => {
                filter.brokerage = Some(id.clone());
                Ok(Understood { filter, company: Some(company.clone()), ..Understood::default() })
            }
            several => {
                let link =
                    |(id, name): &(BrokerageId, String)| (self.with("brokerage", id.as_str()), name.clone());
                let namesakes = several.iter().map(link).collect();
                let slip = Some("Several brokerages are called that. Choose one.");
                Ok(Understood { slip, namesakes, ..Understood::default() })
            }
        }
    }
}

impl Understood {
    fn slip(sentence: &'static str) -> Self {
        Self { slip: Some(sentence), ..Self::default() }
    }
}
