//! What somebody asks of the audit: as it was typed, and as the database is asked.

use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use serde::Deserialize;

use crate::{
    actions::people::ADDRESS_KEY,
    app::App,
    domain::{address::MailAddress, ids::BrokerageId, instant::Instant, text::fold},
    http::urls,
    store::{
        self,
        all_brokerages::{Filter, Records},
    },
};

/// Far more than any name, id or verb.
const LONGEST: usize = 200;
/// So many names are offered where several fit.
const MOST_NAMES: usize = 10;

/// What the address, or the form of a file, asks for.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Asked {
    /// Who acted: a name of one of our people or of an office's, an address of an office's, an id, or a word such as `system`.
    #[serde(default)]
    pub(super) who: String,
    /// To what: an id, a reference as people quote it, an external id, or how the name of a brokerage begins.
    #[serde(default)]
    pub(super) thing: String,
    /// What they did.
    #[serde(default)]
    pub(super) verb: String,
    /// For which brokerage: an id.
    #[serde(default)]
    pub(super) brokerage: String,
    /// The first and the last day.
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) to: String,
}

/// What was made of it.
pub(super) struct Understood {
    /// What the database is asked.
    pub(super) filter: Filter,
    /// Why nothing can be asked.
    pub(super) slip: Option<&'static str>,
    /// Who or what is called that, where several are: address and name.
    pub(super) namesakes: Vec<(String, String)>,
}

impl Asked {
    /// The same question with one value changed, as an address.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut pairs = self.pairs();
        for pair in pairs.iter_mut().filter(|pair| pair.0 == name) {
            pair.1 = value;
        }
        urls::audit(&pairs)
    }

    /// The same question, going on behind a place.
    pub(super) fn behind(&self, place: &str) -> String {
        let mut pairs = self.pairs().to_vec();
        pairs.push(("after", place));
        urls::audit(&pairs)
    }

    /// The names and values of the form.
    pub(super) fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("who", &self.who),
            ("thing", &self.thing),
            ("verb", &self.verb),
            ("brokerage", &self.brokerage),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// The same, cut to what a page shows again.
    pub(super) fn cut(&self) -> Self {
        let cut = |text: &str| text.chars().take(LONGEST).collect();
        Self {
            who: cut(&self.who),
            thing: cut(&self.thing),
            verb: cut(&self.verb),
            brokerage: cut(&self.brokerage),
            from: cut(&self.from),
            to: cut(&self.to),
        }
    }

    /// Makes out what is asked. Errs when the database is away.
    pub(super) async fn understand(&self, app: &App, records: &mut Records<'_>) -> store::Result<Understood> {
        if self.pairs().iter().any(|(_, value)| value.len() > LONGEST || value.contains(char::is_control)) {
            return Ok(Understood::slip("Nothing is called that."));
        }
        let days = (day(&self.from), day(&self.to));
        let (Ok(from), Ok(to)) = days else {
            return Ok(Understood::slip("Enter days as year, month and day, such as 2026-11-21."));
        };
        let who = match self.who.trim() {
            id if id.is_empty() || is_id(id) || is_word(id) => id.to_owned(),
            name => {
                let people = Self::people(app, records, name).await?;
                match people.as_slice() {
                    [] => {
                        return Ok(Understood::slip(
                            "Nobody is called that: none of our own people, and nobody who signs in for a brokerage.",
                        ));
                    }
                    [(id, _)] => id.clone(),
                    _ => {
                        let slip = Some("Several people are called that. Choose one.");
                        let link = |(id, name): (String, String)| (self.with("who", &id), name);
                        let namesakes = people.into_iter().map(link).collect();
                        return Ok(Understood { filter: Filter::default(), slip, namesakes });
                    }
                }
            }
        };
        let (verb, mut brokerage) = (self.verb.trim().to_owned(), self.brokerage.trim().to_owned());
        let mut object = self.thing.trim().to_owned();
        if !object.is_empty() && !is_object(&object) {
            if let Some(id) = records.referred(&object).await? {
                object = id;
            } else {
                let mut found = records.brokerages_named(&object).await?;
                match found.len() {
                    0 => {}
                    1 => {
                        brokerage = found.remove(0).0.as_str().to_owned();
                        object.clear();
                    }
                    _ => {
                        let slip = Some("Several brokerages are called that. Choose one.");
                        let whole = Self { thing: String::new(), ..self.clone() };
                        let link =
                            |(id, name): (BrokerageId, String)| (whole.with("brokerage", id.as_str()), name);
                        let namesakes = found.into_iter().map(link).collect();
                        return Ok(Understood { filter: Filter::default(), slip, namesakes });
                    }
                }
            }
        }
        let to = to.map(|day| day.plus(SignedDuration::from_hours(24)));
        Ok(Understood {
            filter: Filter { who, verb, object, brokerage, from, to },
            slip: None,
            namesakes: Vec::new(),
        })
    }
}

impl Asked {
    /// Our own people of this name, and those who sign in for a brokerage under this name or with this address.
    async fn people(
        app: &App,
        records: &mut Records<'_>,
        typed: &str,
    ) -> store::Result<Vec<(String, String)>> {
        if let Ok(address) = MailAddress::parse(typed) {
            let id = records.person_with(&app.blind(ADDRESS_KEY, &address.key())).await?;
            return Ok(id.map(|id| (id, typed.to_owned())).into_iter().collect());
        }
        let mut people = named(records.staff_names().await?, typed);
        people.extend(records.people_named(typed).await?);
        people.truncate(MOST_NAMES);
        Ok(people)
    }
}

impl Understood {
    fn slip(sentence: &'static str) -> Self {
        Self { filter: Filter::default(), slip: Some(sentence), namesakes: Vec::new() }
    }
}

/// Whether it reads like an id: a few letters, a line, and letters without a blank. Names of brokerages have other shapes.
fn is_object(text: &str) -> bool {
    text.split_once('_').is_some_and(|(kind, rest)| {
        (2..=6).contains(&kind.len()) && !rest.is_empty() && !rest.contains(char::is_whitespace)
    })
}

fn is_id(text: &str) -> bool {
    text.starts_with("stf_") || text.starts_with("per_")
}

fn is_word(text: &str) -> bool {
    matches!(text, "system" | "anonymous" | "staff" | "person")
}

fn named(all: Vec<(String, String)>, typed: &str) -> Vec<(String, String)> {
    let typed = fold(typed);
    all.into_iter().filter(|(_, name)| fold(name).contains(&typed)).take(MOST_NAMES).collect()
}

/// The beginning of a day; none where none was typed.
pub(super) fn day(typed: &str) -> Result<Option<Instant>, ()> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let date: Date = typed.trim().parse().map_err(|_| ())?;
    let begin = date.to_zoned(TimeZone::UTC).map_err(|_| ())?;
    Ok(Some(begin.timestamp().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_nothing_else_is() {
        assert_eq!(day(" "), Ok(None));
        assert_eq!(
            day("2026-11-21").map(|at| at.map(Instant::rfc3339)),
            Ok(Some("2026-11-21T00:00:00Z".into()))
        );
        for wrong in ["21 November", "2026-13-01", "-1", "2026-11-21'"] {
            assert_eq!(day(wrong), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_question_keeps_its_other_values_when_one_changes() {
        let asked = Asked { who: "system".into(), verb: "a b".into(), ..Asked::default() };
        assert_eq!(asked.with("verb", ""), "/audit?who=system");
        assert_eq!(asked.behind("5.aud_1"), "/audit?who=system&verb=a%20b&after=5.aud_1");
        assert_eq!(Asked::default().with("verb", ""), "/audit");
    }
}
