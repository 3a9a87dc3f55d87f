//! Somebody whose address is proven and new begins a brokerage of their own. A brokerage that exists is joined by
//! invitation, never by its domain: whoever has an address there could else read what its colleagues entered.

use super::{
    invitation::{Coming, coming},
    people::new_person,
    prove_code::{PROOF_LASTS, address_of, enters, is_proven, known_or_invited, of_browser, signs_in_again},
    recognise,
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        brokerage::Origin,
        code::End,
        duty::Duty,
        ids::BrokerageId,
        refused::{FieldError, Refused},
        scope::Scope,
        text::{Brand, CompanyName, PersonName, Phone, TextProblem},
    },
    store::{self, NewBrokerage, NewPerson, StoreError, StoredSignIn},
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
    /// It was proven too long ago.
    ProofOver(MailAddress),
    /// The address belongs to a private person; such ones come by invitation.
    Consumer(MailAddress),
}

/// Who begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The first person of a brokerage that was made.
    Made(Scope),
    /// Somebody who had proven the same address in another window and begun there: what was typed here is not used.
    Joined(Scope),
}

/// What a person reads who took too long.
const PROOF_OVER: &str = "Your address was proven more than 30 minutes ago. Ask for a new code in another window of this browser, \
                          type it there, then come back to this page and press Begin again.";

/// The proven address of a browser that may begin a brokerage.
///
/// Errs when the database is away; `Err` within says why the browser is not asked.
pub async fn proven_address(app: &App, cookie: &str) -> Result<Result<MailAddress, NotAsked>, Refused> {
    let Some((sign_in, now)) = of_browser(app, cookie).await? else { return Ok(Err(NotAsked::NotProven)) };
    if sign_in.proven_at.is_none() || sign_in.ended_at.is_some() {
        return Ok(Err(NotAsked::NotProven));
    }
    let address = address_of(app, &sign_in)?;
    Ok(match is_proven(&sign_in, now) {
        false => Err(NotAsked::ProofOver(address)),
        true if address.domain().is_consumer() => Err(NotAsked::Consumer(address)),
        true => Ok(address),
    })
}

/// Makes brokerage and person in one transaction; gives whom to sign in. A second press signs in the same person.
///
/// Errs with fields to mend, with `Conflict` when the address was proven too long ago, with `Forbidden` for an
/// address of a private person, with `NotFound` when this browser has proven no address.
pub async fn start_brokerage(app: &App, cookie: &str, typed: &Typed) -> Result<Begun, Refused> {
    let parsed = parse(typed)?;
    let (sign_in, now) = of_browser(app, cookie).await?.ok_or(Refused::NotFound)?;
    if sign_in.proven_at.is_none() {
        return Err(Refused::NotFound);
    }
    if sign_in.ended_at.is_none() && !is_proven(&sign_in, now) {
        return Err(Refused::Conflict(PROOF_OVER));
    }
    let address = address_of(app, &sign_in)?;
    if address.domain().is_consumer() {
        return Err(Refused::Forbidden(
            "This address needs an invitation: it belongs to a private person, not to an office.",
        ));
    }
    let new = prepare(app, parsed, &address)?;
    // Invited since the code was proven: then this is no brokerage of their own.
    let invited = coming(app, &sign_in.address_key, &address).await?;
    let begun = match write_all(app, &sign_in, &new, invited.as_ref()).await {
        // Another browser has proven the same address and was faster by a moment: now its person is found.
        Err(StoreError::Conflict) => write_all(app, &sign_in, &new, invited.as_ref()).await,
        other => other,
    };
    begun?.ok_or(Refused::NotFound)
}

/// What is written, encrypted before the transaction begins.
fn prepare(app: &App, parsed: Parsed, address: &MailAddress) -> Result<(NewBrokerage, NewPerson), Refused> {
    let id = app.new_id(BrokerageId::from_random);
    let person = new_person(app, &id, &parsed.contact, address, Duty::Coordinator)?;
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
    Ok((brokerage, person))
}

/// `None` when the sign-in begins nothing any more.
async fn write_all(
    app: &App,
    sign_in: &StoredSignIn,
    (brokerage, person): &(NewBrokerage, NewPerson),
    invited: Option<&Coming>,
) -> store::Result<Option<Begun>> {
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    if !write.end_sign_in(&sign_in.id, End::Start, now, now.plus(-PROOF_LASTS)).await? {
        let Some(sign_in) = write.sign_in(&sign_in.id).await? else { return Ok(None) };
        return Ok(signs_in_again(write, &sign_in, End::Start, now).await?.map(Begun::Made));
    }
    if let Some(stored) = known_or_invited(&mut write, &sign_in.address_key, invited).await? {
        return Ok(enters(write, &sign_in.id, &stored).await?.map(Begun::Joined));
    }
    write.insert_brokerage(brokerage).await?;
    recognise::ask(app, &mut write, &brokerage.id, &brokerage.proven_domain).await?;
    write.insert_person(person).await?;
    write.own_sign_in(&sign_in.id, &person.id).await?;
    let actor = Actor::Person(person.id.clone());
    let lines = [
        AuditLine::new(actor.clone(), "brokerage.start", brokerage.id.as_str()).of(&brokerage.id),
        AuditLine::new(actor, "person.sign_in", sign_in.id.as_str()).of(&brokerage.id),
    ];
    write.commit(&lines).await?;
    let scope = Scope { brokerage: brokerage.id.clone(), person: person.id.clone() };
    Ok(Some(Begun::Made(scope)))
}

fn parse(typed: &Typed) -> Result<Parsed, Refused> {
    let mut errors = Vec::new();
    let mut note = |field: &'static str, what: &str, problem: TextProblem| {
        errors.push(FieldError::new(field, problem.sentence(what)));
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
