//! The steps that only read.

use jiff::civil::Date;

use crate::{
    domain::check::PASSWORD_ENDS,
    verification::{
        cut::Cut,
        evidence::{Evidence, Finding},
        progress::Running,
    },
};

use super::{
    client::{Ews, Heard, has},
    requests,
    xml::Element,
};

/// The most characters of a name that the other side gives.
const NAME: usize = 120;

/// A password that ends in fewer days than this is worth a word.
const SOON: i32 = 30;

/// What may be done in a folder, as servers and people call it.
const RIGHTS: &[(&str, &str)] =
    &[("Read", "read"), ("CreateContents", "write"), ("Modify", "change"), ("Delete", "remove")];

/// Opens the folders of the test mailbox: acting as its owner works, the mailbox exists, and what may be done in it.
pub async fn mailbox(ews: &Ews<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let question = requests::folders(&["contacts", "calendar", "drafts"]);
    let heard = match ews.ask(&question, cut).await {
        Err(Evidence::Shown(shown)) if has(&shown, &["ErrorNonExistentMailbox"]) => {
            by_alias(ews, &question, running, cut).await?
        }
        heard => heard?,
    };
    let folders: Vec<&Element> =
        heard.reply.messages.iter().flat_map(|message| message.body.all("FolderId")).collect();
    if folders.is_empty() {
        return Err(ews.odd(&heard));
    }
    for (message, folder) in heard.reply.messages.iter().zip(["Contacts", "Calendar", "Drafts"]) {
        if let Some(rights) = message.body.all("EffectiveRights").first() {
            let may = RIGHTS.iter().filter(|(name, _)| rights.text_of(name) == Some("true"));
            let may: Vec<&str> = may.map(|(_, word)| *word).collect();
            running.learn(folder, if may.is_empty() { "nothing allowed".to_owned() } else { may.join(", ") });
        }
    }
    note(running, &heard);
    Ok(())
}

/// Asks once more, by any address of the mailbox: the one that was typed may be another than its main one.
async fn by_alias(
    ews: &Ews<'_>,
    question: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<Heard, Evidence> {
    ews.name_by_any_address(true);
    let heard = ews.ask(question, cut).await;
    match &heard {
        Ok(_) => running.learn("Address", "is an alias: this mailbox has another main address"),
        Err(_) => ews.name_by_any_address(false),
    }
    heard
}

/// Asks for the contacts folder of this mailbox, acting as its owner.
pub async fn folders(ews: &Ews<'_>, mailbox: &str, cut: &Cut) -> Result<Heard, Evidence> {
    ews.ask_as(Some(mailbox), &requests::folders(&["contacts"]), cut).await
}

/// Asks when the password of this mailbox's account ends; an end within 30 days is a finding. Errs also where the
/// server does not tell.
pub async fn password_end(
    ews: &Ews<'_>,
    address: &str,
    running: &mut Running,
    cut: &Cut,
) -> Result<(), Evidence> {
    let heard = ews.ask_as(None, &requests::password_expiry(address), cut).await?;
    let told =
        heard.reply.find("PasswordExpirationDate").and_then(|date| date.text.trim().get(..10)?.parse().ok());
    let Some(end): Option<Date> = told else { return Err(ews.odd(&heard)) };
    // The calendar's first and last years stand for "never".
    if !(1900..=9000).contains(&end.year()) {
        running.learn(PASSWORD_ENDS, "never");
        return Ok(());
    }
    running.learn(PASSWORD_ENDS, end.to_string());
    let days = (end - ews.today).get_days();
    if days < SOON { Err(Evidence::Found(Finding::PasswordEndsSoon)) } else { Ok(()) }
}

/// Reads one entry of the days around today.
pub async fn calendar(ews: &Ews<'_>, running: &mut Running, cut: &Cut) -> Result<(), Evidence> {
    let heard = ews.ask(&requests::week(ews.today), cut).await?;
    let Some(folder) = heard.reply.find("RootFolder") else { return Err(ews.odd(&heard)) };
    let count =
        folder.attribute("TotalItemsInView").map_or_else(String::new, |count| ews.scrub.clean(count, NAME));
    running.learn("The coming week", if count == "0" { "no entries" } else { "can be read" });
    note(running, &heard);
    Ok(())
}

/// Notes the ids under which the server's people find the request.
pub fn note(running: &mut Running, heard: &Heard) {
    for (label, value) in
        heard.marks.iter().filter(|(label, _)| matches!(*label, "Request ID" | "Answered by"))
    {
        running.learn(label, value.as_str());
    }
}
