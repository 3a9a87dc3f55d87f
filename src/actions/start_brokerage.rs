//! Somebody whose address is proven and new begins a brokerage of their own. A brokerage that exists is joined by
//! invitation, never by its domain: whoever has an address there could else read what its colleagues entered.

use jiff::SignedDuration;

use super::{
    ask_code::ADDRESS_BOX,
    people::new_person,
    prove_code::{entered, of_browser},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        brokerage::Origin,
        ids::BrokerageId,
        instant::Instant,
        refused::{FieldError, Refused},
        scope::Scope,
        text::{Brand, CompanyName, PersonName, Phone, TextProblem},
    },
    store::{NewBrokerage, NewPerson, StoredSignIn, Write},
};

/// The purpose under which a brokerage's telephone number is encrypted; the owner is the brokerage's id.
pub const PHONE_BOX: &str = "brokerages.phone";

/// What was typed on the page "Tell us who you are".
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The company's name.
    pub company: String,
    /// The contact's name.
    pub contact: String,
    /// A telephone number, or nothing.
    pub phone: String,
    /// A brand, or nothing.
    pub brand: String,
}

struct Parsed {
    company: CompanyName,
    contact: PersonName,
    phone: Option<Phone>,
    brand: Option<Brand>,
}

/// Why this browser is not asked who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAsked {
    /// No proven address: sign in first.
    NotProven,
    /// The address belongs to a private person; such ones come by invitation.
    Consumer(MailAddress),
}

/// The proven address of a browser that may begin a brokerage.
///
/// Errs when the database is away; `Err` within says why the browser is not asked.
pub async fn proven_address(app: &App, cookie: &str) -> Result<Result<MailAddress, NotAsked>, Refused> {
    let mut read = app.store.read().await?;
    let open =
        of_browser(app, &mut read, cookie).await?.filter(|s| s.proven_at.is_some() && s.ended_at.is_none());
    let Some(sign_in) = open else { return Ok(Err(NotAsked::NotProven)) };
    let address: MailAddress = app.from_box(ADDRESS_BOX, sign_in.id.as_str(), &sign_in.address_box)?;
    Ok(if address.domain().is_consumer() { Err(NotAsked::Consumer(address)) } else { Ok(address) })
}

/// Makes brokerage and person in one transaction; gives whom to sign in. A second press signs in the same person.
///
/// Errs with fields to mend, with `Forbidden` for an address of a private person, with `NotFound` when this browser
/// has proven no address.
pub async fn start_brokerage(app: &App, cookie: &str, typed: &Typed) -> Result<Scope, Refused> {
    let parsed = parse(typed)?;
    let sign_in = of_browser(app, &mut app.store.read().await?, cookie).await?;
    let sign_in = sign_in.filter(|found| found.proven_at.is_some()).ok_or(Refused::NotFound)?;
    let address: MailAddress = app.from_box(ADDRESS_BOX, sign_in.id.as_str(), &sign_in.address_box)?;
    if address.domain().is_consumer() {
        return Err(Refused::Forbidden(
            "This address needs an invitation: it belongs to a private person, not to an office.",
        ));
    }
    let id = app.new_id(BrokerageId::from_random);
    let person = new_person(app, &id, &parsed.contact, &address)?;
    let phone_box = parsed.phone.map(|phone| app.to_box(PHONE_BOX, id.as_str(), &phone)).transpose()?;
    let brokerage = NewBrokerage {
        id,
        company: parsed.company,
        contact: parsed.contact,
        phone_box,
        brand: parsed.brand,
        origin: Origin::SelfStarted,
        proven_domain: address.domain(),
        accepted_at: None,
    };
    write_all(app, &sign_in, &brokerage, &person).await
}

async fn write_all(
    app: &App,
    sign_in: &StoredSignIn,
    brokerage: &NewBrokerage,
    person: &NewPerson,
) -> Result<Scope, Refused> {
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if !write.end_sign_in(&sign_in.id, now).await? {
        return again(write, sign_in, now).await;
    }
    write.insert_brokerage(brokerage).await?;
    write.insert_person(person).await?;
    let actor = Actor::Person(person.id.clone());
    let lines = [
        AuditLine::new(actor.clone(), "brokerage.start", brokerage.id.as_str()).of(&brokerage.id),
        AuditLine::new(actor, "person.sign_in", sign_in.id.as_str()).of(&brokerage.id),
    ];
    write.commit(&lines).await?;
    Ok(Scope { brokerage: brokerage.id.clone(), person: person.id.clone() })
}

/// How long after the first press a second one is taken for the same: later it would be a replay.
const SECOND_PRESS: SignedDuration = SignedDuration::from_mins(1);

/// The second press of the same form: the first one has made the brokerage.
async fn again(mut write: Write, sign_in: &StoredSignIn, now: Instant) -> Result<Scope, Refused> {
    if sign_in.ended_at.is_some_and(|ended| now.since(ended) > SECOND_PRESS) {
        return Err(Refused::NotFound);
    }
    let stored = write.person_at(&sign_in.address_key).await?.ok_or(Refused::NotFound)?;
    let (scope, line) = entered(&stored, sign_in);
    write.commit(&[line]).await?;
    Ok(scope)
}

fn parse(typed: &Typed) -> Result<Parsed, Refused> {
    let mut errors = Vec::new();
    let mut note = |field: &'static str, what: &str, problem: TextProblem| {
        errors.push(FieldError { field, sentence: problem.sentence(what) });
    };
    let company =
        CompanyName::parse(&typed.company).map_err(|why| note("company", "your company's name", why)).ok();
    let contact = PersonName::parse(&typed.contact).map_err(|why| note("contact", "your name", why)).ok();
    let phone = optional(&typed.phone, Phone::parse, |_| {
        note("phone", "the telephone number", TextProblem::Letters);
    });
    let brand = optional(&typed.brand, Brand::parse, |why| note("brand", "the brand", why));
    if let Some(error) = errors.iter_mut().find(|error| error.field == "phone") {
        "Enter a telephone number with 5 to 20 digits, or leave it empty".clone_into(&mut error.sentence);
    }
    match (company, contact, errors.is_empty()) {
        (Some(company), Some(contact), true) => Ok(Parsed { company, contact, phone, brand }),
        _ => Err(Refused::Fields(errors)),
    }
}

fn optional<T, E>(raw: &str, parse: impl FnOnce(&str) -> Result<T, E>, note: impl FnOnce(E)) -> Option<T> {
    if raw.trim().is_empty() { None } else { parse(raw).map_err(note).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_told_at_once() {
        let typed = Typed {
            company: " ".to_owned(),
            contact: "a\u{202e}b".to_owned(),
            phone: "call".to_owned(),
            brand: "x".repeat(121),
        };
        let Err(Refused::Fields(errors)) = parse(&typed) else { panic!("four mistakes") };
        assert_eq!(
            errors.iter().map(|error| error.field).collect::<Vec<_>>(),
            ["company", "contact", "phone", "brand"]
        );
        let good =
            Typed { company: "Harbor & Pine".to_owned(), contact: "Dana".to_owned(), ..Typed::default() };
        assert!(parse(&good).is_ok_and(|parsed| parsed.phone.is_none() && parsed.brand.is_none()));
    }
}
