//! Offices for our own people to look after: a demo that was asked for them plays some, by the same actions that its pages
//! call, with codes from its own mails and checks by its own worker.

mod cast;
mod colleague;
mod missed;
mod office;

use std::{path::Path, sync::Arc};

use cast::{CAST, Comes, INVITED, Part, Then};
use colleague::Colleague;
use missed::Missed;
use office::Office;

use crate::{
    actions::{
        answer_access::{approve_access, decline_access},
        ask_question::{TypedQuestion, ask_question},
        close_connection::{TypedClosing, close_connection},
        withdraw::withdraw,
    },
    app::App,
    domain::ids::{AccessId, ConnectionId, QuestionId},
    simulator::Simulator,
};

/// Those of our people who act.
struct Staff<'a> {
    reviewer: Colleague<'a>,
    manager: Colleague<'a>,
    support: Colleague<'a>,
    operations: Colleague<'a>,
    second: Colleague<'a>,
}

/// What an office's story has brought so far.
struct Story<'a> {
    office: Office<'a>,
    connection: ConnectionId,
    attempt: i64,
    asked: Option<QuestionId>,
    access: Option<AccessId>,
}

/// Plays every office, all at the same time, and says so at the terminal. One that cannot be played is named, and the
/// others are there all the same.
pub(super) async fn play(app: App, simulator: Arc<Simulator>, mail: std::path::PathBuf) {
    match all(&app, &simulator, &mail).await {
        Err(Missed(why)) => println!("No office could be played: {why}"),
        Ok(missed) => {
            for (sample, Missed(why)) in &missed {
                println!("The office of {sample} could not be played: {why}");
            }
            let there = CAST.len() + INVITED.len() - missed.len();
            println!("{there} offices are there for the staff site.");
        }
    }
}

async fn all(app: &App, simulator: &Simulator, mail: &Path) -> Result<Vec<(&'static str, Missed)>, Missed> {
    let comes_in = |account| Colleague::comes_in(app, simulator, account);
    let staff = Staff {
        reviewer: comes_in("dana").await?,
        manager: comes_in("mara").await?,
        support: comes_in("kim").await?,
        operations: comes_in("ravi").await?,
        second: comes_in("noor").await?,
    };
    for (company, contact, address, external_id) in INVITED {
        staff.manager.invites((company, contact, address), *external_id).await?;
    }
    let parts = CAST.iter().zip(1_u8..).map(async |(part, number)| {
        let played = Box::pin(one(app, simulator, mail, &staff, (part, number))).await;
        played.err().map(|why| (part.sample, why))
    });
    Ok(futures_util::future::join_all(parts).await.into_iter().flatten().collect())
}

async fn one(
    app: &App,
    simulator: &Simulator,
    mail: &Path,
    staff: &Staff<'_>,
    (part, number): (&Part, u8),
) -> Result<(), Missed> {
    let sample = simulator.samples().iter().find(|sample| sample.name == part.sample);
    let sample = sample.ok_or_else(|| Missed("there is no such sample".to_owned()))?;
    let office = Office::begins(app, mail, sample, number).await?;
    let connection = office.connects().await?;
    let attempt = comes(&office, &connection, part.comes).await?;
    let mut story = Story { office, connection, attempt, asked: None, access: None };
    for then in part.then {
        story.goes_on(staff, *then).await?;
    }
    Ok(())
}

/// Plays the office by itself; gives the number of its last attempt, 0 before the first.
async fn comes(office: &Office<'_>, connection: &ConnectionId, comes: Comes) -> Result<i64, Missed> {
    if comes == Comes::Begins {
        office.drafts(connection).await?;
        return Ok(0);
    }
    office.submits(connection, 1, false).await?;
    office.is_decided(connection).await?;
    if comes == Comes::Submits {
        return Ok(1);
    }
    if comes == Comes::FailsTwice {
        office.checks_again(connection).await?;
        office.is_decided(connection).await?;
        return Ok(1);
    }
    let number = office.begins_next(connection).await?;
    office.submits(connection, number, true).await?;
    office.is_decided(connection).await?;
    Ok(number)
}

impl Story<'_> {
    async fn goes_on(&mut self, staff: &Staff<'_>, then: Then) -> Result<(), Missed> {
        let (office, id) = (&self.office, &self.connection);
        match then {
            Then::Accepted => staff.reviewer.accepts(office).await?,
            Then::Managed => staff.manager.manages(office).await?,
            Then::Enabled => staff.manager.enables(office, id).await?,
            Then::Taken(who) => staff.named(who).takes(id).await?,
            Then::PutOff(who) => staff.named(who).puts_off(id).await?,
            Then::Note(who, text) => staff.named(who).notes(id, text).await?,
            Then::Answered(text) => {
                let asked = self.asked.as_ref().ok_or_else(|| Missed("nothing was asked".to_owned()))?;
                staff.support.answers(office, asked, text).await?;
            }
            Then::Support(why) => {
                let of = (id, self.attempt);
                self.access = Some(staff.support.asks_access(of, "grant", why).await?);
            }
            Then::Operations(why) => {
                let of = (id, self.attempt);
                self.access = Some(staff.operations.asks_access(of, "operations", why).await?);
            }
            Then::Emergency(why) => {
                let opened = staff.operations.asks_access((id, self.attempt), "break_glass", why).await?;
                staff.second.seconds(&opened).await?;
                staff.operations.ends(&opened).await?;
            }
            Then::ByHand(why) => staff.reviewer.wants_by_hand(office, id, why).await?,
            Then::Asks(_) | Then::Yes | Then::No | Then::Withdrawn | Then::Closed(_) => {
                self.acts(then).await?
            }
        }
        Ok(())
    }

    /// What the office itself does.
    async fn acts(&mut self, then: Then) -> Result<(), Missed> {
        let (app, scope, id) = (self.office.app, &self.office.scope, &self.connection);
        let access = || self.access.as_ref().ok_or_else(|| Missed("nobody asked for its secret".to_owned()));
        match then {
            Then::Asks(text) => {
                let typed = TypedQuestion { text: text.to_owned(), about: format!("/connections/{id}") };
                self.asked = Some(ask_question(app, scope, &typed, &office::fresh_key(app)?).await?);
            }
            Then::Yes => approve_access(app, scope, app.clock.now(), access()?).await?,
            Then::No => decline_access(app, scope, access()?).await?,
            Then::Withdrawn => {
                let submitted = self.office.connection(id).await?.candidate;
                withdraw(app, scope, id, submitted.as_ref()).await?;
            }
            Then::Closed(reason) => {
                let typed = TypedClosing { reason: reason.to_owned(), words: String::new() };
                let version = self.office.connection(id).await?.version;
                close_connection(app, scope, id, version, &typed).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl<'a> Staff<'a> {
    fn named(&self, account: &str) -> &Colleague<'a> {
        match account {
            "kim" => &self.support,
            "mara" => &self.manager,
            "ravi" => &self.operations,
            _ => &self.reviewer,
        }
    }
}
