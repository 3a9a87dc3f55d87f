//! What a check writes to the test mailbox and removes again: a contact and a calendar entry that name themselves.

use async_trait::async_trait;
use http::{Method, StatusCode};
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    domain::test_item::TestThing,
    verification::{
        cut::Cut,
        evidence::{Evidence, Finding, Shown},
        progress::Running,
        rules::Scene,
        segment::segment,
        step::StepId,
        traces::{Trace, Traces},
        writing::{Item, Mailbox, marked_name},
    },
};

use super::{
    page::{Event, Events, People, Person},
    reading::{EVENTS, PERSON},
    service::{Ask, Service},
    whose::Whose,
};

/// The most pages read of one list.
const PAGES: usize = 20;
/// How often removing is tried.
const TRIES: usize = 3;
/// The name of the test contact.
const GIVEN: &str = "MoxiEngage";
const FAMILY: &str = "Connection test";

/// The family name of the contact that bears this mark.
fn family(mark: &str) -> String {
    format!("{FAMILY} {mark}")
}

/// Something a check writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The test contact.
    Contact,
    /// The test calendar entry.
    Event,
}

impl Item for Kind {
    fn of(thing: TestThing) -> Option<Self> {
        match thing {
            TestThing::Contact => Some(Self::Contact),
            TestThing::Event => Some(Self::Event),
            TestThing::Draft => None,
        }
    }

    fn thing(self) -> TestThing {
        match self {
            Self::Contact => TestThing::Contact,
            Self::Event => TestThing::Event,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Contact => "contact \"MoxiEngage Connection test …\"",
            Self::Event => "calendar entry \"MoxiEngage connection test … - safe to delete\"",
        }
    }

    fn write_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactWrite,
            Self::Event => StepId::EventWrite,
        }
    }

    fn remove_step(self) -> StepId {
        match self {
            Self::Contact => StepId::ContactRemove,
            Self::Event => StepId::EventRemove,
        }
    }
}

/// A service in which one kind of things is written.
pub(super) struct Shelf<'a, 's> {
    pub(super) service: &'s Service<'a>,
    pub(super) whose: Whose,
    pub(super) today: Date,
    /// What this run writes bears it.
    pub(super) mark: String,
    pub(super) traces: Traces<Kind>,
}

#[async_trait]
impl Mailbox for Shelf<'_, '_> {
    type Item = Kind;

    fn marked(&self) -> (&str, Date) {
        (&self.mark, self.today)
    }

    fn look_for(&mut self, mark: &str, day: Date) {
        (self.mark, self.today) = (mark.to_owned(), day);
    }

    fn traces(&self) -> &Traces<Kind> {
        &self.traces
    }

    fn scene(&self, step: StepId) -> Scene<'_> {
        self.whose.at(step)
    }

    async fn create(&self, kind: Kind, running: &mut Running, cut: &Cut) -> Result<Option<String>, Evidence> {
        self.traces.set(kind, Trace::Asked);
        let (path, body) = written(kind, &self.mark, self.today);
        let ask = Ask { method: Method::POST, path, body: Some(body), wanted: StatusCode::OK };
        let made = match kind {
            Kind::Contact => self.service.read::<Person>(&ask, cut).await.map(|person| person.resource_name),
            Kind::Event => self.service.read::<Event>(&ask, cut).await.map(|event| event.id),
        };
        let id = made.inspect_err(|evidence| {
            if !may_be_there(evidence) {
                self.traces.set(kind, Trace::None);
            }
        })?;
        match id.filter(|id| path_of(kind, id).is_some()) {
            Some(id) => self.traces.set(kind, Trace::There(id)),
            None => return Err(Evidence::Shown(Box::new(Shown { status: 200, ..Shown::default() }))),
        }
        running.learn("Written", kind.words());
        Ok(None)
    }

    async fn remove(&self, kind: Kind, id: &str, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
        let path = path_of(kind, id).ok_or(Evidence::Found(Finding::LeftBehind))?;
        let wanted = if kind == Kind::Event { StatusCode::NO_CONTENT } else { StatusCode::OK };
        let ask = Ask { method: Method::DELETE, path, body: None, wanted };
        let mut left = TRIES;
        loop {
            left -= 1;
            match self.service.ask(&ask, cut).await {
                Ok(_) => {
                    self.traces.set(kind, Trace::None);
                    running.learn("Removed", kind.words());
                    return Ok(());
                }
                Err(evidence) if left == 0 || !passes_with_time(&evidence) => return Err(evidence),
                Err(_) if cut.before(sleep(self.service.pace.settle)).await.is_none() => {
                    return Err(Evidence::Found(Finding::LeftBehind));
                }
                Err(_) => {}
            }
        }
    }

    async fn find_lost(&self, kind: Kind, cut: &Cut) -> Result<Option<String>, Evidence> {
        let first = search(kind, self.today);
        let mut path = first.clone();
        for _ in 0..PAGES {
            let (found, next) = match kind {
                Kind::Contact => {
                    let page: People = self.service.read(&Ask::read(path), cut).await?;
                    let ours = page.connections.into_iter().find(|person| is_our_contact(person, &self.mark));
                    (ours.and_then(|person| person.resource_name), page.next_page_token)
                }
                Kind::Event => {
                    let page: Events = self.service.read(&Ask::read(path), cut).await?;
                    let name = marked_name(&self.mark);
                    let ours = page.items.into_iter().find(|event| event.summary.as_ref() == Some(&name));
                    (ours.and_then(|event| event.id), page.next_page_token)
                }
            };
            match (found, next.as_deref().and_then(segment)) {
                (Some(id), _) => return Ok(Some(id)),
                (None, None) => return Ok(None),
                (None, Some(next)) => path = format!("{first}&pageToken={next}"),
            }
        }
        Err(Evidence::Found(Finding::LeftBehind))
    }
}

