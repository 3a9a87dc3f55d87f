//! How people's addresses stand in the database, for whoever writes or reads them.

use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::Actor,
        duty::Duty,
        ids::{BrokerageId, PersonId},
        refused::Refused,
        text::PersonName,
    },
    notify::notice::Doer,
    store::{NewPerson, StoredPerson},
};

/// The purpose under which a person's address is encrypted; the owner is the person's id.
pub const ADDRESS_BOX: &str = "people.address";
/// The purpose under which an address is blinded, so that its owner is found again.
pub const ADDRESS_KEY: &str = "people.address";

/// A person of a brokerage and where mail reaches them.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: PersonName,
    /// Their address.
    pub address: MailAddress,
}

/// Makes the row of a new person; errs as a fault when the address cannot be encrypted.
pub fn new_person(
    app: &App,
    brokerage: &BrokerageId,
    name: &PersonName,
    address: &MailAddress,
    duty: Duty,
) -> Result<NewPerson, Refused> {
    let id = app.new_id(PersonId::from_random);
    Ok(NewPerson {
        address_box: app.to_box(ADDRESS_BOX, id.as_str(), address)?,
        address_key: app.blind(ADDRESS_KEY, &address.key()),
        mail_domain: address.domain(),
        brokerage_id: brokerage.clone(),
        name: name.clone(),
        duty,
        id,
    })
}

/// Decrypts the addresses of people; errs as a fault when one was written under another key.
pub fn recipients(app: &App, people: Vec<StoredPerson>) -> Result<Vec<Recipient>, Refused> {
    people
        .into_iter()
        .map(|stored| {
            let id = stored.person.id;
            let address = app.from_box(ADDRESS_BOX, id.as_str(), &stored.address_box)?;
            Ok(Recipient { id, name: stored.person.name, address })
        })
        .collect()
}

/// The person who acts, as mails to their colleagues name them.
pub(super) fn doer_of(people: &[Recipient], actor: &Actor) -> Doer {
    let name = people.iter().find(|person| matches!(actor, Actor::Person(id) if *id == person.id));
    Doer::Theirs(name.map_or_else(|| "Somebody".to_owned(), |person| person.name.as_str().to_owned()))
}
