//! The part of a brokerage's page by which one of our people decides whether it is who it says it is: what is known of it
//! beside the two buttons, and what was decided when it was refused.

use super::found::FoundLine;
use crate::{
    actions::{
        people::Recipient,
        recognise::{Look, known},
        refuse_brokerage::REFUSAL_BOX,
        start_brokerage::PHONE_BOX,
    },
    app::App,
    domain::{
        brokerage::Brokerage,
        recognition::recognise,
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
        text::Phone,
    },
    http::pages::portal::status_view::Moment,
    store::all_brokerages::DoneSoFar,
};

/// What is there to decide, and what was decided.
#[derive(Default)]
pub(super) struct Deciding {
    /// What to decide by; none when there is nothing to decide or the reader may not.
    pub(super) facts: Option<Facts>,
    pub(super) refusal: Option<RefusalView>,
}

/// What is known of a brokerage that nobody accepted.
pub(super) struct Facts {
    /// The version to decide at.
    pub(super) seen: i64,
    /// Who proved which address.
    pub(super) people: Vec<(String, String)>,
    /// Its telephone number; empty when it gave none.
    pub(super) phone: String,
    pub(super) domain: String,
    /// What the mail system of its domain looks like.
    pub(super) system: String,
    pub(super) since: Moment,
    pub(super) done: DoneSoFar,
    /// Others of the same company name or mail domain.
    pub(super) alike: Vec<FoundLine>,
}

/// That it was refused.
pub(super) struct RefusalView {
    pub(super) at: Moment,
    pub(super) name: String,
    pub(super) why: String,
}

impl Deciding {
    /// Reads it; nothing for a brokerage that is accepted.
    pub(super) async fn read(
        app: &App,
        scope: &StaffScope,
        brokerage: &Brokerage,
        people: &[Recipient],
    ) -> Result<Self, Refused> {
        if brokerage.accepted_at.is_some() {
            return Ok(Self::default());
        }
        let mut read = app.store.read().await?;
        let refusal = match read.refusal(&brokerage.id).await? {
            Some(refusal) => {
                let why: NoteText = app.from_box(REFUSAL_BOX, brokerage.id.as_str(), &refusal.refusal_box)?;
                let why = why.as_str().to_owned();
                Some(RefusalView { at: Moment::of(refusal.at), name: refusal.name, why })
            }
            None => None,
        };
        drop(read);
        let facts = match scope.may(Deed::AcceptBrokerage) {
            true => Some(Facts::read(app, scope, brokerage, people).await?),
            false => None,
        };
        Ok(Self { facts, refusal })
    }
}

impl Facts {
    async fn read(
        app: &App,
        scope: &StaffScope,
        brokerage: &Brokerage,
        people: &[Recipient],
    ) -> Result<Self, Refused> {
        let (id, domain) = (&brokerage.id, &brokerage.proven_domain);
        let mut read = app.store.read().await?;
        let phone = read.phone_of(id).await?;
        let phone: Option<Phone> =
            phone.map(|phone| app.from_box(PHONE_BOX, id.as_str(), &phone)).transpose()?;
        let mut all = read.all_brokerages(scope)?;
        let done = all.done_so_far(id).await?;
        let shared = if domain.is_consumer() { "" } else { domain.as_str() };
        let alike = all.brokerages_alike(&brokerage.company.key(), shared).await?;
        drop(read);
        Ok(Self {
            seen: brokerage.version,
            people: people
                .iter()
                .map(|person| (person.name.as_str().to_owned(), person.address.as_str().to_owned()))
                .collect(),
            phone: phone.map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
            domain: domain.as_str().to_owned(),
            system: match known(app, id, domain).await? {
                Look::Done(seen) => {
                    let told = recognise(domain, &seen);
                    let word = if told.sure { "looks like" } else { "may be" };
                    format!("{word} {}", told.system.title())
                }
                Look::NotAsked | Look::UnderWay => String::new(),
            },
            since: Moment::of(brokerage.created_at),
            done,
            alike: alike.iter().filter(|found| found.id != *id).map(FoundLine::of).collect(),
        })
    }
}

#[cfg(test)]
impl Deciding {
    pub(super) fn sample(text: &str, refused: bool) -> Self {
        use crate::domain::instant::Instant;
        let at = || Moment::of(Instant::from_micros(1_795_257_720_000_000));
        let facts = Facts {
            seen: 3,
            people: vec![(text.to_owned(), "ida@lakeshore.example".to_owned())],
            phone: if refused { String::new() } else { "+1 312 555 0100".to_owned() },
            domain: "lakeshore.example".to_owned(),
            system: if refused { String::new() } else { "looks like Microsoft 365".to_owned() },
            since: at(),
            done: DoneSoFar { connections: 1, attempts: 2, checks: 5 },
            alike: if refused { Vec::new() } else { vec![FoundLine::sample(text, true)] },
        };
        let refusal = RefusalView { at: at(), name: text.to_owned(), why: text.to_owned() };
        Self { facts: Some(facts), refusal: refused.then_some(refusal) }
    }
}