/// Where it is written, and what.
fn written(kind: Kind, mark: &str, today: Date) -> (String, Value) {
    match kind {
        Kind::Contact => (
            "/v1/people:createContact".to_owned(),
            json!({"names": [{"givenName": GIVEN, "familyName": family(mark)}]}),
        ),
        // No attendees: an invitation would go out at once.
        Kind::Event => {
            let (start, end) = minute(today);
            let body = json!({
                "summary": marked_name(mark),
                "start": {"dateTime": start, "timeZone": "UTC"},
                "end": {"dateTime": end, "timeZone": "UTC"},
                "transparency": "transparent",
                "reminders": {"useDefault": false},
            });
            (format!("{EVENTS}?sendUpdates=none"), body)
        }
    }
}

/// Where one of this id is removed. `None` for an id that would lead elsewhere.
fn path_of(kind: Kind, id: &str) -> Option<String> {
    match kind {
        Kind::Contact => {
            let own = id.strip_prefix("people/")?;
            let plain = own.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            (plain && (1..=200).contains(&own.len())).then(|| format!("/v1/people/{own}:deleteContact"))
        }
        Kind::Event => Some(format!("{EVENTS}/{}?sendUpdates=none", segment(id)?)),
    }
}

/// Where to look for one whose id never arrived.
fn search(kind: Kind, today: Date) -> String {
    match kind {
        Kind::Contact => format!("/v1/people/me/connections?{PERSON}&pageSize=1000"),
        Kind::Event => {
            let (start, end) = minute(today);
            format!("{EVENTS}?timeMin={start}&timeMax={end}&singleEvents=true&maxResults=250")
        }
    }
}

fn is_our_contact(person: &Person, mark: &str) -> bool {
    let family = family(mark);
    person
        .names
        .iter()
        .any(|name| name.given_name.as_deref() == Some(GIVEN) && name.family_name.as_ref() == Some(&family))
}

/// The minute in which the test entry stands: tomorrow at nine.
fn minute(today: Date) -> (String, String) {
    let tomorrow = today.saturating_add(1.days());
    (format!("{tomorrow}T09:00:00Z"), format!("{tomorrow}T09:01:00Z"))
}

/// Whether a call that failed may have been carried out all the same.
fn may_be_there(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Lost(failure) => failure.may_have_acted(),
        Evidence::OutOfTime => true,
        Evidence::Shown(shown) => shown.status < 300 || shown.status >= 500,
        Evidence::Found(_) | Evidence::Paused => false,
    }
}

/// Whether removing is worth another try: not visible yet, in somebody's way, or the service is busy.
fn passes_with_time(evidence: &Evidence) -> bool {
    match evidence {
        Evidence::Shown(shown) => matches!(shown.status, 404 | 409 | 412 | 429 | 500..=599),
        Evidence::Lost(failure) => failure.may_have_acted(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_in_its_place() {
        assert_eq!(path_of(Kind::Contact, "people/c12").as_deref(), Some("/v1/people/c12:deleteContact"));
        for wrong in
            ["", "people/", "people/../me", "otherContacts/c1", "people/a:deleteContact?x=", "people/a/b"]
        {
            assert_eq!(path_of(Kind::Contact, wrong), None, "{wrong}");
        }
        let path = path_of(Kind::Event, "a/b?c#d").expect("a path");
        assert_eq!(path, format!("{EVENTS}/a%2Fb%3Fc%23d?sendUpdates=none"));
        assert_eq!(path_of(Kind::Event, ".."), None);
    }
}
