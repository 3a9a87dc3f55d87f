//! What the buttons in the rows of the queue do: take a connection, or put it off until the next working day, one or all
//! that were chosen; and accept the brokerage of one. All lead back to the list; whoever was slower reads there who was
//! faster.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::words::{ago, version};
use crate::{
    actions::{
        accept_brokerage::accept_brokerage,
        hand_over::hand_over,
        snooze_item::{TypedSnooze, snooze_item},
        take_item::take_free_item,
    },
    app::App,
    domain::{
        ids::{BrokerageId, ConnectionId},
        refused::Refused,
        review::Taken,
        staff::StaffScope,
    },
    http::{
        error::PageError,
        form::{FormFields, ScopedForm},
        render::see_other,
        session, urls,
    },
};

/// What a page shows first in the name of the box of a row; the number of the row follows.
const CHOSEN: &str = "chosen-";

/// What the form around the rows sends: one of the two with the connection and the version of its review, or the word of
/// the two for all the rows whose boxes are ticked.
#[derive(Deserialize)]
pub struct ItemFields {
    #[serde(default)]
    together: String,
    #[serde(default)]
    take: String,
    #[serde(default)]
    snooze: String,
    #[serde(default)]
    accept: String,
    #[serde(default)]
    colleague: String,
    #[serde(default)]
    back: String,
    #[serde(flatten)]
    boxes: BTreeMap<String, String>,
}

impl FormFields for ItemFields {}

impl ItemFields {
    fn chosen(&self) -> impl Iterator<Item = &str> {
        self.boxes.iter().filter(|(name, _)| name.starts_with(CHOSEN)).map(|(_, item)| item.as_str())
    }
}

/// What was sent: an id and the version that the page showed.
fn parts(item: &str) -> Result<(&str, i64), Refused> {
    let (id, seen) = item.split_once('.').ok_or(Refused::NotFound)?;
    Ok((id, version(seen)))
}

fn connection(item: &str) -> Result<(ConnectionId, i64), Refused> {
    let (id, seen) = parts(item)?;
    Ok((ConnectionId::parse(id).map_err(|_| Refused::NotFound)?, seen))
}

/// Takes one, or puts it off; gives the line that tells it.
async fn act_on(app: &App, scope: &StaffScope, takes: bool, item: &str) -> Result<String, Refused> {
    let (id, seen) = connection(item)?;
    if takes {
        take_free_item(app, scope, &id, seen).await?;
        return Ok("You have taken it.".to_owned());
    }
    let until = snooze_item(app, scope, &id, seen, &TypedSnooze::until_morning()).await?;
    Ok(format!("Put off until {}.", until.words()))
}

/// Gives one to a colleague; gives the line that tells it.
async fn hand_on(app: &App, scope: &StaffScope, to: &str, item: &str) -> Result<String, Refused> {
    let (id, seen) = connection(item)?;
    Ok(format!("Handed over to {}.", hand_over(app, scope, &id, seen, to).await?))
}

/// Accepts the brokerage of one; gives the line that tells it.
async fn accept(app: &App, scope: &StaffScope, item: &str) -> Result<String, Refused> {
    let (id, seen) = parts(item)?;
    let id = BrokerageId::parse(id).map_err(|_| Refused::NotFound)?;
    accept_brokerage(app, scope, &id, seen).await?;
    let mut read = app.store.read().await?;
    let company = read.brokerage(&id).await?.map(|brokerage| brokerage.company.to_string());
    Ok(format!("Accepted: {}. Its people are told by e-mail.", company.unwrap_or_default()))
}

/// Each by itself, so that one whom a colleague has taken meanwhile does not hold up the others.
async fn act_on_all(app: &App, scope: &StaffScope, fields: &ItemFields) -> Result<String, Refused> {
    let hands = fields.together == "hand_over";
    let takes = fields.together == "take";
    let (mut done, mut late) = (0, 0);
    for item in fields.chosen() {
        let one = match hands {
            true => hand_on(app, scope, &fields.colleague, item).await,
            false => act_on(app, scope, takes, item).await,
        };
        match one {
            Ok(_) => done += 1,
            Err(refused) if done == 0 && !matches!(refused, Refused::Conflict(_)) => return Err(refused),
            Err(_) => late += 1,
        }
    }
    let word = match fields.together.as_str() {
        "hand_over" => "Handed over",
        "take" => "Taken",
        _ => "Put off until the next working day",
    };
    Ok(match (done, late) {
        (0, 0) => "Nothing was chosen: tick the box before a name first.".to_owned(),
        (_, 0) => format!("{word}: {done}."),
        _ => format!(
            "{word}: {done}. Left alone: {late}, which a colleague has or did something about meanwhile."
        ),
    })
}

/// Who has what somebody else wanted, and since when; nothing where nobody has it, or the reader.
async fn who_has(app: &App, scope: &StaffScope, item: &str) -> Result<String, Refused> {
    let Ok((id, _)) = connection(item) else { return Ok(String::new()) };
    let mut read = app.store.read().await?;
    let review = read.all_brokerages(scope)?.review(&id).await?;
    let taken = review.and_then(|review| review.taken).filter(|taken| taken.staff != scope.staff);
    let told = |taken: Taken| format!(" {} has it: taken {}.", taken.name, ago(app.clock.now(), taken.at));
    Ok(taken.map(told).unwrap_or_default())
}

/// Does it.
pub async fn act(
    State(app): State<App>,
    session: Session,
    ScopedForm { scope, form }: ScopedForm<ItemFields, StaffScope>,
) -> Result<Response, PageError> {
    let fields = form.fields;
    let takes = fields.snooze.is_empty();
    let item = if takes { &fields.take } else { &fields.snooze };
    let done = match fields.together.as_str() {
        "hand_over" if fields.colleague.is_empty() => {
            Err(Refused::Conflict("Choose a colleague beside the button first."))
        }
        "take" | "snooze" | "hand_over" => act_on_all(&app, &scope, &fields).await,
        _ if !fields.accept.is_empty() => accept(&app, &scope, &fields.accept).await,
        _ => act_on(&app, &scope, takes, item).await,
    };
    match done {
        Ok(line) => session::leave_line(&session, &line).await?,
        // The list itself shows how it stands now.
        Err(Refused::Conflict(why)) => {
            let has = who_has(&app, &scope, item).await?;
            session::leave_trouble(&session, &format!("{why}{has} Nothing was done.")).await?;
        }
        Err(refused) => return Err(refused.into()),
    }
    Ok(see_other(urls::own_path(&fields.back).unwrap_or(urls::HOME)).into_response())
}
